/**
 * How the command line does an act: the same acts as over the operator API, on the store itself, in the name of whoever sits there.
 *
 * Whoever can read the configuration and open the database may do everything already, so the role is the highest and nothing is covered.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import type { z } from "zod";
import type { Site } from "../delivery/site.ts";
import type { ConnectionId } from "../model/ids.ts";
import { type Act, type Actor, perform, type World } from "../operator/act.ts";
import { Declined } from "../operator/declined.ts";
import { inputSchemaOf, readAs } from "../operator/placing.ts";
import { systemClock } from "../runtime/clock.ts";
import { readCustomSchemas } from "../scim/custom-schemas.ts";
import { groupTable, userTable, withExtensions } from "../scim/schemas.ts";
import { openStore } from "../store/open-store.ts";
import { whoIs } from "./at-connection.ts";
import { UsageError } from "./confirm.ts";
import { configFor, openSiteOf } from "./with-site.ts";
import type { Where } from "./with-store.ts";

const schemaFolder = fileURLToPath(new URL("../../scim-schemas", import.meta.url));

export interface Desk {
  readonly world: World;
  readonly by: Actor;
  /** @param given a field that is `undefined` was not said, and a text stands for whatever the field is */
  ask<In extends z.ZodObject, Out extends z.ZodObject>(what: Act<In, Out>, given: { readonly [Name in keyof z.input<In>]?: z.input<In>[Name] | string | undefined }): Promise<z.output<Out>>;
}

export async function withActs(where: Where & { readonly by?: string }, step: (desk: Desk) => Promise<void>): Promise<void> {
  const config = await configFor(where);
  const store = await openStore({ url: config.store, clock: systemClock });
  store.keepNotices(config.alarms.webhook !== undefined); // what a command raises the server sends
  const sites = new Map<ConnectionId, Promise<Site>>();
  const custom = readCustomSchemas(schemaFolder);
  const world: World = {
    store,
    clock: systemClock,
    connections: config.connections.map(({ id }) => id),
    publicUrl: config.publicUrl,
    configuredOperators: config.operator.bearer.map(({ name, role }) => ({ name, role })),
    tables: { users: withExtensions(userTable, custom), groups: withExtensions(groupTable, custom) },
    nudge() {}, // a server elsewhere finds out by itself
    site(connection) {
      const site = sites.get(connection) ?? openSiteOf(config, connection);
      sites.set(connection, site);
      return site;
    },
  };
  const by: Actor = { name: whoIs(where.by), role: "approver" };
  try {
    await step({ world, by, ask: (what, given) => inUsersWords(perform(what, givenTo(what, given as Readonly<Record<string, unknown>>) as never, by, world)) });
  } finally {
    await store.close();
  }
}

function givenTo(what: Pick<Act, "input">, given: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { properties } = inputSchemaOf(what);
  return Object.fromEntries(Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [[name, typeof value === "string" ? readAs(value, properties[name] ?? {}) : value]])));
}

/** Fields as the options are spelled. */
async function inUsersWords<T>(doing: Promise<T>): Promise<T> {
  try {
    return await doing;
  } catch (thrown) {
    if (!(thrown instanceof Declined) || thrown.complaints.length === 0) throw thrown;
    throw new UsageError(thrown.complaints.map(({ path, says }) => `${path === "" ? "" : `${path.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}: `}${says}`).join("\n"));
  }
}

/** Every page of a list, up to so many items. */
export async function everyPage<Item>(page: (cursor: string | undefined) => Promise<{ readonly items: readonly Item[]; readonly next: string | null }>, most = Number.POSITIVE_INFINITY): Promise<{ readonly items: readonly Item[]; readonly isAll: boolean }> {
  const items: Item[] = [];
  for (let cursor: string | undefined; ; ) {
    const { items: some, next } = await page(cursor);
    items.push(...some);
    if (next === null || items.length >= most) return { items: items.slice(0, most), isAll: next === null && items.length <= most };
    cursor = next;
  }
}
