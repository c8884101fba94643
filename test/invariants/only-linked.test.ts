/**
 * I5: of all the accounts of a tenant only those that a link points at are ever written to, at every vendor, whatever the story.
 *
 * @module
 */
import { describe, expect, test } from "vitest";
import { connectionId, resourceId } from "../../src/model/ids.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { ada, eventually, openTestHouse, patch } from "../support/house.ts";
import { trials } from "../support/leaver.ts";

const acme = connectionId("acme");
/** Near misses of everybody in the story, and somebody whom a name search finds as well. */
const near = ["xp1@acme.example", "p1@acme.example.evil", "p2@other.example", "p11@acme.example"];
const strangers: { readonly [vendor in Exclude<keyof typeof trials, "blind">]: (emails: readonly string[]) => JsonObject } = {
  peoplelens: (emails) => ({ users: emails.map((email) => ({ email, first_name: "p1@acme.example", last_name: "Stranger" })) }),
  transactionlink: (emails) => ({ users: emails.map((email) => ({ email, firstName: "Stranger", lastName: "Lee" })) }),
  enlivy: (emails) => ({ users: emails.map((email) => ({ email })) }),
  applivery: (emails) => ({ collaborators: emails.map((email) => ({ email })) }),
};

describe.each(Object.keys(strangers) as (keyof typeof strangers)[])("at %s", (name) => {
  test("a story of joiners, movers, leavers and groups writes to linked accounts and to nobody else", async () => {
    const trial = trials[name];
    const { vendor } = await trial.start();
    vendor.seed(strangers[name](near));
    const house = await openTestHouse({ vendorUrl: vendor.url, apiKey: vendor.apiKey, connection: { ...trial.connection(vendor.url, vendor.apiKey), endpoints: "observed", delivery: { deadline: "5s", settle: "1100ms" }, vendor: { timeout: "1s" } } });
    const linked = new Set<string>();
    const push = async (method: string, path: string, body?: object) => {
      const answer = await house.scim(method, path, body);
      for (const id of ids) {
        const account = (await house.house.store.hold(acme, resourceId(id)))?.link?.account;
        if (account !== undefined) linked.add(account);
      }
      return answer;
    };
    const ids: string[] = [];
    try {
      const before = JSON.stringify(vendor.state());
      expect(before).toContain(near[0]);
      const records = recordsOf(vendor.state(), near);
      for (const n of [1, 2, 3]) {
        const { status, body } = await house.scim("POST", "/Users", ada({ userName: `p${n}@acme.example`, externalId: `p${n}` }));
        expect(status).toBe(201);
        ids.push(String(body.id));
      }
      const [one, two, three] = ids as [string, string, string];
      const group = String((await push("POST", "/Groups", { displayName: "Admins", members: [{ value: one }] })).body.id);
      await push("PATCH", `/Users/${two}`, patch({ op: "replace", path: "name.givenName", value: "Augusta" }));
      await push("PATCH", `/Groups/${group}`, patch({ op: "replace", path: "members", value: [{ value: two }, { value: "p11@acme.example" }] }));
      await push("PATCH", `/Users/${one}`, patch({ op: "replace", path: "active", value: false }));
      await push("PATCH", `/Users/${one}`, patch({ op: "replace", path: "active", value: true }));
      await push("DELETE", `/Groups/${group}`);
      await push("DELETE", `/Users/${two}`);
      await push("DELETE", `/Users/${three}`);
      await push("PATCH", `/Users/${one}`, patch({ op: "replace", path: "active", value: false }));
      await eventually(async () => (await house.house.store.openWork(acme, 10)).every(({ due }) => due.dueAtMs === undefined || due.lane === "reconcile"));

      const writes = vendor.journal().filter(({ method }) => method !== "GET");
      expect(writes.length).toBeGreaterThan(5);
      const mine = [...linked, "p1@acme.example", "p2@acme.example", "p3@acme.example"];
      const toWhom = writes.map(({ method, path, body }) => `${method} ${path} ${JSON.stringify(body)}`);
      expect(toWhom.filter((write) => !mine.some((id) => write.includes(`/${id}`) || write.includes(`"${id}"`)))).toEqual([]);
      expect(recordsOf(vendor.state(), near)).toEqual(records);
    } finally {
      await house.stop();
      await vendor.stop();
    }
  });
});

/** Every record, in whichever list of the vendor's state, that names one of these. */
function recordsOf(state: unknown, emails: readonly string[]): readonly string[] {
  const lists = Object.values(state as Record<string, unknown>).filter(Array.isArray);
  return lists.flat().map((record) => JSON.stringify(record)).filter((record) => emails.some((email) => record.includes(`"${email}"`)));
}
