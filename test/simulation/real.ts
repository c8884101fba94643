/**
 * The real code in the simulation: `openHouse` as it stands, on a store in memory, with the simulated vendor lent to it and the IdP
 * standing behind the HTTP door.
 *
 * @module
 */
import { openHouse } from "../../src/app.ts";
import type { Config } from "../../src/config.ts";
import { readConfig } from "../../src/config.ts";
import type { Connector } from "../../src/connectors/connector.ts";
import { connectionId, correlationId } from "../../src/model/ids.ts";
import type { JsonObject } from "../../src/model/json.ts";
import type { Policy } from "../../src/model/policy.ts";
import type { Log } from "../../src/runtime/log.ts";
import { faceOf } from "../../src/scim/errors.ts";
import type { Answers, Exchange } from "../../src/scim/exchange.ts";
import type { Store } from "../../src/store/store.ts";
import { connectorOf } from "./connector.ts";
import type { Answer, Door } from "./idp.ts";
import type { Ledger } from "./ledger.ts";
import type { Life } from "./life.ts";
import type { Random } from "./random.ts";
import type { SimVendor } from "./vendor.ts";
import { groupNames } from "./wish.ts";
import type { World } from "./world.ts";

export const acme = connectionId("acme");

export interface Setting {
  readonly deadlineMs: number;
  readonly settleMs: number;
  readonly callTimeoutMs: number;
  /** Two processes share the database, so leases end by time alone. */
  readonly isShared: boolean;
  readonly onOutage: Policy["delivery"]["onOutage"];
}

const document: JsonObject = {
  publicUrl: "http://scim.test",
  store: "file::memory:",
  egress: { allow: ["127.0.0.1"] },
  connections: {
    acme: {
      connector: "peoplelens",
      auth: { bearer: [{ name: "test", token: "test-token-of-more-than-thirty-two-characters" }] },
      settings: { baseUrl: "http://127.0.0.1:1", apiKey: "none" },
      roles: { map: [{ idp: "Admins", vendor: "admin" }, { idp: "Editors", vendor: "editor" }, { idp: "Staff", vendor: "staff" }] },
      rails: { massDeprovision: { count: 1000 } },
      budget: { requestsPerSecond: 20, burst: 20 },
    },
  },
};

let read: Promise<Config> | undefined;

/** Read once; what differs from run to run is put in afterwards, past the checks, so that a sabotaged setting is possible. */
async function configOf({ deadlineMs, settleMs, callTimeoutMs, isShared, onOutage }: Setting): Promise<Config> {
  const config = await (read ??= readConfig("simulation.yaml", { env: {}, readFile: () => Promise.resolve(JSON.stringify(document)) }));
  const delivery: Policy["delivery"] = { deadlineMs, settleMs, vendorTimeoutMs: callTimeoutMs, onOutage };
  return { ...config, store: isShared ? "postgres://shared" : config.store, connections: config.connections.map((connection) => ({ ...connection, policy: { ...connection.policy, delivery } })) };
}

export interface Surroundings {
  readonly world: World;
  readonly vendor: SimVendor;
  readonly ledger: Ledger;
  readonly setting: Setting;
  /** Puts something in the place of the connector: a sabotage. */
  readonly connector?: ((connector: Connector) => Connector) | undefined;
  /** As this process reaches it. */
  readonly store: Store;
  readonly random: Random;
  /** Told of whatever the log calls an error. */
  bug(text: string): void;
}

/** A store as one process has it: each call a step of its life, and now and then slow. */
export function reachedBy(life: Life, store: Store, world: World, slowMs: () => number): Store {
  const reached = Object.entries(store).map(([name, method]) => [
    name,
    (...given: unknown[]) =>
      life.reach(name, async () => {
        const ms = slowMs();
        if (ms > 0) await world.sleep(ms);
        world.underWay += 1;
        try {
          return await (method as (...args: unknown[]) => Promise<unknown>)(...given);
        } finally {
          world.underWay -= 1;
        }
      }),
  ]);
  // What asks nobody answers at once.
  return { ...(Object.fromEntries(reached) as Store), isAway: (thrown) => store.isAway(thrown) };
}

/** Starts a process of ours. Never resolves when it dies on the way. */
export async function openReal(life: Life, { world, vendor, ledger, setting, store, random, bug, connector: sabotage = (connector) => connector }: Surroundings): Promise<Door> {
  const log: Log = {
    info() {},
    warn() {},
    alarm: (message, fields) => world.note(`${life.name} alarms: ${message} ${fields?.resource ?? ""}`),
    error: (message, fields) => bug(`${message}: ${fields?.error ?? ""}`),
  };
  const connector = sabotage(connectorOf(vendor, life));
  const house = await openHouse(await configOf(setting), { log, clock: life.clock, lent: { store, connector: () => connector, random: () => random.next() } });
  const bridge = house.bridge(acme) as Answers;
  const exchangeFor = (correlation: string, answered: Promise<boolean>): Exchange => ({
    bridge,
    base: "http://scim.test/scim/acme/v2",
    ifMatch: undefined,
    ifNoneMatch: undefined,
    correlation: correlationId(correlation),
    answered,
    setHeader() {},
    crashed: (thrown) => bug(String(thrown)),
    face: undefined,
  });
  return {
    async take(push, correlation, writtenOut): Promise<Answer> {
      ledger.asked.set(correlation, push);
      const request = { method: push.method, type: push.type, query: {}, body: push.body, ...(push.id !== undefined && { id: push.id }) };
      try {
        const shown = await bridge.write(request, exchangeFor(correlation, writtenOut));
        return { status: shown === undefined ? 204 : push.method === "POST" ? 201 : 200, id: shown && String(shown["id"]), shown };
      } catch (thrown) {
        const { status, detail } = faceOf(thrown);
        if (status === 500) bug(thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown));
        return { status, detail };
      }
    },
    async find(userName, correlation) {
      const page = await bridge.list({ type: "User", query: { filter: `userName eq "${userName}"` } }, exchangeFor(correlation, Promise.resolve(true)));
      return page.resources.map((resource) => String(resource["id"]));
    },
  };
}

/** The groups that count are there before anything goes wrong. */
export async function openGroups(store: Store, groups: Map<string, string>): Promise<void> {
  for (const [at, name] of groupNames.entries()) {
    const id = `00000000-0000-4000-8000-00000000000${at}` as never;
    await store.commitGroup({ connection: acme, id, readAt: undefined, attributes: { displayName: name }, keys: { name: name.toLowerCase(), externalId: undefined, email: undefined, emails: [], active: true, search: { displayName: name.toLowerCase() } }, members: [], affects: "nobody", journal: [] });
    groups.set(name, id);
  }
}
