/**
 * The verdict of the soak: each thing that may be wrong is seen, and nothing else is.
 *
 * @module
 */
import { expect, test } from "vitest";
import { Latencies } from "./latencies.ts";
import { type Sample, trendOf } from "./memory.ts";
import { type Soaked, wrongIn } from "./soak.ts";

type Run = Omit<Soaked, "wrong">;
type Connection = Run["connections"][number];

/** @param slope MB a minute on top of 50 MB of heap and 300 MB resident, with what collections leave and take */
const samples = (slope: { readonly heap?: number; readonly resident?: number } = {}, minutes = 7): readonly Sample[] =>
  Array.from({ length: minutes * 6 + 1 }, (_, n) => ({ minute: n / 6, heapMb: 50 + ((slope.heap ?? 0) * n) / 6 + (n % 3) * 0.4, residentMb: 300 + ((slope.resident ?? 0) * n) / 6 + (n % 5) * 2 }));

const connection = (name: string, statuses: readonly (readonly [number, number])[] = [[200, 1_500]], { requests = 1_500, throttled = 0, unexpected = new Map<string, string>() } = {}): Connection => ({
  name,
  traffic: { requests, statuses: new Map(statuses), unexpected, reads: new Latencies(), writes: new Latencies(), wanted: () => new Map(), stop: async () => {} },
  vendor: { calls: 1_000, throttled, enabled: {} },
  openAtEnd: 0,
});

const good: Run = run({});
function run({ connections, memory = samples(), settledSeconds = 20, differing = [], heapAtRestMb = 50 }: { readonly heapAtRestMb?: number; readonly connections?: Run["connections"]; readonly memory?: readonly Sample[]; readonly settledSeconds?: number | "never"; readonly differing?: readonly string[] }): Run {
  return { connections: connections ?? [connection("slow", undefined, { throttled: 500 }), connection("fast")], samples: memory, heap: trendOf(memory, "heapMb"), heapAtRestMb, resident: trendOf(memory, "residentMb"), seconds: 60, settledSeconds: settledSeconds === "never" ? undefined : settledSeconds, left: settledSeconds === "never" ? { slow: 3 } : {}, differing };
}
const beside = (other: Connection): Run => run({ connections: [connection("slow", undefined, { throttled: 500 }), other] });

test("a run in which everything is as it must be has nothing wrong", () => {
  expect(wrongIn(good, "slow", 25)).toEqual([]);
});

test("requests under way may hold what they like, as long as they let it go", () => {
  expect(wrongIn(run({ memory: samples({ heap: 2 }) }), "slow", 25)).toEqual([]);
});

test.each<[string, Run, RegExp]>([
  ["429 to the IdP", beside(connection("fast", [[200, 1_499], [429, 1]])), /^fast: 1 answers were 429$/],
  ["503 to the IdP", beside(connection("fast", [[200, 1_499], [503, 1]])), /^fast: 1 answers were 503$/],
  ["no answer", beside(connection("fast", [[200, 1_499], [0, 1]])), /^fast: 1 answers were missing$/],
  ["an answer that nobody expected", beside(connection("fast", undefined, { unexpected: new Map([["404 to GET Users", "…"]]) })), /^fast: unexpected 404 to GET Users/],
  ["a pace that was not kept", beside(connection("fast", undefined, { requests: 1_400 })), /^fast: only 23.3 requests a second were sent$/],
  ["a vendor that never throttled", run({ connections: [connection("slow"), connection("fast")] }), /^slow: the vendor has never said 429/],
  ["another vendor that did", beside(connection("fast", undefined, { throttled: 1 })), /^fast: its vendor said 429$/],
  ["a heap that keeps what came", run({ heapAtRestMb: 50.6 }), /^at rest the heap holds 50\.6 MB; it may hold 50\.5$/],
  ["resident memory that grows", run({ memory: samples({ resident: 10 }) }), /^resident memory grows by (?:9|10)\.\d\d MB a minute$/],
  ["too few minutes for memory", run({ memory: samples({ heap: 5 }, 1) }), /^it was too short to judge memory/],
  ["no sample at all", run({ memory: [] }), /^it was too short to judge memory/],
  ["people who are not as wanted", run({ differing: ["ann@acme.example"] }), /^1 people at PeopleLens are not as/],
  ["work that is left", run({ settledSeconds: "never" }), /^not everything that was accepted .* 3 at slow$/],
])("%s is wrong, and nothing else", (_, found, says) => {
  const wrong = wrongIn(found, "slow", 25);
  expect(wrong).toHaveLength(1);
  expect(wrong[0]).toMatch(says);
});
