/**
 * Starts a simulated vendor: a real HTTP server on 127.0.0.1, and a control port beside it.
 *
 * Deterministic: ids come from a seeded random, time from a clock that can be pushed on, and nothing happens by itself
 * except what a fault was told to do.
 *
 * @module
 */
import type { IncomingMessage } from "node:http";
import { Fault } from "../../../model/failure.ts";
import type { JsonObject } from "../../../model/json.ts";
import { isObject } from "../../../model/json.ts";
import { systemClock } from "../../../runtime/clock.ts";
import { answerControl } from "./control-port.ts";
import type { VendorDefinition } from "./definition.ts";
import { openFaults, parseFault } from "./faults.ts";
import { openJournal } from "./journal.ts";
import type { RateLimit } from "./limit.ts";
import { parseLimit, tokenBuckets } from "./limit.ts";
import { listen } from "./listener.ts";
import type { RunningSimulator, SimulatorOptions } from "./running.ts";
import { seeded } from "./seeded.ts";
import { readStateFile, writeStateFile } from "./state-file.ts";
import { openSwitches } from "./switches.ts";
import { openTenant } from "./tenant.ts";
import { vendorClock } from "./vendor-clock.ts";
import { answerVendorRequest } from "./vendor-port.ts";

export async function startSimulator<State>(definition: VendorDefinition<State>, options: SimulatorOptions = {}): Promise<RunningSimulator<State>> {
  const { stateFile, apiKeys = {} } = options;
  const remembered = stateFile === undefined ? undefined : readStateFile<State>(stateFile, definition.vendor);
  const clock = vendorClock(options.clock ?? systemClock, remembered?.clockAheadMs);
  const random = seeded(remembered?.random ?? options.random ?? 1);
  const switches = openSwitches(definition.switches, options.switches);
  const journal = openJournal(definition.secretFields);
  const faults = openFaults();
  const keys = { ...definition.apiKeys, ...apiKeys };

  let limit: RateLimit | undefined;
  let bucket: ReturnType<typeof tokenBuckets> | undefined;
  const setLimit = (wanted: RateLimit | undefined) => {
    limit = wanted;
    bucket = wanted && tokenBuckets(wanted);
  };

  const tenant = openTenant(definition, remembered?.state, {
    position: switches.position,
    now: clock.now,
    random,
    changed: () => stateFile !== undefined && writeStateFile(stateFile, { vendor: definition.vendor, state: tenant.state(), clockAheadMs: clock.aheadMs(), random: random.position() }),
  });
  const seed = (records: string | JsonObject) => {
    const named = typeof records === "string" ? definition.seeds[records] : records;
    if (!named) throw new Fault({ kind: "invalid", field: "named", detail: `There is no seed "${String(records)}"; possible: ${Object.keys(definition.seeds).join(", ")}` });
    tenant.seed(named);
  };
  const start = () => options.seed !== undefined && seed(options.seed);
  if (!remembered) start();

  const credentialIn = (request: IncomingMessage) => {
    const presented = definition.credentialOf(request.headers);
    const name = Object.keys(keys).find((one) => keys[one] === presented);
    return { name, shown: name ?? (request.headers.authorization === undefined ? "none" : "unknown") };
  };
  const throttled = (credential: string) => {
    const retryAfterSeconds = bucket?.(credential, clock.now());
    return limit && retryAfterSeconds !== undefined ? { retryAfterSeconds, as: limit.as } : undefined;
  };
  let plugPulled = false;
  const setPlug = () => (plugPulled || switches.position("down") === "on" ? vendor.close() : vendor.reopen());
  const pullPlug = (ms: number | undefined) => {
    plugPulled = true;
    void setPlug();
    if (ms !== undefined) clock.after(ms, () => void putBack());
  };
  const putBack = () => {
    plugPulled = false;
    return setPlug();
  };

  const vendorPort = { tenant, journal, faults, clock, credentialIn, throttled, pullPlug };
  const vendor = await listen((request, response) => void answerVendorRequest(vendorPort, request, response), options.port ?? 0);
  const control = await listen((request, response) => void answerControl(running, request, response), options.controlPort ?? 0).catch(async (thrown: unknown) => {
    await vendor.close();
    throw thrown;
  });
  await setPlug();

  const running: RunningSimulator<State> = {
    vendor: definition.vendor,
    url: vendor.url,
    controlUrl: control.url,
    apiKey: Object.values(keys)[0] ?? "",
    apiKeys: keys,
    state: () => structuredClone(tenant.state()),
    journal: journal.entries,
    options: () => ({ switches: switches.all(), limit: limit ?? "off", possible: switches.possible }),
    setSwitches: async ({ limit: wantedLimit, ...wanted }) => {
      const parsed = wantedLimit === undefined ? undefined : { limit: parseLimit(wantedLimit) };
      switches.set(wanted);
      if (parsed) setLimit(parsed.limit);
      await setPlug();
    },
    seed: (records) => seed(isObject(records) && typeof records["named"] === "string" ? records["named"] : records),
    addFault: (...added) => {
      const parsed = added.map(parseFault);
      if (parsed.some(({ kind }) => kind === "staleRead")) tenant.keepHistory(true);
      for (const fault of parsed) faults.add(fault);
    },
    faults: faults.all,
    clearFaults: async () => {
      faults.clear();
      tenant.keepHistory(false);
      await putBack();
    },
    advance: clock.advance,
    now: clock.now,
    reset: async () => {
      faults.clear();
      clock.reset();
      switches.reset();
      setLimit(undefined);
      tenant.reset();
      start();
      journal.clear();
      await putBack();
    },
    stop: async () => {
      clock.stop();
      await Promise.all([vendor.close(), control.close()]);
    },
  };
  return running;
}
