/**
 * What Okta and Entra ask when an administrator presses their test button, and what each wants to read. Reads only; nobody has the names
 * that are asked for.
 *
 * @module
 */
import { randomUUID } from "node:crypto";
import { answerWords, statusOf, totalOf } from "./answers.ts";
import { type Answered, jsonOf } from "./exchange.ts";
import { failure, type Finding, ok } from "./finding.ts";
import { scim, type ScimAsked, type WayIn } from "./pass.ts";
import type { Bed } from "./ward.ts";

interface Probe {
  readonly idp: "Okta" | "Entra";
  /** As the IdP's administrator would call it. */
  readonly name: string;
  readonly asked: ScimAsked;
  /** What is wrong with a 200; `undefined` = nothing. */
  wrong(answer: Answered): string | undefined;
}

const noList = "it is no ListResponse";
const isList = (answer: Answered): string | undefined => (totalOf(answer) === undefined ? noList : undefined);
const isEmpty = (answer: Answered): string | undefined => {
  const total = totalOf(answer);
  return total === undefined ? noList : total === 0 ? undefined : `a filter that fits nobody is answered with ${total}`;
};
const has = (key: string) => (answer: Answered): string | undefined => (jsonOf(answer)?.[key] === undefined ? `it has no "${key}"` : undefined);

/** idps.md, 4.2 and 5.1: the paths as they go over the wire. */
const probesWith = (nobody: string): readonly Probe[] => [
  { idp: "Entra", name: "Test Connection", asked: { method: "GET", path: `/Users?aadOptscim062020&filter=userName+eq+%22${nobody}%22` }, wrong: isEmpty },
  { idp: "Entra", name: "Test Connection with raw quotes", asked: { method: "GET", path: `/Users?filter=userName+eq+"${nobody}"` }, wrong: isEmpty },
  { idp: "Entra", name: "matching a group", asked: { method: "GET", path: `/Groups?excludedAttributes=members&filter=displayName+eq+%22${nobody}%22` }, wrong: isEmpty },
  { idp: "Entra", name: "reading the schemas", asked: { method: "GET", path: "/Schemas" }, wrong: isList },
  { idp: "Okta", name: "Test Connector Configuration", asked: { method: "GET", path: "/Users?startIndex=1&count=2" }, wrong: isList },
  { idp: "Okta", name: "matching a person", asked: { method: "GET", path: `/Users?filter=userName%20eq%20%22${nobody}%40example.com%22&startIndex=1&count=100` }, wrong: isEmpty },
  { idp: "Okta", name: "importing groups", asked: { method: "GET", path: "/Groups?startIndex=1&count=100&excludedAttributes=members" }, wrong: isList },
  { idp: "Okta", name: "reading what the server can", asked: { method: "GET", path: "/ServiceProviderConfig" }, wrong: has("patch") },
];

export async function playProbes(way: WayIn, bed: Bed): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const probes = probesWith(randomUUID());
  for (const idp of ["Entra", "Okta"] as const) {
    const its = probes.filter((probe) => probe.idp === idp);
    const check = `idp.${idp.toLowerCase()}`;
    const before = findings.length;
    for (const { name, asked, wrong } of its) {
      const answer = await scim(way, asked, bed);
      const words = answerWords(answer, bed.connection.id);
      if (statusOf(answer) !== 200) findings.push(failure(check, `${idp}'s "${name}" fails: ${words.says}.`, words.change));
      else {
        const what = wrong(answer);
        if (what !== undefined) findings.push(failure(check, `${idp}'s "${name}" fails: ${what}.`, "Have the proxy pass the query and the answer on unchanged; if there is none, report it."));
      }
    }
    if (findings.length === before) findings.push(ok(check, `${idp}'s test is answered as ${idp} wants it (${its.length} requests).`));
  }
  return findings;
}
