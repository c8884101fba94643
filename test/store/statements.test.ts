/**
 * How many statements a question or a push may cost, and that none of the common ones reads the whole table. Counted in the drivers.
 *
 * @module
 */
import { Worker } from "node:worker_threads";
import SqliteFile from "better-sqlite3";
import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { systemClock } from "../../src/runtime/clock.ts";
import { takesNothing } from "../../src/model/hold.ts";
import { correlationId } from "../../src/model/ids.ts";
import type { MemberChange } from "../../src/model/resource.ts";
import { newResourceId } from "../../src/runtime/new-id.ts";
import { parseFilter } from "../../src/scim/filter-parse.ts";
import { openStore } from "../../src/store/open-store.ts";
import type { Store } from "../../src/store/store.ts";
import type { TestPlace } from "../support/stores.ts";
import { engines } from "../support/stores.ts";
import { acme, deny, done, entry, everything, grant, keep, keepGroup, linkTo, member, nothing, push, rival, user, takeDue } from "./people.ts";
import { tables } from "./population.ts";

interface Said {
  readonly text: string;
  readonly parameters: readonly unknown[];
}

const people = 3_000;

/** A table from end to end, or all that one connection has in it. `due` is asked for by time, with a limit; the brake counts everybody with access, in an index, only where it is about to bite. */
const wholeConnection = /^SCAN (r|a|m|g|d|l|resources|members|addresses|links|due|journal|tombstones|notices|tasks|holds|held|losses)\b|^SEARCH (r|a|m|g|l|resources|members|addresses|links) USING (?!INDEX sqlite_autoindex_modes|COVERING INDEX links_with_access|INDEX losses_once).*\(connection=\?( AND \w+[<>]\?)?\)/;

describe.each(engines)("on $name", ({ name, place }) => {
  let at: TestPlace;
  let store: Store;
  const ids: string[] = [];

  beforeAll(async () => {
    at = await place();
    store = await openStore({ url: at.url, clock: systemClock });
    // Made past the store, because 3,000 commits take their time.
    const template = await keep(store, user("u0", { externalId: "e0", emails: [{ value: "u0@x" }], title: "t" }), { due: grant() });
    ids.push(template.id);
    const columns = "type, version, label, name_key, email_key, external_key, desired, search, body_digest, answered, emptied, member_count, created_ms, modified_ms, deleted_ms";
    const values = columns.replace("name_key", "replace(name_key, 'u0', 'u' || n)").replace("external_key", "'e' || n");
    const numbers = name === "sqlite" ? `(with recursive t (n) as (select 1 union all select n + 1 from t where n < ${people}) select n from t)` : `(select generate_series(1, ${people}) as n)`;
    await at.query(`insert into resources (connection, id, ${columns}) select connection, 'id-' || n, ${values} from resources cross join ${numbers} as numbers`);
    await at.query(`insert into addresses (connection, key, resource) select connection, name_key || '@x', seq from resources where id like 'id-%'`);
    const dueColumns = "lane, due_at, attempts, since_ms, denial_since_ms, opened_version, failure, lease_owner, lease_epoch, lease_until, abandoned, pushed";
    await at.query(`insert into due (connection, resource, ${dueColumns}) select r.connection, r.id, ${dueColumns.split(", ").map((column) => `due.${column}`).join(", ")} from resources r cross join due where r.id like 'id-%'`);
    await keepGroup(store, { displayName: "big" }, { members: [{ kind: "add", members: Array.from({ length: people }, (_, n) => member(`id-${n}`)) }] });
    for (let n = 0; n < 300; n++) await keepGroup(store, { displayName: `g${n}` }, { members: [{ kind: "add", members: Array.from({ length: 30 }, (_, m) => member(`id-${(n * 31 + m * 7) % people}`)) }] });
    await store.append(acme, ids.concat(Array.from({ length: people }, () => newResourceId())).map((id) => entry("push", id as never)));
    await at.query("analyze");
  });
  afterAll(async () => {
    await store.close();
    await at.remove();
  });
  afterEach(() => vi.restoreAllMocks());

  /** What the driver is told while `act` runs. */
  async function saidDuring(act: () => Promise<unknown>): Promise<readonly Said[]> {
    const said: Said[] = [];
    const spies = name === "sqlite" ? sqliteSpies(said) : [vi.spyOn(pg.Client.prototype, "query").mockImplementation(postgresSpy(said))];
    try {
      await act();
    } finally {
      for (const spy of spies) spy.mockRestore();
    }
    return said;
  }
  const counted = (said: readonly Said[]) => said.filter(({ text }) => !/^(begin|commit|rollback)/i.test(text));

  const list = (filter: string | undefined, more: Partial<Parameters<Store["list"]>[2]> = {}) => store.list(acme, "User", { filter: filter === undefined ? undefined : parseFilter(tables.User, filter), sort: undefined, offset: 0, limit: 100, ...nothing, ...more });
  const listGroups = (filter: string) => store.list(acme, "Group", { filter: parseFilter(tables.Group, filter), sort: undefined, offset: 0, limit: 100, ...nothing });

  test.each<[string, number, () => Promise<unknown>]>([
    ["a user by id, with groups", 1, () => store.read(acme, "User", ids[0] as never, everything)],
    ["a list by userName", 1, () => list('userName eq "u77"', everything)],
    ["a list that is a full page", 2, () => list(undefined)],
    ["a later page", 2, () => list(undefined, { offset: 200 })],
    ["what a push is decided on", 1, () => store.hold(acme, ids[0] as never)],
    ["who holds a name", 1, () => store.holder(acme, "User", { name: "u5" })],
  ])("%s costs %i statement(s) and no transaction", async (_, most, ask) => {
    await ask();
    const said = await saidDuring(ask);
    expect(said.length).toBeLessThanOrEqual(most);
  });

  test("a create with addresses, journal and lease is one transaction of at most 6 statements", async () => {
    const said = await saidDuring(() => keep(store, user("fresh", { emails: [{ value: "a@x" }, { value: "b@x" }] }), { due: grant("w"), journal: [entry("push"), entry("intent")] }));
    expect(counted(said).length).toBeLessThanOrEqual(6);
    expect(said.length - counted(said).length).toBe(2);
  });

  test("a change is at most 5, a result at most 5, one more member at most 5, however large the group", async () => {
    const { id } = await keep(store, user("changed", { emails: [{ value: "c@x" }] }));
    let lease: Awaited<ReturnType<typeof keep>>["lease"];
    expect(counted(await saidDuring(async () => ({ lease } = await keep(store, user("changed", { emails: [{ value: "c@x" }], title: "t" }), { id, readAt: 1, due: deny("w") })))).length).toBeLessThanOrEqual(5);
    expect(counted(await saidDuring(() => store.record(lease!, done(2, { journal: [entry("outcome", id)], link: linkTo("acc") })))).length).toBeLessThanOrEqual(5);
    const big = (await listGroups('displayName eq "big"')).resources[0]!;
    const small = (await listGroups('displayName eq "g7"')).resources[0]!;
    const adding = (group: typeof big) => saidDuring(() => keepGroup(store, undefined, { id: group.id, members: [{ kind: "add", members: [member("one more")] }], journal: [entry("push")] }));
    const [many, few] = [counted(await adding(big)), counted(await adding(small))];
    expect(many.map(({ text }) => text)).toEqual(few.map(({ text }) => text));
    expect(many.length).toBeLessThanOrEqual(5);
    for (const { text } of many) expect(text).not.toMatch(/count\(|select .*from "?members/i);
  });

  test("many operations of one kind on a group cost as many statements as one that says the same", async () => {
    const some = (kind: string) => Array.from({ length: 200 }, (_, n) => `${kind} ${n}`);
    const { id } = (await listGroups('displayName eq "g8"')).resources[0]!;
    const saying = async (members: readonly MemberChange[]) => counted(await saidDuring(() => keepGroup(store, undefined, { id, members }))).length;
    const [one, many] = [await saying([{ kind: "add", members: some("a").map((value) => member(value)) }]), await saying(some("b").map((value) => ({ kind: "add" as const, members: [member(value)] })))];
    expect(many).toBe(one);
    const [out, each] = [await saying([{ kind: "remove", values: some("a") }]), await saying(some("b").map((value) => ({ kind: "remove" as const, values: [value] })))];
    expect(each).toBe(out);
    expect((await store.read(acme, "Group", id, everything))?.members.length).toBe(30);
  });

  test("who leaves a group that the database has not counted yet is found by the index, and not by comparing everybody", async () => {
    const { id } = await keepGroup(store, { displayName: `uncounted ${newResourceId()}` }, { members: [{ kind: "add", members: Array.from({ length: 2_000 }, (_, n) => member(`new-${n}`)) }] });
    const said = await saidDuring(async () => {
      await keepGroup(store, undefined, { id, members: [{ kind: "remove", values: ["new-7", "new-8"] }] });
      await keepGroup(store, undefined, { id, members: [{ kind: "clear" }] });
    });
    const deletes = said.filter(({ text }) => /delete from "?members/.test(text));
    expect(deletes.length).toBeGreaterThan(3);
    for (const { text, parameters } of deletes.slice(0, -1)) {
      const plan = (await at.query(`explain ${name === "sqlite" ? "query plan " : ""}${text}`, parameters)).map((row) => String(row.detail ?? row["QUERY PLAN"])).join("\n");
      expect(plan, text).toMatch(name === "sqlite" ? /members_of_group \(grp=\? AND key/ : /Index Cond: .*\bkey\b/);
    }
  });

  test("the rails cost nothing where nothing is taken, and two statements where access is", async () => {
    const rails = { brake: { windowMs: 3_600_000, count: 10, share: 0.1, deletes: { count: 5, share: 0.05 } }, privileged: [] };
    const rail = (access: boolean) => ({ rails, taking: { ...takesNothing, access }, waiting: undefined, cancels: false, carriesOut: false, kept: { type: "Work" as const }, correlation: correlationId("c") });
    const cost = async (access: boolean | undefined) => {
      const { id } = await keep(store, user(newResourceId()));
      return counted(await saidDuring(() => store.commit({ ...push(user(id, { title: "t" }), { id, readAt: 1, due: deny("w") }), ...(access !== undefined && { rail: rail(access) }) }))).length;
    };
    const [bare, idle, taking] = [await cost(undefined), await cost(false), await cost(true)];
    expect(idle).toBe(bare);
    expect(taking).toBe(bare + 2);
  });

  test("what was approved is found in an index that holds nothing else", async () => {
    const [{ text, parameters } = { text: "", parameters: [] }] = await saidDuring(() => store.approved(10));
    if (name === "sqlite") expect((await at.query(`explain query plan ${text}`, parameters)).map(({ detail }) => detail)).toContain("SCAN held USING INDEX held_to_do");
    expect(text).toMatch(/'approved'/); // a bound value would hide the index
  });

  test("values of a filter are bound, never part of a statement", async () => {
    const said = await saidDuring(() => list(`title co "needle'--" or emails[type eq "needle"] or name.familyName sw "needle" and active eq true`));
    for (const { text } of said) expect(text).not.toMatch(/needle|familyName|active/);
  });

  test.each<[string, () => Promise<unknown>]>([
    ["userName eq", () => list('userName eq "u77"')],
    ["userName eq and active", () => list('userName eq "u77" and active eq true')],
    ["externalId eq", () => list('externalId eq "e77"')],
    ["id eq", () => list('id eq "id-77"')],
    ["emails.value eq", () => list('emails.value eq "u77@x"')],
    ["emails eq", () => list('emails eq "u77@x"')],
    ["emails[value eq and type]", () => list('emails[value eq "u77@x" and type eq "work"]')],
    ["userName or e-mail", () => list('userName eq "u77" or emails.value eq "u77@x"')],
    ["groups.value eq", () => list(`groups.value eq "${newResourceId()}"`)],
    ["displayName eq", () => listGroups('displayName eq "g77"')],
    ["members.value eq", () => listGroups('members.value eq "id-77"')],
    ["id eq and members eq", () => listGroups('id eq "x" and members eq "id-77"')],
    ["by id", () => store.read(acme, "User", ids[0] as never, everything)],
    ["held", () => store.hold(acme, ids[0] as never)],
    ["holder of an e-mail", () => store.holder(acme, "User", { email: "x" })],
    ["linked to", () => store.linkedTo(acme, "acc" as never)],
    ["tombstone", () => store.tombstone(acme, "acc" as never)],
    ["known under an address", () => store.knownUnder(acme, "u77@x", undefined)],
    ["next due", () => store.nextDueMs()],
    ["oldest denial", () => store.oldestDenialMs()],
    ["late denials", () => store.lateDenials({ alarmAfterMs: 60_000, pageAfterMs: 300_000, limit: 10 })],
    ["denials of a connection", () => store.denialsOlderThan(acme, 60_000)],
    ["oldest denial of a connection", () => store.oldestDenials([acme])],
    ["a scrape", () => store.reading(rival)], // every row is due at acme, in one lane: there is nothing to choose from
    ["next notice", () => store.nextNoticeMs()],
    ["due work", () => takeDue(store, "w", -1, 3, [rival])],
    ["journal of one resource", () => store.journal(acme, { resource: ids[0] as never, limit: 5 })],
    ["a counted denial", async () => {
      const { id } = await keep(store, user(newResourceId()));
      await store.commit({ ...push(user(id, { title: "t" }), { id, readAt: 1, due: deny("w") }), rail: { rails: { brake: { windowMs: 1, count: 0, share: 1, deletes: { count: 0, share: 1 } }, privileged: [] }, taking: { ...takesNothing, access: true }, waiting: undefined, cancels: false, carriesOut: false, kept: { type: "Work" }, correlation: correlationId("c") } });
    }],
    ["a create", () => store.commit(push(user(`explained ${newResourceId()}`, { emails: [{ value: "e@x" }] }), { due: grant("w") }))],
    ["one more member", async () => keepGroup(store, undefined, { id: (await listGroups('displayName eq "big"')).resources[0]!.id, members: [{ kind: "add", members: [member(newResourceId())] }, { kind: "remove", values: ["id-5"] }] })],
  ])("%s reads by an index", async (_, ask) => {
    const said = counted(await saidDuring(ask));
    expect(said.length).toBeGreaterThan(0);
    for (const { text, parameters } of said) {
      const plan = (await at.query(`explain ${name === "sqlite" ? "query plan " : ""}${text}`, parameters)).map((row) => String(row.detail ?? row["QUERY PLAN"]));
      const whole = plan.filter((line) => (name === "sqlite" ? wholeConnection : /Seq Scan on (resources|members|addresses|due|journal)\b/).test(line));
      expect(whole, `${text}\n${plan.join("\n")}`).toEqual([]);
    }
  });
});

// What the spies stand before, kept from before they stood there.
const clientQuery = pg.Client.prototype.query as (this: pg.Client, ...given: unknown[]) => unknown;

const { postMessage } = Worker.prototype;

function postgresSpy(said: Said[]) {
  return function (this: pg.Client, ...given: unknown[]): unknown {
    if (typeof given[0] === "string") said.push({ text: given[0], parameters: (Array.isArray(given[1]) ? given[1] : []) as unknown[] });
    return clientQuery.apply(this, given);
  } as never;
}

function sqliteSpies(said: Said[]) {
  const statements = Object.getPrototypeOf(new SqliteFile(":memory:").prepare("select 1")) as Record<"all" | "run", (this: SqliteFile.Statement, parameters: readonly unknown[]) => unknown>;
  const told = vi.spyOn(Worker.prototype, "postMessage").mockImplementation(function (this: Worker, question: { readonly text: string; readonly parameters: readonly unknown[] }) {
    said.push(question);
    postMessage.call(this, question);
  });
  const here = (["all", "run"] as const).map((way) => {
    const real = statements[way];
    return vi.spyOn(statements, way).mockImplementation(function (this: SqliteFile.Statement, parameters) {
      said.push({ text: this.source, parameters });
      return real.call(this, parameters);
    });
  });
  return [...here, told];
}
