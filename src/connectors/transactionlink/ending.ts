/**
 * Ending access: a member is terminated, an invitation cancelled; and the race between a cancellation and an acceptance.
 *
 * A termination may be unreadable: where TransactionLink shows no status it counts as accepted, not confirmed, and says so. Asked a
 * second time, TransactionLink may say that the member is terminated already: no read could say it better.
 *
 * @module
 */
import { Fault } from "../../model/failure.ts";
import type { Account } from "../../model/person.ts";
import type { Call, Done, Target } from "../connector.ts";
import type { Denial, HookKit } from "../hooks.ts";
import type { Invitations } from "./invitations.ts";
import { openInvitations } from "./invitations.ts";
import { afterWrite, protocol, refusalOf, says, shownAfter } from "./reading-back.ts";

export function terminate(kit: HookKit): Denial {
  const invitations = openInvitations(kit);
  return (target, call) => (target.kind === "account" ? endMembership(kit, target, call) : endInvitation(kit, invitations, target, call));
}

const unseen = "TransactionLink shows no status: accepted, not confirmed";

async function endMembership(kit: HookKit, { account: id }: Pick<Target, "account">, call: Call): Promise<Done> {
  const refused = await refusalOf(kit.run("terminate", { values: { id } }, call));
  const shown = await shownAfter(kit, id, call);
  if (shown?.active === false) return { confirmed: true, complete: true };
  if (!refused) {
    if (shown?.active === true) throw protocol("TransactionLink accepted the termination and still shows the member as active");
    if (shown) return { confirmed: false, complete: true, note: unseen };
    // Members who are terminated may not be readable; a wrong tenant would not be listed either.
    const listed = await kit.run("list", { query: { page: "0", size: "1" } }, call).then(() => true, () => false);
    return { confirmed: listed, complete: true, note: "the member is not shown any more" };
  }
  if (refused.failure.kind === "notFound") throw shown ? protocol("TransactionLink answers 404 to the termination and still shows the member", refused) : refused;
  if (says(refused, /\balready\b|\b(is|was|been) terminated\b/i) && shown?.active !== true) {
    const isNamed = says(refused, /\b(already|is|was|been) terminated\b/i);
    return { confirmed: shown === undefined || isNamed, complete: true, note: `it was so already, TransactionLink says${shown && !isNamed ? `; ${unseen}` : ""}` };
  }
  throw shown ? refused : new Fault({ kind: "notFound", detail: "TransactionLink does not know the member" }, { cause: refused });
}

/**
 * Cancel, look for a member, look at the invitation again. Whoever had accepted in between is terminated.
 *
 * An acceptance that is still on its way shows up only later: the caller looks again after its settle time.
 */
async function endInvitation(kit: HookKit, invitations: Invitations, target: Target, call: Call): Promise<Done> {
  const { account: id } = target;
  const cancelled = kit.may("cancel");
  const refused = cancelled ? await refusalOf(kit.run("cancel", { values: { id } }, call)) : undefined;
  const letters = await afterWrite(() => invitations.all(call));
  const letter = letters.find((one) => one.id === id);
  const email = letter?.email ?? target.email;
  const member = email === undefined ? undefined : await afterWrite(() => invitations.member(email, call));
  const others = letters.filter((other) => other.id !== id && other.active === true && email !== undefined && kit.same("email", other.email ?? "", email));

  if (letter?.active === true) {
    if (!cancelled || !refused) throw protocol("TransactionLink accepted the cancellation and still shows the invitation as pending");
    throw refused;
  }
  if (member) return remaining({ ...(member.active === false ? { confirmed: true, complete: true } : await endMembership(kit, { account: member.id }, call)), account: member, note: "the invitation had been accepted; the account that came of it was terminated" }, others);
  if (!cancelled) throw new Fault({ kind: "unsupported", detail: "An invitation to TransactionLink can be cancelled only with denyEndpoints: public", capability: "deactivate", steps: "" });
  if (letter?.active === false) return remaining({ confirmed: true, complete: true, note: "the invitation is cancelled" }, others);
  if (letter) throw protocol("The invitation to TransactionLink was accepted, and no member with its address is shown");
  throw new Fault({ kind: "notFound", detail: "TransactionLink knows neither the invitation nor a member with its address" }, { cause: refused });
}

/** Another letter to the same address is somebody else's, and still opens the door (I5, I8). */
function remaining(done: Done, others: readonly Account[]): Done {
  if (others.length === 0) return done;
  return { ...done, complete: false, left: `Cancel the other pending invitation${others.length > 1 ? "s" : ""} to the same address in TransactionLink (${others.map(({ id }) => id).join(", ")}).` };
}
