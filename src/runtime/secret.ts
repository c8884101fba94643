/**
 * A text that must not be shown. `reveal()` is the only way out, and greppable.
 *
 * @module
 */
import { inspect } from "node:util";

export class Secret {
  readonly #text: string;
  constructor(text: string) {
    this.#text = text;
  }
  /** The text itself: for the header or the comparison that needs it, never for a variable that lives on. */
  reveal(): string {
    return this.#text;
  }
  toString(): string {
    return "[secret]";
  }
  toJSON(): string {
    return "[secret]";
  }
  [inspect.custom](): string {
    return "[secret]";
  }
}
