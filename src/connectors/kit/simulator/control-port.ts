/**
 * The control port: what a test in another process, or a person with curl, may do to a simulated vendor.
 *
 *     GET  /options   PUT /options {switch: position, limit}     GET    /journal     POST /clock {advanceMs}
 *     GET  /state     POST /seed {named} or records              POST   /faults      POST /reset
 *     GET  /keys                                                 DELETE /faults      GET  /faults
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { Fault } from "../../../model/failure.ts";
import type { JsonObject } from "../../../model/json.ts";
import { isObject } from "../../../model/json.ts";
import { parseFault } from "./faults.ts";
import type { RunningSimulator } from "./running.ts";
import * as wire from "./wire.ts";

type Action = (simulator: RunningSimulator, body: unknown) => unknown;

const actions: Readonly<Record<string, Action>> = {
  "GET /options": (simulator) => simulator.options(),
  "PUT /options": async (simulator, body) => {
    await simulator.setSwitches(object(body));
    return simulator.options();
  },
  "GET /keys": (simulator) => simulator.apiKeys,
  "GET /state": (simulator) => simulator.state(),
  "POST /seed": (simulator, body) => {
    simulator.seed(object(body));
    return simulator.state();
  },
  "GET /journal": (simulator) => simulator.journal(),
  "GET /faults": (simulator) => simulator.faults(),
  "POST /faults": (simulator, body) => {
    simulator.addFault(...(Array.isArray(body) ? body : [body]).map(parseFault));
    return simulator.faults();
  },
  "DELETE /faults": async (simulator) => {
    await simulator.clearFaults();
    return simulator.faults();
  },
  "POST /clock": (simulator, body) => {
    const { advanceMs } = object(body);
    if (typeof advanceMs !== "number" || advanceMs < 0) throw new Fault({ kind: "invalid", detail: '"advanceMs" is a number of milliseconds, 0 or more' });
    simulator.advance(advanceMs);
    return { now: new Date(simulator.now()).toISOString() };
  },
  "POST /reset": async (simulator) => {
    await simulator.reset();
    return simulator.options();
  },
};

/** Answers one control request: 200 with what is true now, or 400 and 404 with what is possible. Never rejects. */
export async function answerControl(simulator: RunningSimulator, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const text = await wire.readText(request);
  if (text === undefined) return;
  // A page in somebody's browser always names its origin; nothing that should steer a simulator does.
  if (request.headers.origin !== undefined) return wire.send(response, { status: 403, body: { error: "The control port is not for browsers" } });
  const action = actions[`${request.method} ${request.url?.split("?", 1)[0]}`];
  if (!action) return wire.send(response, { status: 404, body: { error: "No such control", possible: Object.keys(actions) } });
  try {
    const read = wire.readJson(text);
    if (read === "broken") throw new Fault({ kind: "invalid", detail: "The body is not JSON" });
    wire.send(response, { status: 200, body: await action(simulator, read.json) });
  } catch (thrown) {
    if (!(thrown instanceof Fault)) return wire.send(response, { status: 500, body: { error: thrown instanceof Error ? thrown.message : String(thrown) } });
    wire.send(response, { status: 400, body: { error: thrown.message, possible: simulator.options().possible } });
  }
}

function object(body: unknown): JsonObject {
  if (!isObject(body)) throw new Fault({ kind: "invalid", detail: "The body is a JSON object" });
  return body;
}
