/**
 * A SCIM schema compiled once into look-up tables: what filter, patch, projection and body reading resolve names through.
 *
 * Names from clients are only ever keys of these Maps, never property names, so `__proto__` and its kin name nothing.
 *
 * @module
 */
import type { AttributeType } from "../model/filter.ts";

export interface Attribute {
  /** As the schema spells it; also the property name under which values are stored. */
  readonly name: string;
  readonly type: AttributeType;
  readonly multiValued: boolean;
  readonly required: boolean;
  readonly caseExact: boolean;
  readonly mutability: "readWrite" | "readOnly" | "writeOnly" | "immutable";
  readonly returned: "always" | "default" | "request" | "never";
  readonly uniqueness: "none" | "server" | "global";
  readonly canonicalValues: readonly string[];
  /** By folded name; empty unless `complex`. */
  readonly sub: ReadonlyMap<string, Attribute>;
  readonly description: string;
}

export interface SchemaTable {
  /** `User` or `Group`. */
  readonly type: "User" | "Group";
  readonly core: Schema;
  /** The enterprise extension for users, then custom ones. */
  readonly extensions: readonly Schema[];
}

export interface Schema {
  readonly urn: string;
  /** By folded name. */
  readonly attributes: ReadonlyMap<string, Attribute>;
}

/** Where a name leads: the attribute, the extension it stands in (`undefined` = core), and the sub-attribute if one was named. */
export interface Resolved {
  readonly extension: Schema | undefined;
  readonly attribute: Attribute;
  readonly sub: Attribute | undefined;
}
