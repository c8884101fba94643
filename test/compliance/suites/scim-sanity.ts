/**
 * scim-sanity (Python): its probe in strict mode.
 *
 * @module
 */
import { join } from "node:path";
import { NotRun, type Suite } from "../suite.ts";
import { pythonWith, run } from "../tool.ts";

interface Report {
  readonly scim_sanity_version: string;
  readonly results: readonly { readonly name: string; readonly status: string; readonly message: string; readonly phase: string }[];
}

export const scimSanity: Suite = {
  id: "scim-sanity",
  title: "scim-sanity 0.7.4, probe, strict mode",
  async run({ base, token }) {
    const programs = await pythonWith("scim-sanity-0.7.4", new URL("../python/scim-sanity-0.7.4.txt", import.meta.url));
    const { output, errors } = await run(join(programs, "scim-sanity"), ["probe", base, "--token", token, "--i-accept-side-effects", "--json-output", "--strict"]);
    if (!output.startsWith("{")) throw new NotRun(`it reported nothing: ${errors.trim().split("\n").at(-1) ?? ""}`);
    const { scim_sanity_version: version, results } = JSON.parse(output) as Report;
    return {
      kind: "ran",
      version,
      checks: results.map(({ name, status, message, phase }) => ({ name: `${phase.replace(/^Phase (\w+) .*/, "$1")} ${name}`, result: status === "pass" ? "passed" : status === "skip" ? "skipped" : "failed", says: message })),
    };
  },
};
