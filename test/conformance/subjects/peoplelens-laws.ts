/**
 * What only PeopleLens gives rise to: a password at creation, lists that may be cut, and a second id space.
 *
 * @module
 */
import { expect } from "vitest";
import type { PeopleLensState } from "../../../src/connectors/peoplelens/simulated/state.ts";
import type { RunningSimulator } from "../../../src/connectors/kit/simulator/running.ts";
import type { Law } from "../law.ts";
import { truthful } from "../law.ts";
import { targetOf } from "../stage.ts";

const passwordsIn = (simulator: RunningSimulator) => (simulator.state() as PeopleLensState).users.map(({ password }) => password);
const pushed = "Pushed-Passw0rd";
const ada = "ada@acme.example";

export const peoplelensLaws: readonly Law[] = [
  {
    name: "a generated password has 32 characters of every class, and what the IdP pushed is not used",
    when: truthful,
    holds: async ({ open, newcomer, call, simulator }) => {
      await (await open({ settings: { password: "generate" } })).create(newcomer(ada, { password: pushed }), call);
      expect(passwordsIn(simulator)).toEqual([{ length: 32, classes: 4 }]);
    },
  },
  {
    name: "password: scim passes the IdP's on, and generates where there is none",
    when: truthful,
    holds: async ({ open, newcomer, call, simulator }) => {
      const connector = await open({ settings: { password: "scim" } });
      await connector.create(newcomer(ada, { password: pushed }), call);
      await connector.create(newcomer("bea@acme.example"), call);
      expect(passwordsIn(simulator)).toEqual([{ length: pushed.length, classes: 4 }, { length: 32, classes: 4 }]);
    },
  },
  {
    name: "password: omit sends none; a vendor that demands one refuses, and nobody is left behind",
    when: truthful,
    holds: async ({ open, newcomer, call, simulator, facts, outcome, requests, subject }) => {
      const { done, failure } = await outcome((await open({ settings: { password: "omit" } })).create(newcomer(ada, { password: pushed }), call));
      expect(done?.kind ?? failure?.kind).toBe(facts.passwordOptional ? "created" : "invalid");
      expect(passwordsIn(simulator)).toEqual(facts.passwordOptional ? [null] : []);
      expect(requests(subject.calls.create)[0]?.body).not.toHaveProperty("password");
    },
  },
  {
    name: "a list that ends at a suspicious number leaves a remark; who is beyond it can still be read",
    when: ({ listCap }) => listCap < 120,
    holds: async ({ connector, call, all, simulator, subject, everybody, exchanges }) => {
      simulator.seed(subject.seed(Array.from({ length: 120 }, (_, number) => ({ email: `person${number}@acme.example` }))));
      await all(connector.list(call));
      expect(exchanges.at(-1)?.failure).toMatch(/truncated|cut off/);
      const last = everybody().at(-1)!;
      expect(await connector.get(targetOf(last), call)).toMatchObject({ email: last.email });
    },
  },
  {
    name: "the ids of /api/v1 are never used: which they are is unknown",
    when: truthful,
    holds: async ({ connector, call, newcomer, somebody, requests, all, subject }) => {
      const ann = somebody("ann@acme.example");
      await connector.create(newcomer(ada), call);
      await connector.find(ann.email, call);
      await all(connector.list(call));
      await connector.setRole(targetOf(ann), subject.otherRole, call);
      await connector.deactivate(targetOf(ann), call);
      await connector.delete(targetOf(ann), call);
      expect(requests({ path: "/v1" })).toEqual([]);
    },
  },
];
