/**
 * Laws of changing: roles, return, names. Grants are sent once; only what changes is sent; only the linked account is touched (I5).
 *
 * @module
 */
import { expect } from "vitest";
import type { Target } from "../../../src/connectors/connector.ts";
import type { VendorFault } from "../../../src/connectors/kit/simulator/faults.ts";
import type { Law } from "../law.ts";
import { truthful } from "../law.ts";
import { targetOf } from "../stage.ts";

const lost: readonly VendorFault[] = [{ kind: "resetAfter" }, { kind: "resetBefore" }, { kind: "garbage200" }, { kind: "emptyBody200" }, { kind: "truncate" }, { kind: "status", status: 502, committed: true }];

export const changing: readonly Law[] = [
  {
    name: "a role is set and read back",
    when: truthful,
    needs: ["setRole"],
    holds: async ({ connector, call, somebody, everybody, subject }) => {
      const [ann, joann] = [somebody("ann@acme.example"), somebody("joann@acme.example")];
      expect(await connector.setRole(targetOf(ann), subject.otherRole, call)).toMatchObject({ confirmed: true, complete: true });
      expect(everybody()).toEqual([{ ...ann, role: subject.otherRole }, joann]);
    },
  },
  {
    name: "a role that the vendor does not know is refused and changes nothing",
    when: ({ knowsItsRoles }) => knowsItsRoles,
    needs: ["setRole"],
    holds: async ({ connector, call, somebody, everybody, subject, failure }) => {
      const ann = somebody("ann@acme.example");
      expect(["invalid", "refused"]).toContain((await failure(connector.setRole(targetOf(ann), subject.unknownRole, call))).kind);
      expect(everybody()).toEqual([ann]);
    },
  },
  {
    name: "who returns is switched on and read back",
    when: truthful,
    needs: ["reactivate"],
    holds: async ({ connector, call, somebody, everybody, subject, facts: { hides } }) => {
      const left = somebody("left@acme.example", { active: false, role: subject.otherRole });
      expect(await connector.reactivate(targetOf(left), subject.otherRole, call)).toMatchObject({ confirmed: hides === undefined || !hides.status, complete: true });
      expect(everybody()).toEqual([{ ...left, active: true, role: subject.otherRole }]);
    },
  },
  {
    name: "a return that the vendor only claims to have done is no success",
    when: ({ lies }) => lies,
    needs: ["reactivate"],
    holds: async ({ connector, call, somebody, everybody, subject, failure }) => {
      const left = somebody("left@acme.example", { active: false });
      expect((await failure(connector.reactivate(targetOf(left), subject.defaultRole, call))).kind).toBe("protocol");
      expect(everybody()).toEqual([left]);
    },
  },
  {
    name: "a full plan refuses a return and says so",
    when: ({ whenFull }) => whenFull !== undefined,
    needs: ["reactivate"],
    holds: async ({ connector, call, somebody, everybody, simulator, subject, facts, failure }) => {
      const left = somebody("left@acme.example", { active: false });
      simulator.seed(subject.seed([], 0));
      expect((await failure(connector.reactivate(targetOf(left), subject.defaultRole, call))).kind).toBe(facts.whenFull);
      expect(everybody()).toEqual([left]);
    },
  },
  {
    name: "a grant or a new name whose answer was lost is uncertain, and was sent once",
    when: truthful,
    needs: ["reactivate", "setRole"],
    holds: async ({ connector, call, somebody, simulator, subject, failure, requests, forget, facts }) => {
      const asks = {
        reactivate: (left: Target) => connector.reactivate(left, subject.defaultRole, call),
        setRole: (left: Target) => connector.setRole(left, subject.otherRole, call),
        ...(facts.can.has("updateProfile") && { updateProfile: (left: Target) => connector.updateProfile(left, { "name.givenName": "Augusta" }, call) }),
      };
      for (const [name, ask] of Object.entries(asks)) {
        for (const [number, fault] of lost.entries()) {
          if (facts.bodiless && fault.kind === "truncate") continue; // of nothing, half is nothing
          if (facts.wantsNoBody && fault.kind === "emptyBody200") continue;
          const left = somebody(`${name.toLowerCase()}${number}@acme.example`, { active: name !== "reactivate" });
          forget();
          for (const method of ["PATCH", "PUT", "POST"]) simulator.addFault({ ...fault, match: { method, path: subject.calls.change(left.id).path } });
          expect((await failure(ask(targetOf(left)))).kind, `${name}, ${fault.kind}`).toBe("uncertain");
          expect(requests().filter(({ method }) => method !== "GET"), `${name}, ${fault.kind}`).toHaveLength(1);
          await simulator.clearFaults();
        }
      }
    },
  },
  {
    name: "once a grant was acknowledged, a read-back that fails never says that nothing was done",
    when: truthful,
    needs: ["reactivate", "setRole"],
    holds: async ({ connector, call, somebody, simulator, subject, outcome }) => {
      const left = somebody("left@acme.example", { active: false });
      for (const fault of [{ kind: "status", status: 500 }, { kind: "resetBefore" }, { kind: "retryAfter", after: 5 }, { kind: "garbage200" }] as const) {
        for (const ask of [() => connector.reactivate(targetOf(left), subject.defaultRole, call), () => connector.setRole(targetOf(left), subject.otherRole, call)]) {
          simulator.addFault({ ...fault, match: { ...subject.calls.one(left.id), nth: subject.readsFirst ? 2 : 1 } });
          const { done, failure } = await outcome(ask());
          if (failure) expect(["uncertain", "protocol"], JSON.stringify(fault)).toContain(failure.kind);
          else expect(done.confirmed, fault.kind).toBe(false);
          await simulator.clearFaults();
        }
      }
    },
  },
  {
    name: "a new name reaches this account, and only what changes is sent",
    when: truthful,
    needs: ["updateProfile"],
    holds: async ({ connector, call, somebody, everybody, requests, subject }) => {
      const [ann, joann] = [somebody("ann@acme.example"), somebody("joann@acme.example")];
      await connector.updateProfile({ ...targetOf(ann), applied: { "name.givenName": ann.givenName, "name.familyName": ann.familyName } }, { "name.givenName": "Anna" }, call);
      expect(everybody()).toEqual([{ ...ann, givenName: "Anna" }, joann]);
      if (!subject.writesWhole) expect(JSON.stringify(requests().map(({ body }) => body))).not.toContain(ann.familyName);
    },
  },
  {
    name: "what the vendor cannot hold or cannot empty is never sent",
    needs: ["updateProfile"],
    holds: async ({ connector, call, somebody, everybody, requests, failure, outcome }) => {
      const ann = somebody("ann@acme.example");
      const cannotEmpty = connector.traits.parts.filter(({ onUpdate, clearable }) => onUpdate && !clearable);
      for (const { part } of cannotEmpty) {
        expect((await failure(connector.updateProfile(targetOf(ann), { [part]: null }, call))).kind, part).toBe("invalid");
      }
      const cannotWrite = connector.traits.parts.filter(({ onUpdate }) => !onUpdate);
      for (const { part } of cannotWrite) {
        await outcome(connector.updateProfile(targetOf(ann), { [part]: "Chief of Nothing" }, call));
      }
      expect(JSON.stringify(requests())).not.toContain("Chief of Nothing");
      expect(everybody()).toEqual([ann]);
    },
  },
];
