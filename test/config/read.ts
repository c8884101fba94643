/**
 * Reads a configuration out of a text, an environment and a few files.
 *
 * @module
 */
import { examineConfig } from "../../src/config.ts";
import type { Config, Examined } from "../../src/config.ts";
import { told } from "../../src/config/problem.ts";

export interface Given {
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
}

export const longToken = "dbt_0123456789abcdefghijklmnopqrstuvwxyz";

export function examine(text: string, { env = {}, files = {} }: Given = {}): Promise<Examined> {
  return examineConfig("/etc/drawbridge/drawbridge.yaml", {
    env: { TOKEN: longToken, API_KEY: "vendor-key", ...env },
    readFile: (path) => {
      const found = path === "/etc/drawbridge/drawbridge.yaml" ? text : files[path];
      return found === undefined ? Promise.reject(Object.assign(new Error("no such file"), { code: "ENOENT" })) : Promise.resolve(found);
    },
  });
}

/** A correct file with one connection `acme`; `more` are further lines of that connection, `top` of the file. */
export const file = (more = "", top = ""): string =>
  `publicUrl: https://scim.example.com
${top}
connections:
  acme:
    connector: peoplelens
    auth: { bearer: [{ name: okta, token: "\${TOKEN}" }] }
    settings: { baseUrl: https://acme.peoplelens.example, apiKey: "\${API_KEY}" }
${more}`;

export async function read(text: string, given?: Given): Promise<Config> {
  const { config, problems } = await examine(text, given);
  if (!config) throw new Error(problems.map(told).join("\n"));
  return config;
}

/** The connection `acme` of `file(more)`. */
export async function acme(more = "", given?: Given) {
  const [connection] = (await read(file(more), given)).connections;
  if (!connection) throw new Error("no connection");
  return connection;
}

export const problemsOf = async (text: string, given?: Given): Promise<readonly string[]> => (await examine(text, given)).problems.map(told);
export const warningsOf = async (text: string, given?: Given): Promise<readonly string[]> => (await examine(text, given)).warnings.map(told);
