/**
 * The command line.
 *
 *     drawbridge serve [--config FILE]      the server; without a file, the sandbox
 *     drawbridge validate --config FILE     every mistake of a configuration at once
 *     drawbridge schema                     the configuration's JSON Schema, for editors
 *     drawbridge token create|list|revoke   SCIM tokens of a connection
 *     drawbridge tasks list|done            what only a person can do at a vendor
 *     drawbridge timeline PERSON            how somebody stands, which role and why, and all that happened
 *     drawbridge reset-mfa PERSON           their second factor is reset at the vendor, where it has a call for it
 *     drawbridge connector test|new         a vendor of your own, described in a manifest
 *     drawbridge simulate vendor NAME       a simulated vendor on a port of its own
 *     drawbridge demo                       an Okta day and an Entra day against the sandbox
 *
 * Exit codes: 0 done, 1 failed, 2 the command line or the configuration is wrong.
 *
 * @module
 */
import { Command, CommanderError } from "commander";
import { configSchema, validate } from "./command/check-config.ts";
import { newConnector, testConnector } from "./command/connector.ts";
import { demo } from "./command/demo.ts";
import { UsageError } from "./command/confirm.ts";
import { resetSecondFactor } from "./command/reset-mfa.ts";
import { serve } from "./command/serve.ts";
import { simulate } from "./command/simulate.ts";
import { simulatedVendors } from "./sandbox/simulate.ts";
import { closeTask, listTasks } from "./command/tasks.ts";
import { showTimeline } from "./command/timeline.ts";
import { createToken, listTokens, revokeToken } from "./command/token.ts";

const program = new Command("drawbridge")
  .description("SCIM 2.0 provisioning bridge: Okta's and Entra's pushes become the calls of a vendor that speaks no SCIM.")
  .exitOverride()
  .showHelpAfterError();

const withConfig = (command: Command) => command.option("--config <file>", "the configuration, YAML or JSON");

withConfig(program.command("serve").description("start the server; without --config, the sandbox"))
  .option("--port <number>", "the sandbox's port", "8080")
  .option("--data <folder>", "the sandbox's folder", "./data")
  .action(serve);

program.command("validate").description("check a configuration and report every mistake").requiredOption("--config <file>", "the configuration, YAML or JSON").option("--json", "one JSON document").action(validate);
program.command("schema").description("print the JSON Schema of the configuration").action(configSchema);

const token = program.command("token").description("SCIM tokens: only their hash is kept");
const forConnection = (command: Command) => withConfig(command).option("--data <folder>", "the sandbox's folder, where there is no --config", "./data").option("--json", "one JSON document");
forConnection(token.command("create")).requiredOption("--connection <id>").requiredOption("--name <name>").option("--expires <duration>", "such as 90d; default: never").action(createToken);
forConnection(token.command("list")).option("--connection <id>").action(listTokens);
forConnection(token.command("revoke").argument("<name>")).requiredOption("--connection <id>").action(revokeToken);

const tasks = program.command("tasks").description("what only a person can do at a vendor, with the exact steps");
forConnection(tasks.command("list")).option("--connection <id>").option("--all", "closed ones too").action(listTasks);
forConnection(tasks.command("done").argument("<id>")).action(closeTask);

const person = "userName, externalId, id, the vendor's account id, or a correlation id";
forConnection(program.command("timeline").description("how somebody stands, which role they have and why, and all that happened").argument("<person>", person)).requiredOption("--connection <id>").action(showTimeline);
program
  .command("reset-mfa")
  .description("reset somebody's second factor at the vendor; asks first")
  .argument("<person>", person)
  .requiredOption("--connection <id>")
  .requiredOption("--config <file>", "the configuration, YAML or JSON")
  .option("--yes", "do not ask")
  .option("--json", "one JSON document")
  .action((name: string, options: { readonly connection: string; readonly config: string }) => resetSecondFactor(name, { data: "", ...options }));

const connector = program.command("connector").description("for whoever describes a vendor of their own");
connector.command("test").argument("<manifest>", "path of a manifest.yaml").option("--json", "one JSON document").action(testConnector);
connector.command("new").argument("<name>", "lower-case, such as acme").option("--out <file>", "default: ./NAME/manifest.yaml").action(newConnector);

program
  .command("simulate")
  .description("simulated systems for trials and tests")
  .command("vendor")
  .argument("<name>", simulatedVendors.join(", "))
  .option("--port <number>", "the vendor's port", "0")
  .option("--control-port <number>", "state, journal, faults, switches, clock", "0")
  .option("--state <file>", "keep the state over a restart")
  .option("--seed <name>", "records to begin with")
  .option("--json", "one JSON document")
  .action(simulate);

program.command("demo").description("play an Okta day and an Entra day against the sandbox, push by push").action(demo);

try {
  await program.parseAsync();
} catch (thrown) {
  if (thrown instanceof CommanderError) process.exitCode = thrown.exitCode === 0 ? 0 : 2;
  else {
    console.error(thrown instanceof Error ? thrown.message : String(thrown));
    process.exitCode = thrown instanceof UsageError ? 2 : 1;
  }
}
