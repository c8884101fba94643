/**
 * A field's places at the vendor, and what its transform may know.
 *
 * @module
 */
import type { Evidence } from "../model/capability.ts";
import { isAllowed } from "../model/capability.ts";
import { fill } from "./kit/template.ts";
import type { Hints, Transform } from "./kit/transform.ts";
import { isUnfit } from "./kit/transform.ts";
import { transforms } from "./kit/transforms.ts";
import type { Manifest, ManifestField } from "./manifest-schema.ts";
import type { Settings } from "./manifest-settings.ts";

/** What a field carries that is no part of the profile. */
export const apart: ReadonlySet<string> = new Set(["email", "role", "tags", "password"]);

export interface Place {
  readonly at: string;
  readonly evidence: Evidence;
  readonly clear: ManifestField["clear"];
}

export const placesOf = ({ to, evidence, clear }: Pick<ManifestField, "to" | "evidence" | "clear">): readonly Place[] =>
  (Array.isArray(to) ? to : [to]).map((place) => (typeof place === "string" ? { at: place, evidence, clear } : { at: place.at, evidence: place.evidence ?? evidence, clear: place.clear ?? clear }));

/** Where the field is read, each place in the order of `to`. */
export const readAt = (field: ManifestField): readonly string[] => (field.from === undefined ? placesOf(field).map(({ at }) => at) : [field.from]);

/** The fields that may be sent, given how weak an evidence the operator allows. */
export const fieldsOn = (manifest: Manifest, when: "create" | "update", allowed: Evidence): readonly ManifestField[] =>
  manifest.fields.filter((field) => field.sentOn.includes(when) && isAllowed(field.evidence, allowed));

export const transformOf = ({ transform }: Pick<ManifestField, "transform">): Transform => transforms[transform];

/** @param part reads another part of the same person */
export function hintsFor(field: ManifestField, settings: Settings, room: number, part: (name: string) => string | undefined = () => undefined): Hints {
  const { country, oneOf } = field;
  const standard = country?.default === undefined ? undefined : fill(country.default, settings.open);
  const only = typeof oneOf === "string" ? settings.open[oneOf] : oneOf;
  return {
    room,
    country: (country?.from === undefined ? undefined : part(country.from)) ?? standard,
    ...(only !== undefined && { oneOf: typeof only === "string" ? [only] : only }),
  };
}

/** Places that may be written, given how weak an evidence the operator allows. */
export const openPlaces = (field: ManifestField, allowed: Evidence): readonly Place[] => placesOf(field).filter(({ evidence }) => isAllowed(evidence, allowed));

const roomy = (field: ManifestField, settings: Settings, allowed: Evidence): Hints => hintsFor(field, settings, Math.max(1, openPlaces(field, allowed).length));

/** Whether the value does not fit and is silently passed over. */
export const isLeftOut = (field: ManifestField, settings: Settings, allowed: Evidence, value: string): boolean =>
  field.unfit === "leaveOut" && isUnfit(transformOf(field).write(value, roomy(field, settings, allowed)));

/** Equal for this vendor; what is left out anyway is no difference. @param a what was applied or seen. @param b what is wanted */
export const samePart = (field: ManifestField, settings: Settings, allowed: Evidence, a: string, b: string): boolean =>
  transformOf(field).same(a, b, roomy(field, settings, allowed)) || isLeftOut(field, settings, allowed, b);
