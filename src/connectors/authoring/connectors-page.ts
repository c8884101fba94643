/**
 * `docs/connectors.md`, made from the manifests: which connector can do what, by which call, on what evidence.
 *
 * @module
 */
import type { Capability, Evidence, OperatorAction } from "../../model/capability.ts";
import { evidences } from "../../model/capability.ts";
import { capabilitiesOf } from "../connector.ts";
import type { Hooks } from "../hooks.ts";
import { builtInConnectors, hooksOf, manifestOf, openConnector } from "../registry.ts";
import type { Confirm, Manifest, ManifestStrategy } from "../manifest-schema.ts";
import { fieldRows, settingRows, table } from "./page-tables.ts";
import { sampleSettings } from "./samples.ts";

const methods: readonly (readonly [Capability, string])[] = [
  ["find", "look somebody up by e-mail"], ["get", "read one account"], ["list", "list accounts"], ["create", "create"], ["updateProfile", "change the profile"], ["setRole", "change the role"],
  ["setTags", "change tags"], ["listRoles", "list roles"], ["deactivate", "deactivate"], ["reactivate", "reactivate"], ["delete", "delete"],
];

/** What one connector can do, as it is opened. */
interface Sheet {
  readonly manifest: Manifest;
  readonly hooks: Hooks;
  /** The weakest evidence that each method needs; absent = it has none. */
  readonly needs: ReadonlyMap<Capability, Evidence>;
  /** The methods under the default of `endpoints` and `denyEndpoints`. */
  readonly byDefault: ReadonlySet<Capability>;
}

export async function connectorsPage(): Promise<string> {
  const sheets = await Promise.all(builtInConnectors.map(sheetOf));
  return `${[
    "# Connectors",
    "Made from the manifests by `src/connectors/authoring/connectors-page.ts`; a test compares it (`UPDATE=1` writes it anew). Facts and their sources are in each connector's `FACTS.md`.",
    "Evidence says how sure we are that a call exists: `seed` (the documents this project started from), `public` (the vendor's own pages or SDK), `observed` (somebody else's code), `inferred` (our conclusion). `endpoints` (default `public`) is the weakest that may be used, `denyEndpoints` (default `inferred`) the weakest for ending access. What may not be used, or does not exist, is answered with 501 and a task with the exact steps.",
    "## Who can do what",
    "The cell is the weakest evidence that the method needs. **Bold** = not there by default; – = the vendor has no call for it.",
    table(["", ...sheets.map(({ manifest }) => manifest.title)], methods.map(([method, words]) => [words, ...sheets.map((sheet) => cell(sheet, method))])),
    ...sheets.flatMap(chapter),
  ].join("\n\n")}\n`;
}

async function sheetOf(name: string): Promise<Sheet> {
  const manifest = await manifestOf({ connector: name });
  const { settings } = sampleSettings(manifest);
  const open = async (endpoints: Evidence, denyEndpoints: Evidence) => capabilitiesOf(await openConnector({ connector: name, settings, endpoints, denyEndpoints, onDeactivate: undefined, onDelete: undefined, egressAllow: [], timeoutMs: 10_000 }));
  const needs = new Map<Capability, Evidence>();
  for (const evidence of evidences) for (const method of await open(evidence, evidence)) if (!needs.has(method)) needs.set(method, evidence);
  return { manifest, hooks: hooksOf(name), needs, byDefault: await open("public", "inferred") };
}

function cell({ manifest, needs, byDefault }: Sheet, method: Capability): string {
  if (method === "listRoles" && manifest.roles.from === "fixed") return "a fixed list";
  const evidence = needs.get(method);
  return evidence === undefined ? "–" : byDefault.has(method) ? evidence : `**${evidence}**`;
}

function chapter(sheet: Sheet): readonly string[] {
  const { manifest, needs, byDefault } = sheet;
  const { strategies, deactivate, delete: removal } = manifest.denials;
  const yes = (is: boolean) => (is ? "yes" : "no");
  return [
    `## ${manifest.title} (\`${manifest.connector}\`)`,
    `Sources: ${manifest.docs.map((address) => `<${address}>`).join(", ")}.`,
    table(
      ["method", "calls", "by default", "`endpoints: seed`"],
      methods.map(([method]) => [`\`${method}\``, callsOf(sheet, method).map((name) => callText(manifest, name)).join("<br>") || "–", yes(byDefault.has(method)), yes(needs.get(method) === "seed")]),
    ),
    `Ways to end access; tried in order: \`onDeactivate: [${deactivate.join(", ")}]\`, \`onDelete: [${removal.join(", ")}]\`.`,
    table(
      ["strategy", "what it does", "calls", "reversible", "complete", "needs"],
      Object.entries(strategies).map(([name, rule]) => [`\`${name}\``, rule.effect, strategyCalls(rule).map((call) => callText(manifest, call)).join("<br>"), yes(rule.reversible), completeText(rule), rule.needs.map((setting) => `\`${setting}\``).join(", ") || "–"]),
    ),
    ...operatorChapter(manifest),
    "Attributes. What is not listed is kept and answered as the IdP wrote it, and not sent.",
    table(["SCIM", "at the vendor", "sent on", "evidence"], fieldRows(manifest)),
    "Settings.",
    table(["setting", "what it is", "required", "default"], settingRows(manifest)),
  ];
}

/** What a person may order, and no push leads to. */
function operatorChapter(manifest: Manifest): readonly string[] {
  const rows = Object.entries(manifest.operatorActions).flatMap(([action, rule]) => (rule === undefined ? [] : [[`\`${commands[action as OperatorAction]}\``, rule.effect, callText(manifest, rule.call), rule.permission === undefined ? "–" : `\`${rule.permission}\``]]));
  return rows.length === 0 ? [] : ["Commands of the operator's. No push leads to these.", table(["command", "what it does", "call", "permission"], rows)];
}

const commands: { readonly [Action in OperatorAction]: string } = { resetMfa: "drawbridge reset-mfa PERSON" };

/** Names of the calls behind a method: what a hook needs, what the manifest says, without repetition. */
function callsOf({ manifest, hooks }: Sheet, method: Capability): readonly string[] {
  const { operations, denials, roles } = manifest;
  const hooked = hooks.methods?.[method]?.needs ?? [];
  return [...new Set([...hooked, ...written()])];

  function written(): readonly string[] {
    if (method === "listRoles") return roles.from === "call" ? [roles.call] : [];
    if (method === "deactivate" || method === "delete") return denials[method].flatMap((name) => strategyCalls(denials.strategies[name] as ManifestStrategy));
    const rules = operations[method];
    return (rules === undefined ? [] : [rules].flat()).flatMap((rule) => Object.entries(rule).flatMap(([key, value]) => (callKeys.has(key) && typeof value === "string" ? [value] : key === "confirm" ? confirmCall(value as Confirm) : [])));
  }
}

const callKeys: ReadonlySet<string> = new Set(["call", "scan", "fromList", "complete", "readBack", "readFirst"]);

const confirmCall = (confirm: Confirm): readonly string[] => (confirm === "none" ? [] : [confirm.call]);

const strategyCalls = (rule: ManifestStrategy): readonly string[] => [...new Set([...("call" in rule ? [...(rule.readFirst === undefined ? [] : [rule.readFirst]), rule.call, ...confirmCall(rule.confirm)] : []), ...rule.uses])];

const completeText = (rule: ManifestStrategy): string => ("call" in rule ? (rule.complete ? "yes" : `no: ${rule.left ?? "some access remains"}`) : "as the hook finds");

function callText({ calls }: Manifest, name: string): string {
  const call = calls[name];
  return call === undefined ? name : `\`${call.method} ${call.path}\` ${call.evidence}`;
}
