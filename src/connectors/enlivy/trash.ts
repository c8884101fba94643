/**
 * Enlivy's trash: whoever was deleted is not there by id, but still in the list of those with this id, and can be restored.
 *
 * @module
 */
import { Fault, failureOf } from "../../model/failure.ts";
import type { AccountId, RoleId } from "../../model/ids.ts";
import type { Json } from "../../model/json.ts";
import type { Account } from "../../model/person.ts";
import type { Call, Done, Target } from "../connector.ts";
import type { Denial, HookKit } from "../hooks.ts";

interface Shown {
  readonly record: Json;
  readonly account: Account;
}

/** By id, trash included; `undefined` = nobody, or no longer. */
export async function look(kit: HookKit, id: AccountId, call: Call): Promise<Shown | undefined> {
  return (await kit.lookUp("get", id, call)) ?? lookInList(kit, id, call);
}

async function lookInList(kit: HookKit, id: AccountId, call: Call): Promise<Shown | undefined> {
  for await (const page of kit.pages("trashed", { id }, call)) {
    for (const record of page) {
      const account = kit.account(record);
      if (account?.id === id) return { record, account };
    }
  }
  return undefined;
}

/**
 * Reads back what a write was to bring about.
 *
 * @throws Fault `protocol` when something else is shown, `notFound` when nobody is, `uncertain` when it cannot be read: the write has been sent
 */
export async function proven(kit: HookKit, { account: id }: Pick<Target, "account">, holds: (account: Account) => boolean, call: Call): Promise<Done> {
  let shown: Shown | undefined;
  try {
    shown = await look(kit, id, call);
  } catch (thrown) {
    const { kind, detail } = failureOf(thrown);
    if (kind === "internal" || kind === "credentials") throw thrown;
    throw new Fault({ kind: "uncertain", detail: `${kit.title} accepted the change, but it could not be read back: ${detail}` }, { cause: thrown });
  }
  if (!shown) throw unknown(kit);
  if (!holds(shown.account)) throw new Fault({ kind: "protocol", detail: `${kit.title} accepted the change and still shows the old state` });
  return { confirmed: true, complete: true };
}

export const unknown = (kit: HookKit, cause?: unknown): Fault => new Fault({ kind: "notFound", detail: `${kit.title} does not know the account` }, { cause });

export const isNotFound = (thrown: unknown): boolean => failureOf(thrown).kind === "notFound";

/** Whoever lies in the trash has lost the access as well, and is not gone: the record can come back. */
export const evenInTrash = (kit: HookKit, written: Denial | undefined): Denial => async (target, call) => {
  if (!written) throw new Fault({ kind: "internal", detail: "A denial of Enlivy's without a call" });
  try {
    const done = await written(target, call);
    return done.gone ? { ...done, gone: false, note: "in the trash, from which Enlivy removes it for good on a schedule of its own" } : done;
  } catch (thrown) {
    if (!isNotFound(thrown) || (await lookInList(kit, target.account, call))?.account.active !== false) throw thrown;
    return { confirmed: true, complete: true, note: "in the trash already" };
  }
};

/**
 * Back to work: the role, and out of the trash first where that is needed. The edit is tried before anything is looked at, so
 * that whoever was never trashed returns with one call and its proof.
 *
 * @param role `undefined` = the one that the account has; nobody returns into the one without access
 */
export async function reactivate(kit: HookKit, target: Target, role: RoleId | undefined, setRole: (role: RoleId) => Promise<unknown>, call: Call): Promise<Done> {
  const own = opening(kit, role) ?? (await ownRole(kit, target, call));
  const edited = own === undefined ? false : await setRole(own).then(() => true, (thrown: unknown) => {
    if (!isNotFound(thrown)) throw thrown;
    return false;
  });
  if (edited) return proven(kit, target, ({ active, role: shown }) => active === true && shown === own, call);
  const restored = await restore(kit, target, call);
  const wanted = own ?? restored.role;
  if (wanted !== undefined && restored.role !== wanted) await setRole(wanted);
  return proven(kit, target, ({ active, role: shown }) => active === true && shown === wanted, call);
}

/** The role, or the default one in place of the one without access. */
const opening = ({ settings, defaultRole }: HookKit, role: RoleId | undefined): RoleId | undefined => (role !== undefined && role === settings["noAccessRoleId"] ? defaultRole : role);

/** The role that somebody left with. */
async function ownRole(kit: HookKit, { account: id }: Target, call: Call): Promise<RoleId | undefined> {
  const shown = await look(kit, id, call);
  if (!shown) throw unknown(kit);
  return opening(kit, shown.account.role);
}

/** @throws Fault `notFound` for whom the sweep has taken, or who never was */
async function restore(kit: HookKit, { account: id }: Target, call: Call): Promise<Account> {
  try {
    const record = await kit.item("restore", { values: { id } }, call);
    const account = kit.account(record);
    if (account?.id !== id) throw new Fault({ kind: "uncertain", detail: `${kit.title} restored an account without showing which one it is` });
    return account;
  } catch (thrown) {
    const { kind } = failureOf(thrown);
    if (kind !== "notFound" && kind !== "invalid" && kind !== "conflict") throw thrown;
    const shown = await look(kit, id, call);
    if (!shown) throw unknown(kit, thrown);
    // Somebody else was faster.
    if (shown.account.active !== false) return shown.account;
    throw kind === "notFound" ? new Fault({ kind: "protocol", detail: `${kit.title} answers 404 to "restore" and still shows the account in the trash` }, { cause: thrown }) : thrown;
  }
}
