/**
 * The bench's cheapest vendor, in a process of its own.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

export async function openVendor(): Promise<{ readonly url: string; end(): Promise<void> }> {
  const child = spawn(process.execPath, [fileURLToPath(new URL("../servers/vendor.ts", import.meta.url))], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  const { port } = JSON.parse(line.toString()) as { readonly port: number };
  return {
    url: `http://127.0.0.1:${port}`,
    async end() {
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    },
  };
}
