/**
 * Drift: what the last complete reconciliation has found, and having it put right.
 *
 * @module
 */
import { z } from "zod";
import { type DriftKind, driftRules, type Finding, type Situation, situations } from "../model/drift.ts";
import { type ConnectionId, findingId, isResourceId } from "../model/ids.ts";
import { listFindings } from "../reconcile/ask.ts";
import { repairFinding, repairWords } from "../reconcile/repair.ts";
import { act, connectionIn, type World } from "./act.ts";
import { Declined, declining } from "./declined.ts";
import { address, connectionField, iso, isoOrNull, paging, personalText, time } from "./fields.ts";
import { cursorOf, positionIn } from "./pages.ts";
import { personIn } from "./people.ts";
import { situationField } from "./reconciliations.ts";

const kinds = Object.keys(driftRules) as [DriftKind, ...DriftKind[]];

const finding = z.strictObject({
  id: z.string().describe("The same for as long as it is the same drift."),
  connection: z.string(),
  run: z.string(),
  kind: z.enum(kinds),
  situation: situationField,
  severity: z.enum(["alarm", "warning", "notice"]),
  resource: z.string().nullable().describe("Whose it is; null = nobody's."),
  name: address.nullable(),
  account: z.string().nullable(),
  email: address.nullable(),
  attribute: z.string().nullable(),
  from: personalText.nullable().describe("What the vendor had acknowledged."),
  to: personalText.nullable().describe("What it shows now."),
  detail: personalText,
  repair: z.union([
    z.strictObject({ by: z.enum(["look", "deliver"]), lane: z.enum(["deny", "reconcile"]), does: z.string(), administrator: z.boolean().optional() }),
    z.strictObject({ by: z.literal("person"), because: z.string() }),
  ]),
  since: time,
  found: time,
  state: z.enum(["open", "repairing", "repaired", "failed", "held"]),
});

const asked = { connection: connectionField, person: z.string().min(1).max(500).optional().describe("Only this one's."), ...paging };
const page = z.strictObject({ items: z.array(finding), next: z.string().nullable(), completed: time.nullable().describe("When the last complete reconciliation ended; null = none is yet.") });

export const listDrift = act({
  name: "drift.list",
  says: "People and accounts that are not as they should be, the gravest situation first; orphans apart.",
  needs: "viewer",
  route: { method: "GET", path: "/connections/{connection}/drift" },
  command: "drift list",
  input: z.strictObject({ ...asked, situation: z.array(situationField).min(1).optional().describe("Default: all but orphan.") }),
  output: page,
  run: ({ situation, ...wanted }, _, world) => pageOf(wanted, situation ?? situations.filter((one) => one !== "orphan"), world),
});

export const listOrphans = act({
  name: "drift.orphans",
  says: "Accounts at the vendor of nobody whom the IdP knows.",
  needs: "viewer",
  route: { method: "GET", path: "/connections/{connection}/orphans" },
  command: "orphans",
  input: z.strictObject(asked),
  output: page,
  run: (wanted, _, world) => pageOf(wanted, ["orphan"], world),
});

async function pageOf({ person, limit, cursor, ...input }: { readonly connection: string; readonly person?: string | undefined; readonly limit: number; readonly cursor?: string | undefined }, wanted: readonly Situation[], world: World): Promise<z.output<typeof page>> {
  const connection = connectionIn(world, input.connection);
  const [offset] = positionIn(cursor, [0]) ?? [0];
  const resource = person === undefined ? undefined : isResourceId(person) ? person : await personIn(connection, person, world.store);
  const found = await listFindings(world.store, connection, { situations: wanted, resource, offset: Math.max(0, offset), limit: limit + 1 });
  const { completeMs } = await world.store.driftReading(connection);
  return { items: found.slice(0, limit).map(shown), next: found.length > limit ? cursorOf([Math.max(0, offset) + limit]) : null, completed: isoOrNull(completeMs) };
}

export const showDrift = act({
  name: "drift.show",
  says: "One finding.",
  needs: "viewer",
  route: { method: "GET", path: "/connections/{connection}/drift/{id}" },
  command: "drift show",
  input: z.strictObject({ connection: connectionField, id: z.string().max(100) }),
  output: finding,
  async run({ id, ...input }, _, world) {
    return shown(await findingIn(world, connectionIn(world, input.connection), id));
  },
});

export const repairDrift = act({
  name: "drift.repair",
  says: "Has the worker put one finding right, and what else was found of the same person, within the rails.",
  needs: "approver",
  route: { method: "POST", path: "/connections/{connection}/drift/{id}/repair" },
  command: "drift repair",
  input: z.strictObject({ connection: connectionField, id: z.string().max(100) }),
  output: z.strictObject({ id: z.string(), answer: z.enum(Object.keys(repairWords) as [keyof typeof repairWords]).describe("ordered = the worker has it; otherwise nothing was done."), says: z.string() }),
  async run({ id, ...input }, by, world) {
    const connection = connectionIn(world, input.connection);
    await findingIn(world, connection, id);
    const { policy } = await world.site(connection);
    const { answer } = await declining(repairFinding(findingId(id), by.name, policy, world.store));
    world.nudge();
    return { id, answer, says: repairWords[answer] };
  },
});

async function findingIn({ store }: World, connection: ConnectionId, id: string): Promise<Finding> {
  const found = await store.finding(connection, findingId(id));
  if (!found) throw new Declined("notFound", `There is no finding "${id}" on the connection ${connection}; the next run may have ended it.`);
  return found;
}

function shown({ id, connection, run, kind, situation, severity, resource, name, account, email, attribute, from, to, detail, repair, sinceMs, foundMs, state }: Finding): z.output<typeof finding> {
  return {
    id, connection, run, kind, situation, severity, resource: resource ?? null, name: name ?? null, account: account ?? null, email: email ?? null,
    attribute: attribute ?? null, from: from ?? null, to: to ?? null, detail, repair: { ...repair }, since: iso(sinceMs), found: iso(foundMs), state,
  };
}
