/**
 * Giving access: to invite, to invite again, to reinstate. Each is sent once; inviting sends mail.
 *
 * @module
 */
import { Fault } from "../../model/failure.ts";
import type { RoleId } from "../../model/ids.ts";
import { isObject } from "../../model/json.ts";
import type { Account } from "../../model/person.ts";
import type { Call, Connector, Created, Done, NewAccount, Target } from "../connector.ts";
import type { HookKit } from "../hooks.ts";
import { invitationIn, openInvitations } from "./invitations.ts";
import { protocol, refusalOf, says, shownAfter } from "./reading-back.ts";

export const createHook = {
  needs: ["invite"],
  open: (kit: HookKit): NonNullable<Connector["create"]> => async (wanted, call): Promise<Created> => {
    try {
      return { kind: "invited", account: await invite(kit, wanted, call) };
    } catch (thrown) {
      if (thrown instanceof Fault && thrown.failure.kind === "conflict") return { kind: "exists" };
      throw thrown;
    }
  },
};

async function invite(kit: HookKit, asked: NewAccount, call: Call): Promise<Account> {
  const wanted = { ...asked, role: asked.role ?? kit.defaultRole };
  const answer = await kit.run("invite", { body: kit.createBody(wanted) }, call).catch((thrown: unknown) => {
    throw thrown instanceof Fault && thrown.failure.kind === "notFound" ? protocol("TransactionLink answers 404 to an invitation: it knows no such role, or the address in the settings is wrong", thrown) : thrown;
  });
  const made = believable(answer);
  if (made?.email === undefined || !kit.same("email", made.email, wanted.email)) throw new Fault({ kind: "uncertain", detail: "TransactionLink accepted the invitation without showing which one it is" });
  return { ...made, role: made.role ?? wanted.role, profile: wanted.profile };
}

/** `undefined` where the acknowledged invitation is not recognisable. */
function believable(answer: unknown): Account | undefined {
  try {
    return isObject(answer) ? invitationIn(answer) : undefined;
  } catch {
    return undefined;
  }
}

export const reactivateHook = {
  needs: ["reinstate", "get"],
  open(kit: HookKit): NonNullable<Connector["reactivate"]> {
    const invitations = openInvitations(kit);
    return async (target, role, call) => {
      const roleId = role ?? kit.defaultRole;
      if (target.kind === "account") return reinstate(kit, target, roleId, call);
      const standing = await invitations.standing(target, call);
      if (standing?.kind === "account") return { ...(standing.active === true ? { confirmed: true, complete: true } : await reinstate(kit, { account: standing.id }, roleId, call)), account: standing };
      if (standing?.active === true) return { confirmed: true, complete: true, note: "the invitation is still open" };
      if (!kit.may("invite") || target.email === undefined) throw new Fault({ kind: "unsupported", detail: "Somebody whose invitation was withdrawn can be invited again only with endpoints: public", capability: "reactivate", steps: "" });
      return { confirmed: true, complete: true, account: await invite(kit, { email: target.email, profile: target.applied ?? {}, role: roleId, password: undefined }, call), note: "invited again" };
    };
  },
};

const memberships = "workspace memberships from before may be back: nobody documents whether they survive a termination";

async function reinstate(kit: HookKit, { account: id }: Pick<Target, "account">, roleId: RoleId | undefined, call: Call): Promise<Done> {
  if (roleId === undefined) throw new Fault({ kind: "invalid", detail: "TransactionLink demands a role for somebody who returns" });
  const refused = await refusalOf(kit.run("reinstate", { values: { id }, body: { roleId } }, call));
  if (refused) {
    const shown = await shownAfter(kit, id, call);
    if (refused.failure.kind === "notFound") throw shown ? unknownRole(refused) : refused;
    if (shown?.active === true) return { confirmed: true, complete: true, note: "it was so already" };
    if (shown && shown.active === undefined && says(refused, /\balready\b|\bnot terminated\b|\bis active\b/i)) return { confirmed: false, complete: true, note: "it was so already, TransactionLink says; it shows no status" };
    throw refused;
  }
  const shown = await shownAfter(kit, id, call);
  if (!shown) throw protocol("TransactionLink accepted the reinstatement and does not show the member");
  if (shown.active === false) throw protocol("TransactionLink accepted the reinstatement and still shows the member as terminated");
  if (shown.role !== undefined && shown.role !== roleId) throw protocol("TransactionLink accepted the reinstatement and shows another role");
  return { confirmed: shown.active === true, complete: true, note: memberships };
}

/** 404 where the member is there: it is the role that is not. */
export const unknownRole = (cause: Fault): Fault => new Fault({ kind: "refused", detail: "TransactionLink knows the member and answers 404: it has no such role", vendorStatus: 404 }, { cause });
