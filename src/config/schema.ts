/**
 * The whole of `drawbridge.yaml` as a schema, and the JSON Schema that editors read.
 *
 * @module
 */
import { z } from "zod";
import { connectionName, connectionSchema } from "./connection-schema.ts";
import { roles } from "../model/operator.ts";
import { duration, hostOrNetwork, network, secret, text, whole } from "./values.ts";

const publicUrlSays = "must be a URL such as https://scim.example.com, without a query and without credentials";

/** Without a slash at the end. */
const publicUrl = z.string({ error: publicUrlSays }).transform((given, context) => {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  const plain = url && (url.protocol === "https:" || url.protocol === "http:") && !/[?#]/.test(given) && url.username === "" && url.password === "";
  if (!plain) context.issues.push({ code: "custom", input: given, message: publicUrlSays });
  return plain ? url.href.replace(/\/+$/, "") : given;
});

const webhookUrlSays = "must be a URL such as https://alerts.example.com/drawbridge, without credentials before the host and without a fragment";

/** Only https, or http where `egress.allow` has an entry: `rules.ts` and the egress guard see to it. */
const webhookUrl = z
  .string({ error: webhookUrlSays })
  .refine((given) => {
    const url = URL.canParse(given) ? new URL(given) : undefined;
    return url !== undefined && (url.protocol === "https:" || url.protocol === "http:") && url.username === "" && url.password === "" && !given.includes("#");
  }, webhookUrlSays);

const collectorUrlSays = "must be a collector's OTLP/HTTP address such as http://127.0.0.1:4318/v1/traces, without credentials";

/** Named by the operator alone, and most often inside the house: the egress guard is for vendors. */
const collectorUrl = z
  .string({ error: collectorUrlSays })
  .refine((given) => {
    const url = URL.canParse(given) ? new URL(given) : undefined;
    return url !== undefined && (url.protocol === "https:" || url.protocol === "http:") && url.username === "" && url.password === "" && !given.includes("#");
  }, collectorUrlSays);

export const topShape = {
  listen: z
    .strictObject({
      host: text.prefault("0.0.0.0"),
      port: whole(0, 65_535).prefault(8080),
      trustedProxies: z
        .array(network.refine((given) => !given.endsWith("/0"), "would believe everybody about where a request comes from; name the proxies alone"))
        .prefault([])
        .describe("Proxies whose X-Forwarded-For is believed; looked at for auth.allowFrom and for failed attempts at a token endpoint."),
    })
    .prefault({})
    .describe("Where the server listens; port 0 takes any free one."),
  publicUrl: publicUrl.optional().describe("The address under which IdPs reach this server. Default: http://localhost and the port."),
  store: z
    .string({ error: "must be file:… or postgres://…" })
    .regex(/^(file:.+|postgres(ql)?:\/\/.+)$/s, "must be file:./data/drawbridge.db or postgres://user:password@host/database")
    .prefault("file:./data/drawbridge.db")
    .describe("file:… for the embedded database, postgres://… for PostgreSQL."),
  egress: z.strictObject({ allow: z.array(hostOrNetwork).prefault([]) }).prefault({}).describe("Hosts and networks beyond public https addresses that may be called."),
  alarms: z
    .strictObject({
      webhook: z
        .strictObject({ url: webhookUrl, secret })
        .optional()
        .describe("Where alarms are posted, signed after the Standard Webhooks specification. Without one they stand in the log and the journal only."),
      denialAfter: duration({ from: "1s", to: "24h" }).prefault("60s").describe("A denial that is not carried out for so long is an alarm."),
      pageAfter: duration({ from: "1s", to: "24h" }).prefault("5m").describe("And after so long a page."),
    })
    .transform(({ webhook, denialAfter, pageAfter }) => ({ webhook, denialAfterMs: denialAfter, pageAfterMs: pageAfter }))
    .prefault({})
    .describe("Who is told, and when."),
  tracing: z
    .strictObject({
      url: collectorUrl,
      headers: z.record(text, secret).prefault({}).describe("Sent with every export, such as an API key."),
      share: z.number().min(0, "must be from 0 to 1").max(1, "must be from 0 to 1").prefault(1).describe("The share of traces that are sent."),
    })
    .optional()
    .describe("Where traces are sent, as OTLP over HTTP. Without it there are none."),
  operator: z
    .strictObject({
      bearer: z
        .array(z.strictObject({ name: text, token: secret, role: z.enum(roles).default("viewer").describe("viewer looks, operator mends, approver decides what takes from people and who may come in.") }))
        .prefault([])
        .describe("Operator tokens; more are made by `drawbridge operator create`."),
      allowFrom: z.array(network).min(1).optional().describe("If set, the operator API takes requests from these addresses and networks only. Behind a proxy: see listen.trustedProxies."),
    })
    .prefault({})
    .describe("Who may use the operator API at {publicUrl}/api/v1 and read /metrics; until there is an operator token both answer on loopback only."),
} as const;

const wholeFile = z
  .strictObject({
    ...topShape,
    connections: z.record(connectionName, connectionSchema).describe("One SCIM endpoint each: {publicUrl}/scim/{name}/v2"),
  })
  .describe("Drawbridge configuration");

/** The top level as written down, with defaults, connections apart. */
export type Top = { readonly [K in keyof typeof topShape]: z.output<(typeof topShape)[K]> };

export interface JsonSchema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
}

/** JSON Schema 2020-12 of the file as people write it (before defaults). */
export const configJsonSchema = (): JsonSchema =>
  // `any`: a secret is a class of ours; its JSON face is given by `meta`.
  z.toJSONSchema(wholeFile, { io: "input", unrepresentable: "any" }) as JsonSchema;
