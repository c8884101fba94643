/**
 * What text may look like, by the place where it stands: length, characters, identity, addresses.
 *
 * Text is refused or kept exactly as sent, never repaired: a vendor that trims, truncates or normalises would otherwise see two
 * people as one. Every check is linear, and plain ASCII meets nearly none of them.
 *
 * @module
 */
import { invalid } from "../model/failure.ts";

export interface TextRule {
  /** UTF-16 units. */
  readonly maxLength: number;
  /** LF, CR and TAB are part of a postal address as it is printed. */
  readonly lines: boolean;
  /** Characters that nobody sees make twins of an identity; elsewhere they belong to emoji and Persian. */
  readonly visible: boolean;
  /**
   * An identity that is padded or mixes Latin with Cyrillic or Greek is somebody's look-alike. Group names are judged word by
   * word, because "Отдел IT" is an ordinary department.
   */
  readonly identity: "no" | "whole" | "words";
  /** With an `@` in it the text must be exactly one address; without one it is data. */
  readonly address: boolean;
}

const plain: TextRule = { maxLength: 4_096, lines: false, visible: false, identity: "no", address: false };

const rules: ReadonlyMap<string, TextRule> = new Map<string, TextRule>([
  ["User userName", { ...plain, maxLength: 512, visible: true, identity: "whole", address: true }],
  ["User emails.value", { ...plain, maxLength: 254, visible: true, identity: "whole", address: true }],
  ["User externalId", { ...plain, maxLength: 1_024, visible: true }],
  ["Group externalId", { ...plain, maxLength: 1_024, visible: true }],
  ["Group displayName", { ...plain, visible: true, identity: "words" }],
  ["User name.formatted", { ...plain, lines: true }],
  ["User addresses.formatted", { ...plain, lines: true }],
  ["User addresses.streetAddress", { ...plain, lines: true }],
  ["User x509Certificates.value", { ...plain, maxLength: 65_536 }],
  ["User photos.value", { ...plain, maxLength: 65_536 }],
]);

/** @param label a core attribute as details show it, `emails.value` */
export const ruleFor = (type: "User" | "Group", label: string): TextRule => rules.get(`${type} ${label}`) ?? plain;

/** Of a text that follows no schema attribute, like the value of a member. */
export const plainRule = plain;

/** Throws 400 `invalidValue`, without the value: it may be a password. */
export function checkText(text: string, rule: TextRule, label: string): void {
  const refuse = (why: string) => invalid("invalidValue", `${label} ${why}`);
  if (text.length > rule.maxLength) throw refuse(`is longer than ${rule.maxLength} characters`);
  if (!printableAscii.test(text)) checkCharacters(text, rule, refuse);
  if (rule.identity !== "no" && text !== text.trim()) throw refuse("begins or ends with a blank");
  if (rule.address && text.includes("@") && !address.test(text)) throw refuse("is not exactly one e-mail address");
}

function checkCharacters(text: string, rule: TextRule, refuse: (why: string) => Error): void {
  if (!text.isWellFormed()) throw refuse("holds half a character (a lone surrogate)");
  if ((rule.lines ? controlsButLines : controls).test(text)) throw refuse("holds a control character");
  if (bidiControls.test(text)) throw refuse("holds a character that changes the direction of writing");
  if (rule.visible && invisible.test(text)) throw refuse("holds an invisible character");
  if (rule.identity === "whole" && isMixed(text)) throw refuse("mixes Latin with Cyrillic or Greek letters");
  if (rule.identity === "words" && text.split(notLetters).some(isMixed)) throw refuse("mixes Latin with Cyrillic or Greek letters in one word");
}

const isMixed = (text: string): boolean => latin.test(text) && cyrillicOrGreek.test(text);

const printableAscii = /^[\x20-\x7e]*$/;
// oxlint-disable-next-line no-control-regex
const controls = /[\x00-\x1f\x7f-\x9f]/;
// oxlint-disable-next-line no-control-regex
const controlsButLines = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/;
const bidiControls = /\p{Bidi_Control}/u;
/** Variation selectors and Hangul fillers are default-ignorable; the empty Braille pattern is not, and looks just as empty. */
const invisible = /[\p{Default_Ignorable_Code_Point}\u2800]/u;
const latin = /\p{Script=Latin}/u;
const cyrillicOrGreek = /[\p{Script=Cyrillic}\p{Script=Greek}]/u;
const notLetters = /[^\p{L}\p{M}\p{N}]+/u;

/** One local part without blanks, quotes, brackets or separators; one domain of plain labels. `#EXT#` of Entra's guests is fine. */
const address = /^[^\s@,;:?<>()[\]{}"`\\]+@[\p{L}\p{M}\p{N}_-]+(?:\.[\p{L}\p{M}\p{N}_-]+)*$/u;
