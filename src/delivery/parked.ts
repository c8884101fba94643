/**
 * The plan of a connection that observes: what would be done at the vendor, for everybody who waits, if it were promoted now.
 *
 * Made by the same planner that delivery uses, and the vendor is asked who is there already; nothing is written. Equal plans have equal
 * hashes, so that what a person has looked at is what is promoted.
 *
 * @module
 */
import { hash } from "node:crypto";
import type { Call } from "../connectors/connector.ts";
import { failureOf } from "../model/failure.ts";
import type { ResourceId } from "../model/ids.ts";
import { inOrder } from "../model/json.ts";
import type { Operation } from "../model/operation.ts";
import type { Held } from "../model/resource.ts";
import { planUser } from "../plan/plan-user.ts";
import { wantedOf } from "../plan/wanted.ts";
import { takingOf } from "../rails/taking.ts";
import { newCorrelationId } from "../runtime/new-id.ts";
import type { Store } from "../store/store.ts";
import { chooseAccount } from "./adopt.ts";
import { linkTo } from "./attempt.ts";
import { callFor } from "./call.ts";
import type { Site } from "./site.ts";

export const parkedKinds = ["create", "adopt", "reactivate", "setRole", "setTags", "updateProfile", "deactivate", "delete", "conflict", "waits"] as const;
export type ParkedKind = (typeof parkedKinds)[number];

export interface ParkedPlan {
  /** SHA-256, hex, over everything below but names. */
  readonly hash: string;
  readonly counts: Readonly<Record<ParkedKind, number>>;
  /** At most 20 of each kind. */
  readonly people: Readonly<Record<ParkedKind, readonly Parked[]>>;
  /** For whom anything would be done. */
  readonly affected: number;
  /** Who would lose access, but for protected accounts and administrators: about these the other rails ask by themselves. */
  readonly losing: readonly ResourceId[];
  /** The journal's last row before the plan was made. */
  readonly journalSeq: number;
}

export interface Parked {
  readonly resource: ResourceId;
  readonly userName: string | undefined;
  readonly detail: string;
}

type Step = Operation | { readonly kind: "adopt"; readonly account: string } | { readonly kind: "conflict" | "waits"; readonly detail: string };

const shown = 20;

/** @throws Fault when the vendor cannot be asked who is there */
export async function planParked(site: Site, store: Store): Promise<ParkedPlan> {
  const { connection } = site;
  const { seq: journalSeq } = await store.journalHead(connection);
  const counts = Object.fromEntries(parkedKinds.map((kind) => [kind, 0])) as Record<ParkedKind, number>;
  const people = Object.fromEntries(parkedKinds.map((kind) => [kind, []])) as unknown as Record<ParkedKind, Parked[]>;
  const losing: ResourceId[] = [];
  const all: { readonly resource: ResourceId; readonly steps: readonly Step[] }[] = [];
  const claimed = new Set<string>();
  const call = callFor(undefined, { correlation: newCorrelationId(), exchanges: [] }, site);

  for (const { resource, userName, due } of await store.openWork(connection, Number.MAX_SAFE_INTEGER)) {
    // Acknowledged before the connection observed: on its way whatever is promoted.
    if (due.lane === "deny" && (await store.mode(connection, resource)).owned) continue;
    const held = await store.hold(connection, resource);
    const steps: Step[] = held?.type === "User" ? await stepsFor(held, site, store, call) : [];
    if (steps.length === 0) continue;
    const twice = steps.findIndex((step) => step.kind === "adopt" && claimed.has(step.account));
    if (twice >= 0) steps.splice(0, steps.length, { kind: "conflict", detail: "Somebody else in this plan is to have the account with this address." });
    for (const step of steps) if (step.kind === "adopt") claimed.add(step.account);
    all.push({ resource, steps });
    if (steps.some(({ kind }) => kind === "deactivate" || kind === "delete") && held && !isApart(held, site)) losing.push(resource);
    for (const step of steps) {
      counts[step.kind] += 1;
      if (people[step.kind].length < shown) people[step.kind].push({ resource, userName, detail: detailOf(step) });
    }
  }
  const canonical = inOrder(all.toSorted((a, b) => (a.resource < b.resource ? -1 : 1)));
  return { hash: hash("sha256", JSON.stringify(canonical)), counts, people, affected: all.length, losing, journalSeq };
}

function isApart(held: Held, { policy, vendor }: Site): boolean {
  const { fromProtected, administrator } = takingOf(undefined, { attributes: held.attributes, groups: held.groups, policy }, held, vendor);
  return fromProtected || administrator;
}

async function stepsFor(held: Held, site: Site, store: Store, call: Call): Promise<Step[]> {
  const { policy, vendor } = site;
  const wanted = held.attributes && wantedOf(held.attributes, policy.identity, held.groups);
  try {
    const { plan, waitsFor, wantedRole, byDefault = false } = planUser(wanted, held.link, vendor, policy);
    if (waitsFor.length > 0) return [{ kind: "waits", detail: `${vendor.title} demands ${waitsFor.join(", ")}` }];
    const [first] = plan;
    if (first?.kind !== "create") return [...plan];
    const externalId = held.attributes?.["externalId"];
    const chosen = await chooseAccount(first.email, held.link, site, { store }, call, { resource: held.id, externalId: typeof externalId === "string" ? externalId : undefined });
    if (!chosen) return [...plan];
    const link = linkTo(chosen, first.email, { version: held.version, wantedRole, byDefault });
    return [{ kind: "adopt", account: chosen.account.id }, ...planUser(wanted, link, vendor, policy).plan];
  } catch (thrown) {
    const failure = failureOf(thrown);
    if (failure.kind !== "conflict" && failure.kind !== "invalid") throw thrown;
    return [{ kind: "conflict", detail: failure.detail }];
  }
}

function detailOf(step: Step): string {
  switch (step.kind) {
    case "create":
      return `${step.email}${step.role === undefined ? "" : ` as ${step.role}`}`;
    case "adopt":
      return `the account ${step.account} that is there`;
    case "setRole":
      return `${step.role} (${step.direction})`;
    case "setTags":
      return step.tags.join(", ") || "none";
    case "updateProfile":
      return Object.keys(step.changes).join(", ");
    case "deactivate":
      return step.reason;
    case "reactivate":
      return step.role ?? "";
    case "delete":
      return "";
    case "conflict":
    case "waits":
      return step.detail;
  }
}
