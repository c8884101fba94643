/**
 * A real process that SIGKILLs itself at a fault point, and the plain server that comes after it on the same file.
 *
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { FaultPoint } from "../../src/runtime/fault.ts";
import { ada, eventually, patch, token } from "../support/house.ts";
import { startLenientVendor } from "../support/lenient-vendor.ts";
import { temporaryFolder } from "../support/postgres.ts";
import { freePort, scim, type ServerProcess, startServer } from "../support/process.ts";

interface Stage {
  readonly vendor: Awaited<ReturnType<typeof startLenientVendor>>;
  readonly base: string;
  /** A server that kills itself at the point. */
  faulty(point: FaultPoint): Promise<ChildProcess>;
  plain(): Promise<ServerProcess>;
}

async function on(play: (stage: Stage) => Promise<void>): Promise<void> {
  const folder = temporaryFolder();
  const vendor = await startLenientVendor();
  const port = await freePort();
  const ended: (() => Promise<unknown>)[] = [];
  const file = join(folder.path, "drawbridge.json");
  const document = {
    publicUrl: "http://scim.test",
    store: `file:${join(folder.path, "crash.db")}`,
    egress: { allow: ["127.0.0.1"] },
    connections: { acme: { connector: "peoplelens", auth: { bearer: [{ name: "test", token }] }, settings: { baseUrl: vendor.url, apiKey: vendor.apiKey }, delivery: { deadline: "800ms", settle: "1500ms" }, vendor: { timeout: "700ms" } } },
  };
  try {
    await play({
      vendor,
      base: `http://127.0.0.1:${port}/scim/acme/v2`,
      async faulty(point) {
        await writeFile(file, JSON.stringify({ ...document, listen: { host: "127.0.0.1", port } }));
        const child = spawn(process.execPath, [new URL("../support/faulty-serve.ts", import.meta.url).pathname, file], { stdio: "ignore", env: { ...process.env, FAULT: `crash ${point}` } });
        ended.push(async () => child.kill("SIGKILL"));
        await eventually(() => fetch(`http://127.0.0.1:${port}/readyz`).then(({ ok }) => ok, () => false), 30_000);
        return child;
      },
      async plain() {
        const server = await startServer(file, document, port);
        ended.push(() => server.kill9());
        return server;
      },
    });
  } finally {
    for (const end of ended) await end();
    await vendor.stop();
    folder.remove();
  }
}

const killedBySelf = async (child: ChildProcess): Promise<void> => {
  if (child.signalCode === null) await once(child, "exit");
  expect(child.signalCode).toBe("SIGKILL");
};
const off = patch({ op: "replace", path: "active", value: false });
const quietly = (step: Promise<unknown>): Promise<unknown> => step.catch(() => undefined);

const creates = ["commit.before", "commit.after", "call.create.sent", "call.create.answered", "link.before", "link.after", "reply.sent"] as const satisfies readonly FaultPoint[];
const denials = ["commit.after", "call.deactivate.sent", "call.deactivate.answered", "applied.before", "reply.before"] as const satisfies readonly FaultPoint[];

describe.concurrent("a process that kills itself", () => {
  test.each(creates)("while it creates, at %s: the same create again finds or makes the one account", (point) =>
    on(async ({ vendor, base, faulty, plain }) => {
      const child = await faulty(point);
      await quietly(scim(base, "POST", "/Users", ada()));
      await killedBySelf(child);
      await plain();
      const again = await scim(base, "POST", "/Users", ada());
      expect([201, 409]).toContain(again.status);
      const { body: found } = await scim(base, "GET", '/Users?filter=userName%20eq%20"ada@acme.example"');
      expect(found.totalResults).toBe(1);
      await eventually(() => vendor.state().users.length === 1, 15_000);
      expect((await scim(base, "PATCH", `/Users/${found.Resources[0].id}`, off)).body.active).toBe(false);
      await eventually(() => vendor.state().users.every(({ is_enabled }) => !is_enabled), 15_000);
      expect(vendor.journal().filter(({ method, committed }) => method === "POST" && committed)).toHaveLength(1);
    }), 90_000);

  test.each(denials)("while it denies, at %s: the denial is true soon after, whether or not anybody pushes again", (point) =>
    on(async ({ vendor, base, faulty, plain }) => {
      const first = await plain();
      const { body } = await scim(base, "POST", "/Users", ada());
      await first.kill9();
      const child = await faulty(point);
      await quietly(scim(base, "PATCH", `/Users/${body.id}`, off));
      await killedBySelf(child);
      await plain();
      await eventually(() => vendor.state().users[0]?.is_enabled === false, 15_000);
      expect((await scim(base, "GET", `/Users/${body.id}`)).body.active).toBe(false);
      expect(vendor.state().users).toHaveLength(1);
    }), 90_000);
});
