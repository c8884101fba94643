/**
 * A target of the fuzz: where its inputs come from, and what must hold of each.
 *
 * @module
 */
import type fc from "fast-check";
import { TurnedAway } from "../../src/http/errors.ts";
import { Fault } from "../../src/model/failure.ts";
import { Refusal } from "../../src/scim/errors.ts";
import type { Code } from "./code.ts";

/** `Input` is plain JSON, so that a case can be printed, kept and played again. */
export interface Target<Input = unknown> {
  readonly name: string;
  readonly inputs: fc.Arbitrary<Input>;
  /** Carries one input through. @throws Broken when something does not hold; anything else thrown is a crash */
  run(input: Input, code: Code, watch: Watch): "accepted" | "refused";
}

export interface Watch {
  /** The work of the product, whose time counts; what the target itself does around it does not. */
  work<T>(step: () => T): T;
}

/** A property that does not hold. */
export class Broken extends Error {}

export function hold(truth: boolean, what: string): asserts truth {
  if (!truth) throw new Broken(what);
}

export const refused = Symbol("refused");

/** The work, or `refused` where it ended in the clean error. Whatever else is thrown goes on as what it is: a crash. */
export function cleanly<T>(watch: Watch, step: () => T): T | typeof refused {
  try {
    return watch.work(step);
  } catch (thrown) {
    if (!(thrown instanceof Fault || thrown instanceof Refusal || thrown instanceof TurnedAway)) throw thrown;
    checkClean(thrown);
    return refused;
  }
}

const turnsAway = new Set([400, 404, 405, 413, 414, 501]);
// oxlint-disable-next-line no-control-regex
const unprintable = /[\x00-\x1f\x7f-\x9f\u2028\u2029]/;

/** One printable sentence, a status that says "your request", and for a fault of the standard its scimType. */
function checkClean(thrown: Fault | Refusal | TurnedAway): void {
  const { message } = thrown;
  hold(message.length > 0 && message.length <= 600, `an error's detail has ${message.length} characters`);
  hold(!unprintable.test(message) && message.isWellFormed(), `an error's detail cannot be printed: ${JSON.stringify(message)}`);
  if (thrown instanceof Fault) hold(thrown.failure.kind === "invalid" && thrown.failure.scimType !== undefined, `a fault of kind ${thrown.failure.kind} without a scimType: ${message}`);
  else hold(turnsAway.has(thrown.face.status), `an input is answered with ${thrown.face.status}: ${message}`);
}
