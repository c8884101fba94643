/**
 * The throw-away person of a trial, and how they and what they left are taken away again, whatever happened meanwhile.
 *
 * @module
 */
import { randomBytes } from "node:crypto";
import { setupOf } from "../config.ts";
import type { Target } from "../connectors/connector.ts";
import type { Manifest } from "../connectors/manifest-schema.ts";
import { openConnector } from "../connectors/registry.ts";
import { failureOf } from "../model/failure.ts";
import { fold } from "../model/fold.ts";
import { type CorrelationId, resourceId, type ResourceId } from "../model/ids.ts";
import type { Link } from "../model/link.ts";
import type { Due } from "../model/resource.ts";
import { newCorrelationId } from "../runtime/new-id.ts";
import type { Store } from "../store/store.ts";
import { statusOf } from "./answers.ts";
import { jsonOf } from "./exchange.ts";
import { type Finding, note, ok, warning } from "./finding.ts";
import { callOf } from "./looking.ts";
import { scim, type WayIn } from "./pass.ts";
import type { Bed } from "./ward.ts";

/** Everybody of this kind is the doctor's, by whatever visit. */
const nameStart = "drawbridge-doctor-";
const by = "doctor";
/** How long the worker may take to end somebody's access. */
const patienceMs = 30_000;

/** @param domain where the person is to have an address; nobody reads mail at `example.com` */
export const newAddress = (domain: string | undefined): string => `${nameStart}${randomBytes(4).toString("hex")}@${domain ?? "example.com"}`;

export interface TrialPerson {
  readonly address: string;
  /** The create was sent: whatever became of its answer, the person may be there. */
  isSent: boolean;
  id: ResourceId | undefined;
  group: string | undefined;
  readonly correlation: CorrelationId;
}

export const newPerson = (address: string): TrialPerson => ({ address, isSent: false, id: undefined, group: undefined, correlation: newCorrelationId() });

export const beginTrial = async (person: TrialPerson, id: string, bed: Bed, store: Store): Promise<boolean> => {
  person.id = resourceId(id);
  return store.beginTrial(bed.connection.id, person.id, { by, correlation: person.correlation });
};

/** Waits until nothing is being done about the person any more, or nobody can do more about it. */
export async function settled(id: ResourceId, bed: Bed, store: Store, forMs = patienceMs): Promise<Awaited<ReturnType<Store["hold"]>>> {
  const untilMs = bed.clock.now() + forMs;
  for (;;) {
    const held = await store.hold(bed.connection.id, id);
    if (isSettled(held?.due, await store.now()) || bed.clock.now() > untilMs || bed.signal.aborted) return held;
    await bed.clock.sleep(200, bed.signal);
  }
}

/** What is only looked at once more, later, is done as far as anybody can tell now. */
const isSettled = (due: Due | undefined, nowMs: number): boolean =>
  due === undefined || due.dueAtMs === undefined || due.lane === "reconcile" || (due.failure === undefined ? due.dueAtMs > nowMs + 1_000 : due.attempts > 1);

/**
 * Never throws, and takes its own time: whoever has had enough of the doctor still wants the person gone.
 *
 * @param link as it was last known
 */
export async function takeAway(person: TrialPerson, link: Link | undefined, way: WayIn, visiting: Bed, store: Store, manifest: Manifest): Promise<readonly Finding[]> {
  const bed: Bed = { ...visiting, signal: AbortSignal.timeout(2 * patienceMs) };
  const check = "trial.cleanup";
  const { id, address } = person;
  const byHand = `Take ${address} away in ${manifest.title} by hand.`;
  try {
    if (person.group !== undefined) await scim(way, { method: "DELETE", path: `/Groups/${person.group}` }, bed);
    if (id === undefined) return await takeAwayUnseen(person, way, bed, store, manifest);
    const known = link ?? (await store.hold(bed.connection.id, id))?.link;
    const gone = await scim(way, { method: "DELETE", path: `/Users/${id}` }, bed, patienceMs);
    const held = await settled(id, bed, store);
    await store.endTrial(bed.connection.id, id, { by, correlation: person.correlation });
    for (const task of await store.tasks(bed.connection.id, { open: true })) if (task.resource === id) await store.closeTask(task.id, { journal: [{ kind: "decision", resource: id, correlation: person.correlation, data: { operator: "task done", by, task: task.id, title: task.title } }] });
    if (held?.attributes !== undefined) return [warning(check, `The throw-away person ${address} could not be deleted here (${statusOf(gone) ?? "no answer"}).`, `Delete ${id} once the cause is gone, and see drawbridge timeline ${id} --connection ${bed.connection.id}.`)];
    if (held?.due?.failure !== undefined) return [warning(check, `The throw-away person ${address} still waits for ${manifest.title}; Drawbridge goes on trying.`, `See drawbridge timeline ${id} --connection ${bed.connection.id}. ${byHand}`)];
    return known?.account === undefined || known.origin !== "created" ? [ok(check, "The throw-away person is gone.")] : [await erased(person, { account: known.account, kind: known.kind, email: address }, bed, store, manifest)];
  } catch (thrown) {
    return [warning(check, `The throw-away person ${address} could not be taken away: ${failureOf(thrown).detail}.`, byHand)];
  }
}

/** How long a create that nobody waited for may take to be there. */
const lateMs = 5_000;

/** The answer to the create was not waited for, or was lost on the way: whoever has the address is the one. */
async function takeAwayUnseen(person: TrialPerson, way: WayIn, bed: Bed, store: Store, manifest: Manifest): Promise<readonly Finding[]> {
  if (!person.isSent) return [];
  for (const untilMs = bed.clock.now() + lateMs; bed.clock.now() < untilMs; await bed.clock.sleep(500)) {
    const holder = await store.holder(bed.connection.id, "User", { name: fold(person.address) });
    if (!holder) continue;
    await beginTrial(person, holder.id, bed, store);
    const held = await settled(holder.id, bed, store);
    return takeAway(person, held?.link, way, bed, store, manifest);
  }
  return [];
}

/** What the connection's own policy leaves at the vendor is taken away for good, if there is a way: nobody wants to keep it. */
async function erased({ id, correlation, address }: TrialPerson, target: Target, bed: Bed, store: Store, manifest: Manifest): Promise<Finding> {
  const check = "trial.cleanup";
  const { title, denials } = manifest;
  const final = Object.keys(denials.strategies).filter((name) => denials.strategies[name]?.reversible === false);
  const setup = { ...setupOf(bed.connection, bed.config), clock: bed.clock };
  const connector = await openConnector({ ...setup, onDelete: final.length > 0 ? final : setup.onDelete });
  const call = callOf(bed, correlation);
  const row = (kind: "intent" | "outcome", data: object) => store.append(bed.connection.id, [{ kind, resource: id, correlation, data: { operator: "doctor", by, account: target.account, ...data } }]);
  try {
    const there = await connector.get?.(target, call);
    if (connector.get && !there) return ok(check, `The throw-away person is gone, here and at ${title}.`);
    if (final.length === 0 || !connector.delete) return note(check, `The throw-away person is gone here; ${title} keeps the record of ${address}, without access.`);
    await row("intent", {});
    await connector.delete(target, call);
    await row("outcome", { result: "done" });
    return ok(check, `The throw-away person is gone, here and at ${title}.`);
  } catch (thrown) {
    const { kind, detail } = failureOf(thrown);
    await row("outcome", { result: kind, detail });
    return note(check, `The throw-away person is gone here; ${title} keeps the record of ${address}, without access (${detail}).`);
  }
}

/** Whoever is here for longer than any visit lasts was left by one that was ended by force. */
const leftMs = 900_000;

export async function takeAwayOld(way: WayIn, bed: Bed, store: Store, manifest: Manifest): Promise<readonly Finding[]> {
  const answer = jsonOf(await scim(way, { method: "GET", path: `/Users?filter=userName%20sw%20%22${nameStart}%22&attributes=userName,meta.created` }, bed));
  const listed = (answer?.["Resources"] ?? []) as readonly { readonly id: string; readonly userName?: string; readonly meta?: { readonly created?: string } }[];
  const old = listed.filter(({ meta }) => Date.parse(meta?.created ?? "") < bed.clock.now() - leftMs);
  const findings: Finding[] = [];
  for (const { id, userName } of old) findings.push(...(await takeAway({ ...newPerson(userName ?? id), id: resourceId(id) }, undefined, way, bed, store, manifest)));
  return findings;
}
