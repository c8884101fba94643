/**
 * The simulated vendor as a connector: the contract of `src/connectors/connector.ts`, as the kit and the built-in connectors keep it.
 *
 * @module
 */
import type { Call, Connector, Created, Done, NewAccount, PartTrait, Target } from "../../src/connectors/connector.ts";
import { Fault, failureOf } from "../../src/model/failure.ts";
import type { AccountId, RoleId } from "../../src/model/ids.ts";
import { roleId } from "../../src/model/ids.ts";
import type { Account as Shown, Profile, ProfileChange } from "../../src/model/person.ts";
import type { Life } from "./life.ts";
import type { Account, Asked, SimVendor, State } from "./vendor.ts";

export const standardRole = roleId("user");

const part = (name: string): PartTrait => ({ part: name, onCreate: true, onUpdate: true, required: false, clearable: true, same: (a, b) => a === b });

/** As one process sees the vendor. */
export function connectorOf(vendor: SimVendor, life: Life): Connector {
  const { kind } = vendor;
  const write = <T>(name: string, asked: Partial<Asked>, call: Call, carryOut: () => T): Promise<T> => vendor.exchange(life, call, { name, isRead: false, account: undefined, email: undefined, role: undefined, ...asked }, carryOut);
  const look = <T>(name: string, asked: Partial<Asked>, call: Call, answer: () => T): Promise<T> => vendor.exchange(life, call, { name, isRead: true, account: undefined, email: undefined, role: undefined, ...asked }, answer);

  const known = (id: AccountId): Account => {
    const account = vendor.there(id);
    if (!account) throw new Fault({ kind: "notFound", detail: "The vendor answered 404." });
    return account;
  };
  const get = (id: AccountId, call: Call) => look("get", { account: id }, call, () => shown(vendor, vendor.there(id)));

  /** What was acknowledged is believed when a read shows it (`manifest-confirm.ts`). */
  async function readBack(id: AccountId, holds: (account: Shown) => boolean, call: Call): Promise<Done> {
    if (!kind.readsBack) return { confirmed: false, complete: true };
    let account: Shown | undefined;
    try {
      account = await get(id, call);
    } catch (thrown) {
      throw new Fault({ kind: "uncertain", detail: `Accepted, but it could not be read back: ${failureOf(thrown).detail}` });
    }
    if (!account) throw new Fault({ kind: "notFound", detail: "The vendor accepted the change, and then no longer knew the account." });
    if (!holds(account)) throw new Fault({ kind: "protocol", detail: "The vendor accepted the change and still shows the old state." });
    return { confirmed: true, complete: true };
  }

  async function endInvitation(target: Target, call: Call): Promise<Done> {
    await write("cancel", { account: target.account }, call, () => {
      const letter = vendor.there(target.account);
      if (letter && letter.became === undefined) vendor.change(letter, { active: false });
    });
    const standing = await standingOf(target, call).catch((thrown: unknown) => {
      throw new Fault({ kind: "uncertain", detail: `Cancelled, but it could not be read back: ${failureOf(thrown).detail}` });
    });
    if (standing?.kind !== "account") return { confirmed: true, complete: true };
    await write("deactivate", { account: standing.id }, call, () => vendor.change(known(standing.id), { active: false }));
    return { ...(await readBack(standing.id, ({ active }) => active === false, call)), account: standing };
  }

  const standingOf = (target: Target, call: Call): Promise<Shown | undefined> =>
    look("look after", { account: target.account }, call, () => {
      const letter = vendor.there(target.account);
      return shown(vendor, letter?.became === undefined ? letter : vendor.there(letter.became));
    });

  const invite = (email: string, role: RoleId, profile: Profile, call: Call): Promise<Shown> =>
    write("invite", { email, role }, call, () => shown(vendor, vendor.make({ email, role, active: true, profile }, "us", "invitation")) as Shown);

  return {
    traits: {
      connector: "simulated",
      title: "Vendor",
      emailIsKey: kind.refusesSecond,
      emailChange: kind.movesEmail ? "possible" : "impossible",
      parts: ["name.givenName", "name.familyName", "title"].map(part),
      defaultRole: standardRole,
      steps: (capability) => `Do it by hand: ${capability}.`,
      missing: () => undefined,
    },
    async check(call) {
      await look("check", {}, call, () => undefined);
    },
    async control(call) {
      await look("list", {}, call, () => undefined);
    },
    find: (email, call) =>
      look("find", { email }, call, () => {
        const all = [...vendor.accounts.values()].flatMap((account): Shown[] => {
          const state = vendor.listed(account);
          return state?.email === email && (account.kind === "account" || vendor.isOpenLetter(account)) ? [view(account, state)] : [];
        });
        const members = all.filter((one) => one.kind === "account");
        return members.length > 0 ? members : all;
      }),
    get: (target, call) => (target.kind === "invitation" ? standingOf(target, call) : get(target.account, call)),

    async create({ email, profile, role = standardRole }: NewAccount, call): Promise<Created> {
      if (kind.invites) return { kind: "invited", account: await invite(email, role, profile, call) };
      try {
        const made = await write("create", { email, role }, call, () => {
          if (kind.refusesSecond && vendor.holds(email).length > 0) throw new Fault({ kind: "conflict", detail: "The vendor answered 409." });
          return shown(vendor, vendor.make({ email, role, active: true, profile }, "us")) as Shown;
        });
        return { kind: "created", account: made };
      } catch (thrown) {
        if (thrown instanceof Fault && thrown.failure.kind === "conflict") return { kind: "exists" };
        throw thrown;
      }
    },
    async updateProfile(target, changes, call) {
      await write("updateProfile", { account: target.account }, call, () => vendor.change(known(target.account), changed(vendor.now(known(target.account)), changes)));
      return { confirmed: false, complete: true };
    },
    async setRole(target, role, call) {
      await write("setRole", { account: target.account, role }, call, () => vendor.change(known(target.account), { role }));
      return readBack(target.account, (account) => account.role === role, call);
    },
    async deactivate(target, call) {
      if (target.kind === "invitation") return endInvitation(target, call);
      await write("deactivate", { account: target.account }, call, () => vendor.change(known(target.account), { active: false }));
      return { ...(await readBack(target.account, ({ active }) => active === false, call)), by: "disable" };
    },
    async reactivate(target, role, call) {
      if (target.kind === "invitation") {
        const standing = await standingOf(target, call);
        if (standing?.kind === "invitation" && standing.active === true) return { confirmed: true, complete: true };
        if (standing?.kind !== "account") return { confirmed: true, complete: true, account: await invite(target.email ?? "", role ?? standardRole, target.applied ?? {}, call) };
        if (standing.active === true) return { confirmed: true, complete: true, account: standing };
        await write("reactivate", { account: standing.id }, call, () => vendor.change(known(standing.id), { active: true }));
        return { confirmed: true, complete: true, account: standing };
      }
      await write("reactivate", { account: target.account }, call, () => vendor.change(known(target.account), { active: true }));
      return { confirmed: true, complete: true };
    },
    async delete(target, call) {
      if (target.kind === "invitation") return endInvitation(target, call);
      if (!kind.deletes) {
        await write("deactivate", { account: target.account }, call, () => vendor.change(known(target.account), { active: false }));
        return { ...(await readBack(target.account, ({ active }) => active === false, call)), by: "disable" };
      }
      await write("delete", { account: target.account }, call, () => vendor.remove(known(target.account)));
      return { confirmed: true, complete: true, gone: true, by: "delete" };
    },
  };
}

const view = ({ id, kind }: Account, { email, role, active, profile }: State): Shown => ({ id, kind, email, role: kind === "invitation" ? undefined : role, active, profile });

const shown = (vendor: SimVendor, account: Account | undefined): Shown | undefined => account && view(account, vendor.now(account));

function changed({ email, profile }: State, changes: ProfileChange): Partial<State> {
  const { email: moved, ...parts } = changes;
  const next = Object.entries({ ...profile, ...parts }).filter((entry): entry is [string, string] => entry[1] !== null);
  return { profile: Object.fromEntries(next), email: moved ?? email };
}
