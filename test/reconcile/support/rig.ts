/**
 * A house in front of a simulated vendor, in which somebody changes things behind the bridge's back.
 *
 * @module
 */
import { startApplivery } from "../../../src/connectors/applivery/simulator.ts";
import { startEnlivy } from "../../../src/connectors/enlivy/simulator.ts";
import type { RunningSimulator } from "../../../src/connectors/kit/simulator/running.ts";
import { startPeopleLens } from "../../../src/connectors/peoplelens/simulator.ts";
import { roleIds } from "../../../src/connectors/transactionlink/simulated/state.ts";
import { startTransactionLink } from "../../../src/connectors/transactionlink/simulator.ts";
import type { Finding, Reconciliation } from "../../../src/model/drift.ts";
import { connectionId, resourceId } from "../../../src/model/ids.ts";
import { isObject, type JsonObject } from "../../../src/model/json.ts";
import { type Clock, systemClock } from "../../../src/runtime/clock.ts";
import type { OpenWork } from "../../../src/store/store.ts";
import { eventually, openTestHouse, patch, type TestHouse } from "../../support/house.ts";

export const acme = connectionId("acme");

interface Vendor {
  start(switches: Record<string, string>): Promise<RunningSimulator>;
  connection(url: string, key: string): JsonObject;
  /** How a person of the house reaches the vendor's own API. */
  header(key: string): Record<string, string>;
}

const roles = (member: string, lead: string, admin: string): JsonObject => ({ map: [{ idp: "Admins", vendor: admin, privileged: true }, { idp: "Leads", vendor: lead }, { idp: "Everyone", vendor: member }], fallback: member });
const bearer = (key: string) => ({ Authorization: `Bearer ${key}` });

export const vendors = {
  peoplelens: {
    start: (switches) => startPeopleLens({ switches }),
    connection: (baseUrl, apiKey) => ({ connector: "peoplelens", settings: { baseUrl, apiKey }, roles: roles("User", "Editor", "Admin"), onDelete: ["disable"] }),
    header: bearer,
  },
  transactionlink: {
    start: (switches) => startTransactionLink({ switches: { statusShown: "top level", ...switches } }),
    connection: (baseUrl, token) => ({ connector: "transactionlink", settings: { baseUrl, token, defaultRoleId: roleIds.member }, roles: { map: [{ idp: "Admins", vendor: roleIds.admin, privileged: true }, { idp: "Everyone", vendor: roleIds.member }], fallback: roleIds.member } }),
    header: (Authorization) => ({ Authorization }),
  },
  enlivy: {
    start: (switches) => startEnlivy({ switches }),
    connection: (baseUrl, token) => ({
      connector: "enlivy", settings: { baseUrl, token, organizationId: "org_1", defaultRoleId: "org_userrole_employee", noAccessRoleId: "org_userrole_leaver", defaultCountry: "RO" },
      roles: roles("org_userrole_employee", "org_userrole_lead", "org_userrole_admin"), tags: { map: [{ idp: "Field", vendor: "org_tag_field" }] },
    }),
    header: bearer,
  },
  applivery: {
    start: (switches) => startApplivery({ switches: { putCollaborator: "on", deleteCollaborator: "on", ...switches } }),
    connection: (baseUrl, apiKey) => ({ connector: "applivery", endpoints: "observed", settings: { baseUrl, apiKey, organizationId: "acme" }, roles: roles("viewer", "editor", "admin"), tags: { map: [{ idp: "Field", vendor: "field" }, { idp: "Emea", vendor: "emea" }] } }),
    header: bearer,
  },
} as const satisfies Readonly<Record<string, Vendor>>;

export type VendorName = keyof typeof vendors;

export interface Rig {
  readonly vendor: RunningSimulator;
  readonly house: TestHouse;
  /** Joins by a push, and is at rest. @returns the resource's id and the vendor's */
  join(name: string, more?: JsonObject): Promise<{ readonly id: string; readonly account: string }>;
  push(id: string, change: JsonObject): Promise<number>;
  /** Somebody else's call of the vendor. */
  behind(method: string, path: string, body?: JsonObject): Promise<JsonObject>;
  /** Asks for a reconciliation and waits for its end. */
  reconcile(asked?: { readonly policy?: "report" | "denials" | "repair"; readonly mostMissing?: number }): Promise<Reconciliation>;
  findings(): Promise<readonly Finding[]>;
  account(id: string): Promise<string>;
  /** Nothing is due but what is only looked at now and then. */
  rest(): Promise<void>;
  stop(): Promise<void>;
}

export interface Wish {
  readonly connection?: JsonObject;
  readonly switches?: Record<string, string>;
  readonly store?: string;
  readonly clock?: Clock;
}

/** Time that passes so many times as fast, for whoever waits between two attempts. */
export function hastyClock(times: number): Clock {
  const startMs = systemClock.now();
  return { now: () => startMs + (systemClock.now() - startMs) * times, sleep: (ms, signal) => systemClock.sleep(ms / times, signal) };
}

export async function openRig(name: VendorName, { connection = {}, switches = {}, store, clock }: Wish = {}): Promise<Rig> {
  const { start, connection: section, header } = vendors[name] as Vendor;
  const vendor = await start(switches);
  const quick = { delivery: { settle: "600ms" }, vendor: { timeout: "500ms" }, reconcile: { every: "off" } };
  const house = await openTestHouse({ vendorUrl: vendor.url, apiKey: vendor.apiKey, connection: { ...section(vendor.url, vendor.apiKey), ...quick, ...connection }, ...(store !== undefined && { store }), ...(clock && { clock }) });
  const { store: rows } = house.house;
  const account = async (id: string) => String((await rows.hold(acme, resourceId(id)))?.link?.account);
  /** Looked at again in a while, or given up. */
  const isOver = ({ lane, dueAtMs }: OpenWork["due"]) => dueAtMs === undefined || (lane === "reconcile" && dueAtMs > (clock ?? systemClock).now() + 1_000);
  const rest = () => eventually(async () => (await rows.openWork(acme, 100)).every(({ due }) => isOver(due))).then(() => undefined);
  return {
    vendor,
    house,
    account,
    rest,
    async join(person, more = {}) {
      const answer = await house.scim("POST", "/Users", { schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"], userName: `${person}@acme.example`, externalId: person, name: { givenName: nameOf(person), familyName: "Lee" }, active: true, ...more });
      if (answer.status !== 201) throw new Error(`${person} did not join: ${answer.status} ${JSON.stringify(answer.body)}`);
      await rest();
      return { id: answer.body.id, account: await account(answer.body.id) };
    },
    async push(id, change) {
      const { status } = await house.scim("PATCH", `/Users/${id}`, patch({ op: "replace", value: change }));
      await rest();
      return status;
    },
    async behind(method, path, body) {
      const answer = await fetch(vendor.url + path, { method, headers: { ...header(vendor.apiKey), "Content-Type": "application/json" }, ...(body && { body: JSON.stringify(body) }) });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
      const read: unknown = text === "" ? {} : JSON.parse(text);
      return isObject(read) ? read : {};
    },
    async reconcile({ policy, mostMissing } = {}) {
      const { run } = await rows.askForReconciliation(acme, { by: "ann", policy, mostMissing });
      return eventually(async () => {
        const now = await rows.reconciliation(run.id);
        return (now?.state === "complete" || now?.state === "failed") && now;
      }, 30_000);
    },
    findings: () => rows.findings(acme, { limit: 1_000 }),
    async stop() {
      await house.stop();
      await vendor.stop();
    },
  };
}

/** No digits: one of the vendors takes none in a name. */
const nameOf = (person: string): string => person.charAt(0).toUpperCase() + person.slice(1).replace(/[^a-z]/g, "");
