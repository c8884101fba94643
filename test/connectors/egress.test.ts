import { describe, expect, test } from "vitest";
import type { LookupAddress } from "node:dns";
import { isPublicAddress } from "../../src/connectors/kit/addresses.ts";
import type { Resolve } from "../../src/connectors/kit/egress.ts";
import { EGRESS_REFUSED, egressProblem, openEgress } from "../../src/connectors/kit/egress.ts";

const family = (address: string): number => (address.includes(":") ? 6 : 4);
const resolving = (...rounds: readonly (readonly string[])[]): Resolve => {
  let round = 0;
  return async () => (rounds[Math.min(round++, rounds.length - 1)] ?? []).map((address) => ({ address, family: family(address) }));
};

const dial = (allow: readonly string[], origin: string, resolve: Resolve): Promise<string | readonly LookupAddress[]> =>
  new Promise((done) => {
    const url = new URL(origin);
    openEgress(allow, resolve).lookupFor(url)(url.hostname, { all: true }, (error, addresses) => done(error ? (error.code ?? error.message) : (addresses as LookupAddress[])));
  });

test.each([
  "93.184.215.14", "8.8.8.8", "172.15.255.255", "172.32.0.0", "100.63.255.255", "100.128.0.0", "192.167.0.1", "223.255.255.255", "2606:2800:220:1::1", "2a00::1",
])("%s is public", (address) => expect(isPublicAddress(address)).toBe(true));

test.each([
  "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.192", "192.0.2.1",
  "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.51.100.1", "203.0.113.9", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "168.63.129.16",
  "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:7f00:1", "64:ff9b::7f00:1", "64:ff9b:1::1", "100::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1",
  "2001:db8::1", "2001::1", "2001:10::1", "2002:7f00:1::", "3fff::1", "5f00::1", "fe80::1%eth0", "not an address", "", "localhost", "1.2.3", "0x7f.1", "2130706433",
])("%j is not public", (address) => expect(isPublicAddress(address)).toBe(false));

describe("what may be dialled", () => {
  test.each([
    { origin: "https://api.example", resolved: ["93.184.215.14"], allow: [], result: ["93.184.215.14"] },
    { origin: "https://api.example", resolved: ["10.0.0.1"], allow: [], result: EGRESS_REFUSED },
    { origin: "https://api.example", resolved: ["::ffff:10.0.0.1"], allow: [], result: EGRESS_REFUSED },
    // Only what may be called is passed on, so the socket cannot fall back to the rest.
    { origin: "https://api.example", resolved: ["93.184.215.14", "127.0.0.1", "169.254.169.254"], allow: [], result: ["93.184.215.14"] },
    { origin: "http://api.example", resolved: ["93.184.215.14"], allow: [], result: EGRESS_REFUSED },
    { origin: "http://api.example", resolved: ["93.184.215.14"], allow: ["10.0.0.0/8"], result: EGRESS_REFUSED },
    { origin: "http://api.example", resolved: ["10.1.2.3"], allow: ["10.0.0.0/8"], result: ["10.1.2.3"] },
    { origin: "https://api.example", resolved: ["10.1.2.3"], allow: ["10.0.0.0/8"], result: ["10.1.2.3"] },
    { origin: "https://api.example", resolved: ["10.1.2.3"], allow: ["10.2.0.0/16"], result: EGRESS_REFUSED },
    { origin: "http://api.example", resolved: ["10.1.2.3"], allow: ["API.example"], result: ["10.1.2.3"] },
    { origin: "http://api.example.", resolved: ["10.1.2.3"], allow: ["api.example"], result: ["10.1.2.3"] },
    { origin: "https://other.example", resolved: ["10.1.2.3"], allow: ["api.example"], result: EGRESS_REFUSED },
    { origin: "https://sub.api.example", resolved: ["10.1.2.3"], allow: ["api.example"], result: EGRESS_REFUSED },
    // A name is not enough for the places where clouds hand out credentials.
    { origin: "http://api.example", resolved: ["169.254.169.254"], allow: ["api.example"], result: EGRESS_REFUSED },
    { origin: "http://api.example", resolved: ["fe80::1"], allow: ["api.example"], result: EGRESS_REFUSED },
    { origin: "http://api.example", resolved: ["169.254.169.254"], allow: ["169.254.169.254"], result: ["169.254.169.254"] },
    { origin: "https://api.example", resolved: ["fd00::7"], allow: ["fd00::/8"], result: ["fd00::7"] },
    { origin: "https://api.example", resolved: [], allow: [], result: EGRESS_REFUSED },
  ])("$origin → $resolved with $allow: $result", async ({ origin, resolved, allow, result }) => {
    const dialled = await dial(allow, origin, resolving(resolved));
    expect(typeof dialled === "string" ? dialled : dialled.map(({ address }) => address)).toEqual(result);
  });

  test("a name that is rebound between two connections is refused at the second", async () => {
    const resolve = resolving(["93.184.215.14"], ["127.0.0.1"]);
    expect(await dial([], "https://rebind.example", resolve)).toHaveLength(1);
    expect(await dial([], "https://rebind.example", resolve)).toBe(EGRESS_REFUSED);
  });

  test("a name server that fails is passed on as it is", async () => {
    expect(await dial([], "https://api.example", async () => Promise.reject(Object.assign(new Error("x"), { code: "ENOTFOUND" })))).toBe("ENOTFOUND");
  });
});

describe("what is refused by its text", () => {
  test.each([
    { origin: "https://api.example", allow: [], fine: true },
    { origin: "https://93.184.215.14", allow: [], fine: true },
    { origin: "http://93.184.215.14", allow: [], fine: false },
    { origin: "http://api.example", allow: [], fine: false },
    { origin: "https://127.0.0.1", allow: [], fine: false },
    { origin: "https://[::1]", allow: [], fine: false },
    { origin: "https://[::ffff:7f00:1]", allow: [], fine: false },
    // The URL parser reads these as 127.0.0.1.
    { origin: "https://0x7f.1", allow: [], fine: false },
    { origin: "https://2130706433", allow: [], fine: false },
    { origin: "https://017700000001", allow: [], fine: false },
    { origin: "http://127.0.0.1:8080", allow: ["127.0.0.1"], fine: true },
    { origin: "http://[::1]:8080", allow: ["::1"], fine: true },
    { origin: "http://127.0.0.2", allow: ["127.0.0.1"], fine: false },
    { origin: "http://api.example", allow: ["api.example"], fine: true },
    { origin: "ftp://api.example", allow: ["api.example"], fine: false },
    { origin: "file:///etc/passwd", allow: [], fine: false },
  ])("$origin with $allow: $fine", ({ origin, allow, fine }) => {
    expect(openEgress(allow).refusal(new URL(origin)) === undefined).toBe(fine);
  });
});

test.each([
  { entry: "api.example", fine: true },
  { entry: "localhost", fine: true },
  { entry: "10.0.0.0/8", fine: true },
  { entry: "::1", fine: true },
  { entry: "fd00::/8", fine: true },
  { entry: "10.0.0.0/33", fine: false },
  { entry: "10.0.0.0/", fine: false },
  { entry: "10.0.0.0/8/8", fine: false },
  { entry: "10.0.0", fine: false },
  { entry: "*.example", fine: false },
  { entry: "http://api.example", fine: false },
  { entry: "api.example:8080", fine: false },
  { entry: "", fine: false },
])("egress.allow: $entry is fine: $fine", ({ entry, fine }) => expect(egressProblem(entry) === undefined).toBe(fine));
