/**
 * Every recorded request of every IdP, through the whole house: each IdP on a connection of its own, and all on one.
 *
 * @module
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openWithVendor, token } from "../support/house.ts";
import { freshDatabase } from "../support/postgres.ts";
import { corpusIdps, corpusRows, openCorpus, type CorpusRow } from "./play.ts";

type House = Awaited<ReturnType<typeof openWithVendor>>;

const rowsOf = (idp: string) => corpusRows.filter((row) => row.idp === idp).map((row) => [row.step, row] as const);

describe.each(corpusIdps)("%s on a connection of its own", (idp) => {
  let house: House;
  let play: (row: CorpusRow) => Promise<readonly string[]>;
  beforeAll(async () => {
    house = await openWithVendor({ onEmailChange: "keepLogin" });
    play = openCorpus({ base: house.base, token });
  });
  afterAll(() => house.stop());
  test.each(rowsOf(idp))("%s", async (_, row) => expect(await play(row)).toEqual([]));
});

describe.each(["sqlite", "postgres"])("all of them on one connection, on %s", (engine) => {
  let house: House;
  let drop = async (): Promise<void> => {};
  let play: (row: CorpusRow) => Promise<readonly string[]>;
  beforeAll(async () => {
    let store: string | undefined;
    if (engine === "postgres") ({ url: store, drop } = await freshDatabase());
    house = await openWithVendor({ onEmailChange: "keepLogin" }, store);
    play = openCorpus({ base: house.base, token });
  });
  afterAll(async () => {
    await house.stop();
    await drop();
  });
  test("every request is answered as its IdP needs it, and leaves what it must", async () => {
    const wrong: string[] = [];
    for (const row of corpusRows) wrong.push(...(await play(row)).map((text) => `${row.idp} ${row.step}: ${text}`));
    expect(wrong).toEqual([]);
  });
});

test("the corpus is whole", () => {
  expect(corpusRows).toHaveLength(143);
  expect(corpusIdps).toHaveLength(10);
});
