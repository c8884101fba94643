/**
 * What only TransactionLink gives rise to: a bare token, whole profiles, invitations and their race.
 *
 * @module
 */
import { expect } from "vitest";
import type { TransactionLinkState } from "../../../src/connectors/transactionlink/simulated/state.ts";
import type { Target } from "../../../src/connectors/connector.ts";
import type { Law } from "../law.ts";
import type { Stage } from "../stage.ts";
import { targetOf } from "../stage.ts";

const ada = "ada@acme.example";
const state = ({ simulator }: Stage) => simulator.state() as TransactionLinkState;
const accepted = ({ simulator }: Stage) => simulator.seed({ acceptInFlight: [ada] });

async function invited({ connector, newcomer, call }: Stage): Promise<Target> {
  const created = await connector.create(newcomer(ada), call);
  if (created.kind !== "invited") return expect.fail(created.kind);
  return { account: created.account.id, kind: "invitation", email: ada, applied: created.account.profile };
}

export const transactionlinkLaws: readonly Law[] = [
  {
    name: "a profile is written whole, so that nothing is cleared that nobody asked to clear",
    holds: async (stage) => {
      const { connector, call, simulator } = stage;
      simulator.seed({ users: [{ email: "ann@acme.example", firstName: "Ann", lastName: "Lee", title: "Analyst" }] });
      const target = { ...targetOf({ id: state(stage).users[0]!.id, email: "ann@acme.example" }), applied: { "name.givenName": "Ann", "name.familyName": "Lee", title: "Analyst" } };
      await connector.updateProfile(target, { "name.givenName": "Anna" }, call);
      expect(state(stage).users[0]?.profile).toEqual({ firstName: "Anna", lastName: "Lee", title: "Analyst" });
      await connector.updateProfile({ ...target, applied: { ...target.applied, "name.givenName": "Anna" } }, { title: null }, call);
      expect(state(stage).users[0]?.profile).toEqual({ firstName: "Anna", lastName: "Lee", title: null });
    },
  },
  {
    name: "rows that move while pages are read leave nobody out",
    holds: async ({ connector, call, all, simulator, subject, everybody }) => {
      simulator.seed(subject.seed(Array.from({ length: 230 }, (_, number) => ({ email: `person${number}@acme.example` }))));
      const [first] = everybody();
      let moved = false;
      const writing = { ...call, record: (exchange: Parameters<typeof call.record>[0]) => {
        call.record(exchange);
        if (moved || exchange.call !== "list") return;
        moved = true;
        simulator.seed({ touch: [first!.email] });
      } };
      expect(new Set((await all(connector.list(writing))).map(({ id }) => String(id)))).toEqual(new Set(everybody().map(({ id }) => id)));
      moved = false;
      const edge = everybody()[101]!;
      expect(await connector.find(edge.email, writing)).toMatchObject([{ id: edge.id }]);
    },
  },
  {
    name: "an invitation that was accepted is shown as the account that came of it, whatever the case of its address",
    holds: async (stage) => {
      const target = await invited(stage);
      expect(await stage.connector.get(target, stage.call)).toMatchObject({ kind: "invitation", id: target.account, active: true });
      accepted(stage);
      expect(await stage.connector.get(target, stage.call)).toMatchObject({ kind: "account", id: state(stage).users[0]?.id });
      expect(await stage.connector.find(ada, stage.call)).toMatchObject([{ kind: "account", id: state(stage).users[0]?.id }]);
    },
  },
  {
    name: "an invited leaver is kept out, whether the invitation was accepted before the cancellation, in its midst or never",
    holds: async (stage) => {
      const { connector, call, simulator, everybody } = stage;
      for (const when of ["never", "before", "cancel", "enrollments"]) {
        await simulator.reset();
        await simulator.setSwitches(stage.simulator.options().switches);
        const target = await invited(stage);
        if (when === "before") accepted(stage);
        let raced = false;
        const done = await connector.deactivate(target, { ...call, record: (exchange) => {
          call.record(exchange);
          if (exchange.call !== when || raced) return;
          raced = true;
          accepted(stage);
        } });
        expect(done, when).toMatchObject({ complete: true, by: "terminate" });
        expect(everybody().filter(({ active }) => active), when).toEqual([]);
        if (when !== "never") expect(done.account, when).toMatchObject({ kind: "account", id: state(stage).users[0]?.id });
      }
    },
  },
  {
    name: "who was invited and withdrawn is invited again on return, once",
    holds: async (stage) => {
      const target = await invited(stage);
      await stage.connector.deactivate(target, stage.call);
      const done = await stage.connector.reactivate(target, stage.subject.defaultRole, stage.call);
      expect(done).toMatchObject({ complete: true, account: { kind: "invitation", active: true } });
      expect(stage.everybody()).toMatchObject([{ id: done.account?.id, email: ada, active: true }]);
      expect(stage.requests(stage.subject.calls.create)).toHaveLength(2);
    },
  },
  {
    name: "the last owner stays, and nobody is told that it was done",
    holds: async (stage) => {
      stage.simulator.seed({ users: [{ email: "olga@acme.example", role: "owner" }] });
      const [olga] = stage.everybody();
      expect(["invalid", "conflict"]).toContain((await stage.failure(stage.connector.deactivate(targetOf(olga!), stage.call))).kind);
      expect(stage.everybody()).toEqual([olga]);
    },
  },
];
