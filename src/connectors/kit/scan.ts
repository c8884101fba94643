/**
 * A list that is read whole, for vendors without a lookup: one scan at a time, shared by all who wait for it.
 *
 * Whatever is answered comes from a scan that began after the question was asked, or after `Call.sinceMs`, whichever is
 * earlier. A scan under way that began earlier is waited for, because there is one at a time, and then a new one is begun together.
 *
 * So a push sets `sinceMs` to its arrival and shares the scan of the look-up that came just before it; a mere look-up may be
 * content with what was seen some seconds ago; and who says nothing is never told "nobody" from memory. A write through the
 * same connector forgets what was read, and a scan under way that it may have crossed.
 *
 * @module
 */
import { Fault } from "../../model/failure.ts";
import type { AccountId } from "../../model/ids.ts";
import type { Account } from "../../model/person.ts";
import type { Clock } from "../../runtime/clock.ts";
import { systemClock } from "../../runtime/clock.ts";
import type { Call } from "../connector.ts";
import { emailKey } from "./email.ts";

export interface Scan {
  /** Everyone with exactly this address, letter case apart. */
  byEmail(email: string, call: Call): Promise<readonly Account[]>;
  /** Everyone, as seen by a scan that began after the question was asked. */
  all(call: Call): Promise<readonly Account[]>;
  /** What was read so far is not to be believed any more. */
  forget(): void;
}

export interface ScanOptions {
  /** The vendor's title, for the sentences. */
  readonly title: string;
  readonly read: (call: Call) => AsyncIterable<Account>;
  /** More people than this are a fault, not a memory without bounds. */
  readonly most?: number;
  readonly clock?: Clock;
}

/** When a scan began: by the clock, and in the order of questions and scans, which two of the same millisecond need. */
interface Began {
  readonly ms: number;
  readonly order: number;
}

interface Seen {
  readonly began: Began;
  readonly people: ReadonlyMap<AccountId, Account>;
  readonly byEmail: ReadonlyMap<string, readonly Account[]>;
}

interface UnderWay {
  /** `undefined` until its first request goes out: whoever asks until then is in time. */
  began: Began | undefined;
  readonly seen: Promise<Seen>;
  waiting: number;
  readonly giveUp: AbortController;
  crossed: boolean;
}

export function openScan({ title, read, most = 250_000, clock = systemClock }: ScanOptions): Scan {
  let last: Seen | undefined;
  let now: UnderWay | undefined;
  let order = 0;

  async function through(call: Call, began: Began): Promise<Seen> {
    const people = new Map<AccountId, Account>();
    const byEmail = new Map<string, Account[]>();
    for await (const account of read(call)) {
      if (people.has(account.id)) continue; // rows shift while paging
      people.set(account.id, account);
      if (people.size > most) throw new Fault({ kind: "protocol", detail: `${title} lists more than ${most} people, too many to look through` });
      if (account.email === undefined) continue;
      const key = emailKey(account.email);
      const same = byEmail.get(key);
      if (same) same.push(account);
      else byEmail.set(key, [account]);
    }
    return { began, people, byEmail };
  }

  function begin(call: Call): UnderWay {
    const giveUp = new AbortController();
    const start = async (): Promise<Seen> => {
      await new Promise(setImmediate); // everyone who asks in the same turn shares it
      scan.began = { ms: clock.now(), order: ++order };
      // It serves all who wait, so it ends only when nobody is left; its exchanges stand with whoever began it.
      return through({ ...call, signal: giveUp.signal }, scan.began);
    };
    const seen = start().finally(() => {
      if (now === scan) now = undefined;
    });
    const scan: UnderWay = { began: undefined, seen, giveUp, waiting: 0, crossed: false };
    now = scan;
    seen.then((found) => {
      if (!scan.crossed) last = found;
    }, () => undefined);
    return scan;
  }

  async function fresh(call: Call): Promise<Seen> {
    const asked = ++order;
    const isYoung = (began: Began | undefined): boolean => began === undefined || began.order > asked || (call.sinceMs !== undefined && began.ms >= call.sinceMs);
    for (;;) {
      if (call.signal.aborted) throw new Fault({ kind: "unreachable", detail: `${title} could not be looked through: no time left` });
      if (last && isYoung(last.began)) return last;
      const running = now;
      if (running && (running.crossed || running.giveUp.signal.aborted || !isYoung(running.began))) {
        // One scan at a time: wait for it to end, whatever it finds, then begin a newer one together.
        await joined(running, call).catch(gaveUp(call));
        continue;
      }
      return joined(running ?? begin(call), call);
    }
  }

  return {
    byEmail: async (email, call) => (await fresh(call)).byEmail.get(emailKey(email)) ?? [],
    all: async (call) => [...(await fresh(call)).people.values()],
    forget() {
      last = undefined;
      if (now?.began) now.crossed = true;
    },
  };
}

/** Waits with the others, until its own time is over. */
async function joined(scan: UnderWay, { signal }: Call): Promise<Seen> {
  scan.waiting++;
  let leave: (() => void) | undefined;
  try {
    return await Promise.race([
      scan.seen,
      new Promise<never>((_, reject) => {
        leave = () => reject(new Fault({ kind: "unreachable", detail: "The list was not read to its end in time" }));
        if (signal.aborted) leave();
        else signal.addEventListener("abort", leave, { once: true });
      }),
    ]);
  } finally {
    if (leave) signal.removeEventListener("abort", leave);
    if (--scan.waiting === 0) scan.giveUp.abort();
  }
}

/** An older scan that failed says nothing about the newer one; only one's own end does. */
const gaveUp = ({ signal }: Call) => (thrown: unknown): void => {
  if (signal.aborted) throw thrown as Error;
};
