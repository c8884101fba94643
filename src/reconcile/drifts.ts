/**
 * A drift in words, and under a name that stays the same for as long as it is the same drift.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { Drift, DriftKind, Repair } from "../model/drift.ts";
import { driftRules } from "../model/drift.ts";
import type { AccountId, ResourceId } from "../model/ids.ts";
import { findingId } from "../model/ids.ts";

export interface Seen {
  readonly kind: DriftKind;
  readonly resource?: ResourceId | undefined;
  readonly name?: string | undefined;
  readonly account?: AccountId | undefined;
  readonly email?: string | undefined;
  readonly attribute?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** What is to be known besides the kind and the values. */
  readonly more?: string | undefined;
  readonly repair: Repair;
}

export function driftOf({ kind, resource, name, account, email, attribute, from, to, more, repair }: Seen): Drift {
  const said = driftRules[kind].says;
  const values = from === undefined && to === undefined ? "" : `: ${attribute === undefined ? "" : `${attribute} `}${resource === undefined && from === undefined ? to : `${from ?? "nothing"} → ${to ?? "nothing"}`}`;
  const detail = `${said.charAt(0).toUpperCase()}${said.slice(1)}${values}.${more === undefined ? "" : ` ${more}`}`;
  return { id: nameOf(kind, resource, account, attribute), kind, resource, name, account, email, attribute, from, to, detail, repair };
}

/** `d-` and ten characters, short enough to be typed. */
function nameOf(kind: DriftKind, resource: ResourceId | undefined, account: AccountId | undefined, attribute: string | undefined) {
  // The account of a person may be another one in the next run; the drift is the person's all the same.
  const about = resource === undefined ? ["account", account ?? ""] : ["person", resource];
  return findingId(`d-${createHash("sha256").update(JSON.stringify([kind, ...about, attribute ?? ""])).digest("hex").slice(0, 10)}`);
}

export const byPerson = (because: string): Repair => ({ by: "person", because });
