/**
 * Whom a name means: by userName, externalId, our id, the vendor's account id or a correlation id, and, where nobody answers to it
 * exactly, by how the userName begins.
 *
 * @module
 */
import { z } from "zod";
import { resetMfa } from "../bridge/operate.ts";
import { findPeople, findPerson } from "../bridge/person.ts";
import { fold } from "../model/fold.ts";
import type { ConnectionId, ResourceId } from "../model/ids.ts";
import { newCorrelationId } from "../runtime/new-id.ts";
import type { Store } from "../store/store.ts";
import { act, connectionIn, connectionsIn } from "./act.ts";
import { Declined, declining } from "./declined.ts";
import { address, connectionField, onlyConnection } from "./fields.ts";

const person = z.strictObject({
  id: z.string(),
  connection: z.string(),
  userName: address.nullable().describe("null = gone; the timeline says what they were called."),
  externalId: address.nullable(),
  active: z.boolean().nullable().describe("What the IdP wants; null = deleted."),
  deleted: z.boolean(),
  account: z.string().nullable().describe("The vendor's id of the account that is linked."),
  access: z.enum(["active", "inactive", "partly", "gone", "deleted"]).nullable().describe("What the vendor has acknowledged."),
});

/** Those whose names begin so; more would be no answer to a name. */
const mostAlike = 20;

export const searchPeople = act({
  name: "people.search",
  says: "Who answers to a name: userName, externalId, id, the vendor's account id or a correlation id; else whose userName begins so. At most 20 per connection.",
  needs: "viewer",
  // In the body, so that no name stands in an address that somebody logs.
  route: { method: "POST", path: "/people/search" },
  command: "people",
  input: z.strictObject({ name: z.string().min(1).max(500), connection: onlyConnection }),
  output: z.strictObject({ items: z.array(person) }),
  async run({ name, connection }, _, world) {
    const items: z.output<typeof person>[] = [];
    for (const its of connectionsIn(world, connection)) {
      const exact = await findPeople(its, name, world.store);
      for (const id of exact.length > 0 ? exact : await alike(its, name, world.store)) items.push(await shown(its, id, world.store));
    }
    return { items };
  },
});

async function alike(connection: ConnectionId, name: string, store: Store): Promise<readonly ResourceId[]> {
  const at = { path: ["userName"], listAt: undefined, type: "string", caseExact: false } as const;
  const { resources } = await store.list(connection, "User", { filter: { kind: "compare", at, operator: "sw", value: fold(name) }, sort: undefined, offset: 0, limit: mostAlike, groups: false, members: false });
  return resources.map(({ id }) => id);
}

async function shown(connection: ConnectionId, id: ResourceId, store: Store): Promise<z.output<typeof person>> {
  const held = await store.hold(connection, id);
  const attributes = held?.attributes;
  const text = (name: string) => (typeof attributes?.[name] === "string" ? attributes[name] : null);
  return {
    id, connection, userName: text("userName"), externalId: text("externalId"), active: attributes ? attributes["active"] !== false : null, deleted: attributes === undefined,
    account: held?.link?.account ?? null, access: held?.link?.applied.access ?? null,
  };
}

export const resetSecondFactor = act({
  name: "people.resetMfa",
  says: "Resets somebody's second factor at the vendor, where it has a call for it.",
  needs: "approver",
  route: { method: "POST", path: "/connections/{connection}/people/{person}/reset-mfa" },
  command: "reset-mfa",
  input: z.strictObject({ connection: connectionField, person: z.string().min(1).max(500).describe("As for people.search; better an id.") }),
  output: z.strictObject({ person: z.string(), account: z.string(), email: address.nullable(), correlation: z.string(), done: z.literal(true) }),
  async run(input, by, world) {
    const connection = connectionIn(world, input.connection);
    const site = await world.site(connection);
    const id = await declining(findPerson(connection, input.person, world.store));
    const correlation = newCorrelationId();
    const { account, email } = await declining(resetMfa({ person: id, by: by.name, correlation }, world.store, site));
    return { person: id, account, email: email ?? null, correlation, done: true as const };
  },
});

/** @throws Declined for nobody, and for several */
export async function personIn(connection: ConnectionId, name: string, store: Store): Promise<ResourceId> {
  if (name.trim() === "") throw new Declined("notFound", "Nobody has no name.");
  return declining(findPerson(connection, name, store));
}
