/**
 * If-Match (RFC 9110, 13.1.1; RFC 7644, 3.14). Our versions are weak tags, and clients send them back as they got them.
 *
 * @module
 */
import { Refusal } from "../scim/errors.ts";

/** @throws Refusal 412 when no tag of the header is the version, or when the header is no list of tags */
export function matchVersion(ifMatch: string | undefined, version: number): void {
  if (ifMatch === undefined || ifMatch.trim() === "*") return;
  const tags = ifMatch.split(",").map((tag) => tag.trim());
  if (!tags.every((tag) => /^(W\/)?"[^"]*"$/.test(tag))) throw new Refusal({ status: 412, detail: "If-Match holds no entity tag." });
  if (!tags.some((tag) => tag.replace(/^W\//, "") === `"${version}"`)) throw new Refusal({ status: 412, detail: "The resource has changed since it was read (If-Match)." });
}
