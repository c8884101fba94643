/**
 * Adds a connection to a configuration that is there, and leaves every other letter of it as it was: comments, blanks and order are people's
 * work.
 *
 * @module
 */
import { isMap, isScalar, isSeq, parseDocument } from "yaml";
import type { Pair, YAMLMap } from "yaml";
import { type ConnectionDraft, connectionText, egressText, scalar } from "./draft-text.ts";

export interface Adding {
  readonly connection: ConnectionDraft;
  readonly publicUrl: string;
  /** Hosts that may be called from now on; those that the file names already are left out. */
  readonly allow: readonly string[];
}

export type Added = { readonly text: string } | { readonly refused: string };

/** @param text YAML that parses, with a map at its top */
export function addConnection(text: string, { connection, publicUrl, allow }: Adding): Added {
  const top = parseDocument(text).contents;
  if (!isMap(top)) return { refused: "it does not hold keys such as publicUrl, store and connections" };
  if (top.flow === true) return addToJson(text, { connection, publicUrl, allow });
  const held = pairOf(top, "connections");
  if (isMap(held?.value) && held.value.has(connection.name)) return { refused: `it has a connection named ${connection.name} already` };
  const edits = [connectionEdit(text, held, connection, publicUrl), ...egressEdits(text, top, held, allow)];
  const refused = edits.find((edit) => "refused" in edit);
  if (refused) return refused;
  // From the end on, so that no edit moves the place of another one.
  return { text: (edits as readonly Edit[]).toSorted((a, b) => b.from - a.from).reduce((whole, { from, to, by }) => whole.slice(0, from) + by + whole.slice(to), text) };
}

interface Edit {
  readonly from: number;
  readonly to: number;
  readonly by: string;
}

const pairOf = (map: YAMLMap, key: string): Pair | undefined => map.items.find((pair) => isScalar(pair.key) && pair.key.value === key);

/** Where a line begins that holds this place. */
const lineStart = (text: string, at: number): number => text.lastIndexOf("\n", at - 1) + 1;

/** The end of what belongs to the value, comments behind it on the same line included. */
function endOf(text: string, at: number): number {
  const end = text.indexOf("\n", Math.max(0, at - 1));
  return end < 0 ? text.length : end + 1;
}

function connectionEdit(text: string, held: Pair | undefined, draft: ConnectionDraft, publicUrl: string): Edit | { readonly refused: string } {
  const value = held?.value;
  if (!held) return { from: text.length, to: text.length, by: `${separation(text)}connections:\n${connectionText(draft, publicUrl)}` };
  if (isMap(value) && value.items.length > 0 && value.flow !== true) {
    const first = value.items[0]?.key as { readonly range?: readonly number[] };
    const at = first.range?.[0] ?? 0;
    const indent = " ".repeat(at - lineStart(text, at));
    const end = endOf(text, lastOffset(text, value.range?.[1] ?? text.length));
    return { from: end, to: end, by: `${text.slice(0, end).endsWith("\n") ? "" : "\n"}\n${connectionText(draft, publicUrl, indent)}` };
  }
  const isEmpty = value === null || (isScalar(value) && value.value === null) || (isMap(value) && value.items.length === 0);
  if (!isEmpty) return { refused: "its connections are written in braces on one line; write them below each other first, or add this one by hand" };
  const key = held.key as { readonly range?: readonly number[] };
  const from = key.range?.[1] ?? 0;
  const to = endOf(text, (value as { readonly range?: readonly number[] } | null)?.range?.[1] ?? from);
  return { from, to, by: `:\n${connectionText(draft, publicUrl)}` };
}

/** Blank lines and comments at the end of a block belong to what comes next, or to nobody. */
function lastOffset(text: string, end: number): number {
  let at = end;
  while (at > 0) {
    const start = lineStart(text, at - 1 < 0 ? 0 : at - 1);
    const line = text.slice(start, at).trim();
    if (line !== "" && !line.startsWith("#")) return at;
    if (start === 0) return end;
    at = start;
  }
  return end;
}

const separation = (text: string): string => (text === "" || text.endsWith("\n\n") ? "" : text.endsWith("\n") ? "\n" : "\n\n");

function egressEdits(text: string, top: YAMLMap, connections: Pair | undefined, allow: readonly string[]): readonly (Edit | { readonly refused: string })[] {
  const egress = pairOf(top, "egress");
  const allowed = isMap(egress?.value) ? pairOf(egress.value, "allow")?.value : undefined;
  const known = isSeq(allowed) ? allowed.items.map((item) => (isScalar(item) ? String(item.value) : "")) : [];
  const missing = allow.filter((host) => !known.includes(host));
  if (missing.length === 0) return [];
  if (!egress) {
    const at = connections ? commentStart(text, lineStart(text, (connections.key as { readonly range?: readonly number[] }).range?.[0] ?? 0)) : text.length;
    return [{ from: at, to: at, by: connections ? egressText(missing) : `${separation(text)}${egressText(missing)}` }];
  }
  if (isSeq(allowed) && allowed.flow === true) {
    const at = text.lastIndexOf("]", allowed.range?.[1] ?? 0);
    return [{ from: at, to: at, by: `${known.length === 0 ? "" : ", "}${missing.map(scalar).join(", ")}` }];
  }
  return [{ refused: `egress.allow is there and not written on one line; add ${missing.join(", ")} to it, then try again` }];
}

/** The comment right above a key is about it. */
function commentStart(text: string, at: number): number {
  let start = at;
  while (start > 0) {
    const above = lineStart(text, start - 1);
    if (!text.slice(above, start).trimStart().startsWith("#")) break;
    start = above;
  }
  return start;
}

/** JSON has no comments to keep. */
function addToJson(text: string, { connection, publicUrl, allow }: Adding): Added {
  let file: { connections?: Record<string, unknown>; egress?: { allow?: string[] } };
  try {
    file = JSON.parse(text) as typeof file;
  } catch {
    return { refused: "it is written in braces and is no JSON; add the connection by hand" };
  }
  if (file.connections && Object.hasOwn(file.connections, connection.name)) return { refused: `it has a connection named ${connection.name} already` };
  const section = (parseDocument(connectionText(connection, publicUrl, "")).toJS() as Record<string, unknown>)[connection.name];
  const hosts = [...new Set([...(file.egress?.allow ?? []), ...allow])];
  return { text: `${JSON.stringify({ ...file, ...(hosts.length > 0 && { egress: { ...file.egress, allow: hosts } }), connections: { ...file.connections, [connection.name]: section } }, undefined, 2)}\n` };
}
