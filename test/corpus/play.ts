/**
 * Plays the recorded traffic of IdPs against a running connection, request by request, and judges status, answer and what is there afterwards.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { isObject, type Json } from "../../src/model/json.ts";

/** `{{run}}` and `{{RUN}}` make names fresh; `{{userId}}` and the like are what an earlier request of the same IdP kept. */
export interface CorpusRow {
  readonly idp: string;
  readonly step: string;
  readonly method: string;
  /** Below the connection's base, byte for byte: some clients send raw quotes. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Json;
  /** Any of these. */
  readonly status: readonly number[];
  readonly answer?: Expected;
  /** What a GET shows afterwards. */
  readonly after?: { readonly path: string; readonly status?: number; readonly answer?: Expected };
  /** Name → JSON pointer into the answer. */
  readonly keeps?: Readonly<Record<string, string>>;
  /** Where the traffic was seen or written down. */
  readonly source: string;
}

/** JSON pointer → a value, or one of `{ is: "there" | "absent" }`, `{ length }`, `{ type }`. Absent is also null, "", [] and {}. */
type Expected = Readonly<Record<string, Json>>;

export interface CorpusPlace {
  /** `http://127.0.0.1:8080/scim/acme/v2` */
  readonly base: string;
  readonly token: string;
}

export const corpusRows = JSON.parse(readFileSync(new URL("requests.json", import.meta.url), "utf8")) as readonly CorpusRow[];
export const corpusIdps: readonly string[] = [...new Set(corpusRows.map(({ idp }) => idp))];

/** Rows of one IdP must come in order. @returns for each row what was wrong, in words; nothing when it passed */
export function openCorpus(place: CorpusPlace): (row: CorpusRow) => Promise<readonly string[]> {
  const run = `${Date.now().toString(36)}${Math.random().toString(36).slice(2, 6)}`;
  const kept = new Map<string, Map<string, string>>();
  return async (row) => {
    const variables = kept.get(row.idp) ?? new Map([["run", run], ["RUN", run.toUpperCase()]]);
    kept.set(row.idp, variables);
    const { path, body, after, ...rest } = filled(row, variables);
    const answer = await send(place, row.method, path, row.headers, body);
    const wrong = [...judge(answer, rest)];
    if (answer.status < 400) for (const [name, pointer] of Object.entries(row.keeps ?? {})) variables.set(name, String(at(answer.body, pointer)));
    if (after && wrong.length === 0) wrong.push(...judge(await send(place, "GET", after.path, { Accept: "application/scim+json" }), { status: [after.status ?? 200], ...(after.answer && { answer: after.answer }) }).map((text) => `afterwards: ${text}`));
    return wrong;
  };
}

/** Values go into a path encoded, into a body as JSON text. */
function filled(row: CorpusRow, variables: ReadonlyMap<string, string>): CorpusRow {
  const into = (text: string, written: (value: string) => string): string =>
    text.replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
      const value = variables.get(name);
      if (value === undefined) throw new Error(`${row.idp} ${row.step}: nobody kept ${name}`);
      return written(value);
    });
  const path = (text: string) => into(text, encodeURIComponent);
  const json = <T>(value: T): T => JSON.parse(into(JSON.stringify(value), (text) => JSON.stringify(text).slice(1, -1)));
  return {
    ...row,
    path: path(row.path),
    ...(row.body !== undefined && { body: json(row.body) }),
    ...(row.answer && { answer: json(row.answer) }),
    ...(row.after && { after: { ...row.after, path: path(row.after.path), ...(row.after.answer && { answer: json(row.after.answer) }) } }),
  };
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
  readonly body: unknown;
}

/** Not `fetch`, which would encode raw quotes. */
function send({ base, token }: CorpusPlace, method: string, path: string, headers: Readonly<Record<string, string>>, body?: Json): Promise<Answer> {
  const { hostname, port, pathname } = new URL(base);
  const text = body === undefined ? undefined : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const sent = request(
      { hostname, port, method, path: pathname + path, timeout: 30_000, headers: { Authorization: `Bearer ${token}`, ...headers, ...(text !== undefined && { "Content-Length": String(Buffer.byteLength(text)) }) } },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on("data", (chunk: Buffer) => chunks.push(chunk)).on("error", reject);
        incoming.on("end", () => {
          const answered = Buffer.concat(chunks).toString("utf8");
          resolve({ status: incoming.statusCode ?? 0, type: incoming.headers["content-type"] ?? "", text: answered, body: parsed(answered) });
        });
      },
    );
    sent.on("error", reject).on("timeout", () => sent.destroy(new Error(`${method} ${path}: no answer in 30 s`)));
    sent.end(text);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function judge({ status, type, text, body }: Answer, wanted: Pick<CorpusRow, "status" | "answer">): readonly string[] {
  if (!wanted.status.includes(status)) return [`status ${status}, wanted ${wanted.status.join(" or ")}: ${text.slice(0, 200)}`];
  const wrong: string[] = [];
  if (status !== 204 && !type.startsWith("application/scim+json")) wrong.push(`content type ${type}`);
  if (status >= 400 && at(body, "/schemas/0") !== "urn:ietf:params:scim:api:messages:2.0:Error") wrong.push("no SCIM error");
  for (const [pointer, value] of Object.entries(wanted.answer ?? {})) if (!fits(at(body, pointer), value)) wrong.push(`${pointer} is ${JSON.stringify(at(body, pointer))?.slice(0, 120)}, wanted ${JSON.stringify(value)}`);
  return wrong;
}

function fits(found: unknown, wanted: Json): boolean {
  if (!isObject(wanted)) return found === wanted;
  if (wanted["is"] === "there") return found !== undefined;
  if (wanted["is"] === "absent") return isNothing(found);
  if ("length" in wanted) return Array.isArray(found) && found.length === wanted["length"];
  return typeof found === wanted["type"];
}

const isNothing = (found: unknown): boolean => found === undefined || found === null || found === "" || (typeof found === "object" && Object.keys(found).length === 0);

const at = (json: unknown, pointer: string): unknown =>
  pointer.slice(1).split("/").reduce<unknown>((found, name) => (found as Record<string, unknown> | null | undefined)?.[name.replaceAll("~1", "/").replaceAll("~0", "~")], json);
