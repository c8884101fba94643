/**
 * What text may look like, by the place where it stands: length, characters, identity, addresses.
 *
 * Text is refused or kept exactly as sent, never repaired: a vendor that trims, truncates or normalises would otherwise see two
 * people as one. Every check is linear, and plain ASCII meets nearly none of them.
 *
 * @module
 */
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

/** By type, then by the attribute that it is a part of (`""` = none), then by its own name. */
const rules: { readonly [T in "User" | "Group"]: ReadonlyMap<string, ReadonlyMap<string, TextRule>> } = {
  User: new Map([
    ["", new Map([["userName", { ...plain, maxLength: 512, visible: true, identity: "whole", address: true }], ["externalId", { ...plain, maxLength: 1_024, visible: true }]])],
    ["emails", new Map([["value", { ...plain, maxLength: 254, visible: true, identity: "whole", address: true }]])],
    ["name", new Map([["formatted", { ...plain, lines: true }]])],
    ["addresses", new Map([["formatted", { ...plain, lines: true }], ["streetAddress", { ...plain, lines: true }]])],
    ["x509Certificates", new Map([["value", { ...plain, maxLength: 65_536 }]])],
    ["photos", new Map([["value", { ...plain, maxLength: 65_536 }]])],
  ]),
  Group: new Map([["", new Map([["externalId", { ...plain, maxLength: 1_024, visible: true }], ["displayName", { ...plain, visible: true, identity: "words" }]])]]),
};

/** @param name of a core attribute @param owner the attribute that it is a part of */
export const ruleFor = (type: "User" | "Group", name: string, owner: string | undefined): TextRule => rules[type].get(owner ?? "")?.get(name) ?? plain;

/** Of a text that follows no schema attribute, like the value of a member. */
export const plainRule = plain;

/** @returns why the text is refused, as the end of a sentence; without the text, which may be a password. `undefined` = it is not */
export function checkText(text: string, rule: TextRule): string | undefined {
  if (text.length > rule.maxLength) return `is longer than ${rule.maxLength} characters`;
  const odd = printableAscii.test(text) ? undefined : checkCharacters(text, rule);
  if (odd !== undefined) return odd;
  if (rule.identity !== "no" && text !== text.trim()) return "begins or ends with a blank";
  return rule.address && text.includes("@") && !address.test(text) ? "is not exactly one e-mail address" : undefined;
}

function checkCharacters(text: string, rule: TextRule): string | undefined {
  if (!text.isWellFormed()) return "holds half a character (a lone surrogate)";
  if ((rule.lines ? controlsButLines : controls).test(text)) return "holds a control character";
  if (bidiControls.test(text)) return "holds a character that changes the direction of writing";
  if (rule.visible && invisible.test(text)) return "holds an invisible character";
  if (rule.identity === "whole" && isMixed(text)) return "mixes Latin with Cyrillic or Greek letters";
  return rule.identity === "words" && text.split(notLetters).some(isMixed) ? "mixes Latin with Cyrillic or Greek letters in one word" : undefined;
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
