/**
 * What can be said about a database before anybody works with it: whether it is there, how old its tables are, whether it takes a write
 * and keeps it. Migrates nothing and leaves nothing behind.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { open, rm, statfs } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { sql } from "kysely";
import type { Clock } from "../runtime/clock.ts";
import type { Engine } from "./engine.ts";
import { knownSteps, stepsTaken } from "./migrations.ts";
import { openEngine } from "./open-store.ts";

export type StoreExamined =
  /** The embedded database is not made yet; the server makes it when it starts. */
  | { readonly kind: "absent"; readonly file: string; readonly disk: Disk | { readonly broken: string } }
  /** `code`: the system's or the database's own (`ECONNREFUSED`, `28P01`, `SQLITE_NOTADB`). */
  | { readonly kind: "unreachable"; readonly engine: "sqlite" | "postgres"; readonly code: string }
  | StoreThere;

export interface StoreThere {
  readonly kind: "there";
  readonly engine: "sqlite" | "postgres";
  /** Migration steps that were taken, and how many this version knows. */
  readonly steps: number;
  readonly known: number;
  /** Why a write is not taken, by its code; `undefined` = it is. */
  readonly refusesWrites: string | undefined;
  /** What stands between a commit and the disk; empty = nothing. */
  readonly undurable: readonly string[];
  /** Database time less the given clock, ms. */
  readonly aheadMs: number;
  /** The embedded file's own disk. */
  readonly disk: Disk | { readonly broken: string } | undefined;
  readonly file: string | undefined;
}

export interface Disk {
  readonly freeBytes: number;
  /** How long one small write takes until it is on the disk. */
  readonly commitMs: number;
  /** The kind of a file system that is shared over a network, where SQLite's locks and WAL cannot be trusted. */
  readonly network: string | undefined;
}

/** @param url as in `store:` of the configuration */
export async function examineStore(url: string, clock: Clock): Promise<StoreExamined> {
  const file = /^file:./.test(url) && url !== "file::memory:" ? resolve(url.slice("file:".length)) : undefined;
  if (file !== undefined && !existsSync(file)) return { kind: "absent", file, disk: await diskOf(nearestFolder(dirname(file))) };
  let engine: Engine;
  try {
    engine = openEngine(url, clock, false);
  } catch (thrown) {
    return { kind: "unreachable", engine: file === undefined ? "postgres" : "sqlite", code: codeOf(thrown) };
  }
  try {
    return { ...(await thereIn(engine, clock)), disk: file === undefined ? undefined : await diskOf(dirname(file)), file };
  } catch (thrown) {
    return { kind: "unreachable", engine: engine.name, code: codeOf(thrown) };
  } finally {
    await engine.close();
  }
}

async function thereIn(engine: Engine, clock: Clock): Promise<Omit<StoreThere, "disk" | "file">> {
  const { rows } = await sql<{ readonly now_ms: number }>`select ${engine.now()} as now_ms`.execute(engine.db);
  const aheadMs = (rows[0]?.now_ms ?? 0) - clock.now();
  const steps = await stepsTaken(engine);
  return { kind: "there", engine: engine.name, steps, known: knownSteps, refusesWrites: await refusal(engine, steps), undurable: await (engine.name === "sqlite" ? sqliteGaps(engine) : postgresGaps(engine)), aheadMs };
}

/** Leaves the transaction on purpose. */
class RolledBack extends Error {}

async function refusal(engine: Engine, steps: number): Promise<string | undefined> {
  if (steps === 0) return undefined; // there is no table yet that could take one
  try {
    await engine.db.transaction().execute(async (tx) => {
      await sql`insert into keys (name, value) values ('doctor', '')`.execute(tx);
      throw new RolledBack();
    });
  } catch (thrown) {
    return thrown instanceof RolledBack ? undefined : codeOf(thrown);
  }
  return undefined;
}

async function sqliteGaps({ db }: Engine): Promise<readonly string[]> {
  const { rows } = await sql<{ readonly journal_mode: string }>`pragma journal_mode`.execute(db);
  const synchronous = (await sql<{ readonly synchronous: number }>`pragma synchronous`.execute(db)).rows[0]?.synchronous;
  return [...(rows[0]?.journal_mode === "wal" ? [] : [`journal_mode ${rows[0]?.journal_mode}`]), ...(synchronous === 2 ? [] : [`synchronous ${synchronous}`])];
}

async function postgresGaps({ db }: Engine): Promise<readonly string[]> {
  const { rows } = await sql<{ readonly name: string; readonly setting: string }>`select name, setting from pg_settings where name in ('fsync', 'synchronous_commit', 'full_page_writes')`.execute(db);
  return rows.filter(({ setting }) => setting === "off").map(({ name, setting }) => `${name} ${setting}`);
}

/** Linux' names for file systems that several machines share. */
const shared: Readonly<Record<number, string>> = { 0x6969: "NFS", 0xff534d42: "CIFS", 0xfe534d42: "SMB", 0x517b: "SMB", 0x01021997: "9P", 0x65735546: "FUSE", 0x47504653: "GPFS", 0x0bd00bd0: "Lustre", 0x00c36400: "Ceph" };

async function diskOf(folder: string): Promise<Disk | { readonly broken: string }> {
  const trial = join(folder, `.drawbridge-${process.pid}-${Math.random().toString(36).slice(2)}`);
  try {
    const { bavail, bsize, type } = await statfs(folder);
    const began = performance.now();
    const file = await open(trial, "wx", 0o600);
    try {
      await file.writeFile("x".repeat(4_096));
      await file.sync();
    } finally {
      await file.close();
    }
    return { freeBytes: bavail * bsize, commitMs: Math.round((performance.now() - began) * 10) / 10, network: shared[type] };
  } catch (thrown) {
    return { broken: codeOf(thrown) };
  } finally {
    await rm(trial, { force: true }).catch(() => {}); // in a folder that takes no file there is none
  }
}

/** The folder is made with the database; until then the one above it tells. */
function nearestFolder(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : nearestFolder(dirname(folder));
}

function codeOf(thrown: unknown): string {
  const { code, errors } = thrown as { code?: unknown; errors?: readonly { code?: unknown }[] };
  const found = code ?? errors?.[0]?.code;
  return typeof found === "string" ? found : thrown instanceof Error ? thrown.name : "unknown";
}
