/**
 * The vendor index: one scan at a time, shared, and never believed for "nobody" when it is older than the question.
 *
 * @module
 */
import { beforeEach, describe, expect, test } from "vitest";
import type { Call } from "../../src/connectors/connector.ts";
import { openScan } from "../../src/connectors/kit/scan.ts";
import type { Scan } from "../../src/connectors/kit/scan.ts";
import { Fault, failureOf } from "../../src/model/failure.ts";
import { accountId } from "../../src/model/ids.ts";
import type { Account } from "../../src/model/person.ts";
import { aCall } from "./support/vendor.ts";

const somebody = (name: string, id = name): Account => ({ id: accountId(id), kind: "account", email: `${name}@acme.example`, role: undefined, active: true, profile: {} });

/** A scan that has begun: shows the people of the moment in which it is let go. */
interface Begun {
  readonly call: Call;
  show(): void;
  fail(): void;
}

let people: Account[];
let nowMs: number;
let begun: Begun[];
let scan: Scan;

beforeEach(() => {
  people = [somebody("ann"), somebody("bob")];
  nowMs = 1_000;
  begun = [];
  scan = openScan({
    title: "Acme",
    most: 5,
    clock: { now: () => nowMs, sleep: () => Promise.resolve() },
    async *read(call) {
      await new Promise<void>((resolve, reject) => {
        begun.push({ call, show: resolve, fail: () => reject(new Fault({ kind: "throttled", detail: "Acme answered 429", retryAfterSeconds: 5 })) });
        call.signal.addEventListener("abort", () => reject(new Fault({ kind: "unreachable", detail: "Acme gave no answer in time" })));
      });
      yield* people;
    },
  });
});

const soon = () => new Promise((resolve) => setImmediate(resolve));
const begins = async (count: number) => { while (begun.length < count) await soon(); };
const ids = (accounts: readonly Account[]) => accounts.map(({ id }) => String(id));
/** Asks, lets every scan that begins show the people of now, and says how many began. */
async function answered<Answer>(asked: Promise<Answer>): Promise<Answer> {
  const over = asked.catch(() => undefined);
  let done = false;
  void over.then(() => (done = true));
  while (!done) {
    await soon();
    begun.at(-1)?.show();
  }
  return asked;
}

test("everyone who asks while a scan runs that began after them shares it", async () => {
  const first = scan.byEmail("ann@acme.example", aCall());
  const others = [scan.byEmail("BOB@acme.example", aCall()), scan.byEmail("eve@acme.example", aCall()), scan.all(aCall())];
  await begins(1);
  begun[0]?.show();
  expect(ids(await first)).toEqual(["ann"]);
  expect((await Promise.all(others)).map(ids)).toEqual([["bob"], [], ["ann", "bob"]]);
  expect(begun).toHaveLength(1);
});

test("whoever comes later waits for the next scan, all of them together", async () => {
  const early = scan.all(aCall());
  await begins(1);
  const later = [scan.byEmail("new@acme.example", aCall()), scan.byEmail("eve@acme.example", aCall())];
  begun[0]?.show();
  await early;
  people.push(somebody("new"));
  expect((await answered(Promise.all(later))).map(ids)).toEqual([["new"], []]);
  expect(begun).toHaveLength(2);
});

describe("what was read before the question", () => {
  beforeEach(async () => {
    await answered(scan.all(aCall()));
    nowMs += 5_000;
  });

  test.each(["ann", "new"])("is not believed by default: %s", async (name) => {
    people = [somebody("new")];
    expect(ids(await answered(scan.byEmail(`${name}@acme.example`, aCall())))).toEqual(name === "new" ? ["new"] : []);
    expect(begun).toHaveLength(2);
  });

  test("is believed, for somebody and for nobody, by whoever says that it is young enough", async () => {
    expect(ids(await scan.byEmail("Ann@acme.example", { ...aCall(), sinceMs: 1_000 }))).toEqual(["ann"]);
    expect(await scan.byEmail("eve@acme.example", { ...aCall(), sinceMs: 1_000 })).toEqual([]);
    expect(begun).toHaveLength(1);
    await answered(scan.byEmail("eve@acme.example", { ...aCall(), sinceMs: 1_001 }));
    expect(begun).toHaveLength(2);
  });

  test("a time to come asks for no more than now", async () => {
    await answered(scan.byEmail("eve@acme.example", { ...aCall(), sinceMs: nowMs + 60_000 }));
    expect(begun).toHaveLength(2);
  });

  test("is forgotten with a write, and so is a scan that the write crossed", async () => {
    const patient = { ...aCall(), sinceMs: 1_000 };
    scan.forget();
    const asked = scan.byEmail("ann@acme.example", patient);
    await begins(2);
    scan.forget();
    begun[1]?.show();
    expect(ids(await asked)).toEqual(["ann"]);
    people = [];
    expect(await answered(scan.byEmail("ann@acme.example", patient))).toEqual([]);
    expect(begun).toHaveLength(3);
  });
});

test("an id that shows up twice is one person; two people with one address are two", async () => {
  people = [somebody("ann"), somebody("ann"), somebody("ANN", "ann-2")];
  expect(ids(await answered(scan.byEmail("ann@acme.example", aCall())))).toEqual(["ann", "ann-2"]);
});

test("more people than may be kept are a fault", async () => {
  people = ["a", "b", "c", "d", "e", "f"].map((name) => somebody(name));
  expect(failureOf(await answered(scan.all(aCall()).catch((thrown: unknown) => thrown)))).toMatchObject({ kind: "protocol", detail: expect.stringContaining("more than 5") });
});

test("a scan that fails is everybody's failure who waited for it, and nobody's afterwards", async () => {
  const asked = [scan.all(aCall()), scan.byEmail("ann@acme.example", aCall())].map((one) => one.catch(failureOf));
  await begins(1);
  begun[0]?.fail();
  for (const failure of await Promise.all(asked)) expect(failure).toMatchObject({ kind: "throttled" });
  expect(ids(await answered(scan.all(aCall())))).toEqual(["ann", "bob"]);
});

test("the failure of an older scan does not hurt whoever waits for a newer one", async () => {
  const early = scan.all(aCall()).catch(failureOf);
  await begins(1);
  const later = scan.all(aCall());
  begun[0]?.fail();
  expect(await early).toMatchObject({ kind: "throttled" });
  expect(ids(await answered(later))).toEqual(["ann", "bob"]);
});

test("one who gives up leaves the scan to the others; the last one ends it", async () => {
  const [impatient, hasty] = [new AbortController(), new AbortController()];
  const first = scan.all({ ...aCall(), signal: impatient.signal }).catch(failureOf);
  const second = scan.all({ ...aCall(), signal: hasty.signal }).catch(failureOf);
  await begins(1);
  impatient.abort();
  expect(await first).toMatchObject({ kind: "unreachable" });
  expect(begun[0]?.call.signal.aborted).toBe(false);
  hasty.abort();
  expect(await second).toMatchObject({ kind: "unreachable" });
  expect(begun[0]?.call.signal.aborted).toBe(true);
  // Whoever comes now gets a scan of his own, not the one that was given up.
  expect(ids(await answered(scan.all(aCall())))).toEqual(["ann", "bob"]);
  expect(begun).toHaveLength(2);
});

test("who has no time left begins no scan", async () => {
  expect(await scan.all({ ...aCall(), signal: AbortSignal.abort() }).catch(failureOf)).toMatchObject({ kind: "unreachable" });
  expect(begun).toEqual([]);
});
