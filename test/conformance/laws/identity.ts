/**
 * Laws of identity: a search is not identity; the whole address is, letter case apart (I4).
 *
 * @module
 */
import { expect } from "vitest";
import { accountId } from "../../../src/model/ids.ts";
import type { Law } from "../law.ts";
import { targetOf } from "../stage.ts";

/** Ids that would lead elsewhere if they were pasted into a path. */
const crookedIds = ["..", ".", "", "../users", "a/b", "a?search=b", "a#b", "%2e%2e", "a%2Fb", "a\\b", "a b", "a\r\nx: y", "ü"];

export const identity: readonly Law[] = [
  {
    name: "a part of an address is not the address, and neither is a name",
    holds: async ({ connector, call, somebody }) => {
      const ann = somebody("ann@acme.example");
      somebody("joann@acme.example");
      somebody("ann@acme.example.evil.example");
      somebody("impostor@acme.example", { givenName: "ann@acme.example" });
      somebody("someone@acme.example", { givenName: "nobody@acme.example", familyName: "nobody@acme.example" });
      expect((await connector.find("ann@acme.example", call)).map(({ id }) => id)).toEqual([ann.id]);
      expect(await connector.find("nobody@acme.example", call)).toEqual([]);
      expect(await connector.find("n@acme.example", call)).toEqual([]);
    },
  },
  {
    name: "another letter case is the same address, both ways",
    holds: async ({ connector, call, somebody }) => {
      const mixed = somebody("Mixed.Case@Acme.Example");
      for (const spelling of ["mixed.case@acme.example", "MIXED.CASE@ACME.EXAMPLE", "Mixed.Case@Acme.Example"]) {
        expect(await connector.find(spelling, call)).toMatchObject([{ id: mixed.id, email: "Mixed.Case@Acme.Example" }]);
      }
    },
  },
  {
    name: "two records that differ only in case are both returned: choosing is not the connector's business",
    holds: async ({ connector, call, somebody }) => {
      const twins = [somebody("twin@acme.example"), somebody("Twin@acme.example")];
      expect((await connector.find("TWIN@acme.example", call)).map(({ id }) => String(id)).toSorted()).toEqual(twins.map(({ id }) => id).toSorted());
    },
  },
  {
    name: "whoever is found is shown whole: role, state and names",
    holds: async ({ connector, call, somebody, subject, facts: { hides } }) => {
      const boss = somebody("boss@acme.example", { role: subject.otherRole, givenName: "Bo", familyName: "Ss" });
      expect(await connector.find(boss.email, call)).toMatchObject([{ id: boss.id, kind: "account", email: boss.email, role: subject.otherRole, active: hides?.status ? undefined : true, profile: hides?.names ? {} : { "name.givenName": "Bo", "name.familyName": "Ss" } }]);
    },
  },
  {
    name: "somebody who is switched off is found, and shown so",
    when: ({ findsInactive }) => findsInactive,
    holds: async ({ connector, call, somebody, facts }) => {
      const left = somebody("left@acme.example", { active: false });
      expect(await connector.find(left.email, call)).toMatchObject([{ id: left.id, active: facts.hides?.status ? undefined : false }]);
    },
  },
  {
    name: "an address with signs that mean something in a URL is asked for as it is",
    holds: async ({ connector, call, somebody }) => {
      for (const email of ["o'brien+hr@acme.example", "a&role=Admin@acme.example", "50%25@acme.example", "a#b@acme.example", "a=b?c@acme.example", "jörg@acme.example", "a/../b@acme.example"]) {
        const { id } = somebody(email);
        expect((await connector.find(email, call)).map((account) => account.id), email).toEqual([id]);
      }
    },
  },
  {
    name: "an id is one segment of a path, whatever is in it",
    holds: async ({ connector, call, somebody, everybody, requests, outcome, subject, facts }) => {
      somebody("ann@acme.example", { id: "b" });
      somebody("bob@acme.example", { id: "a" });
      const before = everybody();
      const segments = (path: string) => path.split("?", 1)[0]?.split("/").length;
      for (const id of crookedIds) {
        const target = { account: accountId(id), kind: "account", email: "x@acme.example" } as const;
        expect((await outcome(connector.get(target, call))).done, id).toBeUndefined();
        for (const { done } of [await outcome(connector.deactivate(target, call)), ...(facts.can.has("delete") ? [await outcome(connector.delete(target, call))] : [])]) expect(done?.gone ?? true, id).toBe(true);
      }
      const oneRecord = (method: string) => segments((method === "GET" ? subject.calls.one("id") : subject.calls.change("id")).path.replace(/[\^$]/g, ""));
      for (const { method, path } of requests()) if (method !== "GET" || path.split("?", 1)[0]?.includes("%")) expect(segments(path), `${method} ${path}`).toBe(oneRecord(method));
      expect(everybody()).toEqual(before);
    },
  },
  {
    name: "a record that answers under another id than was asked for is no answer",
    holds: async ({ connector, call, somebody, always, subject, failure }) => {
      const ann = somebody("ann@acme.example");
      for (const body of subject.wrongAnswers.one) {
        always(subject.calls.one(ann.id), { kind: "garbage200", body });
        expect((await failure(connector.get(targetOf(ann), call))).kind, JSON.stringify(body)).toBe("protocol");
      }
    },
  },
];
