/**
 * Laws of answers that are the same for every call: refused connections, redirects, 429, 401, 403, slowness, giving up.
 *
 * @module
 */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { expect } from "vitest";
import type { Connector } from "../../../src/connectors/connector.ts";
import type { Law } from "../law.ts";
import type { Stage } from "../stage.ts";
import { targetOf } from "../stage.ts";
import type { Somebody } from "../subject.ts";

/** One request by each method; `reads` harm nobody, `writes` may have done something. */
const reads = ({ connector, call, all }: Stage, who: Somebody): Readonly<Record<string, () => Promise<unknown>>> => ({
  check: () => connector.check(call), control: () => connector.control(call), find: () => connector.find(who.email, call), get: () => connector.get(targetOf(who), call), list: () => all(connector.list(call)),
});
const writes = ({ connector, call, newcomer, subject }: Stage, who: Somebody): Readonly<Record<string, () => Promise<unknown>>> => ({
  create: () => connector.create(newcomer("new@acme.example"), call),
  updateProfile: () => connector.updateProfile(targetOf(who), { "name.givenName": "Anna" }, call),
  setRole: () => connector.setRole(targetOf(who), subject.otherRole, call),
  reactivate: () => connector.reactivate(targetOf(who), subject.defaultRole, call),
  deactivate: () => connector.deactivate(targetOf(who), call),
  delete: () => connector.delete(targetOf(who), call),
});

async function everyFailure(stage: Stage, who: Somebody, look: (failure: Awaited<ReturnType<Stage["failure"]>>, method: string) => void): Promise<void> {
  const asks = Object.entries({ ...reads(stage, who), ...writes(stage, who) }).filter(([method]) => stage.connector[method as keyof Connector] !== undefined);
  for (const [method, ask] of asks) look(await stage.failure(ask()), method);
}

export const answers: readonly Law[] = [
  {
    name: "a refused connection is unreachable for every call: it was never sent",
    holds: async (stage) => {
      const ann = stage.somebody("ann@acme.example");
      await stage.connector.check(stage.call); // a connection is open, and will be broken
      await stage.simulator.setSwitches({ down: "on" });
      stage.forget();
      await everyFailure(stage, ann, ({ kind }, method) => expect(kind, method).toBe("unreachable"));
      await stage.simulator.setSwitches({ down: "off" });
      expect(stage.requests()).toEqual([]);
      await stage.connector.check(stage.call);
    },
  },
  {
    name: "a redirect is not followed: the other host sees no byte",
    holds: async (stage) => {
      let bytes = 0;
      const elsewhere = createServer((socket) =>
        socket.on("error", () => undefined).on("data", (data) => {
          bytes += data.length;
          socket.destroy();
        }));
      elsewhere.listen(0, "127.0.0.1");
      await once(elsewhere, "listening");
      const ann = stage.somebody("ann@acme.example");
      stage.always({}, { kind: "redirect", to: `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/api/users` });
      await everyFailure(stage, ann, ({ kind }, method) => expect(["protocol", "uncertain", "unreachable"], method).toContain(kind));
      elsewhere.close();
      expect(bytes).toBe(0);
    },
  },
  ...([["short", 5, 5, 5], ["long", 86_400, 900, 900], ["a date", "date", 1, 31], ["absent", "absent", 1, 900], ["negative", "-5", 1, 1], ["zero", 0, 1, 1], ["nonsense", "soon", 1, 900]] as const).map(([name, after, least, most]): Law => ({
    name: `429 is throttled for every call, and surely not carried out; Retry-After ${name} is ${least}…${most} s`,
    holds: async (stage) => {
      const ann = stage.somebody("ann@acme.example");
      const before = stage.everybody();
      for (const as of ["vendor", "proxy"] as const) {
        stage.always({}, { kind: "retryAfter", after, as });
        await everyFailure(stage, ann, (failure, method) => {
          if (failure.kind !== "throttled") return expect.fail(`${method} was ${failure.kind}: ${failure.detail}`);
          expect(failure.retryAfterSeconds, method).toBeGreaterThanOrEqual(least);
          expect(failure.retryAfterSeconds, method).toBeLessThanOrEqual(most);
        });
        await stage.simulator.clearFaults();
      }
      expect(stage.everybody()).toEqual(before);
    },
  })),
  {
    name: "401 and 403 are our credential's fault, for every call",
    holds: async (stage) => {
      const ann = stage.somebody("ann@acme.example");
      for (const [status, body] of [[401, { error: "no" }], [403, { error: "no" }], [401, "<html>Login</html>"], [403, undefined]] as const) {
        stage.always({}, { kind: "status", status, body });
        await everyFailure(stage, ann, ({ kind }, method) => expect(kind, `${method} ${status}`).toBe("credentials"));
        await stage.simulator.clearFaults();
      }
    },
  },
  {
    name: "a wrong key and a key that is too weak are found by the check",
    holds: async ({ openOn, simulator, subject, somebody, call, failure }) => {
      somebody("ann@acme.example");
      for (const apiKey of [subject.key?.("nobodys-key") ?? "nobodys-key", subject.weakKey]) {
        expect((await failure((await openOn({ url: simulator.url, apiKey })).check(call))).kind, apiKey).toBe("credentials");
      }
    },
  },
  {
    name: "no answer in time: a read is unreachable, a write uncertain and sent once",
    holds: async (stage) => {
      const { open, subject, simulator, call, newcomer, failure, requests, somebody } = stage;
      const ann = somebody("ann@acme.example");
      const hasty = await open({ timeoutMs: 60 });
      stage.always(subject.calls.create, { kind: "timeout" });
      stage.always(subject.calls.one(ann.id), { kind: "slowBody", ms: 40 });
      expect((await failure(hasty.create(newcomer("new@acme.example"), call))).kind).toBe("uncertain");
      expect(requests(subject.calls.create)).toHaveLength(1);
      expect((await failure(hasty.get(targetOf(ann), call))).kind).toBe("unreachable");
      await simulator.clearFaults();
      stage.always({ path: subject.calls.change(ann.id).path }, { kind: "delay", ms: 60_000 });
      expect((await failure(hasty.deactivate(targetOf(ann), call))).kind).toBe("uncertain");
      await simulator.clearFaults();
    },
  },
  {
    name: "who has given up already sends nothing; who gives up in the middle of a write does not know",
    holds: async ({ connector, callWith, subject, always, newcomer, failure, requests, somebody, forget }) => {
      const ann = somebody("ann@acme.example");
      const over = callWith(AbortSignal.abort());
      expect((await failure(connector.deactivate(targetOf(ann), over))).kind).toBe("unreachable");
      expect((await failure(connector.create(newcomer("new@acme.example"), over))).kind).toBe("unreachable");
      expect(requests()).toEqual([]);
      always({ path: subject.calls.change(ann.id).path }, { kind: "timeout" });
      forget();
      const given = new AbortController();
      const denied = connector.deactivate(targetOf(ann), callWith(given.signal));
      denied.catch(() => undefined);
      while (requests(subject.calls.change(ann.id)).length === 0) await new Promise((resolve) => setTimeout(resolve, 2));
      given.abort();
      expect((await failure(denied)).kind).toBe("uncertain");
      expect(requests(subject.calls.change(ann.id))).toHaveLength(1);
    },
  },
  {
    name: "a vendor's text is quoted clean and short, whatever it is",
    holds: async ({ connector, call, somebody, always, failure, subject }) => {
      const ann = somebody("ann@acme.example");
      const nasty = `line one\r\nline\u2028two <script>alert(1)</script>\u0000 ${"x".repeat(10_000)}`;
      for (const body of [{ error: nasty }, { error: { message: nasty, code: nasty } }, { message: nasty }, nasty, { error: [nasty] }, { error: { message: { deep: nasty } } }]) {
        for (const status of [400, 402, 409, 418, 422]) {
          always({}, { kind: "status", status, body });
          await failure(connector.setRole(targetOf(ann), subject.otherRole, call)); // which looks at every detail
          await failure(connector.get(targetOf(ann), call));
        }
      }
    },
  },
];
