/**
 * The token of the bench, for both sides of the wire.
 *
 * @module
 */
export const token = "bench-token-of-more-than-thirty-two-characters";
