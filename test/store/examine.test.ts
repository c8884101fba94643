/**
 * What is said about a database before anybody works with it; and that nothing is changed by it.
 *
 * @module
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { systemClock } from "../../src/runtime/clock.ts";
import { examineStore } from "../../src/store/examine.ts";
import { knownSteps } from "../../src/store/migrations.ts";
import { openStore } from "../../src/store/open-store.ts";
import { engines } from "../support/stores.ts";

const folder = mkdtempSync(join(tmpdir(), "drawbridge-examine-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(engines)("$name", ({ name, place }) => {
  test("a database of this version: its steps, its writes, nothing between a commit and the disk", async () => {
    const here = await place();
    try {
      await (await openStore({ url: here.url, clock: systemClock })).close();
      const found = await examineStore(here.url, systemClock);
      expect(found).toMatchObject({ kind: "there", engine: name, refusesWrites: undefined });
      if (found.kind !== "there") return;
      expect(found.steps).toBe(found.known);
      expect(Math.abs(found.aheadMs)).toBeLessThan(60_000);
      if (name === "sqlite") expect(found).toMatchObject({ undurable: [], disk: { network: undefined } });
      expect(await here.query("select count(*) as n from keys where name = 'doctor'")).toMatchObject([{ n: expect.toSatisfy((n) => Number(n) === 0) as number }]);
    } finally {
      await here.remove();
    }
  });

  test("one of a newer and one of an older version, without taking a step", async () => {
    const here = await place();
    try {
      await (await openStore({ url: here.url, clock: systemClock })).close();
      await here.query(`delete from migrations where step = ${knownSteps}`);
      expect(await examineStore(here.url, systemClock)).toMatchObject({ kind: "there", steps: knownSteps - 1, known: knownSteps });
      for (const step of [knownSteps, knownSteps + 1, knownSteps + 2]) await here.query(`insert into migrations (step, name, at_ms) values (${step}, 'later', 0)`);
      const found = await examineStore(here.url, systemClock);
      expect(found).toMatchObject({ kind: "there", steps: knownSteps + 2 });
    } finally {
      await here.remove();
    }
  });

  test.each(["with", "without"])("the step for creates is taken by a database %s its index, which once came with the step before", async (has) => {
    const here = await place();
    try {
      await (await openStore({ url: here.url, clock: systemClock })).close();
      await here.query("delete from migrations where name = 'creates by their words'");
      if (has === "without") await here.query("drop index resources_by_create");
      await (await openStore({ url: here.url, clock: systemClock })).close();
      expect(await here.query(name === "sqlite" ? "select name from sqlite_master where name = 'resources_by_create'" : "select indexname from pg_indexes where indexname = 'resources_by_create'")).toHaveLength(1);
    } finally {
      await here.remove();
    }
  });
});

test("an embedded file that is not there yet is not made", async () => {
  const file = join(folder, "not", "yet", "store.db");
  expect(await examineStore(`file:${file}`, systemClock)).toMatchObject({ kind: "absent", file, disk: { network: undefined } });
  expect(await readdir(folder)).toEqual([]);
});

test("a file that is no database", async () => {
  const file = join(folder, "letter.txt");
  writeFileSync(file, "Dear all, ".repeat(1_000));
  expect(await examineStore(`file:${file}`, systemClock)).toEqual({ kind: "unreachable", engine: "sqlite", code: "SQLITE_NOTADB" });
});

test.each([
  ["nobody listens", "postgres://drawbridge@127.0.0.1:9/drawbridge", "ECONNREFUSED"],
  ["the host is not known", "postgres://drawbridge@database.does-not-exist.invalid/drawbridge", "ENOTFOUND"],
])("PostgreSQL where %s", async (_, url, code) => {
  expect(await examineStore(url, systemClock)).toMatchObject({ kind: "unreachable", engine: "postgres", code: expect.stringMatching(new RegExp(`${code}|EAI_AGAIN`)) as string });
});
