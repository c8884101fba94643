/**
 * Where a connector may call: https to public addresses, and what the operator allows beyond that.
 *
 * The decision falls after name resolution, inside the socket's own look-up, so that the address that was checked is the
 * address that is dialled: a name that resolves differently the second time (rebinding) gains nothing. Addresses written
 * into the URL are never looked up and are checked before.
 *
 * An allowed network (`127.0.0.1`, `10.2.0.0/16`) permits its addresses, also over http. An allowed name permits whatever
 * it resolves to, also over http, except link-local and metadata addresses: those must be named as addresses.
 *
 * @module
 */
import { lookup as systemLookup } from "node:dns";
import type { LookupAddress } from "node:dns";
import { BlockList } from "node:net";
import { familyOf, isLinkLocal, isPublicAddress } from "./addresses.ts";

export interface Egress {
  /** Why this origin may not be called, as far as its text tells; `undefined` = nothing against it. */
  refusal(origin: URL): string | undefined;
  /** For the socket: resolves a name and lets only permitted addresses through. */
  lookupFor(origin: URL): Lookup;
}

/** The shape of `net.connect`'s `lookup`. */
export type Lookup = (hostname: string, options: { readonly all?: boolean | undefined }, callback: (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void) => void;

/** Resolves a name to all its addresses; lent by tests. */
export type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>;

/** The code on the error with which a refused socket fails. */
export const EGRESS_REFUSED = "EGRESS_REFUSED";

const byName: Resolve = (hostname) =>
  new Promise((resolve, reject) => systemLookup(hostname, { all: true }, (error, addresses) => (error ? reject(error) : resolve(addresses))));

interface Allowed {
  readonly names: ReadonlySet<string>;
  readonly networks: BlockList;
}

/** What is wrong with an entry of `egress.allow`; `undefined` = fine. */
export function egressProblem(entry: string): string | undefined {
  const [network, bits, ...rest] = entry.split("/");
  const family = familyOf(network ?? "");
  if (family !== undefined) {
    if (bits === undefined) return undefined;
    const most = family === "ipv4" ? 32 : 128;
    return rest.length === 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= most ? undefined : `is not a network: the part after the slash must be a number from 0 to ${most}`;
  }
  if (/^(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*$/.test(entry) && !/(^|\.)\d+$/.test(entry)) return undefined;
  return "is neither a host name, nor an IP address, nor a network such as 10.0.0.0/8 (no scheme, no port, no wildcard)";
}

/** @param allow entries that `egressProblem` has nothing against; others permit nothing */
export function openEgress(allow: readonly string[], resolve: Resolve = byName): Egress {
  const allowed = read(allow);
  return {
    refusal: (origin) => refusal(origin, allowed),
    lookupFor: (origin) => (hostname, options, callback) => {
      permitted(hostname, origin.protocol, allowed, resolve).then(
        (addresses) => {
          const first = addresses[0];
          if (first === undefined) return callback(Object.assign(new Error(`${hostname} leads to no address that may be called`), { code: EGRESS_REFUSED }), []);
          if (options.all) callback(null, [...addresses]);
          else callback(null, first.address, first.family);
        },
        (error: NodeJS.ErrnoException) => callback(error, []),
      );
    },
  };
}

function read(allow: readonly string[]): Allowed {
  const names = new Set<string>();
  const networks = new BlockList();
  for (const entry of allow) {
    if (egressProblem(entry) !== undefined) continue;
    const [network = "", bits] = entry.split("/");
    const family = familyOf(network);
    if (family === undefined) names.add(entry.toLowerCase());
    else if (bits === undefined) networks.addAddress(network, family);
    else networks.addSubnet(network, Number(bits), family);
  }
  return { names, networks };
}

const bare = (hostname: string): string => hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "").toLowerCase();

function refusal(origin: URL, allowed: Allowed): string | undefined {
  if (origin.protocol !== "https:" && origin.protocol !== "http:") return "only https addresses may be called";
  const host = bare(origin.hostname);
  if (familyOf(host) !== undefined) {
    if (mayDial(host, host, origin.protocol, allowed)) return undefined;
    return isPublicAddress(host) ? `http is permitted only where egress.allow names the host: use https, or add ${host}` : `${host} is not a public address: add it to egress.allow if it is meant`;
  }
  // Over http a name that is not allowed may still lead into an allowed network; only if there is none it is hopeless.
  if (origin.protocol === "http:" && !allowed.names.has(host) && allowed.networks.rules.length === 0) return `http is permitted only where egress.allow names the host: use https, or add ${host}`;
  return undefined;
}

function mayDial(address: string, host: string, protocol: string, allowed: Allowed): boolean {
  const family = familyOf(address);
  if (family === undefined) return false;
  if (allowed.networks.check(address, family)) return true;
  if (allowed.names.has(host) && !isLinkLocal(address)) return true;
  return protocol === "https:" && isPublicAddress(address);
}

async function permitted(hostname: string, protocol: string, allowed: Allowed, resolve: Resolve): Promise<readonly LookupAddress[]> {
  const host = bare(hostname);
  const addresses = await resolve(hostname);
  return addresses.filter(({ address }) => mayDial(address, host, protocol, allowed));
}
