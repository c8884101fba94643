/**
 * A running house with three operators at its API: one of each role.
 *
 * @module
 */
import { hash } from "node:crypto";
import { startPeopleLens } from "../../src/connectors/peoplelens/simulator.ts";
import { roleIds } from "../../src/connectors/transactionlink/simulated/state.ts";
import { startTransactionLink } from "../../src/connectors/transactionlink/simulator.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { type Role, roles } from "../../src/model/operator.ts";
import { newOperatorToken } from "../../src/runtime/new-id.ts";
import type { Store } from "../../src/store/store.ts";
import { openTestHouse, type TestHouse } from "../support/house.ts";

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any;
}

export interface Desk {
  readonly house: TestHouse;
  readonly store: Store;
  readonly vendor: Awaited<ReturnType<typeof startPeopleLens>>;
  /** The second connection, `link`. */
  readonly other: Awaited<ReturnType<typeof startTransactionLink>>;
  readonly token: Readonly<Record<Role, string>>;
  /** Sends one request below `/api/v1`. */
  api(who: Role | { readonly token: string | undefined }, method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  stop(): Promise<void>;
}

export const keptOf = (token: string): string => hash("sha256", token, "hex");

/** @param connection merged over acme's section */
export async function openDesk(connection: JsonObject = {}): Promise<Desk> {
  const [vendor, other] = [await startPeopleLens(), await startTransactionLink()];
  const link: JsonObject = {
    connector: "transactionlink", auth: { bearer: [{ name: "test", token: "another-token-of-more-than-thirty-two-letters" }] }, settings: { baseUrl: other.url, token: other.apiKey, defaultRoleId: roleIds.member },
    roles: { map: [{ idp: "Everyone", vendor: roleIds.member }], fallback: roleIds.member }, budget: { requestsPerSecond: 1000, burst: 1000 },
  };
  const house = await openTestHouse({ vendorUrl: vendor.url, apiKey: vendor.apiKey, connection, others: { link } });
  const { store } = house.house;
  const token = Object.fromEntries(roles.map((role) => [role, newOperatorToken()])) as Record<Role, string>;
  for (const role of roles) await store.addOperator({ name: `the ${role}`, hash: keptOf(token[role]), role, expiresMs: undefined, by: "test" }, []);
  const root = house.base.replace(/\/scim\/.*$/, "");
  const api: Desk["api"] = (who, method, path, body, headers = {}) => asked(`${root}/api/v1${path}`, typeof who === "string" ? token[who] : who.token, method, body, headers);
  // The server looks once a second; asking more often would fill its journal with attempts.
  while ((await api("approver", "GET", "/whoami")).status !== 200) await new Promise((resolve) => setTimeout(resolve, 300));
  return {
    house, store, vendor, other, token, api,
    async stop() {
      await house.stop();
      await vendor.stop();
      await other.stop();
    },
  };
}

export async function asked(url: string, token: string | undefined, method: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  const answer = await fetch(url, { method, headers: { ...(token !== undefined && { Authorization: `Bearer ${token}` }), ...(body !== undefined && { "Content-Type": "application/json" }), ...headers }, ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }) });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, body: text === "" ? undefined : JSON.parse(text) };
}
