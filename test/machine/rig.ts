/**
 * What the state machine drives: the real house on one SQLite file, restarted and crashed at will, a simulated PeopleLens, one
 * virtual time for both, and an eye on every call at the moment it is sent.
 *
 * @module
 */
import { mkdtempSync, rmSync } from "node:fs";
import type { Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import SqliteFile from "better-sqlite3";
import { type House, openHouse } from "../../src/app.ts";
import { type Config, readConfig } from "../../src/config.ts";
import type { RunningSimulator } from "../../src/connectors/kit/simulator/running.ts";
import type { PeopleLensState } from "../../src/connectors/peoplelens/simulated/state.ts";
import { startPeopleLens } from "../../src/connectors/peoplelens/simulator.ts";
import { connectionId } from "../../src/model/ids.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { silentLog } from "../../src/runtime/log.ts";
import { token } from "../support/house.ts";
import { openVirtualTime, type VirtualTime } from "../support/virtual-time.ts";
import { byHand, bystanders, watchCalls } from "./watch-calls.ts";

export const acme = connectionId("acme");
export const roleMap = [{ idp: "Admins", vendor: "Admin", privileged: true }, { idp: "g-editors", vendor: "Editor" }, { idp: "Everyone", vendor: "User" }];
/** Longer than any late call of the machine and any lag of its lists. */
export const settleSeconds = 30;

export interface Answer {
  readonly status: number;
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any;
}

export class Rig {
  readonly time: VirtualTime;
  readonly vendor: RunningSimulator<PeopleLensState>;
  /** What the eye has seen that must not be. */
  readonly breaches: string[] = [];
  /** A second pair of eyes on the file: sees what is committed, and nothing else. */
  readonly file: SqliteFile.Database;
  readonly #folder: string;
  readonly #config: Config;
  readonly #vendorLife: { end(): void };
  #house!: House;
  #life!: { end(): void };
  #base = "";
  #sent = 0;
  readonly #onTheWire = new Map<string, () => void>();
  #crashAt: number | undefined;
  #crashed = false;
  #closed: Promise<void> = Promise.resolve();

  private constructor(time: VirtualTime, vendor: RunningSimulator<PeopleLensState>, vendorLife: { end(): void }, folder: string, config: Config) {
    this.time = time;
    this.vendor = vendor;
    this.#vendorLife = vendorLife;
    this.#folder = folder;
    this.#config = config;
    this.file = new SqliteFile(join(folder, "machine.db"));
  }

  static async open(connection: JsonObject = {}): Promise<Rig> {
    const folder = mkdtempSync(join(tmpdir(), "drawbridge-machine-"));
    const time = openVirtualTime();
    const vendorLife = time.life();
    const vendor = await startPeopleLens({ clock: vendorLife.clock, seed: { users: bystanders } });
    time.watch(vendor.url);
    const document = {
      listen: { host: "127.0.0.1", port: 0 },
      publicUrl: "http://scim.test",
      store: `file:${join(folder, "machine.db")}`,
      egress: { allow: ["127.0.0.1"] },
      connections: {
        acme: {
          connector: "peoplelens",
          auth: { bearer: [{ name: "test", token }] },
          settings: { baseUrl: vendor.url, apiKey: vendor.apiKey },
          roles: { map: roleMap, fallback: "User" },
          rails: { massDeprovision: { count: 1000 } },
          delivery: { deadline: "10s", settle: `${settleSeconds}s` },
          budget: { requestsPerSecond: 1000, burst: 1000 },
          ...connection,
        },
      },
    };
    const config = await readConfig("machine.yaml", { env: {}, readFile: async () => JSON.stringify(document) });
    const rig = new Rig(time, vendor, vendorLife, folder, config);
    await rig.start();
    const watched = watchCalls(rig);
    time.onCall = (method, path) => {
      watched(method, path);
      if (rig.#crashAt !== undefined && --rig.#crashAt === 0) rig.#pull();
    };
    return rig;
  }

  get house(): House {
    return this.#house;
  }

  async start(): Promise<void> {
    const life = this.time.life();
    this.#life = life;
    this.#house = await this.time.during(openHouse(this.#config, { log: silentLog, clock: life.clock }));
    this.#watchDoor(this.#house.door.server);
    const { port } = await this.#house.door.listen("127.0.0.1", 0);
    this.#base = `http://127.0.0.1:${port}/scim/acme/v2`;
  }

  /** @returns `undefined` when nobody answered, because the process died */
  scim(method: string, path: string, body?: unknown): Promise<Answer | undefined> {
    return this.time.during(this.#send(method, path, body).catch(() => undefined));
  }

  /** Several at once; the n-th of all vendor calls from now on finds the process dying. */
  together<T>(work: () => Promise<T>): Promise<T> {
    return this.time.during(work());
  }

  /** The time stands still while the request is on the wire, and not while it is inside the house. */
  async #send(method: string, path: string, body: unknown): Promise<Answer> {
    const number = String(++this.#sent);
    this.#onTheWire.set(number, this.time.busy());
    try {
      return await this.#exchange(number, method, path, body);
    } finally {
      this.#onTheWire.get(number)?.();
      this.#onTheWire.delete(number);
    }
  }

  #watchDoor(server: Server): void {
    server.prependListener("request", (request, response) => {
      const number = String(request.headers["x-number"]);
      this.#onTheWire.get(number)?.();
      response.once("finish", () => void (this.#onTheWire.has(number) && this.#onTheWire.set(number, this.time.busy())));
    });
  }

  async #exchange(number: string, method: string, path: string, body: unknown): Promise<Answer> {
    const answer = await fetch(this.#base + path, {
      method,
      headers: { Authorization: `Bearer ${token}`, Connection: "close", "X-Number": number, ...(body !== undefined && { "Content-Type": "application/scim+json" }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, body: text === "" ? undefined : JSON.parse(text) };
  }

  send(method: string, path: string, body?: unknown): Promise<Answer | undefined> {
    return this.#send(method, path, body).catch(() => undefined);
  }

  /** The process is to die when its n-th vendor call from now goes out. */
  crashAtCall(nth: number | undefined): void {
    this.#crashAt = nth;
  }

  /** The process dies: no timer of it fires again, its file is closed in the middle of whatever it was at, its sockets are cut. */
  #pull(): void {
    if (this.#crashed) return;
    this.#crashed = true;
    this.#life.end();
    this.#closed = this.#house.store.close().catch(() => undefined);
    void this.#house.door.close();
    this.#house.door.server.closeAllConnections();
  }

  /** Dies if it has not yet, and a new one is started on the same file. */
  async crash(): Promise<void> {
    this.#pull();
    await this.#closed;
    this.#crashed = false;
    this.#crashAt = undefined;
    await this.start();
  }

  get isDead(): boolean {
    return this.#crashed;
  }

  async restart(): Promise<void> {
    await this.time.during(this.#house.stop());
    this.#life.end();
    await this.start();
  }

  async stop(): Promise<void> {
    this.time.onCall = undefined;
    await this.time.during(this.#house.stop());
    this.#life.end();
    this.#vendorLife.end();
    await this.vendor.stop();
    this.time.stop();
    this.file.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** What somebody does at the vendor, past us; whatever ails the vendor ails them too. */
  async hand(method: string, id: string, body?: object): Promise<void> {
    const headers = { Authorization: `Bearer ${this.vendor.apiKey}`, "Content-Type": "application/json", Connection: "close" };
    await this.time.during(fetch(`${this.vendor.url}/api/users/${id}?${byHand}`, { method, headers, ...(body && { body: JSON.stringify(body) }) }).then((answer) => answer.text()).catch(() => undefined));
  }
}
