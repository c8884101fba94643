/**
 * The database: there, of our age, writable, durable, with room left.
 *
 * @module
 */
import { type Disk, examineStore, type StoreExamined, type StoreThere } from "../store/examine.ts";
import type { Clock } from "../runtime/clock.ts";
import { counted, failure, type Finding, note, ok, warning } from "./finding.ts";

const MIB = 1_048_576;
/** Below this a database that is written to all day is not worth starting. */
const tooLittle = 200 * MIB;
const little = 2_048 * MIB;
/** A commit waits for the disk; at this pace a request feels it. */
const slowCommitMs = 50;

/** @param url as configured; may hold a password, so no sentence quotes it */
export async function lookAtStore(url: string, clock: Clock): Promise<{ readonly findings: readonly Finding[]; readonly usable: boolean }> {
  const examined = await examineStore(url, clock);
  return { findings: storeFindings(examined), usable: examined.kind === "there" && examined.steps === examined.known };
}

/** What the facts mean. */
export function storeFindings(examined: StoreExamined): readonly Finding[] {
  switch (examined.kind) {
    case "unreachable":
      return [unreachable(examined)];
    case "absent":
      if ("broken" in examined.disk) return [failure("store.reachable", `The database cannot be made at ${examined.file}: its folder takes no file (${examined.disk.broken}).`, `Give the account that runs Drawbridge the right to write there, or name another place in "store:".`)];
      return [note("store.reachable", `There is no database at ${examined.file} yet; the server makes it when it starts.`), ...diskFindings(examined.disk)];
    case "there":
      return [ok("store.reachable", examined.engine === "sqlite" ? `The database is ${examined.file}.` : "PostgreSQL answers."), schema(examined), ...writes(examined), durable(examined), ...(examined.disk === undefined ? [] : diskFindings(examined.disk))];
  }
}

function unreachable({ engine, code }: Extract<StoreExamined, { kind: "unreachable" }>): Finding {
  const at = (says: string, change: string) => failure("store.reachable", says, change);
  if (engine === "sqlite") {
    if (code === "SQLITE_NOTADB" || code === "SQLITE_CORRUPT") return at(`The file that "store:" names is no database, or a damaged one (${code}).`, `Restore it from a backup, or name another file in "store:".`);
    return at(`The database file cannot be opened (${code}).`, `Let "store:" name a file that the account running Drawbridge may read and write, in a folder that it may write to.`);
  }
  if (code === "28P01" || code === "28000") return at("PostgreSQL refuses the user or the password.", `Correct user and password in "store:" (postgres://USER:PASSWORD@HOST/DATABASE), or in the variable that it takes them from.`);
  if (code === "3D000") return at("PostgreSQL has no database of that name.", `Create the database, or correct the name behind the last slash of "store:".`);
  if (code === "42501") return at("The database user may not read our tables.", "Grant the user of \"store:\" all rights on the schema in which Drawbridge's tables are.");
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return at("The host of the database is not known to DNS.", `Correct the host in "store:".`);
  return at(`PostgreSQL cannot be reached (${code}).`, `Start it, open the way to it, or correct host and port in "store:".`);
}

function schema({ steps, known }: StoreThere): Finding {
  if (steps === known) return ok("store.schema", `Its tables are of this version (step ${steps}).`);
  if (steps > known) return failure("store.schema", `Its tables were made by a newer Drawbridge (step ${steps}; this one knows ${known}).`, "Start that version, or restore a backup made by this one.");
  if (steps === 0) return note("store.schema", "It has no tables yet; the server makes them when it starts.");
  return warning("store.schema", `Its tables are older than this version (step ${steps} of ${known}).`, "Make a backup and start the server of this version: it brings the tables up to date.");
}

function writes({ refusesWrites, engine }: StoreThere): readonly Finding[] {
  if (refusesWrites === undefined) return [ok("store.writes", "It takes a write (tried, and rolled back).")];
  if (refusesWrites === "25006") return [failure("store.writes", "The database is read-only: it is a standby, or set to be so.", `Let "store:" name the primary server.`)];
  const change = engine === "sqlite" ? `Make the file and its folder writable for the account that runs Drawbridge, and free some room on its disk.` : `Grant the user of "store:" all rights on Drawbridge's tables.`;
  return [failure("store.writes", `The database takes no write (${refusesWrites}).`, change)];
}

function durable({ undurable, engine }: StoreThere): Finding {
  if (undurable.length === 0) return ok("store.durable", engine === "sqlite" ? "Every commit is on the disk before it is acknowledged (WAL, synchronous FULL)." : "Every commit is on the disk before it is acknowledged (fsync, synchronous_commit).");
  return failure("store.durable", `A commit can be lost in a power cut: ${undurable.join(", ")}.`, engine === "sqlite" ? "Put the database on a local disk whose file system supports WAL." : `Switch ${undurable.map((one) => one.split(" ")[0]).join(" and ")} on in PostgreSQL.`);
}

export function diskFindings(disk: Disk | { readonly broken: string }): readonly Finding[] {
  if ("broken" in disk) return [failure("store.disk", `Its folder takes no file (${disk.broken}), so the database's log cannot be written.`, "Give the account that runs Drawbridge the right to write there, and free some room on that disk.")];
  const { freeBytes, commitMs, network } = disk;
  const room = freeBytes >= 1_024 * MIB ? `${Math.floor(freeBytes / (1_024 * MIB))} GiB` : `${Math.floor(freeBytes / MIB)} MiB`;
  return [
    freeBytes < tooLittle
      ? failure("store.disk", `Only ${room} are free on the database's disk.`, "Free some room, or prune the journal (drawbridge audit export, audit prune); a full disk makes every push end in 503.")
      : freeBytes < little
        ? warning("store.disk", `Only ${room} are free on the database's disk.`, "Make room before it is full: then every push ends in 503.")
        : ok("store.disk", `${room} are free on its disk; a commit takes ${counted(Math.max(1, Math.round(commitMs)), "millisecond")}.`),
    ...(commitMs > slowCommitMs ? [warning("store.pace", `A commit takes ${Math.round(commitMs)} ms on that disk.`, "Put the database on a local solid-state disk; every push waits for one commit.")] : []),
    ...(network === undefined ? [] : [failure("store.network", `The database lies on a network file system (${network}), where SQLite's locks cannot be trusted.`, "Put the file on a local disk, or use PostgreSQL.")]),
  ];
}
