/**
 * No room for another page in the database: 503, nothing owned, nobody called; and all goes on once there is room.
 *
 * @module
 */
import SqliteFile from "better-sqlite3";
import { afterEach, expect, test, vi } from "vitest";
import { connectionId } from "../../src/model/ids.ts";
import { ada, eventually, openWithVendor, patch } from "../support/house.ts";

const acme = connectionId("acme");
const bulky = "x".repeat(4_000);
afterEach(() => void vi.restoreAllMocks());

test("a full database refuses creates and denials with 503 and calls nobody; what it owned before is delivered, and with room again the same pushes succeed", async () => {
  const opened: SqliteFile.Database[] = [];
  const prototype = SqliteFile.prototype as SqliteFile.Database;
  const original = prototype.pragma;
  vi.spyOn(prototype, "pragma").mockImplementation(function (this: SqliteFile.Database, ...given: Parameters<typeof original>) {
    if (!opened.includes(this)) opened.push(this);
    return original.apply(this, given);
  });
  const house = await openWithVendor();
  try {
    const { body } = await house.scim("POST", "/Users", ada());
    const [database] = opened;
    const pages = Number(database!.pragma("page_count", { simple: true }));
    database!.pragma(`max_page_count = ${pages}`);

    let n = 0;
    let full = await house.scim("POST", "/Users", ada({ userName: "n0@acme.example", externalId: "n0", title: bulky }));
    while (full.status === 201 && n < 200) full = await house.scim("POST", "/Users", ada({ userName: `n${++n}@acme.example`, externalId: `n${n}`, title: bulky }));
    expect([full.status, full.headers.get("retry-after")]).toEqual([503, "5"]);
    const calls = house.vendor.journal().length;
    const name = `n${n}@acme.example`;
    expect((await house.scim("GET", `/Users?filter=${encodeURIComponent(`externalId eq "n${n}"`)}`)).body.totalResults).toBe(0);

    // The journal of a denial needs room too; until there is, the IdP is told to come again.
    let denial = await house.scim("PATCH", `/Users/${body.id}`, patch({ op: "replace", value: { active: false, title: bulky } }));
    for (let turn = 0; denial.status === 200 && turn < 20; turn++) denial = await house.scim("PATCH", `/Users/${body.id}`, patch({ op: "replace", value: { active: false, title: bulky + turn } }));
    expect([denial.status, denial.body.status]).toEqual([503, "503"]);
    expect(house.vendor.journal().slice(calls).filter(({ method }) => method === "POST")).toEqual([]);

    database!.pragma("max_page_count = 1000000");
    expect((await house.scim("PATCH", `/Users/${body.id}`, patch({ op: "replace", path: "active", value: false }))).body.active).toBe(false);
    expect((await house.scim("POST", "/Users", ada({ userName: name, externalId: `n${n}`, title: bulky }))).status).toBe(201);
    await eventually(async () => (await house.house.store.openWork(acme, 10)).length === 0);
    expect(house.vendor.state().users.find(({ email }) => email === "ada@acme.example")?.is_enabled).toBe(false);
    expect(await house.house.store.firstBrokenRow(acme)).toBeUndefined();
  } finally {
    await house.stop();
  }
}, 60_000);
