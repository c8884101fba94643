/**
 * What a plan must know about the vendor: data, so that a plan can be made without one.
 *
 * @module
 */
import type { Capability } from "../model/capability.ts";
import type { RoleId } from "../model/ids.ts";
import type { Part } from "../model/person.ts";

export interface Vendor {
  readonly title: string;
  readonly can: ReadonlySet<Capability>;
  readonly emailChange: "possible" | "impossible";
  readonly parts: readonly PartTrait[];
  readonly defaultRole: RoleId | undefined;
  /** After a `delete` the vendor may have no record of the person any more, for good. */
  readonly deletesForGood?: boolean;
  steps(capability: Capability, person: { readonly email: string | undefined; readonly name: string | undefined; readonly role: RoleId | undefined }): string;
  missing(capability: Capability): string | undefined;
}

export interface PartTrait {
  readonly part: Part;
  readonly onCreate: boolean;
  readonly onUpdate: boolean;
  readonly required: boolean;
  readonly clearable: boolean;
  same(a: string, b: string): boolean;
}
