/**
 * `drawbridge drift list|show|repair` and `drawbridge orphans`: what the last complete reconciliation has found.
 *
 * @module
 */
import type { z } from "zod";
import { situations } from "../model/drift.ts";
import { connectionIn } from "../operator/act.ts";
import { listDrift as list, listOrphans as orphans, repairDrift as repair, showDrift as show } from "../operator/drift.ts";
import type { AtConnection } from "./at-connection.ts";
import { confirmed, UsageError } from "./confirm.ts";
import { harmless } from "./timeline-words.ts";
import { type Desk, everyPage, withActs } from "./with-acts.ts";
import { print } from "./with-store.ts";

export interface DriftOptions extends AtConnection {
  readonly situation?: string;
  readonly person?: string;
  readonly limit?: string;
}

export type Found = z.output<typeof show.output>;

export async function listDrift(options: DriftOptions): Promise<void> {
  const { connection, person } = options;
  const situation = options.situation === undefined ? undefined : situationsIn(options.situation);
  await shown(options, "Nothing has drifted, as far as the last complete reconciliation has seen.", ({ ask }, cursor, limit) => ask(list, { connection, person, situation, cursor, limit }));
}

export async function listOrphans(options: DriftOptions): Promise<void> {
  const { connection, person } = options;
  await shown(options, "Every account that this connection manages is somebody's, as far as the last complete reconciliation has seen.", ({ ask }, cursor, limit) => ask(orphans, { connection, person, cursor, limit }));
}

type Asking = (desk: Desk, cursor: string | undefined, limit: number) => Promise<z.output<typeof list.output>>;

async function shown(options: DriftOptions, nothing: string, asking: Asking): Promise<void> {
  const most = options.limit === undefined ? 1_000 : Number(options.limit);
  await withActs(options, async (desk) => {
    let completed: string | null = null;
    const { items } = await everyPage(async (cursor) => {
      const page = await asking(desk, cursor, Math.min(500, most));
      completed = page.completed;
      return page;
    }, most);
    const never = `No reconciliation of ${options.connection} is complete yet: drawbridge reconcile ${options.connection}`;
    print(options, items, items.map(findingWords).join("\n") || (completed === null ? never : nothing));
  });
}

export async function showDrift(id: string, options: AtConnection): Promise<void> {
  await withActs(options, async ({ ask }) => {
    const finding = await ask(show, { connection: options.connection, id });
    const { resource, account, email, attribute, from, to, since, run, repair: its } = finding;
    const rows: readonly (readonly [string, string | null])[] = [
      ["person", resource], ["account", account], ["address", email], ["what", attribute], ["was", from], ["is", to],
      ["first seen", since], ["last run", run], ["a repair", its.by === "person" ? `is for a person: ${its.because}` : `would ${its.does} (lane ${its.lane}): drawbridge drift repair ${id} --connection ${options.connection}`],
    ];
    print(options, finding, [findingWords(finding), ...rows.flatMap(([name, value]) => (value === null ? [] : [`  ${name.padEnd(11)}${harmless(value)}`]))].join("\n"));
  });
}

export async function repairDrift(ids: readonly string[], options: AtConnection & { readonly by?: string; readonly yes?: boolean }): Promise<void> {
  const { connection } = options;
  await withActs(options, async ({ ask, world }) => {
    const asked = [];
    for (const id of ids) asked.push(await ask(show, { connection, id }));
    const { vendor } = await world.site(connectionIn(world, connection));
    await confirmed(`${asked.map(({ name, account, repair: its }) => `${name ?? account}: ${its.by === "person" ? its.because : its.does}`).join("\n")}\nHave it done at ${vendor.title}?`, options);
    const answers = [];
    for (const { id } of asked) answers.push(await ask(repair, { connection, id }));
    print(options, answers.map(({ id, answer }) => ({ id, answer })), answers.map(({ id, says }) => `${id}: ${says}`).join("\n"));
    if (answers.some(({ answer }) => answer !== "ordered")) process.exitCode = 1;
  });
}

function situationsIn(text: string): (typeof situations)[number][] {
  const named = text.split(/[|,]/).map((one) => one.trim());
  const wrong = named.find((one) => !situations.some((situation) => situation === one));
  if (wrong !== undefined) throw new UsageError(`There is no situation "${wrong}"; there are ${situations.join(", ")}.`);
  return named as (typeof situations)[number][];
}

/** A line of a table: what the vendor and the IdP say must not move the cursor. */
export function findingWords({ id, severity, situation, kind, name, email, account, detail, state }: Found): string {
  const mark = { alarm: "!!", warning: "! ", notice: "  " }[severity];
  return harmless(`${mark} ${id}  ${situation.padEnd(15)} ${kind.padEnd(19)} ${name ?? email ?? account ?? ""}${state === "open" ? "" : ` [${state}]`}  ${detail}`);
}
