/**
 * If-Match and If-None-Match of a write (RFC 9110, 13.1; RFC 7644, 3.14). Our versions are weak tags, and clients send them back as they got them.
 *
 * @module
 */
import type { Exchange } from "../scim/exchange.ts";
import { Refusal } from "../scim/errors.ts";

/** @throws Refusal 412 when no tag of If-Match is the version, when one of If-None-Match is, or when a header is no list of tags */
export function matchVersion({ ifMatch, ifNoneMatch }: Pick<Exchange, "ifMatch" | "ifNoneMatch">, version: number): void {
  if (ifMatch !== undefined && !names(ifMatch, version, "If-Match")) throw new Refusal({ status: 412, detail: "The resource has changed since it was read (If-Match)." });
  if (ifNoneMatch !== undefined && names(ifNoneMatch, version, "If-None-Match")) throw new Refusal({ status: 412, detail: "The resource is there, in a version that the request excludes (If-None-Match)." });
}

function names(header: string, version: number, name: string): boolean {
  if (header.trim() === "*") return true;
  const tags = header.split(",").map((tag) => tag.trim());
  if (!tags.every((tag) => /^(W\/)?"[^"]*"$/.test(tag))) throw new Refusal({ status: 412, detail: `${name} holds no entity tag.` });
  return tags.some((tag) => tag.replace(/^W\//, "") === `"${version}"`);
}
