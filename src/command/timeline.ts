/**
 * `drawbridge timeline PERSON`: how somebody stands, which role they have and why, and all that happened, from IdP request to vendor call;
 * with `--follow` also what happens from now on.
 *
 * @module
 */
import type { z } from "zod";
import { rowOf, showTimeline as show, type timelineOutput } from "../operator/timeline.ts";
import type { Failure } from "../model/failure.ts";
import { namesIn } from "./names.ts";
import { harmless, wordsOf } from "./timeline-words.ts";
import { withActs } from "./with-acts.ts";
import { print, type Where } from "./with-store.ts";

type Timeline = z.output<typeof timelineOutput>;

const lookEveryMs = 1_000;
const mostEntries = 10_000;

export async function showTimeline(person: string, options: Where & { readonly connection: string; readonly follow?: boolean }): Promise<void> {
  await withActs(options, async ({ ask, world }) => {
    const { connection, follow, json } = options;
    const line = await ask(show, { connection, person, limit: mostEntries });
    const { last, ...document } = line;
    const words = async (entries: Timeline["entries"]): Promise<readonly string[]> => {
      const names = await namesIn(entries, connection, world.store);
      return entries.map((entry) => wordsOf(rowOf(entry), line.person.id, names));
    };
    if (!follow) return print(options, document, json ? "" : told(line, await words(line.entries)));
    // A document with an end cannot be printed: for scripts, a line for each entry.
    const lines = async (entries: Timeline["entries"]) => (json ? entries.map((entry) => JSON.stringify(entry)) : await words(entries));
    console.log(json ? (await lines(line.entries)).join("\n") : told(line, await words(line.entries)));
    await followed(lines, last, async (after) => (await ask(show, { connection, person: line.person.id, after, limit: mostEntries })).entries, (stop) => world.clock.sleep(lookEveryMs, stop));
  });
}

/** Until somebody interrupts it. */
async function followed(lines: (entries: Timeline["entries"]) => Promise<readonly string[]>, last: number, since: (after: number) => Promise<Timeline["entries"]>, rest: (stop: AbortSignal) => Promise<void>): Promise<void> {
  const stopping = new AbortController();
  const stop = () => stopping.abort();
  process.once("SIGINT", stop).once("SIGTERM", stop);
  for (let after = last; !stopping.signal.aborted; await rest(stopping.signal)) {
    const entries = await since(after);
    for (const line of await lines(entries)) console.log(line);
    after = entries.at(-1)?.id ?? after;
  }
}

function told({ person, role, earlier }: Timeline, entries: readonly string[]): string {
  const { id, vendor, userName, externalId, active, link, due, tasks, notHeld, holds, drift, connection } = person;
  const lines = [
    `${userName ?? "somebody whose name is not known any more"}  (id ${id}${externalId === null ? "" : `, externalId ${externalId}`})`,
    `  wanted     ${active === null ? "deleted by the IdP" : active ? "active" : "not active"}`,
    `  ${"account".padEnd(11)}${link ? linkWords(link, vendor) : `none in ${vendor} that is linked here`}`,
    `  role       ${role.reason}${role.role !== null && role.atVendor !== role.role ? ` (${vendor} has ${role.atVendor ?? "none"} so far)` : ""}`,
    ...(role.outranked.length > 0 ? [`             outranked: ${role.outranked.join(", ")}`] : []),
    ...(role.ignored.length > 0 ? [`             in no roles.map, never sent: ${role.ignored.join(", ")}`] : []),
    ...(notHeld.length > 0 ? [`  kept here  ${notHeld.join(", ")} (${vendor} has no place for it)`] : []),
    ...holds.map(({ id: hold, push, detail, since }) => `  held       ${push}, since ${since}: ${detail}\n             drawbridge holds approve ${hold} --connection ${connection}, or holds reject`),
    ...drift.map(({ id: finding, detail, state }) => `  drift      ${detail} (${finding}${state === "open" ? "" : `, ${state}`})`),
    ...(due ? [`  to do      ${dueWords(due)}`, ...(due.failure ? [`             ${adviceOn(due.failure.kind, { vendor, connection, id })}`] : [])] : []),
    ...tasks.map(({ id: task, title, steps }) => `  task       ${title} (${task})\n             ${steps}`),
  ];
  const left = earlier > 0 ? [`… ${earlier} earlier rows`] : [];
  return [...lines.flatMap((text) => text.split("\n").map(harmless)), "", ...left, ...entries].join("\n");
}

function linkWords({ account, kind, origin, login, access, state, looks, nextLook }: NonNullable<Timeline["person"]["link"]>, vendor: string): string {
  if (account === null) return `not known yet in ${vendor}: a create ended without a clear answer`;
  const again = looks === 0 && nextLook === null ? "" : `; looked at again ${looks} times${nextLook === null ? ", the last" : `, next ${nextLook}`}`;
  return `${kind === "account" ? "" : "invitation "}${account} in ${vendor}${login === null ? "" : ` (${login})`}, ${origin}; access ${access ?? "unknown"}, ${state}${again}`;
}

/** What somebody can do about it, for whoever is on call. */
function adviceOn(kind: string, { vendor, connection, id }: { readonly vendor: string; readonly connection: string; readonly id: string }): string {
  const advice: { readonly [K in Failure["kind"]]: string } = {
    credentials: `${vendor} refuses our credential, or it may not do this: drawbridge doctor ${connection} --write names the right`,
    unreachable: `passes by itself once ${vendor} is back`,
    throttled: `passes by itself: ${vendor} asks for patience`,
    uncertain: `perhaps done: ${vendor} is looked at before anything is repeated`,
    refused: `a rule of ${vendor} says no: mend it there, then drawbridge retry ${id} --connection ${connection}`,
    protocol: `${vendor} does otherwise than its documents say: look at the person there, then drawbridge retry ${id} --connection ${connection}`,
    notFound: `look at the person in ${vendor}: the account is not where it was`,
    conflict: `look at the person in ${vendor}: somebody else has what is wanted`,
    invalid: "mend the value in the IdP, which pushes it again",
    unsupported: "a person must do it: drawbridge tasks list",
    held: `a person must decide: drawbridge holds list --connection ${connection}`,
    internal: "a bug of ours: the server's log has it under the correlation id",
  };
  return advice[kind as Failure["kind"]] ?? "";
}

const dueWords = ({ lane, dueAt, attempts, since, failure }: NonNullable<Timeline["person"]["due"]>): string =>
  `lane ${lane}, since ${since}, ${dueAt === null ? "given up until a push or a person" : `next ${dueAt}`}${attempts > 0 ? `, ${attempts} failed attempts` : ""}${failure ? `; ${failure.kind}: ${failure.detail}` : ""}`;
