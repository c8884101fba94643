/**
 * The parts of the manifest's grammar: settings, calls, errors, pages, accounts, fields.
 *
 * @module
 */
import { z } from "zod";
import { transformNames } from "./kit/transforms.ts";

/** A text that says something. */
export const text = z.string().min(1, "is empty");
/** A dotted path to something inside. */
export const path = z.string().regex(/^[^.\s]+(\.[^.\s]+)*$/, "must be a dotted path such as data.items");
const bodyPath = z.string().regex(/^([^.\s]+(\.[^.\s]+)*)?$/, 'must be a dotted path such as data.items, or "" for the whole body');
const pattern = text.refine(compiles, "is not a regular expression");
const plainValue = z.union([z.string(), z.number(), z.boolean(), z.null()]);

function compiles(source: string): boolean {
  try {
    new RegExp(source, "u");
    return true;
  } catch {
    return false;
  }
}

/** One setting of a connection. */
export const setting = z.strictObject({
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

/** How lists continue. */
export const paging = z.discriminatedUnion("style", [
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
      /** How many entries there are in all. */
      z.strictObject({ by: z.literal("total"), at: path }),
      z.strictObject({ by: z.literal("emptyPage") }),
    ]),
    /** Rows shift while pages are read. How many there are, and what tells them apart: the list is read again until as many were seen. */
    counted: z.strictObject({ total: path, id: path }).optional(),
    /** The same for whoever must know that a list is whole (reconciliation); everybody else is content with one reading. */
    whole: z.strictObject({ total: path, id: path }).optional(),
  }),
]);

/** One call of the vendor's API. */
export const call = z.strictObject({
  method: z.enum(["GET", "POST", "PUT", "PATCH", "DELETE"]),
  path: z.string().regex(/^\/(?!\/)[^?#\s\\]*$/, "must start with one slash and hold neither query nor fragment"),
  query: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
  /** Placeholders that only a hook fills. */
  values: z.array(text).optional(),
  /** How sure we are that this call exists. The operator's `endpoints` decides whether it is used. */
  evidence: z.enum(["seed", "public", "observed", "inferred"]),
  /** `read`: harmless. `same`: twice is once. `once`: must be looked for before it is repeated. */
  repeat: z.enum(["read", "same", "once"]),
  /** The right of the credential that the vendor's documents demand for it, in their own words. Told to whoever meets a refusal. */
  permission: text.optional(),
  /** Where the list is in the answer; "" = the answer is the list. Several, where the documents leave it open: the first that is a list. */
  items: z.union([bodyPath, z.array(bodyPath).min(1)]).optional(),
  /** Where the one record is. */
  item: bodyPath.optional(),
  /** 204 is a yes too: it has no body that could show anything. */
  noContent: z.boolean().default(false),
  /** Beside those of `http.headers`; one that cannot be filled is left out. */
  headers: z.record(z.string(), z.string()).optional(),
  /** A header that carries a value of its own for each attempt. */
  idempotencyHeader: text.optional(),
  /** For a list: the call that asks for one address. Somebody whose address is known is looked for there first, then in the whole list. */
  shortcut: text.optional(),
  /** If this list continues otherwise than the others. */
  paging: paging.optional(),
  accept: z.array(accept).default([]),
});

const ruleFailure = z.enum(["credentials", "notFound", "conflict", "invalid", "refused", "unsupported", "throttled", "protocol"]);

/** What an answer with certain marks means; the first rule that fits wins. */
export const errorRule = z.strictObject({
  /** 200 … 299 applies to answers that fail their `accept` rules. 5xx cannot be ruled on: a write that met one is uncertain. */
  status: z.array(z.int().min(200).max(499)).min(1).optional(),
  code: z.array(z.union([z.string(), z.number()])).min(1).optional(),
  textContains: text.optional(),
  field: text.optional(),
  failure: ruleFailure,
  say: text.optional(),
}).refine((rule) => rule.status !== undefined || rule.code !== undefined || rule.textContains !== undefined || rule.field !== undefined, "has no condition");

const someConditions = {
  /** Several, where the documents leave it open: the first that the record has. */
  at: z.union([path, z.array(path).min(1)]),
  equals: plainValue.optional(),
  notEquals: plainValue.optional(),
  isNull: z.boolean().optional(),
};
const sayOne = (rule: { readonly equals?: unknown; readonly notEquals?: unknown; readonly isNull?: unknown }): boolean => [rule.equals, rule.notEquals, rule.isNull].filter((given) => given !== undefined).length === 1;

/** What a record may show; one that does not show it at all does not fit. */
export const condition = z.strictObject(someConditions).refine(sayOne, "must say exactly one of equals, notEquals, isNull");

const activeRule = z.strictObject({
  ...someConditions,
  /** What it means when the vendor does not show it. */
  absent: z.enum(["active", "inactive", "unknown"]),
}).refine(sayOne, "must say exactly one of equals, notEquals, isNull");

const valueRule = z.strictObject({ at: path, in: z.array(plainValue).min(1), because: text });

/** How a record becomes an account. */
export const account = z.strictObject({
  id: path,
  idPattern: pattern.optional(),
  /** An id as the vendor makes them; only tests need it. */
  idExample: text.optional(),
  email: path,
  role: path.optional(),
  /** A list of texts, or of records with an `id`. */
  tags: path.optional(),
  /** All rules must hold for an active account. */
  active: z.array(activeRule).min(1),
  /** Records that are nobody: service accounts, companies. */
  exclude: z.array(valueRule).default([]),
  /** Accounts whose access and role are never changed: the owner. Read before such a write. */
  protect: z.array(valueRule).default([]),
  /** Whether an address can belong to one account only. */
  emailIsKey: z.boolean(),
});

/** The vendor roles that a connection manages; accounts in other roles are left alone. */
const managed = z.strictObject({
  /** A setting with a list of role ids; without it, the roles that the connection's role policy names. */
  setting: text.optional(),
  /** Roles that are inside in any case, besides the default one. */
  also: z.array(text).default([]),
  /** `writes`: every write reads the account first. `lists`: only lists leave others out, and adoption does. */
  guard: z.enum(["lists", "writes"]).default("writes"),
});

const role = { default: text.optional(), managed: managed.optional() };

/** Which roles there are. */
export const roles = z.discriminatedUnion("from", [
  z.strictObject({ from: z.literal("configured"), ...role }),
  z.strictObject({ from: z.literal("fixed"), of: z.array(z.strictObject({ id: text, name: text })).min(1), ...role }),
  z.strictObject({ from: z.literal("call"), call: text, id: path, name: path, ...role }),
]);

/** Where a generated value comes from. */
export type Source = "none" | { random: { length: number } } | { fromPush: true; else?: Source | undefined };
const source: z.ZodType<Source> = z.union([
  z.literal("none"),
  z.strictObject({ random: z.strictObject({ length: z.int().min(12).max(128) }) }),
  z.strictObject({ fromPush: z.literal(true), get else() { return source.optional(); } }),
]);

/** Of several places one may rest on weaker evidence, or be emptied in another way. */
const place = z.union([path, z.strictObject({ at: path, evidence: z.enum(["seed", "public", "observed", "inferred"]).optional(), clear: z.enum(["never", "null", "empty"]).optional() })]);

/** One of our values and its place at the vendor. */
export const field = z.strictObject({
  /** `email`, `role`, `tags`, `password`, or a part: `name.givenName`, `title`, … */
  scim: text,
  /** Where it goes in the body; several, when the transform splits the value. */
  to: z.union([path, z.array(place).min(1)]),
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
  /** The country that telephone numbers and regions lean on: another part of the person, else a fixed text or `{setting}`. */
  country: z.strictObject({ from: text.optional(), default: text.optional() }).optional(),
  /** The only values that the vendor takes: a list, or the name of a setting with one. */
  oneOf: z.union([text, z.array(text).min(1)]).optional(),
  /** What becomes of a value that does not fit: the push is refused, or the value is left out and a remark made. */
  unfit: z.enum(["refuse", "leaveOut"]).default("refuse"),
  /** Used on create where the person has none. */
  default: text.optional(),
  /** Setting → its choices → where the value comes from. */
  bySetting: z.record(z.string(), z.record(z.string(), source)).optional(),
  evidence: z.enum(["seed", "public", "observed", "inferred"]),
});
