/**
 * `drawbridge drift list|show|repair` and `drawbridge orphans`: what the last complete reconciliation has found.
 *
 * @module
 */
import { type Finding, type Situation, situations } from "../model/drift.ts";
import { findingId, isResourceId, type ResourceId } from "../model/ids.ts";
import { findPerson } from "../bridge/person.ts";
import { listFindings, showFinding } from "../reconcile/ask.ts";
import { repairFinding, repairWords } from "../reconcile/repair.ts";
import type { Store } from "../store/store.ts";
import { type AtConnection, whoIs, withConnection } from "./at-connection.ts";
import { confirmed, UsageError } from "./confirm.ts";
import { harmless } from "./timeline-words.ts";
import { withSite } from "./with-site.ts";
import { print } from "./with-store.ts";

export interface DriftOptions extends AtConnection {
  readonly situation?: string;
  readonly person?: string;
  readonly limit?: string;
}

export async function listDrift(options: DriftOptions): Promise<void> {
  await shown(options, options.situation === undefined ? situations.filter((situation) => situation !== "orphan") : situationsIn(options.situation), "Nothing has drifted, as far as the last complete reconciliation has seen.");
}

export async function listOrphans(options: DriftOptions): Promise<void> {
  await shown(options, ["orphan"], "Every account that this connection manages is somebody's, as far as the last complete reconciliation has seen.");
}

async function shown(options: DriftOptions, wanted: readonly Situation[], nothing: string): Promise<void> {
  await withConnection(options, async (store, connection) => {
    const resource = options.person === undefined ? undefined : await personOf(store, connection, options.person);
    const findings = await listFindings(store, connection, { situations: wanted, resource, limit: options.limit === undefined ? 1_000 : Number(options.limit) });
    const { completeMs } = await store.driftReading(connection);
    const never = `No reconciliation of ${connection} is complete yet: drawbridge reconcile ${connection}`;
    print(options, findings.map(shownFinding), findings.map(findingWords).join("\n") || (completeMs === undefined ? never : nothing));
  });
}

async function personOf(store: Store, connection: Parameters<typeof findPerson>[0], name: string): Promise<ResourceId> {
  return isResourceId(name) ? name : findPerson(connection, name, store);
}

export async function showDrift(id: string, options: AtConnection): Promise<void> {
  await withConnection(options, async (store, connection) => {
    const finding = await showFinding(store, connection, findingId(id));
    const { resource, account, email, attribute, from, to, sinceMs, run, repair } = finding;
    const rows: readonly (readonly [string, string | undefined])[] = [
      ["person", resource], ["account", account], ["address", email], ["what", attribute], ["was", from], ["is", to],
      ["first seen", iso(sinceMs)], ["last run", run], ["a repair", repair.by === "person" ? `is for a person: ${repair.because}` : `would ${repair.does} (lane ${repair.lane}): drawbridge drift repair ${id} --connection ${connection}`],
    ];
    print(options, shownFinding(finding), [findingWords(finding), ...rows.flatMap(([name, value]) => (value === undefined ? [] : [`  ${name.padEnd(11)}${harmless(value)}`]))].join("\n"));
  });
}

export async function repairDrift(ids: readonly string[], options: AtConnection & { readonly by?: string; readonly yes?: boolean }): Promise<void> {
  await withSite(options, async (store, { connection, policy, vendor }) => {
    const asked = await Promise.all(ids.map((id) => showFinding(store, connection, findingId(id))));
    await confirmed(`${asked.map(({ name, account, repair }) => `${name ?? account}: ${repair.by === "person" ? repair.because : repair.does}`).join("\n")}\nHave it done at ${vendor.title}?`, options);
    const by = whoIs(options.by);
    const answers = [];
    for (const { id } of asked) answers.push({ id, ...(await repairFinding(id, by, policy, store)) });
    print(options, answers.map(({ id, answer }) => ({ id, answer })), answers.map(({ id, answer }) => `${id}: ${repairWords[answer]}`).join("\n"));
    if (answers.some(({ answer }) => answer !== "ordered")) process.exitCode = 1;
  });
}

function situationsIn(text: string): readonly Situation[] {
  const named = text.split(/[|,]/).map((one) => one.trim());
  const wrong = named.find((one) => !situations.some((situation) => situation === one));
  if (wrong !== undefined) throw new UsageError(`There is no situation "${wrong}"; there are ${situations.join(", ")}.`);
  return named as readonly Situation[];
}

const iso = (ms: number): string => new Date(ms).toISOString();

export const shownFinding = ({ id, connection, run, kind, situation, severity, resource, name, account, email, attribute, from, to, detail, repair, sinceMs, foundMs, state }: Finding) => ({
  id, connection, run, kind, situation, severity, resource: resource ?? null, name: name ?? null, account: account ?? null, email: email ?? null,
  attribute: attribute ?? null, from: from ?? null, to: to ?? null, detail, repair, since: iso(sinceMs), found: iso(foundMs), state,
});

/** A line of a table: what the vendor and the IdP say must not move the cursor. */
export function findingWords({ id, severity, situation, kind, name, email, account, detail, state }: Finding): string {
  const mark = { alarm: "!!", warning: "! ", notice: "  " }[severity];
  return harmless(`${mark} ${id}  ${situation.padEnd(15)} ${kind.padEnd(19)} ${name ?? email ?? account ?? ""}${state === "open" ? "" : ` [${state}]`}  ${detail}`);
}
