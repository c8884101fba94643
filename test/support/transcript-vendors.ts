/**
 * The connection that a vendor's golden transcripts are played on; a folder of transcripts has the name of its connector.
 *
 * @module
 */
import type { JsonObject } from "../../src/model/json.ts";
import { roleIds } from "../../src/connectors/transactionlink/simulated/state.ts";

export interface TranscriptVendor {
  /** The role of people in `json given`, unless the page says otherwise. */
  readonly role: string;
  /** Merged over the connection of the tests' house; a page's `json settings` is merged over this. */
  connection(vendorUrl: string): JsonObject;
}

/** A role that an organisation made for itself, beside the three that all have. */
const analystRoleId = "0f0e7c52-1c3b-4c0a-9a77-000000000004";

const vendors: Readonly<Record<string, TranscriptVendor>> = {
  peoplelens: {
    role: "User",
    connection: () => ({ roles: { map: [{ idp: "Admins", vendor: "Admin", privileged: true }, { idp: "Editors", vendor: "Editor" }, { idp: "Everyone", vendor: "User" }], fallback: "User" } }),
  },
  transactionlink: {
    role: roleIds.member,
    connection: (baseUrl) => ({
      connector: "transactionlink",
      settings: { baseUrl, token: "tot_0123456789abcdef", defaultRoleId: roleIds.member },
      roles: { map: [{ idp: "Admins", vendor: roleIds.admin, privileged: true }, { idp: "Analysts", vendor: analystRoleId }, { idp: "Everyone", vendor: roleIds.member }], fallback: roleIds.member },
    }),
  },
  applivery: {
    role: "viewer",
    connection: (baseUrl) => ({
      connector: "applivery",
      settings: { baseUrl, apiKey: "key", organizationId: "acme" },
      roles: { map: [{ idp: "Admins", vendor: "admin", privileged: true }, { idp: "Editors", vendor: "editor" }, { idp: "Everyone", vendor: "viewer" }], fallback: "viewer" },
    }),
  },
  enlivy: {
    role: "org_userrole_employee",
    connection: (baseUrl) => ({
      connector: "enlivy",
      settings: { baseUrl, token: "1|enlivy0123456789", organizationId: "org_1", defaultRoleId: "org_userrole_employee", noAccessRoleId: "org_userrole_leaver", defaultCountry: "RO" },
      roles: { map: [{ idp: "Admins", vendor: "org_userrole_admin", privileged: true }, { idp: "Leads", vendor: "org_userrole_lead" }, { idp: "Everyone", vendor: "org_userrole_employee" }], fallback: "org_userrole_employee" },
    }),
  },
};

export function vendorOf(connector: string): TranscriptVendor {
  const vendor = vendors[connector];
  if (!vendor) throw new Error(`test/support/transcript-vendors.ts does not say on which connection the transcripts of "${connector}" are played`);
  return vendor;
}
