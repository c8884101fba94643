import { expect, test } from "vitest";
import { catalogue, catalogueEntry, type Grantable } from "../../src/scim/catalogue.ts";
import { resourceTypes, schemas } from "../../src/scim/discovery.ts";

const base = "https://scim.example.com/scim/acme/v2";
const grantable: readonly Grantable[] = [{ name: "Hiring leads", kind: "Role" }, { name: "Everyone", kind: "Role" }, { name: "Blue", kind: "Tag" }, { name: "Everyone", kind: "Tag" }];
const shown = (view: "Roles" | "Entitlements") => (catalogue(base, view, grantable, {})["Resources"] as readonly { readonly id: string; readonly type?: string }[]).map(({ id, type }) => [id, type]);

test("roles are both, tags are entitlements alone, and a name that is both is one entitlement", () => {
  expect(shown("Roles")).toEqual([["Hiring leads", undefined], ["Everyone", undefined]]);
  expect(shown("Entitlements")).toEqual([["Hiring leads", "Role"], ["Everyone", "Role"], ["Blue", "Tag"]]);
});

test("an entry's location leads back to it", () => {
  const entry = catalogueEntry(base, "Entitlements", grantable, "Hiring leads");
  expect(entry?.["meta"]).toEqual({ resourceType: "Entitlement", location: `${base}/Entitlements/Hiring%20leads` });
  for (const name of ["hiring leads", "__proto__", ""]) expect(catalogueEntry(base, "Entitlements", grantable, name)).toBeUndefined();
  expect(catalogueEntry(base, "Roles", grantable, "Blue")).toBeUndefined();
});

test("an empty catalogue is an empty list, and each schema is complete", () => {
  expect(catalogue(base, "Roles", [], { startIndex: 5 })).toMatchObject({ totalResults: 0, startIndex: 5, itemsPerPage: 0, Resources: [] });
  expect(resourceTypes(base, { grantable: [] })["totalResults"]).toBe(4);
  expect(resourceTypes(base)["totalResults"]).toBe(2);
  const added = (schemas(base, { grantable: [] })["Resources"] as readonly object[]).slice(-2);
  expect(added).toMatchObject([{ id: "urn:okta:scim:schemas:core:1.0:Role" }, { id: "urn:okta:scim:schemas:core:1.0:Entitlement" }]);
  for (const document of added) expect(document).not.toHaveProperty("view");
});
