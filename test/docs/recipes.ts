/**
 * How each command of the documents is run: what its placeholders stand for, what must be so before, and what it must say.
 *
 * @module
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { resourceId, connectionId } from "../../src/model/ids.ts";
import { eventually, patch } from "../support/house.ts";
import { type Connection, type DocumentsHouse, off, protectedNames } from "./house.ts";

/** Placeholder → value; `--hold ID` goes before `ID`. */
export type Values = Readonly<Record<string, string>>;
/** Runs a command line of Drawbridge. @returns what it printed, after exit code 0 */
export type Run = (...words: readonly string[]) => Promise<string>;

export interface Recipe {
  /** What a mention of the command leaves out: words behind it. */
  readonly left?: readonly string[];
  /** Where `ID` stands for a connection, this one. Default: acme. */
  readonly at?: Connection;
  /** Brings about what the command is for. */
  readonly before?: (house: DocumentsHouse, at: Connection, run: Run) => Promise<Values>;
  readonly after?: (house: DocumentsHouse, at: Connection, run: Run) => Promise<unknown>;
  /** On standard output. */
  readonly says: RegExp;
  /** Exit codes. Default: 0. */
  readonly codes?: readonly number[];
}

let count = 0;
/** Never the same name twice. */
export const fresh = (name: string): string => `${name}${++count}`;

/** A push that the rail of protected accounts stops. */
async function held({ join: joins, scim, store }: DocumentsHouse, at: Connection): Promise<Values> {
  const name = protectedNames[count++] as string;
  const id = await joins(at, name);
  await scim(at, "PATCH", `/Users/${id}`, off);
  const [hold] = (await store.holds(connectionId(at), { open: true })).slice(-1);
  if (!hold) throw new Error("nothing was held");
  return { ID: hold.id };
}

/** Access that comes back behind the bridge's back, and what a reconciliation calls it. */
async function drifted(house: DocumentsHouse, at: Connection, run: Run): Promise<Values> {
  const name = fresh("risen");
  const id = await house.join(at, name);
  await house.scim(at, "PATCH", `/Users/${id}`, off);
  const { url, apiKey } = house.vendor(at);
  const link = (await house.store.hold(connectionId(at), resourceId(id)))?.link?.account;
  const given = await fetch(`${url}/api/users/${link}`, { method: "PATCH", headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json" }, body: JSON.stringify({ is_enabled: true }) });
  if (!given.ok) throw new Error(`the vendor says ${given.status}`);
  await run("reconcile", at);
  const [finding] = JSON.parse(await run("drift", "list", "--connection", at, "--person", `${name}@acme.example`, "--json")) as { id: string }[];
  return { ID: finding?.id ?? "no finding" };
}

const task: Recipe["before"] = async ({ store }, at) => ({ ID: (await store.openTask({ connection: connectionId(at), resource: undefined, account: undefined, title: "Take it away by hand", steps: "1. Switch it off." })).id });
const thaw: Recipe["after"] = (_, at, run) => run("unfreeze", "--connection", at);
/** Nobody's work is under way, so that two plans in a row are the same. */
const quiet = ({ store }: DocumentsHouse, at: Connection) => eventually(async () => (await store.openWork(connectionId(at), 100)).length === 0, 20_000, 50);
const observing: Recipe["before"] = async (house, at, run) => {
  await quiet(house, at);
  const { scim } = house;
  await run("observe", "start", "--connection", at);
  await scim(at, "POST", "/Users", { schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"], userName: `${fresh("new")}@acme.example`, name: { givenName: "N", familyName: "W" }, active: true });
  return { HASH: (JSON.parse(await run("observe", "status", "--connection", at, "--json")) as { hash: string }).hash };
};
const promoted: Recipe["after"] = async (_, at, run) => run("observe", "promote", (JSON.parse(await run("observe", "status", "--connection", at, "--json")) as { hash: string }).hash, "--connection", at);
const named = async (): Promise<Values> => ({ NAME: fresh("name") });
const exported: Recipe["before"] = async (_, at, run) => {
  const file = `${fresh("export")}.jsonl`;
  await run("audit", "export", "--connection", at, "--out", file);
  return { FILE: file };
};
const hour = 3_600_000;

/** By command; where an option makes it another thing, by command and option. */
export const recipes: Readonly<Record<string, Recipe>> = {
  init: { left: ["trial", "--yes", "--config", "init.yaml", "--connector", "peoplelens", "--set", "baseUrl=https://acme.peoplelensai.com", "--secret", "apiKey=env:DOCUMENTS_KEY", "--no-check", "--no-token", "--public-url", "http://localhost:8080", "--store", "file:./init.db"], says: /init\.yaml is written, with the connection trial/ },
  // On a busy machine the disk may be slow, which it says: a warning, and nothing else may be one.
  doctor: { before: nothingOpen, says: /^(?![^]*WARN +(?!store\.pace))[^]*, 0 failures|"failure": 0/, codes: [0, 1] },
  validate: { left: ["--config", "drawbridge.yaml"], says: /is valid: \d+ connection/ },
  "plan --observe": { before: observing, after: promoted, says: /new\d+@acme\.example\n[\s\S]*POST \/api\/users[\s\S]*Waiting +\d/ },
  plan: { before: writePlans, says: /Nothing was executed|"calls": \[/ },
  "token create": { left: ["--connection", "ID", "--name", "NAME"], before: named, says: /shown this once\): dbt_/ },
  "token list": { says: /last used/ },
  "token revoke": { left: ["NAME", "--connection", "ID"], async before(_, at, run) {
    const NAME = fresh("token");
    await run("token", "create", "--connection", at, "--name", NAME);
    return { NAME };
  }, says: /^Revoked/ },
  "tasks list": { before: task, says: /Take it away by hand[\s\S]*then: drawbridge tasks done/ },
  "tasks show": { left: ["ID"], before: task, says: /Take it away by hand/ },
  "tasks done": { left: ["ID"], before: task, says: /\S/ },
  timeline: { left: ["PERSON", "--connection", "ID"], async before({ scim }, at, run) {
    const [ada] = JSON.parse(await run("people", "ada@acme.example", "--connection", at, "--json")) as { id: string }[];
    const { correlation } = await scim(at, "PATCH", `/Users/${ada?.id}`, patch({ op: "replace", path: "name.givenName", value: fresh("Ada") }));
    return { RESOURCE: ada?.id ?? "", ID: correlation };
  }, says: /^ada@acme\.example [\s\S]*push PATCH: name/ },
  people: { left: ["NAME"], before: async () => ({ NAME: "ada@acme.example" }), says: /ada@acme\.example/ },
  "reset-mfa": { left: ["PERSON", "--connection", "ID"], at: "link", async before(house) {
    house.vendor("link").seed({ users: [{ email: "mia@acme.example", firstName: "Ada", lastName: "Lovelace" }] });
    const held = await house.scim("link", "GET", "/Users?filter=userName%20eq%20%22mia@acme.example%22&attributes=id");
    if (held.body.Resources?.[0]?.externalId === undefined) await house.join("link", "mia").catch(() => undefined);
    return { PERSON: "mia@acme.example" };
  }, says: /mia@acme\.example/ },
  freeze: { left: ["--connection", "ID", "--reason", "TEXT"], after: thaw, says: /is frozen: pushes are answered 503/ },
  unfreeze: { left: ["--connection", "ID"], before: async (_, at, run) => ({ _: await run("freeze", "--connection", at, "--reason", "a look") }), says: /delivers again/ },
  "observe start": { left: ["--connection", "ID"], before: async (house, at) => ({ _: String(await quiet(house, at)) }), after: promoted, says: /observes: pushes are kept/ },
  "observe status": { left: ["--connection", "ID"], before: observing, after: promoted, says: /would be affected:\ncreate[\s\S]*Promote it/ },
  "observe promote": { left: ["HASH", "--connection", "ID"], before: observing, says: /delivers: \d+ (person is|people are) due/ },
  undo: { left: ["--connection", "ID", "--person", "ada@acme.example"], async before(house, at, run) {
    const [ada] = JSON.parse(await run("people", "ada@acme.example", "--connection", at, "--json")) as { id: string }[];
    const { correlation } = await house.scim(at, "PATCH", `/Users/${ada?.id}`, patch({ op: "replace", path: "title", value: fresh("Countess ") }));
    const hold = await held(house, at);
    await run("holds", "approve", hold["ID"] ?? "", "--connection", at, "--yes");
    return { "--correlation ID": correlation, "--hold ID": hold["ID"] ?? "", "2026-11-20T17:00:00Z": new Date(Date.now() - hour).toISOString(), "2026-11-20T17:30:00Z": new Date(Date.now() + hour).toISOString() };
  }, says: /restore [\s\S]*Nothing was written\. Add --yes|Nothing to restore\./ },
  status: { says: /^connections +3$/m },
  "connections list": { says: /acme +PeopleLens AI +delivers/ },
  "connections show": { left: ["ID"], before: async (_, at) => ({ ID: at }), says: /base URL .*\/scim\/acme\/v2/ },
  "connections check": { left: ["ID"], before: async (_, at) => ({ ID: at }), says: /takes the credential/ },
  "operations list": { says: /Nothing is open|WOULD/ },
  "operations show": { left: ["PERSON", "--connection", "ID"], says: /^ada@acme\.example [\s\S]*state +\w/ },
  retry: { left: ["PERSON", "--connection", "ID"], says: /Nothing is left to do for ada@acme\.example|tried again/ },
  "audit verify": { left: [], before: exported, says: /: whole, \d+ rows/ },
  "audit list": { left: ["--connection", "ID"], says: /#\d+ +push/ },
  "audit export": { left: ["--connection", "ID", "--out", "FILE"], before: async () => ({ FILE: `${fresh("export")}.jsonl` }), says: /rows of acme are in/ },
  "audit prune": { left: ["--connection", "ID", "--exported", "FILE"], before: exported, says: /\d+ rows of acme (are older|were removed)/ },
  "operator create": { left: ["--name", "NAME", "--role", "ROLE"], before: named, says: /shown this once\): dbo_/ },
  "operator list": { says: /^NAME +ROLE/ },
  "operator revoke": { left: ["NAME"], async before(_, __, run) {
    const NAME = fresh("operator");
    await run("operator", "create", "--name", NAME, "--role", "viewer");
    return { NAME };
  }, says: /\S/ },
  openapi: { says: /"openapi": "3\.1/ },
  reconcile: { left: ["ID"], before: async (_, at) => ({ ID: at }), says: /complete, begun[\s\S]*accounts listed/ },
  "drift list": { left: ["--connection", "ID"], before: drifted, says: /backFromTheDead/ },
  "drift show": { left: ["ID", "--connection", "ID"], before: drifted, says: /backFromTheDead[\s\S]*would take/ },
  "drift repair": { left: ["ID", "--connection", "ID"], before: drifted, says: /: / },
  "drift runs": { left: ["--connection", "ID"], says: /complete, begun|planned, due/ },
  orphans: { left: ["--connection", "ID"], async before(house, at, run) {
    house.vendor(at).seed({ users: [{ email: `${fresh("nobodys")}@acme.example`, role: "User" }] });
    await run("reconcile", at);
    return {};
  }, says: /orphan +nobodys\d+@acme\.example/ },
  "holds list": { before: held, says: /open since/ },
  "holds show": { left: ["ID"], before: held, says: /waits +boss\d+@acme\.example +deactivate/ },
  "holds approve": { left: ["ID", "--connection", "ID"], before: held, says: /\d+ approved; a running server/ },
  "holds reject": { left: ["ID", "--connection", "ID"], before: held, says: /\d+ rejected; everybody stays/ },
  "connector new": { left: ["NAME"], before: async () => ({ NAME: fresh("vendor") }), says: /is a manifest that validates/ },
  "connector test": { left: ["FILE"], async before(_, __, run) {
    const name = fresh("vendor");
    await run("connector", "new", name);
    return { FILE: `${name}/manifest.yaml` };
  }, says: /0 broken/ },
  backup: { left: ["FILE"], before: async () => ({ FILE: `${fresh("backup")}.db` }), says: /bytes, sound/ },
};

/** What waits for a person is a warning of the doctor's. */
async function nothingOpen({ store }: DocumentsHouse, _: Connection, run: Run): Promise<Values> {
  for (const { id, connection } of await store.holds(undefined, { open: true })) await run("holds", "reject", id, "--connection", connection, "--yes");
  for (const { id } of JSON.parse(await run("tasks", "list", "--json")) as { id: string }[]) await run("tasks", "done", id);
  return {};
}

async function writePlans({ folder }: DocumentsHouse): Promise<Values> {
  const person = { schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"], userName: "planned@acme.example", name: { givenName: "P", familyName: "D" }, active: true };
  writeFileSync(join(folder, "people.csv"), "userName,givenName,familyName\nplanned@acme.example,P,D\n");
  writeFileSync(join(folder, "list.json"), JSON.stringify({ schemas: ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], totalResults: 1, Resources: [{ id: "1", ...person }] }));
  writeFileSync(join(folder, "request.json"), JSON.stringify({ method: "POST", path: "/Users", body: person }));
  return {};
}
