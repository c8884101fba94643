/**
 * `drawbridge plan FILE`: the vendor calls that SCIM requests, or a whole directory, would lead to. Nothing is executed: the vendor is only
 * read, and the database only copied.
 *
 * @module
 */
import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { type Config, readConfig } from "../config.ts";
import type { ConnectionId } from "../model/ids.ts";
import { systemClock } from "../runtime/clock.ts";
import { openStore } from "../store/open-store.ts";
import { UsageError } from "./confirm.ts";
import { readInput } from "./plan/input.ts";
import { makePlan } from "./plan/make-plan.ts";
import type { Plan } from "./plan/plan.ts";
import { told, world } from "./world.ts";

export interface PlanOptions {
  readonly config: string;
  readonly connection: string;
  readonly observe?: boolean;
  readonly json?: boolean;
}

export async function plan(file: string | undefined, options: PlanOptions): Promise<void> {
  if ((file === undefined) !== (options.observe === true)) throw new UsageError("Say what is to be planned: a file (- = standard input), or --observe for what a connection that observes has been pushed.");
  const config = await readConfig(options.config, world);
  const connection = config.connections.find(({ id }) => id === options.connection);
  if (!connection) throw new UsageError(`There is no connection "${options.connection}"; configured: ${config.connections.map(({ id }) => id).join(", ")}.`);
  if (file === undefined) await observing(config, connection.id);
  const { steps, notes } = file === undefined ? { steps: "observed" as const, notes: [] } : readInput(file === "-" ? await text(process.stdin) : await readFile(file, "utf8").catch((thrown: unknown) => Promise.reject(unreadable(file, thrown))));
  const isShown = !options.json && process.stderr.isTTY && steps !== "observed" && steps.length > 50;
  const made = await makePlan(config, connection, steps, (done) => isShown && done % 50 === 0 && process.stderr.write(`\r${done} of ${steps.length} …`));
  if (isShown) process.stderr.write("\r\u001b[K");
  const then = options.observe ? [`drawbridge observe status --connection ${connection.id} counts them and has the hash by which they are promoted.`] : [];
  const whole: Plan = { ...made, notes: [...notes, ...made.notes, ...then] };
  console.log(options.json ? JSON.stringify(whole, undefined, 2) : wordsOf(whole));
}

async function observing(config: Config, connection: ConnectionId): Promise<void> {
  const store = await openStore({ url: config.store, clock: systemClock });
  try {
    if (!(await store.mode(connection)).observes) throw new UsageError(`${connection} does not observe, so nothing waits to be promoted: drawbridge observe start --connection ${connection}`);
  } finally {
    await store.close();
  }
}

const unreadable = (file: string, thrown: unknown) => new Error((thrown as { code?: string }).code === "ENOENT" ? `There is no file ${file}.` : `${file} cannot be read: ${told(thrown)}`, { cause: thrown });

const list = (counts: Readonly<Record<string, number>>): string => Object.entries(counts).map(([what, count]) => `${count} ${what}`).join(", ") || "nothing";

function wordsOf({ connection, pushes, calls, counts, rails, tasks, open, notes }: Plan): string {
  const lines = pushes.flatMap(({ id, method, path, name, status, detail }) => [
    "",
    method === "PROMOTE" ? `${name ?? "what belongs to several"}` : `${method} ${path}${name === null ? "" : `  (${name})`}  → ${status}${detail === null ? "" : `  ${detail}`}`,
    ...calls.filter(({ push }) => push === id).map(({ method: verb, path: at, body, for: why, person }) => `    ${`${why}${person === null ? "" : ` ${person}`}`.padEnd(36)} ${verb} ${at}${body === null ? "" : ` ${JSON.stringify(body)}`}`),
  ]);
  return [
    `Plan for ${connection}. Nothing was executed: the vendor was only read.`,
    ...lines,
    "",
    pushes.some(({ method }) => method === "PROMOTE") ? `Waiting     ${pushes.length}` : `Requests    ${pushes.length}: ${list(counts.pushes)}`,
    `Operations  ${list(counts.operations)}`,
    ...(Object.keys(counts.failures).length > 0 ? [`Would fail  ${list(counts.failures)}`] : []),
    `Calls       ${counts.calls.writes} that change something, ${counts.calls.reads} that read`,
    ...rails.map(({ rail, detail, pushes: held }) => `Held        ${held} by the rail ${rail}: ${detail}`),
    ...tasks.map(({ title, steps }) => `Task        ${title}: ${steps}`),
    ...open.map(({ person, why }) => `Open        ${person ?? "somebody"}: ${why}`),
    ...notes.map((note) => `Note        ${note}`),
  ].join("\n");
}
