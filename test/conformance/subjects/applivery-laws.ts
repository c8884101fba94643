/**
 * What only Applivery gives rise to: a secret in the answer, roles that a create cannot choose, tags that travel with the role,
 * permissions that outlive it, an owner, service accounts, and two calls that perhaps do not exist.
 *
 * @module
 */
import { inspect } from "node:util";
import { expect } from "vitest";
import type { AppliveryState } from "../../../src/connectors/applivery/simulated/state.ts";
import type { RunningSimulator } from "../../../src/connectors/kit/simulator/running.ts";
import type { Law } from "../law.ts";
import type { Stage } from "../stage.ts";
import { targetOf } from "../stage.ts";

const stateOf = (simulator: RunningSimulator) => simulator.state() as AppliveryState;
const tagsOf = ({ simulator }: Stage, id: string) => stateOf(simulator).collaborators.find((one) => one.id === id)?.tags;
const writes = ({ requests }: Stage) => requests().filter(({ method }) => method !== "GET");

export const appliveryLaws: readonly Law[] = [
  {
    name: "neither the role nor a secret is taken from where it is not: the role is the answer's, `oemSecret` is never said",
    holds: async (stage) => {
      const { connector, newcomer, call, simulator, requests, subject, facts } = stage;
      const created = await connector.create(newcomer("ada@acme.example", { role: subject.otherRole }), call);
      expect(created).toMatchObject({ kind: "created", account: { role: facts.newcomerRole } });
      expect(requests(subject.calls.create)).toMatchObject([{ body: { email: "ada@acme.example", firstName: "Ada", lastName: "Byron" } }]);
      expect(requests(subject.calls.create)[0]?.body).not.toHaveProperty("role");
      const secret = stateOf(simulator).accounts.at(-1)?.oemSecret ?? "";
      expect(secret).toHaveLength(32);
      expect(inspect([created, stage.exchanges, connector], { depth: 12, showHidden: true }) + JSON.stringify([created, stage.exchanges]) + stage.said()).not.toContain(secret);
    },
  },
  {
    name: "a full plan refuses the newcomer, a switched-off feature asks for a person, and neither leaves anybody behind",
    holds: async ({ connector, newcomer, call, simulator, failure, everybody }) => {
      simulator.seed({ seats: 0 });
      expect(await failure(connector.create(newcomer("ada@acme.example"), call))).toMatchObject({ kind: "refused", detail: expect.stringContaining("plan") as string });
      simulator.seed({ oem: false });
      expect(await failure(connector.create(newcomer("ada@acme.example"), call))).toMatchObject({ kind: "unsupported", capability: "create", detail: expect.stringContaining("OEM provisioning is off") as string, steps: expect.stringContaining("add Ada Byron <ada@acme.example>") as string });
      expect(everybody()).toEqual([]);
    },
  },
  {
    name: "somebody who has an account elsewhere on the platform is `exists`, and is not found here",
    holds: async ({ connector, newcomer, call, simulator, everybody }) => {
      simulator.seed({ outside: ["elsewhere@acme.example"] });
      expect(await connector.create(newcomer("elsewhere@acme.example"), call)).toEqual({ kind: "exists" });
      expect(await connector.find("elsewhere@acme.example", call)).toEqual([]);
      expect(everybody()).toEqual([]);
    },
  },
  {
    name: "service accounts are nobody: neither found, listed, read, nor written to",
    holds: async (stage) => {
      const { connector, call, all, simulator, outcome } = stage;
      simulator.seed({ collaborators: [{ id: "65d00000000000000000000a", email: "robot@acme.example", userRole: "platformServiceAccount", role: "admin" }] });
      const before = stateOf(simulator);
      expect(await connector.find("robot@acme.example", call)).toEqual([]);
      expect(await connector.find("admin@service.applivery.example", call)).toEqual([]);
      expect(await all(connector.list(call))).toEqual([]);
      for (const { id } of before.collaborators) {
        const target = targetOf({ id, email: "robot@acme.example" });
        expect(await connector.get(target, call)).toBeUndefined();
        for (const asked of [() => connector.deactivate(target, call), () => connector.delete(target, call), () => connector.setRole(target, stage.subject.otherRole, call), () => connector.setTags(target, [], call)]) expect((await outcome(asked())).failure?.kind).toBe("notFound");
      }
      expect(writes(stage)).toEqual([]);
      expect(stateOf(simulator)).toEqual(before);
    },
  },
  {
    name: "the owner is shown and never written to",
    holds: async (stage) => {
      const { connector, call, somebody, subject, failure, everybody } = stage;
      const owner = somebody("olga@acme.example", { role: "owner" });
      expect(await connector.get(targetOf(owner), call)).toMatchObject({ role: "owner", active: true });
      for (const asked of [() => connector.deactivate(targetOf(owner), call), () => connector.delete(targetOf(owner), call), () => connector.setRole(targetOf(owner), subject.otherRole, call), () => connector.setTags(targetOf(owner), ["x"], call), () => connector.reactivate(targetOf(owner), subject.otherRole, call)]) {
        expect(await failure(asked())).toMatchObject({ kind: "refused", detail: expect.stringContaining("owner") as string });
      }
      expect(writes(stage)).toEqual([]);
      expect(everybody()).toEqual([owner]);
    },
  },
  {
    name: "tags survive a role change and a return, and the role survives a change of tags",
    needs: ["setRole", "setTags", "reactivate"],
    holds: async (stage) => {
      const { connector, call, somebody, subject, everybody } = stage;
      const ann = somebody("ann@acme.example");
      await connector.setRole(targetOf(ann), subject.otherRole, call);
      expect(tagsOf(stage, ann.id)).toEqual(["record-1"]);
      expect(await connector.setTags(targetOf(ann), ["emea", "field"], call)).toEqual({ confirmed: true, complete: true });
      expect(tagsOf(stage, ann.id)).toEqual(["emea", "field"]);
      expect(everybody()).toEqual([{ ...ann, role: subject.otherRole }]);
      const left = somebody("left@acme.example", { active: false });
      await connector.reactivate(targetOf(left), subject.otherRole, call);
      expect(tagsOf(stage, left.id)).toEqual(["record-1"]);
      for (const { body } of writes(stage)) expect(Object.keys(body as object).toSorted()).toEqual(["role", "tags"]);
    },
  },
  {
    name: "a call that is not there asks for a person while the account is listed, whatever it was to do",
    when: ({ can }) => !can.has("setRole"),
    holds: async (stage) => {
      const { connector, call, somebody, subject, failure, everybody } = stage;
      const ann = somebody("ann@acme.example");
      for (const asked of [() => connector.setRole(targetOf(ann), subject.otherRole, call), () => connector.setTags(targetOf(ann), [], call), () => connector.reactivate(targetOf(ann), subject.otherRole, call)]) {
        expect(await failure(asked())).toMatchObject({ kind: "unsupported", steps: expect.stringContaining("ann@acme.example") as string });
      }
      expect(everybody()).toEqual([ann]);
    },
  },
  {
    name: "a denial without any call that works asks for a person, and has tried both",
    when: ({ can }) => !can.has("deactivate"),
    holds: async (stage) => {
      const { connector, call, somebody, failure, everybody } = stage;
      const ann = somebody("ann@acme.example");
      for (const capability of ["deactivate", "delete"] as const) {
        expect(await failure(connector[capability](targetOf(ann), call))).toMatchObject({ kind: "unsupported", capability, steps: expect.stringContaining("ann@acme.example") as string });
      }
      expect(writes(stage).map(({ method }) => method).toSorted()).toEqual(["DELETE", "DELETE", "PUT", "PUT"]);
      expect(everybody()).toEqual([ann]);
    },
  },
  {
    name: "unassigning is partial: it empties the tags and names every segment permission that lists the address, and no other",
    needs: ["setRole"],
    holds: async (stage) => {
      const { open, call, somebody, simulator } = stage;
      const ann = somebody("ann@acme.example");
      simulator.seed({
        permissions: [
          { id: "65c000000000000000000001", name: "Kiosk", emails: ["ANN@acme.example"] }, { id: "65c000000000000000000002", name: "By tag", groups: [["record-1"]] },
          { id: "65c000000000000000000003", name: "Another's", emails: ["joann@acme.example", "ann@acme.example.evil.example"] }, ...Array.from({ length: 120 }, (_, at) => ({ name: `Filler ${at}`, emails: [`person${at}@acme.example`] })),
          { id: "65c000000000000000000004", name: "On page two", emails: ["ann@acme.example"] },
        ],
      });
      const done = await (await open({ onDeactivate: ["unassign"] })).deactivate(targetOf(ann), call);
      expect(done).toMatchObject({ confirmed: true, complete: false, by: "unassign" });
      expect(done.left).toContain('65c000000000000000000001 ("Kiosk"), 65c000000000000000000004 ("On page two")');
      expect(done.left).not.toMatch(/Another's|By tag|Filler/);
      expect(stateOf(simulator).access.find(({ email }) => email === ann.email)?.permissions).toEqual(["65c000000000000000000001", "65c000000000000000000004"]);
      expect(writes(stage)).toMatchObject([{ method: "PUT", body: { role: "unassigned", tags: [] } }]);
    },
  },
  {
    name: "somebody who is only unassigned counts as removed by nobody",
    when: ({ strategies = [] }) => !strategies.includes("remove"),
    holds: async ({ open, call, somebody, failure }) => {
      const left = somebody("left@acme.example", { active: false });
      expect((await failure((await open({ onDeactivate: ["remove"] })).deactivate(targetOf(left), call))).kind).toBe("unsupported");
    },
  },
  {
    name: "app-store users, other people's permissions and OEM secrets are never called",
    holds: async ({ connector, call, newcomer, somebody, outcome, requests, simulator, subject }) => {
      simulator.seed({ permissions: [{ emails: ["ann@acme.example"] }] });
      const ann = somebody("ann@acme.example");
      await connector.create(newcomer("ada@acme.example"), call);
      for (const asked of [() => connector.setRole(targetOf(ann), subject.otherRole, call), () => connector.setTags(targetOf(ann), [], call), () => connector.deactivate(targetOf(ann), call), () => connector.delete(targetOf(ann), call)]) await outcome(asked());
      expect(requests({ path: "/employees|/secret" })).toEqual([]);
      expect(requests({ path: "/segment-permissions" }).filter(({ method }) => method !== "GET")).toEqual([]);
    },
  },
];
