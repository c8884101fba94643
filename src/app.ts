/**
 * The house: every room wired to every other, by hand, on one page.
 *
 * @module
 */
import { hostname } from "node:os";
import { fileURLToPath } from "node:url";
import { answersOf } from "./bridge/answers.ts";
import { rememberAnswers } from "./bridge/answered.ts";
import { watchHolds } from "./bridge/holds.ts";
import { postOf } from "./bridge/post.ts";
import type { Rooms } from "./bridge/rooms.ts";
import { defaultPage } from "./bridge/read.ts";
import { changeOf, type PolicyChange, take } from "./bridge/role-policy.ts";
import { serveRoles } from "./bridge/serve-roles.ts";
import { type Config, type ConnectionConfig, setupOf } from "./config.ts";
import type { Connector } from "./connectors/connector.ts";
import { connectorBudget, openConnector } from "./connectors/registry.ts";
import { openCredentials } from "./credentials.ts";
import { memoryBucket, sharedBucket } from "./delivery/bucket.ts";
import { breached } from "./delivery/breach.ts";
import { openBudget } from "./delivery/budget.ts";
import { converge } from "./delivery/converge.ts";
import { withFaults } from "./delivery/faulty-calls.ts";
import { watchJournals } from "./delivery/journal-watch.ts";
import { watchModes } from "./delivery/modes.ts";
import { listen, watchOutages } from "./delivery/outage.ts";
import { rememberLooks } from "./delivery/recent-looks.ts";
import { openSite, type Site, type Works } from "./delivery/site.ts";
import { watchUnderWay } from "./delivery/under-way.ts";
import { startWorker } from "./delivery/worker.ts";
import type { Door } from "./http/door.ts";
import { openDoor } from "./http/server.ts";
import type { ConnectionId } from "./model/ids.ts";
import { operatorsJournal } from "./model/operator.ts";
import type { Policy } from "./model/policy.ts";
import { startNightWatch } from "./reconcile/schedule.ts";
import { openOperating } from "./operating.ts";
import { openOperatorApi } from "./operator-api.ts";
import { type Clock, systemClock } from "./runtime/clock.ts";
import type { FaultAt } from "./runtime/fault.ts";
import type { Log } from "./runtime/log.ts";
import { newCorrelationId } from "./runtime/new-id.ts";
import type { Features } from "./scim/discovery.ts";
import type { Answers } from "./scim/exchange.ts";
import { cursorSeconds, openCursors } from "./scim/cursor.ts";
import { heldDetail } from "./rails/words.ts";
import { chosenSchemas, readCustomSchemas } from "./scim/custom-schemas.ts";
import type { SchemaDocument } from "./scim/schema-documents.ts";
import { groupTable, userTable, withExtensions } from "./scim/schemas.ts";
import { scimSide } from "./scim/resources.ts";
import { openStore } from "./store/open-store.ts";
import type { Store } from "./store/store.ts";
import { watchTokens } from "./tokens.ts";

export interface House {
  readonly door: Door;
  readonly store: Store;
  /** What stands behind the door: a connection's bridge. `undefined` = there is no connection of that name. */
  bridge(connection: ConnectionId): Answers | undefined;
  /** Reads every journal from end to end now, as it is done once an hour; a broken one freezes its connection. */
  checkJournals(): Promise<void>;
  /** Takes over another configuration between two requests; store and address stay as they were. */
  reload(config: Config): Promise<void>;
  /** Lets what is under way end, then closes everything. */
  stop(): Promise<void>;
}

/** Extensions that people have put there; see scim-schemas/README.md. */
const defaultSchemas = fileURLToPath(new URL("../scim-schemas", import.meta.url));

/** What a simulation puts in the place of the world outside; whoever lends a store closes it. */
export interface Lent {
  readonly store: Store;
  connector(connection: ConnectionId): Connector;
  random(): number;
}

export interface Opening {
  readonly log: Log;
  readonly clock?: Clock;
  /** How long calls under way may take once the house closes. */
  readonly drainMs?: number;
  readonly lent?: Lent;
  /** Where the extensions are; default: scim-schemas beside src. */
  readonly schemaFolder?: string;
  /** For tests alone: what happens at the points of `runtime/fault.ts`. */
  readonly fault?: FaultAt;
}

/** How long it may then take to write down what they have come to. */
const cutMs = 2_000;

interface Place {
  /** Its extensions. */
  readonly custom: readonly SchemaDocument[];
  readonly rooms: Rooms;
  readonly site: Site;
  readonly answers: Answers;
}

/** What is advertised is what is enforced. */
const featuresOf = ({ bulk, cursors, roles, tags, limits: { operations, groupBodyBytes, page } }: Policy, custom: readonly SchemaDocument[], authentication: NonNullable<Features["authentication"]>): Features => ({
  bulk: { supported: bulk, maxOperations: operations, maxPayloadSize: groupBodyBytes },
  maxResults: page,
  authentication,
  custom,
  ...(roles.serveAsEntitlements && { grantable: [...roles.map.map(({ idp }) => ({ name: idp, kind: "Role" as const })), ...tags.map(({ idp }) => ({ name: idp, kind: "Tag" as const }))] }),
  ...(cursors && { pagination: { cursor: true, index: true, defaultPaginationMethod: "index", defaultPageSize: Math.min(defaultPage, page), maxPageSize: page, cursorTimeout: cursorSeconds } }),
});

interface Opened {
  readonly rooms: Rooms;
  readonly place: Place;
}

/** What is to be taken over; what a rail held of it is tried again once it is approved. */
interface Wanted {
  readonly config: Config;
  readonly isStart: boolean;
}

const placesOf = (opened: ReadonlyMap<ConnectionId, Opened>): Map<ConnectionId, Place> => new Map([...opened].map(([id, { place }]) => [id, place]));

async function within(ms: number, work: Promise<void>, clock: Clock): Promise<void> {
  const over = new AbortController();
  await Promise.race([work, clock.sleep(ms, over.signal)]);
  over.abort("over");
}

/** What a house must know before it has anything that would have to be stopped. */
async function foundIn(store: Store, isEmbedded: boolean) {
  if (isEmbedded) await store.breakLeases(); // nobody else can be alive on this file
  return { cursorKey: await store.key("cursors"), tokenKey: await store.key("access-tokens"), outages: await store.outages() };
}

/** Nothing of a start that failed stays open: neither a lock on the file nor what would keep the process from ending. */
async function startFailed(store: Store, thrown: unknown): Promise<never> {
  await store.close();
  throw store.isAway(thrown) ? new Error("The database went away while the server was starting. Start it again.", { cause: thrown }) : thrown;
}

export async function openHouse(config: Config, { log, clock = systemClock, drainMs = 20_000, lent, schemaFolder = defaultSchemas, fault }: Opening): Promise<House> {
  const customSchemas = readCustomSchemas(schemaFolder);
  const store: Store = lent?.store ?? (await openStore({ url: config.store, clock, exclusive: true, fault, lost: (connection, reason) => breached({ store, log }, connection, reason) }));
  const isEmbedded = config.store.startsWith("file:");
  const found = await foundIn(store, isEmbedded).catch((thrown: unknown) => startFailed(store, thrown));
  const answered = rememberAnswers(store, clock, log);
  const cursors = openCursors(found.cursorKey);
  const credentials = openCredentials({ key: found.tokenKey, clock, log });
  const owner = `${hostname()}-${process.pid}-${newCorrelationId()}`;
  let places = new Map<ConnectionId, Place>();
  let lastTakeOver = Promise.resolve();
  let wanted: Wanted = { config, isStart: true };

  const works: Works = { store, clock, log, owner, outages: watchOutages(), random: lent?.random ?? Math.random, fault, converged: (run) => operating.converged(run), site: (connection) => places.get(connection)?.site };
  works.outages.told(found.outages); // a restart is no reason to storm a vendor that is down
  const underWay = watchUnderWay((job) => converge(job, works), { store, clock });
  const worker = startWorker(works, () => [...places.values()].map(({ site }) => site), underWay.converge);
  const stopping = new AbortController();
  const cut = new AbortController();
  const holds = watchHolds({ store, clock, log, rooms: (connection) => places.get(connection)?.rooms, policyApproved: () => inTurn(() => wanted) });
  const tokens = watchTokens(store, clock, log);
  const modes = watchModes(store, clock, log, () => worker.nudge());
  const journals = watchJournals(works, () => [...places.keys(), operatorsJournal]);
  const nightWatch = startNightWatch({
    store, clock, log, owner, random: works.random,
    posts: () => [...places.values()].map(({ site }) => postOf(site, { store, clock })),
    ended(connection, how) {
      if (how !== "lost") operating.reconciled({ connection, result: how === "putBack" ? "interrupted" : how });
      worker.nudge(); // of what was found something may be repaired
    },
  });
  const operating = openOperating({ store, clock, log, outages: works.outages, random: works.random, connections: () => [...places.keys()] });
  const tables = { users: withExtensions(userTable, customSchemas), groups: withExtensions(groupTable, customSchemas) };
  const operators = openOperatorApi({ store, clock, log, publicUrl: config.publicUrl, tables, sites: () => [...places.values()].map(({ site }) => site), nudge: () => worker.nudge() });

  async function openPlace(connection: ConnectionConfig, config: Config): Promise<Opened> {
    const custom = chosenSchemas(customSchemas, connection.schemas, connection.id);
    const setup = { ...setupOf(connection, config), clock };
    const plain = lent?.connector(connection.id) ?? (await openConnector(setup));
    const connector = fault ? withFaults(plain, fault) : plain;
    const limits = connection.budget ?? (await connectorBudget(setup));
    const bucket = isEmbedded ? memoryBucket(limits, clock) : sharedBucket(connection.id, limits, store, clock);
    const closed = (begun: boolean) => (stopping.signal.aborted && !begun ? "The server is about to stop." : works.outages.isDown(connection.id) ? "The vendor does not answer at the moment." : undefined);
    const budget = openBudget(limits, clock, { bucket, closed });
    const ears = { exchanged: operating.exchanged(connection.id), heard: listen(connection.id, works.outages), cut: cut.signal };
    const site = openSite(connection.id, connector, connection.policy, budget, rememberLooks(clock), ears);
    const rooms: Rooms = {
      connection: connection.id, site, users: withExtensions(userTable, custom), groups: withExtensions(groupTable, custom), store, clock, log, answered, cursors, owner, fault,
      converge: underWay.converge,
      isDown: () => works.outages.isDown(connection.id),
      mode: () => modes.of(connection.id),
      nudge: () => worker.nudge(),
    };
    return { rooms, place: { custom, rooms, site, answers: answersOf(rooms) } };
  }

  /**
   * Whatever can fail comes first, so that a configuration is taken over whole or not at all. A role policy that a rail holds makes a
   * reload fail; a start goes on with the one that was in force, because a connection that is not there would be worse.
   */
  async function takeOver(next: Wanted): Promise<void> {
    wanted = next;
    if (fault) await fault("reload.begin");
    const { config: its, isStart } = next;
    const operation = await operating.prepare(its);
    const proofs = credentials.prepare(its);
    const desk = operators.prepare(its);
    const opened = new Map<ConnectionId, Opened>();
    const changes: { readonly change: PolicyChange; readonly before: () => Promise<Opened> }[] = [];
    for (const connection of its.connections) {
      const fresh = await openPlace(connection, its);
      const change = await changeOf(store, connection.id, fresh.place.site.vendor, connection.policy);
      const before = () => openPlace({ ...connection, policy: change.former }, its);
      const stopped = await take(change, store, log, { dry: true });
      if (stopped && !isStart) throw new Error(heldDetail(stopped, connection.id));
      if (!stopped) changes.push({ change, before });
      opened.set(connection.id, stopped ? await before() : fresh);
    }
    for (const { rooms } of opened.values()) await serveRoles(rooms);
    await tokens.take(its.connections);
    await operators.look();
    // Before anything is delivered to it. Whoever has promoted a plan is not sent back by the file that still says `observe`.
    for (const { id, mode } of its.connections) if (mode === "observe") await store.observe(id, { by: "configuration", reason: "delivery.mode is observe", again: false });
    operation.use();
    proofs.use();
    desk.use();
    places = placesOf(opened);
    // Only now may anybody be due because of it: before, they would have been planned by the former policy.
    for (const { change, before } of changes) if (await take(change, store, log, { dry: false })) opened.set(change.taking.connection, await before());
    places = placesOf(opened);
    if (fault) await fault("reload.swapped");
    await nightWatch.plan();
    await Promise.all(its.connections.map(({ id }) => store.wake(id))); // a restart or a new credential is a reason to try at once
    worker.nudge();
  }

  function inTurn(next: () => Wanted): Promise<void> {
    const turn = lastTakeOver.then(() => takeOver(next()));
    lastTakeOver = turn.catch(() => {});
    return turn;
  }

  try {
    await inTurn(() => wanted);
  } catch (thrown) {
    tokens.stop();
    operators.stop();
    modes.stop();
    await journals.stop();
    await nightWatch.stop();
    await holds.stop();
    await worker.stop();
    await operating.stop();
    await credentials.stop();
    return startFailed(store, thrown);
  }
  const firstLook = journals.look();

  const door = openDoor({
    publicUrl: config.publicUrl,
    scim: scimSide(),
    bridge: (connection) => (places.get(connection) as Place).answers,
    tokens: tokens.of,
    tokenUsed: tokens.used,
    ...credentials.door,
    features: (connection) => featuresOf((places.get(connection) as Place).site.policy, (places.get(connection) as Place).custom, credentials.schemes(connection, tokens.any(connection))),
    limits: (connection) => (places.get(connection) as Place).site.policy.limits,
    ready: operating.ready,
    metrics: { ...operating.metrics, tokens: operators.tokens },
    operator: operators.door,
    served: operating.served,
    log,
    clock,
  });

  return {
    door,
    store,
    bridge: (connection) => places.get(connection)?.answers,
    checkJournals: () => journals.look(),
    reload: (next) => inTurn(() => ({ config: next, isStart: false })),
    async stop() {
      if (fault) await fault("stop.begin");
      stopping.abort("stopping");
      const ended = Promise.all([door.close(), worker.stop(), holds.stop(), nightWatch.stop()]).then(() => underWay.ended(drainMs));
      await within(drainMs, ended, clock);
      cut.abort("no time left"); // a call that hangs ends without a clear answer, and is written down as such
      await underWay.ended(cutMs);
      await underWay.abandon();
      await door.close();
      await operating.stop();
      await credentials.stop();
      if (fault) await fault("stop.drained");
      tokens.stop();
      operators.stop();
      modes.stop();
      await journals.stop();
      await nightWatch.stop();
      await firstLook;
      await tokens.flush();
      await operators.flush();
      await answered.flush();
      await store.close();
    },
  };
}
