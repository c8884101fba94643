/**
 * Runs dependency-cruiser with the project's rules on a folder that holds a `src/`.
 *
 * @module
 */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../", import.meta.url));

export interface Cruised {
  readonly modules: number;
  readonly violations: readonly { readonly rule: string; readonly from: string; readonly to: string }[];
}

export function cruise(folder: string): Promise<Cruised> {
  const bin = `${root}node_modules/dependency-cruiser/bin/dependency-cruiser.mjs`;
  const options = ["--config", `${root}test/architecture/dependency-cruiser.cjs`, "--output-type", "json", "src"];
  return new Promise((resolve, reject) => {
    // Its exit code counts the violations, so only an answer that is no JSON is a failure.
    execFile(process.execPath, [bin, ...options], { cwd: folder, maxBuffer: 256 * 1024 * 1024 }, (_failed, stdout, stderr) => {
      try {
        const { summary } = JSON.parse(stdout) as { summary: { totalCruised: number; violations: { rule: { name: string }; from: string; to: string }[] } };
        resolve({ modules: summary.totalCruised, violations: summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to })) });
      } catch (cause) {
        reject(new Error(`dependency-cruiser gave no report: ${stderr}`, { cause }));
      }
    });
  });
}
