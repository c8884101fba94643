/**
 * The invariants (reliability.md, section 3), asked while things happen and once everything is at rest.
 *
 *     I1  no second account for a person                  when the vendor makes one
 *     I2  an acknowledged denial has happened or is due   at every quiet moment
 *     I3  the vendor holds what was committed last        at rest, facet by facet
 *     I5  only linked accounts are touched                when a call leaves, and at the next quiet moment
 *     I7  no role outside the map                         when a call leaves
 *     I11 no write without an intent, outcomes after      when a call leaves; at rest
 *     I13 an uncertain grant is not repeated blindly      when a call leaves
 *     I15 ids are ours and used once                      at rest
 *
 * and that nothing is left: no work, no repetition, no account that no link knows.
 *
 * @module
 */
import type { AccountId, ResourceId } from "../../src/model/ids.ts";
import { isResourceId } from "../../src/model/ids.ts";
import type { OpenWork, Store } from "../../src/store/store.ts";
import { standardRole } from "./connector.ts";
import type { Acknowledged, Idp } from "./idp.ts";
import type { Ledger } from "./ledger.ts";
import { acme } from "./real.ts";
import type { Account, SimVendor, VendorCall } from "./vendor.ts";
import type { Desired } from "./wish.ts";
import { roleNames } from "./wish.ts";
import type { World } from "./world.ts";

const vendorRoles = new Map([["Admins", "admin"], ["Editors", "editor"], ["Staff", "staff"]] as const);
const mayBeSent = new Set<string>([...vendorRoles.values(), standardRole]);

/** Which operations a write of the vendor's may serve. */
const serves: Readonly<Record<string, readonly string[]>> = {
  create: ["create"],
  invite: ["create", "reactivate"],
  updateProfile: ["updateProfile"],
  setRole: ["setRole"],
  deactivate: ["deactivate", "delete"],
  cancel: ["deactivate", "delete"],
  delete: ["delete"],
  reactivate: ["reactivate"],
};
const grants = new Set(["create", "invite", "reactivate"]);
const denials = new Set(["deactivate", "cancel", "delete"]);

/** The vendor's role for the values of a person: the first of the map that is among them. */
export function roleFor(values: readonly string[]): string {
  const name = roleNames.find((role) => values.includes(role));
  return name === undefined ? standardRole : (vendorRoles.get(name) ?? standardRole);
}

export interface Case {
  readonly world: World;
  readonly vendor: SimVendor;
  readonly ledger: Ledger;
  readonly idp: Idp;
  /** Past every process. */
  readonly store: Store;
  readonly settleMs: number;
}

export class Judge {
  readonly violations: string[] = [];
  readonly #case: Case;
  readonly #denied = new Map<ResourceId, Acknowledged>();
  readonly #touched: { readonly account: AccountId; readonly by: ResourceId; readonly isDenial: boolean }[] = [];

  constructor(all: Case) {
    this.#case = all;
    all.vendor.sending = (call) => this.#sending(call);
    all.vendor.made = (account) => this.#made(account);
    all.idp.whenAcknowledged((acknowledged) => this.#acknowledged(acknowledged));
  }

  blame(what: string): void {
    if (this.violations.includes(what)) return;
    this.violations.push(what);
    this.#case.world.note(`VIOLATION ${what}`);
  }

  // ------------------------------------------------------------------------------------------------------- as it happens

  #made(account: Account): void {
    const { vendor } = this.#case;
    const { email } = vendor.now(account);
    const before = vendor.holds(email).filter((other) => other !== account && (other.kind === "account" || (other.became === undefined && vendor.now(other).active)));
    const removed = [...vendor.accounts.values()].find((other) => other.wasRemovedThere && vendor.now(other).email === email);
    const { ledger } = this.#case;
    const hasBeenDeleted = [...ledger.resources.keys()].some((id) => ledger.emails(id).has(email) && ledger.desired(id)?.isDeleted === true);
    if (account.origin === "us" && removed && !hasBeenDeleted) this.blame(`I1 ${account.id} was created again after ${removed.id} had been removed by somebody`);
    if (account.origin === "us" && before.length > 0) this.blame(`I1 a second ${account.kind} for ${email}: ${account.id} beside ${before.map(({ id }) => id).join(", ")}`);
  }

  #sending(call: VendorCall): void {
    if (call.isRead) return;
    const { ledger, vendor } = this.#case;
    const resource = ledger.about.get(call.correlation);
    const intents = ledger.intents.get(call.correlation);
    if (!serves[call.name]?.some((kind) => intents?.has(kind))) this.blame(`I11 ${call.name} was sent without an intent (${call.correlation})`);
    if (call.role !== undefined && !mayBeSent.has(call.role)) this.blame(`I7 the role ${call.role} was sent`);
    if (!resource) return;
    if (call.account !== undefined) {
      this.#touched.push({ account: call.account, by: resource, isDenial: denials.has(call.name) });
      const touched = vendor.accounts.get(call.account);
      const emails = ledger.emails(resource);
      if (touched && !touched.history.some(({ email }) => emails.has(email))) this.blame(`I5 ${call.name} for ${resource} touched the account of somebody else, ${call.account}`);
    }
    if (grants.has(call.name)) this.#repeated(call, resource);
  }

  /** A grant whose fate is unknown: before it is sent again, somebody has looked what became of it, after the settle time. */
  #repeated(call: VendorCall, resource: ResourceId): void {
    const { vendor, ledger, settleMs } = this.#case;
    const mine = vendor.calls.filter((other) => other !== call && ledger.about.get(other.correlation) === resource);
    const unsure = mine.findLast((other) => other.name === call.name && (other.heard === "uncertain" || other.heard === "open"));
    if (!unsure) return;
    const looked = mine.some((other) => other.isRead && other.heard === "done" && other.sentMs >= unsure.sentMs + settleMs);
    if (!looked) this.blame(`I13 ${call.name} for ${resource} was repeated at ${call.sentMs - unsure.sentMs} ms after one without an answer, unseen`);
  }

  #acknowledged(acknowledged: Acknowledged): void {
    const { push, answer } = acknowledged;
    const { after } = push.wish;
    const id = (push.type === "User" ? (push.id ?? answer.id) : this.#case.idp.ids.get(push.person)) as ResourceId | undefined;
    const shown = answer.shown as { readonly active?: unknown; readonly title?: unknown } | undefined;
    if (push.type === "User" && shown && (push.wish.kind === "whole" || push.wish.kind === "create" || push.wish.kind === "active") && shown.active !== after.active) this.blame(`the answer to ${push.name} shows active ${String(shown.active)}`);
    if (push.type === "User" && shown && (push.wish.kind === "whole" || push.wish.kind === "create" || push.wish.kind === "title") && shown.title !== after.title) this.blame(`the answer to ${push.name} shows the title ${String(shown.title)}`);
    if (push.type === "User" && id !== undefined && (!after.active || after.isDeleted)) this.#denied.set(id, acknowledged);
  }

  /** Nothing is left but to look, now and then, whether an invitation is accepted or a denial confirmed. */
  async isDone(): Promise<boolean> {
    const { store } = this.#case;
    return (await store.nextDueMs()) === undefined || (await this.#work()).length === 0;
  }

  async #work(): Promise<readonly OpenWork[]> {
    const { store } = this.#case;
    const open = await store.openWork(acme, 100);
    const held = await Promise.all(open.map(({ resource }) => store.hold(acme, resource)));
    return open.filter(({ due, resource }, at) => !(due.lane === "reconcile" && due.dueAtMs !== undefined && (held[at]?.link?.kind === "invitation" || held[at]?.link?.applied.recheck !== undefined)) && !(due.dueAtMs === undefined && this.#wasRemoved(resource)));
  }

  /** Somebody at the vendor removed the account of this person: what is wanted of it waits for a person of ours. */
  #wasRemoved(resource: ResourceId): boolean {
    const emails = this.#case.ledger.emails(resource);
    return [...this.#case.vendor.accounts.values()].some((account) => account.wasRemovedThere && account.history.some(({ email }) => emails.has(email)));
  }

  /** At a moment at which nobody has anything to do. */
  async quiet(): Promise<void> {
    const { ledger, vendor, store } = this.#case;
    for (const { account, by, isDenial } of this.#touched.splice(0)) {
      const holder = await store.linkedTo(acme, account);
      // Two who have left, each in doubt about a create under one address, may both find what came of one, and both deny it.
      const haveLeft = isDenial && [holder, by].every((id) => id !== undefined && ledger.desired(id)?.isDeleted !== false);
      if (holder !== undefined && holder !== by && !haveLeft) this.blame(`I5 a call for ${by} touched ${account}, which is linked to ${holder}`);
    }
    for (const [id, { push }] of this.#denied) {
      const wanted = ledger.desired(id);
      if (!wanted || (wanted.active && !wanted.isDeleted)) {
        this.#denied.delete(id); // wanted back since
        continue;
      }
      const live = vendor.holds(wanted.email).filter((account) => vendor.now(account).active && account.became === undefined && (account.origin !== "stranger" || ledger.linked.has(account.id)));
      if (live.length === 0) continue;
      const held = await store.hold(acme, id);
      const mine = held?.link?.account === undefined ? live : live.filter((account) => account.id === held.link?.account || vendor.accounts.get(held.link?.account as AccountId)?.became === account.id);
      if (held?.due?.lane === "deny" && held.due.dueAtMs !== undefined) continue;
      // Whoever came after with the same address has an account of their own.
      if (held?.link?.account === undefined && this.#successor(wanted.email, id)) continue;
      // It came from one who left before under this address, and under that one it is still to be denied.
      if ((await Promise.all(mine.map((account) => this.#isOwedElsewhere(account.id, id)))).every(Boolean)) continue;
      if (mine.length > 0) this.blame(`I2 ${push.name} was acknowledged, ${mine.map((account) => account.id).join(", ")} is live, and ${held?.due ? `what is due is in the lane ${held.due.lane}${held.due.dueAtMs === undefined ? ", given up" : ""}` : "nothing is due"}`);
    }
  }

  /** Whether the account is linked to another resource, whose denial is due. */
  async #isOwedElsewhere(account: AccountId, than: ResourceId): Promise<boolean> {
    const { store } = this.#case;
    const holder = await store.linkedTo(acme, account);
    const due = holder === undefined || holder === than ? undefined : (await store.hold(acme, holder))?.due;
    return due?.lane === "deny" && due.dueAtMs !== undefined;
  }

  /** What stands there now is theirs, and if they left as well, their denial is asked for by itself. */
  #successor(email: string, id: ResourceId): boolean {
    const { ledger } = this.#case;
    const all = [...ledger.resources.keys()];
    return all.slice(all.indexOf(id) + 1).some((other) => ledger.emails(other).has(email));
  }

  // -------------------------------------------------------------------------------------------------------------- at rest

  /** @returns the accounts that a link or a tombstone knows */
  async atRest(): Promise<ReadonlySet<AccountId>> {
    const { ledger, vendor, idp, store } = this.#case;
    await this.quiet();
    for (const complaint of idp.complaints) this.blame(complaint);
    for (const { push, answer } of idp.refused) if (!(answer.status === 409 && [...ledger.resources.keys()].some((id) => this.#wasRemoved(id) && ledger.emails(id).has(push.wish.after.email)))) this.blame(`${push.name} ${push.wish.kind} was refused for good: ${answer.status} ${answer.detail ?? ""}`);
    for (const { resource, due } of await this.#work()) this.blame(`work is left for ${resource}: ${due.lane}${due.dueAtMs === undefined ? `, given up (${due.failure?.kind}: ${due.failure?.detail})` : ""}`);
    for (const { title, resource } of await store.tasks(acme, { open: true })) if (resource === undefined || !this.#wasRemoved(resource)) this.blame(`a task is left: ${title}`);
    if ((await store.firstBrokenRow(acme)) !== undefined) this.blame("I11 the journal's chain is broken");
    const linked = new Set<AccountId>();
    for (const id of ledger.resources.keys()) {
      const account = await this.#resourceAtRest(id);
      if (account !== undefined) linked.add(account);
    }
    for (const account of vendor.accounts.values()) {
      if (account.removedMs !== undefined || linked.has(account.id) || account.became !== undefined) continue;
      const stone = await store.tombstone(acme, account.id);
      if (!stone && account.origin === "stranger") continue;
      if (stone) linked.add(account.id);
      const { active, email } = vendor.now(account);
      if (!stone && (active || account.kind === "account")) this.blame(`no link knows ${account.id} of ${email}`);
      else if (active) this.blame(`I2 ${account.id} of ${email}, who was deleted, is live`);
    }
    await this.#outcomes();
    return linked;
  }

  /** @returns the account that its link points at */
  async #resourceAtRest(id: ResourceId): Promise<AccountId | undefined> {
    const { ledger, store, vendor } = this.#case;
    const wanted = ledger.desired(id);
    const held = await store.hold(acme, id);
    if (!isResourceId(id) || vendor.accounts.has(id as string as AccountId)) this.blame(`I15 ${id} is no id of ours`);
    if (!wanted || wanted.isDeleted) {
      if (held?.attributes) this.blame(`I10 ${id} is there although its push was taken back or it was deleted`);
      return held?.link?.account;
    }
    if (!held?.attributes) {
      this.blame(`I3 ${id} of ${wanted.email} was lost`);
      return undefined;
    }
    const { attributes, link } = held;
    if (this.#wasRemoved(id)) return link?.account;
    if ((attributes["active"] !== false) !== wanted.active || attributes["title"] !== wanted.title || attributes["userName"] !== wanted.email) this.blame(`I3 the store wants ${JSON.stringify(attributes)} of ${id}, the IdP ${JSON.stringify(wanted)}`);
    const account = link?.account === undefined ? undefined : vendor.there(link.account);
    if (wanted.active) this.#active(id, wanted, account, link?.origin === "adopted" ? link.applied.role : undefined);
    else if (account && vendor.now(account).active) this.blame(`I2 ${account.id} of ${wanted.email} is live`);
    return link?.account;
  }

  #active(id: ResourceId, wanted: Desired, account: Account | undefined, own: string | undefined): void {
    const { vendor } = this.#case;
    if (!account) return this.blame(`I3 ${wanted.email} is active and has no account`);
    const { active, role, profile, email } = vendor.now(account);
    if (!active) this.blame(`I3 ${account.id} of ${wanted.email} is inactive`);
    if (email !== wanted.email) this.blame(`I3 ${account.id} has the address ${email} instead of ${wanted.email}`);
    if (account.kind === "invitation") return; // role and profile wait for its acceptance
    const due = this.roleOf(id, wanted);
    if (role !== due && role !== own) this.blame(`I3 ${account.id} of ${wanted.email} has the role ${role} instead of ${due}`);
    if (profile["title"] !== wanted.title || profile["name.givenName"] !== wanted.given) this.blame(`I3 ${account.id} of ${wanted.email} has the profile ${JSON.stringify(profile)} instead of ${wanted.title}`);
  }

  roleOf(id: ResourceId, wanted: Desired): string {
    return roleFor([...wanted.roles, ...this.#case.ledger.groupsOf(id)]);
  }

  /** Every write that left has something after it that says what became of it. */
  async #outcomes(): Promise<void> {
    const { ledger, vendor, store } = this.#case;
    const last = new Map<ResourceId, number>();
    for (let afterSeq = 0; ; ) {
      const rows = await store.journal(acme, { afterSeq, limit: 1_000 });
      for (const { resource, kind, atMs } of rows) if (resource !== undefined && (kind === "outcome" || kind === "decision")) last.set(resource, atMs);
      if (rows.length < 1_000) break;
      afterSeq = rows.at(-1)?.seq ?? 0;
    }
    for (const { isRead, correlation, sentMs, name } of vendor.calls) {
      const resource = ledger.about.get(correlation);
      if (!isRead && resource !== undefined && (last.get(resource) ?? 0) < sentMs) this.blame(`I11 ${name} for ${resource} has no outcome`);
    }
  }
}
