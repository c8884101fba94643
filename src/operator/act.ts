/**
 * Acts: everything that an operator can see or do, each once, whether it comes from the command line or over the operator API.
 *
 *     command line ─┐
 *                   ├─ act: role ─ input ─ run ─ masked output
 *     operator API ─┘
 *
 * An act is data and one function. What it takes and gives is a zod schema each, from which the API's description is made; the API's
 * routes are these acts and nothing else, and every act names the command that does the same (`acts.ts` lists them).
 *
 * @module
 */
import type { z } from "zod";
import type { ConnectionId } from "../model/ids.ts";
import { mayDo, type Role } from "../model/operator.ts";
import type { Site } from "../delivery/site.ts";
import type { Clock } from "../runtime/clock.ts";
import type { SchemaTable } from "../scim/schema-table.ts";
import type { Store } from "../store/store.ts";
import { Declined } from "./declined.ts";
import { masked } from "./masking.ts";

export interface Act<In extends z.ZodObject = z.ZodObject, Out extends z.ZodObject = z.ZodObject> {
  /** `holds.approve`; the operation's id in the API's description. */
  readonly name: string;
  /** One sentence for the description. */
  readonly says: string;
  /** Whoever may less is turned away, and that stands in the operators' journal. */
  readonly needs: Role;
  /** Below `/api/v1`; `{name}` takes the input's field of that name. The other fields stand in the query of a GET, in the body of a POST. */
  readonly route: Route;
  /** The words of the command that does the same: `holds approve`. */
  readonly command: string;
  readonly input: In;
  readonly output: Out;
  /** @throws Declined, Fault */
  run(input: z.output<In>, by: Actor, world: World): Promise<z.output<Out>>;
}

export interface Route {
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: `/${string}`;
}

/** Who acts. */
export interface Actor {
  /** As the journal names them. */
  readonly name: string;
  readonly role: Role;
}

/** What acts are done on: a running house, or the same store from the command line. */
export interface World {
  readonly store: Store;
  readonly clock: Clock;
  /** Those that are configured. */
  readonly connections: readonly ConnectionId[];
  /** Where IdPs reach this server; without a slash at the end. */
  readonly publicUrl: string;
  /** Names of the operator tokens that stand in the configuration. */
  readonly configuredOperators: readonly { readonly name: string; readonly role: Role }[];
  /** A configured connection with its connector. */
  site(connection: ConnectionId): Promise<Site>;
  /** The schemas of this installation, its extensions included. */
  readonly tables: { readonly users: SchemaTable; readonly groups: SchemaTable };
  /** Tells the running house that something may be due, or that tokens are other ones; a server elsewhere finds out within a second. */
  nudge(): void;
}

/** Only for its types: each act is checked where it is written. */
export const act = <In extends z.ZodObject, Out extends z.ZodObject>(definition: Act<In, Out>): Act<In, Out> => definition;

/**
 * The one way to do an act.
 *
 * @param given checked here; unknown fields are refused
 * @returns for a `viewer`, without what is personal
 * @throws Declined `forbidden`, `invalid`; whatever the act throws
 */
export async function perform<In extends z.ZodObject, Out extends z.ZodObject>(what: Act<In, Out>, given: z.input<In>, by: Actor, world: World): Promise<z.output<Out>> {
  if (!mayDo(by.role, what.needs)) throw new Declined("forbidden", `This takes the role ${what.needs}; yours is ${by.role}.`);
  const read = what.input.safeParse(given);
  if (!read.success) throw new Declined("invalid", "The request is not what this act takes.", read.error.issues.map(({ path, message }) => ({ path: path.join("."), says: message })));
  const shown = await what.run(read.data, by, world);
  return by.role === "viewer" ? masked(what.output, shown) : shown;
}

/** @throws Declined `notFound` */
export function connectionIn({ connections }: Pick<World, "connections">, name: string): ConnectionId {
  const found = connections.find((connection) => connection === name);
  if (found === undefined) throw new Declined("notFound", `There is no connection "${name}"; configured: ${connections.join(", ")}.`);
  return found;
}

/** One, or all. */
export const connectionsIn = (world: World, name: string | undefined): readonly ConnectionId[] => (name === undefined ? world.connections : [connectionIn(world, name)]);
