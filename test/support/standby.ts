/**
 * Two PostgreSQL servers, of which the second follows the first, and an address that leads to one or the other, as a failover's does.
 *
 * @module
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { eventually } from "./house.ts";
import { command, freePort, type Runner, runnerFor } from "./postgres.ts";

export interface Pair {
  /** Leads to the primary until the failover. */
  readonly url: string;
  /** Leads to the second server, whatever it is at the moment. */
  readonly standbyUrl: string;
  /** Waits until the standby has all that the primary has committed. */
  caughtUp(): Promise<void>;
  /** From now on the standby falls behind. */
  cutOff(): Promise<void>;
  /** The primary dies as by a power cut, and the address leads to the standby, which is read-only yet. */
  killPrimary(): Promise<void>;
  promote(): Promise<void>;
  stop(): Promise<void>;
}

const settings = ["listen_addresses=127.0.0.1", "fsync=off", "full_page_writes=off", "shared_buffers=32MB", "wal_level=replica", "hot_standby=on", "wal_receiver_status_interval=1s"];
const addressOf = (port: number): string => `postgres://postgres@127.0.0.1:${port}/postgres`;

export async function startPair(): Promise<Pair> {
  const home = mkdtempSync(join(tmpdir(), "drawbridge-pair-"));
  const runner = runnerFor(home);
  const [first, second] = [join(home, "first"), join(home, "second")];
  const made = spawnSync(...command(runner, "initdb", ["-D", first, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]), { ...runner.options, encoding: "utf8" });
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`);
  const [firstPort, secondPort] = [await freePort(), await freePort()];
  // Neither has run yet: a copy of the one is where the other begins to follow.
  spawnSync("cp", ["-a", first, second]); // with its owner and its mode, on which the server insists
  writeFileSync(join(second, "standby.signal"), "");
  appendFileSync(join(second, "postgresql.auto.conf"), `primary_conninfo = 'host=127.0.0.1 port=${firstPort} user=postgres'\n`);
  const primary = await launch(runner, home, first, firstPort);
  const standby = await launch(runner, home, second, secondPort);
  await eventually(async () => (await ask(firstPort, "select 1 as n from pg_stat_replication where state = 'streaming'")).length === 1, 30_000);

  let target = firstPort;
  const sockets = new Set<Socket>();
  const address = createServer((near) => {
    const far = connect(target, "127.0.0.1");
    for (const [socket, other] of [[near, far], [far, near]] as const) {
      sockets.add(socket);
      socket.on("error", () => other.destroy()).on("close", () => (sockets.delete(socket), other.destroy())).pipe(other);
    }
  });
  await new Promise<void>((listening) => address.listen(0, "127.0.0.1", listening));

  return {
    url: addressOf((address.address() as AddressInfo).port),
    standbyUrl: addressOf(secondPort),
    async caughtUp() {
      const [{ lsn } = { lsn: "" }] = await ask(firstPort, "select pg_current_wal_lsn()::text as lsn");
      await eventually(async () => (await ask(secondPort, `select 1 as n where pg_last_wal_replay_lsn() >= '${String(lsn)}'`)).length === 1, 20_000);
    },
    async cutOff() {
      await ask(secondPort, "alter system set primary_conninfo = ''");
      await ask(secondPort, "select pg_reload_conf()");
      await eventually(async () => (await ask(firstPort, "select 1 as n from pg_stat_replication")).length === 0, 20_000);
    },
    async killPrimary() {
      await end(primary);
      target = secondPort;
      for (const socket of sockets) socket.destroy();
    },
    async promote() {
      await ask(secondPort, "select pg_promote()");
      await eventually(async () => (await ask(secondPort, "select 1 as n where not pg_is_in_recovery()")).length === 1, 20_000);
    },
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((closed) => address.close(closed));
      await Promise.all([end(primary), end(standby)]);
      rmSync(home, { recursive: true, force: true });
    },
  };
}

async function ask(port: number, statement: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: addressOf(port) });
  await client.connect();
  try {
    return (await client.query(statement)).rows as Record<string, unknown>[];
  } finally {
    await client.end();
  }
}

/** Ends with us, however we end: the shell reads our end of a pipe. */
async function launch(runner: Runner, home: string, data: string, port: number): Promise<ChildProcess> {
  const [file, words] = command(runner, "postgres", ["-D", data, "-p", String(port), ...[...settings, `unix_socket_directories=${home}`].flatMap((setting) => ["-c", setting])]);
  const guard = `"$@" & server=$!; cat >/dev/null; kill -QUIT $server; wait $server`;
  const child = spawn("sh", ["-c", guard, "sh", file, ...words], { ...runner.options, stdio: ["pipe", "ignore", "ignore"], detached: true });
  await eventually(() => ask(port, "select 1").then(() => true, () => false), 20_000);
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.stdin?.end();
  await once(child, "exit");
}
