/**
 * Makes a plan by carrying it out: the real bridge, on a throw-away copy of the connection's database, in front of a likeness of the
 * vendor. So the plan is what the server would do, and not what somebody has written down that it does; the vendor is only read.
 *
 * @module
 */
import { randomBytes } from "node:crypto";
import { type House, openHouse } from "../../app.ts";
import { type Config, type ConnectionConfig, setupOf } from "../../config.ts";
import type { Call } from "../../connectors/connector.ts";
import { manifestOf, openConnector } from "../../connectors/registry.ts";
import { callFor } from "../../delivery/call.ts";
import { planParked } from "../../delivery/parked.ts";
import type { Site } from "../../delivery/site.ts";
import { AnotherTenant, provenTenant } from "../../delivery/tenant.ts";
import { rolesNamed } from "../../doctor/roles.ts";
import { failureOf } from "../../model/failure.ts";
import { roleId } from "../../model/ids.ts";
import { systemClock } from "../../runtime/clock.ts";
import { silentLog } from "../../runtime/log.ts";
import { newCorrelationId } from "../../runtime/new-id.ts";
import { Secret } from "../../runtime/secret.ts";
import { openLikeness } from "../../sandbox/likeness/likeness.ts";
import { type Planned, through } from "../../sandbox/likeness/through.ts";
import { openCopy } from "../../store/open-store.ts";
import type { OpenWork, Store } from "../../store/store.ts";
import { openSiteOf } from "../with-site.ts";
import type { Step } from "./input.ts";
import { type Played, playStep, playWaiting } from "./play.ts";
import { planOf, type Plan } from "./plan.ts";

/** The plan's own pace: nobody is at the other end. */
const unhurried = { requestsPerSecond: 1_000, burst: 1_000 };

/**
 * @param steps what would be pushed; or `observed`: what was pushed to a connection that observes, and waits to be promoted
 * @param progress told after each step
 * @throws Error where the vendor cannot be read
 */
export async function makePlan(config: Config, connection: ConnectionConfig, steps: readonly Step[] | "observed", progress: (done: number) => void = () => {}): Promise<Plan> {
  const real = await openSiteOf(config, connection.id);
  const setup = setupOf(connection, config);
  const manifest = await manifestOf(setup);
  const read = (): Call => callFor(undefined, { correlation: newCorrelationId(), exchanges: [] }, real);
  const unread = (thrown: unknown) => new Error(`${thrown instanceof AnotherTenant ? "There is no plan" : `${manifest.title} could not be read, so there is no plan`}: ${failureOf(thrown).detail}`, { cause: thrown });
  const shown = await real.connector.listRoles?.(read()).catch((thrown: unknown) => Promise.reject(unread(thrown)));
  const named = rolesNamed(manifest, { connection }).map(({ role }) => role);
  const likeness = await openLikeness(setup, shown ?? [...new Set(named)].map((id) => ({ id: roleId(id), name: id })));
  let house: House | undefined;
  try {
    const store = await openCopy(config.store, connection.id, systemClock);
    const beganMs = await store.now();
    const planned: Planned[] = [];
    const [find] = [manifest.operations.find ?? []].flat();
    const { connector, made, trouble } = through({ connector: real.connector, call: read }, likeness, await openConnector(likeness.setup), find !== undefined && "scan" in find, (one) => void planned.push(one));
    // A server asks this once for each start; it is no call of the plan.
    await provenTenant({ ...real, connector }, store, read()).catch((thrown: unknown) => Promise.reject(unread(thrown)));
    const waiting = steps === "observed" ? await promoted({ ...real, connector }, store).catch((thrown: unknown) => Promise.reject(unread(thrown))) : [];
    planned.length = 0;
    const token = randomBytes(32).toString("base64url");
    house = await openHouse(privateConfig(config, connection, token), { log: silentLog, drainMs: 2_000, lent: { store, connector: () => connector, random: Math.random } });
    const { port } = await house.door.listen("127.0.0.1", 0);
    const stage = { base: `http://127.0.0.1:${port}/scim/${connection.id}/v2`, token, store, connection: connection.id, planned };
    const played: Played[] = steps === "observed" ? [...(await playWaiting(waiting, stage))] : [];
    if (trouble() !== undefined) throw unread(trouble());
    for (const [at, step] of steps === "observed" ? [] : steps.entries()) {
      played.push(...(await playStep(step, stage)));
      if (trouble() !== undefined) throw unread(trouble());
      progress(at + 1);
    }
    return await planOf(played, { store, connection: connection.id, realPath: likeness.realPath, made, beganMs, observes: connection.mode === "observe" });
  } finally {
    await house?.stop(); // and with it the copy
    await likeness.stop();
  }
}

/** As a person would promote what waits; in the copy. @returns whose turn it is then */
async function promoted(site: Site, store: Store): Promise<readonly OpenWork[]> {
  const { connection } = site;
  await store.observe(connection, { by: "plan", reason: "plan", again: true });
  const waiting = await store.openWork(connection, Number.MAX_SAFE_INTEGER);
  const { losing, journalSeq, hash } = await planParked(site, store);
  await store.promote(connection, { by: "plan", hash, pushesUntilSeq: journalSeq, people: losing });
  return waiting;
}

/** Nothing of this house leaves the machine, and nothing runs in it but what is planned. */
function privateConfig(config: Config, connection: ConnectionConfig, token: string): Config {
  const { reconcile } = connection.policy;
  return {
    ...config,
    store: "file::memory:",
    listen: { ...config.listen, host: "127.0.0.1", port: 0 },
    alarms: { ...config.alarms, webhook: undefined },
    operator: { ...config.operator, bearer: [] },
    connections: [{ ...connection, mode: "deliver", budget: unhurried, bearer: [{ name: "plan", token: new Secret(token) }], auth: { basic: [], oauth: undefined, jwt: undefined, allowFrom: undefined }, policy: { ...connection.policy, reconcile: { ...reconcile, everyMs: undefined } } }],
  };
}
