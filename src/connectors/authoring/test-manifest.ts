/**
 * `drawbridge connector test PATH`: is a manifest whole, and does the connector that it makes keep the contract?
 *
 *     read ─► validate ─► sample settings ─► stand-in ─► laws ─► report
 *
 * The stand-in does what the manifest says that the vendor does. So a green report means that the manifest holds together,
 * not that the vendor is like that; the report says so, and names everything that was not exercised.
 *
 * @module
 */
import { readFile } from "node:fs/promises";
import type { Capability, Evidence } from "../../model/capability.ts";
import { evidences } from "../../model/capability.ts";
import { failureOf } from "../../model/failure.ts";
import { capabilitiesOf } from "../connector.ts";
import { startSimulator } from "../kit/simulator/start.ts";
import { fill } from "../kit/template.ts";
import type { Problem } from "../manifest-check.ts";
import { hookProblems } from "../manifest-hooks.ts";
import { readManifest } from "../manifest-read.ts";
import type { Manifest } from "../manifest-schema.ts";
import type { Settings } from "../manifest-settings.ts";
import { readSettings } from "../manifest-settings.ts";
import { authorization } from "../registry.ts";
import { denialLaws } from "./denial-laws.ts";
import type { AuthoringLaw } from "./laws.ts";
import { everyMethodLaws, openingLaws, writingLaws } from "./laws.ts";
import { Broken, rehearse } from "./rehearsal.ts";
import { ruleProblems } from "./rule-reach.ts";
import { fitting, sampleSettings } from "./samples.ts";
import { standInOf } from "./stand-in.ts";

export interface ManifestReport {
  /** No problem, and no law broken. */
  readonly ok: boolean;
  readonly connector: string | undefined;
  readonly title: string | undefined;
  /** What is wrong with the manifest itself, by path. */
  readonly problems: readonly Problem[];
  readonly laws: readonly LawReport[];
  /** For each value of `endpoints`: the methods that then exist. */
  readonly methods: Readonly<Partial<Record<Evidence, readonly Capability[]>>>;
  /** What this report says nothing about, in sentences. */
  readonly notExercised: readonly string[];
}

export interface LawReport {
  readonly name: string;
  readonly outcome: "holds" | "broken" | "not exercised";
  readonly detail?: string;
}

const always = [
  "The vendor itself was not asked: whether its calls exist and answer as the manifest says, only a test tenant can show.",
  "Budget, time limits and page sizes of the real vendor.",
];

export async function testManifest(path: string): Promise<ManifestReport> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (thrown) {
    return failed([{ path: "", message: `${path} cannot be read (${(thrown as NodeJS.ErrnoException).code ?? "unknown reason"})` }]);
  }
  const read = readManifest(text);
  if (!read.ok) return failed(read.problems);
  const { manifest } = read;
  const about = { connector: manifest.connector, title: manifest.title };
  const problems = [...hookProblems(manifest, {}), ...ruleProblems(manifest)];
  if (problems.length > 0) return { ...failed(problems), ...about };

  const { settings: sample, lacking } = sampleSettings(manifest);
  const settings = readSettings(manifest, sample);
  if (!settings.ok) return { ...failed(lacking.map((name) => ({ path: `settings.${name}.example`, message: "no made-up value fits the pattern: give an example, so that the connector can be tried" }))), ...about };
  if (fitting(manifest.account.idPattern, 1, manifest.account.idExample) === undefined) return { ...failed([{ path: "account.idExample", message: "no made-up id fits account.idPattern: give an example, so that the connector can be tried" }]), ...about };
  return { ...about, ...(await tried(manifest, settings.settings)) };
}

const failed = (problems: readonly Problem[]): ManifestReport => ({ ok: false, connector: undefined, title: undefined, problems, laws: [], methods: {}, notExercised: ["Nothing was tried, because the manifest has mistakes.", ...always] });

async function tried(manifest: Manifest, settings: Settings): Promise<Omit<ManifestReport, "connector" | "title">> {
  const roles = rolesOf(manifest, settings);
  const vendor = await startSimulator(standInOf(manifest, settings, authorization(manifest.http.auth.value, settings), roles));
  try {
    const reports: LawReport[] = [];
    for (const law of [...openingLaws, ...writingLaws, ...denialLaws(manifest), ...everyMethodLaws]) reports.push(await judged(law, () => rehearse(manifest, settings, vendor, roles)));
    const { open, connector } = await rehearse(manifest, settings, vendor, roles);
    const methods = Object.fromEntries(evidences.map((endpoints) => [endpoints, [...capabilitiesOf(open({ endpoints }))]]));
    const missing = (["find", "get", "list", "create", "updateProfile", "setRole", "setTags", "listRoles", "deactivate", "reactivate", "delete"] as const).flatMap((name) => (connector[name] === undefined ? [`"${name}": ${connector.traits.missing(name) ?? "the manifest has none"}.`] : []));
    return { ok: reports.every(({ outcome }) => outcome !== "broken"), problems: [], laws: reports, methods, notExercised: [...missing, ...always] };
  } finally {
    await vendor.stop();
  }
}

/** The role that new people get, and another one. */
function rolesOf({ roles, account, settings: rules }: Manifest, settings: Settings): readonly [string, string] {
  const protectedValues = account.protect.flatMap(({ in: values }) => values.map(String));
  const idle = account.active.flatMap(({ notEquals }) => (typeof notEquals === "string" ? [fill(notEquals, settings.open) ?? notEquals] : []));
  const usable = roles.from === "fixed" ? roles.of.map(({ id }) => id).filter((id) => !protectedValues.includes(id) && !idle.includes(id)) : [];
  const setting = roles.default === undefined ? undefined : /^\{(\w+)\}$/.exec(roles.default)?.[1];
  const made = (n: number) => fitting(setting === undefined ? undefined : rules[setting]?.pattern, n) ?? `role-${n}`;
  const first = (roles.default === undefined ? undefined : fill(roles.default, settings.open)) ?? usable[0] ?? made(1);
  return [first, usable.find((id) => id !== first) ?? made(2)];
}

async function judged(law: AuthoringLaw, begin: () => ReturnType<typeof rehearse>): Promise<LawReport> {
  const rehearsal = await begin();
  const lacking = law.needs.filter((name) => rehearsal.connector[name] === undefined);
  if (lacking.length > 0) return { name: law.name, outcome: "not exercised", detail: `the connector has no ${lacking.join(", ")}` };
  try {
    await law.holds(rehearsal);
    return { name: law.name, outcome: "holds" };
  } catch (thrown) {
    // A fault here is the connector's answer where the law expected none.
    const detail = thrown instanceof Broken ? thrown.message : failureOf(thrown).kind === "internal" ? `it broke off: ${thrown instanceof Error ? thrown.message : String(thrown)}` : `${failureOf(thrown).kind}: ${failureOf(thrown).detail}`;
    return { name: law.name, outcome: "broken", detail };
  }
}
