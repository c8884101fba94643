/**
 * `drawbridge init [NAME]`: a guided set-up. Asks on a terminal, or takes everything from flags with `--yes`; tries the vendor's credential,
 * lets roles be chosen from the vendor's own list, writes the configuration (or adds to it), makes a SCIM token, and says what to paste where.
 *
 * Nothing is written before everything is known, and then all of it or nothing.
 *
 * @module
 */
import { examineConfig } from "../config.ts";
import { addConnection } from "../config/add-connection.ts";
import { connectionText, fileText } from "../config/draft-text.ts";
import { ConfigMistakes } from "../config/problem.ts";
import type { World } from "../config/expand.ts";
import type { Finding } from "../doctor/finding.ts";
import { UsageError } from "./confirm.ts";
import { type Asking, Cancelled, terminal } from "./init/asking.ts";
import { type Chosen, choose } from "./init/choose.ts";
import { givenIn, type Idp, idps, type InitOptions } from "./init/given.ts";
import { judgeText, judgeVendor } from "./init/judge.ts";
import { type Place, placeAt, writeAll } from "./init/place.ts";
import { issueTokens, type Result, resultDocument, resultWords } from "./init/result.ts";
import { world } from "./world.ts";

export async function init(name: string | undefined, options: InitOptions): Promise<void> {
  const isTerminal = process.stdin.isTTY && process.stderr.isTTY;
  if (!options.yes && !isTerminal) throw new UsageError("Nobody can be asked here: say --yes, and with flags what would be asked (drawbridge init --help).");
  if (!process.stderr.columns) process.stderr.columns = 80; // a terminal that does not know its width would get a letter a line
  const asking = options.yes ? undefined : terminal({ input: process.stdin, output: process.stderr });
  try {
    const result = await setUp(name, options, asking, world);
    console.log(options.json ? JSON.stringify(resultDocument(result), undefined, 2) : resultWords(result));
  } catch (thrown) {
    if (!(thrown instanceof Cancelled)) throw thrown;
    console.error(thrown.message);
    process.exitCode = 130;
  }
}

/** @throws UsageError, Cancelled, or Error where something is wrong; then nothing was written */
export async function setUp(name: string | undefined, options: InitOptions, asking: Asking | undefined, its: World): Promise<Result> {
  const given = givenIn(options);
  const place = await placeAt(options.config);
  const existing = place.text === undefined ? undefined : await readExisting(place, its);
  asking?.begin(existing ? `A new connection in ${place.file}` : `A new configuration, ${place.file}`);
  const chosen = await choose({ options, given, asking, existing, env: its.env, name });
  const { connection } = chosen.file;
  const text = textFor(place, chosen);
  const judged = await judgeText(place, text, connection.name, chosen.entered, its);
  const findings = options.check && !chosen.closed ? await judgeVendor(judged.config, connection.name, its.env) : [];
  await lookedAt(findings, asking);
  const pushers = options.token ? (given.idps ?? (await chooseIdps(asking))) : [];
  if (asking) {
    asking.say(connectionText(connection, chosen.file.publicUrl, ""));
    if (!(await asking.yes({ message: existing ? `Add it to ${place.file}?` : `Write ${place.file}?`, initial: true }))) throw new Cancelled();
  }
  return undisturbed(async () => {
    await writeAll(place, text, chosen.entered.files);
    const tokens = await issueTokens(judged.config, connection.name, pushers, given.lifetimeMs);
    asking?.end(`${place.file} is written.`);
    return { file: place.file, isNew: existing === undefined, chosen, findings, warnings: judged.warnings, tokens, idps: given.idps ?? (pushers.length > 0 ? pushers : idps), env: its.env };
  });
}

async function readExisting(place: Place, its: World) {
  const { config, problems, warnings } = await examineConfig(place.file, { ...its, readFile: (path) => (path === place.file ? Promise.resolve(place.text ?? "") : its.readFile(path)) });
  if (!config) throw new ConfigMistakes(place.file, problems, warnings);
  return config;
}

function textFor({ file, text }: Place, { file: draft }: Chosen): string {
  if (text === undefined) return fileText(draft);
  const added = addConnection(text, { connection: draft.connection, publicUrl: draft.publicUrl, allow: draft.egressAllow });
  if ("text" in added) return added.text;
  throw new Error(`${file} was left as it is: ${added.refused}. The connection would be:\n\n${connectionText(draft.connection, draft.publicUrl)}`);
}

/** What speaks against it is said before anything is written. */
async function lookedAt(findings: readonly Finding[], asking: Asking | undefined): Promise<void> {
  const bad = findings.flatMap((finding) => ("change" in finding ? [finding] : []));
  const failures = bad.filter(({ outcome }) => outcome === "failure").map(({ says, change }) => `${says} ${change}`);
  if (!asking) {
    if (failures.length > 0) throw new Error(`${failures.join("\n")}\nNothing was written. (--no-check writes it all the same.)`);
    return;
  }
  for (const { says, change } of bad) asking.warn(`${says}\n${change}`);
  if (failures.length > 0 && !(await asking.yes({ message: "Go on all the same?", initial: false }))) throw new Cancelled();
}

async function chooseIdps(asking: Asking | undefined): Promise<readonly Idp[]> {
  if (!asking) throw new UsageError("Say --idp okta, --idp entra, or --no-token.");
  const chosen = await asking.many({ message: "Which IdP pushes? A token is made for each, and shown once.", options: [{ value: "okta", label: "Okta" }, { value: "entra", label: "Microsoft Entra ID" }] });
  return chosen as readonly Idp[];
}

/** The moment in which something is on its way to the disk is not the one to stop in. */
async function undisturbed<T>(work: () => Promise<T>): Promise<T> {
  const later = () => {};
  process.on("SIGINT", later).on("SIGTERM", later);
  try {
    return await work();
  } finally {
    process.off("SIGINT", later).off("SIGTERM", later);
  }
}
