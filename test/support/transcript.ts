/**
 * Golden transcripts: markdown pages that show what an IdP sends, what the vendor is called with and what goes back. Only the
 * fences are read, from top to bottom:
 *
 *     json given      users that are linked and active already: [{ "id": "{{ada}}", "account": "usr-7", …SCIM attributes }]
 *     json settings   the connection's settings that differ from the tests' own
 *     http idp        METHOD path, blank line, body
 *     http vendor     a call that we must make, then `=> status` (and a header, `=> 429 retry-after: 1`) and its answer;
 *                     `=> reset` and `=> timeout` break it off
 *     http vendor ann the same, for several people at once: the calls for one person keep their order, those for others may come between
 *     http reply      => status, and what the answer must contain
 *     text later      why we wait here: the calls above are made after the answer, and then nothing is left to do
 *
 * A call too many, too few, different or out of order fails. Objects match if they contain what is written; `{{name}}` binds an
 * id at first sight and must agree afterwards. A fence that is none of these fails, and so does a page that ends before a reply:
 * what is not checked must not stand there as if it were.
 *
 * @module
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Fence {
  readonly kind: "given" | "settings" | "idp" | "vendor" | "reply" | "later";
  /** Whose calls these are; "" = all that are not told apart. */
  readonly lane: string;
  readonly text: string;
}

export interface Transcript {
  readonly title: string;
  readonly fences: readonly Fence[];
}

/** @throws Error for a fence that would not be played */
export function readTranscript(markdown: string): Transcript {
  const title = /^# (.+)$/m.exec(markdown)?.[1] ?? "untitled";
  const fences = [...markdown.matchAll(/^```(?:json (?:given|settings)|http (?:idp|vendor|reply)|text later)(?: \w+)?\n[\s\S]*?^```$/gm)].map(([fence]) => readFence(fence));
  const opened = [...markdown.matchAll(/^```.+$/gm)].length;
  if (opened !== fences.length) throw new Error(`"${title}" has ${opened} fences, and only ${fences.length} of them can be played`);
  if (fences.at(-1)?.kind !== "reply") throw new Error(`"${title}" does not end with a reply, so its last calls would not be checked`);
  return { title, fences };
}

function readFence(fence: string): Fence {
  const [opening = "", ...lines] = fence.split("\n");
  const [, kind, lane = ""] = opening.split(" ");
  return { kind: kind as Fence["kind"], lane, text: lines.slice(0, -1).join("\n").trim() };
}

export interface Exchange {
  readonly line: string;
  readonly body: unknown;
  /** A status, `reset` or `timeout`. */
  readonly answer: string | undefined;
  readonly answerHeaders: Readonly<Record<string, string>>;
  readonly answerBody: unknown;
}

/** First line, body, and the answer behind `=>`. */
export function readExchange(text: string): Exchange {
  const [request = "", answer] = text.split(/^=> /m);
  const [line = "", ...rest] = request.trim().split("\n");
  const [first = "", ...answerRest] = (answer ?? "").trim().split("\n");
  const [, status, header, value] = /^(\w+)(?: ([\w-]+): (.+))?$/.exec(first.trim()) ?? [];
  return { line: line.trim(), body: parse(rest.join("\n")), answer: status, answerHeaders: header === undefined || value === undefined ? {} : { [header]: value }, answerBody: parse(answerRest.join("\n")) };
}

const parse = (text: string): unknown => (text.trim() === "" ? undefined : JSON.parse(text));

/** Names that were bound while a transcript was played. */
export class Names {
  readonly #bound = new Map<string, string>();

  bind(name: string, value: string): void {
    this.#bound.set(name, value);
  }

  fill<T>(value: T): T {
    return JSON.parse(JSON.stringify(value ?? null).replace(/\{\{(\w+)\}\}/g, (whole, name: string) => this.#bound.get(name) ?? whole)) as T;
  }

  /** Whether `actual` contains `wanted`; binds what is named for the first time. */
  matches(actual: unknown, wanted: unknown): boolean {
    if (typeof wanted === "string") {
      const name = /^\{\{(\w+)\}\}$/.exec(wanted)?.[1];
      if (!name) return actual === this.fill(wanted);
      if (typeof actual !== "string") return false;
      if (!this.#bound.has(name)) this.bind(name, actual);
      return this.#bound.get(name) === actual;
    }
    if (Array.isArray(wanted)) return Array.isArray(actual) && actual.length === wanted.length && wanted.every((element, at) => this.matches(actual[at], element));
    if (typeof wanted === "object" && wanted !== null) return typeof actual === "object" && actual !== null && Object.entries(wanted).every(([name, value]) => this.matches((actual as Record<string, unknown>)[name], value));
    return actual === wanted;
  }
}

/** A vendor that knows nothing but its part of the page, and notes every departure from it. */
export async function scriptedVendor(names: Names) {
  const expected: Pick<Fence, "lane" | "text">[] = [];
  const departures: string[] = [];
  const server = createServer((request, response) => {
    void answer(request, response);
  });

  /** The first call of the lane that begins with this line, or else the very first, so that the difference can be told. */
  function take(line: string) {
    const lanes = new Map(expected.toReversed().map((call) => [call.lane, call]));
    const next = expected.find((call) => lanes.get(call.lane) === call && names.fill(readExchange(call.text).line) === line) ?? expected[0];
    if (next) expected.splice(expected.indexOf(next), 1);
    return next;
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString("utf8");
    const line = `${request.method} ${decodeURIComponent(request.url ?? "")}`;
    const next = take(line);
    if (next === undefined) {
      departures.push(`a call too many: ${line} ${text}`);
      return void response.writeHead(500).end();
    }
    const wanted = readExchange(next.text);
    if (line !== names.fill(wanted.line)) departures.push(`called ${line}, the page says ${names.fill(wanted.line)}`);
    if (wanted.body !== undefined && !names.matches(parse(text), wanted.body)) departures.push(`${line} with ${text}, the page says ${JSON.stringify(wanted.body)}`);
    if (wanted.answer === "reset") return void request.socket.resetAndDestroy();
    if (wanted.answer === "timeout") return;
    response.writeHead(Number(wanted.answer), { "content-type": "application/json", ...wanted.answerHeaders }).end(wanted.answerBody === undefined ? "" : JSON.stringify(names.fill(wanted.answerBody)));
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    expect: (call: Fence) => void expected.push(call),
    hasBeenCalled: () => expected.length === 0,
    /** What went differently since the last look, calls that did not come included. */
    departures(): readonly string[] {
      return [...departures.splice(0), ...expected.splice(0).map(({ text }) => `this call did not come: ${readExchange(text).line}`)];
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
