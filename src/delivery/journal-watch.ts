/**
 * The journal is read from end to end at the start and once an hour; where its chain is broken, the connection freezes.
 *
 * A page at a time with a pause behind it, so that a journal of millions of rows never keeps a request waiting. Between two readings
 * the last row seen is remembered: a tail that was cut off leaves a chain that is whole.
 *
 * @module
 */
import type { ConnectionId } from "../model/ids.ts";
import { regularly } from "../runtime/regularly.ts";
import { openChain } from "../store/chain.ts";
import type { Verdict } from "../store/chain.ts";
import { breached } from "./breach.ts";
import type { Works } from "./site.ts";

export interface JournalWatch {
  /** Reads all of them now. */
  look(): Promise<void>;
  stop(): Promise<void>;
}

const everyMs = 3_600_000;
const pageRows = 500;
const pauseMs = 10;

/** @param connections those that are configured, asked for anew each time */
export function watchJournals(works: Pick<Works, "store" | "clock" | "log">, connections: () => readonly ConnectionId[]): JournalWatch {
  const { store, clock, log } = works;
  const stopping = new AbortController();
  const seen = new Map<ConnectionId, { readonly seq: number; readonly hash: string }>();

  /** `undefined` when the process is about to end. */
  async function verdictOn(connection: ConnectionId): Promise<(Verdict & { readonly isThere: boolean }) | undefined> {
    const remembered = seen.get(connection);
    const chain = openChain({ part: false });
    let isThere = remembered === undefined || remembered.seq === 0;
    for (let after = 0; !stopping.signal.aborted; ) {
      const page = await store.chainRows(connection, after, pageRows);
      for (const row of page) {
        chain.show(row);
        isThere ||= row.seq === remembered?.seq && row.hash === remembered.hash;
      }
      after = page.at(-1)?.seq ?? after;
      if (page.length < pageRows) {
        const verdict = chain.verdict();
        return { ...verdict, isThere: isThere || (remembered?.seq ?? 0) <= (verdict.prunedThrough ?? 0) };
      }
      await clock.sleep(pauseMs, stopping.signal);
    }
    return undefined;
  }

  async function read(connection: ConnectionId): Promise<void> {
    let verdict = await verdictOn(connection);
    // Pages are read one after the other, and a prune in between looks like a hole: only what is still so the second time is.
    if (verdict && (verdict.breaks.length > 0 || !verdict.isThere)) verdict = await verdictOn(connection);
    if (!verdict) return;
    const [broken] = verdict.breaks;
    if (broken) await breached(works, connection, `the journal is not what was written: ${broken.why} (row ${broken.row})`);
    else if (!verdict.isThere) await breached(works, connection, `the journal's row ${seen.get(connection)?.seq}, which was there before, is gone or another one`);
    if (verdict.last) seen.set(connection, verdict.last);
  }

  async function look(): Promise<void> {
    for (const connection of connections()) {
      await read(connection).catch((thrown: unknown) => log.error("the journal could not be checked", { connection, error: String(thrown) }));
    }
  }

  const watching = regularly({ clock, everyMs, signal: stopping.signal }, look, (thrown) => log.error("the journals could not be checked", { error: String(thrown) }));
  return {
    look,
    async stop() {
      stopping.abort();
      await watching;
    },
  };
}
