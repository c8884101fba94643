/**
 * Okta's own tests for SCIM servers: SPEC of 2016 and of 2024, and CRUD with PUT and with PATCH.
 *
 * @module
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { NotRun, type Suite } from "../suite.ts";
import type { Stage } from "../stage.ts";
import { openOktaOrg } from "./okta-org.ts";
import { playRunscope, type RunscopeTest } from "./runscope.ts";

async function load(file: string): Promise<RunscopeTest> {
  const folder = process.env.OKTA_SUITES;
  if (folder === undefined) throw new NotRun("the files are Okta's: say in OKTA_SUITES which folder holds them");
  const text = await readFile(join(folder, file), "utf8").catch(() => undefined);
  if (text === undefined) throw new NotRun(`OKTA_SUITES holds no ${file}`);
  return JSON.parse(text) as RunscopeTest;
}

function variablesFor({ base, token }: Stage): Map<string, unknown> {
  const run = Math.random().toString(36).slice(2, 10);
  const email = `Runscope${run}@example.com`;
  return new Map<string, unknown>([
    ["SCIMBaseURL", base], ["SCIMUrl", base], ["auth", `Bearer ${token}`], ["SCIMAuth", `Bearer ${token}`],
    ["InvalidUserEmail", "nobody.at.all@example.com"], ["UserIdThatDoesNotExist", "010101001010101011001010101011"],
    ["randomGivenName", "Runscope"], ["randomFamilyName", run], ["randomUsername", email], ["randomEmail", email], ["randomUsernameCaps", `RUNSCOPE${run.toUpperCase()}@example.com`],
    ["oktaAppId", "0oa1"], ["oktaToken", "none"], ["okta_user_firstname", "Runscope"], ["okta_user_lastname", run], ["okta_user_email", `crud.${run}@example.com`],
    ["okta_user_firstname_update", "Updated"], ["okta_user_title", "Engineer"], ["okta_user_primaryphone", "123-456-7890"],
  ]);
}

const spec = (year: string): Suite => ({
  id: `okta-spec-${year}`,
  title: `Okta SCIM 2.0 SPEC test of ${year} (given by OKTA_SUITES)`,
  isPeopled: true,
  run: async (stage) => ({ kind: "ran", version: year, checks: await playRunscope(await load(`Okta-SCIM-20-SPEC-Test.${year}.json`), variablesFor(stage)) }),
});

const crud = (mode: "put" | "patch"): Suite => ({
  id: `okta-crud-${mode}`,
  title: `Okta SCIM 2.0 CRUD test, the organisation changes people with ${mode.toUpperCase()} (given by OKTA_SUITES)`,
  async run(stage) {
    const test = await load("Okta-SCIM-20-CRUD-Test.json");
    const org = await openOktaOrg(stage, mode);
    try {
      const checks = await playRunscope(test, variablesFor(stage).set("oktaOrgUrl", org.url));
      // Without a single SCIM request the organisation, not the server, would have been tested.
      return { kind: "ran", version: "as published", checks: [...checks, { name: "the organisation has sent SCIM requests", result: org.sent() > 5 ? "passed" : "failed", says: `${org.sent()} requests` }] };
    } finally {
      await org.stop();
    }
  },
});

export const okta: readonly Suite[] = [spec("2016"), spec("2024"), crud("put"), crud("patch")];
