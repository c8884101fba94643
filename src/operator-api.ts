/**
 * The operator API, wired: the acts on this house, the tokens that open it, and what is noted of those who are turned away.
 *
 * @module
 */
import { hash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Config } from "./config.ts";
import type { Site } from "./delivery/site.ts";
import { addressOf, type Networks, openNetworks } from "./http/client-address.ts";
import type { DoorToken, OperatorDoor } from "./http/door.ts";
import type { ConnectionId } from "./model/ids.ts";
import type { World } from "./operator/act.ts";
import { Declined } from "./operator/declined.ts";
import { noteDenials } from "./operator/denied.ts";
import { knowOperators } from "./operator/known-operators.ts";
import { problemOf, toldOf } from "./operator/problem.ts";
import { description, findAct } from "./operator/side.ts";
import type { Clock } from "./runtime/clock.ts";
import type { Log } from "./runtime/log.ts";
import type { Store } from "./store/store.ts";

export interface OperatorApi {
  /** Opens what a configuration asks for; whoever calls `use` then cannot fail any more. */
  prepare(config: Config): { use(): void };
  readonly door: OperatorDoor;
  /** Reads the tokens of the store now. */
  look(): Promise<void>;
  /** Those that open `/metrics`. */
  tokens(): readonly DoorToken[];
  flush(): Promise<void>;
  stop(): void;
}

export interface OperatorApiNeeds {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly publicUrl: string;
  readonly tables: World["tables"];
  /** The connections of the configuration in force. */
  sites(): readonly Site[];
  nudge(): void;
}

export function openOperatorApi({ store, clock, log, publicUrl, tables, sites, nudge }: OperatorApiNeeds): OperatorApi {
  const operators = knowOperators(store, clock, log);
  const denials = noteDenials(store, clock, log);
  let configured: World["configuredOperators"] = [];
  let networks: Networks | undefined;
  let proxies = openNetworks([]);

  const siteOf = (connection: ConnectionId): Promise<Site> => {
    const site = sites().find((one) => one.connection === connection);
    return site ? Promise.resolve(site) : Promise.reject(new Declined("notFound", `There is no connection "${connection}" any more.`));
  };
  const nudged = () => {
    nudge();
    void operators.look().catch(() => undefined); // and if not now, within a second
  };
  const world = (): World => ({ store, clock, publicUrl, tables, nudge: nudged, connections: sites().map(({ connection }) => connection), configuredOperators: configured, site: siteOf });
  let described: ReturnType<typeof description> | undefined;

  return {
    prepare({ operator, listen }) {
      const next = operator.bearer.map(({ name, token, role }) => ({ name, role, hash: hash("sha256", token.reveal(), "buffer"), expiresMs: undefined }));
      return {
        use() {
          operators.use(next);
          configured = next.map(({ name, role }) => ({ name, role }));
          networks = operator.allowFrom && openNetworks(operator.allowFrom);
          proxies = openNetworks(listen.trustedProxies);
        },
      };
    },
    door: {
      tokens: operators.tokens,
      used: operators.used,
      admits: (req: IncomingMessage) => networks === undefined || networks.has(addressOf(req, proxies) ?? ""),
      find: (method, words) => findAct(method, words, world()),
      description: () => (described ??= description(publicUrl)),
      denied: denials.note,
      told: (thrown) => toldOf(thrown, (one) => store.isAway(one)),
      problem: problemOf,
    },
    look: operators.look,
    tokens: operators.lastKnown,
    async flush() {
      await denials.flush();
      await operators.flush();
    },
    stop: operators.stop,
  };
}
