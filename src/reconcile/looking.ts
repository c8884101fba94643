/**
 * A second look at one account, by id, before anything is said about it: a list is older than the moment, and a list that leaves somebody
 * out proves nothing.
 *
 * @module
 */
import type { Target } from "../connectors/connector.ts";
import type { AccountId } from "../model/ids.ts";
import { sameJson, type Json } from "../model/json.ts";
import type { Account } from "../model/person.ts";
import type { Held } from "../model/resource.ts";
import type { Round } from "./post.ts";

/** Somebody is at the person, or will be in a moment: what they hold is about to change. What is only looked at now and then does not count. */
export const isMoving = ({ due }: Held): boolean => due !== undefined && due.dueAtMs !== undefined && due.lane !== "reconcile";

/** @returns `undefined` when something happened to the person while the vendor was asked; `gone` after the tenant was seen to be there */
export async function lookAt(round: Round, held: Held & { readonly link: NonNullable<Held["link"]> }): Promise<Account | "gone" | undefined> {
  const { link } = held;
  if (link.account === undefined) return undefined;
  const account = await lookBy(round, { account: link.account, kind: link.kind, email: link.login, applied: link.applied.profile });
  const now = await round.store.hold(round.post.connection, held.id);
  if (!now || isMoving(now) || now.version !== held.version || !sameJson(plain(now.link), plain(link))) return undefined;
  return account;
}

/** @throws Fault what the connector threw, and whatever keeps "not there" from proving anything */
export async function lookBy({ post: { connector, look }, signal, startedMs, tally }: Round, target: Target): Promise<Account | "gone"> {
  // Invitations can only be read all at once, which one reading does for everybody.
  const call = look(signal, target.kind === "invitation" ? startedMs : undefined);
  tally.looks += 1;
  try {
    const account = await connector.get?.(target, call);
    if (account) return account;
    await connector.control(call);
    return "gone";
  } finally {
    call.end();
  }
}

/** Of an account that is nobody's here. */
export const stranger = (account: AccountId, email: string | undefined): Target => ({ account, kind: "account", email });

const plain = (value: unknown): Json => JSON.parse(JSON.stringify(value ?? null)) as Json;
