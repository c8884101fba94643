/**
 * `${NAME}` and `{ file: … }`: text that the configuration takes from the environment or from a file.
 *
 * Whatever comes from outside is boxed in a `Secret`, because we cannot know what it is. Only what must be open (a port, a
 * host) is taken out of its box again, by `unboxed`.
 *
 * @module
 */
import { dirname, resolve } from "node:path";
import { Secret } from "../runtime/secret.ts";
import type { Finding, Path } from "./problem.ts";

/** What a configuration may look at besides its own text. */
export interface World {
  readonly env: Readonly<Record<string, string | undefined>>;
  readFile(path: string): Promise<string>;
}

export interface Expanded {
  readonly value: unknown;
  readonly findings: readonly Finding[];
}

/** @param file the configuration's own path: `{ file: … }` is relative to it */
export async function expand(raw: unknown, file: string, world: World): Promise<Expanded> {
  const findings: Finding[] = [];
  const walk = async (value: unknown, path: Path): Promise<unknown> => {
    if (typeof value === "string") return value.includes("${") ? fromEnvironment(value, path) : value;
    if (Array.isArray(value)) return Promise.all(value.map((element, at) => walk(element, [...path, at])));
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.entries(value);
    const [only] = entries;
    if (entries.length === 1 && only?.[0] === "file" && typeof only[1] === "string") return fromFile(only[1], path);
    // fromEntries defines own properties: a key `__proto__` stays a key.
    return Object.fromEntries(await Promise.all(entries.map(async ([key, part]) => [key, await walk(part, [...path, key])] as const)));
  };

  const fromEnvironment = (text: string, path: Path): unknown => {
    const before = findings.length;
    const filled = text.replace(/\$\{([^}]*)\}?/g, (whole, name: string) => {
      if (!whole.endsWith("}") || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) findings.push({ path, says: "a variable is written ${NAME}, with letters, digits and underscores only (there are no defaults)" });
      else if (world.env[name] === undefined) findings.push({ path, says: `the environment variable ${name} is not set` });
      else if (world.env[name].trim() === "") findings.push({ path, says: `the environment variable ${name} is empty` });
      return world.env[name] ?? "";
    });
    return findings.length > before ? undefined : new Secret(filled);
  };

  const fromFile = async (name: string, path: Path): Promise<unknown> => {
    try {
      const text = (await world.readFile(resolve(dirname(file), name))).replace(/\r?\n$/, "");
      if (text.trim() !== "") return new Secret(text);
      findings.push({ path, says: `the file ${name} is empty` });
    } catch (thrown) {
      findings.push({ path, says: `the file ${name} cannot be read (${(thrown as { code?: string }).code ?? "unknown reason"})` });
    }
    return undefined;
  };

  return { value: await walk(raw, []), findings };
}

const keptBoxed = new Set(["token", "password", "clientSecret", "secret", "settings"]);

/** Takes out of its box what is no secret: everything but credentials and a connector's settings. */
export function unboxed(value: unknown): unknown {
  if (value instanceof Secret) return value.reveal();
  if (Array.isArray(value)) return value.map(unboxed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, keptBoxed.has(key) ? part : unboxed(part)]));
}
