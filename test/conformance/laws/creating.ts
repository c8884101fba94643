/**
 * Laws of creating: at most one account per person, whatever happens to the answer (I1).
 *
 * @module
 */
import { expect } from "vitest";
import type { VendorFault } from "../../../src/connectors/kit/simulator/faults.ts";
import type { Law } from "../law.ts";
import { truthful } from "../law.ts";
import type { Stage } from "../stage.ts";

const ada = "ada@acme.example";

/** The create was carried out, and the answer is no answer. */
const lostAnswers: readonly (readonly [string, VendorFault])[] = [
  ["dropped after the commit", { kind: "resetAfter" }],
  ["dropped, and committed later", { kind: "lateCommit", ms: 20_000 }],
  ["200 with a login page", { kind: "garbage200" }],
  ["200 with an empty body", { kind: "emptyBody200" }],
  ["cut off in the middle", { kind: "truncate" }],
  ["ended in the middle", { kind: "truncate", clean: true }],
  ["500 after the commit", { kind: "status", status: 500, body: { error: "boom" }, committed: true }],
  ["502 of a proxy after the commit", { kind: "status", status: 502, body: "<html>Bad gateway</html>", committed: true }],
  ["503 after the commit", { kind: "status", status: 503, body: { error: "later" }, headers: { "retry-after": "5" }, committed: true }],
  ["504 after the commit", { kind: "status", status: 504, committed: true }],
  ["larger than any answer may be", { kind: "hugeBody" }],
];

/** `exists` where the vendor says so; where it only says no, at least that. */
async function expectExists({ connector, newcomer, call, outcome, facts }: Stage, email: string, since: "invited" | "seeded" = "invited"): Promise<void> {
  if (facts.doubles && since === "invited") return expect(await connector.find(email, call)).toHaveLength(1);
  const { done, failure } = await outcome(connector.create(newcomer(email), call));
  if (facts.saysDuplicate || done) expect(done ?? failure).toEqual({ kind: "exists" });
  else expect(["conflict", "refused", "invalid"]).toContain(failure?.kind);
}

export const creating: readonly Law[] = [
  {
    name: "a newcomer is created once, with name and role, and the answer is the vendor's record",
    when: truthful,
    holds: async ({ connector, newcomer, call, everybody, subject, requests, facts }) => {
      const created = await connector.create(newcomer(ada, { role: subject.otherRole }), call);
      expect(everybody()).toMatchObject([{ email: ada, givenName: "Ada", familyName: "Byron", ...(facts.newcomerRole === undefined ? { active: true } : {}), role: facts.newcomerRole ?? subject.otherRole }]);
      const { id, role, active } = everybody()[0]!;
      expect(created).toMatchObject({ kind: facts.invites ? "invited" : "created", account: { id, kind: facts.invites ? "invitation" : "account", email: ada, role, active } });
      expect(requests(subject.calls.create)).toHaveLength(1);
    },
  },
  {
    name: "without a role the newcomer gets the default role",
    when: (facts) => truthful(facts) && facts.newcomerRole === undefined,
    holds: async ({ connector, newcomer, call, everybody, subject }) => {
      await connector.create(newcomer(ada, { role: undefined }), call);
      expect(everybody()).toMatchObject([{ role: subject.defaultRole }]);
    },
  },
  {
    name: "creating twice is `exists`, in any letter case, and leaves one record",
    when: truthful,
    holds: async (stage) => {
      await stage.connector.create(stage.newcomer(ada), stage.call);
      await expectExists(stage, ada);
      if (stage.facts.uniqueInAnyCase) await expectExists(stage, "ADA@Acme.Example");
      expect(stage.everybody()).toHaveLength(1);
    },
  },
  {
    name: "somebody whom the lookup did not show yet is `exists` where the vendor says so, and never a second record",
    when: truthful,
    holds: async (stage) => {
      stage.simulator.addFault({ kind: "staleRead", ms: 60_000, match: stage.subject.calls.lookUp });
      stage.somebody(ada);
      expect(await stage.connector.find(ada, stage.call)).toEqual([]);
      await expectExists(stage, ada, "seeded");
      expect(stage.everybody()).toHaveLength(1);
    },
  },
  ...lostAnswers.map(([name, fault]): Law => ({
    name: `an answer ${name} leaves the create uncertain, sent once; a later look finds one account`,
    when: truthful,
    holds: async (stage) => {
      const { connector, newcomer, call, everybody, simulator, subject, failure, requests } = stage;
      simulator.addFault({ ...fault, match: subject.calls.create });
      expect((await failure(connector.create(newcomer(ada), call))).kind).toBe("uncertain");
      expect(requests(subject.calls.create)).toHaveLength(1);
      simulator.advance(20_000);
      expect(await connector.find(ada, call)).toHaveLength(1);
      await expectExists(stage, ada);
      expect(everybody()).toHaveLength(1);
    },
  })),
  {
    name: "a create that is dropped before the commit is uncertain too: from here both look alike",
    holds: async ({ connector, newcomer, call, everybody, simulator, subject, failure, requests }) => {
      simulator.addFault({ kind: "resetBefore", match: subject.calls.create });
      expect((await failure(connector.create(newcomer(ada), call))).kind).toBe("uncertain");
      expect(requests(subject.calls.create)).toHaveLength(1);
      expect(everybody()).toEqual([]);
    },
  },
  {
    name: "a create whose answer contradicts the documents is never a success, nor surely undone",
    when: truthful,
    holds: async ({ connector, newcomer, call, simulator, subject, failure, requests, forget }) => {
      for (const [number, body] of subject.wrongAnswers.created.entries()) {
        forget();
        simulator.addFault({ kind: "garbage200", body, match: subject.calls.create });
        expect(["uncertain", "protocol", "refused"], JSON.stringify(body)).toContain((await failure(connector.create(newcomer(`ada${number}@acme.example`), call))).kind);
        expect(requests(subject.calls.create)).toHaveLength(1);
      }
    },
  },
  {
    name: "once the create was acknowledged, a read-back that fails never says that nothing was done",
    when: truthful,
    holds: async ({ connector, newcomer, call, simulator, outcome, requests, subject, forget, everybody }) => {
      const faults = [{ kind: "status", status: 500 }, { kind: "status", status: 404 }, { kind: "status", status: 401 }, { kind: "garbage200" }, { kind: "resetBefore" }, { kind: "retryAfter", after: 5 }] as const;
      for (const [number, fault] of faults.entries()) {
        forget();
        simulator.addFault({ ...fault, match: { method: "GET", path: `${subject.calls.one("").path.replace(/\$$/, "")}.` } });
        const email = `ada${number}@acme.example`;
        const { done, failure } = await outcome(connector.create(newcomer(email), call));
        expect(["created", "invited", "uncertain", "protocol"], JSON.stringify(fault)).toContain(done?.kind ?? failure?.kind);
        expect(requests(subject.calls.create)).toHaveLength(1);
        await simulator.clearFaults();
      }
      expect(everybody()).toHaveLength(faults.length);
    },
  },
  {
    name: "a create that the vendor only claims to have done is no success",
    when: ({ lies }) => lies,
    holds: async ({ connector, newcomer, call, everybody, failure }) => {
      expect(["protocol", "uncertain"]).toContain((await failure(connector.create(newcomer(ada), call))).kind);
      expect(everybody()).toEqual([]);
    },
  },
  {
    name: "a full plan refuses the newcomer and says so",
    when: ({ whenFull }) => whenFull !== undefined,
    holds: async ({ connector, newcomer, call, everybody, simulator, subject, facts, failure }) => {
      simulator.seed(subject.seed([], 0));
      expect((await failure(connector.create(newcomer(ada), call))).kind).toBe(facts.whenFull);
      expect(everybody()).toEqual([]);
    },
  },
  {
    name: "a newcomer without what the vendor demands is refused before the create is sent",
    holds: async ({ connector, newcomer, call, subject, failure, requests }) => {
      for (const { part } of connector.traits.parts.filter(({ required, onCreate }) => required && onCreate)) {
        if (part === "email" || subject.profile[part] === undefined) continue;
        const profile = Object.fromEntries(Object.entries(subject.profile).filter(([name]) => name !== part));
        expect((await failure(connector.create(newcomer(ada, { profile }), call))).kind, part).toBe("invalid");
      }
      expect(requests(subject.calls.create)).toEqual([]);
    },
  },
];
