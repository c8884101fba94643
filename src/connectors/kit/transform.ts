/**
 * What a transform is: how one of our values becomes one or several of the vendor's, and back, and when two are equal.
 *
 * @module
 */
import type { Json } from "../../model/json.ts";

export interface Transform {
  /** One value per vendor field, in the order of the manifest's `to`; or why the vendor cannot hold it. */
  write(value: string, hints: Hints): Written | Unfit;
  /** From the vendor's fields; `undefined` = it holds nothing. */
  read(values: readonly (Json | undefined)[], hints: Hints): string | undefined;
  /** Equal for the vendor: no call, no drift. */
  same(a: string, b: string, hints: Hints): boolean;
}

/** null = to be emptied, `undefined` = to be left alone. */
export type Written = readonly (string | null | undefined)[];

export interface Unfit {
  /** The end of a sentence that begins with the name of the attribute: "is no telephone number". */
  readonly unfit: string;
}

/** What a transform may need to know besides the value. */
export interface Hints {
  /** How many of the vendor's fields may be used. */
  readonly room: number;
  /** ISO 3166-1 alpha-2: where the person is. */
  readonly country?: string | undefined;
  /** The only values that the vendor takes. */
  readonly oneOf?: readonly string[] | undefined;
}

export const isUnfit = (written: Written | Unfit): written is Unfit => "unfit" in written;

/** Trimmed, Unicode NFC. */
export const plain = (value: string): string => value.trim().normalize("NFC");

/** Blank at the vendor is the same as not there. */
export function textOf(value: Json | undefined): string | undefined {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;
}

/** Equal when both are written to the vendor in the same way. */
export function sameAsWritten(write: Transform["write"]): Transform["same"] {
  return (a, b, hints) => {
    if (plain(a) === plain(b)) return true;
    const [one, other] = [write(a, hints), write(b, hints)];
    return !isUnfit(one) && !isUnfit(other) && one.length === other.length && one.every((value, index) => (value ?? "") === (other[index] ?? ""));
  };
}
