/**
 * The command line beside a running house: the same store, the same configuration in a file, processes of their own.
 *
 * @module
 */
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JsonObject } from "../../src/model/json.ts";
import { openTestHouse, type TestHouse, token } from "./house.ts";

const main = new URL("../../src/main.ts", import.meta.url).pathname;

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface Beside {
  readonly house: TestHouse;
  readonly configFile: string;
  /** Ends on `--config FILE` for this house; standard input is no terminal. */
  run(...args: readonly string[]): Promise<Ran>;
  /** The one document that `--json` prints. @throws Error for another exit code than 0 */
  // oxlint-disable-next-line typescript/no-explicit-any
  json(...args: readonly string[]): Promise<any>;
  /** The same with another connection section. */
  runWith(connection: JsonObject, ...args: readonly string[]): Promise<Ran>;
  stop(): Promise<void>;
}

/** @param connection the whole section but its tokens */
export async function openBeside(connection: JsonObject): Promise<Beside> {
  const folder = await mkdtemp(join(tmpdir(), "drawbridge-beside-"));
  const store = `file:${join(folder, "store.db")}`;
  const house = await openTestHouse({ vendorUrl: "http://127.0.0.1:9", apiKey: "unused-in-this-house", connection, store });
  let files = 0;
  const written = async (section: JsonObject): Promise<string> => {
    const file = join(folder, `config-${files++}.json`);
    await writeFile(file, JSON.stringify({ publicUrl: "https://scim.example.com", store, egress: { allow: ["127.0.0.1"] }, connections: { acme: { auth: { bearer: [{ name: "test", token }] }, ...section } } }));
    return file;
  };
  const configFile = await written(connection);
  const runOn = (file: string, args: readonly string[]): Promise<Ran> =>
    new Promise((resolve) => {
      const child = execFile(process.execPath, [main, ...args, "--config", file], (error, out, err) => resolve({ code: error ? Number(error.code ?? 1) : 0, out, err }));
      child.stdin?.end();
    });
  const run = (...args: readonly string[]) => runOn(configFile, args);
  return {
    house,
    configFile,
    run,
    runWith: async (section, ...args) => runOn(await written(section), args),
    async json(...args) {
      const { code, out, err } = await run(...args, "--json");
      if (code !== 0) throw new Error(`exit code ${code}: ${err}`);
      return JSON.parse(out) as unknown;
    },
    async stop() {
      await house.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
