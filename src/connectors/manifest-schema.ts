/**
 * The grammar of `manifest.yaml`: a vendor's API as data. Strict, so that a slip of the pen is an error.
 *
 * Placeholders in braces are settings or values of the call (`id`, `email`, `role`, `tags`, `current.<path>`). Paths are
 * dotted (`user_preferences.0.role`). What the shape alone cannot say (references, evidence, repeat-safety) is checked in
 * `manifest-check.ts`.
 *
 * @module
 */
import { z } from "zod";
import { transformNames } from "./kit/transforms.ts";

const text = z.string().min(1, "is empty");
const path = z.string().regex(/^[^.\s]+(\.[^.\s]+)*$/, "must be a dotted path such as data.items");
const bodyPath = z.string().regex(/^([^.\s]+(\.[^.\s]+)*)?$/, 'must be a dotted path such as data.items, or "" for the whole body');
const pattern = text.refine(compiles, "is not a regular expression");
const duration = z.string().regex(/^\d+(ms|s|m)$/, "must be a duration such as 500ms, 15s or 2m");
const size = z.string().regex(/^\d+(KiB|MiB)$/, "must be a size such as 512KiB or 8MiB");
const plainValue = z.union([z.string(), z.number(), z.boolean(), z.null()]);

function compiles(source: string): boolean {
  try {
    new RegExp(source, "u");
    return true;
  } catch {
    return false;
  }
}

const setting = z.strictObject({
  label: text,
  /** Boxed on arrival, and usable in the auth header only. */
  secret: z.boolean().default(false),
  required: z.boolean().default(false),
  /** Several texts instead of one. */
  list: z.boolean().default(false),
  pattern: pattern.optional(),
  /** What must not be inside, and why. */
  refuse: z.strictObject({ pattern, because: text }).optional(),
  oneOf: z.array(text).min(1).optional(),
  default: text.optional(),
  /** Shown when a value is wrong; the value itself never is. */
  example: text.optional(),
});

const accept = z.strictObject({
  at: path,
  equals: plainValue.optional(),
  exists: z.boolean().optional(),
  /** `protocol` after a write means that nobody knows whether it was carried out: it ends as `uncertain`. */
  otherwise: z.enum(["refused", "protocol"]),
}).refine((rule) => rule.equals !== undefined || rule.exists !== undefined, "says neither equals nor exists");

const call = z.strictObject({
  method: z.enum(["GET", "POST", "PUT", "PATCH", "DELETE"]),
  path: z.string().regex(/^\/(?!\/)[^?#\s\\]*$/, "must start with one slash and hold neither query nor fragment"),
  query: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
  /** How sure we are that this call exists. The operator's `endpoints` decides whether it is used. */
  evidence: z.enum(["seed", "public", "observed", "inferred"]),
  /** `read`: harmless. `same`: twice is once. `once`: must be looked for before it is repeated. */
  repeat: z.enum(["read", "same", "once"]),
  /** Where the list is in the answer; "" = the answer is the list. */
  items: bodyPath.optional(),
  /** Where the one record is. */
  item: bodyPath.optional(),
  /** A header that carries the push's correlation id. */
  idempotencyHeader: text.optional(),
  accept: z.array(accept).default([]),
});

const ruleFailure = z.enum(["credentials", "notFound", "conflict", "invalid", "refused", "unsupported", "throttled", "protocol"]);

const errorRule = z.strictObject({
  /** 200 … 299 applies to answers that fail their `accept` rules. 5xx cannot be ruled on: a write that met one is uncertain. */
  status: z.array(z.int().min(200).max(499)).min(1).optional(),
  code: z.array(z.union([z.string(), z.number()])).min(1).optional(),
  textContains: text.optional(),
  field: text.optional(),
  failure: ruleFailure,
  say: text.optional(),
}).refine((rule) => rule.status !== undefined || rule.code !== undefined || rule.textContains !== undefined || rule.field !== undefined, "has no condition");

const paging = z.discriminatedUnion("style", [
  /** A list of exactly such a length may have been cut off silently; the record of the exchange says so. */
  z.strictObject({ style: z.literal("none"), suspectCountsOf: z.array(z.int().positive()).default([]) }),
  z.strictObject({
    style: z.literal("page"),
    /** The number of the first page. */
    from: z.union([z.literal(0), z.literal(1)]),
    page: text,
    /** Every name is sent, for vendors whose documents contradict each other. */
    size: z.strictObject({ names: z.array(text).min(1), value: z.int().positive() }),
    end: z.discriminatedUnion("by", [
      z.strictObject({ by: z.literal("totalPages"), at: path }),
      z.strictObject({ by: z.literal("hasNext"), at: path }),
      z.strictObject({ by: z.literal("emptyPage") }),
    ]),
  }),
]);

const activeRule = z.strictObject({
  at: path,
  equals: plainValue.optional(),
  notEquals: plainValue.optional(),
  isNull: z.boolean().optional(),
  /** What it means when the vendor does not show it. */
  absent: z.enum(["active", "inactive", "unknown"]),
}).refine((rule) => [rule.equals, rule.notEquals, rule.isNull].filter((condition) => condition !== undefined).length === 1, "must say exactly one of equals, notEquals, isNull");

const valueRule = z.strictObject({ at: path, in: z.array(plainValue).min(1), because: text });

const account = z.strictObject({
  id: path,
  idPattern: pattern.optional(),
  email: path,
  role: path.optional(),
  /** All rules must hold for an active account. */
  active: z.array(activeRule).min(1),
  /** Records that are nobody: service accounts, companies. */
  exclude: z.array(valueRule).default([]),
  /** Accounts whose access and role are never changed: the owner. Read before such a write. */
  protect: z.array(valueRule).default([]),
  /** Whether an address can belong to one account only. */
  emailIsKey: z.boolean(),
});

type Source = "none" | { random: { length: number } } | { fromPush: true; else?: Source | undefined };
const source: z.ZodType<Source> = z.union([
  z.literal("none"),
  z.strictObject({ random: z.strictObject({ length: z.int().min(12).max(128) }) }),
  z.strictObject({ fromPush: z.literal(true), get else() { return source.optional(); } }),
]);

const field = z.strictObject({
  /** `email`, `role`, `tags`, `password`, or a part: `name.givenName`, `title`, … */
  scim: text,
  /** Where it goes in the body; several, when the transform splits the value. */
  to: z.union([path, z.array(path).min(1)]),
  /** Where it is read, if elsewhere. */
  from: path.optional(),
  sentOn: z.array(z.enum(["create", "update"])),
  required: z.boolean().default(false),
  writeOnly: z.boolean().default(false),
  /** How it is emptied: with null, with an empty text, or not at all. */
  clear: z.enum(["never", "null", "empty"]).default("never"),
  max: z.int().positive().optional(),
  pattern: pattern.optional(),
  transform: z.enum(transformNames).default("text"),
  /** Used on create where the person has none. */
  default: text.optional(),
  /** Setting → its choices → where the value comes from. */
  bySetting: z.record(z.string(), z.record(z.string(), source)).optional(),
  evidence: z.enum(["seed", "public", "observed", "inferred"]),
});

/** How a write is shown to have worked. `none` must be said. */
const confirm = z.union([
  z.literal("none"),
  z.strictObject({ call: text, gone: z.literal(true) }),
  z.strictObject({
    call: text,
    at: z.enum(["active", "role"]),
    equals: z.union([z.boolean(), z.string()]),
    /** What it means that the vendor does not show it: the write stands unconfirmed, or our key is too weak. */
    unseen: z.enum(["accepted", "credentials"]).default("accepted"),
  }),
  z.strictObject({ call: text, shows: z.literal("changedFields") }),
]);

const body = z.record(z.string(), z.json());

const strategy = z.strictObject({
  call: text,
  body: body.optional(),
  /** A read whose record the body may use as `{current.<path>}`. */
  readFirst: text.optional(),
  /** Settings without which it cannot be used. */
  needs: z.array(text).default([]),
  confirm,
  /** For people: what it does. */
  effect: text,
  reversible: z.boolean(),
  /** False when some access remains; `left` then names it. */
  complete: z.boolean(),
  left: text.optional(),
});

const write = z.strictObject({ call: text, body, readFirst: text.optional(), confirm });

const some = <Schema extends z.ZodType>(schema: Schema) => z.union([schema, z.array(schema).min(1)]);

const operations = z.strictObject({
  check: z.array(z.strictObject({ call: text, everyItemHas: z.array(path).default([]), otherwise: text.optional() })).min(1),
  /** Alternatives of different evidence: the first that is allowed is used. */
  find: some(z.strictObject({ call: text, everyItemHas: z.array(path).default([]), otherwise: text.optional(), complete: text.optional() })).optional(),
  get: some(z.union([z.strictObject({ call: text }), z.strictObject({ fromList: text })])).optional(),
  list: some(z.strictObject({ call: text })).optional(),
  create: some(z.strictObject({ call: text, readBack: text.optional(), leadsTo: z.enum(["account", "invitation"]).default("account") })).optional(),
  /** `changedFields` sends what changes, `allFields` merges it into what `readFirst` finds. */
  updateProfile: some(z.strictObject({ call: text, body: z.enum(["changedFields", "allFields"]), readFirst: text.optional(), confirm })).optional(),
  setRole: some(write).optional(),
  setTags: some(write).optional(),
  reactivate: some(write).optional(),
});

const capability = z.enum(["find", "get", "list", "create", "updateProfile", "setRole", "setTags", "listRoles", "deactivate", "reactivate", "delete"]);

export const manifestSchema = z.strictObject({
  connector: z.string().regex(/^[a-z][a-z0-9-]*$/, "must be lower-case letters, digits and hyphens"),
  title: text,
  docs: z.array(text).min(1),
  settings: z.record(z.string().regex(/^[a-z][A-Za-z0-9]*$/, "must be a camelCase name"), setting),
  http: z.strictObject({
    /** An origin: scheme, host, port. */
    base: text,
    auth: z.strictObject({ header: text, value: text }),
    headers: z.record(z.string(), z.string()).default({}),
    /** The connection's `vendor.timeout` wins where it is shorter. */
    timeout: duration.default("15s"),
    maxAnswer: size.default("8MiB"),
    budget: z.strictObject({ requestsPerSecond: z.number().positive(), burst: z.int().positive() }),
    retryAfter: z.array(text).default(["retry-after"]),
    /** Header names or body paths. */
    requestId: z.array(text).default([]),
    /** Body fields that are never written down. */
    neverLog: z.array(text).default([]),
  }),
  errors: z.strictObject({ message: z.array(path), code: z.array(path), fields: path.optional(), rules: z.array(errorRule) }),
  calls: z.record(z.string().regex(/^[A-Za-z][A-Za-z0-9]*$/, "must be a plain name"), call),
  paging,
  /** The call that proves that the tenant is there before "gone" is believed. */
  control: text,
  account,
  fields: z.array(field),
  roles: z.discriminatedUnion("from", [
    z.strictObject({ from: z.literal("configured"), default: text.optional() }),
    z.strictObject({ from: z.literal("fixed"), of: z.array(z.strictObject({ id: text, name: text })).min(1), default: text.optional() }),
    z.strictObject({ from: z.literal("call"), call: text, id: path, name: path, default: text.optional() }),
  ]),
  operations,
  /** Ways to end access, by name; the lists are the defaults of `onDeactivate` and `onDelete`. */
  denials: z.strictObject({ strategies: z.record(z.string().regex(/^[A-Za-z][A-Za-z0-9]*$/), strategy), deactivate: z.array(text), delete: z.array(text) }),
  immutable: z.record(z.string(), text).default({}),
  /** Steps for a person, per capability; placeholders: open settings, `name`, `email`, `role`. */
  manual: z.partialRecord(capability, text).default({}),
});

export type Manifest = z.output<typeof manifestSchema>;
export type ManifestCall = Manifest["calls"][string];
export type ManifestField = Manifest["fields"][number];
export type ManifestStrategy = Manifest["denials"]["strategies"][string];
export type Confirm = z.output<typeof confirm>;
export type ValueSource = Source;

/** The grammar as JSON Schema, for editors. */
export const manifestJsonSchema = (): object => ({ ...z.toJSONSchema(manifestSchema, { io: "input", unrepresentable: "any" }), title: "Drawbridge connector manifest" });
