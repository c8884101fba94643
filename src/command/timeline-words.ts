/**
 * Rows of the journal as a person reads them: one line for what happened, indented lines for calls and remarks.
 *
 * @module
 */
import { isObject, type Json, type JsonObject } from "../model/json.ts";
import type { JournalRow } from "../store/store.ts";
import type { Names } from "./names.ts";

/** @param about the person whose timeline it is; rows of somebody else say whose they are */
export function wordsOf({ seq, atMs, kind, data, correlation, resource }: Omit<JournalRow, "hash" | "resource"> & { readonly resource: string | undefined }, about: string | undefined, names: Names = new Map()): string {
  const given = named(isObject(data) ? data : { data }, names);
  const whose = resource === about || resource === undefined ? "" : ` of ${names.get(resource) ?? (about === undefined ? resource : `the group ${resource}`)}`;
  const [line, ...more] = told[kind](given);
  return [`${new Date(atMs).toISOString()}  #${seq}  ${kind}${whose} ${line}  (${correlation})`, ...more.map((text) => `    ${text}`)].map(harmless).join("\n");
}

const told: { readonly [Kind in JournalRow["kind"]]: (data: JsonObject) => readonly string[] } = {
  push: ({ membership, ...data }) => (isObject(membership) ? [moves(membership), ...remarks(data)] : pushWords(data)),
  intent: ({ operations, operator, by, ...rest }) => (isList(operations) ? [operations.map(operationWords).join("; "), ...remarks(rest)] : [`${shown(operator)}, ordered by ${shown(by)}`, ...remarks(rest)]),
  outcome: ({ operation, operator, result, detail, calls, ...rest }) => [`${shown(operation ?? operator)}: ${shown(result)}${detail === undefined ? "" : `, ${shown(detail)}`}`, ...callWords(calls), ...remarks(rest)],
  decision: ({ calls, ...rest }) => [summary(rest), ...callWords(calls), ...remarks(isList(rest["notes"]) ? { notes: rest["notes"] } : {})],
  call: (data) => [shown(data)],
  hold: ({ hold, decision, by, push, ...rest }) => [`${shown(hold)}${decision === undefined ? "" : `: ${shown(decision)} by ${shown(by)}`}`, ...remarks(rest), ...(isObject(push) ? [`kept: ${pushWords(push).join("; ")}`] : push === undefined ? [] : [`kept: ${shown(push)}`])],
  alarm: ({ text, ...rest }) => [shown(text), ...remarks(rest)],
};

const pushWords = ({ method, before, after, members, ...rest }: JsonObject): readonly string[] => [`${shown(method)}${changes(before, after)}${isList(members) ? `: members ${members.map(memberWords).join(", ")}` : ""}`, ...remarks(rest)];

/** `joined: ada@acme.example` */
const moves = (membership: JsonObject): string => Object.entries(membership).map(([way, who]) => `${way}: ${isList(who) ? who.map(shown).join(", ") : shown(who)}`).join("; ");

/** Ids are what the journal holds; people read names. */
function named({ people, membership, ...rest }: JsonObject, names: Names): JsonObject {
  const name = (id: Json): Json => (typeof id === "string" ? (names.get(id) ?? id) : id);
  const listed = (value: Json | undefined): Json | undefined => (isList(value) ? value.map(name) : value);
  return {
    ...(membership !== undefined && { membership: isObject(membership) ? Object.fromEntries(Object.entries(membership).map(([way, who]) => [way, listed(who) ?? null])) : membership }),
    ...rest,
    ...(people !== undefined && { people: listed(people) ?? null }),
  };
}

const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value);

/** Text as it is, everything else as JSON. */
const shown = (value: Json | undefined): string => (typeof value === "string" ? value : value === undefined ? "–" : JSON.stringify(value));

function changes(before: Json | undefined, after: Json | undefined): string {
  const [from, to] = [isObject(before) ? before : {}, isObject(after) ? after : {}];
  const names = [...new Set([...Object.keys(from), ...Object.keys(to)])];
  const one = (name: string) => (from[name] === undefined ? `${name} = ${JSON.stringify(to[name])}` : to[name] === undefined ? `${name} ${JSON.stringify(from[name])} removed` : `${name} ${JSON.stringify(from[name])} → ${JSON.stringify(to[name])}`);
  return names.length === 0 ? "" : `: ${names.map(one).join("; ")}`;
}

const memberWords = (change: Json): string => (isObject(change) ? `${shown(change["kind"])} ${shown(change["count"])}` : shown(change));

function operationWords(operation: Json): string {
  if (!isObject(operation)) return shown(operation);
  const { kind, reason, direction: _, ...rest } = operation;
  const inside = Object.entries(rest).map(([name, value]) => `${name} ${JSON.stringify(value)}`).join(", ");
  return `${shown(kind)}${inside === "" ? "" : ` (${inside})`}${reason === undefined ? "" : `: ${shown(reason)}`}`;
}

/** `adopted …, because …`: whatever a decision holds, but its notes, which have lines of their own. */
const summary = ({ notes, ...rest }: JsonObject): string => Object.entries(rest).map(([name, value]) => `${name}: ${shown(value)}`).join("; ") || (isList(notes) ? "" : "–");

const callWords = (calls: Json | undefined): readonly string[] =>
  (isList(calls) ? calls : []).map((call) => {
    if (!isObject(call)) return shown(call);
    const { method, path, body, status, durationMs, failure } = call;
    return `${shown(method)} ${shown(path)} → ${status === undefined ? "no answer" : shown(status)} (${shown(durationMs)} ms)${failure === undefined ? "" : ` ${shown(failure)}`}${body === undefined ? "" : ` ${JSON.stringify(body)}`}`;
  });

/** `quirks`, `ignored`, `dropped`, `notes` and whatever else a row may hold, a line each. */
const remarks = (data: JsonObject): readonly string[] => Object.entries(data).map(([name, value]) => `${name}: ${isList(value) ? value.map(shown).join("; ") : shown(value)}`);

/** What came from outside must not move the cursor or change colours. */
export const harmless = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
