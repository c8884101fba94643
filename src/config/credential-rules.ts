/**
 * Rules for what IdPs prove themselves with: none is shared, so that a credential leads to one connection and taking it out takes it away.
 *
 * @module
 */
import { pathText } from "./problem.ts";
import type { Finding, Path } from "./problem.ts";
import { type Draft, repeated, type Ruling, writtenDown } from "./rules.ts";
import type { Section } from "./connection-schema.ts";
import type { Top } from "./schema.ts";

type Credentials = { readonly path: Path; readonly kind: keyof typeof kinds; readonly texts: readonly string[] };

/** `key` is where the credential stands in its entry. */
const kinds = {
  token: { key: "token", name: "token", shortest: 32, better: ". `drawbridge token create` makes a good one" },
  secret: { key: "clientSecret", name: "client secret", shortest: 32, better: "" },
  password: { key: "password", name: "password", shortest: 16, better: "" },
} as const;

/** @param written whether the value at a path stands in the file itself */
export function judgeCredentials(top: Partial<Top>, drafts: readonly Draft[], written: (path: Path) => boolean): Ruling {
  const problems: Finding[] = [];
  const warnings: Finding[] = [];
  const seen = new Map<string, string>();
  for (const { path, kind, texts } of [ofOperator(top), ...drafts.flatMap(ofConnection)]) {
    const { key, name, shortest, better } = kinds[kind];
    texts.forEach((text, at) => {
      const here = [...path, at, key];
      const other = seen.get(text);
      const wrong = objection(kind, text);
      if (wrong !== undefined) problems.push({ path: here, says: wrong });
      else if (other !== undefined) problems.push({ path: here, says: `is the same ${name} as ${other}; every connection and every name has its own` });
      else if (text.length < shortest) warnings.push({ path: here, says: `has ${text.length} characters; a ${name} of fewer than ${shortest} can be guessed${better}` });
      if (written(here)) warnings.push({ path: here, says: writtenDown });
      if (other === undefined) seen.set(text, pathText([...path, at]));
    });
  }
  problems.push(...namedTwice(["operator", "bearer"], top.operator?.bearer));
  for (const { name, section } of drafts) problems.push(...namesOf(["connections", name, "auth"], section.auth));
  const trusts = drafts.map(({ name, section }) => judgeTrust(["connections", name, "auth", "jwt"], section.auth?.jwt, (top.egress?.allow ?? []).length > 0));
  const lives = drafts.filter(({ section }) => (section.auth?.oauth?.lifetimeMs ?? Infinity) < 3_600_000).map(({ name }): Finding => ({ path: ["connections", name, "auth", "oauth", "tokenLifetime"], says: "is less than the 60m that Entra asks for" }));
  return { problems: [...problems, ...trusts.flatMap((ruling) => ruling.problems)], warnings: [...warnings, ...lives, ...trusts.flatMap((ruling) => ruling.warnings)] };
}

const ofOperator = ({ operator }: Partial<Top>): Credentials => ({ path: ["operator", "bearer"], kind: "token", texts: (operator?.bearer ?? []).map(({ token }) => token.reveal()) });

function ofConnection({ name, section: { auth } }: Draft): readonly Credentials[] {
  const path = ["connections", name, "auth"];
  return [
    { path: [...path, "bearer"], kind: "token", texts: (auth?.bearer ?? []).map(({ token }) => token.reveal()) },
    { path: [...path, "basic"], kind: "password", texts: (auth?.basic ?? []).map(({ password }) => password.reveal()) },
    { path: [...path, "oauth", "clients"], kind: "secret", texts: (auth?.oauth?.clients ?? []).map(({ clientSecret }) => clientSecret.reveal()) },
  ];
}

function objection(kind: Credentials["kind"], text: string): string | undefined {
  if (text.trim() === "") return "is empty";
  // oxlint-disable-next-line no-control-regex
  if (kind === "password") return /[\x00-\x1f\x7f]/.test(text) ? "holds a line break or another control character, which no password can" : undefined;
  if (kind === "token" && /^Bearer\s/i.test(text)) return "begins with the word Bearer; give the token alone";
  return /[^\x21-\x7e]/.test(text) ? `holds a blank, a line break or a letter beyond ASCII, which no ${kind === "token" ? "bearer token" : "client secret"} can` : undefined;
}

const namedTwice = (path: Path, tokens: readonly { readonly name: string }[] = []): readonly Finding[] =>
  repeated(tokens, ({ name }) => name).map(([at, first]) => ({ path: [...path, at, "name"], says: `is the name of another token of this list (entry ${first + 1})` }));

function namesOf(path: Path, auth: Partial<Section>["auth"]): readonly Finding[] {
  const users = (auth?.basic ?? []).flatMap(({ user }, at): readonly Finding[] => (user.includes(":") ? [{ path: [...path, "basic", at, "user"], says: "holds a colon, which ends the name in HTTP Basic" }] : []));
  const ids = (auth?.oauth?.clients ?? []).flatMap(({ clientId }, at): readonly Finding[] => (/[^\x20-\x7e]/.test(clientId) ? [{ path: [...path, "oauth", "clients", at, "clientId"], says: "holds a line break or a letter beyond ASCII, which no client id can" }] : []));
  return [...namedTwice([...path, "bearer"], auth?.bearer), ...users, ...ids];
}

/** Entra's, for every custom application of every customer (idps.md, 10). */
const everybodys = "8adf8e6e-67b2-4cf2-a259-e3dc5476c621";

function judgeTrust(path: Path, jwt: NonNullable<Section["auth"]>["jwt"], mayBePlain: boolean): Ruling {
  if (!jwt) return { problems: [], warnings: [] };
  const problems: Finding[] = [];
  const url = URL.canParse(jwt.jwksUri) ? new URL(jwt.jwksUri) : undefined;
  const isAddress = url !== undefined && (url.protocol === "https:" || url.protocol === "http:") && url.username === "" && url.password === "" && !jwt.jwksUri.includes("#");
  if (!isAddress) problems.push({ path: [...path, "jwksUri"], says: "must be a URL such as https://login.microsoftonline.com/TENANT/discovery/v2.0/keys, without credentials before the host and without a fragment" });
  else if (url.protocol === "http:" && !mayBePlain) problems.push({ path: [...path, "jwksUri"], says: "must be https; http is permitted only where egress.allow names the host" });
  if (jwt.subject !== undefined) return { problems, warnings: [] };
  if (jwt.audience.some((one) => one.toLowerCase().includes(everybodys))) {
    problems.push({ path: [...path, "subject"], says: "is missing: this audience is the same for every custom application of every Entra customer, so the application must be pinned, too" });
    return { problems, warnings: [] };
  }
  return { problems, warnings: [{ path, says: "pins no subject: whatever application of the tenant obtains a token for this audience may come in" }] };
}
