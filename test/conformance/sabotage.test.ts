/**
 * The laws, seen to fail: a connector with one thing wrong, and the law that must notice.
 *
 * @module
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Connector } from "../../src/connectors/connector.ts";
import type { RunningSimulator } from "../../src/connectors/kit/simulator/running.ts";
import { openConnector } from "../../src/connectors/registry.ts";
import { failureOf, Fault } from "../../src/model/failure.ts";
import { laws } from "./laws/all.ts";
import { afterwards, setStage } from "./stage.ts";
import { peoplelensSubject as subject } from "./subjects/peoplelens.ts";

type Sabotage = (right: Required<Connector>, simulator: RunningSimulator) => Partial<Connector>;

const done = { confirmed: true, complete: true } as const;
const turning = async <Result>(asked: Promise<Result>, turn: (kind: string, thrown: Fault) => Result | Promise<Result>): Promise<Result> =>
  asked.catch((thrown: unknown) => turn(failureOf(thrown).kind, thrown as Fault));
const everybody = async (right: Required<Connector>, call: Parameters<Connector["check"]>[0]) => {
  const all = [];
  for await (const account of right.list(call)) all.push(account);
  return all;
};

/** What is wrong, the beginning or a part of the law's name, the sabotage, and the switches that differ from the default. */
const wrongs: readonly (readonly [string, string, Sabotage, Readonly<Record<string, string>>?])[] = [
  ["takes a search for identity", "a part of an address is not the address", (right) => ({ find: async (email, call) => (await everybody(right, call)).filter((one) => one.email?.includes(email)) })],
  ["compares letter case", "another letter case is the same address", (right) => ({ find: async (email, call) => (await right.find(email, call)).filter((one) => one.email === email) })],
  ["chooses among twins", "two records that differ only in case", (right) => ({ find: async (email, call) => (await right.find(email, call)).slice(0, 1) })],
  ["repeats a create", "an answer dropped after the commit", (right) => ({ create: (wanted, call) => turning(right.create(wanted, call), () => right.create(wanted, call)) })],
  ["takes a lost answer for a yes", "an answer cut off in the middle", (right) => ({ create: (wanted, call) => turning(right.create(wanted, call), () => ({ kind: "exists" })) })],
  ["calls a lost create undone", "a create that is dropped before the commit", (right) => ({ create: (wanted, call) => turning(right.create(wanted, call), () => { throw new Fault({ kind: "unreachable", detail: "It surely did not arrive" }); }) })],
  ["does not read a denial back", "a vendor that says yes and still shows", () => ({ deactivate: async () => done }), { liar: "success" }],
  ["chokes on a second denial", "denying twice is denying once", (right) => { let first = true; return { deactivate: async (target, call) => { if (!first) throw new Fault({ kind: "refused", detail: "Was off already", vendorStatus: 400 }); first = false; return right.deactivate(target, call); } }; }],
  ["takes a 404 for gone without a look at the tenant", "in a wrong tenant, where everything is 404", () => ({ control: async () => undefined })],
  ["denies somebody else as well", "a leaver is denied and read back", (right) => ({ deactivate: async (target, call) => { for (const one of await everybody(right, call)) await right.deactivate({ account: one.id, kind: "account", email: one.email }, call); return done; } })],
  ["reads a failure as nobody", "500 is a failed read", (right) => ({ get: (target, call) => turning(right.get(target, call), () => undefined) })],
  ["reads a broken list as an empty one", "a list that contradicts the documents", (right) => ({ list: async function* (call) { try { yield* right.list(call); } catch { /* nobody, then */ } } })],
  ["believes Retry-After", "Retry-After long is", (right) => ({ get: (target, call) => turning(right.get(target, call), (_kind, thrown) => { throw new Fault({ ...thrown.failure, ...(thrown.failure.kind === "throttled" ? { retryAfterSeconds: 86_400 } : {}) } as Fault["failure"]); }) })],
  ["blames the IdP for our key", "401 and 403 are our credential's fault", (right) => ({ find: (email, call) => turning(right.find(email, call), () => { throw new Fault({ kind: "invalid", detail: "The vendor refused the value" }); }) })],
  ["follows redirects", "a redirect is not followed", (right, { url, apiKey }) => ({ check: async (call) => { await fetch(`${url}/api/users`, { headers: { authorization: `Bearer ${apiKey}` } }).catch(() => undefined); await right.check(call); } })],
  ["says its key", "401 and 403 are our credential's fault", (right, { apiKey }) => ({ get: (target, call) => turning(right.get(target, call), (_kind, thrown) => { throw new Fault({ ...thrown.failure, detail: `The vendor refused ${apiKey}` }); }) })],
  ["writes nothing down", "one account is shown whole", (right) => ({ get: (target, call) => right.get(target, { ...call, record: () => undefined }) })],
  ["asks twice", "no method sends more requests", (right) => ({ get: async (target, call) => (await right.get(target, call)) && right.get(target, call) })],
  ["quotes what it likes", "a vendor's text is quoted clean", (right) => ({ setRole: (target, role, call) => turning(right.setRole(target, role, call), (_kind, thrown) => { throw new Fault({ ...thrown.failure, detail: `${thrown.message}\r\nSet-Cookie: x` }); }) })],
  ["shows a page twice", "the list shows everybody once", (right) => ({ list: async function* (call) { yield* right.list(call); yield* right.list(call); } })],
  ["sends the whole profile", "a new name reaches this account", (right) => ({ updateProfile: (target, changes, call) => right.updateProfile(target, { "name.familyName": "Doe", ...changes }, call) })],
  ["has a method that the evidence does not allow", "with endpoints: seed", () => ({ setTags: async () => done })],
];

let simulator: RunningSimulator;
beforeAll(async () => (simulator = await subject.start({})));
afterAll(() => simulator.stop());

test.each(wrongs.map(([wrong, part, sabotage, flip = {}]) => ({ wrong, part, sabotage, flip })))("a connector that $wrong breaks the law: $part…", async ({ part, sabotage, flip }) => {
  const law = laws.find(({ name }) => name.includes(part));
  if (!law) throw new Error(`No law says "${part}"`);
  const position = { ...Object.fromEntries(Object.entries(subject.switches).map(([name, [first]]) => [name, first])), ...flip };
  const open = async (setup: Parameters<typeof openConnector>[0]) => {
    const right = (await openConnector(setup)) as Required<Connector>;
    return { ...right, ...sabotage(right, simulator) };
  };
  await simulator.reset();
  await simulator.setSwitches(position);
  const stage = setStage(subject, simulator, subject.facts(position), await open(subject.setup(simulator)), open);
  const broken = await law.holds(stage).then(() => afterwards(stage)).catch((thrown: unknown) => thrown);
  expect(broken, "the law did not notice").toBeInstanceOf(Error);
  expect((broken as Error).name, String(broken)).toMatch(/^(AssertionError|Fault)$/);
});
