/**
 * JSON as RFC 8259 has it and not a comma more, read so that no two readers of one body can disagree about it.
 *
 * `JSON.parse` keeps the last of two equal names, builds any depth, lets `__proto__` through as a name and knows no caps. Here
 * equal names (after unescaping, without regard to case: SCIM compares them so) are an error, and so are invalid UTF-8, a byte
 * order mark, a second document, NUL, lone surrogates and everything above the caps. Time is linear in the input, and a large one is
 * read in turns.
 *
 * @module
 */
import { isAscii, isUtf8 } from "node:buffer";
import { setImmediate as turn } from "node:timers/promises";
import { fold } from "../model/fold.ts";
import type { TurnedAway } from "./errors.ts";
import { badRequest } from "./errors.ts";

export const caps = { depth: 20, namesPerObject: 500, nameLength: 256, stringLength: 65_536, numberLength: 40 } as const;

/** Names that a careless merge would write through to a prototype. No SCIM attribute is called so: they are dropped. */
const dropped: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

/**
 * @param bytes the whole body
 * @param maxElements how many values of any kind the document may hold
 * @throws {TurnedAway} 400 `invalidSyntax` (not JSON, or a shape that we refuse) or `invalidValue` (a value that we refuse)
 */
export function readJson(bytes: Uint8Array, maxElements: number): unknown {
  const reader = readerOf(bytes, maxElements);
  while (!reader.read(Infinity));
  return reader.document;
}

/** Bodies beyond this are read in turns: a full push of a large group would hold up everybody else for as long as it is read. */
const inOneGo = 256 * 1024;
const valuesInTurn = 10_000;

/** As `readJson`; the event loop gets its turn every few milliseconds. */
export async function readJsonInTurns(bytes: Uint8Array, maxElements: number): Promise<unknown> {
  if (bytes.length <= inOneGo) return readJson(bytes, maxElements);
  const reader = readerOf(bytes, maxElements);
  while (!reader.read(valuesInTurn)) await turn();
  await turn(); // what comes of it has a turn of its own
  return reader.document;
}

function readerOf(bytes: Uint8Array, maxElements: number): Reader {
  const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isAscii(buffer)) return new Reader(buffer.toString("latin1"), maxElements);
  if (!isUtf8(buffer)) throw badRequest("The body is not valid UTF-8.", "invalidSyntax");
  return new Reader(buffer.toString("utf8"), maxElements);
}

/** An object or a list whose end has not come yet. */
interface Open {
  readonly object: Record<string, unknown> | undefined;
  readonly array: unknown[] | undefined;
  /** Names seen in the object: of few an array is searched faster than a set is made. */
  readonly seen: string[];
  many: Set<string> | undefined;
  /** What the next value is called, and whether it is dropped. */
  name: Name;
}

/** Keeps what is open in a list of its own instead of the call stack, so that it can stop between two values. */
class Reader {
  readonly #text: string;
  readonly #opened: Open[] = [];
  #at = 0;
  #left: number;
  #begun = false;
  document: unknown;

  constructor(text: string, maxElements: number) {
    this.#text = text;
    this.#left = maxElements;
  }

  /** Reads so many values at most. @returns whether the document is read to its end */
  read(most: number): boolean {
    if (!this.#begun) {
      this.#begun = true;
      if (this.#text.charCodeAt(0) === 0xfeff) throw badRequest("The body begins with a byte order mark; JSON has none.", "invalidSyntax");
    }
    for (let count = 0; count < most; count++) {
      if (!this.#next()) continue;
      if (!Number.isNaN(this.#skip())) throw this.#malformed();
      return true;
    }
    return false;
  }

  /** Reads one value, or the beginning of one, and closes whatever ends behind it. @returns whether it was the last */
  #next(): boolean {
    let value: unknown;
    const code = this.#skip();
    if (--this.#left < 0) throw tooMuch("too many values");
    switch (code) {
      case 0x22: // "
        value = this.#string(caps.stringLength);
        break;
      case 0x7b: {
        // {
        const object = {};
        if (this.#enter({ object, array: undefined, seen: [], many: undefined, name: unnamed }, 0x7d)) return false;
        value = object;
        break;
      }
      case 0x5b: {
        // [
        const array: unknown[] = [];
        if (this.#enter({ object: undefined, array, seen: noNames, many: undefined, name: unnamed }, 0x5d)) return false;
        value = array;
        break;
      }
      case 0x74:
        value = this.#word("true", true);
        break;
      case 0x66:
        value = this.#word("false", false);
        break;
      case 0x6e:
        value = this.#word("null", null);
        break;
      default:
        value = this.#number();
    }
    return this.#put(value);
  }

  /** @returns whether anything stands in it, which is to be read next */
  #enter(open: Open, close: number): boolean {
    if (this.#opened.length >= caps.depth) throw tooMuch("nested too deeply");
    this.#at++;
    const code = this.#skip();
    if (code === close) {
      this.#at++;
      return false;
    }
    this.#opened.push(open);
    if (open.object) this.#nameIn(open, code);
    return true;
  }

  /** Puts a value where it belongs, and what ends with it into what it stands in. @returns whether nothing is open any more */
  #put(value: unknown): boolean {
    for (let inner = value; ; ) {
      const open = this.#opened.at(-1);
      if (!open) {
        this.document = inner;
        return true;
      }
      const { object, array, name } = open;
      if (array) array.push(inner);
      else if (object && !name.drop) {
        // Assigning a name that Object.prototype has would call a setter, or fail where the prototype is frozen.
        if (!(name.name in object)) object[name.name] = inner;
        else Object.defineProperty(object, name.name, { value: inner, writable: true, enumerable: true, configurable: true });
      }
      const code = this.#skip();
      if (code === 0x2c) {
        this.#at++;
        if (object) this.#nameIn(open, this.#skip());
        return false;
      }
      if (code !== (array ? 0x5d : 0x7d)) throw this.#malformed();
      this.#at++;
      this.#opened.pop();
      inner = array ?? object;
    }
  }

  /** Reads a name and its colon. */
  #nameIn(open: Open, code: number): void {
    if (code !== 0x22) throw this.#malformed();
    open.name = nameOf(this.#string(caps.nameLength));
    const { seen } = open;
    const { folded } = open.name;
    if (open.many ? open.many.has(folded) : seen.includes(folded)) throw badRequest("The body holds one name twice in the same object (letter case does not tell names apart).", "invalidSyntax");
    seen.push(folded);
    open.many?.add(folded);
    if (seen.length === FEW) open.many = new Set(seen);
    if (seen.length > caps.namesPerObject) throw tooMuch("too many names in one object");
    if (this.#skip() !== 0x3a) throw this.#malformed();
    this.#at++;
  }

  /** Leaves `#at` on the next character that is no blank and returns its code; NaN at the end. */
  #skip(): number {
    const text = this.#text;
    let at = this.#at;
    let code = text.charCodeAt(at);
    while (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09) code = text.charCodeAt(++at);
    this.#at = at;
    return code;
  }

  /** From the opening quote to behind the closing one. Text without an escape is a slice. */
  #string(maxLength: number): string {
    const text = this.#text;
    const start = this.#at + 1;
    let at = start;
    let code = text.charCodeAt(at);
    while (code !== 0x22 && code !== 0x5c && code >= 0x20) code = text.charCodeAt(++at);
    if (code === 0x22) {
      this.#at = at + 1;
      if (at - start > maxLength) throw tooMuch("a text or a name that is too long");
      return text.slice(start, at);
    }
    let built = text.slice(start, at);
    while (code !== 0x22) {
      if (code !== 0x5c) throw this.#malformed(at); // a control character, or the end
      const escape = text.charCodeAt(at + 1);
      if (escape === 0x75) {
        built += String.fromCharCode(this.#hex(at + 2));
        at += 6;
      } else {
        const plain = escapes[escape];
        if (plain === undefined) throw this.#malformed(at);
        built += plain;
        at += 2;
      }
      const from = at;
      code = text.charCodeAt(at);
      while (code !== 0x22 && code !== 0x5c && code >= 0x20) code = text.charCodeAt(++at);
      built += text.slice(from, at);
      if (built.length > maxLength) throw tooMuch("a text or a name that is too long");
    }
    this.#at = at + 1;
    // Only an escape can bring these in: raw ones are no JSON, or no UTF-8.
    if (built.includes("\0") || !built.isWellFormed()) throw badRequest("The body holds a NUL or half of a surrogate pair, which no text may contain.", "invalidValue");
    return built;
  }

  #hex(at: number): number {
    let value = 0;
    for (let i = at; i < at + 4; i++) {
      const code = this.#text.charCodeAt(i);
      const digit = code >= 0x30 && code <= 0x39 ? code - 0x30 : (code | 0x20) >= 0x61 && (code | 0x20) <= 0x66 ? (code | 0x20) - 0x57 : -1;
      if (digit < 0) throw this.#malformed(i);
      value = value * 16 + digit;
    }
    return value;
  }

  #word<T>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) throw this.#malformed();
    this.#at += word.length;
    return value;
  }

  #number(): number {
    number.lastIndex = this.#at;
    const digits = number.exec(this.#text)?.[0];
    if (digits === undefined) throw this.#malformed();
    this.#at += digits.length;
    const value = Number(digits);
    if (digits.length > caps.numberLength || !Number.isFinite(value)) throw badRequest("The body holds a number that is too long or too large.", "invalidValue");
    return value;
  }

  #malformed(at = this.#at): TurnedAway {
    return badRequest(`The body is not valid JSON (at character ${at + 1}).`, "invalidSyntax");
  }
}

const FEW = 16;
const noNames: string[] = [];

interface Name {
  readonly name: string;
  readonly folded: string;
  readonly drop: boolean;
}

const unnamed: Name = { name: "", folded: "", drop: false };

/** The names that IdPs send are few and always the same: folded once. Bounded, so that junk can fill it but not grow it. */
const names = new Map<string, Name>();

function nameOf(text: string): Name {
  const known = names.get(text);
  if (known) return known;
  const folded = fold(text);
  const drop = dropped.has(folded);
  if (names.size >= 1000 || text.length > 64) return { name: text, folded, drop };
  const name = Buffer.from(text).toString(); // a copy: a slice would keep the whole body in memory
  const made = { name, folded, drop };
  names.set(name, made);
  return made;
}

/** RFC 8259, 6. Sticky, and each part eats what it matches: linear. */
const number = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;

const escapes: Readonly<Record<number, string>> = { 0x22: '"', 0x5c: "\\", 0x2f: "/", 0x62: "\b", 0x66: "\f", 0x6e: "\n", 0x72: "\r", 0x74: "\t" };

const tooMuch = (what: string): TurnedAway => badRequest(`The body goes beyond what is accepted here: ${what}.`, "invalidSyntax");
