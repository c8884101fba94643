/**
 * `drawbridge connector test PATH` and `connector new NAME`: for whoever describes a vendor of their own.
 *
 * @module
 */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { newManifest } from "../connectors/authoring/new-manifest.ts";
import { type ManifestReport, testManifest } from "../connectors/authoring/test-manifest.ts";

export async function testConnector(path: string, { json }: { readonly json?: boolean }): Promise<void> {
  const report = await testManifest(path);
  if (json) console.log(JSON.stringify(report, undefined, 2));
  else console.log(wordsOf(report));
  if (!report.ok) process.exitCode = 1;
}

/** Never writes over a file that is there. */
export async function newConnector(name: string, { out }: { readonly out?: string }): Promise<void> {
  const file = out ?? `./${name}/manifest.yaml`;
  await mkdir(dirname(file), { recursive: true });
  try {
    await writeFile(file, newManifest(name), { flag: "wx" });
  } catch (thrown) {
    if ((thrown as { code?: string }).code === "EEXIST") throw new Error(`${file} is there already; choose another place with --out.`);
    throw thrown;
  }
  console.log(`${file} is a manifest that validates. Fill it in from the API's documentation, then: npx drawbridge connector test ${file}`);
}

const marks = { holds: "ok  ", broken: "FAIL", "not exercised": "–   " } as const;

function wordsOf({ ok, title, problems, laws, methods, notExercised }: ManifestReport): string {
  const count = (outcome: keyof typeof marks) => laws.filter((law) => law.outcome === outcome).length;
  return [
    ...(title === undefined ? [] : [title, ""]),
    ...problems.map(({ path, message }) => `FAIL  ${path} ${message}`),
    ...laws.map(({ name, outcome, detail }) => `${marks[outcome]}  ${name}${detail === undefined ? "" : `: ${detail}`}`),
    ...Object.entries(methods).map(([evidence, its]) => `\nendpoints: ${evidence}\n  ${its.join(", ") || "nothing"}`),
    ...(notExercised.length > 0 ? ["\nNot exercised:", ...notExercised.map((what) => `  ${what}`)] : []),
    `\n${ok ? "passed" : "FAILED"}: ${count("holds")} laws hold, ${count("broken")} broken, ${count("not exercised")} not exercised, ${problems.length} problem(s)`,
  ].join("\n");
}
