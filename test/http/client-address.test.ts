import type { IncomingMessage } from "node:http";
import { expect, test } from "vitest";
import { addressOf, openNetworks } from "../../src/http/client-address.ts";

const request = (peer: string | undefined, forwarded?: string): IncomingMessage => ({ socket: { remoteAddress: peer }, headers: forwarded === undefined ? {} : { "x-forwarded-for": forwarded } }) as unknown as IncomingMessage;
const proxies = ["10.0.0.0/8", "2001:db8:ffff::/48"];

test.each([
  ["no proxy is trusted: the socket counts", [], "203.0.113.9", "198.51.100.1", "203.0.113.9"],
  ["a stranger that forges", proxies, "203.0.113.9", "198.51.100.1", "203.0.113.9"],
  ["a proxy that forwards", proxies, "10.1.1.1", "198.51.100.1", "198.51.100.1"],
  ["a client that forges behind a proxy", proxies, "10.1.1.1", "198.51.100.1, 203.0.113.9", "203.0.113.9"],
  ["a client that forges a trusted hop", proxies, "10.1.1.1", "198.51.100.1, 203.0.113.9, 10.9.9.9", "203.0.113.9"],
  ["two proxies in a row", proxies, "10.1.1.1", "203.0.113.9,10.2.2.2", "203.0.113.9"],
  ["IPv4 inside IPv6, at the socket and in the header", proxies, "::ffff:10.1.1.1", "::ffff:203.0.113.9", "203.0.113.9"],
  ["a proxy that adds a port", proxies, "10.1.1.1", "203.0.113.9:4711", "203.0.113.9"],
  ["an IPv6 proxy that adds brackets and a port", proxies, "2001:db8:ffff::1", "[2001:db8::5]:4711", "2001:db8::5"],
  ["proxies all the way", proxies, "10.1.1.1", "10.3.3.3, 10.2.2.2", "10.3.3.3"],
  ["a proxy that says nothing", proxies, "10.1.1.1", undefined, undefined],
  ["a proxy that hands on no address", proxies, "10.1.1.1", "203.0.113.9, unknown", undefined],
  ["a closed socket", proxies, undefined, "203.0.113.9", undefined],
])("%s", (_name, trusted, peer, forwarded, expected) => {
  expect(addressOf(request(peer, forwarded), openNetworks(trusted))).toBe(expected);
});

test.each([
  [["203.0.113.0/24"], "203.0.113.255", true],
  [["203.0.113.0/24"], "203.0.114.0", false],
  [["203.0.113.7"], "203.0.113.7", true],
  [["203.0.113.7"], "203.0.113.8", false],
  [["2001:db8::/32"], "2001:db8:1::1", true],
  [["2001:db8::/32"], "2001:db9::1", false],
  [["0.0.0.0/0"], "2001:db8::1", false],
  [["203.0.113.0/24"], "nonsense", false],
  [[], "127.0.0.1", false],
])("%j has %s: %s", (list, address, expected) => {
  expect(openNetworks(list).has(address)).toBe(expected);
});
