// Plain JavaScript that every Node since 14 can read: it makes sure that the rest runs on a Node that can.
// New enough: the script is imported here, in this process. Too old: it is started again with the Node that npm
// installed as an optional dependency (node-<platform>-<arch>), with signals, exit code and standard streams passed on.
//
//   node bin/node24.mjs SCRIPT [ARG …]
import { spawn } from "node:child_process";
import module, { createRequire } from "node:module";
import { constants } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const [major, minor] = process.versions.node.split(".").map(Number);
const newEnough = major > 22 || (major === 22 && minor >= 19);

if (newEnough) {
  // Started by the other branch: when that parent dies, even by SIGKILL, the channel closes and we follow.
  if (process.send) {
    process.on("disconnect", () => process.kill(process.pid, "SIGTERM"));
    process.channel.unref(); // watching it must not keep us alive
  }
  // Halves the start of a command. In our own folder and not in the one for temporary files, which others may write into;
  // where ours cannot be written there is no cache.
  module.enableCompileCache?.(process.env.NODE_COMPILE_CACHE ?? fileURLToPath(new URL("../node_modules/.cache/drawbridge", import.meta.url)));
  process.argv.splice(1, 1);
  process.argv[1] = resolve(process.argv[1]);
  await import(pathToFileURL(process.argv[1]).href);
} else {
  const require = createRequire(import.meta.url);
  const name = `node-${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;
  let binary;
  try {
    const manifest = require.resolve(`${name}/package.json`);
    binary = join(dirname(manifest), require(manifest).bin.node);
  } catch {
    console.error(`Drawbridge needs Node.js 22.19 or newer. This is ${process.version}, and the package ${name} that would bring one is not installed.`);
    process.exit(1);
  }
  const child = spawn(binary, process.argv.slice(1), {
    stdio: ["inherit", "inherit", "inherit", "ipc"],
    env: { ...process.env, PATH: dirname(binary) + delimiter + process.env.PATH },
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));
}
