/**
 * What Enlivy's manifest cannot say: a trash beside the list, a return in two steps, an edit that may want the whole record,
 * languages of which nobody can read the list, tags one at a time, and roles that must fit their purpose.
 *
 * @module
 */
import { Fault } from "../../model/failure.ts";
import type { ProfileChange } from "../../model/person.ts";
import type { Call, Done, Target } from "../connector.ts";
import type { Hooks } from "../hooks.ts";
import { checkRoles } from "./roles.ts";
import { setTags } from "./tags.ts";
import { evenInTrash, look, proven, reactivate } from "./trash.ts";
import { edit, editWhole, refusesLanguage, wantsWhole } from "./whole.ts";

export const hooks: Hooks = {
  methods: {
    check: {
      needs: ["list", "roles"],
      open: (kit, base) => async (call) => {
        await base.check(call);
        await checkRoles(kit, call);
      },
    },
    get: { needs: ["get", "trashed"], open: (kit) => async ({ account }, call) => (await look(kit, account, call))?.account },
    create: {
      needs: ["create"],
      open: (_kit, { create }) => async (wanted, call) => {
        const made = there(create);
        return made(wanted, call).catch((thrown: unknown) => {
          const { locale, ...profile } = wanted.profile;
          // Refused, so surely not carried out: this is the first create, not the second.
          if (locale === undefined || !refusesLanguage(thrown)) throw thrown;
          return made({ ...wanted, profile }, call);
        });
      },
    },
    updateProfile: {
      needs: ["update", "get"],
      open: (kit, { updateProfile }) => {
        const written = there(updateProfile);
        const edited = (target: Target, changes: ProfileChange, call: Call): Promise<Done> =>
          written(target, changes, call).catch(async (thrown: unknown) => {
            const body = kit.changeBody(changes, undefined, { known: target.applied });
            if (!wantsWhole(thrown, body)) throw thrown;
            await editWhole(kit, target, body, call);
            return { confirmed: false, complete: true };
          });
        return (target, changes, call) =>
          edited(target, changes, call).catch(async (thrown: unknown) => {
            const { locale, ...others } = changes;
            if (typeof locale !== "string" || !refusesLanguage(thrown)) throw thrown;
            return { ...(await edited(target, others, call)), note: `${kit.title} does not have the language "${locale}": it was left out` };
          });
      },
    },
    setRole: {
      needs: ["update", "get", "trashed"],
      open: (kit, { setRole }) => (target, role, call) =>
        there(setRole)(target, role, call).catch(async (thrown: unknown) => {
          const body = { organization_user_role_id: role };
          if (!wantsWhole(thrown, body)) throw thrown;
          await editWhole(kit, target, body, call);
          return proven(kit, target, (account) => account.role === role, call);
        }),
    },
    reactivate: {
      needs: ["restore", "update", "get", "trashed"],
      open: (kit) => (target, role, call) => reactivate(kit, target, role, (wanted) => edit(kit, target, { organization_user_role_id: wanted }, call), call),
    },
    setTags: { needs: ["get", "trashed", "addTag", "removeTag"], open: (kit) => (target, tags, call) => setTags(kit, target, tags, call) },
  },
  strategies: {
    withoutAccess: (kit, written) => evenInTrash(kit, async (target, call) =>
      there(written)(target, call).catch(async (thrown: unknown) => {
        const body = { organization_user_role_id: String(kit.settings["noAccessRoleId"]) };
        if (!wantsWhole(thrown, body)) throw thrown;
        await editWhole(kit, target, body, call);
        return proven(kit, target, ({ active }) => active === false, call);
      })),
    evenInTrash,
  },
};

/** What the manifest gives whenever the hook's `needs` are allowed. */
function there<Method>(method: Method | undefined): Method {
  if (method === undefined) throw new Fault({ kind: "internal", detail: "A hook of Enlivy's lacks what its manifest gives" });
  return method;
}
