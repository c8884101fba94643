/**
 * What only an operator may order: there where its evidence is allowed, out of reach for everything else.
 *
 * @module
 */
import { describe, expect, test } from "vitest";
import type { Target } from "../../src/connectors/connector.ts";
import { capabilitiesOf } from "../../src/connectors/connector.ts";
import type { HookKit } from "../../src/connectors/hooks.ts";
import type { Json } from "../../src/model/json.ts";
import { failureOf, type Failure } from "../../src/model/failure.ts";
import { accountId } from "../../src/model/ids.ts";
import { acme, engine } from "./support/engine.ts";
import { aCall } from "./support/vendor.ts";

const target: Target = { account: accountId("p-1"), kind: "account", email: "ann@acme.example" };
const withReset = (permission?: string) =>
  acme((raw) => {
    raw.calls.reset = { method: "POST", path: "/people/{id}/reset", evidence: "observed", repeat: "once" };
    raw.operatorActions = { resetMfa: { call: "reset", effect: "the second factor is gone", ...(permission !== undefined && { permission }) } };
  });
const failing = async (run: Promise<unknown> | undefined) => failureOf(await Promise.resolve(run).then(() => { throw new Error("it did not fail"); }, (thrown: unknown) => thrown));

describe("an operator's action", () => {
  test("sends its call once, to the account that it was given", async () => {
    const { connector, requests } = engine(withReset(), () => undefined);
    await connector.operator?.resetMfa?.(target, aCall());
    expect(requests.map(({ method, path }) => `${method} ${path}`)).toEqual(["POST /people/p-1/reset"]);
    expect([...capabilitiesOf(connector)].map(String)).not.toContain("resetMfa");
  });

  test("is there only where its evidence is allowed, and says why it is not", () => {
    const { connector } = engine(withReset(), () => undefined, { endpoints: "public" });
    expect([connector.operator, connector.traits.missing("resetMfa")]).toEqual([undefined, 'the evidence for "reset" is "observed", and endpoints allows "public"']);
    expect(engine(acme(), () => undefined).connector.traits.missing("resetMfa")).toBe("Acme has no call for it");
    expect(engine(withReset(), () => undefined).connector.traits.missing("resetMfa")).toBeUndefined();
  });

  test("never takes an invitation for an account", async () => {
    const { connector, requests } = engine(withReset(), () => undefined);
    expect((await failing(connector.operator?.resetMfa?.({ ...target, kind: "invitation" }, aCall()))).kind).toBe("invalid");
    expect(requests).toEqual([]);
  });

  test.each<{ failure: Failure; permission: string | undefined; says: string }>([
    { failure: { kind: "credentials", detail: "no" }, permission: "can_reset", says: "Acme refuses our credential. For this it needs the permission can_reset." },
    { failure: { kind: "credentials", detail: "no" }, permission: undefined, says: "no" },
    { failure: { kind: "notFound", detail: "nobody" }, permission: "can_reset", says: "nobody" },
  ])("names the permission that it needs where the credential is refused: $failure.kind, $permission", async ({ failure, permission, says }) => {
    const { connector, requests } = engine(withReset(permission), () => failure as unknown as Json);
    expect(await failing(connector.operator?.resetMfa?.(target, aCall()))).toMatchObject({ kind: failure.kind, detail: says });
    expect(requests).toHaveLength(1);
  });

  test("cannot be reached by a hook, whatever evidence is allowed", async () => {
    let kit: HookKit | undefined;
    const { requests } = engine(withReset(), () => undefined, { hooks: { methods: { setRole: { needs: [], open: (given) => ((kit = given), () => Promise.reject(new Error("never"))) } } } });
    expect(kit?.may("reset")).toBe(false);
    expect((await failing(kit?.run("reset", { values: { id: "p-1" } }, aCall()))).kind).toBe("internal");
    expect((await failing(kit?.item("reset", { values: { id: "p-1" } }, aCall()))).kind).toBe("internal");
    expect(requests).toEqual([]);
  });
});
