/**
 * The one way in which text is compared without regard to case.
 *
 * NFKC, lower, upper, lower, NFKC again: fullwidth letters, the dotless i, the long s and the Kelvin sign fall together
 * with their plain twins, so two spellings of one name cannot live side by side (RFC 8264 explains the danger). The first
 * lower is for the capital sharp s, which has no other upper case than itself and would stay apart from `ss`.
 *
 * @module
 */
export function fold(text: string): string {
  // Plain ASCII needs none of it, and is nearly everything that arrives.
  // oxlint-disable-next-line no-control-regex
  if (/^[\x00-\x7f]*$/.test(text)) return text.toLowerCase();
  return text.normalize("NFKC").toLowerCase().toUpperCase().toLowerCase().normalize("NFKC");
}
