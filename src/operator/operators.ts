/**
 * Operator tokens: who may use the operator API, and for what. The first one is made on the command line.
 *
 * @module
 */
import { z } from "zod";
import { roles } from "../model/operator.ts";
import { newOperatorToken } from "../runtime/new-id.ts";
import { act } from "./act.ts";
import { Declined } from "./declined.ts";
import { duration, iso, isoOrNull, pageOf, paging, time, tokenName } from "./fields.ts";
import { pageOfAll } from "./pages.ts";
import { keptOf, noted } from "./tokens.ts";

const role = z.enum(roles).describe("viewer looks · operator mends · approver decides what takes from people, and who may come in");

const operator = z.strictObject({
  id: z.string().describe("The token's name."),
  role,
  from: z.enum(["store", "configuration"]),
  created: time.nullable().describe("null = stands in the configuration."),
  createdBy: z.string().nullable(),
  expires: time.nullable().describe("null = never."),
  lastUsed: time.nullable(),
});

export const listOperators = act({
  name: "operators.list",
  says: "The operator tokens, those of the configuration included.",
  needs: "operator",
  route: { method: "GET", path: "/operators" },
  command: "operator list",
  input: z.strictObject(paging),
  output: pageOf(operator),
  async run(page, _, world) {
    const stored = (await world.store.operators()).map(({ name, role: its, createdMs, by, expiresMs, lastUsedMs }): z.output<typeof operator> => ({ id: name, role: its, from: "store", created: iso(createdMs), createdBy: by, expires: isoOrNull(expiresMs), lastUsed: isoOrNull(lastUsedMs) }));
    const configured = world.configuredOperators.map(({ name, role: its }): z.output<typeof operator> => ({ id: name, role: its, from: "configuration", created: null, createdBy: null, expires: null, lastUsed: null }));
    return pageOfAll([...stored, ...configured], ({ id, from }) => `${id}/${from}`, page);
  },
});

export const createOperator = act({
  name: "operators.create",
  says: "Makes an operator token. The answer is the only place where it is ever shown.",
  needs: "approver",
  route: { method: "POST", path: "/operators" },
  command: "operator create",
  input: z.strictObject({ name: tokenName.describe("Whose it is: the journal names them by it."), role, expires: z.union([duration, z.literal("never")]).prefault("365d").describe("Such as 90d, or never.") }),
  output: z.strictObject({ name: z.string(), role, token: z.string().describe("Shown this once."), expires: time.nullable() }),
  async run({ name, role: its, expires }, by, world) {
    const taken = new Declined("conflict", `There is an operator token named "${name}" already; revoke it first, or choose another name.`);
    if (world.configuredOperators.some((one) => one.name === name)) throw taken; // the journal could not tell them apart
    const expiresMs = expires === "never" ? undefined : (await world.store.now()) + expires;
    const made = newOperatorToken();
    const added = await world.store.addOperator({ name, hash: keptOf(made), role: its, expiresMs, by: by.name }, [noted("operator create", by, { token: name, role: its, expires: isoOrNull(expiresMs) })]);
    if (added === "exists") throw taken;
    world.nudge();
    return { name, role: its, token: made, expires: isoOrNull(expiresMs) };
  },
});

export const revokeOperator = act({
  name: "operators.revoke",
  says: "Takes an operator token away; running servers refuse it within a second.",
  needs: "approver",
  route: { method: "DELETE", path: "/operators/{name}" },
  command: "operator revoke",
  input: z.strictObject({ name: tokenName }),
  output: z.strictObject({ name: z.string(), revoked: z.literal(true) }),
  async run({ name }, by, world) {
    if (!(await world.store.revokeOperator(name, [noted("operator revoke", by, { token: name })]))) throw new Declined("notFound", `There is no operator token named "${name}" in the store. Those of the configuration are revoked there.`);
    world.nudge();
    return { name, revoked: true as const };
  },
});
