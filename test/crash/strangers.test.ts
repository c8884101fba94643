/**
 * An error that nobody catches, in a callback or a promise of a real server: the process ends, and loses nothing that it has accepted.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { startPeopleLens } from "../../src/connectors/peoplelens/simulator.ts";
import { ada, eventually, patch, token } from "../support/house.ts";
import { temporaryFolder } from "../support/postgres.ts";
import { freePort, scim, startServer } from "../support/process.ts";

const at = (path: string) => JSON.stringify(new URL(`../../src/${path}`, import.meta.url).href);
const off = patch({ op: "replace", path: "active", value: false });

test.each([
  ["a throw in a callback", `setTimeout(() => { throw new Error("planted\\nwith a second line"); }, 1);`],
  ["a rejection that nobody handles", `void Promise.reject(new Error("planted\\nwith a second line"));`],
])("%s ends the process with one line and exit code 1; what it had accepted is done by the next one", async (_, stranger) => {
  const folder = temporaryFolder();
  const vendor = await startPeopleLens();
  const port = await freePort();
  const document = {
    publicUrl: "http://scim.test", store: `file:${folder.path}/strangers.db`, egress: { allow: ["127.0.0.1"] },
    connections: { acme: { connector: "peoplelens", auth: { bearer: [{ name: "test", token }] }, settings: { baseUrl: vendor.url, apiKey: vendor.apiKey }, delivery: { deadline: "400ms", settle: "700ms" }, vendor: { timeout: "300ms" } } },
  };
  const script = `
    import { serve } from ${at("command/serve.ts")};
    process.stdin.on("data", () => { ${stranger} });
    await serve({ config: ${JSON.stringify(`${folder.path}/first.json`)}, port: "0", data: "" });`;
  await writeFile(`${folder.path}/first.json`, JSON.stringify({ ...document, listen: { host: "127.0.0.1", port } }));
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: ["pipe", "ignore", "pipe"] });
  const printed: string[] = [];
  child.stderr.on("data", (chunk) => printed.push(String(chunk)));
  const base = `http://127.0.0.1:${port}/scim/acme/v2`;
  try {
    await eventually(() => fetch(`http://127.0.0.1:${port}/readyz`).then(({ ok }) => ok, () => false), 30_000);
    const { body } = await scim(base, "POST", "/Users", ada());
    await vendor.setSwitches({ down: "on" });
    expect((await scim(base, "PATCH", `/Users/${body.id}`, off)).status).toBe(200);
    child.stdin.write("now\n");
    const [code] = await once(child, "close");
    expect(code).toBe(1);
    const last = printed.join("").trimEnd().split("\n").map((line) => JSON.parse(line) as { message: string; error?: string }).at(-1);
    expect([last?.message, last?.error]).toEqual([expect.stringContaining("nobody has caught"), expect.stringContaining("planted with a second line")]);

    await vendor.setSwitches({ down: "off" });
    const next = await startServer(`${folder.path}/next.json`, document, port);
    try {
      await eventually(() => vendor.state().users[0]?.is_enabled === false, 20_000);
      expect((await scim(next.base, "GET", `/Users/${body.id}`)).body.active).toBe(false);
    } finally {
      await next.kill9();
    }
  } finally {
    child.kill("SIGKILL");
    await vendor.stop();
    folder.remove();
  }
});
