/**
 * `drawbridge serve`: the server, until a signal ends it.
 *
 * SIGTERM and SIGINT let what is under way end; SIGHUP reads the configuration again and takes it over if it has no mistakes.
 *
 * @module
 */
import { type House, openHouse } from "../app.ts";
import { type Config, readConfig } from "../config.ts";
import { type Log, openLog } from "../runtime/log.ts";
import { endOnStrangers } from "../runtime/strangers.ts";
import { openSandbox } from "../sandbox/sandbox.ts";
import { told, world } from "./world.ts";

export async function serve(options: { readonly config?: string; readonly port: string; readonly data: string }): Promise<void> {
  if (options.config === undefined) {
    const quiet = openLog("warn");
    endOnStrangers(quiet);
    const sandbox = await openSandbox({ dataDir: options.data, port: Number(options.port), log: quiet });
    console.log(sandbox.greeting);
    return untilSignal({ stop: sandbox.stop });
  }
  const file = options.config;
  const log = openLog();
  endOnStrangers(log);
  const config = await readOrExit(file);
  const house = await openHouse(config, { log });
  const { port } = await house.door.listen(config.listen.host, config.listen.port);
  log.info("listening", { path: `${config.listen.host}:${port}`, count: config.connections.length });
  return untilSignal({ stop: house.stop, reload: () => reload(file, house, log) });
}

async function readOrExit(file: string): Promise<Config> {
  try {
    return await readConfig(file, world);
  } catch (thrown) {
    console.error(told(thrown));
    process.exit(2);
  }
}

/** A configuration with a mistake changes nothing: the server goes on with the one it has. */
async function reload(file: string, house: House, log: Log): Promise<void> {
  try {
    await house.reload(await readConfig(file, world));
    log.info("took over the configuration");
  } catch (thrown) {
    const [summary, ...mistakes] = told(thrown).split("\n");
    log.error("kept the former configuration", { detail: summary ?? "" });
    for (const mistake of mistakes) log.error("a mistake in the configuration", { detail: mistake });
  }
}

function untilSignal({ stop, reload: again }: { stop(): Promise<void>; reload?(): Promise<void> }): Promise<void> {
  return new Promise((resolve, reject) => {
    let ending = false;
    const end = () => {
      if (ending) return;
      ending = true;
      stop().then(resolve, reject);
    };
    process.on("SIGTERM", end).on("SIGINT", end);
    process.on("SIGHUP", () => void again?.());
  });
}
