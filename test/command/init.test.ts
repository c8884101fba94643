/**
 * `drawbridge init`: by flags, by a person, by somebody who changes their mind; for every vendor and for one of somebody's own.
 *
 * @module
 */
import { type ChildProcess, execFile } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Writable } from "node:stream";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Asking, Cancelled, terminal } from "../../src/command/init/asking.ts";
import type { InitOptions } from "../../src/command/init/given.ts";
import { resultDocument, resultWords } from "../../src/command/init/result.ts";
import { setUp } from "../../src/command/init.ts";
import { examineConfig } from "../../src/config.ts";
import { organization } from "../../src/connectors/enlivy/simulated/state.ts";
import type { RunningSimulator } from "../../src/connectors/kit/simulator/running.ts";
import { roleIds } from "../../src/connectors/transactionlink/simulated/state.ts";
import { connectionId } from "../../src/model/ids.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { simulateVendor } from "../../src/sandbox/simulate.ts";
import { openStore } from "../../src/store/open-store.ts";

const main = new URL("../../src/main.ts", import.meta.url).pathname;
const vendors = new Map<string, RunningSimulator>();
let folder: string;
let file: string;
beforeAll(async () => {
  for (const name of ["peoplelens", "transactionlink", "enlivy", "applivery"]) vendors.set(name, await simulateVendor(name));
});
afterAll(async () => {
  for (const vendor of vendors.values()) await vendor.stop();
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "drawbridge-init-"));
  file = join(folder, "drawbridge.yaml");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const vendor = (name: string): RunningSimulator => vendors.get(name) as RunningSimulator;
const world = (env: Record<string, string> = {}) => ({ env, readFile: async (path: string) => readFileSync(path, "utf8") });
const options = (more: Partial<InitOptions> = {}): InitOptions => ({ config: file, store: `file:${join(folder, "drawbridge.db")}`, allow: [], set: [], secret: [], role: [], privilegedRole: [], protect: [], domain: [], token: true, check: true, ...more });
const examined = (env: Record<string, string> = {}) => examineConfig(file, world(env));

/** Flags for a connection of each vendor. */
const flags = (name: string): Partial<InitOptions> => {
  const base = { connector: name, publicUrl: "https://scim.example.com", allow: ["127.0.0.1"], idp: "okta", yes: true };
  const url = `baseUrl=${vendor(name).url}`;
  switch (name) {
    case "transactionlink":
      return { ...base, secret: ["token=env:KEY"], set: [url, "defaultRoleId=member"], role: ["Staff=member"], privilegedRole: ["Admins=admin"], fallback: "deactivate" };
    case "enlivy":
      return { ...base, secret: ["token=env:KEY"], set: [url, `organizationId=${organization}`, "defaultRoleId=Employee", "noAccessRoleId=Leaver", "defaultCountry=RO"], role: ["Staff=Employee"] };
    case "applivery":
      return { ...base, secret: ["apiKey=env:KEY"], set: [url, "organizationId=acme"], role: ["Staff=viewer"], endpoints: "observed" };
    default:
      return { ...base, secret: ["apiKey=env:KEY"], set: [url], role: ["Everyone=User"], privilegedRole: ["Admins=Admin"], fallback: "User", brake: "3,0.02,30m", protect: ["break-glass@acme.example"], domain: ["acme.example"], observe: true };
  }
};

describe("by flags", () => {
  test.each(["peoplelens", "transactionlink", "enlivy", "applivery"])("%s: the file is right, the credential is not in it, the token comes in", async (name) => {
    const KEY = vendor(name).apiKey;
    const result = await setUp("acme", options(flags(name)), undefined, world({ KEY }));
    const text = readFileSync(file, "utf8");
    expect(text).not.toContain(KEY);
    const { config, problems, warnings } = await examined({ KEY });
    expect([...problems, ...warnings]).toEqual([]);
    expect(config?.connections.map(({ id }) => id)).toEqual(["acme"]);
    expect(result.findings.filter(({ outcome }) => outcome === "failure")).toEqual([]);
    const tokens = "failed" in result.tokens ? [] : result.tokens;
    const store = await openStore({ url: config?.store ?? "", clock: systemClock });
    expect((await store.tokens(connectionId("acme"))).map((token) => token.name)).toEqual(tokens.map((token) => token.name));
    await store.close();
    const words = resultWords(result);
    expect(words).toContain(tokens[0]?.token);
    expect(words.replaceAll(tokens[0]?.token ?? "-", "")).not.toContain(KEY);
    expect(words).toMatch(/SCIM connector base URL +https:\/\/scim\.example\.com\/scim\/acme\/v2\n/);
  });

  test("every flag is found again in the configuration", async () => {
    await setUp("acme", options(flags("peoplelens")), undefined, world({ KEY: vendor("peoplelens").apiKey }));
    const { config } = await examined({ KEY: "k" });
    expect(config?.connections[0]).toMatchObject({ mode: "observe", onDeactivate: ["disable"], onDelete: ["disable"], policy: { roles: { map: [{ idp: "Admins", vendor: "Admin", privileged: true }, { idp: "Everyone", vendor: "User", privileged: false }], fallback: "User" }, brake: { count: 3, share: 0.02, windowMs: 1_800_000 }, protectedEmails: ["break-glass@acme.example"], domains: ["acme.example"] } });
  });

  test("a role's name becomes its id, and nothing that cannot be taken back is anybody's default", async () => {
    await setUp("acme", options(flags("transactionlink")), undefined, world({ KEY: vendor("transactionlink").apiKey }));
    const { config } = await examined({ KEY: vendor("transactionlink").apiKey });
    expect(config?.connections[0]?.policy.roles).toMatchObject({ map: [{ idp: "Admins", vendor: roleIds.admin, privileged: true }, { idp: "Staff", vendor: roleIds.member }], fallback: "deactivate" });
    expect(config?.connections[0]?.settings["defaultRoleId"]).toBe(roleIds.member);
  });

  test("a vendor of somebody's own, by the path of its manifest", async () => {
    const manifest = join(folder, "acmehr", "manifest.yaml");
    mkdirSync(join(folder, "acmehr"));
    writeFileSync(manifest, readFileSync(new URL("../../src/connectors/peoplelens/manifest.yaml", import.meta.url), "utf8").replace("connector: peoplelens", "connector: acmehr").replace("title: PeopleLens AI", "title: Acme HR"));
    await setUp(undefined, options({ ...flags("peoplelens"), connector: manifest }), undefined, world({ KEY: vendor("peoplelens").apiKey }));
    expect(readFileSync(file, "utf8")).toContain("  # Acme HR. The IdP's base URL: https://scim.example.com/scim/acmehr/v2\n  acmehr:\n    connector: ./acmehr/manifest.yaml\n");
    expect((await examined({ KEY: "k" })).problems).toEqual([]);
  });

  test("a second connection is added, and nothing else in the file changes", async () => {
    const KEY = vendor("peoplelens").apiKey;
    await setUp("acme", options(flags("peoplelens")), undefined, world({ KEY }));
    const ours = readFileSync(file, "utf8").replace("connections:\n", "connections:\n  # Ann looks after these\n");
    writeFileSync(file, ours);
    chmodSync(file, 0o600);
    const { publicUrl: _url, ...others } = flags("transactionlink");
    const { store: _store, ...rest } = options({ ...others, secret: ["token=env:TL"] });
    const result = await setUp("globex", rest, undefined, world({ KEY, TL: vendor("transactionlink").apiKey }));
    const text = readFileSync(file, "utf8");
    expect(text.startsWith(ours)).toBe(true);
    expect([result.isNew, statSync(file).mode & 0o777]).toEqual([false, 0o600]);
    expect((await examined({ KEY, TL: "tot_0123456789" })).config?.connections.map(({ id }) => id)).toEqual(["acme", "globex"]);
    expect((resultDocument(result) as { next: string[] }).next[0]).toContain("SIGHUP");
  });

  test.each<readonly [string, Partial<InitOptions>, Record<string, string>, RegExp]>([
    ["what is missing is told at once", { yes: true, connector: "enlivy" }, {}, /--public-url[^]*--secret token=env:VARIABLE[^]*--set organizationId[^]*--set defaultRoleId[^]*--set defaultCountry/],
    ["no vendor", { yes: true }, {}, /--connector peoplelens\|transactionlink/],
    ["an unknown vendor", { yes: true, connector: "peoplelense" }, {}, /no connector "peoplelense"/],
    ["an unknown setting", { set: ["colour=red"] }, { KEY: "x" }, /has no setting colour/],
    ["a secret on the command line", { secret: [], set: ["apiKey=plk_secret_4711"] }, {}, /apiKey is a secret/],
    ["a secret that is not where it is said to be", {}, {}, /variable KEY is not set/],
    ["a credential with Bearer before it", {}, { KEY: "Bearer x" }, /must be the bare key/],
    ["a setting that does not look right", { set: ["baseUrl=acme"] }, { KEY: "x" }, /does not look right/],
    ["a wrong credential", {}, { KEY: "plk_wrong_4711" }, /refuses the credential \(401\)[^]*Nothing was written/],
    ["an address that may not be called", { allow: [] }, { KEY: "x" }, /--allow 127\.0\.0\.1/],
    ["an unknown strategy", { onDelete: "shred" }, { KEY: "" }, /no way "shred"/],
    ["a wrong brake", { brake: "many" }, { KEY: "x" }, /--brake takes COUNT,SHARE,WINDOW/],
    ["a wrong protected address", { protect: ["nobody"] }, { KEY: "" }, /--protect must be an e-mail address/],
    ["no IdP", { idp: undefined as never }, { KEY: "" }, /--idp okta/],
    ["a privileged fallback", { fallback: "Admin" }, { KEY: "" }, /roles\.fallback: is privileged/],
    ["an unknown policy for drift", { reconcile: "forget" }, { KEY: "" }, /--reconcile takes off, report, denials, repair/],
    ["a lifetime that is none", { expires: "soon" }, { KEY: "x" }, /--expires must be a duration/],
    ["a wrong public address", { publicUrl: "scim.example.com" }, { KEY: "x" }, /--public-url must be a URL/],
  ])("%s: nothing is written, and no secret is said", async (_, wrong, env, why) => {
    const its = Object.fromEntries(Object.entries(env).map(([key, value]) => [key, value === "" ? vendor("peoplelens").apiKey : value]));
    const asked = wrong.yes ? options(wrong) : options({ ...flags("peoplelens"), ...wrong });
    const thrown = await setUp("acme", asked, undefined, world(its)).then(() => new Error("it was written"), (error: unknown) => error as Error);
    expect(thrown.message).toMatch(why);
    expect(thrown.message).not.toMatch(/4711/);
    expect(readdirSync(folder)).toEqual([]);
  });

  test("a role that the vendor does not have is refused with those that it has", async () => {
    await expect(setUp("acme", options({ ...flags("transactionlink"), role: ["Staff=superuser"] }), undefined, world({ KEY: vendor("transactionlink").apiKey }))).rejects.toThrow(/no role "superuser"; it has owner .*, admin .*, member/);
    expect(existsSync(file)).toBe(false);
  });

  test("a file with a mistake is left as it is", async () => {
    const broken = "publicUrl: https://scim.example.com\nconnections:\n  acme: { connector: peoplelense }\n";
    writeFileSync(file, broken);
    await expect(setUp("globex", options(flags("peoplelens")), undefined, world({ KEY: "x" }))).rejects.toThrow(/has \d mistake/);
    expect(readFileSync(file, "utf8")).toBe(broken);
  });

  test("a name that is taken, and a file that says its own address, are refused", async () => {
    const KEY = vendor("peoplelens").apiKey;
    await setUp("acme", options(flags("peoplelens")), undefined, world({ KEY }));
    const before = readFileSync(file, "utf8");
    await expect(setUp("acme", options(flags("peoplelens")), undefined, world({ KEY }))).rejects.toThrow(/there is a connection named acme already/);
    await expect(setUp("globex", options(flags("peoplelens")), undefined, world({ KEY }))).rejects.toThrow(/says its own publicUrl/);
    expect(readFileSync(file, "utf8")).toBe(before);
  });

  test("without asking the vendor, where that cannot be", async () => {
    await setUp("acme", options({ ...flags("peoplelens"), set: ["baseUrl=https://acme.peoplelensai.com"], allow: [], check: false, token: false }), undefined, world({ KEY: "plk_x" }));
    expect((await examined({ KEY: "plk_x" })).problems).toEqual([]);
    expect(existsSync(join(folder, "drawbridge.db"))).toBe(false);
  });

  test("a database that cannot be reached costs the token alone", async () => {
    const result = await setUp("acme", options({ ...flags("peoplelens"), store: "postgres://drawbridge@127.0.0.1:9/drawbridge" }), undefined, world({ KEY: vendor("peoplelens").apiKey }));
    expect(existsSync(file)).toBe(true);
    expect(resultWords(result)).toMatch(/No token was made: .*drawbridge token create --connection acme/);
    expect(resultWords(result)).toContain("the token of: drawbridge token create --connection acme --name okta");
  });
});

/** Somebody who knows what to say to which question. */
function somebody(answers: readonly (readonly [RegExp, string | readonly string[] | boolean])[]): Asking & { readonly heard: string[]; readonly left: () => readonly string[] } {
  const open = [...answers];
  const heard: string[] = [];
  const answer = (message: string): string | readonly string[] | boolean | undefined => {
    heard.push(message);
    const at = open.findIndex(([question]) => question.test(message));
    return at < 0 ? undefined : open.splice(at, 1)[0]?.[1];
  };
  const text = (question: { message: string; initial?: string | undefined; wrong?: (answer: string) => string | undefined }): string => {
    const given = String(answer(question.message) ?? question.initial ?? "");
    const wrong = question.wrong?.(given);
    if (wrong !== undefined) throw new Error(`${question.message}: ${wrong}`);
    return given;
  };
  return {
    heard,
    left: () => open.map(([question]) => question.source),
    text: async (question) => text(question),
    hidden: async (question) => text(question),
    one: async ({ message, options: offered, initial }) => {
      const said = String(answer(message) ?? initial ?? offered[0]?.value);
      const option = offered.find(({ value, label }) => value === said || label === said);
      if (!option) throw new Error(`${message}: "${said}" is not among ${offered.map(({ label }) => label).join(", ")}`);
      return option.value;
    },
    many: async ({ message, options: offered }) => ((answer(message) ?? []) as readonly string[]).map((said) => offered.find(({ value, label }) => value === said || label === said)?.value ?? said),
    yes: async ({ message, initial }) => Boolean(answer(message) ?? initial),
    begin: (title) => void heard.push(title),
    say: (said) => void heard.push(said),
    warn: (said) => void heard.push(`! ${said}`),
    during: (message, work) => (heard.push(message), work()),
    end: (said) => void heard.push(said),
  };
}

const bare = (): InitOptions => {
  const { store: _store, ...rest } = options();
  return rest;
};

describe("a person", () => {
  test("sets up PeopleLens AI from nothing, with the key in a file of its own", async () => {
    const person = somebody([
      [/Which vendor/, "PeopleLens AI"], [/Name of the connection/, "acme"], [/Under which address/, "https://scim.example.com"], [/Where are the data/, "in a file"],
      [/^baseUrl/, vendor("peoplelens").url], [/Where is apiKey kept/, "file"], [/^apiKey/, vendor("peoplelens").apiKey], [/no public https address/, true],
      [/Roles of PeopleLens AI/, "Admin, User"], [/Who gets Admin/, "PeopleLens Admins"], [/Is Admin privileged/, true], [/Who gets User/, "Everyone, Contractors"], [/Who loses the last/, "gets User"],
      [/deactivated by the IdP/, "disable"], [/deleted by the IdP/, "delete"], [/The brake/, "strict"], [/break-glass/, "break-glass@acme.example"], [/Only observe/, true], [/Which IdP/, ["okta", "entra"]],
    ]);
    const result = await setUp(undefined, { ...bare(), store: `file:${join(folder, "drawbridge.db")}` }, person, world());
    expect(person.left()).toEqual(["Where are the data"]); // the test's own flag says it
    const { config, problems, warnings } = await examined();
    expect([...problems, ...warnings]).toEqual([]);
    expect(config?.connections[0]).toMatchObject({ mode: "observe", onDelete: ["delete"], policy: { brake: { count: 3 }, roles: { map: [{ idp: "PeopleLens Admins", vendor: "Admin", privileged: true }, { idp: "Everyone", vendor: "User" }, { idp: "Contractors", vendor: "User" }], fallback: "User" } } });
    expect(readFileSync(join(folder, "secrets", "acme-apiKey"), "utf8")).toBe(`${vendor("peoplelens").apiKey}\n`);
    expect(statSync(join(folder, "secrets", "acme-apiKey")).mode & 0o777).toBe(0o600);
    expect("failed" in result.tokens ? [] : result.tokens.map(({ idp }) => idp)).toEqual(["okta", "entra"]);
  });

  test("chooses roles from the vendor's own list, and learns which variable to set", async () => {
    const person = somebody([
      [/Which vendor/, "TransactionLink"], [/Name of the connection/, "tl"], [/Under which address/, "https://scim.example.com"], [/^baseUrl/, vendor("transactionlink").url], [/Where is token kept/, "env"], [/^token/, vendor("transactionlink").apiKey], [/no public https address/, true],
      [/^defaultRoleId/, "member"], [/Which roles of TransactionLink/, ["member", "admin"]], [/Who gets member/, "Staff"], [/Who gets admin/, "Admins"], [/Is admin privileged/, true], [/Who loses the last/, "deactivate"], [/Which IdP/, ["entra"]],
    ]);
    const result = await setUp(undefined, options(), person, world());
    expect(person.left()).toEqual([]);
    expect(resultWords(result)).toContain("  export TL_TOKEN='…'   # organisation API token");
    expect(resultWords(result)).not.toContain(vendor("transactionlink").apiKey);
    const { config, problems } = await examined({ TL_TOKEN: vendor("transactionlink").apiKey });
    expect(problems).toEqual([]);
    expect(config?.connections[0]?.policy.roles).toMatchObject({ map: [{ idp: "Admins", vendor: roleIds.admin, privileged: true }, { idp: "Staff", vendor: roleIds.member }], fallback: "deactivate" });
  });

  test("is told at once that the credential is wrong, and enters another one", async () => {
    const person = somebody([
      [/Under which address/, "https://scim.example.com"], [/^baseUrl/, vendor("peoplelens").url], [/^apiKey/, "plk_wrong"], [/no public https address/, true], [/And now/, "enter the settings again"],
      [/^baseUrl/, vendor("peoplelens").url], [/^apiKey/, vendor("peoplelens").apiKey], [/no public https address/, true],
    ]);
    await setUp("acme", options({ connector: "peoplelens", token: false }), person, world());
    expect(person.heard.filter((said) => said.startsWith("!"))).toEqual([expect.stringContaining("refuses the credential (401)")]);
    expect(existsSync(file)).toBe(true);
  });

  test("is asked about calls that only others have seen, where that changes what can be done", async () => {
    const answers = (endpoints: string): Parameters<typeof somebody>[0] => [[/^baseUrl/, vendor("applivery").url], [/^apiKey/, vendor("applivery").apiKey], [/^organizationId/, "acme"], [/no public https address/, true], [/Some calls of Applivery/, endpoints], [/Under which address/, "https://scim.example.com"]];
    const person = somebody(answers("observed"));
    await setUp("acme", options({ connector: "applivery", token: false }), person, world());
    expect(person.left()).toEqual([]);
    expect((await examined({ ACME_API_KEY: "k" })).config?.connections[0]?.policy.endpoints).toBe("observed");
  });

  test("who says no at the end has written nothing", async () => {
    const person = somebody([[/Under which address/, "https://scim.example.com"], [/^baseUrl/, vendor("peoplelens").url], [/^apiKey/, vendor("peoplelens").apiKey], [/no public https address/, true], [/^Write /, false]]);
    await expect(setUp("acme", options({ connector: "peoplelens" }), person, world())).rejects.toThrow(Cancelled);
    expect(readdirSync(folder)).toEqual([]);
  });
});

/** A terminal that is none: keys go in, what is shown comes out. */
function keyboard() {
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => input });
  let shown = "";
  const output = Object.assign(new Writable({ write: (chunk, _encoding, done) => ((shown += String(chunk)), done()) }), { isTTY: true, columns: 120, rows: 40 });
  // oxlint-disable-next-line no-control-regex
  const plain = () => shown.replaceAll(/\u001b\[[0-9;?]*[A-Za-z]/g, "");
  const until = async (text: RegExp) => {
    for (let tries = 0; !text.test(plain()); tries++) {
      if (tries > 400) throw new Error(`never shown: ${text}; but: ${plain().slice(-600)}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    shown = "";
  };
  const type = async (text: RegExp, keys: string) => {
    await until(text);
    for (const key of keys) {
      input.write(key);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  };
  return { asking: terminal({ input: input as unknown as NodeJS.ReadStream, output: output as unknown as NodeJS.WriteStream }), type, until, shown: plain };
}

describe("on a terminal", () => {
  const [enter, ctrlC, down] = ["\r", "\u0003", "\u001b[B"];

  test("keys answer the questions, and a wrong answer is asked again", async () => {
    const { asking, type } = keyboard();
    const done = setUp("acme", options({ connector: "peoplelens", token: false, domain: ["acme.example"], protect: ["a@acme.example"], brake: "10,0.1,60m", observe: false, reconcile: "denials" }), asking, world({ ACME_API_KEY: vendor("peoplelens").apiKey }));
    await type(/Under which address/, `ftp://x${enter}`);
    await type(/must be a URL/, `${"\u007f".repeat(7)}https://scim.example.com${enter}`);
    await type(/baseUrl: address of the tenant/, `${vendor("peoplelens").url}${enter}`);
    await type(/Where is apiKey kept/, enter);
    await type(/Name of the variable/, enter);
    await type(/password of new accounts/, enter);
    await type(/no public https address/, "y");
    await type(/defaultRole/, enter);
    await type(/Roles of PeopleLens AI/, enter);
    await type(/Who gets User/, `Everyone${enter}`);
    await type(/Who loses the last/, down + enter);
    await type(/deactivated by the IdP/, enter);
    await type(/deleted by the IdP/, enter);
    await type(/Write .*drawbridge\.yaml/, "y");
    await done;
    expect((await examined({ ACME_API_KEY: "k" })).config?.connections[0]?.policy).toMatchObject({ roles: { map: [{ idp: "Everyone", vendor: "User" }], fallback: "deactivate" }, reconcile: { policy: "denials" } });
  });

  test("Ctrl-C at any question leaves nothing", async () => {
    for (const question of [/Which vendor/, /Name of the connection/, /Under which address/]) {
      const { asking, type } = keyboard();
      const done = setUp(undefined, options(), asking, world()).then(() => "written", (thrown: unknown) => thrown);
      if (question.source !== "Which vendor") await type(/Which vendor/, enter);
      if (question.source === "Under which address") await type(/Name of the connection/, enter);
      await type(question, ctrlC);
      expect(await done).toBeInstanceOf(Cancelled);
      expect(readdirSync(folder)).toEqual([]);
    }
  });
});


interface Ran {
  readonly code: number | string;
  readonly out: string;
  readonly err: string;
}

function start(args: readonly string[], env: Record<string, string> = {}): { readonly child: ChildProcess; readonly ran: Promise<Ran> } {
  const told = Promise.withResolvers<Ran>();
  const child = execFile(process.execPath, [main, ...args], { cwd: folder, env: { ...process.env, ...env } }, (error, out, err) => told.resolve({ code: error ? (error.code ?? error.signal ?? 1) : 0, out, err }));
  child.stdin?.end();
  return { child, ran: told.promise };
}

describe("as a process", () => {
  const command = () => ["init", "acme", "--connector", "peoplelens", "--public-url", "http://localhost:8099", "--set", `baseUrl=${vendor("peoplelens").url}`, "--secret", "apiKey=env:KEY", "--allow", "127.0.0.1", "--role", "Everyone=User", "--idp", "entra", "--expires", "365d"];

  test("writes drawbridge.yaml where it is called, which validate finds right, and prints one document for scripts", async () => {
    const KEY = vendor("peoplelens").apiKey;
    const { code, out, err } = await start([...command(), "--yes", "--json"], { KEY }).ran;
    expect([code, err]).toEqual([0, ""]);
    const document = JSON.parse(out) as { tokens: { id: string; token: string; expires: string }[]; paste: Record<string, { field: string; value: string }[]> };
    expect(document.tokens).toMatchObject([{ id: expect.stringMatching(/^entra-20\d\d$/) as string, expires: expect.stringMatching(/^20/) as string }]);
    expect(document.paste["entra"]?.find(({ field }) => field === "Tenant URL")?.value).toBe("http://localhost:8099/scim/acme/v2?aadOptscim062020");
    expect(document.paste["entra"]?.find(({ field }) => field === "Secret Token")?.value).toBe(document.tokens[0]?.token);
    expect(out).not.toContain(KEY);
    expect(await start(["validate", "--config", "drawbridge.yaml"], { KEY }).ran).toMatchObject({ code: 0, err: "" });
    expect(await start([...command(), "--yes"], { KEY }).ran).toMatchObject({ code: 2, err: expect.stringContaining("there is a connection named acme already") as string });
  });

  test("asks nobody where there is no terminal", async () => {
    expect(await start(command(), { KEY: "x" }).ran).toMatchObject({ code: 2, err: expect.stringContaining("say --yes") as string });
  });

  test("ended at any moment, the file is whole or not there", async () => {
    const KEY = vendor("peoplelens").apiKey;
    const seen = new Set<boolean>();
    for (const afterMs of [400, 700, 1_000, 1_300, 1_600, 2_000, 2_600]) {
      await rm(file, { force: true });
      const { child, ran } = start([...command(), "--yes"], { KEY });
      setTimeout(() => child.kill("SIGKILL"), afterMs);
      await ran;
      seen.add(existsSync(file));
      if (existsSync(file)) expect((await examined({ KEY })).problems).toEqual([]);
    }
    expect(seen.has(false)).toBe(true);
  });
});
