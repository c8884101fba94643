/**
 * What has been set up, for people and for scripts: the token (once), the variables to set, what to paste where, and what comes next.
 *
 * @module
 */
import type { Config } from "../../config.ts";
import type { SecretPlace } from "../../config/draft-text.ts";
import { entraFields, type Field, oktaFields } from "../../config/paste.ts";
import type { Finding } from "../../doctor/finding.ts";
import { connectionId } from "../../model/ids.ts";
import { systemClock } from "../../runtime/clock.ts";
import { newToken } from "../../runtime/new-id.ts";
import { openStore } from "../../store/open-store.ts";
import { keptOf, noted } from "../../operator/tokens.ts";
import { whoIs } from "../at-connection.ts";
import type { Chosen } from "./choose.ts";
import type { Idp } from "./given.ts";

export interface Issued {
  readonly idp: Idp;
  readonly name: string;
  readonly token: string;
  readonly expiresMs: number | undefined;
}

export interface Result {
  readonly file: string;
  readonly isNew: boolean;
  readonly chosen: Chosen;
  readonly findings: readonly Finding[];
  readonly warnings: readonly string[];
  /** `failed`: the file is written, and the database could not be reached. */
  readonly tokens: readonly Issued[] | { readonly failed: string };
  /** For whom it is said what to paste. */
  readonly idps: readonly Idp[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** One for each IdP. Never throws: the file is written by now, and a token can be made at any time. */
export async function issueTokens(config: Config, connection: string, pushers: readonly Idp[], lifetimeMs: number | undefined): Promise<Result["tokens"]> {
  if (pushers.length === 0) return [];
  try {
    const store = await openStore({ url: config.store, clock: systemClock });
    try {
      const issued: Issued[] = [];
      const year = new Date(systemClock.now()).getUTCFullYear();
      const expiresMs = lifetimeMs === undefined ? undefined : (await store.now()) + lifetimeMs;
      const by = { name: whoIs(undefined), role: "approver" } as const;
      for (const idp of pushers) {
        const token = newToken();
        // A connection of that name may have been here before.
        for (let at = 1; ; at++) {
          const name = `${idp}-${year}${at === 1 ? "" : `-${at}`}`;
          const expires = expiresMs === undefined ? null : new Date(expiresMs).toISOString();
          if ((await store.addToken(connectionId(connection), { name, hash: keptOf(token), expiresMs }, [noted("token create", by, { token: name, expires })])) === "exists") continue;
          issued.push({ idp, name, token, expiresMs });
          break;
        }
      }
      return issued;
    } finally {
      await store.close();
    }
  } catch (thrown) {
    return { failed: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}

interface Variable {
  readonly name: string;
  readonly label: string;
  /** In the environment of this command, too. */
  readonly isSet: boolean;
}

function variables({ chosen, env }: Result): readonly Variable[] {
  return chosen.file.connection.settings.flatMap(({ label, value }) => {
    const name = variableIn(value);
    return name === undefined ? [] : [{ name, label, isSet: (env[name] ?? "") !== "" }];
  });
}

const variableIn = (value: string | readonly string[] | SecretPlace): string | undefined => (typeof value === "object" && "env" in value ? value.env : undefined);

function pasted(result: Result): readonly (readonly [Idp, readonly Field[]])[] {
  const { publicUrl, connection } = result.chosen.file;
  const issued = "failed" in result.tokens ? [] : result.tokens;
  const groups = connection.roles.map.map(({ idp }) => idp);
  return result.idps.map((idp) => [idp, (idp === "okta" ? oktaFields : entraFields)({ publicUrl, connection: connection.name, token: issued.find((one) => one.idp === idp)?.token, groups })]);
}

function nextSteps({ file, isNew, chosen }: Result): readonly string[] {
  const name = chosen.file.connection.name;
  return [isNew ? `drawbridge serve --config ${file}` : "SIGHUP to the running server, so that it reads the file again", `drawbridge doctor ${name} --config ${file}`];
}

export function resultDocument(result: Result): object {
  const { file, isNew, chosen, findings, warnings, tokens } = result;
  const { publicUrl, connection } = chosen.file;
  return {
    file,
    created: isNew,
    connection: connection.name,
    connector: connection.connector,
    baseUrl: `${publicUrl}/scim/${connection.name}/v2`,
    tokens: "failed" in tokens ? [] : tokens.map(({ idp, name, token, expiresMs }) => ({ id: name, idp, token, expires: expiresMs === undefined ? null : new Date(expiresMs).toISOString() })),
    ...("failed" in tokens && { tokensFailed: tokens.failed }),
    environment: variables(result).map(({ name, label, isSet }) => ({ id: name, label, set: isSet })),
    secretFiles: chosen.entered.files.map(({ path }) => path),
    paste: Object.fromEntries(pasted(result)),
    findings: findings.map((finding, at) => ({ id: at + 1, ...finding })),
    warnings,
    next: nextSteps(result),
  };
}

const titles: { readonly [K in Idp]: string } = { okta: "Okta", entra: "Microsoft Entra ID" };
const papers: { readonly [K in Idp]: string } = { okta: "docs/okta.md", entra: "docs/entra.md, which also has the ways in for gallery applications" };

export function resultWords(result: Result): string {
  const { file, isNew, chosen, warnings, tokens } = result;
  const { connection } = chosen.file;
  const missing = variables(result).filter(({ isSet }) => !isSet);
  return [
    isNew ? `${file} is written, with the connection ${connection.name}.` : `${file} has the connection ${connection.name} now; nothing else in it was changed.`,
    ...chosen.entered.files.map(({ path }) => `The secret is in ${path}, readable by its owner only.`),
    ...warnings.map((warning) => `warning  ${warning}`),
    ...(missing.length === 0 ? [] : ["", "Set where the server runs:", "", ...missing.map(({ name, label }) => `  export ${name}='…'   # ${label}`)]),
    ...("failed" in tokens ? ["", `No token was made: ${tokens.failed} Make one later: drawbridge token create --connection ${connection.name} --name NAME --config ${file}`] : []),
    ...pasted(result).flatMap(([idp, fields]) => ["", `Paste into ${titles[idp]} (${papers[idp]}):`, "", ...table(fields)]),
    ...("failed" in tokens || tokens.length === 0 ? [] : ["", `The ${tokens.length === 1 ? "token is" : "tokens are"} shown this once; the database keeps the hash only.`]),
    "",
    "Then:",
    "",
    ...nextSteps(result).map((step) => `  ${step}`),
  ].join("\n");
}

function table(fields: readonly Field[]): readonly string[] {
  const width = (of: "screen" | "field") => Math.max(...fields.map((field) => field[of].length));
  return fields.map(({ screen, field, value }) => `  ${screen.padEnd(width("screen"))}  ${field.padEnd(width("field"))}  ${value}`);
}
