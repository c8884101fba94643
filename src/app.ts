/**
 * The house: every room wired to every other, by hand, on one page.
 *
 * @module
 */
import { hostname } from "node:os";
import { fileURLToPath } from "node:url";
import { answersOf } from "./bridge/answers.ts";
import { rememberAnswers } from "./bridge/answered.ts";
import type { Rooms } from "./bridge/rooms.ts";
import { defaultPage } from "./bridge/read.ts";
import { serveRoles } from "./bridge/serve-roles.ts";
import { type Config, type ConnectionConfig, setupOf } from "./config.ts";
import { connectorBudget, openConnector } from "./connectors/registry.ts";
import { openBudget } from "./delivery/budget.ts";
import { converge } from "./delivery/converge.ts";
import { withFaults } from "./delivery/faulty-calls.ts";
import { watchJournals } from "./delivery/journal-watch.ts";
import { watchModes } from "./delivery/modes.ts";
import { watchOutages } from "./delivery/outage.ts";
import { rememberLooks } from "./delivery/recent-looks.ts";
import { openSite, type Site, type Works } from "./delivery/site.ts";
import { startWorker } from "./delivery/worker.ts";
import type { Door } from "./http/door.ts";
import { openDoor } from "./http/server.ts";
import type { ConnectionId } from "./model/ids.ts";
import type { Policy } from "./model/policy.ts";
import { openOperating } from "./operating.ts";
import { type Clock, systemClock } from "./runtime/clock.ts";
import type { FaultAt } from "./runtime/fault.ts";
import type { Log } from "./runtime/log.ts";
import { newCorrelationId } from "./runtime/new-id.ts";
import type { Features } from "./scim/discovery.ts";
import type { Answers } from "./scim/exchange.ts";
import { cursorSeconds, openCursors } from "./scim/cursor.ts";
import { readCustomSchemas } from "./scim/custom-schemas.ts";
import { groupTable, userTable, withExtensions } from "./scim/schemas.ts";
import { scimSide } from "./scim/resources.ts";
import { openStore } from "./store/open-store.ts";
import type { Store } from "./store/store.ts";
import { watchTokens } from "./tokens.ts";

export interface House {
  readonly door: Door;
  readonly store: Store;
  /** Reads every journal from end to end now, as it is done once an hour; a broken one freezes its connection. */
  checkJournals(): Promise<void>;
  /** Takes over another configuration between two requests; store and address stay as they were. */
  reload(config: Config): Promise<void>;
  /** Lets what is under way end, then closes everything. */
  stop(): Promise<void>;
}

/** Extensions that people have put there; see scim-schemas/README.md. */
const schemaFolder = fileURLToPath(new URL("../scim-schemas", import.meta.url));

interface Place {
  readonly site: Site;
  readonly answers: Answers;
}

/** What is advertised is what is enforced. */
const featuresOf = ({ bulk, limits: { operations, groupBodyBytes, page } }: Policy): Features => ({
  bulk: { supported: bulk, maxOperations: operations, maxPayloadSize: groupBodyBytes },
  maxResults: page,
  pagination: { cursor: true, index: true, defaultPaginationMethod: "index", defaultPageSize: Math.min(defaultPage, page), maxPageSize: page, cursorTimeout: cursorSeconds },
});

interface Opened {
  readonly rooms: Rooms;
  readonly place: Place;
}

export interface HouseOptions {
  readonly log: Log;
  readonly clock?: Clock;
  /** For tests alone: what happens at the points of `runtime/fault.ts`. */
  readonly fault?: FaultAt;
}

export async function openHouse(config: Config, { log, clock = systemClock, fault }: HouseOptions): Promise<House> {
  const custom = readCustomSchemas(schemaFolder);
  const store = await openStore({ url: config.store, clock, exclusive: true, fault });
  if (config.store.startsWith("file:")) await store.breakLeases(); // nobody else can be alive on this file
  const answered = rememberAnswers(store, clock, log);
  const cursors = openCursors(await store.key("cursors"));
  const owner = `${hostname()}-${process.pid}-${newCorrelationId()}`;
  let places = new Map<ConnectionId, Place>();
  let lastTakeOver = Promise.resolve();

  const works: Works = { store, clock, log, owner, outages: watchOutages(), random: Math.random, fault, site: (connection) => places.get(connection)?.site };
  const worker = startWorker(works, () => [...places.values()].map(({ site }) => site));
  const tokens = watchTokens(store, clock, log);
  const modes = watchModes(store, clock, log, () => worker.nudge());
  const journals = watchJournals(works, () => [...places.keys()]);
  const operating = openOperating({ store, clock, log, outages: works.outages, random: works.random, connections: () => [...places.keys()] });

  async function openPlace(connection: ConnectionConfig, config: Config): Promise<Opened> {
    const setup = setupOf(connection, config);
    const plain = await openConnector(setup);
    const connector = fault ? withFaults(plain, fault) : plain;
    const budget = openBudget(connection.budget ?? (await connectorBudget(setup)), clock);
    const site = openSite(connection.id, connector, connection.policy, budget, rememberLooks(clock), operating.exchanged(connection.id));
    const rooms: Rooms = {
      connection: connection.id, site, users: withExtensions(userTable, custom), groups: withExtensions(groupTable, custom), store, clock, log, answered, cursors, owner, fault,
      converge: (job) => converge(job, works),
      isDown: () => works.outages.isDown(connection.id),
      mode: () => modes.of(connection.id),
      nudge: () => worker.nudge(),
    };
    return { rooms, place: { site, answers: answersOf(rooms) } };
  }

  /** Whatever can fail comes first, so that a configuration is taken over whole or not at all. */
  async function takeOver(next: Config): Promise<void> {
    if (fault) await fault("reload.begin");
    const operation = operating.prepare(next);
    const opened = await Promise.all(next.connections.map(async (connection): Promise<[ConnectionId, Opened]> => [connection.id, await openPlace(connection, next)]));
    for (const [, { rooms }] of opened) await serveRoles(rooms);
    await tokens.take(next.connections);
    // Before anything is delivered to it. Whoever has promoted a plan is not sent back by the file that still says `observe`.
    for (const { id, mode } of next.connections) if (mode === "observe") await store.observe(id, { by: "configuration", reason: "delivery.mode is observe", again: false });
    operation.use();
    places = new Map(opened.map(([id, { place }]) => [id, place]));
    if (fault) await fault("reload.swapped");
    await Promise.all(next.connections.map(({ id }) => store.wake(id))); // a restart or a new credential is a reason to try at once
    worker.nudge();
  }

  try {
    await takeOver(config);
  } catch (thrown) {
    tokens.stop();
    modes.stop();
    await journals.stop();
    await worker.stop();
    await operating.stop();
    await store.close();
    throw thrown;
  }
  const firstLook = journals.look();

  const door = openDoor({
    publicUrl: config.publicUrl,
    scim: scimSide(custom),
    bridge: (connection) => (places.get(connection) as Place).answers,
    tokens: tokens.of,
    tokenUsed: tokens.used,
    features: (connection) => featuresOf((places.get(connection) as Place).site.policy),
    limits: (connection) => (places.get(connection) as Place).site.policy.limits,
    ready: operating.ready,
    metrics: operating.metrics,
    served: operating.served,
    log,
    clock,
  });

  return {
    door,
    store,
    checkJournals: () => journals.look(),
    reload(next) {
      const turn = lastTakeOver.then(() => takeOver(next));
      lastTakeOver = turn.catch(() => {});
      return turn;
    },
    async stop() {
      if (fault) await fault("stop.begin");
      await door.close();
      await worker.stop();
      await operating.stop();
      if (fault) await fault("stop.drained");
      tokens.stop();
      modes.stop();
      await journals.stop();
      await firstLook;
      await tokens.flush();
      await answered.flush();
      await store.close();
    },
  };
}
