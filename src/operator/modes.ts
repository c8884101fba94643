/**
 * Modes: a connection stopped and let go again, a first load looked at before it happens. Every server counts it at its next commit and
 * its next vendor call.
 *
 * @module
 */
import { z } from "zod";
import { planParked, parkedKinds } from "../delivery/parked.ts";
import type { ConnectionId } from "../model/ids.ts";
import { ourselves } from "../model/mode.ts";
import { operatorsJournal } from "../model/operator.ts";
import { act, connectionIn, type World } from "./act.ts";
import { Declined } from "./declined.ts";
import { address, connectionField, iso, reason, time } from "./fields.ts";

export const freeze = act({
  name: "modes.freeze",
  says: "Stops a connection: pushes are answered 503, owned denials go on, everything else waits.",
  needs: "operator",
  route: { method: "POST", path: "/connections/{connection}/freeze" },
  command: "freeze",
  input: z.strictObject({ connection: connectionField, reason: reason.min(1).describe("The IdP is told, too.") }),
  output: z.strictObject({ connection: z.string(), frozen: z.literal(true), new: z.boolean().describe("False: it was frozen already, as the rest says."), by: z.string(), reason: z.string(), since: time }),
  async run({ reason: why, ...input }, by, world) {
    const connection = connectionIn(world, input.connection);
    const isNew = await world.store.freeze(connection, { by: by.name, reason: why });
    const mode = await world.store.mode(connection);
    return { connection, frozen: true as const, new: isNew, by: mode.by, reason: mode.reason, since: iso(mode.sinceMs) };
  },
});

export const unfreeze = act({
  name: "modes.unfreeze",
  says: "Ends a freeze; what has waited is due. One that Drawbridge made because the journal is broken ends only when somebody says that they know of it.",
  needs: "approver",
  route: { method: "POST", path: "/connections/{connection}/unfreeze" },
  command: "unfreeze",
  input: z.strictObject({ connection: connectionField, reason: reason.default(""), acceptBreak: z.boolean().default(false).describe("Puts on record that you know of a broken journal.") }),
  output: z.strictObject({ connection: z.string(), frozen: z.literal(false), observes: z.boolean(), accepted: z.array(z.int()).describe("Rows of the journal whose break was put on record.") }),
  async run({ reason: why, acceptBreak, ...input }, by, world) {
    const connection = stoppable(world, input.connection);
    const { store } = world;
    const mode = await store.mode(connection);
    if (!mode.frozen) throw new Declined("conflict", `${connection} is not frozen.`);
    const breaks = mode.by === ourselves ? (await store.verifyJournal(connection)).breaks : [];
    const [first] = breaks;
    if (first && !acceptBreak) throw new Declined("conflict", `The journal of ${connection} is broken at row ${first.row}: ${first.why}. Look into it first; --accept-break (acceptBreak) puts on record that you know of it.`);
    for (const broken of breaks) await store.acceptBreak(connection, broken, { by: by.name, reason: why });
    await store.unfreeze(connection, { by: by.name, reason: why });
    world.nudge();
    const { observes } = await store.mode(connection);
    return { connection, frozen: false as const, observes, accepted: breaks.map(({ row }) => row) };
  },
});

/** The operators' own journal can be found broken, too. */
const stoppable = (world: World, name: string): ConnectionId => (name === operatorsJournal ? operatorsJournal : connectionIn(world, name));

export const startObserving = act({
  name: "modes.observe",
  says: "From now on pushes are kept, and nothing is written at the vendor until the plan is promoted.",
  needs: "operator",
  route: { method: "POST", path: "/connections/{connection}/observe" },
  command: "observe start",
  input: z.strictObject({ connection: connectionField, reason: reason.optional() }),
  output: z.strictObject({ connection: z.string(), observes: z.literal(true), new: z.boolean() }),
  async run({ reason: why, ...input }, by, world) {
    const connection = connectionIn(world, input.connection);
    const begun = await world.store.observe(connection, { by: by.name, reason: why ?? "started by an operator", again: true });
    if (begun === "frozen") throw new Declined("conflict", `${connection} is frozen; unfreeze it first.`);
    return { connection, observes: true as const, new: begun === "begun" };
  },
});

const kinds = z.enum(parkedKinds);

export const observeStatus = act({
  name: "modes.plan",
  says: "What would be done now if an observing connection were promoted, and the plan's hash. The vendor is asked who is there.",
  needs: "operator",
  route: { method: "GET", path: "/connections/{connection}/observe" },
  command: "observe status",
  input: z.strictObject({ connection: connectionField }),
  output: z.strictObject({
    connection: z.string(), since: time, hash: z.string(), counts: z.record(kinds, z.int()),
    people: z.record(kinds, z.array(z.strictObject({ resource: z.string(), userName: address.nullable(), detail: z.string() }))).describe("At most 20 of each kind."),
    affected: z.int(),
  }),
  async run(input, _, world) {
    const site = await world.site(connectionIn(world, input.connection));
    const mode = await world.store.mode(site.connection);
    if (!mode.observes) throw new Declined("conflict", `${site.connection} does not observe.`);
    const { hash, counts, people, affected } = await planParked(site, world.store);
    const named = Object.fromEntries(parkedKinds.map((kind) => [kind, people[kind].map(({ resource, userName, detail }) => ({ resource: resource as string, userName: userName ?? null, detail }))]));
    return { connection: site.connection, since: iso(mode.sinceMs), hash, counts: { ...counts }, people: named as Record<(typeof parkedKinds)[number], { resource: string; userName: string | null; detail: string }[]>, affected };
  },
});

/** How often the plan is made anew because something was pushed meanwhile. */
const attempts = 3;

export const promote = act({
  name: "modes.promote",
  says: "Has an observing connection carry out the plan that was looked at, and deliver from then on. Refused when the plan is another one by now.",
  needs: "approver",
  route: { method: "POST", path: "/connections/{connection}/promote" },
  command: "observe promote",
  input: z.strictObject({ connection: connectionField, hash: z.string().min(1).max(100).describe("Of the plan that was looked at.") }),
  output: z.strictObject({ connection: z.string(), promoted: z.string(), affected: z.int() }),
  async run({ hash, ...input }, by, world) {
    const site = await world.site(connectionIn(world, input.connection));
    const { connection } = site;
    for (let attempt = 1; attempt <= attempts; attempt++) {
      if (!(await world.store.mode(connection)).observes) throw new Declined("conflict", `${connection} does not observe.`);
      const plan = await planParked(site, world.store);
      if (plan.hash !== hash) throw new Declined("changed", `The plan has changed since: it is ${plan.hash} now. Look again: drawbridge observe status --connection ${connection}`);
      const ended = await world.store.promote(connection, { by: by.name, hash, pushesUntilSeq: plan.journalSeq, people: plan.losing });
      if (ended === "frozen") throw new Declined("conflict", `${connection} is frozen; unfreeze it first.`);
      if (ended === "not observing") throw new Declined("conflict", `${connection} does not observe.`);
      if (ended === "moved") continue;
      world.nudge();
      return { connection, promoted: hash, affected: plan.affected };
    }
    throw new Declined("conflict", "Pushes keep coming in while the plan is made. Try again when the IdP is quiet.");
  },
});
