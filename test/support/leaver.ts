/**
 * The leaver's table: each vendor as it can be tried, and one leaver on it while the vendor is in some condition.
 *
 * @module
 */
import { startApplivery } from "../../src/connectors/applivery/simulator.ts";
import { startEnlivy } from "../../src/connectors/enlivy/simulator.ts";
import type { VendorFault } from "../../src/connectors/kit/simulator/faults.ts";
import type { RunningSimulator } from "../../src/connectors/kit/simulator/running.ts";
import { startPeopleLens } from "../../src/connectors/peoplelens/simulator.ts";
import { roleIds } from "../../src/connectors/transactionlink/simulated/state.ts";
import { startTransactionLink } from "../../src/connectors/transactionlink/simulator.ts";
import { connectionId } from "../../src/model/ids.ts";
import { isObject, type Json, type JsonObject } from "../../src/model/json.ts";
import { ada, type Answer, eventually, openTestHouse, patch, type TestHouse } from "./house.ts";

export const conditions = ["up", "down", "throttling", "lying", "404 to everything"] as const;
export type Condition = (typeof conditions)[number];

/** What one leaver leads to, in sentences. */
export interface Cell {
  readonly idp: string;
  /** While the condition lasts, after the second attempt. */
  readonly vendorMeanwhile: string;
  readonly operator: string;
  /** Within ten seconds of the end of the condition. */
  readonly vendorAfterwards: string;
}

export interface Trial {
  readonly title: string;
  /** Settings over those of the tests' house. */
  connection(url: string, apiKey: string): JsonObject;
  start(): Promise<Opened>;
}

interface Opened {
  readonly vendor: RunningSimulator;
  /** What the vendor holds of Ada, in words. */
  held(): string;
  /** The words for somebody who has no access. */
  readonly denied: string;
  /** What the vendor answers to a write that it does not carry out. */
  readonly lie: Json;
}

const email = "ada@acme.example";
const acme = connectionId("acme");
const roles = (everyone: string, admins: string): JsonObject => ({ map: [{ idp: "Admins", vendor: admins, privileged: true }, { idp: "Everyone", vendor: everyone }], fallback: everyone });
const nobody = "nobody with her address";

const transactionlink = (title: string, statusShown: "absent" | "top level"): Trial => ({
  title,
  connection: (baseUrl, token) => ({ connector: "transactionlink", settings: { baseUrl, token, defaultRoleId: roleIds.member }, roles: roles(roleIds.member, roleIds.admin) }),
  async start() {
    const vendor = await startTransactionLink({ switches: { statusShown }, seed: { users: [{ email, firstName: "Ada", lastName: "Lovelace" }] } });
    const held = () => {
      const member = vendor.state().users.find((user) => user.email === email);
      return member === undefined ? nobody : member.status === "ACTIVE" ? "an active member" : "a terminated member";
    };
    return { vendor, held, denied: "a terminated member", lie: {} };
  },
});

export const trials = {
  peoplelens: {
    title: "PeopleLens",
    connection: () => ({}),
    async start() {
      const vendor = await startPeopleLens();
      const held = () => {
        const user = vendor.state().users.find((one) => one.email === email);
        return user === undefined ? nobody : user.is_enabled ? "an enabled user" : "a disabled user";
      };
      return { vendor, held, denied: "a disabled user", lie: { success: true, data: { updated: true } } };
    },
  },
  transactionlink: transactionlink("TransactionLink, which shows a status", "top level"),
  enlivy: {
    title: "Enlivy",
    connection: (baseUrl, token) => ({
      connector: "enlivy",
      settings: { baseUrl, token, organizationId: "org_1", defaultRoleId: "org_userrole_employee", noAccessRoleId: "org_userrole_leaver", defaultCountry: "RO" },
      roles: roles("org_userrole_employee", "org_userrole_admin"),
    }),
    async start() {
      const vendor = await startEnlivy();
      const held = () => {
        const { users, roles: known } = vendor.state();
        const user = users.find((one) => one.email === email && one.deleted_at === null);
        return user === undefined ? nobody : `a user in the role ${known.find(({ id }) => id === user.organization_user_role_id)?.name}`;
      };
      return { vendor, held, denied: "a user in the role Leaver", lie: { data: { id: "org_user_somebody" } } };
    },
  },
  applivery: {
    title: "Applivery, where both calls exist",
    connection: (baseUrl, apiKey) => ({ connector: "applivery", settings: { baseUrl, apiKey, organizationId: "acme" }, roles: roles("viewer", "admin"), endpoints: "observed" }),
    async start() {
      const vendor = await startApplivery({ switches: { putCollaborator: "on", deleteCollaborator: "on" } });
      const held = () => {
        const { accounts, collaborators } = vendor.state();
        const collaborator = collaborators.find(({ account }) => accounts.find(({ id }) => id === account)?.email === email);
        return collaborator === undefined ? "no collaborator" : `a collaborator in the role ${collaborator.role}`;
      };
      return { vendor, held, denied: "no collaborator", lie: { status: true } };
    },
  },
  /** Here a termination cannot be read back. */
  blind: transactionlink("TransactionLink, which shows none", "absent"),
} as const satisfies Readonly<Record<string, Trial>>;

const always = { times: "always" } as const;

async function begin(condition: Condition, { vendor, lie }: Opened): Promise<void> {
  switch (condition) {
    case "up":
      return;
    case "down":
      return vendor.setSwitches({ down: "on" });
    case "throttling":
      return vendor.addFault({ kind: "retryAfter", after: 1, match: always });
    case "lying":
      return vendor.addFault(...["POST", "PUT", "PATCH", "DELETE"].map((method): VendorFault => ({ kind: "status", status: 200, body: lie, match: { method, ...always } })));
    case "404 to everything":
      return vendor.addFault({ kind: "status", status: 404, body: { error: "Not found", message: "Not found" }, match: always });
  }
}

async function end({ vendor }: Opened): Promise<void> {
  await vendor.setSwitches({ down: "off" });
  await vendor.clearFaults();
}

/**
 * A leaver from the push to the end: joined while all is well, switched off while the condition lasts.
 *
 * @throws Error when the access has not ended within ten seconds of the condition's end, unless nobody is trying any more
 */
export async function leave(trial: Trial, condition: Condition): Promise<Cell> {
  const opened = await trial.start();
  const { vendor, held } = opened;
  const quick = { delivery: { deadline: "2s", settle: "1600ms" }, vendor: { timeout: "1500ms" } };
  const house = await openTestHouse({ vendorUrl: vendor.url, apiKey: vendor.apiKey, connection: { ...trial.connection(vendor.url, vendor.apiKey), ...quick } });
  try {
    const joined = await house.scim("POST", "/Users", ada());
    if (joined.status !== 201 || held() === opened.denied || (await openWork(house)).length > 0) throw new Error(`the joiner did not join: ${joined.status} ${JSON.stringify(joined.body)}, ${held()}`);
    const id = String(joined.body.id);

    await begin(condition, opened);
    const answer = await house.scim("PATCH", `/Users/${id}`, patch({ op: "replace", path: "active", value: false }));
    // Seen after a second attempt, so that the cell shows a state and not a passing moment.
    await eventually(async () => (await openWork(house)).every(({ due }) => due.attempts >= 2) && (await looksOwed(house)) === 0);
    const meanwhile = { idp: told(answer), vendorMeanwhile: held(), operator: await seen(house) };

    await end(opened);
    const isTried = (await openWork(house)).length > 0;
    if (isTried) await eventually(async () => held() === opened.denied && (await openWork(house)).length === 0, 10_000);
    return { ...meanwhile, vendorAfterwards: held() };
  } finally {
    await house.stop();
    await vendor.stop();
  }
}

/** What is being tried. A denial that was acknowledged and waits for another look is not: nothing is known to be left to do. */
const openWork = async ({ house }: TestHouse) => (await house.store.openWork(acme, 10)).filter(({ due }) => due.lane !== "reconcile");

const looks = async ({ house }: TestHouse) => (await house.store.openWork(acme, 10)).filter(({ due }) => due.lane === "reconcile");

/** Denials whose first look, after the settle time, is still to come. */
const looksOwed = async (house: TestHouse): Promise<number> => (await looks(house)).length - (await house.house.store.journal(acme, { limit: 1_000 })).filter(({ data }) => isObject(data) && data["rechecked"] !== undefined).length;

function told({ status, body, headers }: Answer): string {
  const later = headers.get("retry-after") === null ? "" : ", Retry-After";
  if (status === 200) return `200, \`active: ${String(body.active)}\`${later}`;
  return `${status}${later}: “${/^.*?[.!?](?= |$)/.exec(masked(String(body.detail)))?.[0] ?? masked(String(body.detail))}”`;
}

/** Work that is left, alarms and tasks: everything that somebody on duty can look at. */
async function seen(house: TestHouse): Promise<string> {
  const work = (await openWork(house)).map(({ due }) => `open denial in the lane \`${due.lane}\`, \`${due.failure?.kind ?? "no failure"}\`${due.dueAtMs === undefined ? ", given up" : ", being retried"}`);
  const alarms = (await house.house.store.journal(acme, { limit: 1_000 })).filter(({ kind }) => kind === "alarm");
  const tasks = (await house.house.store.tasks(acme, { open: true })).map(({ title }) => `task “${masked(title)}”`);
  const again = (await looks(house)).map(({ due }) => `looked at again in the lane \`${due.lane}\``);
  const parts = [...work, ...(alarms.length > 0 ? ["alarm"] : []), ...tasks, ...(await doubts(house)), ...again];
  return parts.length === 0 ? "nothing to do" : parts.join("; ");
}

/** What the journal says of a denial that the vendor acknowledged and that nobody could read back. */
async function doubts({ house }: TestHouse): Promise<readonly string[]> {
  const rows = await house.store.journal(acme, { limit: 1_000 });
  const notes = rows.flatMap(({ data }) => (isObject(data) && Array.isArray(data["notes"]) ? data["notes"] : []).map(String));
  return [...new Set(notes)].filter((note) => note.includes("not confirmed")).map((note) => `journal “${note}”`);
}

const masked = (text: string): string =>
  text.replaceAll(email, "‹e-mail›").replace(/\bAda Lovelace\b/g, "‹name›").replace(/127\.0\.0\.1:\d+/g, "‹address›").replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "‹id›");
