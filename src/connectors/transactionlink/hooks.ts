/**
 * What TransactionLink's manifest cannot say: people are invited, an invitation becomes an account without pointing to it, and
 * a profile is written whole.
 *
 * @see FACTS.md
 * @module
 */
import { Fault } from "../../model/failure.ts";
import type { Json, JsonObject } from "../../model/json.ts";
import type { Profile } from "../../model/person.ts";
import type { Connector } from "../connector.ts";
import type { Hooks } from "../hooks.ts";
import { at } from "../kit/json-path.ts";
import { terminate } from "./ending.ts";
import { createHook, reactivateHook, unknownRole } from "./granting.ts";
import { accountOf, openInvitations } from "./invitations.ts";

const methods: NonNullable<Hooks["methods"]> = {
  /** A role that new people could not have is found now, not with the first of them. */
  check: {
    needs: [],
    open: (kit, base) => async (call) => {
      await base.check(call);
      if (!base.listRoles) return;
      const role = (await base.listRoles(call)).find(({ id }) => id === kit.defaultRole);
      const wrong = !role ? "names no role of this organisation" : role.name === "owner" ? "names the owner's role, which new people must not have" : undefined;
      if (wrong !== undefined) throw new Fault({ kind: "invalid", field: "settings.defaultRoleId", detail: `The setting defaultRoleId ${wrong} in TransactionLink` });
    },
  },
  /** Members first; who is none may have an invitation, which a second one would double. */
  find: {
    needs: ["list"],
    open(kit, base) {
      const invitations = openInvitations(kit);
      return async (email, call) => {
        const members = (await base.find?.(email, call)) ?? [];
        return members.length > 0 ? members : invitations.pending(email, call);
      };
    },
  },
  get: {
    needs: ["get"],
    open(kit, base) {
      const invitations = openInvitations(kit);
      return async (target, call) => (target.kind === "account" ? base.get?.(target, call) : invitations.standing(target, call));
    },
  },
  create: createHook,
  /** A field that is left out may be cleared: the change, else what is shown, else what was last applied. */
  updateProfile: {
    needs: ["updateProfile", "get"],
    open(kit) {
      const invitations = openInvitations(kit);
      return async (asked, changes, call) => {
        if (Object.keys(changes).length === 0) return { confirmed: false, complete: true };
        kit.changeBody(changes); // refused before anything is read or sent
        const { target, became } = await accountOf(invitations, asked, call);
        const shown = await kit.lookUp("get", target.account, call);
        if (!shown) throw new Fault({ kind: "notFound", detail: "TransactionLink does not know the member" });
        await kit.run("updateProfile", { values: { id: target.account }, body: kit.changeBody(changes, whole(shown.record, target.applied)) }, call);
        return { confirmed: false, complete: true, ...(became && { account: became }) };
      };
    },
  },
  setRole: {
    needs: ["setRole", "get"],
    open(kit, base) {
      const invitations = openInvitations(kit);
      return async (asked, role, call) => {
        const { target, became } = await accountOf(invitations, asked, call);
        const done = await needed(base.setRole)(target, role, call).catch(async (thrown: unknown) => {
          throw thrown instanceof Fault && thrown.failure.kind === "notFound" && (await kit.lookUp("get", target.account, call)) ? unknownRole(thrown) : thrown;
        });
        return became ? { ...done, account: became } : done;
      };
    },
  },
  reactivate: reactivateHook,
};

export const hooks: Hooks = { methods, strategies: { terminate } };

const parts = { firstName: "name.givenName", lastName: "name.familyName", title: "title" } as const;

/** The record with every part that it does not show filled in from what was last applied. */
function whole(record: Json, applied: Profile = {}): JsonObject {
  const profile = Object.entries(parts).map(([field, part]) => [field, at(record, `profile.${field}`) ?? (at(record, `profile.${field}`) === null ? null : (applied[part] ?? null))] as const);
  return { profile: Object.fromEntries(profile) };
}

function needed<Name extends "setRole">(method: Connector[Name]): NonNullable<Connector[Name]> {
  if (!method) throw new Fault({ kind: "internal", detail: "A hook of TransactionLink lacks the method it builds on" });
  return method;
}
