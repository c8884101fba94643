/**
 * Which network addresses are public: an allow-list for IPv6, the special-purpose registries for IPv4.
 *
 * Sources: IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890 and successors); 168.63.129.16 is a cloud's
 * metadata address that lies in public space.
 *
 * @module
 */
import { BlockList, isIP } from "node:net";

const special4: readonly (readonly [string, number])[] = [
  ["0.0.0.0", 8], // this host
  ["10.0.0.0", 8],
  ["100.64.0.0", 10], // carrier-grade NAT, and one cloud's metadata
  ["127.0.0.0", 8],
  ["169.254.0.0", 16], // link-local, most clouds' metadata
  ["172.16.0.0", 12],
  ["192.0.0.0", 24], // protocol assignments, one cloud's metadata
  ["192.0.2.0", 24], // documentation
  ["192.31.196.0", 24],
  ["192.52.193.0", 24],
  ["192.88.99.0", 24], // 6to4 relays
  ["192.168.0.0", 16],
  ["192.175.48.0", 24],
  ["198.18.0.0", 15], // benchmarks
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4], // multicast
  ["240.0.0.0", 4], // reserved, broadcast
  ["168.63.129.16", 32],
];

/** Inside global unicast, yet not a plain host on the internet. */
const special6: readonly (readonly [string, number])[] = [
  ["2001::", 23], // Teredo, ORCHID and other protocol assignments
  ["2001:db8::", 32],
  ["2002::", 16], // 6to4 wraps any IPv4 address
  ["2620:4f:8000::", 48],
  ["3fff::", 20],
];

const forbidden = new BlockList();
for (const [network, bits] of special4) forbidden.addSubnet(network, bits, "ipv4");
for (const [network, bits] of special6) forbidden.addSubnet(network, bits, "ipv6");

/** Everything else (loopback, unique local, link-local, mapped IPv4, NAT64, multicast) lies outside it. */
const globalUnicast = new BlockList();
globalUnicast.addSubnet("2000::", 3, "ipv6");

/** Link-local networks, where clouds answer with credentials: an allowed *name* never reaches them. */
const linkLocal = new BlockList();
linkLocal.addSubnet("169.254.0.0", 16, "ipv4");
linkLocal.addSubnet("fe80::", 10, "ipv6");
linkLocal.addAddress("168.63.129.16", "ipv4");
linkLocal.addAddress("100.100.100.200", "ipv4");
linkLocal.addAddress("192.0.0.192", "ipv4");
linkLocal.addAddress("fd00:ec2::254", "ipv6");

export type Family = "ipv4" | "ipv6";

/** `undefined` for everything that is not a plain address: names, zones, brackets. */
export function familyOf(address: string): Family | undefined {
  if (address.includes("%")) return undefined;
  const version = isIP(address);
  return version === 4 ? "ipv4" : version === 6 ? "ipv6" : undefined;
}

/** Whether the address belongs to an ordinary host on the internet. Anything unreadable does not. */
export function isPublicAddress(address: string): boolean {
  const family = familyOf(address);
  if (family === undefined) return false;
  if (family === "ipv6" && !globalUnicast.check(address, family)) return false;
  return !forbidden.check(address, family);
}

export function isLinkLocal(address: string): boolean {
  const family = familyOf(address);
  return family === undefined || linkLocal.check(address, family);
}
