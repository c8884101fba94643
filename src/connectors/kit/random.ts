/**
 * Secrets that we make for a vendor and keep nowhere.
 *
 * @module
 */
import { randomInt } from "node:crypto";

// Without look-alikes (I l 1 O 0) and without what shells, JSON or HTML would have to escape.
const classes = ["ABCDEFGHJKLMNPQRSTUVWXYZ", "abcdefghijkmnopqrstuvwxyz", "23456789", "!#%*+-.:=?@_"] as const;
const alphabet = classes.join("");

/**
 * A password with at least one character of every class, drawn anew until it has them: no position is predictable.
 *
 * @param length 8 or more; 32 characters of this alphabet are about 196 bits
 */
export function randomPassword(length: number): string {
  for (;;) {
    const password = Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join("");
    if (classes.every((letters) => [...letters].some((letter) => password.includes(letter)))) return password;
  }
}
