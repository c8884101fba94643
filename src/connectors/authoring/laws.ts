/**
 * What must hold for every connector that is data, tried on a stand-in: the contract suite's laws that need to know nothing
 * about the vendor.
 *
 * @module
 */
import type { Capability } from "../../model/capability.ts";
import { accountId, roleId } from "../../model/ids.ts";
import { at } from "../kit/json-path.ts";
import type { VendorFault } from "../kit/simulator/faults.ts";
import { apart, fieldsOn } from "../manifest-fields.ts";
import type { Rehearsal } from "./rehearsal.ts";
import { demand, everyMethod } from "./rehearsal.ts";
import { otherPart } from "./samples.ts";

export interface AuthoringLaw {
  readonly name: string;
  /** Methods without which it has nothing to try. */
  readonly needs: readonly Capability[];
  holds(rehearsal: Rehearsal): Promise<void>;
}

const broken: readonly (readonly [string, VendorFault])[] = [
  ["a login page", { kind: "garbage200" }],
  ["an empty body", { kind: "emptyBody200" }],
  ["a body that breaks off", { kind: "truncate" }],
  ["a dropped connection", { kind: "resetBefore" }],
  ["500", { kind: "status", status: 500, body: {} }],
];

/** Tries every method and says which failed otherwise than it should. */
async function each(rehearsal: Rehearsal, wanted: { readonly read: readonly string[]; readonly write: readonly string[] }, when: string): Promise<void> {
  const target = rehearsal.somebody("ann");
  for (const [name, kind, run] of everyMethod(rehearsal, target)) {
    const { failure } = await rehearsal.outcome(run());
    // A write that reads first fails as the read does.
    const allowed = kind === "read" ? wanted.read : [...wanted.write, ...wanted.read];
    demand(failure !== undefined && allowed.includes(failure.kind), `${when}, "${name}" ended as ${failure?.kind ?? "a success"} instead of ${allowed.join(" or ")}`);
  }
}

const reading: readonly AuthoringLaw[] = [
  {
    name: "the check and the control pass where everything is right, and a wrong credential is found",
    needs: [],
    async holds({ connector, open, call, somebody, failure }) {
      somebody("ann");
      await connector.check(call);
      await connector.control(call);
      demand((await failure(open({ wrongKey: true }).check(call))).kind === "credentials", "The check passes, or fails otherwise, with a wrong credential");
    },
  },
  {
    name: "the list shows everybody once, over all pages",
    needs: ["list"],
    async holds({ connector, call, somebody, manifest }) {
      const pages = manifest.paging.style === "none" ? 20 : Math.min(manifest.paging.size.value * 2 + 1, 500);
      const wanted = Array.from({ length: pages }, (_, number) => String(somebody(`person${number}`).account));
      const found: string[] = [];
      for await (const { id } of connector.list?.(call) ?? []) found.push(String(id));
      demand(found.toSorted().join() === wanted.toSorted().join(), `Of ${wanted.length} people the list shows ${found.length}`);
    },
  },
  {
    name: "a lookup compares the whole address, whatever the letter case, and shows role and state",
    needs: ["find"],
    async holds({ connector, call, somebody, roles }) {
      const [ann] = [somebody("ann"), somebody("joann"), somebody("ann.b")];
      const found = (await connector.find?.("ANN@acme.example", call)) ?? [];
      demand(found.length === 1 && found[0]?.id === ann.account, `Looking for ann@acme.example found ${found.length} people: parts of addresses count, or letter case does`);
      demand(found[0]?.role === roles[0], 'The lookup does not show the role, so a privileged account could be adopted; name a call in "complete"');
      demand(found[0]?.active === true, "The lookup does not show that the person is active");
      demand(((await connector.find?.("nobody@acme.example", call)) ?? []).length === 0, "The lookup finds somebody for an address that nobody has");
    },
  },
  {
    name: "one account is read by its id, and who is not there is nobody",
    needs: ["get"],
    async holds({ connector, call, somebody, vendor, roles }) {
      const ann = somebody("ann");
      const shown = await connector.get?.(ann, call);
      demand(shown?.id === ann.account && shown.email === ann.email && shown.role === roles[0] && shown.active === true, `"get" does not show the account whole: ${JSON.stringify(shown)}`);
      await vendor.reset();
      demand((await connector.get?.(ann, call)) === undefined, '"get" shows somebody who is not there');
    },
  },
  ...broken.map(([name, fault]): AuthoringLaw => ({
    name: `${name} is a failed read, never "nobody"`,
    needs: ["find"],
    async holds({ connector, call, somebody, always, failure }) {
      const ann = somebody("ann");
      always({ ...fault, match: { method: "GET" } });
      for (const [method, run] of [["find", () => connector.find?.(ann.email, call)], ["get", () => connector.get?.(ann, call)], ["control", () => connector.control(call)]] as const) {
        const asked = run();
        if (!asked) continue;
        const { kind } = await failure(asked);
        demand(kind === "unreachable" || kind === "protocol", `"${method}" ended as ${kind}`);
      }
    },
  })),
];

const writing: readonly AuthoringLaw[] = [
  {
    name: "a create makes one account, with the address that was asked for, and the lookup finds it",
    needs: ["create"],
    async holds({ connector, call, newcomer, people, manifest }) {
      const made = await connector.create?.(newcomer("new"), call);
      demand(made?.kind === "created" || made?.kind === "invited", `The create ended as ${made?.kind ?? "nothing"}`);
      demand(people().length === 1 && at(people()[0], manifest.account.email) === "new@acme.example", "There is not one account with the address");
      if (made?.kind === "created" && connector.find) demand((await connector.find("new@acme.example", call)).some(({ id }) => id === made.account.id), "The lookup does not find the account that was made");
    },
  },
  {
    name: "a create for an address that is taken makes nobody and says that somebody is there",
    needs: ["create"],
    async holds({ connector, call, newcomer, people, somebody }) {
      somebody("new");
      demand((await connector.create?.(newcomer("new"), call))?.kind === "exists", 'A 409 is not understood as "somebody is there": check the order of the error rules');
      demand(people().length === 1, "A second account was made");
    },
  },
  {
    name: "a create whose answer gets lost is uncertain, and is sent once",
    needs: ["create"],
    async holds({ connector, call, newcomer, vendor, failure, writes, forget, people }) {
      vendor.addFault({ kind: "resetAfter", match: { method: "POST" } });
      forget();
      demand((await failure(connector.create?.(newcomer("new"), call) as Promise<unknown>)).kind === "uncertain", "A lost answer was not uncertain");
      demand(writes().length === 1 && people().length === 1, "The create was sent more than once");
    },
  },
  {
    name: "a create that lacks something required is refused before anything is sent",
    needs: ["create"],
    async holds({ connector, call, newcomer, manifest, failure, writes }) {
      for (const { scim, default: standard } of fieldsOn(manifest, "create", "inferred").filter(({ required, scim: name }) => required && !apart.has(name))) {
        if (standard !== undefined) continue;
        const { profile, ...rest } = newcomer("new");
        const { [scim]: _, ...lacking } = profile;
        demand((await failure(connector.create?.({ ...rest, profile: lacking }, call) as Promise<unknown>)).kind === "invalid" && writes().length === 0, `A create without ${scim} was sent`);
      }
    },
  },
  {
    name: "a change of the profile changes what was asked for, and nothing else of anybody",
    needs: ["updateProfile", "get"],
    async holds({ connector, call, somebody, manifest, people }) {
      const [ann, bob] = [somebody("ann"), somebody("bob")];
      for (const field of fieldsOn(manifest, "update", "inferred").filter(({ scim }) => !apart.has(scim))) {
        const [before, bystander] = [await connector.get?.(ann, call), JSON.stringify(people()[1])];
        await connector.updateProfile?.(ann, { [field.scim]: otherPart(field.scim) }, call);
        const after = await connector.get?.(ann, call);
        const trait = connector.traits.parts.find(({ part }) => part === field.scim);
        const shown = after?.profile[field.scim];
        demand(field.writeOnly || (shown !== undefined && trait?.same(shown, otherPart(field.scim)) === true), `${field.scim} was sent and is not read back: is it read elsewhere ("from")?`);
        const others = Object.keys(before?.profile ?? {}).filter((part) => part !== field.scim && before?.profile[part] !== after?.profile[part]);
        demand(others.length === 0, `Changing ${field.scim} also changed ${others.join(", ")}`);
        demand(after?.role === before?.role && after?.active === before?.active, `Changing ${field.scim} also changed role or state`);
        demand(JSON.stringify(people()[1]) === bystander, `Changing ${field.scim} of one person changed another (${bob.email})`);
      }
    },
  },
  {
    name: "a role is set and read back; a vendor that says yes and does nothing is found out",
    needs: ["setRole", "get"],
    async holds({ connector, call, somebody, roles, vendor, outcome }) {
      const ann = somebody("ann");
      await connector.setRole?.(ann, roleId(roles[1]), call);
      demand((await connector.get?.(ann, call))?.role === roles[1], "The role was set and is not read back");
      await vendor.setSwitches({ liar: "on" });
      const { done } = await outcome(connector.setRole?.(ann, roleId(roles[0]), call) as Promise<{ confirmed: boolean }>);
      demand(done?.confirmed !== true, "A role change without effect is reported as confirmed");
    },
  },
];

const everywhere: readonly AuthoringLaw[] = [
  { name: "401 is the credential's fault, for every method", needs: [], holds: async (rehearsal) => { rehearsal.always({ kind: "status", status: 401 }); await each(rehearsal, { read: ["credentials"], write: ["credentials"] }, "At 401"); } },
  { name: "429 is throttled, for every method", needs: [], holds: async (rehearsal) => { rehearsal.always({ kind: "retryAfter", after: 7 }); await each(rehearsal, { read: ["throttled"], write: ["throttled"] }, "At 429"); } },
  { name: "503 makes a read unreachable and a write uncertain", needs: [], holds: async (rehearsal) => { rehearsal.always({ kind: "status", status: 503, body: "<html>away</html>" }); await each(rehearsal, { read: ["unreachable"], write: ["uncertain"] }, "At 503"); } },
  { name: "a redirect is not followed", needs: [], holds: async (rehearsal) => { rehearsal.always({ kind: "redirect", to: `${rehearsal.vendor.controlUrl}/state` }); await each(rehearsal, { read: ["protocol"], write: ["protocol", "uncertain"] }, "At a redirect"); } },
  {
    name: "nobody is written to but the account that was asked for, and ids cannot lead elsewhere",
    needs: [],
    async holds(rehearsal) {
      const [ann, bob] = [rehearsal.somebody("ann"), rehearsal.somebody("bob")];
      const before = JSON.stringify(rehearsal.record(bob));
      for (const [name, , run] of everyMethod(rehearsal, ann)) if (name !== "create") await rehearsal.outcome(run());
      demand(JSON.stringify(rehearsal.record(bob)) === before, "A method changed somebody else");
      const crooked = { ...ann, account: accountId(`x/../${bob.account}`) };
      for (const [name, kind, run] of everyMethod(rehearsal, crooked)) if (kind === "write" && name !== "create") await rehearsal.outcome(run());
      demand(JSON.stringify(rehearsal.record(bob)) === before, "A crooked id reached somebody else");
    },
  },
  {
    name: "the credential is in nothing that the connector says, even if the vendor repeats it",
    needs: [],
    async holds(rehearsal) {
      const { vendor, said } = rehearsal;
      rehearsal.always({ kind: "status", status: 400, body: { message: `you sent ${vendor.apiKey}`, error: { message: vendor.apiKey }, errors: [{ message: vendor.apiKey }] } });
      for (const [, , run] of everyMethod(rehearsal, rehearsal.somebody("ann"))) await rehearsal.outcome(run());
      for (const secret of [vendor.apiKey, vendor.apiKey.split(" ").at(-1) ?? vendor.apiKey]) demand(!said().includes(secret), "The credential was said");
      demand(!said().includes("Pushed-Passw0rd-1"), "A password was written down: name its field in http.neverLog");
    },
  },
];

export const openingLaws = reading;
export const writingLaws = writing;
export const everyMethodLaws = everywhere;
