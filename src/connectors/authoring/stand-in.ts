/**
 * A stand-in for the vendor of a manifest: it does what the manifest says that the vendor does.
 *
 * So it can show whether a manifest holds together (that a create is read back, that a denial is seen to work, that broken
 * answers are never "nobody"), and never whether the vendor is like that.
 *
 * @module
 */
import type { IncomingHttpHeaders } from "node:http";
import type { Json, JsonObject } from "../../model/json.ts";
import { isObject } from "../../model/json.ts";
import { firstText, put } from "../kit/json-path.ts";
import type { Answer, Route, VendorDefinition, VendorRequest, World } from "../kit/simulator/definition.ts";
import { emailKey } from "../kit/email.ts";
import { fill, placeholdersIn } from "../kit/template.ts";
import { fits } from "../manifest-account.ts";
import type { Manifest, ManifestCall } from "../manifest-schema.ts";
import type { Settings } from "../manifest-settings.ts";
import { fitting } from "./samples.ts";
import type { Deed, Person, VendorRecord } from "./stand-in-records.ts";
import { absorb, isMadeFrom, recordOf, setActive } from "./stand-in-records.ts";

export interface StandInState {
  people: VendorRecord[];
}

type Tenant = World<StandInState>;

/**
 * @param credential the whole value of the auth header
 * @param firstId where the numbers begin that new ids are made from
 */
export function standInOf(manifest: Manifest, settings: Settings, credential: string, roles: readonly string[], firstId = 5_000): VendorDefinition<StandInState> {
  const { account, errors, http } = manifest;
  const deeds = deedsOf(manifest);
  let made = 0;
  const creates = new Set(listOf(manifest.operations.create).map(({ call }) => call));
  const restores = new Set(listOf(manifest.operations.reactivate).flatMap(({ restore }) => restore?.call ?? []));

  const error = (status: number, message: string): Answer => {
    const body: Record<string, Json> = {};
    if (errors.message[0] !== undefined) put(body, errors.message[0], message);
    return { status, body };
  };
  const idOf = (record: VendorRecord) => firstText(record, [account.id]);
  const emailOf = (record: VendorRecord) => firstText(record, [account.email]) ?? "";

  /** An answer in which everything is as the manifest demands. */
  const accepted = (call: ManifestCall, fillBody: (body: Record<string, Json>) => Json = (body) => body): Json | undefined => {
    const body: Record<string, Json> = {};
    for (const { at: path, equals, exists } of call.accept) if (equals !== undefined) put(body, path, equals); else if (exists === true) put(body, path, "present");
    const whole = fillBody(body);
    return isObject(whole) && Object.keys(whole).length === 0 && call.item === undefined && call.items === undefined ? undefined : whole;
  };
  const placed = (path: string, value: Json) => (body: Record<string, Json>): Json => {
    if (path === "") return isObject(value) ? { ...body, ...value } : value;
    put(body, path, value);
    return body;
  };
  const firstPath = (paths: ManifestCall["items"]): string => (typeof paths === "string" ? paths : (paths?.[0] ?? ""));

  function list(call: ManifestCall, name: string, request: VendorRequest, { state }: Tenant): Answer {
    const all: readonly JsonObject[] = manifest.roles.from === "call" && manifest.roles.call === name ? roles.map((id) => roleRecord(manifest, id)) : state.people.filter((record) => isAskedFor(call, request, record));
    const paging = call.paging ?? manifest.paging;
    if (paging.style === "none") return { status: 200, body: accepted(call, placed(firstPath(call.items), all)) };
    const size = Math.max(1, Number(request.query.get(paging.size.names[0] ?? "")) || paging.size.value);
    const page = Math.max(0, Number(request.query.get(paging.page) ?? paging.from) - paging.from);
    const pages = Math.ceil(all.length / size);
    const body = accepted(call, placed(firstPath(call.items), all.slice(page * size, (page + 1) * size)));
    if (paging.end.by !== "emptyPage" && isObject(body)) put(body as Record<string, Json>, paging.end.at, paging.end.by === "totalPages" ? pages : paging.end.by === "total" ? all.length : page + 1 < pages);
    return { status: 200, body };
  }

  /** A search finds parts of addresses, as the more dangerous vendors do. */
  const isAskedFor = (call: ManifestCall, request: VendorRequest, record: VendorRecord): boolean =>
    Object.entries(call.query ?? {}).every(([key, template]) => {
      const asked = request.query.get(key) ?? "";
      const [name] = typeof template === "string" ? placeholdersIn(template) : [];
      if (name === "email") return emailOf(record).toLowerCase().includes(asked.toLowerCase());
      return name !== "id" || idOf(record) === asked;
    });

  function create(call: ManifestCall, request: VendorRequest, world: Tenant): Answer {
    const person: Person = { id: fitting(account.idPattern, firstId + made++, account.idExample) ?? "made", email: "", role: roles[0] ?? "", active: true };
    const record: VendorRecord = {};
    put(record, account.id, person.id);
    if (account.role !== undefined) put(record, account.role, person.role);
    absorb(manifest, deeds, record, request.body);
    setActive(manifest, settings, record, true);
    if (world.state.people.some((other) => emailKey(emailOf(other)) === emailKey(emailOf(record)))) return error(409, "already exists");
    return { status: 200, body: accepted(call, placed(call.item ?? "", record)), commit: () => void (lies(world) || world.state.people.push(record)) };
  }

  function change(call: ManifestCall, name: string, request: VendorRequest, world: Tenant): Answer {
    const record = world.state.people.find((one) => idOf(one) === request.parameters["id"]);
    if (!record) return error(404, "not found");
    const meant = deeds.filter((deed) => deed.call === name && isMadeFrom(deed.body, request.body));
    const after = structuredClone(record);
    const written = absorb(manifest, deeds, after, request.body);
    // Where a body says nothing about the state, the call itself must be what changes it: POST …/suspend.
    const saysState = account.active.some(({ at: paths }) => [paths].flat().some((path) => written.has(path)));
    if (restores.has(name)) for (const { restore } of listOf(manifest.operations.reactivate)) if (restore?.call === name && fits(after, restore.when, settings)) setActive(manifest, settings, after, true);
    const gone = meant.some(({ confirm }) => confirm !== "none" && "gone" in confirm);
    if (!saysState) for (const { confirm } of meant) if (confirm !== "none" && "at" in confirm && confirm.at === "active") setActive(manifest, settings, after, confirm.equals === true);
    const commit = () => {
      if (lies(world)) return;
      if (gone) world.state.people = world.state.people.filter((one) => one !== record);
      else {
        for (const key of Object.keys(record)) delete record[key];
        Object.assign(record, after);
      }
    };
    return { status: 200, body: accepted(call, call.item === undefined ? undefined : placed(call.item, after)), commit };
  }

  function answer(candidates: readonly (readonly [string, ManifestCall])[], request: VendorRequest, world: Tenant): Answer {
    // Calls that share an address are told apart by their query, and writes by their body.
    const [name, call] = candidates.find(([, { query = {} }]) => Object.keys(query).length > 0 && Object.keys(query).every((key) => request.query.has(key))) ?? candidates.find(([, { query }]) => query === undefined) ?? candidates[0] ?? ["", undefined];
    if (!call) return error(404, "not found");
    if (call.items !== undefined) return list(call, name, request, world);
    if (creates.has(name)) return create(call, request, world);
    if (call.method !== "GET") return change(call, name, request, world);
    if (!call.path.includes("{id}")) return { status: 200, body: accepted(call) ?? {} };
    const record = world.state.people.find((one) => idOf(one) === request.parameters["id"]);
    return record ? { status: 200, body: accepted(call, placed(call.item ?? "", structuredClone(record))) } : error(404, "not found");
  }

  return {
    vendor: manifest.connector,
    switches: { liar: ["off", "on"] },
    apiKeys: { full: credential },
    secretFields: http.neverLog,
    credentialOf: (headers: IncomingHttpHeaders) => String(headers[http.auth.header.toLowerCase()] ?? ""),
    initial: () => ({ people: [] }),
    seeds: {},
    seed: ({ people }, { state }) => void state.people.push(...(people as unknown as readonly Person[]).map((person) => recordOf(manifest, settings, deeds, person))),
    admit: ({ credential: name }) => (name === undefined ? error(401, "who are you") : undefined),
    routes: routesOf(manifest, settings).map(({ method, path, calls }): Route<StandInState> => ({ method, path, answer: (request, world) => answer(calls, request, world) })),
    error,
  };
}

const lies = (world: Tenant): boolean => world.position("liar") === "on";

const listOf = <Rule>(rules: Rule | readonly Rule[] | undefined): readonly Rule[] => (rules === undefined ? [] : Array.isArray(rules) ? (rules as readonly Rule[]) : [rules as Rule]);

/** Every write that a method or a strategy makes with a body of its own. */
export const deedsOf = ({ operations: { setRole, setTags, reactivate }, denials }: Manifest): readonly Deed[] =>
  [...listOf(setRole), ...listOf(setTags), ...listOf(reactivate), ...Object.values(denials.strategies)].flatMap((rule) => ("call" in rule ? [{ call: rule.call, body: rule.body as JsonObject | undefined, confirm: rule.confirm }] : []));

function roleRecord({ roles }: Manifest, id: string): JsonObject {
  const record: Record<string, Json> = {};
  if (roles.from === "call") {
    put(record, roles.name, id);
    put(record, roles.id, id);
  }
  return record;
}

interface StandInRoute {
  readonly method: ManifestCall["method"];
  readonly path: string;
  readonly calls: readonly (readonly [string, ManifestCall])[];
}

/** One route for all calls of one address; settings in it are filled in. */
function routesOf({ calls }: Manifest, settings: Settings): readonly StandInRoute[] {
  const routes = new Map<string, { method: ManifestCall["method"]; path: string; calls: (readonly [string, ManifestCall])[] }>();
  for (const [name, call] of Object.entries(calls)) {
    const path = call.path.replace(/\{(\w+)\}/g, (whole, placeholder: string) => (Object.hasOwn(settings.open, placeholder) ? encodeURIComponent(fill(whole, settings.open) ?? whole) : whole));
    const key = `${call.method} ${path}`;
    const route = routes.get(key) ?? { method: call.method, path, calls: [] };
    route.calls.push([name, call]);
    routes.set(key, route);
  }
  // A fixed word in an address wins over a parameter in its place.
  return [...routes.values()].toSorted((a, b) => placeholdersIn(a.path).length - placeholdersIn(b.path).length);
}
