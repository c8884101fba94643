/**
 * The command line.
 *
 *     drawbridge serve [--config FILE]      the server; without a file, the sandbox
 *     drawbridge init [NAME]                a guided set-up: writes the configuration, or adds a connection to it
 *     drawbridge doctor [CONNECTION]        what is wrong with a set-up, and what to change
 *     drawbridge plan FILE                  the vendor calls that requests, or a whole directory, would lead to
 *     drawbridge validate --config FILE     every mistake of a configuration at once
 *     drawbridge schema                     the configuration's JSON Schema, for editors
 *     drawbridge token create|list|revoke   SCIM tokens of a connection
 *     drawbridge operator create|list|revoke  tokens of the operator API; openapi prints its description, whoami who you are
 *     drawbridge status                     the house at a glance
 *     drawbridge connections list|show|check  how they are, and whether the vendor takes the credential
 *     drawbridge operations list|show       what is still to be done at the vendors; retry has it tried again
 *     drawbridge tasks list|show|done       what only a person can do at a vendor
 *     drawbridge people NAME                who answers to a name
 *     drawbridge timeline PERSON            how somebody stands, which role and why, and all that happened
 *     drawbridge reset-mfa PERSON           their second factor is reset at the vendor, where it has a call for it
 *     drawbridge freeze|unfreeze            stop a connection: pushes wait outside, owned denials go on
 *     drawbridge observe start|status|promote  keep pushes, show the plan, deliver what was looked at
 *     drawbridge undo                       people and groups as they were before a range of pushes
 *     drawbridge audit verify|export|list|prune  the journal: proven, taken elsewhere, read, shortened by what stands elsewhere
 *     drawbridge holds list|show|approve|reject   what a rail has stopped
 *     drawbridge backup FILE                a sound copy of the embedded database, while the server runs
 *     drawbridge reconcile CONNECTION       compare the vendor with what is wanted, now
 *     drawbridge drift list|show|repair|runs   what the last comparison has found
 *     drawbridge orphans                    accounts of nobody whom the IdP knows
 *     drawbridge connector test|new         a vendor of your own, described in a manifest
 *     drawbridge simulate vendor NAME       a simulated vendor on a port of its own
 *     drawbridge demo                       an Okta day and an Entra day against the sandbox
 *
 * Without --config the commands read ./drawbridge.yaml, or whatever DRAWBRIDGE_CONFIG names; without either, the sandbox in ./data.
 *
 * Exit codes: 0 done, 1 failed, 2 the command line or the configuration is wrong; those of `doctor` stand there.
 *
 * @module
 */
import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Command, CommanderError } from "commander";
import { exportAudit, listAudit, pruneAudit, verifyAudit } from "./command/audit.ts";
import { backup } from "./command/backup.ts";
import { configSchema, validate } from "./command/check-config.ts";
import { newConnector, testConnector } from "./command/connector.ts";
import { demo } from "./command/demo.ts";
import { doctor } from "./command/doctor.ts";
import { UsageError } from "./command/confirm.ts";
import { addOperatorCommands } from "./command/operator-commands.ts";
import { init } from "./command/init.ts";
import { ConfigMistakes } from "./config/problem.ts";
import { resetSecondFactor } from "./command/reset-mfa.ts";
import { freeze, observeStatus, promote, startObserving, unfreeze } from "./command/modes.ts";
import { listDrift, listOrphans, repairDrift, showDrift } from "./command/drift.ts";
import { listReconciliations, runReconciliation } from "./command/reconcile.ts";
import { placeFor } from "./command/place.ts";
import { plan } from "./command/plan.ts";
import { serve } from "./command/serve.ts";
import { approveHolds, listHolds, rejectHolds, showHold } from "./command/holds.ts";
import { simulate } from "./command/simulate.ts";
import { simulatedVendors } from "./sandbox/simulate.ts";
import { closeTask, listTasks, showTask } from "./command/tasks.ts";
import { showTimeline } from "./command/timeline.ts";
import { undo } from "./command/undo.ts";
import { createToken, listTokens, revokeToken } from "./command/token.ts";

export const program = new Command("drawbridge")
  .description("SCIM 2.0 provisioning bridge: Okta's and Entra's pushes become the calls of a vendor that speaks no SCIM.")
  .exitOverride()
  .showHelpAfterError()
  .hook("preAction", (_, command) => placeFor(command));

const withConfig = (command: Command) => command.option("--config <file>", "the configuration, YAML or JSON; default: DRAWBRIDGE_CONFIG, or drawbridge.yaml of this folder");

withConfig(program.command("serve").description("start the server; without a configuration, the sandbox"))
  .option("--port <number>", "the sandbox's port", "8080")
  .option("--data <folder>", "the sandbox's folder", "./data")
  .action(serve);

const several = (value: string, former: readonly string[]): readonly string[] => [...former, value];
program
  .command("init")
  .description("a guided set-up of a connection; asks on a terminal, or takes everything from flags with --yes")
  .argument("[name]", "of the connection; default: the connector's name")
  .option("--config <file>", "the configuration; a new connection is added to one that is there, and nothing else in it changes", "drawbridge.yaml")
  .option("--connector <name>", "peoplelens, transactionlink, enlivy, applivery, or the path of a manifest.yaml")
  .option("--set <name=value>", "a setting of the connector; several times", several, [])
  .option("--secret <name=place>", "where a secret setting is: NAME=env:VARIABLE or NAME=file:PATH; several times", several, [])
  .option("--role <idp=role>", "a group or role value of the IdP, and the vendor role (id or name) that it leads to; several times, the first wins", several, [])
  .option("--privileged-role <idp=role>", "the same for a privileged role; these go before the others", several, [])
  .option("--fallback <role>", "after the last mapped role is lost: a vendor role, or deactivate")
  .option("--endpoints <evidence>", "the weakest evidence that a vendor call may rest on")
  .option("--on-deactivate <strategies>", "commas between them")
  .option("--on-delete <strategies>", "commas between them; default: what can be taken back")
  .option("--brake <count,share,window>", "such as 10,0.1,60m")
  .option("--protect <address>", "nobody's push takes access from it; several times", several, [])
  .option("--domain <domain>", "nobody outside is created or adopted; several times", several, [])
  .option("--observe", "keep pushes and show the plan until somebody promotes it")
  .option("--reconcile <policy>", "what becomes of drift at the vendor")
  .option("--public-url <url>", "for a new file: where IdPs reach the server")
  .option("--listen <host:port>", "for a new file")
  .option("--store <address>", "for a new file: file:PATH or postgres://…")
  .option("--allow <host>", "egress.allow: a host or network beyond public https addresses; several times", several, [])
  .option("--idp <names>", "okta, entra, or both: a token is made for each, and it is said what to paste")
  .option("--expires <duration>", "of the tokens, such as 365d; default: never")
  .option("--no-token", "make none")
  .option("--no-check", "do not ask the vendor")
  .option("--yes", "ask nothing")
  .option("--json", "one JSON document")
  .action(init);
program
  .command("doctor")
  .description("what is wrong with a set-up, and what to change; exit code 0 nothing, 1 warnings, 2 something does not work")
  .argument("[connection]", "only this one")
  .option("--config <file>", "the configuration, YAML or JSON; default: DRAWBRIDGE_CONFIG, or drawbridge.yaml of this folder")
  .option("--write", "play a throw-away person through the server and the vendor, and take them away again")
  .option("--no-write", "do not ask about that")
  .option("--person <address>", "the throw-away person's address")
  .option("--token-file <file>", "a token as it was pasted into the IdP (- = standard input): whether it is the right one")
  .option("--timeout <seconds>", "how long an answer may take", "10")
  .option("--json", "one JSON document")
  .action(doctor);
program
  .command("plan")
  .description("the exact vendor calls that would follow, with secrets masked; nothing is executed")
  .argument("[file]", "SCIM requests as JSON ({ method, path, body }, or a list of them), a SCIM list, or CSV; - = standard input")
  .requiredOption("--connection <id>")
  .option("--observe", "instead of a file: what a connection that observes has been pushed, as if it were promoted now")
  .option("--config <file>", "the configuration, YAML or JSON; default: DRAWBRIDGE_CONFIG, or drawbridge.yaml of this folder")
  .option("--json", "one JSON document")
  .action(plan);
withConfig(program.command("validate").description("check a configuration and report every mistake")).option("--json", "one JSON document").action(validate);
program.command("schema").description("print the JSON Schema of the configuration").action(configSchema);

const token = program.command("token").description("SCIM tokens: only their hash is kept");
const forConnection = (command: Command) => withConfig(command).option("--data <folder>", "the sandbox's folder, where there is no configuration", "./data").option("--json", "one JSON document");
forConnection(token.command("create")).option("--by <name>", "who makes it, for the journal; default: your account").requiredOption("--connection <id>").requiredOption("--name <name>").option("--expires <duration>", "such as 90d; default: never").action(createToken);
forConnection(token.command("list")).option("--connection <id>").action(listTokens);
forConnection(token.command("revoke").argument("<name>")).option("--by <name>", "who revokes it, for the journal; default: your account").requiredOption("--connection <id>").action(revokeToken);

const tasks = program.command("tasks").description("what only a person can do at a vendor, with the exact steps");
forConnection(tasks.command("list")).option("--connection <id>").option("--all", "closed ones too").action(listTasks);
forConnection(tasks.command("show").argument("<id>")).action(showTask);
forConnection(tasks.command("done").argument("<id>")).option("--by <name>", "who has done it, for the journal; default: your account").action(closeTask);

const person = "userName, externalId, id, the vendor's account id, or a correlation id";
forConnection(program.command("timeline").description("how somebody stands, which role they have and why, and all that happened").argument("<person>", person)).requiredOption("--connection <id>").option("--follow", "go on with what happens from now on").action(showTimeline);
withConfig(program.command("reset-mfa").description("reset somebody's second factor at the vendor; asks first").argument("<person>", person))
  .requiredOption("--connection <id>")
  .option("--by <name>", "who decides, for the journal; default: your account")
  .option("--yes", "do not ask")
  .option("--json", "one JSON document")
  .action((name: string, options: { readonly connection: string; readonly config: string }) => resetSecondFactor(name, { data: "", ...options }));
const at = (command: Command) => forConnection(command).requiredOption("--connection <id>");
const signed = (command: Command) => at(command).option("--by <name>", "who decides, for the journal; default: your account");
signed(program.command("freeze").description("answer pushes with 503 and call the vendor for owned denials only")).requiredOption("--reason <text>", "told to the IdP, too").action(freeze);
signed(program.command("unfreeze").description("end a freeze")).option("--reason <text>").option("--accept-break", "put on record that you know of a broken journal").action(unfreeze);

const observe = program.command("observe").description("keep pushes without carrying them out, and promote the plan that comes of it");
signed(observe.command("start")).option("--reason <text>").action(startObserving);
at(observe.command("status").description("what would be done now, and the plan's hash")).action(observeStatus);
signed(observe.command("promote").argument("<hash>", "of the plan that you have looked at")).action(promote);

signed(program.command("undo").description("restore people and groups as they were before a range of pushes"))
  .option("--since <time>", "ISO 8601, such as 2026-11-20T17:00:00Z")
  .option("--until <time>", "ISO 8601")
  .option("--hold <id>", "what this hold let through")
  .option("--correlation <id>", "one push, or one undo")
  .option("--person <id>", "id or userName: their last push, or all since --since")
  .option("--dry-run", "print only, whatever else is given")
  .option("--force", "restore also what has been changed since")
  .option("--yes", "write it")
  .action(undo);

const audit = program.command("audit").description("the journal: prove it, export it, and remove what was exported");
forConnection(audit.command("verify").description("names the first row that is not what was written; exit code 1")).option("--connection <id>").option("--file <file>", "an export, alone").action(verifyAudit);
at(audit.command("export").description("JSON lines, with hashes")).option("--from <row>").option("--to <row>").option("--out <file>", "a new file; default: standard output").action(exportAudit);
signed(audit.command("prune").description("remove old rows that stand in an export, byte for byte")).requiredOption("--exported <file>").option("--older-than <days>", "such as 90d", "90d").option("--yes", "do it").action(pruneAudit);
at(audit.command("list").description("what happened, the newest first")).option("--kind <kinds>", "push, intent, call, outcome, decision, alarm, hold; several with commas").option("--correlation <id>").option("--resource <id>").option("--limit <number>", "at most so many", "100").action(listAudit);
const holds = program.command("holds").description("pushes that a rail has stopped and that wait for a person");
const deciding = (command: Command) => forConnection(command).requiredOption("--connection <id>").option("--person <name>", "only this person: a userName, a group's name or an id").option("--by <name>", "who decides; default: the user of this computer").option("--yes", "do not ask");
forConnection(holds.command("list")).option("--connection <id>").option("--all", "decided ones too").action(listHolds);
forConnection(holds.command("show").argument("<id>")).option("--connection <id>").action(showHold);
deciding(holds.command("approve").argument("[ids...]", "default: every open hold of the connection").description("have it carried out")).action(approveHolds);
deciding(holds.command("reject").argument("[ids...]", "default: every open hold of the connection").description("forget it; everybody stays as they are")).action(rejectHolds);

addOperatorCommands(program, { forConnection, signed });
forConnection(program.command("reconcile").description("compare a vendor with what is wanted, now").argument("[connection]"))
  .option("--connection <id>")
  .option("--by <name>", "who asks, for the journal; default: your account")
  .option("--repair", "put right what was found, within the rails")
  .option("--denials", "only take away again what was given behind our back")
  .option("--missing <count>", "so many people may be missing from the list, this once")
  .action(runReconciliation);
const drift = program.command("drift").description("what the last complete reconciliation has found");
const findings = (command: Command) => at(command).option("--person <name>", person).option("--limit <count>", "default: 1000");
findings(drift.command("list").description("people and accounts that are not as they should be; orphans apart")).option("--situation <names>", "such as backFromTheDead,drifted").action(listDrift);
at(drift.command("show").argument("<id>")).action(showDrift);
signed(drift.command("repair").argument("<ids...>").description("have the worker put it right, within the rails; asks first")).option("--yes", "do not ask").action(repairDrift);
at(drift.command("runs").argument("[id]", "only this one").description("reconciliations, the newest first")).option("--limit <count>").action(listReconciliations);
findings(program.command("orphans").description("accounts of nobody whom the IdP knows")).action(listOrphans);

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

forConnection(program.command("backup").argument("<file>", "a new file").description("copy the embedded database while the server runs")).action(backup);

program.command("demo").description("play an Okta day and an Entra day against the sandbox, push by push").action(demo);

/** One command line, without the word `drawbridge`. Sets the exit code. */
export async function carryOut(words: readonly string[]): Promise<void> {
  try {
    await program.parseAsync(words, { from: "user" });
  } catch (thrown) {
    if (thrown instanceof CommanderError) process.exitCode = thrown.exitCode === 0 ? 0 : 2;
    else {
      console.error(thrown instanceof Error ? thrown.message : String(thrown));
      process.exitCode = thrown instanceof UsageError || thrown instanceof ConfigMistakes ? 2 : 1;
    }
  }
}

// Whoever only looks at the commands runs none.
if (realpathSync(process.argv[1] ?? "") === fileURLToPath(import.meta.url)) await carryOut(process.argv.slice(2));
