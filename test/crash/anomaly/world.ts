/**
 * A world for one kind of push: a database file, a simulated vendor, and incarnations of the house that live and die on that file.
 *
 * An incarnation dies as a process does: its sockets are reset, its open transaction is taken back, its locks are gone, its timers
 * never ring again, and nothing that it was in the middle of goes on. What the vendor had been sent is the vendor's.
 *
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openHouse, type House } from "../../../src/app.ts";
import { type Config, readConfig } from "../../../src/config.ts";
import { startLenientVendor } from "../../support/lenient-vendor.ts";
import { connectionId } from "../../../src/model/ids.ts";
import type { Clock } from "../../../src/runtime/clock.ts";
import type { FaultPoint } from "../../../src/runtime/fault.ts";
import { type Log, silentLog } from "../../../src/runtime/log.ts";
import { token } from "../../support/house.ts";
import { openTrouble, type Trouble } from "./trouble.ts";

export const acme = connectionId("acme");

export interface Answer {
  readonly status: number;
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any;
  readonly retryAfter: string | undefined;
}

export interface VendorUser {
  readonly id: string;
  readonly email: string;
  readonly first_name: string;
  readonly is_enabled: boolean;
  readonly role: string;
}

export interface World {
  readonly vendor: Awaited<ReturnType<typeof startLenientVendor>>;
  readonly trouble: Trouble;
  /** The house of the incarnation that lives now. */
  house(): House;
  isDead(): boolean;
  users(): readonly VendorUser[];
  /** One SCIM request; `undefined` = no answer before the client gave up, or the connection was reset. */
  scim(method: string, path: string, body?: unknown): Promise<Answer | undefined>;
  /** Time goes on by this much for the house; whoever slept until then wakes. */
  skip(ms: number): void;
  /** Ends this incarnation as a power cut would, and begins the next. */
  restart(): Promise<void>;
  /** Ends it as an orchestrator would, and begins the next. */
  stopAndStart(): Promise<void>;
  reload(): Promise<void>;
  /** Lets time pass until nothing is due any more. @throws Error when it does not come to rest */
  drain(): Promise<void>;
  close(): Promise<void>;
}

/** A client that has waited this long gives up; where nothing is planted, only a slow machine is waited for. */
const patienceMs = { planted: 900, otherwise: 15_000 };
/** Far longer than any case takes: what does not come to rest by then never will, however busy the machine. */
const restWithinMs = 180_000;

interface Incarnation {
  readonly house: House;
  readonly port: number;
  readonly life: Life;
}

export async function openWorld(log: Log = silentLog): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), "drawbridge-anomaly-"));
  const vendor = await startLenientVendor();
  const config = await configFor(join(folder, "world.db"), vendor);
  const trouble = openTrouble();
  let aheadMs = 0;
  let buried: Promise<void> = Promise.resolve();
  let current = await begin();

  async function begin(): Promise<Incarnation> {
    const life = new Life(() => Date.now() + aheadMs);
    const born: { yet?: Incarnation } = {};
    await buried;
    // Points on the way to its birth are not for this loop: who dies there has promised nothing.
    const house = await openHouse(config, { log, clock: life, fault: async (point) => born.yet && life.or(trouble.at(point, () => born.yet && kill(born.yet))) });
    return (born.yet = { house, port: (await house.door.listen("127.0.0.1", 0)).port, life });
  }

  function kill({ house, life }: Incarnation): void {
    if (life.over) return;
    life.over = true;
    house.door.server.closeAllConnections();
    house.door.server.close();
    buried = house.store.close();
  }

  const world: World = {
    vendor,
    trouble,
    house: () => current.house,
    isDead: () => current.life.over,
    users: () => (vendor.state() as unknown as { users: VendorUser[] }).users,
    scim: (method, path, body) => scim(current.port, method, path, body, trouble.armed ? patienceMs.planted : patienceMs.otherwise),
    skip(ms) {
      aheadMs += ms;
      current.life.wake();
    },
    async restart() {
      kill(current);
      current = await begin();
    },
    async stopAndStart() {
      const stopped = current.house.stop().then(() => "stopped", () => "failed");
      // A house that hangs at a fault point is killed in the end, as an orchestrator does.
      if ((await Promise.race([stopped, pause(600).then(() => "late")])) !== "stopped") kill(current);
      current = await begin();
    },
    reload: () => current.house.reload(config),
    async drain() {
      const untilMs = Date.now() + restWithinMs;
      for (;;) {
        if (current.life.over) return;
        const work = await current.house.store.openWork(acme, 100_000);
        if (work.every(({ due }) => due.dueAtMs === undefined)) return;
        if (Date.now() > untilMs) throw new Error(`it does not come to rest: ${JSON.stringify(work)}`);
        await pause(4);
        world.skip(250);
      }
    },
    async close() {
      await world.drain().catch(() => {});
      kill(current);
      await buried;
      await vendor.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return world;
}

export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** The clock of one incarnation; after its end nothing rings, and nothing that was awaited comes. */
class Life implements Clock {
  readonly now: () => number;
  over = false;
  readonly #asleep = new Set<{ readonly untilMs: number; readonly wake: () => void }>();

  constructor(now: () => number) {
    this.now = now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const wake = () => {
        clearTimeout(timer);
        this.#asleep.delete(sleeper);
        signal?.removeEventListener("abort", wake);
        if (!this.over) resolve();
      };
      const timer = setTimeout(wake, Math.max(0, ms));
      const sleeper = { untilMs: this.now() + ms, wake };
      this.#asleep.add(sleeper);
      signal?.addEventListener("abort", wake);
    });
  }

  wake(): void {
    for (const { untilMs, wake } of this.#asleep) if (untilMs <= this.now()) wake();
  }

  /** What a step comes to, unless the incarnation ends meanwhile. */
  async or(step: Promise<void>): Promise<void> {
    if (!this.over) await step;
    if (this.over) await new Promise(() => {});
  }
}

function configFor(file: string, { url, apiKey }: { readonly url: string; readonly apiKey: string }): Promise<Config> {
  const document = {
    publicUrl: "http://scim.test",
    store: `file:${file}`,
    egress: { allow: ["127.0.0.1"] },
    connections: {
      acme: {
        connector: "peoplelens",
        auth: { bearer: [{ name: "test", token }] },
        settings: { baseUrl: url, apiKey },
        roles: { map: [{ idp: "Admins", vendor: "Admin", privileged: true }, { idp: "Editors", vendor: "Editor" }, { idp: "Everyone", vendor: "User" }], fallback: "User" },
        rails: { massDeprovision: { count: 1_000_000 } },
        budget: { requestsPerSecond: 1000, burst: 10_000 },
        delivery: { deadline: "300ms", settle: "5s" },
        vendor: { timeout: "250ms" },
      },
    },
  };
  return readConfig("anomaly.yaml", { env: {}, readFile: () => Promise.resolve(JSON.stringify(document)) });
}

/** Without an agent: a socket of one incarnation is never offered to the next. */
function scim(port: number, method: string, path: string, body: unknown, waitMs: number): Promise<Answer | undefined> {
  return new Promise((resolve) => {
    const headers = { authorization: `Bearer ${token}`, ...(body !== undefined && { "content-type": "application/scim+json" }) };
    const asked = request({ host: "127.0.0.1", port, method, path: `/scim/acme/v2${path}`, headers, agent: false }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("error", () => resolve(undefined));
      answer.on("end", () => {
        const text = Buffer.concat(chunks).toString();
        if (answer.complete) resolve({ status: answer.statusCode ?? 0, body: text === "" ? undefined : JSON.parse(text), retryAfter: answer.headers["retry-after"] });
      });
      answer.on("close", () => resolve(undefined));
    });
    const impatient = setTimeout(() => asked.destroy(), waitMs);
    asked.on("error", () => resolve(undefined)).on("close", () => clearTimeout(impatient));
    asked.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

export type { FaultPoint };
