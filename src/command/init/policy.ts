/**
 * How access ends, how much may end at once, and who is never touched.
 *
 * @module
 */
import type { ConnectionDraft, Strategy } from "../../config/draft-text.ts";
import { domain, email } from "../../config/values.ts";
import type { Manifest } from "../../connectors/manifest-schema.ts";
import { type Evidence, isAllowed } from "../../model/capability.ts";
import { UsageError } from "../confirm.ts";
import type { Asking } from "./asking.ts";
import { brakeIn, type Given, type InitOptions, listIn } from "./given.ts";

export type Policy = Pick<ConnectionDraft, "onDeactivate" | "onDelete" | "brake" | "protected" | "domains" | "observe" | "reconcile">;

export async function choosePolicy(manifest: Manifest, settings: ReadonlySet<string>, options: InitOptions, given: Given, asking: Asking | undefined): Promise<Policy> {
  const denials = await chooseDenials(manifest, settings, options, given, asking);
  return {
    ...denials,
    brake: given.brake ?? (await chooseBrake(asking)),
    protected: await listOf("--protect", options.protect, email, "Addresses from which no push may ever take access (break-glass accounts; commas between them; may be left empty)", asking),
    domains: await listOf("--domain", options.domain, domain, "Domains: nobody outside them is created or adopted (commas between them; empty: anybody)", asking),
    observe: options.observe ?? (asking ? await asking.yes({ message: "Only observe at first? Pushes are kept and shown as a plan; nothing is written at the vendor until you promote it.", initial: false }) : false),
    reconcile: await chooseReconcile(options.reconcile, asking),
  };
}

const usual = { window: "60m", count: 10, share: 0.1 } as const;
const strict = { window: "60m", count: 3, share: 0.02 } as const;

async function chooseBrake(asking: Asking | undefined): Promise<Policy["brake"]> {
  if (!asking) return usual;
  const chosen = await asking.one({
    message: "The brake: pushes that take access from more people than that within an hour wait for a person",
    options: [
      { value: "usual", label: "10 people, or a tenth if that is more" },
      { value: "strict", label: "3 people, or a fiftieth if that is more" },
      { value: "own", label: "other numbers" },
    ],
  });
  if (chosen !== "own") return chosen === "strict" ? strict : usual;
  const text = await asking.text({ message: "COUNT,SHARE,WINDOW", initial: "10,0.1,60m", wrong: (answer) => (isBrake(answer) ? undefined : "such as 10,0.1,60m") });
  return brakeIn(text) ?? usual;
}

function isBrake(text: string): boolean {
  try {
    return brakeIn(text) !== undefined;
  } catch {
    return false;
  }
}

/** Strategies that have their settings, and whose calls may rest on the evidence allowed for denials. */
function usable({ denials, calls }: Manifest, settings: ReadonlySet<string>, denyEndpoints: Evidence): readonly string[] {
  return Object.entries(denials.strategies).flatMap(([name, rule]) => {
    const named = [...rule.uses, ...("call" in rule ? [rule.call] : [])];
    return rule.needs.every((need) => settings.has(need)) && named.every((call) => isAllowed(calls[call]?.evidence ?? "inferred", denyEndpoints)) ? [name] : [];
  });
}

async function chooseDenials(manifest: Manifest, settings: ReadonlySet<string>, options: InitOptions, given: Given, asking: Asking | undefined): Promise<Pick<Policy, "onDeactivate" | "onDelete">> {
  const { strategies, deactivate, delete: removal } = manifest.denials;
  const able = usable(manifest, settings, options.endpoints === "seed" ? "seed" : "inferred");
  const strategy = (name: string): Strategy => ({ name, effect: effectOf(manifest, name) });
  const known = (flag: string, names: readonly string[] | undefined) => {
    const wrong = names?.find((name) => !Object.hasOwn(strategies, name));
    if (wrong !== undefined) throw new UsageError(`${flag}: ${manifest.title} has no way "${wrong}" to end access; it has ${Object.keys(strategies).join(", ")}.`);
    return names;
  };
  const usualOnes = deactivate.filter((name) => able.includes(name));
  const first = known("--on-deactivate", given.onDeactivate) ?? (asking && able.length > 1 ? [await chooseOne(`Who is deactivated by the IdP, at ${manifest.title}`, able, usualOnes[0], manifest, asking)] : usualOnes.length > 0 ? usualOnes : deactivate);
  const onDeactivate = first.map(strategy);
  if (removal.length === 0 && given.onDelete === undefined) return { onDeactivate, onDelete: [] };
  // A deletion that cannot be taken back is nobody's default here.
  const gentle = first.filter((name) => strategies[name]?.reversible !== false);
  const second = known("--on-delete", given.onDelete) ?? (asking && able.length > 1 ? [await chooseOne(`Who is deleted by the IdP, at ${manifest.title}`, able, gentle[0], manifest, asking)] : gentle.length > 0 ? gentle : removal);
  return { onDeactivate, onDelete: second.map(strategy) };
}

function effectOf({ denials }: Manifest, name: string): string {
  const rule = denials.strategies[name];
  return `${rule?.effect ?? ""}${rule?.reversible === false ? "; cannot be taken back" : ""}`;
}

const chooseOne = (message: string, names: readonly string[], initial: string | undefined, manifest: Manifest, asking: Asking): Promise<string> =>
  asking.one({ message, options: names.map((name) => ({ value: name, label: effectOf(manifest, name), hint: name })), initial });

async function listOf(flag: string, given: readonly string[], schema: typeof email, message: string, asking: Asking | undefined): Promise<readonly string[]> {
  const problem = (texts: readonly string[]) => texts.map((text) => schema.safeParse(text)).find(({ success }) => !success)?.error?.issues[0]?.message;
  if (given.length > 0) {
    const wrong = problem(given);
    if (wrong !== undefined) throw new UsageError(`${flag} ${wrong}.`);
    return given;
  }
  return asking ? (listIn(await asking.text({ message, wrong: (answer) => problem(listIn(answer) ?? []) })) ?? []) : [];
}

const policies = ["report", "denials", "repair"] as const;

async function chooseReconcile(given: string | undefined, asking: Asking | undefined): Promise<Policy["reconcile"]> {
  const chosen = given ?? (asking ? await asking.one({
    message: "Once a day the vendor's list is compared with what is wanted. What has changed behind our back is",
    options: [{ value: "report", label: "told" }, { value: "denials", label: "told, and access that was given there is taken back" }, { value: "repair", label: "put right, whatever it is" }],
    initial: "report",
  }) : undefined);
  if (chosen === undefined || chosen === "off") return chosen === "off" ? { every: "off", policy: "report" } : undefined;
  if (!(policies as readonly string[]).includes(chosen)) throw new UsageError(`--reconcile takes off, ${policies.join(", ")}.`);
  return { every: "24h", policy: chosen };
}
