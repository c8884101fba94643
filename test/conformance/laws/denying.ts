/**
 * Laws of denying: it is confirmed by reading, may be repeated, and a missing account proves nothing by itself (I2, I8).
 *
 * @module
 */
import { expect } from "vitest";
import type { Law } from "../law.ts";
import { readable, truthful } from "../law.ts";
import { targetOf } from "../stage.ts";
import type { Facts, Somebody } from "../subject.ts";

/** The records after denials of all these. */
const without = (people: readonly Somebody[], { denied = (who) => ({ ...who, active: false }) }: Facts): readonly Somebody[] => people.flatMap((who) => denied(who) ?? []);

const complete = ({ partial = [] }: Facts, by: string | undefined): boolean => by === undefined || !partial.includes(by);

export const denying: readonly Law[] = [
  {
    name: "a leaver is denied and read back; nobody else is touched",
    when: truthful,
    needs: ["deactivate"],
    holds: async ({ connector, call, somebody, everybody, requests, subject, facts }) => {
      const [ann, joann] = [somebody("ann@acme.example"), somebody("joann@acme.example")];
      const done = await connector.deactivate(targetOf(ann), call);
      expect(done).toMatchObject({ confirmed: readable(facts), complete: complete(facts, done.by) });
      expect(done.complete || done.left).toBeTruthy();
      expect(everybody()).toEqual([...without([ann], facts), joann]);
      expect(requests().at(-1)?.method).toBe("GET");
      expect(requests({ path: subject.calls.change(joann.id).path })).toEqual([]);
    },
  },
  {
    name: "denying twice is denying once",
    when: truthful,
    needs: ["deactivate"],
    holds: async ({ connector, call, somebody, everybody, facts, outcome }) => {
      const ann = somebody("ann@acme.example");
      const first = await connector.deactivate(targetOf(ann), call);
      const { done, failure } = await outcome(connector.deactivate(targetOf(ann), call));
      if (failure) expect([first.gone, failure.kind]).toEqual([true, "notFound"]);
      else expect(done).toMatchObject({ confirmed: readable(facts) || facts.saysDenied === true, complete: complete(facts, done.by) });
      expect(everybody()).toEqual(without([ann], facts));
    },
  },
  {
    name: "a vendor that says yes and still shows the person active is a liar, not a success",
    when: ({ lies }) => lies,
    needs: ["deactivate", "delete", "setRole"],
    holds: async ({ connector, open, call, somebody, everybody, failure, subject }) => {
      const ann = somebody("ann@acme.example");
      expect((await failure(connector.deactivate(targetOf(ann), call))).kind).toBe("protocol");
      expect((await failure(connector.delete(targetOf(ann), call))).kind).toBe("protocol");
      for (const strategy of subject.strategies.onDeactivate) expect((await failure((await open({ onDeactivate: [strategy] })).deactivate(targetOf(ann), call))).kind, strategy).toBe("protocol");
      expect((await failure(connector.setRole(targetOf(ann), subject.otherRole, call))).kind).toBe("protocol");
      expect(everybody()).toEqual([ann]);
    },
  },
  {
    name: "every strategy ends with nobody who can get in, and says which it was",
    when: truthful,
    needs: ["deactivate", "delete"],
    holds: async ({ open, call, somebody, everybody, subject, facts }) => {
      const works = (strategy: string) => facts.strategies?.includes(strategy) ?? true;
      for (const strategy of subject.strategies.onDeactivate.filter(works)) {
        const ann = somebody(`ann.${strategy}@acme.example`);
        expect(await (await open({ onDeactivate: [strategy] })).deactivate(targetOf(ann), call)).toMatchObject({ confirmed: true, complete: complete(facts, strategy), by: strategy });
        expect(everybody().some(({ id, active }) => id === ann.id && active), strategy).toBe(false);
      }
      for (const strategy of subject.strategies.onDelete.filter(works)) {
        const ann = somebody(`ann.delete.${strategy}@acme.example`);
        expect(await (await open({ onDelete: [strategy] })).delete(targetOf(ann), call)).toMatchObject({ confirmed: true, complete: complete(facts, strategy), by: strategy });
        expect(everybody().some(({ id, active }) => id === ann.id && active), strategy).toBe(false);
      }
    },
  },
  {
    name: "a delete says `gone` only of an account that cannot be read any more",
    when: truthful,
    needs: ["delete"],
    holds: async ({ connector, call, somebody }) => {
      const ann = somebody("ann@acme.example");
      const done = await connector.delete(targetOf(ann), call);
      expect(done.gone ?? false).toBe((await connector.get(targetOf(ann), call)) === undefined);
    },
  },
  {
    name: "who is gone is `notFound` or `gone`, never confirmed by a mere 404, and the control says that the tenant is there",
    holds: async ({ connector, call, outcome, facts }) => {
      const nobody = targetOf({ id: "usr-00000000-0000-4000-8000-000000000000", email: "gone@acme.example" });
      for (const { done, failure } of [await outcome(connector.deactivate(nobody, call)), ...(facts.can.has("delete") ? [await outcome(connector.delete(nobody, call))] : [])]) {
        expect(failure?.kind ?? (done?.gone === true ? "gone" : "done")).toMatch(/^(notFound|gone)$/);
      }
      expect(await connector.get(nobody, call)).toBeUndefined();
      await connector.control(call);
    },
  },
  {
    name: "in a wrong tenant, where everything is 404, the control fails and no denial is done",
    holds: async ({ connector, call, somebody, everybody, always, failure, outcome }) => {
      const ann = somebody("ann@acme.example");
      for (const body of [undefined, { error: "Not found" }, "<html><h1>No such tenant</h1></html>"]) {
        always({}, { kind: "status", status: 404, body });
        await failure(connector.control(call));
        await failure(connector.check(call));
        // `notFound` and `gone` are believed only after the control, which has just failed.
        const { done } = await outcome(connector.deactivate(targetOf(ann), call));
        expect(done === undefined || done.gone === true || !done.confirmed).toBe(true);
      }
      expect(everybody()).toEqual([ann]);
    },
  },
  {
    name: "a denial whose answer was lost is uncertain, and was sent once",
    when: truthful,
    needs: ["deactivate"],
    holds: async ({ connector: standing, open, facts, call, somebody, simulator, subject, failure, requests, forget }) => {
      // A call that is not there says so, whatever becomes of its answer: it is left out.
      const connector = facts.strategies ? await open({ onDeactivate: facts.strategies }) : standing;
      for (const fault of [{ kind: "resetAfter" }, { kind: "resetBefore" }, { kind: "garbage200" }, { kind: "truncate" }, { kind: "status", status: 503 }] as const) {
        if (facts.bodiless && fault.kind === "truncate") continue; // of nothing, half is nothing
        const ann = somebody(`${fault.kind}@acme.example`.toLowerCase());
        const { path } = subject.calls.change(ann.id);
        forget();
        // The first request about this record that is no read.
        for (const method of ["PATCH", "PUT", "POST", "DELETE"]) simulator.addFault({ ...fault, match: { method, path } });
        expect((await failure(connector.deactivate(targetOf(ann), call))).kind, fault.kind).toBe("uncertain");
        expect(requests().filter(({ method }) => method !== "GET"), fault.kind).toHaveLength(1);
        await simulator.clearFaults();
      }
    },
  },
  {
    name: "a denial that cannot be read back is not confirmed",
    when: truthful,
    holds: async ({ connector, call, somebody, simulator, subject, outcome }) => {
      const ann = somebody("ann@acme.example");
      for (const fault of [{ kind: "status", status: 500 }, { kind: "resetBefore" }, { kind: "garbage200" }, { kind: "garbage200", body: {} }, { kind: "retryAfter", after: 5 }, { kind: "status", status: 403 }] as const) {
        simulator.addFault({ ...fault, match: subject.calls.one(ann.id) });
        const { done } = await outcome(connector.deactivate(targetOf(ann), call));
        expect(done?.confirmed ?? false, JSON.stringify(fault)).toBe(false);
        await simulator.clearFaults();
      }
    },
  },
  {
    name: "a denial that a read shows too late is not confirmed by the old picture",
    when: truthful,
    needs: ["deactivate"],
    holds: async ({ connector, call, somebody, everybody, simulator, subject, outcome, facts }) => {
      const ann = somebody("ann@acme.example");
      simulator.addFault({ kind: "staleRead", ms: 60_000, match: subject.calls.one(ann.id) });
      const { done, failure } = await outcome(connector.deactivate(targetOf(ann), call));
      expect(failure?.kind ?? done?.confirmed).toBe(failure ? "protocol" : false);
      expect(everybody()).toEqual(without([ann], facts));
    },
  },
];
