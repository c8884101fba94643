/**
 * What Applivery's manifest cannot say: a removal that only looks like one, and segment permissions that outlive the role.
 *
 * @see FACTS.md "What follows from them"
 * @module
 */
import type { Capability } from "../../model/capability.ts";
import { Fault, failureOf } from "../../model/failure.ts";
import type { Json } from "../../model/json.ts";
import type { Call, Target } from "../connector.ts";
import type { HookKit, Hooks } from "../hooks.ts";
import { firstText } from "../kit/json-path.ts";
import { quote } from "../kit/quote.ts";

/** The role of a collaborator who is in the workspace and has none. */
const unassigned = "unassigned";
/** More names than this in one task help nobody. */
const mostNamed = 100;

export const hooks: Hooks = {
  methods: {
    check: {
      needs: [],
      open: (kit, base) => async (call) => {
        if (!kit.may("list")) throw notPossible(`${kit.title} has nothing that can be read where only calls of the seed document are allowed, so the token cannot be checked`, "list");
        await base.check(call);
      },
    },
    reactivate: {
      needs: ["list", "update"],
      open: (kit, base) => async (target, role, call) => {
        // "Unassigned" is what taking the access away leaves: giving it back would change nothing and look like a success.
        if (role === undefined || role === unassigned || !base.reactivate) throw notPossible(`${kit.title} gives access by a role, and none is known for this person`);
        return base.reactivate(target, role, call);
      },
    },
  },
  strategies: {
    /** Somebody who is still listed, with the role unassigned, was not removed: the next strategy says what is left. */
    remove: (kit, written) => async (target, call) => {
      const done = await needed(written)(target, call);
      if (!done.gone) throw notPossible(`${kit.title} still lists the account after its removal`);
      return done;
    },
    unassign: (kit, written) => async (target, call) => {
      const done = await needed(written)(target, call);
      await demandNoTags(kit, target, call);
      return { ...done, complete: false, left: await leftOf(kit, target.email, call) };
    },
  },
};

/** The steps, and mostly the capability, are filled in by the engine. */
const notPossible = (detail: string, capability: Capability = "deactivate"): Fault => new Fault({ kind: "unsupported", capability, steps: "", detail });

function needed<Written>(written: Written | undefined): Written {
  if (written === undefined) throw new Fault({ kind: "internal", detail: "A strategy of Applivery lacks its call" });
  return written;
}

/** Tags are what segment permissions go by. @throws Fault `protocol` when some are still shown, `uncertain` when it cannot be seen */
async function demandNoTags({ title, lookUp }: HookKit, { account, email }: Target, call: Call): Promise<void> {
  const shown = await lookUp("list", account, call, email).catch((thrown: unknown) => {
    const { kind, detail } = failureOf(thrown);
    if (kind === "internal" || kind === "credentials") throw thrown;
    // A write has been sent: nobody may take the failed read for "never sent".
    throw new Fault({ kind: "uncertain", detail: `${title} accepted the change, but it could not be read back: ${detail}` }, { cause: thrown });
  });
  if (!shown) throw new Fault({ kind: "notFound", detail: `${title} accepted the change, and then no longer knew the account` });
  if (shown.account.tags?.length !== 0) throw new Fault({ kind: "protocol", detail: `${title} accepted that the tags are taken away, and still shows some` });
}

/** What still lets the person in, for the one who has to see to it. */
async function leftOf(kit: HookKit, email: string | undefined, call: Call): Promise<string> {
  const stays = `the person is still a collaborator, with the role ${unassigned}`;
  if (email === undefined) return `${stays}; look through the segment permissions for the address, which is not known here`;
  const isMeant = (text: string): boolean => kit.same("email", text, email);
  const named: string[] = [];
  try {
    for await (const page of kit.pages("permissions", {}, call)) named.push(...page.filter((permission) => lists(permission, isMeant)).map(nameOf));
  } catch (thrown) {
    const { kind, detail } = failureOf(thrown);
    if (kind === "internal") throw thrown;
    // Asked again with the denial, which may be repeated, until there is an answer.
    if (kind === "unreachable" || kind === "throttled") throw new Fault({ kind: "uncertain", detail: `${kit.title} took the role away, but its segment permissions could not be read: ${detail}` }, { cause: thrown });
    return `${stays}; its segment permissions could not be listed, so look through them for ${email}`;
  }
  if (named.length === 0) return `${stays}; no segment permission lists ${email}. Remove the person`;
  const more = named.length > mostNamed ? ` and ${named.length - mostNamed} more` : "";
  return `${stays}; take ${email} out of the segment permission${named.length === 1 ? "" : "s"} ${named.slice(0, mostNamed).join(", ")}${more}, and remove the person`;
}

/** The documents print the shape garbled, so the address counts wherever it stands. */
function lists(permission: Json, isMeant: (text: string) => boolean): boolean {
  if (typeof permission === "string") return isMeant(permission.trim());
  return typeof permission === "object" && permission !== null && Object.values(permission).some((inner: Json) => lists(inner, isMeant));
}

function nameOf(permission: Json): string {
  const id = quote(firstText(permission, ["id", "_id"]) ?? "without an id", []);
  const name = firstText(permission, ["name"]);
  return name === undefined ? id : `${id} ("${quote(name, [])}")`;
}
