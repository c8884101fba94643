/**
 * What one connection's section of `drawbridge.yaml` may hold, key by key, with every default.
 *
 * @module
 */
import { z } from "zod";
import { evidences } from "../model/capability.ts";
import { domain, duration, email, network, secret, size, text, whole } from "./values.ts";

/** Lower-case, no underscore: Okta refuses one in a base address. */
export const connectionName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "a connection's name is 1 to 63 lower-case letters, digits and hyphens, and begins with a letter or digit");

export const namedTokens = z.array(z.strictObject({ name: text, token: secret }));

const evidence = z.enum(evidences as readonly ["seed", "public", "observed", "inferred"]);
const mapped = { idp: text.describe("The IdP's role value, or a group's displayName or externalId; compared exactly."), vendor: text };
const strategies = z.array(text).min(1, "names no strategy; leave the key out for the connector's own order").refine((names) => new Set(names).size === names.length, "names a strategy twice");

export const connectionShape = {
  connector: text.describe("peoplelens, transactionlink, enlivy, applivery, or the path of a manifest.yaml (relative to this file)."),
  auth: z
    .strictObject({
      bearer: namedTokens.prefault([]).describe("SCIM tokens; more are made by `drawbridge token create`."),
      basic: z.array(z.strictObject({ user: text, password: secret })).prefault([]).describe("Names and passwords for HTTP Basic (Okta). Several passwords of one name may live side by side."),
      oauth: z
        .strictObject({
          clients: z.array(z.strictObject({ clientId: text, clientSecret: secret })).min(1).describe("Several secrets of one client may live side by side, each an entry of its own."),
          tokenLifetime: duration({ from: "10m", to: "6h" }).prefault("1h").describe("How long an access token is good for. Entra wants 60m to 6h."),
        })
        .transform(({ clients, tokenLifetime }) => ({ clients, lifetimeMs: tokenLifetime }))
        .optional()
        .describe("Client credentials at our own token endpoint: {publicUrl}/oauth/{name}/token"),
      jwt: z
        .strictObject({
          issuer: text.describe("`iss`, compared exactly. Entra: https://login.microsoftonline.com/{tenant}/v2.0"),
          audience: z.union([text, z.array(text).min(1)], { error: "must be text, or a list of texts" }).describe("`aud`, with or without /.default. Entra: api://{application id}"),
          tenant: text.describe("`tid`, compared exactly."),
          subject: text.optional().describe("`sub`, compared exactly. Entra: the object id of its provisioning application in the tenant."),
          jwksUri: text.describe("Where the issuer's keys are; nothing that a token says about that is looked at."),
        })
        .transform(({ audience, ...jwt }) => ({ ...jwt, audience: [audience].flat() }))
        .optional()
        .describe("An issuer whose signed tokens are taken, as credentials and at the token endpoint."),
      allowFrom: z.array(network).min(1).optional().describe("If set, only requests from these addresses and networks are taken. Behind a proxy: see listen.trustedProxies."),
    })
    .prefault({})
    .describe("How the IdP proves itself."),
  settings: z.record(z.string(), z.unknown()).prefault({}).describe("What the connector needs: baseUrl, apiKey or token, and its own settings."),
  endpoints: evidence.default("public").describe("The weakest evidence for a vendor endpoint that may be used."),
  denyEndpoints: evidence.optional().describe("The same for denials. Default: inferred, or seed where endpoints is seed."),
  adopt: z.enum(["never", "byEmail"]).default("byEmail").describe("Whether an existing account with the same address may be linked."),
  identity: z.enum(["auto", "userName", "workEmail"]).default("auto").describe("Which attribute is the vendor's e-mail."),
  roles: z
    .strictObject({
      map: z.array(z.strictObject({ ...mapped, privileged: z.boolean().default(false) })).prefault([]).describe("The allow-list of vendor roles; the first match wins."),
      serveAsGroups: z.boolean().default(false).describe("Serve every name of the map as a Group from the start, so that an IdP can link it."),
      serveAsEntitlements: z.boolean().default(false).describe("Show the names of roles.map and tags.map at /Roles and /Entitlements (Okta's entitlement discovery), and let a person's `entitlements` count like `roles`."),
      fallback: text.optional().describe("What losing the last mapped role leads to: a vendor role, or `deactivate`. Default: the connector's default role."),
    })
    .prefault({}),
  tags: z.strictObject({ map: z.array(z.strictObject(mapped)).prefault([]) }).prefault({}),
  onDeactivate: strategies.optional().describe("Strategies of the connector, tried in order."),
  onDelete: strategies.optional().describe("Strategies of the connector, tried in order."),
  onEmailChange: z.enum(["refuse", "keepLogin"]).default("refuse").describe("Where a vendor cannot change an address: 400, or keep the old one and say so."),
  onIncomplete: z.enum(["wait", "refuse"]).default("wait").describe("A joiner without what the vendor demands: keep and wait for it, or 400."),
  rails: z
    .strictObject({
      massDeprovision: z
        .strictObject({
          window: duration({ from: "1m", to: "168h" }).prefault("60m"),
          count: whole(0, 1_000_000).prefault(10),
          share: z.number().min(0).max(1).default(0.1).describe("0.1 = a tenth of the active people."),
          deletes: z
            .strictObject({ count: whole(0, 1_000_000).optional(), share: z.number().min(0).max(1).optional() })
            .prefault({})
            .describe("The same for records that the vendor would delete for good. Default: half of count and share, at least one."),
        })
        .transform(({ window, count, share, deletes }) => ({ windowMs: window, count, share, deletes: { count: deletes.count ?? Math.max(1, Math.floor(count / 2)), share: deletes.share ?? share / 2 } }))
        .prefault({})
        .describe("More people than the larger of count and share losing access within the window are held."),
      protected: z.array(email).prefault([]).describe("Addresses that no push may take access from."),
      protectedAccounts: z.array(text).prefault([]).describe("The same by the vendor's own ids, whatever their address: the account that our credential belongs to, the owner of the workspace."),
    })
    .prefault({}),
  delivery: z
    .strictObject({
      deadline: duration({ from: "100ms", to: "2m" }).prefault("10s").describe("How long a push may wait for the vendor before it is answered as pending."),
      settle: duration({ from: "100ms", to: "24h" }).prefault("30s").describe("How long the vendor may still carry out a call that we gave up on; must exceed vendor.timeout."),
      mode: z.enum(["deliver", "observe"]).default("deliver").describe("`observe`: keep pushes and write nothing at the vendor until `drawbridge observe promote`; for a first load. Has no effect on a connection that was promoted."),
      onOutage: z.enum(["accept", "reject"]).default("accept").describe("What a push is told while the vendor is down. Denials are kept and retried either way."),
    })
    .transform(({ deadline, settle, mode, onOutage }) => ({ deadlineMs: deadline, settleMs: settle, mode, onOutage }))
    .prefault({}),
  reconcile: z
    .strictObject({
      every: z.union([z.literal("off"), duration({ from: "1m", to: "720h" })], { error: 'must be a duration between 1m and 720h such as 24h, or off' }).prefault("24h").describe("How often the vendor's list is compared with what is here. `off`: only when somebody asks."),
      policy: z.enum(["report", "denials", "repair"]).default("report").describe("What becomes of drift: tell it; also take away again what was given behind our back; or put all of it right."),
      detail: z.enum(["full", "list"]).default("full").describe("Whether what a list does not show (such as a role) is asked for one by one."),
      limit: z
        .strictObject({ count: whole(0, 1_000_000).prefault(10), share: z.number().min(0).max(1).default(0.1).describe("0.1 = a tenth of the people with access.") })
        .prefault({})
        .describe("The larger of the two: more people than that missing from a list, and the list is not believed; no more are given something by the repairs of one run."),
    })
    .transform(({ every, ...rest }) => ({ everyMs: every === "off" ? undefined : every, ...rest }))
    .prefault({})
    .describe("Comparing the vendor with what is wanted, when nobody pushes."),
  vendor: z
    .strictObject({ timeout: duration({ from: "100ms", to: "2m" }).prefault("10s").describe("How long one vendor call may take.") })
    .transform(({ timeout }) => ({ timeoutMs: timeout }))
    .prefault({}),
  budget: z.strictObject({ requestsPerSecond: z.number().gt(0).max(1_000), burst: whole(1, 10_000), concurrency: whole(1, 64).optional() }).optional().describe("How fast the vendor may be called. Default: the connector's."),
  bulk: z.boolean().default(true).describe("Take Bulk requests. Off: 501, and ServiceProviderConfig says so."),
  cursors: z.boolean().default(true).describe("Page by cursor, too (RFC 9865). Off: 400, and ServiceProviderConfig has no `pagination`, which older clients refuse to read."),
  schemas: z.array(text).optional().describe("Which of the extensions in scim-schemas/ this connection has, by their URNs. Default: all of them."),
  strict: z.boolean().default(false).describe("RFC 7643 and 7644 to the letter: no habit of any client is understood. See docs/strict.md."),
  limits: z
    .strictObject({
      body: z
        .union([size, z.strictObject({ user: size.prefault("1MiB"), group: size.prefault("8MiB") })], { error: "must be a size between 1KiB and 64MiB such as 2MiB, or { user: 1MiB, group: 8MiB }" })
        .prefault({})
        .describe("Largest request body; one size for all, or one for users and one for groups and Bulk."),
      operations: whole(1, 10_000).prefault(1_000).describe("Operations in one PATCH or Bulk."),
      filter: whole(16, 65_536).prefault(4_096).describe("Length of a filter, in characters."),
      page: whole(1, 10_000).prefault(1_000).describe("Most resources in one answer."),
    })
    .transform(({ body, operations, filter, page }) => ({
      userBodyBytes: typeof body === "number" ? body : body.user,
      groupBodyBytes: typeof body === "number" ? body : body.group,
      operations,
      filterLength: filter,
      page,
    }))
    .prefault({}),
  domains: z.array(domain).prefault([]).describe("If set, no push may bring in a userName or e-mail outside these domains, private e-mails (home, other) apart that are not primary, and no account outside them is adopted."),
  unlinked: z.enum(["hide", "list"]).default("hide").describe("Whether lists show accounts that no resource owns yet."),
} as const;

export const connectionSchema = z.strictObject(connectionShape);
/** A connection as written down, with defaults, in our units, not yet checked across keys. */
export type Section = z.output<typeof connectionSchema>;
