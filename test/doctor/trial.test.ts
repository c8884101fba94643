/**
 * The throw-away person is gone afterwards, whatever happened, and counts for nobody.
 *
 * @module
 */
import { describe, expect, test } from "vitest";
import { connectionId } from "../../src/model/ids.ts";
import { findingsIn, type SetUp, type Wish } from "./set-up.ts";

const acme = connectionId("acme");
const everybody = { filter: undefined, sort: undefined, offset: 0, limit: 100, groups: false, members: false };

/** Nothing of the doctor's is left. */
async function nothingLeft({ store, vendor }: SetUp, at: "vendor too" | "here"): Promise<void> {
  expect((await store.list(acme, "User", everybody)).resources).toEqual([]);
  expect((await store.list(acme, "Group", everybody)).resources).toEqual([]);
  expect((await store.tokens(acme)).map(({ name }) => name).filter((name) => name.startsWith("doctor"))).toEqual([]);
  expect(await store.tasks(acme, { open: true })).toEqual([]);
  expect(await store.holds(acme, { open: true })).toEqual([]);
  if (at === "vendor too") expect((vendor.state() as { users: unknown[] }).users).toEqual([]);
}

const trial = (wish: Wish): Wish => ({ wanted: { write: true }, ...wish });

describe.concurrent("a trial", () => {
  test("leaves nothing where everything works, even if the policy would keep the account", async () => {
    const findings = await findingsIn(trial({ connection: { onDelete: ["disable"] }, afterwards: (world) => nothingLeft(world, "vendor too") }));
    expect(findings.filter(({ outcome }) => outcome === "failure")).toEqual([]);
  });

  test.each([
    ["a change is refused", { kind: "status", status: 422, match: { method: "PATCH", path: "/api/users/.+", nth: 1, times: 1 } }, "trial.update"],
    ["the vendor ends no access for a while", { kind: "status", status: 400, match: { method: "PATCH", path: "/api/users/.+", nth: 3, times: 1 } }, "trial.deactivate"],
  ] as const)("leaves nothing where %s", async (_, fault, check) => {
    const findings = await findingsIn(trial({ meanwhile: ({ vendor }) => vendor.addFault(fault), afterwards: (world) => nothingLeft(world, "vendor too") }));
    expect(findings.filter(({ outcome }) => outcome === "failure").map((finding) => finding.check)).toEqual([check]);
  });

  test("leaves nothing where somebody has had enough in the middle", async () => {
    let vendor: SetUp["vendor"] | undefined;
    let watch: NodeJS.Timeout | undefined;
    const isMade = () => vendor?.journal().some(({ method }) => method === "POST") ?? false;
    const findings = await findingsIn(trial({
      meanwhile: (world) => void (vendor = world.vendor),
      meets: (finding, end) => {
        if (finding.check === "idp.okta") watch = setInterval(() => isMade() && end(), 1);
      },
      afterwards: (world) => nothingLeft(world, "vendor too"),
    }));
    clearInterval(watch);
    expect(isMade()).toBe(true);
    expect(findings.filter(({ outcome }) => outcome === "failure").map(({ says }) => says).join()).toMatch(/broken off here/);
  });

  test("is stopped by no brake, opens no hold and raises no alarm", async () => {
    const strict = { rails: { massDeprovision: { count: 0, share: 0, deletes: { count: 0, share: 0 } } } };
    const findings = await findingsIn(trial({
      connection: strict,
      afterwards: async ({ store }) => {
        const rows = await store.journal(acme, { kinds: ["hold", "alarm"], limit: 100 });
        expect(rows).toEqual([]);
      },
    }));
    expect(findings.filter(({ outcome }) => outcome === "failure" || outcome === "warning").filter(({ check }) => check.startsWith("trial"))).toEqual([]);
  });

  test("takes away who was left by a visit that was ended by force", async () => {
    const born = { method: "POST", type: "User", id: undefined, query: {}, body: { schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"], userName: "drawbridge-doctor-0badcafe@example.com", name: { givenName: "Dora", familyName: "Drawbridge" }, active: true } };
    const findings = await findingsIn(trial({
      clockAheadMs: 20 * 60_000,
      meanwhile: async ({ house }) => void (await house?.bridge(acme)?.write(born as never, { base: "http://x", correlation: "c-000000000000", answered: () => {} } as never)),
      afterwards: (world) => nothingLeft(world, "vendor too"),
    }));
    expect(findings.filter(({ check }) => check === "trial.cleanup")).toHaveLength(2);
  });

  test("is not begun on a connection that is frozen or observes, and says so", async () => {
    const findings = await findingsIn(trial({ meanwhile: async ({ store }) => void (await store.observe(acme, { by: "ann", reason: "first load", again: false })), afterwards: ({ vendor }) => expect((vendor.state() as { users: unknown[] }).users).toEqual([]) }));
    expect(findings.find(({ check }) => check === "trial")).toMatchObject({ outcome: "skipped", says: expect.stringContaining("observes") as string });
    expect(findings.find(({ check }) => check === "connection.mode")?.outcome).toBe("note");
  });

  test("stands in the journal with its author, the vendor's call included", async () => {
    await findingsIn(trial({
      connection: { onDelete: ["disable"] },
      afterwards: async ({ store }) => {
        const rows = await store.journal(acme, { kinds: ["decision", "intent", "outcome"], limit: 200 });
        const own = rows.map(({ kind, data }) => ({ kind, ...(data as object) })).filter((row) => "by" in row && row.by === "doctor");
        expect(own).toMatchObject([
          { kind: "decision", operator: "token create" },
          { kind: "decision", trial: "begun" },
          { kind: "decision", trial: "ended" },
          { kind: "intent", operator: "doctor" },
          { kind: "outcome", operator: "doctor", result: "done" },
          { kind: "decision", operator: "token revoke" },
        ]);
        expect((await store.verifyJournal(acme)).breaks).toEqual([]);
      },
    }));
  });
});

test("without --write the vendor is only read, and nobody is made", async () => {
  await findingsIn({
    afterwards: ({ vendor }) => expect(vendor.journal().filter(({ method }) => method !== "GET" && method !== "HEAD")).toEqual([]),
  });
});

test("the vendor's address is asked without the credential", async () => {
  await findingsIn({ afterwards: ({ vendor }) => expect(vendor.journal().filter(({ method }) => method === "HEAD").map(({ credential }) => credential)).not.toContain("admin") });
});
