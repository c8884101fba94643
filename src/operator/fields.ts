/**
 * Fields that several acts take or give.
 *
 * What is personal is marked `x-personal`, and a viewer is shown it covered (`masking.ts`): `address` a name or an address, of which the
 * beginning stays · `text` words that may hold anything. What has no description of its own (a journal row's data) is covered but for
 * what is known to be harmless.
 *
 * @module
 */
import { z } from "zod";
import { urgency } from "../model/operation.ts";

export const connectionField = z.string().min(1).max(63).describe("A connection, as the configuration names it.");
export const onlyConnection = connectionField.optional().describe("Only this connection; default: all.");

/** ms since 1970 → ISO 8601, UTC. */
export const time = z.iso.datetime();
export const iso = (ms: number): string => new Date(ms).toISOString();
export const isoOrNull = (ms: number | undefined): string | null => (ms === undefined ? null : iso(ms));

export const address = z.string().meta({ "x-personal": "address" });
export const personalText = z.string().meta({ "x-personal": "text" });
/** JSON of any shape. */
export const anything = z.unknown();

export const lane = z.enum(urgency as readonly ["deny", "grant", "profile", "reconcile"]);

const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `90d` → ms. */
export const duration = z
  .string()
  .regex(/^[1-9]\d{0,4}[smhd]$/, "must be a duration such as 90d, 12h or 30m")
  .transform((text) => Number(text.slice(0, -1)) * (unitMs[text.slice(-1)] ?? 0));

/** A name that people give to a token. */
export const tokenName = z.string().regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}/?#]{1,100}$/u, "must be a name of 1 to 100 characters, without / ? # and control characters");

export const reason = z.string().max(500).regex(/^\P{Cc}*$/u, "must not hold control characters");

/** What was looked at, as an earlier answer named it (`version`, or the header ETag): refused with 412 when it has changed since. */
export const seen = z.string().max(100).optional().describe("The `version` that was looked at; over the API the header If-Match. Refused if it has changed since.");
export const version = z.string().describe("Changes whenever there is something else to decide; also the header ETag of an answer with one thing.");

export const paging = {
  limit: z.int().min(1).max(500).default(100).describe("At most so many."),
  cursor: z.string().max(500).optional().describe("`next` of the page before."),
};

export const pageOf = <Item extends z.ZodType>(item: Item) => z.strictObject({ items: z.array(item), next: z.string().nullable().describe("The cursor of the next page; null = this is the last.") });

/** One row of the journal: beside these, whatever its kind holds. */
export const journalEntry = z
  .looseObject({
    id: z.int().describe("The row's number."),
    at: time,
    kind: z.enum(["push", "intent", "call", "outcome", "decision", "alarm", "hold"]),
    correlation: z.string(),
    resource: z.string().nullable(),
  })
  .describe("A row of the journal; beside these fields it holds what its kind is about.");
