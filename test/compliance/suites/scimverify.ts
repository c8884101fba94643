/**
 * scimverify (Node), where the registry has it.
 *
 * @module
 */
import { join } from "node:path";
import { NotRun, type Check, type Suite } from "../suite.ts";
import { installed, must, run } from "../tool.ts";

const version = "1.0.6";

export const scimverify: Suite = {
  id: "scimverify",
  title: "scimverify",
  isPeopled: true,
  async run({ base, token }) {
    const place = await fetched();
    const { output, errors } = await run("node", [join(place, "bin", "scimverify.js"), "--base-url", base, "--auth-header", `Bearer ${token}`], { cwd: place, env: { NO_COLOR: "1" } });
    const checks = readTap(output);
    if (checks.length === 0) throw new NotRun(`no test was reported: ${errors.trim().split("\n").at(-1) ?? ""}`);
    return { kind: "ran", version, checks };
  },
};

const fetched = async (): Promise<string> =>
  join(
    await installed("scimverify", version, async (place) => {
      await must(run("npm", ["install", "--prefix", place, "--no-audit", "--no-fund", "--ignore-scripts", `scimverify@${version}`], { env: { npm_config_loglevel: "error" } }), "npm could not install it");
    }),
    "node_modules",
    "scimverify",
  );

/** Node's test reports: `✔ name`, `✖ name`, or TAP. */
export function readTap(output: string): readonly Check[] {
  const seen = new Map<string, number>();
  return [...output.matchAll(/^\s*(?:(✔|✖|﹣) (.+?)(?: \([\d.]+ms\))?(?: # .*)?|(ok|not ok) \d+ - (.+?)( # SKIP.*)?)$/gm)].map(([, mark, name, word, title, skip]) => {
    const text = (name ?? title ?? "").trim();
    const times = (seen.get(text) ?? 0) + 1;
    seen.set(text, times);
    return { name: times === 1 ? text : `${text} (${times})`, result: mark === "﹣" || skip !== undefined ? "skipped" : mark === "✔" || word === "ok" ? "passed" : "failed", says: "" };
  });
}
