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
import type { Source } from "./manifest-schema-parts.ts";
import { account, call, condition, errorRule, field, paging, path, roles, setting, text } from "./manifest-schema-parts.ts";

/** How a write is shown to have worked. `none` must be said. */
const confirm = z.union([
  z.literal("none"),
  z.strictObject({ call: text, gone: z.literal(true) }),
  z.strictObject({
    call: text,
    at: z.enum(["active", "role", "tags"]),
    equals: z.union([z.boolean(), z.string(), z.array(z.string())]),
    /** What it means that the vendor does not show it: the write stands unconfirmed, or our key is too weak. */
    unseen: z.enum(["accepted", "credentials"]).default("accepted"),
  }),
  z.strictObject({ call: text, shows: z.literal("changedFields") }),
]);

const body = z.record(z.string(), z.json());

const aboutStrategy = {
  /** Settings without which it cannot be used. */
  needs: z.array(text).default([]),
  /** For people: what it does. */
  effect: text,
  reversible: z.boolean(),
  /** The name of a strategy in the connector's `hooks.ts`, which carries it out; `call` and `confirm` are handed to it. */
  hook: text.optional(),
  /** Calls that the hook cannot do without. */
  uses: z.array(text).default([]),
};

const writtenStrategy = z.strictObject({
  ...aboutStrategy,
  call: text,
  body: body.optional(),
  /** A read whose record the body may use as `{current.<path>}`. */
  readFirst: text.optional(),
  confirm,
  /** False when some access remains; `left` then names it. */
  complete: z.boolean(),
  left: text.optional(),
});

/** All of it is in the hook, and so is how much of the access it ends. */
const hookedStrategy = z.strictObject({ ...aboutStrategy, hook: text });

const strategy = z.union([writtenStrategy, hookedStrategy]);

const write = z.strictObject({ call: text, body, readFirst: text.optional(), confirm });

/** `restore` is called before, if the record that `readFirst` shows is so: an account that was thrown away comes back first. */
const revival = write.extend({ restore: z.strictObject({ call: text, when: condition }).optional() });

const some = <Schema extends z.ZodType>(schema: Schema) => z.union([schema, z.array(schema).min(1)]);

const operations = z.strictObject({
  check: z.array(z.strictObject({ call: text, everyItemHas: z.array(path).default([]), otherwise: text.optional() })).min(1),
  /** Alternatives of different evidence: the first that is allowed is used. */
  find: some(z.union([
    z.strictObject({ call: text, everyItemHas: z.array(path).default([]), otherwise: text.optional(), complete: text.optional() }),
    /** No lookup: the whole list is read, once for everybody who asks at the time. */
    z.strictObject({ scan: text, everyItemHas: z.array(path).default([]), otherwise: text.optional() }),
  ])).optional(),
  get: some(z.union([z.strictObject({ call: text }), z.strictObject({ fromList: text })])).optional(),
  list: some(z.strictObject({ call: text })).optional(),
  create: some(z.strictObject({ call: text, readBack: text.optional(), leadsTo: z.enum(["account", "invitation"]).default("account") })).optional(),
  /** `changedFields` sends what changes, `allFields` merges it into what `readFirst` finds. */
  updateProfile: some(z.strictObject({ call: text, body: z.enum(["changedFields", "allFields"]), readFirst: text.optional(), confirm })).optional(),
  setRole: some(write).optional(),
  setTags: some(write).optional(),
  reactivate: some(revival).optional(),
});

/** What an operator may order and no push leads to. */
const operatorAction = z.strictObject({
  call: text,
  /** For people: what it does. */
  effect: text,
  /** The permission of the credential without which the vendor refuses it. */
  permission: text.optional(),
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
    timeout: z.string().regex(/^\d+(ms|s|m)$/, "must be a duration such as 500ms, 15s or 2m").default("15s"),
    maxAnswer: z.string().regex(/^\d+(KiB|MiB)$/, "must be a size such as 512KiB or 8MiB").default("8MiB"),
    budget: z.strictObject({ requestsPerSecond: z.number().positive(), burst: z.int().positive() }),
    retryAfter: z.array(text).default(["retry-after"]),
    /** Header names or body paths. */
    requestId: z.array(text).default([]),
    /** Body fields that are never written down. */
    neverLog: z.array(text).default([]),
    /** Fields of answers that are taken out before anything reads them, wherever they stand: secrets that nobody asked for. */
    neverKeep: z.array(text).default([]),
  }),
  errors: z.strictObject({ message: z.array(path), code: z.array(path), fields: path.optional(), rules: z.array(errorRule) }),
  calls: z.record(z.string().regex(/^[A-Za-z][A-Za-z0-9]*$/, "must be a plain name"), call),
  paging,
  /** The call that proves that the tenant is there before "gone" is believed. */
  control: text,
  account,
  fields: z.array(field),
  roles,
  operations,
  /** Ways to end access, by name; the lists are the defaults of `onDeactivate` and `onDelete`. */
  denials: z.strictObject({ strategies: z.record(z.string().regex(/^[A-Za-z][A-Za-z0-9]*$/), strategy), deactivate: z.array(text), delete: z.array(text) }),
  operatorActions: z.strictObject({ resetMfa: operatorAction.optional() }).default({}),
  immutable: z.record(z.string(), text).default({}),
  /** Steps for a person, per capability; placeholders: open settings, `name`, `email`, `role`. */
  manual: z.partialRecord(capability, text).default({}),
});

export type Manifest = z.output<typeof manifestSchema>;
export type ManifestCall = Manifest["calls"][string];
export type ManifestField = Manifest["fields"][number];
export type ManifestStrategy = Manifest["denials"]["strategies"][string];
export type WrittenStrategy = z.output<typeof writtenStrategy>;
export type Confirm = z.output<typeof confirm>;
export type Condition = z.output<typeof condition>;
export type ValueSource = Source;

/** The grammar as JSON Schema, for editors. */
export const manifestJsonSchema = (): object => ({ ...z.toJSONSchema(manifestSchema, { io: "input", unrepresentable: "any" }), title: "Drawbridge connector manifest" });
