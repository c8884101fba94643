/**
 * What IdPs prove themselves with besides tokens: Basic, the clients of our token endpoint, issuers that are trusted; and from where.
 * Wired here and not in `app.ts`, as the tokens are.
 *
 * A configuration is prepared whole and then used whole, so the next request after a reload meets the new one: a secret that left the
 * file is worth nothing any more, and neither is what it bought.
 *
 * @module
 */
import type { Config, ConnectionConfig, Trust } from "./config.ts";
import { type Egress, openEgress } from "./connectors/kit/egress.ts";
import { openTransport } from "./connectors/kit/transport.ts";
import { openAccessTokens } from "./http/access-token.ts";
import { addressOf, type Networks, openNetworks } from "./http/client-address.ts";
import type { DoorOptions, DoorToken, OAuthSide } from "./http/door.ts";
import { openVerifier, type Verifier } from "./http/federation.ts";
import type { ConnectionId } from "./model/ids.ts";
import type { Clock } from "./runtime/clock.ts";
import type { Log } from "./runtime/log.ts";
import type { AuthenticationScheme } from "./scim/discovery.ts";
import { hashOf } from "./tokens.ts";

export interface Credentials {
  /** Opens what a configuration asks for; whoever calls `use` then cannot fail any more. @throws Error when a key set may not be fetched */
  prepare(config: Config): { use(): void };
  readonly door: Required<Pick<DoorOptions, "basic" | "oauth" | "admits" | "addressOf">>;
  /** How a connection may be opened. @param hasTokens whether it has tokens besides */
  schemes(connection: ConnectionId, hasTokens: boolean): readonly AuthenticationScheme[];
  stop(): Promise<void>;
}

export interface CredentialsNeeds {
  /** Of this installation, for access tokens. */
  readonly key: string;
  readonly clock: Clock;
  readonly log: Log;
}

interface OpenTrust {
  readonly print: string;
  /** What it was opened with; as long as that is the same, so are its keys. */
  readonly from: string;
  verify: Verifier["verify"];
  close(): Promise<void>;
}

interface Place {
  readonly basic: readonly DoorToken[];
  readonly clients: ReturnType<OAuthSide["clients"]>;
  readonly lifetimeMs: number;
  readonly trust: OpenTrust | undefined;
  readonly networks: Networks | undefined;
}

const hourMs = 3_600_000;
const keySetTimeoutMs = 10_000;
const maxKeySetBytes = 262_144;

export function openCredentials({ key, clock, log }: CredentialsNeeds): Credentials {
  const tokens = openAccessTokens(key);
  let places: ReadonlyMap<ConnectionId, Place> = new Map();
  let proxies = openNetworks([]);

  function openTrust(id: ConnectionId, jwt: Trust, egressAllow: readonly string[]): OpenTrust {
    const from = JSON.stringify([jwt, egressAllow]);
    const open = places.get(id)?.trust;
    if (open?.from === from) return open;
    const keySet = openKeySet(id, jwt, openEgress(egressAllow), log);
    return { print: tokens.print(`trust ${JSON.stringify(jwt)}`), from, verify: openVerifier(jwt, keySet.fetch, clock).verify, close: keySet.close };
  }

  const placeOf = ({ id, auth: { basic, oauth, jwt, allowFrom } }: ConnectionConfig, egressAllow: readonly string[]): Place => ({
    basic: basic.map(({ user, password }) => ({ name: user, hash: hashOf(`${user}:${password.reveal()}`), expiresMs: undefined })),
    clients: (oauth?.clients ?? []).map(({ clientId, clientSecret }) => ({ id: clientId, print: tokens.print(clientSecret.reveal()) })),
    lifetimeMs: oauth?.lifetimeMs ?? hourMs,
    trust: jwt && openTrust(id, jwt, egressAllow),
    networks: allowFrom && openNetworks(allowFrom),
  });

  const from = (req: Parameters<typeof addressOf>[0]): string | undefined => addressOf(req, proxies);

  return {
    prepare({ connections, egressAllow, listen }) {
      const next = new Map(connections.map((connection) => [connection.id, placeOf(connection, egressAllow)]));
      return {
        use() {
          const former = places;
          places = next;
          proxies = openNetworks(listen.trustedProxies);
          for (const [id, { trust }] of former) if (trust !== next.get(id)?.trust) void trust?.close();
        },
      };
    },
    door: {
      basic: (connection) => places.get(connection)?.basic,
      oauth: {
        tokens,
        clients: (connection) => places.get(connection)?.clients ?? [],
        trust: (connection) => places.get(connection)?.trust,
        lifetimeMs: (connection) => places.get(connection)?.lifetimeMs ?? hourMs,
      },
      admits(connection, req) {
        const networks = places.get(connection)?.networks;
        return networks === undefined || networks.has(from(req) ?? "");
      },
      addressOf: from,
    },
    schemes(connection, hasTokens) {
      const { basic = [], clients = [], trust } = places.get(connection) ?? {};
      const offered: readonly (readonly [AuthenticationScheme, boolean])[] = [["oauthbearertoken", hasTokens || trust !== undefined], ["oauth2", clients.length > 0 || trust !== undefined], ["httpbasic", basic.length > 0]];
      return offered.filter(([, isOffered]) => isOffered).map(([scheme]) => scheme);
    },
    async stop() {
      for (const { trust } of places.values()) await trust?.close();
    },
  };
}

/** The keys of an issuer: one address, behind the egress guard, no redirect, no more than a key set needs. */
function openKeySet(connection: ConnectionId, { jwksUri }: Trust, egress: Egress, log: Log) {
  const url = new URL(jwksUri);
  const refusal = egress.refusal(url);
  if (refusal !== undefined) throw new Error(`connections.${connection}.auth.jwt.jwksUri: ${refusal}`);
  const transport = openTransport({ origin: url, egress, connectTimeoutMs: keySetTimeoutMs, maxAnswerBytes: maxKeySetBytes });
  return {
    async fetch(): Promise<unknown> {
      const sent = await transport.send({ method: "GET", path: url.pathname + url.search, headers: { accept: "application/json", "user-agent": "drawbridge" }, body: undefined }, AbortSignal.timeout(keySetTimeoutMs));
      const reason = sent.kind !== "answered" ? sent.reason : sent.status !== 200 ? `answered ${sent.status}` : undefined;
      if (sent.kind === "answered" && reason === undefined) return JSON.parse(sent.bytes.toString("utf8"));
      log.warn("the keys of a trusted issuer cannot be fetched; those that are known go on", { connection, detail: reason ?? "" });
      throw new Error("no keys");
    },
    close: () => transport.close(),
  };
}
