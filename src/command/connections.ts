/**
 * `drawbridge connections list|show|check` and `drawbridge status`: how the connections are, and the house at a glance.
 *
 * @module
 */
import type { z } from "zod";
import { ago } from "../delivery/watch.ts";
import { checkConnection as check, listConnections as list, showConnection as show } from "../operator/connections.ts";
import { showStatus as status } from "../operator/status.ts";
import { table } from "./table.ts";
import { harmless } from "./timeline-words.ts";
import { everyPage, withActs } from "./with-acts.ts";
import { print, type Where } from "./with-store.ts";

type Connection = z.output<typeof list.output>["items"][number];

export async function listConnections(options: Where): Promise<void> {
  await withActs(options, async ({ ask }) => {
    const { items } = await everyPage((cursor) => ask(list, { cursor, limit: 500 }));
    const rows = items.map((one) => [one.id, one.vendor, one.mode, one.vendorDown ? "down" : "up", one.credential, ageOf(one.oldestDenialSeconds), backlogOf(one), one.failed, one.openHolds, one.openTasks, one.lastPush]);
    print(options, items, rows.length === 0 ? "No connections." : table(["ID", "VENDOR", "MODE", "IS", "CREDENTIAL", "OLDEST DENIAL", "BACKLOG", "FAILED", "HOLDS", "TASKS", "LAST PUSH"], rows));
  });
}

export async function showConnection(id: string, options: Where): Promise<void> {
  await withActs(options, async ({ ask }) => {
    const its = await ask(show, { connection: id });
    const lines = [
      `${its.id}  ${its.vendor}`,
      `  base URL       ${its.baseUrl}`,
      `  mode           ${its.mode}${its.modeSince === null ? "" : `, since ${its.modeSince}, by ${its.modeBy}: ${its.modeReason}`}`,
      `  vendor         ${its.vendorDown ? `down since ${its.downSince}, next probe ${its.nextProbe}` : "answers, as far as is known"}`,
      `  credential     ${its.credential}${its.credentialAt === null ? "" : `, ${its.credentialAt}`}`,
      `  oldest denial  ${ageOf(its.oldestDenialSeconds) ?? "none"}`,
      `  backlog        ${backlogOf(its)}`,
      `  given up       ${its.failed}`,
      `  holds          ${held(its)}`,
      `  tasks          ${its.openTasks}`,
      `  last push      ${its.lastPush ?? "none"}`,
      `  journal        ${its.journalRows} rows`,
      `  can            ${its.can.join(", ")}`,
      ...its.tokens.map(({ name, expires, lastUsed }) => `  token          ${name}, expires ${expires ?? "never"}, last used ${lastUsed ?? "never"}`),
    ];
    print(options, its, lines.map(harmless).join("\n"));
  });
}

/** Exit code 1 when the vendor says no, or nothing. */
export async function checkConnection(id: string, options: Where): Promise<void> {
  await withActs(options, async ({ ask }) => {
    const its = await ask(check, { connection: id });
    print(options, its, its.ok ? `${id}: the vendor answers and takes the credential.` : `${id}: ${its.failure?.kind}: ${its.failure?.detail}`);
    if (!its.ok) process.exitCode = 1;
  });
}

export async function showStatus(options: Where): Promise<void> {
  await withActs(options, async ({ ask }) => {
    const its = await ask(status, {});
    const some = (names: readonly string[]) => names.join(", ") || "none";
    const rows: readonly (readonly [string, string | number])[] = [
      ["connections", its.connections],
      ["frozen", some(its.frozen)],
      ["observing", some(its.observing)],
      ["vendors down", some(its.vendorsDown)],
      ["credential refused", some(its.credentialsRefused)],
      ["oldest denial", ageOf(its.oldestDenialSeconds) ?? "none"],
      ["backlog", backlogOf(its)],
      ["given up", its.failed],
      ["holds", held(its)],
      ["tasks", its.openTasks],
      ["unsent notices", its.unsentNotices],
    ];
    print(options, its, rows.map(([name, value]) => `${name.padEnd(20)}${value}`).join("\n"));
  });
}

const ageOf = (seconds: number | null): string | null => (seconds === null ? null : ago(seconds * 1_000));
const backlogOf = ({ backlog }: Pick<Connection, "backlog">): string => Object.entries(backlog).filter(([, count]) => count > 0).map(([lane, count]) => `${lane} ${count}`).join(", ") || "none";
const held = ({ openHolds, heldPushes }: Pick<Connection, "openHolds" | "heldPushes">): string => (openHolds === 0 ? "none" : `${openHolds}, with ${heldPushes} ${heldPushes === 1 ? "push" : "pushes"}`);
