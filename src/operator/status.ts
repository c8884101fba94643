/**
 * The house at a glance: the numbers behind `/metrics`, added up, for people.
 *
 * @module
 */
import { z } from "zod";
import { act } from "./act.ts";
import { healthOf } from "./connections.ts";
import { iso, time } from "./fields.ts";

export const showStatus = act({
  name: "status",
  says: "The house at a glance: what is open over all connections, and which of them need somebody.",
  needs: "viewer",
  route: { method: "GET", path: "/status" },
  command: "status",
  input: z.strictObject({}),
  output: z.strictObject({
    now: time,
    connections: z.int(),
    frozen: z.array(z.string()),
    observing: z.array(z.string()),
    vendorsDown: z.array(z.string()),
    credentialsRefused: z.array(z.string()),
    oldestDenialSeconds: z.int().nullable(),
    backlog: z.strictObject({ deny: z.int(), grant: z.int(), profile: z.int(), reconcile: z.int() }),
    failed: z.int(),
    openHolds: z.int(),
    heldPushes: z.int(),
    openTasks: z.int(),
    unsentNotices: z.int().describe("Alarms that are on their way to the webhook."),
  }),
  async run(_, __, world) {
    const all = await Promise.all(world.connections.map((connection) => healthOf(connection, world)));
    const names = (which: (one: (typeof all)[number]) => boolean) => all.filter(which).map(({ id }) => id);
    const sum = (of: (one: (typeof all)[number]) => number) => all.reduce((total, one) => total + of(one), 0);
    const denials = all.flatMap(({ oldestDenialSeconds }) => (oldestDenialSeconds === null ? [] : [oldestDenialSeconds]));
    return {
      now: iso(await world.store.now()),
      connections: all.length,
      frozen: names(({ mode }) => mode === "frozen"),
      observing: names(({ mode }) => mode === "observes"),
      vendorsDown: names(({ vendorDown }) => vendorDown),
      credentialsRefused: names(({ credential }) => credential === "refused"),
      oldestDenialSeconds: denials.length === 0 ? null : Math.max(...denials),
      backlog: { deny: sum(({ backlog }) => backlog.deny), grant: sum(({ backlog }) => backlog.grant), profile: sum(({ backlog }) => backlog.profile), reconcile: sum(({ backlog }) => backlog.reconcile) },
      failed: sum(({ failed }) => failed),
      openHolds: sum(({ openHolds }) => openHolds),
      heldPushes: sum(({ heldPushes }) => heldPushes),
      openTasks: sum(({ openTasks }) => openTasks),
      unsentNotices: await world.store.unsentNotices(),
    };
  },
});
