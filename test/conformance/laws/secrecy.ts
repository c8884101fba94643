/**
 * Laws of secrecy and of modesty: no secret leaves the connector (I9), and no more is sent than the tables say.
 *
 * @module
 */
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import { expect } from "vitest";
import { capabilitiesOf } from "../../../src/connectors/connector.ts";
import type { Capability } from "../../../src/model/capability.ts";
import { evidences } from "../../../src/model/capability.ts";
import type { Law } from "../law.ts";
import { truthful } from "../law.ts";
import { targetOf } from "../stage.ts";

/** A vendor that repeats everything it was told, in every place where an error's text may stand. */
async function echo(): Promise<{ readonly url: string; readonly heard: string[]; close(): void }> {
  const heard: string[] = [];
  const server = createServer((request: IncomingMessage, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
      const told = Buffer.concat(chunks).toString();
      heard.push(told);
      const text = `You sent ${String(request.headers.authorization)} and ${told}`;
      const [status, body] = request.method === "GET" ? [200, { users: [], data: [], items: [] }] : [422, { error: { message: text, code: text }, message: text, errors: [{ message: text }], echo: told }];
      response.writeHead(status, { "content-type": "application/json", "x-request-id": text.replace(/[^\x20-\x7e]/g, "") }).end(JSON.stringify(body));
    })();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, heard, close: () => server.closeAllConnections() ?? server.close() };
}

export const secrecy: readonly Law[] = [
  {
    name: "neither the credential nor a password is said, even by a vendor that repeats them",
    holds: async ({ openOn, newcomer, call, failure, said, subject }) => {
      const vendor = await echo();
      const canary = subject.key?.("canary-credential-71c0") ?? "canary-credential-71c0";
      for (const password of subject.passwords ?? [undefined]) {
        const connector = await openOn({ url: vendor.url, apiKey: canary }, password === undefined ? {} : { settings: { password } });
        await failure(connector.create(newcomer("ada@acme.example", { password: "Canary-Passw0rd-9d2e" }), call));
        await failure(connector.setRole(targetOf({ id: "usr-1", email: "ada@acme.example" }), subject.otherRole, call));
      }
      vendor.close();
      const passwords = vendor.heard.flatMap((told) => (told === "" ? [] : [(JSON.parse(told) as { password?: string }).password])).filter((password) => password !== undefined);
      for (const secret of [canary, "Canary-Passw0rd-9d2e", ...passwords]) {
        for (const shape of [secret, encodeURIComponent(secret), Buffer.from(secret).toString("base64")]) expect(said()).not.toContain(shape);
      }
    },
  },
  {
    name: "nothing that a created account brings along shows a secret, and neither does the connector itself",
    when: truthful,
    holds: async ({ connector, newcomer, call, simulator, exchanges }) => {
      const created = await connector.create(newcomer("ada@acme.example", { password: "Canary-Passw0rd-9d2e" }), call);
      const shown = inspect([created, exchanges, connector], { depth: 12, showHidden: true }) + JSON.stringify([created, exchanges, connector]);
      for (const secret of [simulator.apiKey, "Canary-Passw0rd-9d2e"]) expect(shown).not.toContain(secret);
    },
  },
  {
    name: "no method sends more requests than its table says",
    when: truthful,
    holds: async ({ connector, call, newcomer, somebody, subject, requests, forget, all, facts }) => {
      const ann = somebody("ann@acme.example");
      somebody("joann@acme.example");
      const [left, leaver] = [somebody("left@acme.example", { active: false }), somebody("leaver@acme.example")];
      const asks: Readonly<Record<string, () => Promise<unknown>>> = {
        check: () => connector.check(call), control: () => connector.control(call), find: () => connector.find(ann.email, call), get: () => connector.get(targetOf(ann), call), list: () => all(connector.list(call)),
        create: () => connector.create(newcomer("ada@acme.example"), call), updateProfile: () => connector.updateProfile(targetOf(ann), { "name.givenName": "Anna" }, call),
        setRole: () => connector.setRole(targetOf(ann), subject.otherRole, call), setTags: () => connector.setTags(targetOf(ann), ["field"], call), deactivate: () => connector.deactivate(targetOf(ann), call),
        reactivate: () => connector.reactivate(targetOf(left), subject.otherRole, call), delete: () => connector.delete(targetOf(leaver), call),
      };
      for (const [method, most] of Object.entries(subject.requestsAtMost)) {
        if (!["check", "control"].includes(method) && !facts.can.has(method as Capability)) continue;
        forget();
        await asks[method]?.();
        expect(requests().length, method).toBeGreaterThan(0);
        expect(requests().length, method).toBeLessThanOrEqual(most);
      }
      expect(facts.lies).toBe(false);
    },
  },
  {
    name: "only accounts that were passed in are ever written to",
    when: truthful,
    holds: async ({ connector, call, newcomer, somebody, everybody, requests, subject, outcome, facts }) => {
      const [ann, ...others] = [somebody("ann@acme.example"), somebody("joann@acme.example"), somebody("Ann@acme.example"), somebody("left@acme.example", { active: false })];
      await connector.create(newcomer("ada@acme.example"), call);
      await outcome(connector.create(newcomer("joann@acme.example"), call));
      if (facts.can.has("updateProfile")) await connector.updateProfile(targetOf(ann), { "name.givenName": "Anna" }, call);
      await outcome(connector.setRole(targetOf(ann), subject.otherRole, call));
      await outcome(connector.deactivate(targetOf(ann), call));
      if (facts.can.has("delete")) await outcome(connector.delete(targetOf(ann), call));
      const allowed = new RegExp(`${subject.calls.change(ann.id).path}|${subject.calls.create.path}`);
      expect(requests().filter(({ method, path }) => method !== "GET" && !allowed.test(path))).toEqual([]);
      expect(everybody().filter(({ id }) => others.some((other) => other.id === id))).toEqual(others);
    },
  },
  ...evidences.map((allowed): Law => ({
    name: `with endpoints: ${allowed}, the methods are those whose evidence is allowed, and the others are explained`,
    holds: async ({ open, subject }) => {
      const connector = await open({ endpoints: allowed, denyEndpoints: allowed });
      expect([...capabilitiesOf(connector)].toSorted()).toEqual([...subject.capabilities[allowed]].toSorted());
      for (const capability of ["find", "get", "list", "create", "updateProfile", "setRole", "setTags", "listRoles", "deactivate", "reactivate", "delete"] as const) {
        if (!subject.capabilities[allowed].includes(capability)) expect(connector.traits.missing(capability), capability).toMatch(/\S/);
        else expect(connector.traits.missing(capability), capability).toBeUndefined();
      }
      expect(connector.traits.steps("deactivate", { email: "ann@acme.example", name: "Ann Lee", role: undefined })).toContain("ann@acme.example");
    },
  })),
];
