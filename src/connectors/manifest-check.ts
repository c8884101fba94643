/**
 * What must hold between the parts of a manifest: names that exist, evidence that counts, denials that may be repeated.
 *
 * It reads the raw document, so that these slips are reported together with those of the shape.
 *
 * @module
 */
import { isObject } from "../model/json.ts";
import { placeholdersIn } from "./kit/template.ts";

export interface Problem {
  /** Dotted: `operations.setRole.call`. */
  readonly path: string;
  readonly message: string;
}

/** Values that the engine brings to every call. */
const callValues = new Set(["id", "email", "role", "tags", "tag"]);

export function crossCheck(raw: unknown): readonly Problem[] {
  const problems: Problem[] = [];
  const say = (path: string, message: string) => void problems.push({ path, message });
  const manifest = branch(raw);
  const settings = branch(manifest["settings"]);
  const calls = branch(manifest["calls"]);
  const operations = branch(manifest["operations"]);
  const denials = branch(manifest["denials"]);
  const strategies = branch(denials["strategies"]);

  const isSecret = (name: string) => branch(settings[name])["secret"] === true;
  const known = (path: string, text: unknown, also: (name: string) => boolean, secretsToo = false) => {
    for (const name of typeof text === "string" ? placeholdersIn(text) : []) {
      if (also(name)) continue;
      if (!Object.hasOwn(settings, name)) say(path, `{${name}} is neither a setting nor a value of the call`);
      else if (isSecret(name) && !secretsToo) say(path, `{${name}} is a secret and may stand in http.auth.value only`);
    }
  };
  const never = () => false;
  const ofCall = (name: string) => callValues.has(name);
  const inBody = (path: string, value: unknown, readsFirst: boolean) => {
    for (const text of textsIn(value)) known(path, text, (name) => callValues.has(name) || (readsFirst && name.startsWith("current.")));
  };

  const refer = (path: string, name: unknown, must?: { readonly read?: boolean; readonly has?: "items" | "item" }) => {
    if (typeof name !== "string") return;
    if (!Object.hasOwn(calls, name)) return say(path, `there is no call "${name}"`);
    const { repeat, items, item } = branch(calls[name]);
    if (must?.read && repeat !== "read") say(path, `"${name}" must be a read (repeat: read)`);
    if (must?.has === "items" && items === undefined) say(path, `"${name}" must say where its items are`);
    if (must?.has === "item" && item === undefined) say(path, `"${name}" must say where its item is`);
  };

  const http = branch(manifest["http"]);
  known("http.base", http["base"], never);
  known("http.auth.value", branch(http["auth"])["value"], never, true);
  for (const [name, header] of Object.entries(branch(http["headers"]))) known(`http.headers.${name}`, header, never);

  for (const [name, value] of Object.entries(settings)) {
    const { secret, oneOf, default: standard } = branch(value);
    if (secret === true && standard !== undefined) say(`settings.${name}.default`, "a secret has no default");
    if (Array.isArray(oneOf) && standard !== undefined && !oneOf.includes(standard)) say(`settings.${name}.default`, "is not one of the choices");
  }

  for (const [name, value] of Object.entries(calls)) {
    const { method, path, query, headers, values, repeat, shortcut, evidence } = branch(value);
    const given = (placeholder: string) => ofCall(placeholder) || (Array.isArray(values) && values.includes(placeholder));
    known(`calls.${name}.path`, path, given);
    for (const [key, text] of Object.entries(branch(headers))) known(`calls.${name}.headers.${key}`, text, given);
    for (const [key, text] of Object.entries(branch(query))) known(`calls.${name}.query.${key}`, text, given);
    refer(`calls.${name}.shortcut`, shortcut, { read: true, has: "items" });
    if (typeof shortcut === "string" && branch(calls[shortcut])["evidence"] !== evidence) say(`calls.${name}.shortcut`, "must be as well attested as the list itself");
    if (method === "GET" && repeat !== undefined && repeat !== "read") say(`calls.${name}.repeat`, "a GET is a read");
    if (repeat === "read" && method !== undefined && method !== "GET") say(`calls.${name}.repeat`, "only a GET is a read");
  }

  refer("control", manifest["control"], { read: true });
  for (const [index, step] of elements(operations["check"])) refer(`operations.check.${index}.call`, step["call"], { read: true });
  const confirms = (path: string, confirm: unknown) => {
    if (isObject(confirm)) {
      refer(`${path}.call`, confirm["call"], { read: true });
      for (const text of textsIn(confirm["equals"] as unknown)) known(`${path}.equals`, text, ofCall);
    }
  };
  const guards = elements(branch(manifest["account"])["protect"]).length > 0 || (isObject(branch(manifest["roles"])["managed"]) && branch(branch(manifest["roles"])["managed"])["guard"] !== "lists");
  const looksFirst = (path: string, { confirm, readFirst }: Branch) => {
    if (guards && confirm === "none" && readFirst === undefined) say(`${path}.readFirst`, "somebody is protected or outside the fence, so a read must come first: say which");
  };
  for (const [at, find] of alternatives("operations.find", operations["find"])) {
    refer(`${at}.call`, find["call"], { read: true, has: "items" });
    refer(`${at}.complete`, find["complete"], { read: true, has: "item" });
    refer(`${at}.scan`, find["scan"], { read: true, has: "items" });
  }
  for (const [at, get] of alternatives("operations.get", operations["get"])) {
    refer(`${at}.call`, get["call"], { read: true, has: "item" });
    refer(`${at}.fromList`, get["fromList"], { read: true, has: "items" });
  }
  for (const [at, list] of alternatives("operations.list", operations["list"])) refer(`${at}.call`, list["call"], { read: true, has: "items" });
  for (const [at, create] of alternatives("operations.create", operations["create"])) {
    refer(`${at}.call`, create["call"], { has: "item" });
    refer(`${at}.readBack`, create["readBack"], { read: true });
    if (branch(calls[String(create["call"])])["repeat"] === "read") say(`${at}.call`, "a read creates nothing");
  }
  for (const name of ["updateProfile", "setRole", "setTags", "reactivate"]) {
    for (const [at, write] of alternatives(`operations.${name}`, operations[name])) {
      refer(`${at}.call`, write["call"]);
      refer(`${at}.readFirst`, write["readFirst"], { read: true });
      refer(`${at}.restore.call`, branch(write["restore"])["call"]);
      if (write["restore"] !== undefined && write["readFirst"] === undefined) say(`${at}.readFirst`, "whether to restore is seen in a record: say which read shows it");
      confirms(`${at}.confirm`, write["confirm"]);
      looksFirst(at, write);
      if (isObject(write["body"])) inBody(`${at}.body`, write["body"], write["readFirst"] !== undefined);
      if (write["body"] === "allFields" && write["readFirst"] === undefined) say(`${at}.readFirst`, "allFields merges into what is there: say which read shows it");
    }
  }

  for (const [name, value] of Object.entries(strategies)) {
    const at = `denials.strategies.${name}`;
    const { call, confirm, needs, uses, hook, body, readFirst, complete, left } = branch(value);
    refer(`${at}.call`, call);
    for (const use of Array.isArray(uses) ? (uses as readonly unknown[]) : []) refer(`${at}.uses`, use);
    if (hook === undefined && uses !== undefined) say(`${at}.uses`, "is for strategies with a hook");
    refer(`${at}.readFirst`, readFirst, { read: true });
    confirms(`${at}.confirm`, confirm);
    if (call !== undefined) looksFirst(at, branch(value));
    inBody(`${at}.body`, body, readFirst !== undefined);
    const { repeat } = branch(calls[String(call)]);
    if (repeat === "once") say(`${at}.call`, "a denial is repeated until it is done, so its call must be repeat: same");
    if (repeat === "read") say(`${at}.call`, "a read denies nothing");
    for (const need of Array.isArray(needs) ? (needs as readonly unknown[]) : []) if (!Object.hasOwn(settings, String(need))) say(`${at}.needs`, `there is no setting "${String(need)}"`);
    if (complete === false && left === undefined) say(`${at}.left`, "a partial denial must name what is left");
  }
  for (const which of ["deactivate", "delete"]) {
    for (const name of Array.isArray(denials[which]) ? (denials[which] as readonly unknown[]) : []) if (!Object.hasOwn(strategies, String(name))) say(`denials.${which}`, `there is no strategy "${String(name)}"`);
  }

  const used = new Set([...textsIn(operations), ...textsIn(strategies), manifest["control"], branch(manifest["roles"])["call"]]);
  for (const [action, rule] of Object.entries(branch(manifest["operatorActions"]))) {
    const { call } = branch(rule);
    refer(`operatorActions.${action}.call`, call);
    if (branch(calls[String(call)])["repeat"] === "read") say(`operatorActions.${action}.call`, "a read does nothing");
    if (used.has(call)) say(`operatorActions.${action}.call`, `"${String(call)}" is for operators only, and stands in an operation too: a push could lead to it`);
  }

  const roles = branch(manifest["roles"]);
  refer("roles.call", roles["call"], { read: true, has: "items" });
  known("roles.default", roles["default"], never);
  const managed = branch(roles["managed"]);
  for (const text of textsIn(managed["also"])) known("roles.managed.also", text, never);
  if (typeof managed["setting"] === "string" && branch(settings[managed["setting"]])["list"] !== true) say("roles.managed.setting", `there is no setting "${managed["setting"]}" with a list`);
  for (const [index, field] of elements(manifest["fields"])) {
    known(`fields.${index}.default`, field["default"], never);
    known(`fields.${index}.country.default`, branch(field["country"])["default"], never);
    const { oneOf: only } = field;
    if (typeof only === "string" && branch(settings[only])["list"] !== true) say(`fields.${index}.oneOf`, `there is no setting "${only}" with a list`);
    for (const [name, choices] of Object.entries(branch(field["bySetting"]))) {
      const { oneOf } = branch(settings[name]);
      if (!Object.hasOwn(settings, name)) say(`fields.${index}.bySetting`, `there is no setting "${name}"`);
      else for (const choice of Array.isArray(oneOf) ? (oneOf as readonly unknown[]) : []) if (!Object.hasOwn(branch(choices), String(choice))) say(`fields.${index}.bySetting.${name}`, `says nothing for the choice "${String(choice)}"`);
    }
    if (field["required"] === true && field["clear"] !== undefined && field["clear"] !== "never") say(`fields.${index}.clear`, "a required field is never cleared");
  }
  if (!elements(manifest["fields"]).some(([, field]) => field["scim"] === "email")) say("fields", "no field carries the email");
  for (const [capability, steps] of Object.entries(branch(manifest["manual"]))) known(`manual.${capability}`, steps, (name) => name === "name" || name === "email" || name === "role");
  return problems;
}

type Branch = Readonly<Record<string, unknown>>;

const branch = (value: unknown): Branch => (isObject(value) ? value : {});

const elements = (value: unknown): readonly (readonly [number, Branch])[] => (Array.isArray(value) ? value.map((element, index) => [index, branch(element)] as const) : []);

const alternatives = (path: string, value: unknown): readonly (readonly [string, Branch])[] =>
  Array.isArray(value) ? elements(value).map(([index, element]) => [`${path}.${index}`, element] as const) : isObject(value) ? [[path, branch(value)]] : [];

function textsIn(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
