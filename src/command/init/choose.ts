/**
 * From the first question to a whole draft. Every question has a flag; where nobody can be asked, whatever is missing is told at once.
 *
 * @module
 */
import { dirname, relative, resolve } from "node:path";
import type { Config } from "../../config.ts";
import { connectionName } from "../../config/connection-schema.ts";
import type { ConnectionDraft, FileDraft, SettingDraft } from "../../config/draft-text.ts";
import { topShape } from "../../config/schema.ts";
import type { Manifest } from "../../connectors/manifest-schema.ts";
import { builtInConnectors, manifestOf } from "../../connectors/registry.ts";
import { roleSettingsOf } from "../../connectors/role-settings.ts";
import type { Words } from "../../doctor/vendor-words.ts";
import { type Evidence, evidences } from "../../model/capability.ts";
import { UsageError } from "../confirm.ts";
import type { Asking } from "./asking.ts";
import { type Given, type InitOptions } from "./given.ts";
import { choosePolicy } from "./policy.ts";
import { chooseFallback, enterRoleSettings, mapRoles } from "./roles.ts";
import { enterSettings, type Entered, missingFlags, refuseUnknown } from "./settings.ts";
import { gainedBy, hostToAllow, tryVendor, type Unfinished } from "./vendor.ts";

export interface Chosen {
  readonly file: FileDraft;
  readonly entered: Entered;
  readonly manifest: Manifest;
  /** Why the vendor was not opened, if somebody went on all the same. */
  readonly closed: Words | undefined;
}

export interface Scene {
  readonly options: InitOptions;
  readonly given: Given;
  /** `undefined` = nobody can be asked. */
  readonly asking: Asking | undefined;
  /** What is in the file already. */
  readonly existing: Config | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The name that was asked for on the command line. */
  readonly name: string | undefined;
}

const own = "a manifest of my own";

export async function choose(scene: Scene): Promise<Chosen> {
  const { options, given, asking, existing } = scene;
  const { manifest, path } = await chooseConnector(options, asking);
  refuseUnknown(manifest, given);
  if (!asking) refuseMissing([...(existing || options.publicUrl !== undefined ? [] : ["--public-url https://…"]), ...missingFlags(manifest, given)]);
  const connection = await chooseName(scene, manifest);
  const top = await chooseTop(scene);
  const later = roleSettingsOf(manifest);
  const connector = path ?? manifest.connector;
  for (let said = given; ; said = { ...given, settings: new Map(), secrets: new Map() }) {
    const entered = await enterSettings({ manifest, connection, file: options.config, env: scene.env }, said, later, asking);
    const egressAllow = await chooseEgress(manifest, entered.values, [...new Set([...(existing?.egressAllow ?? []), ...options.allow])], asking);
    const unfinished: Unfinished = { connector, values: entered.values, allow: egressAllow, endpoints: "public", later };
    const endpoints = await chooseEndpoints(options.endpoints, unfinished, manifest, asking);
    const tried = options.check ? await (asking?.during(`Asking ${manifest.title} …`, () => tryVendor({ ...unfinished, endpoints }, manifest)) ?? tryVendor({ ...unfinished, endpoints }, manifest)) : undefined;
    if (tried && !tried.isOpen && (await again(tried, asking))) continue;
    const known = { manifest, roles: tried?.isOpen ? tried.roles : undefined };
    const roleDrafts = await enterRoleSettings(known, said, asking);
    const drafts = inOrder(manifest, [...entered.drafts, ...roleDrafts]);
    const map = await mapRoles(known, given, roleDrafts.flatMap(({ value }) => (typeof value === "string" ? [value] : [])), asking);
    const fallback = await chooseFallback(map, known, options.fallback, asking);
    const policy = await choosePolicy(manifest, new Set(drafts.map(({ name }) => name)), { ...options, endpoints }, given, asking);
    const draft: ConnectionDraft = { name: connection, connector: path === undefined ? manifest.connector : fromFile(options.config, path), title: manifest.title, settings: drafts, endpoints: endpoints === "public" ? undefined : endpoints, roles: { map, fallback }, ...policy };
    return { file: { ...top, egressAllow, connection: draft }, entered, manifest, closed: tried && !tried.isOpen ? tried : undefined };
  }
}

function refuseMissing(flags: readonly string[]): void {
  if (flags.length > 0) throw new UsageError(`Nobody can be asked here. Say also:\n${flags.map((flag) => `  ${flag}`).join("\n")}`);
}

/** A manifest of somebody's own is named from the configuration's folder. */
function fromFile(config: string, path: string): string {
  const way = relative(dirname(resolve(config)), path).replaceAll("\\", "/");
  return way.startsWith(".") ? way : `./${way}`;
}

async function chooseConnector({ connector, yes }: InitOptions, asking: Asking | undefined): Promise<{ readonly manifest: Manifest; readonly path: string | undefined }> {
  if (connector === undefined && !asking) throw new UsageError(`${yes ? "" : "Nobody can be asked here. "}Say --connector ${builtInConnectors.join("|")}, or the path of a manifest.yaml.`);
  const titles = await Promise.all(builtInConnectors.map(async (value) => ({ value, label: (await manifestOf({ connector: value })).title })));
  const chosen = connector ?? (await asking?.one({ message: "Which vendor?", options: [...titles, { value: own, label: "another one", hint: "described in a manifest.yaml; see: drawbridge connector new" }] })) ?? "";
  const named = chosen === own ? ((await asking?.text({ message: "Path of the manifest", placeholder: "./acme/manifest.yaml", wrong: (answer) => (/\.ya?ml$/.test(answer.trim()) ? undefined : "ends in .yaml") })) ?? "").trim() : chosen;
  if (builtInConnectors.includes(named)) return { manifest: await manifestOf({ connector: named }), path: undefined };
  if (!/\.ya?ml$/.test(named)) throw new UsageError(`There is no connector "${named}"; built in are ${builtInConnectors.join(", ")}, an own one is the path of a manifest.yaml.`);
  const path = resolve(named);
  return { manifest: await manifestOf({ connector: path }), path };
}

async function chooseName({ name, existing, asking }: Scene, manifest: Manifest): Promise<string> {
  const taken = (existing?.connections ?? []).map(({ id }) => id as string);
  const wrong = (answer: string): string | undefined => (taken.includes(answer) ? `there is a connection named ${answer} already` : connectionName.safeParse(answer).error?.issues[0]?.message);
  const free = (at: number): string => (taken.includes(at === 1 ? manifest.connector : `${manifest.connector}-${at}`) ? free(at + 1) : at === 1 ? manifest.connector : `${manifest.connector}-${at}`);
  const chosen = name ?? (asking ? await asking.text({ message: "Name of the connection (it stands in the address that the IdP pushes to)", initial: free(1), wrong }) : free(1));
  const problem = wrong(chosen);
  if (problem !== undefined) throw new UsageError(`"${chosen}": ${problem}.`);
  return chosen;
}

async function chooseTop({ options, given, asking, existing }: Scene): Promise<Pick<FileDraft, "listen" | "publicUrl" | "store">> {
  if (existing) {
    const refused = (["publicUrl", "listen", "store"] as const).find((key) => options[key] !== undefined);
    if (refused !== undefined) throw new UsageError(`${options.config} is there already and says its own ${refused}; leave the flag out, or change the file by hand.`);
    return { listen: existing.listen, publicUrl: existing.publicUrl, store: existing.store };
  }
  const wrongUrl = (answer: string) => topShape.publicUrl.safeParse(answer.trim()).error?.issues[0]?.message;
  const url = options.publicUrl ?? (await asking?.text({ message: "Under which address do IdPs reach this server? (a trial on this machine: http://localhost:8080)", placeholder: "https://scim.example.com", wrong: wrongUrl })) ?? "";
  const problem = wrongUrl(url);
  if (problem !== undefined) throw new UsageError(`--public-url ${problem}.`);
  const publicUrl = url.trim().replace(/\/+$/, "");
  const store = options.store ?? (asking ? await chooseStore(asking) : "file:./data/drawbridge.db");
  const wrongStore = topShape.store.safeParse(store).error?.issues[0]?.message;
  if (wrongStore !== undefined) throw new UsageError(`--store ${wrongStore}.`);
  return { listen: given.listen ?? listenFor(publicUrl), publicUrl, store };
}

/** Who tries it out on one machine needs no open port, and one that fits the address. */
function listenFor(publicUrl: string): FileDraft["listen"] {
  const { protocol, hostname, port } = new URL(publicUrl);
  const isHere = protocol === "http:" && /^(localhost|127\.\d+\.\d+\.\d+)$/.test(hostname);
  return isHere ? { host: "127.0.0.1", port: Number(port || 80) } : { host: "0.0.0.0", port: 8080 };
}

async function chooseStore(asking: Asking): Promise<string> {
  const chosen = await asking.one({ message: "Where are the data kept?", options: [{ value: "file:./data/drawbridge.db", label: "in a file", hint: "one server" }, { value: "postgres", label: "in PostgreSQL", hint: "several servers" }] });
  return chosen === "postgres" ? asking.text({ message: "Its address; the password from the environment", initial: "postgres://drawbridge:${DB_PASSWORD}@db.internal/drawbridge", wrong: (answer) => topShape.store.safeParse(answer).error?.issues[0]?.message }) : chosen;
}

async function chooseEgress(manifest: Manifest, values: Readonly<Record<string, unknown>>, allow: readonly string[], asking: Asking | undefined): Promise<readonly string[]> {
  const host = hostToAllow(manifest, values, allow);
  if (host === undefined) return allow;
  if (!asking) throw new UsageError(`${host} is no public https address: say --allow ${host} if the server may call it.`);
  if (await asking.yes({ message: `${host} is no public https address. May the server call it all the same? (egress.allow)`, initial: false })) return [...allow, host];
  throw new UsageError(`${host} may not be called, so there is nothing to set up. Nothing was written.`);
}

async function chooseEndpoints(given: string | undefined, unfinished: Unfinished, { title }: Manifest, asking: Asking | undefined): Promise<Evidence> {
  if (given !== undefined) {
    if (!(evidences as readonly string[]).includes(given)) throw new UsageError(`--endpoints takes one of ${evidences.join(", ")}.`);
    return given as Evidence;
  }
  if (!asking) return "public";
  const gained = await gainedBy("observed", unfinished);
  if (gained.length === 0) return "public";
  const chosen = await asking.one({
    message: `Some calls of ${title} are in none of its documents; they were seen in other people's code`,
    options: [{ value: "public", label: "use documented calls only", hint: "the rest becomes tasks for people" }, { value: "observed", label: `use them, too: ${gained.join(", ")}` }],
  });
  return chosen as Evidence;
}

/** @returns true = enter the settings once more. @throws UsageError where it ends here */
async function again({ says, change }: Words, asking: Asking | undefined): Promise<boolean> {
  if (!asking) throw new Error(`${says} ${change} Nothing was written. (--no-check writes it all the same.)`);
  asking.warn(`${says}\n${change}`);
  const next = await asking.one({ message: "And now?", options: [{ value: "again", label: "enter the settings again" }, { value: "on", label: "go on all the same" }, { value: "stop", label: "stop; nothing is written" }] });
  if (next === "stop") throw new UsageError("Nothing was written.");
  return next === "again";
}

/** As the manifest has them. */
const inOrder = ({ settings }: Manifest, drafts: readonly SettingDraft[]): readonly SettingDraft[] => Object.keys(settings).flatMap((name) => drafts.filter((draft) => draft.name === name));
