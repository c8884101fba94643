/**
 * Bulk (RFC 7644, 3.7): many writes in one request, each on the way of every write, with the rules of a single call.
 *
 * Denials go first: a list of a thousand changes must not keep a leaver waiting. Otherwise the order is the client's, except that an
 * operation waits for those whose ids it names. All share one deadline; what has not reached the vendor by then is the worker's.
 *
 * @module
 */
import { normalise } from "../dialects/dialect.ts";
import { isObject, type JsonObject } from "../model/json.ts";
import { type BulkOperation, BULK_RESPONSE, readBulk, resolved, withoutMembers } from "../scim/bulk-request.ts";
import { errorBody, faceOf } from "../scim/errors.ts";
import type { Exchange, Face, WriteRequest } from "../scim/exchange.ts";
import type { Rooms } from "./rooms.ts";
import { toldOf } from "./store-away.ts";
import { write } from "./write.ts";

/** How one operation ended. */
interface Ended {
  readonly status: number;
  readonly location: string | undefined;
  readonly version: string | undefined;
  readonly face: Face | undefined;
}

/** @throws Fault, Refusal when the envelope is wrong: then nothing was carried out */
export async function bulk(body: unknown, exchange: Exchange, rooms: Rooms): Promise<JsonObject> {
  const { failOnErrors = Infinity, operations } = readBulk(body, rooms.site.policy.limits.operations);
  const run = new Run(operations, exchange, rooms);
  for (let next = run.next(); next !== undefined && run.failures < failOnErrors; next = run.next()) await run.carryOut(next);
  await run.joinLater();
  return { schemas: [BULK_RESPONSE], Operations: operations.flatMap((operation, at) => shown(operation, run.ended.get(at), exchange)) };
}

/** One Bulk request under way; a class, because which ids are known, what failed and what is left belong to each other. */
class Run {
  readonly #operations: readonly BulkOperation[];
  readonly #exchange: Exchange;
  readonly #rooms: Rooms;
  readonly #untilMs: number;
  readonly #waiting: number[];
  readonly #idOf = new Map<string, string>();
  readonly #known: ReadonlySet<string>;
  /** Members of groups that name each other: joined when both are there. */
  readonly #later: { readonly at: number; readonly group: string; readonly members: readonly unknown[] }[] = [];
  readonly ended = new Map<number, Ended>();
  failures = 0;

  constructor(operations: readonly BulkOperation[], exchange: Exchange, rooms: Rooms) {
    this.#operations = operations;
    this.#exchange = exchange;
    this.#rooms = rooms;
    this.#untilMs = rooms.clock.now() + rooms.site.policy.delivery.deadlineMs;
    this.#waiting = denialsFirst(operations);
    this.#known = new Set(operations.flatMap(({ bulkId, target }) => (bulkId === undefined || !target ? [] : [bulkId])));
  }

  /** The first that waits for nobody; where all wait for each other, the first. */
  next(): number | undefined {
    return this.#waiting.find((at) => this.#missing(at).length === 0) ?? this.#waiting[0];
  }

  async carryOut(at: number): Promise<void> {
    this.#waiting.splice(this.#waiting.indexOf(at), 1);
    const operation = this.#operations[at] as BulkOperation;
    const ended = await this.#attempt(at, operation);
    this.ended.set(at, ended);
    if (ended.face) this.failures += 1;
  }

  async #attempt(at: number, operation: BulkOperation): Promise<Ended> {
    const { target, refused, method, needs } = operation;
    if (refused || !target) return failed(refused ?? { status: 400, detail: "The operation cannot be read." });
    const lost = needs.find((name) => !this.#known.has(name) || this.#hasFailed(name));
    if (lost !== undefined) return failed({ status: 409, detail: `It names bulkId "${lost.slice(0, 64)}", ${this.#known.has(lost) ? "whose operation has failed" : "which no operation of this request has"}.` });
    const open = this.#missing(at);
    const parted = open.length === 0 ? { data: operation.data, later: [] } : target.type === "Group" && method === "POST" ? withoutMembers(operation.data, new Set(open)) : undefined;
    if (!parted) return failed({ status: 409, detail: `It waits for bulkId "${(open[0] ?? "").slice(0, 64)}", which waits for it: send one of them in a request of its own.` });
    const ended = await this.#write({ method, type: target.type, body: this.#resolved(parted.data), query: {}, ...(target.id !== undefined && { id: String(this.#resolved(target.id)) }) }, operation.version);
    const id = ended.location?.slice(ended.location.lastIndexOf("/") + 1);
    if (!ended.face && operation.bulkId !== undefined && id !== undefined) this.#idOf.set(operation.bulkId, id);
    if (!ended.face && id !== undefined && parted.later.length > 0) this.#later.push({ at, group: id, members: parted.later });
    return ended;
  }

  async joinLater(): Promise<void> {
    for (const { at, group, members } of this.#later) {
      const body = { schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], Operations: [{ op: "add", path: "members", value: this.#resolved(members) }] };
      const ended = await this.#write({ method: "PATCH", type: "Group", id: group, body, query: {} }, undefined);
      const before = this.ended.get(at);
      if (before) this.ended.set(at, { ...before, version: ended.version ?? before.version, ...(ended.face && { status: ended.face.status, face: ended.face }) });
    }
  }

  async #write(request: WriteRequest, version: string | undefined): Promise<Ended> {
    const { bridge, base, correlation } = this.#exchange;
    const outer = this.#exchange;
    const exchange: Exchange = { bridge, base, correlation, ifMatch: version, ifNoneMatch: undefined, untilMs: this.#untilMs, face: undefined, setHeader() {}, get answered() { return outer.answered; } };
    const place = `${base}/${request.type}s`;
    try {
      const done = await write(request, exchange, this.#rooms);
      const meta = isObject(done?.["meta"]) ? done["meta"] : {};
      return { status: request.method === "POST" ? 201 : done ? 200 : 204, location: typeof meta["location"] === "string" ? meta["location"] : `${place}/${request.id}`, version: typeof meta["version"] === "string" ? meta["version"] : undefined, face: undefined };
    } catch (thrown) {
      const face = faceOf(toldOf(thrown, correlation, this.#rooms));
      if (face.status === 500) outer.crashed?.(thrown);
      return { ...failed(face), location: request.id === undefined ? undefined : `${place}/${request.id}` };
    }
  }

  #resolved(value: unknown): unknown {
    return resolved(value, (name) => this.#idOf.get(name));
  }

  /** What an operation names and what is still to come. */
  #missing(at: number): readonly string[] {
    return (this.#operations[at]?.needs ?? []).filter((name) => this.#known.has(name) && !this.#idOf.has(name) && !this.#hasFailed(name));
  }

  #hasFailed(bulkId: string): boolean {
    const at = this.#operations.findIndex((operation) => operation.bulkId === bulkId);
    return this.ended.get(at)?.face !== undefined;
  }
}

const failed = (face: Face): Ended => ({ status: face.status, location: undefined, version: undefined, face });

/** Places in the request, those that take access away before the others; nobody overtakes what concerns the same resource. */
function denialsFirst(operations: readonly BulkOperation[]): number[] {
  const touched = new Set<string>();
  const first: number[] = [];
  const rest: number[] = [];
  operations.forEach((operation, at) => {
    const goes = operation.needs.length === 0 && !touched.has(operation.path) && deprives(operation);
    (goes ? first : rest).push(at);
    if (!goes) touched.add(operation.path);
  });
  return [...first, ...rest];
}

/** Only the order hangs on it: what it overlooks is carried out in its turn. */
function deprives({ method, target, data }: BulkOperation): boolean {
  if (target?.type !== "User" || method === "POST") return false;
  if (method === "DELETE") return true;
  const { body } = normalise({ type: "User", method, body: data });
  if (!isObject(body)) return false;
  if (method === "PUT") return saysNo(body["active"]);
  const operations = Array.isArray(body["Operations"]) ? body["Operations"].filter(isObject) : [];
  return operations.some(({ path, value }) => (path === "active" && saysNo(value)) || (isObject(value) && saysNo(value["active"])));
}

/** Truth values are read as words further on. */
const saysNo = (value: unknown): boolean => value === false || (typeof value === "string" && value.toLowerCase() === "false");

/** What was not tried, because too much had failed before it, is not in the answer (RFC 7644, 3.7.3). */
function shown({ method, bulkId, target }: BulkOperation, ended: Ended | undefined, { correlation, base }: Exchange): readonly JsonObject[] {
  if (!ended) return [];
  const location = ended.location ?? (target?.id === undefined ? undefined : `${base}/${target.type}s/${target.id}`);
  return [{
    ...(location !== undefined && { location }),
    method,
    ...(bulkId !== undefined && { bulkId }),
    ...(ended.version !== undefined && { version: ended.version }),
    status: String(ended.status),
    ...(ended.face && { response: errorBody(ended.face, correlation) }),
  }];
}
