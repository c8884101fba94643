/**
 * scim2-tester (Python) by way of scim2-cli, in the release that reviewers know and in the current one.
 *
 * @module
 */
import { join } from "node:path";
import { NotRun, type Check, type Suite } from "../suite.ts";
import { pythonWith, run } from "../tool.ts";

const scim2 = (version: string, about: Pick<Suite, "title" | "connection">): Suite => ({
  id: `scim2-tester-${version}`,
  ...about,
  async run({ base, token }) {
    const programs = await pythonWith(`scim2-tester-${version}`, new URL(`../python/scim2-tester-${version}.txt`, import.meta.url));
    const { output, errors } = await run(join(programs, "scim2"), ["--url", base, "--header", `Authorization: Bearer ${token}`, "test"], { env: { NO_COLOR: "1" } });
    const checks = readChecks(output);
    if (checks.length === 0) throw new NotRun(`no check was reported: ${errors.trim().split("\n").slice(0, 3).join(" ")}`);
    return { kind: "ran", version, checks };
  },
});

/** RFC 9865 adds a member to ServiceProviderConfig; the models that this release can live with refuse every member that they do not know, and then no check runs at all. */
export const scim2TesterOld = scim2("0.2.8", { title: "scim2-tester 0.2.8 (scim2-cli 0.2.4), all checks including discovery; on a connection with `cursors: false`", connection: { cursors: false } });
export const scim2Tester = scim2("0.5.2", { title: "scim2-tester 0.5.2 (scim2-cli 0.6.0), all checks including discovery" });

/** `SUCCESS title`, then indented lines of reasons. The reason's first quoted word is the attribute or type that was tried. */
export function readChecks(output: string): readonly Check[] {
  const seen = new Map<string, number>();
  // oxlint-disable-next-line no-control-regex
  const plain = output.replace(/\x1b\[[0-9;]*m/g, "");
  return [...plain.matchAll(/^(SUCCESS|COMPLIANT|ACCEPTABLE|ERROR|CRITICAL|DEVIATION|SKIPPED) (\S.*)\n((?:(?:[ \t]+.*)?\n)*)/gm)].map(([, status = "", title = "", reason = ""]) => {
    const about = /'([^']{1,200})'/.exec(reason)?.[1] ?? / (?:for|replaced|deleted|created|queried) (User|Group)\b/.exec(reason)?.[1];
    const name = about === undefined ? title.trim() : `${title.trim()} ${about}`;
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    const result = status === "SKIPPED" ? "skipped" : ["SUCCESS", "COMPLIANT", "ACCEPTABLE"].includes(status) ? "passed" : "failed";
    return { name: times === 1 ? name : `${name} (${times})`, result, says: reason.trim() };
  });
}
