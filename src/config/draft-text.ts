/**
 * One connection as a person has chosen it → its section of `drawbridge.yaml`, with a word about every choice. And a whole file around it.
 *
 * No secret is in a draft: it says where the secret is.
 *
 * @module
 */

/** Where a secret is kept: in a variable of the server's environment, or in a file (relative to the configuration). */
export type SecretPlace = { readonly env: string } | { readonly file: string };

export interface SettingDraft {
  readonly name: string;
  /** What the setting is, in a few words. */
  readonly label: string;
  readonly value: string | readonly string[] | SecretPlace;
}

export interface Strategy {
  readonly name: string;
  readonly effect: string;
}

export interface ConnectionDraft {
  readonly name: string;
  /** As it stands in the file: built-in name, or the path of a manifest. */
  readonly connector: string;
  /** The vendor's name. */
  readonly title: string;
  readonly settings: readonly SettingDraft[];
  /** `undefined` = the default. */
  readonly endpoints: string | undefined;
  readonly roles: {
    readonly map: readonly { readonly idp: string; readonly vendor: string; readonly privileged: boolean; /** Where the id says nothing. */ readonly vendorName: string }[];
    /** `undefined` = the connector's default role. */
    readonly fallback: string | undefined;
  };
  readonly onDeactivate: readonly Strategy[];
  readonly onDelete: readonly Strategy[];
  readonly brake: { readonly window: string; readonly count: number; readonly share: number };
  readonly protected: readonly string[];
  readonly domains: readonly string[];
  readonly observe: boolean;
  /** `undefined` = the default. */
  readonly reconcile: { readonly every: string; readonly policy: string } | undefined;
}

export interface FileDraft {
  readonly listen: { readonly host: string; readonly port: number };
  readonly publicUrl: string;
  readonly store: string;
  readonly egressAllow: readonly string[];
  readonly connection: ConnectionDraft;
}

/** The whole of a new file. */
export const fileText = ({ listen, publicUrl, store, egressAllow, connection }: FileDraft): string => `# Drawbridge. Every mistake in this file is told at once by
#
#   drawbridge validate --config FILE
#
# and every key is explained by \`drawbridge schema\`. Secrets never stand here: "\${NAME}" takes one from the environment, { file: path }
# from a file (relative to this one). Durations are written 500ms, 30s, 10m, 24h. A running server reads the file again on SIGHUP.

listen: { host: ${scalar(listen.host)}, port: ${listen.port} }

# Under this address IdPs reach the server. What ends TLS stands before it.
publicUrl: ${scalar(publicUrl)}

# The embedded database is one file for one server. Replicas share a PostgreSQL: "postgres://drawbridge:\${DB_PASSWORD}@db.internal/drawbridge"
store: ${scalar(store)}

${egressText(egressAllow)}connections:
${connectionText(connection, publicUrl)}`;

/** Empty where nothing beyond public https addresses is called. */
export const egressText = (allow: readonly string[]): string => (allow.length === 0 ? "" : `# Only public https addresses are called, and these hosts and networks:\negress: { allow: ${list(allow)} }\n\n`);

/** One connection, as it stands below `connections:`, indented by `indent`. */
export function connectionText(draft: ConnectionDraft, publicUrl: string, indent = "  "): string {
  const { name, connector, title, settings, endpoints, roles, brake } = draft;
  const lines = [
    `# ${title}. The IdP's base URL: ${publicUrl}/scim/${name}/v2`,
    `${name}:`,
    `  connector: ${scalar(connector)}`,
    "",
    "  settings:",
    ...settings.map(({ name: key, label, value }) => `    ${key}: ${valueText(value)} # ${label}`),
    "",
    `  # SCIM tokens are made by \`drawbridge token create --connection ${name} --name NAME\`; the database keeps their hashes. For other`,
    "  # ways in (Basic, client credentials, a trusted issuer) see docs/okta.md and docs/entra.md.",
    "",
    ...(endpoints === undefined ? [] : ["  # The weakest evidence that a call of the vendor's may rest on (docs/connectors.md).", `  endpoints: ${endpoints}`, ""]),
    "  # The allow-list: a role that does not stand here is never sent. `idp` is a role's value, or a group's displayName or externalId, compared",
    "  # letter for letter; who has several gets the first of the list.",
    ...(roles.map.length === 0 && roles.fallback === undefined ? ["  roles: { map: [] } # everybody gets the default role"] : ["  roles:", ...mapText(roles.map)]),
    ...(roles.fallback === undefined ? [] : [`    fallback: ${scalar(roles.fallback)} # after the last mapped role is lost${roles.fallback === "deactivate" ? ": no access" : ""}`]),
    "",
    "  # Tried in order.",
    ...draft.onDeactivate.map(({ name: its, effect }) => `  #   ${its}: ${effect}`),
    `  onDeactivate: ${list(draft.onDeactivate.map((one) => one.name))}`,
    ...deleteText(draft),
    "",
    "  rails:",
    "    # More people than the larger of count and share (of those with access) losing access within the window are held until a person decides.",
    `    massDeprovision: { window: ${brake.window}, count: ${brake.count}, share: ${brake.share} }`,
    ...(draft.protected.length === 0 ? [] : ["    # Nothing that an IdP pushes takes access from these.", `    protected: ${list(draft.protected)}`]),
    ...(draft.domains.length === 0 ? [] : ["", "  # Nobody outside these domains is created or adopted.", `  domains: ${list(draft.domains)}`]),
    ...(draft.reconcile === undefined ? [] : ["", "  # The vendor's list is compared with what is wanted. report: drift is told; denials: access that was given there is taken back; repair: all of it is put right.", `  reconcile: { every: ${draft.reconcile.every}, policy: ${draft.reconcile.policy} }`]),
    ...(draft.observe ? ["", `  # For the first load: pushes are kept and nothing is written at the vendor until \`drawbridge observe promote\` (docs/operating.md).`, "  delivery: { mode: observe }"] : []),
  ];
  return lines.map((line) => (line === "" ? "" : indent + line)).join("\n") + "\n";
}

const mapText = (map: ConnectionDraft["roles"]["map"]): readonly string[] =>
  map.length === 0
    ? ["    map: []"]
    : ["    map:", ...map.map(({ idp, vendor, privileged, vendorName }) => `      - { idp: ${scalar(idp)}, vendor: ${scalar(vendor)}${privileged ? ", privileged: true" : ""} }${vendorName === vendor ? "" : ` # ${vendorName}`}`)];

/** Where the vendor has no deletion of its own, who is deleted is deactivated. */
function deleteText({ onDeactivate, onDelete }: ConnectionDraft): readonly string[] {
  if (onDelete.length === 0) return [];
  const known = new Set(onDeactivate.map(({ name }) => name));
  return ["  # The same for whomever the IdP deletes.", ...onDelete.filter(({ name }) => !known.has(name)).map(({ name, effect }) => `  #   ${name}: ${effect}`), `  onDelete: ${list(onDelete.map(({ name }) => name))}`];
}

function valueText(value: SettingDraft["value"]): string {
  if (typeof value === "string") return scalar(value);
  if ("env" in value) return `"\${${value.env}}"`;
  return "file" in value ? `{ file: ${scalar(value.file)} }` : list(value);
}

const list = (values: readonly string[]): string => `[${values.map(scalar).join(", ")}]`;

/** A colon at the end of a word would make a key of it. */
const word = /^[A-Za-z_./][A-Za-z0-9_./@+-]*(:\/?\/?[A-Za-z0-9_./@+:-]*[A-Za-z0-9_./@+-])?( [A-Za-z0-9_./@+-]+)*$/;
const addressOrId = /^(\d{1,3}(\.\d{1,3}){3}(\/\d{1,2})?|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i;
/** Words and numbers that mean something else to some reader of YAML. */
const loaded = /^(true|false|null|yes|no|on|off|y|n|~|[.+-]?[0-9.][0-9.e+_xo-]*|[+-]?\.(inf|nan))$/i;

/** Plain where nobody could read anything else into it; else quoted, as JSON is. */
export const scalar = (text: string): string => (addressOrId.test(text) || (word.test(text) && !loaded.test(text)) ? text : JSON.stringify(text));
