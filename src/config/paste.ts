/**
 * What an administrator pastes into an IdP for a connection, screen by screen and field by field (docs/okta.md, docs/entra.md).
 *
 * @module
 */
export interface Field {
  /** Where it is, in the IdP's own words. */
  readonly screen: string;
  readonly field: string;
  readonly value: string;
}

export interface Pasted {
  /** `https://scim.example.com` */
  readonly publicUrl: string;
  readonly connection: string;
  /** `undefined` = made later; then it is said how. */
  readonly token: string | undefined;
  /** Names of groups that lead to a role. */
  readonly groups: readonly string[];
}

const tokenOr = ({ token, connection }: Pasted, name: string): string => token ?? `the token of: drawbridge token create --connection ${connection} --name ${name}`;

export function oktaFields(pasted: Pasted): readonly Field[] {
  const integration = "Provisioning → Integration";
  const toApp = "Provisioning → To App";
  return [
    { screen: integration, field: "SCIM connector base URL", value: `${pasted.publicUrl}/scim/${pasted.connection}/v2` },
    { screen: integration, field: "Unique identifier field for users", value: "userName" },
    { screen: integration, field: "Supported provisioning actions", value: "Push New Users, Push Profile Updates, Push Groups" },
    { screen: integration, field: "Authentication Mode", value: "HTTP Header" },
    { screen: integration, field: "HTTP Header: Authorization", value: tokenOr(pasted, "okta") },
    { screen: integration, field: "Test Connector Configuration", value: "press it: all chosen actions are green" },
    { screen: toApp, field: "Create Users, Update User Attributes, Deactivate Users", value: "Enable" },
    ...(pasted.groups.length === 0 ? [] : [{ screen: "Push Groups", field: "By name", value: pasted.groups.join(", ") }]),
  ];
}

export function entraFields(pasted: Pasted): readonly Field[] {
  const credentials = "Provisioning → Admin Credentials";
  const mappings = "Provisioning → Mappings";
  return [
    { screen: "Provisioning", field: "Provisioning Mode", value: "Automatic" },
    { screen: credentials, field: "Tenant URL", value: `${pasted.publicUrl}/scim/${pasted.connection}/v2?aadOptscim062020` },
    { screen: credentials, field: "Secret Token", value: tokenOr(pasted, "entra") },
    { screen: credentials, field: "Test Connection", value: "press it" },
    { screen: mappings, field: "externalId", value: "objectId (Entra's default is mailNickname, which may be missing and repeats)" },
    { screen: mappings, field: "active", value: "leave the Switch on IsSoftDeleted as it is" },
    { screen: "Provisioning → Settings", field: "Notification Email, Prevent accidental deletion", value: "an address that is read, and a number" },
    ...(pasted.groups.length === 0 ? [] : [{ screen: "Users and groups", field: "Add", value: pasted.groups.join(", ") }]),
  ];
}
