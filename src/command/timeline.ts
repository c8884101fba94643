/**
 * `drawbridge timeline PERSON`: how somebody stands, which role they have and why, and all that happened, from IdP request to vendor call.
 *
 * @module
 */
import { findPerson } from "../bridge/person.ts";
import { timeline, type Timeline } from "../bridge/timeline.ts";
import { isObject } from "../model/json.ts";
import type { Link } from "../model/link.ts";
import type { Due } from "../model/resource.ts";
import { shownFinding } from "./drift.ts";
import { harmless, wordsOf } from "./timeline-words.ts";
import { withSite } from "./with-site.ts";
import { print, type Where } from "./with-store.ts";

export async function showTimeline(name: string, options: Where & { readonly connection: string }): Promise<void> {
  await withSite(options, async (store, site) => {
    const line = await timeline(await findPerson(site.connection, name, store), store, site);
    print(options, documentOf(line, site.connection), options.json ? "" : told(line, site.vendor.title));
  });
}

const iso = (ms: number | undefined): string | null => (ms === undefined ? null : new Date(ms).toISOString());

function documentOf({ person, role, entries, earlier }: Timeline, connection: string) {
  const { id, userName, externalId, active, version, link, due, tasks, notHeld, drift } = person;
  return {
    person: {
      id, connection, userName: userName ?? null, externalId: externalId ?? null, active: active ?? null, deleted: active === undefined, version: version ?? null,
      link: link ? { account: link.account ?? null, kind: link.kind, origin: link.origin, login: link.login ?? null, access: link.applied.access ?? null, state: stateOf(link), looks: link.applied.recheck?.looks ?? 0, nextLook: iso(link.applied.recheck?.atMs) } : null,
      due: due ? { lane: due.lane, dueAt: iso(due.dueAtMs), attempts: due.attempts, since: iso(due.sinceMs), failure: due.failure ?? null } : null,
      tasks: tasks.map(({ id: task, title, steps, openedMs }) => ({ id: task, title, steps, opened: iso(openedMs) })),
      notHeld,
      drift: drift.map(shownFinding),
    },
    role: { role: role.role ?? null, reason: role.reason, atVendor: role.atVendor ?? null, outranked: role.outranked, ignored: role.ignored },
    entries: entries.map(({ seq, atMs, kind, correlation, resource, data }) => ({ ...(isObject(data) ? data : { data }), id: seq, at: iso(atMs), kind, correlation, resource: resource ?? null })),
    earlier,
  };
}

/** Whether the vendor was seen to hold what it acknowledged. */
function stateOf({ account, unknownAt, verifyAt, applied }: Link): "confirmed" | "accepted, not confirmed" | "unknown" {
  if (account === undefined || unknownAt !== undefined || verifyAt !== undefined) return "unknown";
  return applied.confirmed ? "confirmed" : "accepted, not confirmed";
}

function told({ person, role, entries, earlier }: Timeline, vendor: string): string {
  const { id, userName, externalId, active, link, due, tasks, notHeld, drift } = person;
  const lines = [
    `${userName ?? "somebody whose name is not known any more"}  (id ${id}${externalId === undefined ? "" : `, externalId ${externalId}`})`,
    `  wanted     ${active === undefined ? "deleted by the IdP" : active ? "active" : "not active"}`,
    `  ${"account".padEnd(11)}${link ? linkWords(link, vendor) : `none in ${vendor} that is linked here`}`,
    `  role       ${role.reason}${role.role !== undefined && role.atVendor !== role.role ? ` (${vendor} has ${role.atVendor ?? "none"} so far)` : ""}`,
    ...(role.outranked.length > 0 ? [`             outranked: ${role.outranked.join(", ")}`] : []),
    ...(role.ignored.length > 0 ? [`             in no roles.map, never sent: ${role.ignored.join(", ")}`] : []),
    ...(notHeld.length > 0 ? [`  kept here  ${notHeld.join(", ")} (${vendor} has no place for it)`] : []),
    ...drift.map(({ id: finding, detail, state }) => `  drift      ${detail} (${finding}${state === "open" ? "" : `, ${state}`})`),
    ...(due ? [`  to do      ${dueWords(due)}`] : []),
    ...tasks.map(({ id: task, title, steps }) => `  task       ${title} (${task})\n             ${steps}`),
  ];
  const left = earlier > 0 ? [`… ${earlier} earlier rows`] : [];
  return [...lines.flatMap((text) => text.split("\n").map(harmless)), "", ...left, ...entries.map((entry) => wordsOf(entry, id))].join("\n");
}

function linkWords(link: Link, vendor: string): string {
  const { account, kind, origin, login, applied } = link;
  if (account === undefined) return `not known yet in ${vendor}: a create ended without a clear answer`;
  const { recheck } = applied;
  const again = recheck === undefined ? "" : `; looked at again ${recheck.looks} times${recheck.atMs === undefined ? ", the last" : `, next ${iso(recheck.atMs)}`}`;
  return `${kind === "account" ? "" : "invitation "}${account} in ${vendor}${login === undefined ? "" : ` (${login})`}, ${origin}; access ${applied.access ?? "unknown"}, ${stateOf(link)}${again}`;
}

const dueWords = ({ lane, dueAtMs, attempts, sinceMs, failure }: Due): string =>
  `lane ${lane}, since ${iso(sinceMs)}, ${dueAtMs === undefined ? "given up until a push or a person" : `next ${iso(dueAtMs)}`}${attempts > 0 ? `, ${attempts} failed attempts` : ""}${failure ? `; ${failure.kind}: ${failure.detail}` : ""}`;
