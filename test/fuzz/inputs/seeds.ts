/**
 * What IdPs were seen to send, and what attackers send: texts to begin from.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import type { ResourceType } from "../../../src/model/resource.ts";

interface Seeds {
  readonly filters: readonly string[];
  /** Request targets with their query. */
  readonly targets: readonly string[];
  /** Method, resource type, the body's text. */
  readonly bodies: readonly (readonly [string, ResourceType, string])[];
}

interface Row {
  readonly method: string;
  readonly type: ResourceType;
  readonly body: unknown;
}

const read = <T>(name: string): T => JSON.parse(readFileSync(new URL(`../../corpus/${name}`, import.meta.url), "utf8")) as T;
const { filters, targets, bodies } = read<Seeds>("fuzz-seeds.json");
const written = read<readonly Row[]>("idp-writes.json").map(({ method, type, body }) => [method, type, JSON.stringify(body)] as const);

export const seedFilters = filters;
export const seedTargets = targets;
export const seedBodies = [...bodies, ...written];

/** Texts of the bodies of one method, or of all. */
export const bodiesOf = (type: ResourceType, isMeant: (method: string) => boolean): readonly string[] => seedBodies.filter(([method, its]) => its === type && isMeant(method)).map(([, , text]) => text);
