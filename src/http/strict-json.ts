/**
 * JSON as RFC 8259 has it and not a comma more, read so that no two readers of one body can disagree about it.
 *
 * `JSON.parse` keeps the last of two equal names, builds any depth, lets `__proto__` through as a name and knows no caps. Here
 * equal names (after unescaping, without regard to case: SCIM compares them so) are an error, and so are invalid UTF-8, a byte
 * order mark, a second document, NUL, lone surrogates and everything above the caps. Time is linear in the input.
 *
 * @module
 */
import { isAscii, isUtf8 } from "node:buffer";
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
  const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isAscii(buffer)) return new Reader(buffer.toString("latin1"), maxElements).document();
  if (!isUtf8(buffer)) throw badRequest("The body is not valid UTF-8.", "invalidSyntax");
  return new Reader(buffer.toString("utf8"), maxElements).document();
}

class Reader {
  readonly #text: string;
  #at = 0;
  #depth = 0;
  #left: number;

  constructor(text: string, maxElements: number) {
    this.#text = text;
    this.#left = maxElements;
  }

  document(): unknown {
    if (this.#text.charCodeAt(0) === 0xfeff) throw badRequest("The body begins with a byte order mark; JSON has none.", "invalidSyntax");
    const value = this.#value(this.#skip());
    if (!Number.isNaN(this.#skip())) throw this.#malformed();
    return value;
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

  #value(code: number): unknown {
    if (--this.#left < 0) throw tooMuch("too many values");
    switch (code) {
      case 0x22: // "
        return this.#string(caps.stringLength);
      case 0x7b: // {
        return this.#object();
      case 0x5b: // [
        return this.#array();
      case 0x74:
        return this.#word("true", true);
      case 0x66:
        return this.#word("false", false);
      case 0x6e:
        return this.#word("null", null);
      default:
        return this.#number();
    }
  }

  #object(): unknown {
    if (++this.#depth > caps.depth) throw tooMuch("nested too deeply");
    const object: Record<string, unknown> = {};
    const seen: string[] = []; // of few names an array is searched faster than a set is made
    let many: Set<string> | undefined;
    this.#at++;
    let code = this.#skip();
    if (code !== 0x7d) {
      for (;;) {
        if (code !== 0x22) throw this.#malformed();
        const { name, folded, drop } = nameOf(this.#string(caps.nameLength));
        if (many ? many.has(folded) : seen.includes(folded)) throw badRequest("The body holds one name twice in the same object (letter case does not tell names apart).", "invalidSyntax");
        seen.push(folded);
        many?.add(folded);
        if (seen.length === FEW) many = new Set(seen);
        if (seen.length > caps.namesPerObject) throw tooMuch("too many names in one object");
        if (this.#skip() !== 0x3a) throw this.#malformed();
        this.#at++;
        const value = this.#value(this.#skip());
        if (!drop) {
          // Assigning a name that Object.prototype has would call a setter, or fail where the prototype is frozen.
          if (!(name in object)) object[name] = value;
          else Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
        }
        code = this.#skip();
        if (code === 0x7d) break;
        if (code !== 0x2c) throw this.#malformed();
        this.#at++;
        code = this.#skip();
      }
    }
    this.#at++;
    this.#depth--;
    return object;
  }

  #array(): unknown[] {
    if (++this.#depth > caps.depth) throw tooMuch("nested too deeply");
    const array: unknown[] = [];
    this.#at++;
    let code = this.#skip();
    if (code !== 0x5d) {
      for (;;) {
        array.push(this.#value(code));
        code = this.#skip();
        if (code === 0x5d) break;
        if (code !== 0x2c) throw this.#malformed();
        this.#at++;
        code = this.#skip();
      }
    }
    this.#at++;
    this.#depth--;
    return array;
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

interface Name {
  readonly name: string;
  readonly folded: string;
  readonly drop: boolean;
}

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
