/**
 * Laws of reading: a broken answer is never "nobody".
 *
 * @module
 */
import { expect } from "vitest";
import type { VendorFault } from "../../../src/connectors/kit/simulator/faults.ts";
import type { Law } from "../law.ts";
import { targetOf } from "../stage.ts";

const brokenReads: readonly (readonly [string, VendorFault])[] = [
  ["a login page", { kind: "garbage200" }],
  ["an empty body", { kind: "emptyBody200" }],
  ["a body that breaks off", { kind: "truncate" }],
  ["a body that ends early", { kind: "truncate", clean: true }],
  ["a body larger than any may be", { kind: "hugeBody" }],
  ["a dropped connection", { kind: "resetBefore" }],
  ["500", { kind: "status", status: 500, body: { error: "boom" } }],
  ["503 of a proxy", { kind: "status", status: 503, body: "<html>Unavailable</html>" }],
  ["204 and nothing", { kind: "status", status: 204 }],
];

export const reading: readonly Law[] = [
  {
    name: "the list shows everybody once",
    holds: async ({ connector, call, all, simulator, subject, everybody, facts }) => {
      simulator.seed(subject.seed(Array.from({ length: 120 }, (_, number) => ({ email: `person${number}@acme.example` }))));
      const listed = await all(connector.list(call));
      const ids = listed.map(({ id }) => String(id));
      expect(new Set(ids).size).toBe(ids.length);
      expect(ids.toSorted()).toEqual(everybody().slice(0, facts.listCap).map(({ id }) => id).toSorted());
      expect(listed.every(({ email, active }) => email !== undefined && active === (facts.hides?.status ? undefined : true))).toBe(true);
    },
  },
  {
    name: "an empty tenant is an empty list, and a sound one",
    holds: async ({ connector, call, all }) => {
      expect(await all(connector.list(call))).toEqual([]);
      await connector.check(call);
      await connector.control(call);
    },
  },
  {
    name: "one account is shown whole; whoever is not there is `undefined`",
    holds: async ({ connector, call, somebody, subject, facts: { hides } }) => {
      const ann = somebody("ann@acme.example", { role: subject.otherRole, active: hides?.inactive ?? false });
      expect(await connector.get(targetOf(ann), call)).toMatchObject({ id: ann.id, kind: "account", email: ann.email, role: ann.role, active: hides?.status ? undefined : ann.active, profile: hides?.names ? {} : { "name.givenName": "Pat", "name.familyName": "Doe" } });
      expect(await connector.get(targetOf({ id: "usr-nobody", email: "x@acme.example" }), call)).toBeUndefined();
    },
  },
  {
    name: "many reads at once keep their answers apart",
    holds: async ({ connector, call, somebody }) => {
      const people = Array.from({ length: 20 }, (_, number) => somebody(`person${number}@acme.example`));
      const found = await Promise.all(people.map((person) => connector.get(targetOf(person), call)));
      expect(found.map((account) => account?.email)).toEqual(people.map(({ email }) => email));
    },
  },
  ...brokenReads.map(([name, fault]): Law => ({
    name: `${name} is a failed read, never "nobody", for find, get, list, control and check`,
    holds: async ({ connector, call, somebody, always, all, failure }) => {
      const ann = somebody("ann@acme.example");
      always({ method: "GET" }, fault);
      const asks = { find: () => connector.find(ann.email, call), get: () => connector.get(targetOf(ann), call), list: () => all(connector.list(call)), control: () => connector.control(call), check: () => connector.check(call) };
      for (const [method, ask] of Object.entries(asks)) {
        const { kind, detail } = await failure(ask());
        expect(["unreachable", "protocol"], `${method}: ${detail}`).toContain(kind);
      }
    },
  })),
  {
    name: "a list that contradicts the documents is `protocol`, or `credentials` where a weak key would see as little, never an empty list",
    holds: async ({ connector, call, somebody, simulator, subject, all, failure }) => {
      somebody("ann@acme.example");
      for (const body of subject.wrongAnswers.list) {
        simulator.addFault({ kind: "garbage200", body, match: { times: 2 } });
        expect((await failure(connector.find("ann@acme.example", call))).kind, `find: ${JSON.stringify(body)}`).toMatch(/^(protocol|credentials)$/);
        expect((await failure(all(connector.list(call)))).kind, `list: ${JSON.stringify(body)}`).toMatch(/^(protocol|credentials)$/);
      }
    },
  },
];
