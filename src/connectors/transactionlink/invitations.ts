/**
 * Invitations (TransactionLink calls them enrollments), and the accounts that came of them.
 *
 *     an invitation is          `active`
 *     PENDING                   true: whoever has the letter can still get in
 *     CANCELLED, EXPIRED        false
 *     ACCEPTED, anything else   undefined: only the members can tell
 *
 * Nothing leads from an invitation to its account but the address (FACTS.md).
 *
 * @module
 */
import { Fault } from "../../model/failure.ts";
import { accountId, roleId } from "../../model/ids.ts";
import type { Json } from "../../model/json.ts";
import type { Account } from "../../model/person.ts";
import type { Call, Target } from "../connector.ts";
import type { HookKit } from "../hooks.ts";
import { at, firstText } from "../kit/json-path.ts";

/** @throws Fault `protocol` when it is no usable record */
export function invitationIn(record: Json): Account {
  const id = at(record, "enrollmentId");
  const email = firstText(record, ["email"]);
  const role = firstText(record, ["roleId"]);
  const status = at(record, "status");
  if (typeof id !== "string" || !/^[A-Za-z0-9_-]{1,100}$/.test(id) || email === undefined) throw new Fault({ kind: "protocol", detail: "TransactionLink shows an invitation without id or address" });
  const active = status === "PENDING" ? true : status === "CANCELLED" || status === "EXPIRED" ? false : undefined;
  return { id: accountId(id), kind: "invitation", email: email.trim(), role: role === undefined ? undefined : roleId(role), active, profile: {} };
}

export interface Invitations {
  /** Those to this address that can still be accepted. */
  pending(email: string, call: Call): Promise<readonly Account[]>;
  /**
   * What a link to an invitation stands for now: the account that came of it, else the invitation. `undefined` = neither is shown.
   *
   * @throws Fault `conflict` when several members have the address; `unsupported` when invitations may not be read
   */
  standing(target: Target, call: Call): Promise<Account | undefined>;
  /** Members with this address. @throws Fault `conflict` for several */
  member(email: string, call: Call): Promise<Account | undefined>;
  /** Every invitation, whatever became of it; nothing where they may not be read. */
  all(call: Call): Promise<readonly Account[]>;
}

/** Once per hook: what it reads is shared by all who ask at the same time. */
export function openInvitations(kit: HookKit): Invitations {
  const members = kit.scan("list");
  const letters = kit.may("enrollments") ? kit.scan("enrollments", invitationIn) : undefined;

  const invitations: Invitations = {
    pending: async (email, call) => ((await letters?.byEmail(email, call)) ?? []).filter(({ active }) => active === true),
    all: async (call) => (await letters?.all(call)) ?? [],
    async member(email, call) {
      const [one, ...others] = await members.byEmail(email, call);
      if (others.length > 0) throw new Fault({ kind: "conflict", detail: "Several members in TransactionLink have this address; a person must say which one is meant" });
      return one;
    },
    async standing(target, call) {
      const letter = (await invitations.all(call)).find(({ id }) => id === target.account);
      if (letter?.active === true) return letter;
      const email = letter?.email ?? target.email;
      const member = email === undefined ? undefined : await invitations.member(email, call);
      if (member) return member;
      if (!letters) throw new Fault({ kind: "unsupported", detail: "What became of an invitation can be read only with endpoints: public", capability: "get", steps: "" });
      return letter;
    },
  };
  return invitations;
}

/**
 * Whom a change of name or role goes to.
 *
 * @throws Fault `refused` while the invitation is not accepted: name and role then wait
 */
export async function accountOf(invitations: Invitations, target: Target, call: Call): Promise<{ readonly target: Target; readonly became?: Account }> {
  if (target.kind === "account") return { target };
  const became = await invitations.standing(target, call);
  if (became?.kind !== "account") throw new Fault({ kind: "refused", detail: "The invitation to TransactionLink is not accepted yet; name and role can be changed only afterwards", vendorStatus: 409 });
  return { target: { ...target, account: became.id, kind: "account", email: became.email ?? target.email }, became };
}
