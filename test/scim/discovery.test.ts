import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../src/model/json.ts";
import type { Features } from "../../src/scim/discovery.ts";
import { resourceType, resourceTypes, schema, schemas, serviceProviderConfig } from "../../src/scim/discovery.ts";
import { enterpriseUrn, groupUrn, schemaDocuments, userUrn } from "../../src/scim/schemas.ts";

const base = "https://scim.example.com/scim/acme/v2";
const features: Features = { bulk: { supported: true, maxOperations: 1000, maxPayloadSize: 8388608 }, maxResults: 1000 };
const pagination = { cursor: false, index: true, defaultPaginationMethod: "index", defaultPageSize: 100, maxPageSize: 1000 } as const;

describe("ServiceProviderConfig", () => {
  test("says what the server does and nothing else", () => {
    expect(serviceProviderConfig(base, features)).toEqual({
      schemas: ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
      documentationUri: "https://scim.example.com/docs",
      patch: { supported: true },
      bulk: { supported: true, maxOperations: 1000, maxPayloadSize: 8388608 },
      filter: { supported: true, maxResults: 1000 },
      changePassword: { supported: false },
      sort: { supported: true },
      etag: { supported: true },
      authenticationSchemes: [{ type: "oauthbearertoken", name: expect.any(String), description: expect.any(String), specUri: expect.stringMatching(/^https:/), primary: true }],
      meta: { resourceType: "ServiceProviderConfig", location: `${base}/ServiceProviderConfig` },
    });
  });

  test("speaks of RFC 9865 only when told to", () => expect(serviceProviderConfig(base, { ...features, pagination })["pagination"]).toEqual(pagination));

  test("of several ways to authenticate, one is primary", () => {
    const { authenticationSchemes } = serviceProviderConfig(base, { ...features, authentication: ["oauth2", "httpbasic"] });
    expect((authenticationSchemes as readonly JsonObject[]).map(({ type, primary }) => [type, primary])).toEqual([["oauth2", true], ["httpbasic", undefined]]);
  });

  test("every key is declared in its schema", () => {
    const declared = (node: JsonObject, at = ""): readonly string[] => ((node["attributes"] ?? node["subAttributes"] ?? []) as readonly JsonObject[]).flatMap((one) => [`${at}${String(one["name"])}`, ...declared(one, `${at}${String(one["name"])}.`)]);
    const used = (value: unknown, at = ""): readonly string[] => {
      if (Array.isArray(value)) return value.flatMap((one) => used(one, at));
      return typeof value === "object" && value !== null ? Object.entries(value).flatMap(([name, inner]) => [`${at}${name}`, ...used(inner, `${at}${name}.`)]) : [];
    };
    const { schemas: _schemas, meta: _meta, ...config } = serviceProviderConfig(base, { ...features, pagination });
    expect(declared(schema(base, "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig")!)).toEqual(expect.arrayContaining([...used(config)]));
  });
});

describe("ResourceTypes", () => {
  test("are two, in a list with numbers", () => {
    expect(resourceTypes(base)).toEqual({
      schemas: ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], totalResults: 2, startIndex: 1, itemsPerPage: 2,
      Resources: [
        { schemas: ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"], id: "User", name: "User", description: "User Account", endpoint: "/Users", schema: userUrn, schemaExtensions: [{ schema: enterpriseUrn, required: false }], meta: { resourceType: "ResourceType", location: `${base}/ResourceTypes/User` } },
        { schemas: ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"], id: "Group", name: "Group", description: "Group", endpoint: "/Groups", schema: groupUrn, meta: { resourceType: "ResourceType", location: `${base}/ResourceTypes/Group` } },
      ],
    });
  });

  test("are found by name in any letter case, and nothing else is", () => {
    expect(resourceType(base, "user")).toMatchObject({ id: "User" });
    for (const name of ["", "Users", "__proto__", "constructor", "toString"]) expect(resourceType(base, name)).toBeUndefined();
  });

  test("name custom extensions", () => {
    const custom = [{ id: "urn:example:acme:2.0:Group", name: "Acme", description: "Acme", attributes: [] }];
    expect(resourceType(base, "Group", { custom })).toMatchObject({ schemaExtensions: [{ schema: "urn:example:acme:2.0:Group", required: false }] });
    expect(resourceType(base, "User", { custom })).toMatchObject({ schemaExtensions: [{ schema: enterpriseUrn }] });
    expect(schema(base, "URN:example:acme:2.0:group", { custom })).toMatchObject({ name: "Acme" });
  });
});

describe("Schemas", () => {
  test("are a list of all", () => {
    const { Resources, ...envelope } = schemas(base);
    expect(envelope).toEqual({ schemas: ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], totalResults: 6, startIndex: 1, itemsPerPage: 6 });
    expect(Resources).toEqual(schemaDocuments(base));
  });

  test("are found by URN in any letter case, and nothing else is", () => {
    expect(schema(base, userUrn)).toMatchObject({ id: userUrn });
    expect(schema(base, enterpriseUrn.toUpperCase())).toMatchObject({ id: enterpriseUrn });
    for (const urn of ["", "User", `${userUrn}X`, "__proto__", "constructor"]) expect(schema(base, urn)).toBeUndefined();
  });
});
