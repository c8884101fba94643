/**
 * `drawbridge holds list|show|approve|reject`: pushes that a rail has stopped and that wait for a person. A running server carries out
 * what is approved within a second; without one it happens at the next start. Nothing is ever carried out by the passing of time.
 *
 * @module
 */
import type { z } from "zod";
import { connectionIn } from "../operator/act.ts";
import { Declined } from "../operator/declined.ts";
import { approveHold, listHolds as list, rejectHold, showHold as show } from "../operator/holds.ts";
import { confirmed } from "./confirm.ts";
import { type Desk, everyPage, withActs } from "./with-acts.ts";
import { print, type Where } from "./with-store.ts";

type Hold = z.output<typeof list.output>["items"][number];

const open = async ({ ask }: Desk, options: { readonly connection?: string | undefined; readonly all?: boolean | undefined }) => (await everyPage((cursor) => ask(list, { ...options, cursor, limit: 500 }))).items;

export async function listHolds(options: Where & { readonly connection?: string; readonly all?: boolean }): Promise<void> {
  await withActs(options, async (desk) => {
    const holds = await open(desk, { connection: options.connection, all: options.all });
    print(options, holds, holds.map(lineOf).join("\n\n") || "No open holds.");
  });
}

export async function showHold(id: string, options: Where): Promise<void> {
  await withActs(options, async ({ ask }) => {
    const hold = await ask(show, { id });
    const lines = hold.pushes.map((push) => `  ${push.decision ?? "waits"}${push.decision === "approved" && push.done === null ? ", to be carried out" : ""}  ${push.name ?? push.id}  ${push.push}${/ members?|the group/.test(push.push) ? `; loses access: ${push.people.join(", ") || "nobody known"}` : ""}`);
    print(options, hold, [lineOf(hold), ...lines].join("\n"));
  });
}

export interface Deciding extends Where {
  readonly connection: string;
  readonly person?: string;
  readonly by?: string;
  readonly yes?: boolean;
}

export const approveHolds = (ids: readonly string[], options: Deciding): Promise<void> => decide(ids, options, "approved");
export const rejectHolds = (ids: readonly string[], options: Deciding): Promise<void> => decide(ids, options, "rejected");

async function decide(ids: readonly string[], options: Deciding, decision: "approved" | "rejected"): Promise<void> {
  await withActs(options, async (desk) => {
    const connection = connectionIn(desk.world, options.connection);
    const holds = await open(desk, { connection });
    const missing = ids.find((id) => !holds.some((hold) => hold.id === id));
    if (missing !== undefined) throw new Error(`There is no open hold "${missing}" on the connection ${connection}.`);
    const chosen = ids.length === 0 ? holds : holds.filter(({ id }) => ids.includes(id));
    if (chosen.length === 0) throw new Error(`The connection ${connection} has no open hold.`);
    const asked = !options.yes;
    const what = options.person === undefined ? chosen.map(({ id, waiting }) => `${id} (${waiting} waiting)`).join(", ") : `what waits for ${options.person}`;
    await confirmed(`${decision === "approved" ? "Carry out" : "Forget"} ${what}?`, options);

    const decided = [];
    let absent: Declined | undefined;
    for (const { id, version } of chosen) {
      try {
        // Whoever was asked has said yes to what was shown, and to nothing that came since.
        decided.push(await desk.ask(decision === "approved" ? approveHold : rejectHold, { id, person: options.person, ...(asked && options.person === undefined && { seen: version }) }));
      } catch (thrown) {
        if (!(thrown instanceof Declined) || thrown.reason !== "notFound") throw thrown;
        absent = thrown;
      }
    }
    if (decided.length === 0) throw absent ?? new Error("Nothing was decided.");
    const then = decision === "approved" ? "a running server carries it out within a second" : "everybody stays as they are";
    print(options, decided, decided.map(({ id, resources, closed }) => `${id}: ${resources.length} ${decision}; ${then}${closed ? "" : "; the rest still waits"}.`).join("\n"));
  });
}

const lineOf = ({ id, connection, rail, detail, opened, decided, decidedBy, waiting, approved, rejected }: Hold): string =>
  `${id}  ${connection}  ${rail}  ${decided === null ? `open since ${opened}` : `decided ${decided} by ${decidedBy}`}  ${waiting} waiting, ${approved} approved, ${rejected} rejected\n  ${detail}`;
