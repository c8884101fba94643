/**
 * Where a request comes from, and whether a connection takes requests from there.
 *
 * The socket's own address counts. A forwarded one counts only if the socket belongs to a proxy that the operator has named, and then
 * only the last hop that no named proxy is: whatever stands before it, the client may have written itself.
 *
 * @module
 */
import { BlockList, isIP } from "node:net";
import type { IncomingMessage } from "node:http";

export interface Networks {
  has(address: string): boolean;
}

/** @param list addresses and networks in CIDR form, as the configuration has checked them */
export function openNetworks(list: readonly string[]): Networks {
  const known = new BlockList();
  for (const entry of list) {
    const [address = "", bits] = entry.split("/");
    const family = isIP(address) === 6 ? "ipv6" : "ipv4";
    known.addSubnet(address, bits === undefined ? (family === "ipv6" ? 128 : 32) : Number(bits), family);
  }
  return { has: (address) => isIP(address) !== 0 && known.check(address, isIP(address) === 6 ? "ipv6" : "ipv4") };
}

/** @returns `undefined` when the socket is closed, or a trusted proxy has sent something that is no address */
export function addressOf(req: IncomingMessage, proxies: Networks): string | undefined {
  const peer = plain(req.socket.remoteAddress ?? "");
  if (!proxies.has(peer)) return isIP(peer) === 0 ? undefined : peer;
  const header = req.headers["x-forwarded-for"];
  const hops = (Array.isArray(header) ? header.join(",") : (header ?? "")).split(",").map(plain);
  // Proxies all the way: the first of them is where it began.
  const client = hops.findLast((hop) => !proxies.has(hop)) ?? hops[0];
  return client !== undefined && isIP(client) !== 0 ? client : undefined;
}

/** Without what some proxies add (blanks, a port, brackets), without a zone, and IPv4 as it is and not as IPv6 wraps it. */
const plain = (address: string): string =>
  address
    .trim()
    .replace(/^\[([^\]]*)\](:\d+)?$/, "$1")
    .replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, "$1")
    .replace(/%.*$/s, "")
    .replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, "");
