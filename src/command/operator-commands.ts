/**
 * The commands of an operator's day that no IdP and no vendor asks for: who may look, how it stands, what is open, trying again.
 *
 * @module
 */
import type { Command } from "commander";
import { acts } from "../operator/acts.ts";
import { descriptionOf } from "../operator/description.ts";
import { checkConnection, listConnections, showConnection, showStatus } from "./connections.ts";
import { createOperator, listOperators, revokeOperator, sayWho } from "./operator.ts";
import { listWork, retry, showWork } from "./operations.ts";
import { findPeople } from "./people.ts";

/** What `main.ts` adds to every command of this kind. */
export interface Kinds {
  /** `--config`, `--data`, `--json`. */
  forConnection(command: Command): Command;
  /** Beside these, `--connection` and `--by`. */
  signed(command: Command): Command;
}

export function addOperatorCommands(program: Command, { forConnection, signed }: Kinds): void {
  const by = (command: Command) => forConnection(command).option("--by <name>", "who does it, for the journal; default: your account");

  const operator = program.command("operator").description("tokens of the operator API: only their hash is kept");
  by(operator.command("create")).requiredOption("--name <name>", "whose it is: the journal names them by it").requiredOption("--role <role>", "viewer, operator or approver").option("--expires <duration>", "such as 90d, or never; default: 365d").action(createOperator);
  forConnection(operator.command("list")).action(listOperators);
  by(operator.command("revoke").argument("<name>")).action(revokeOperator);
  by(program.command("whoami").description("how the journal names you")).action(sayWho);
  program.command("openapi").description("print the description of the operator API").option("--url <url>", "where it is reached", "http://localhost:8080").action(({ url }: { readonly url: string }) => console.log(JSON.stringify(descriptionOf(acts, url.replace(/\/+$/, "")), undefined, 2)));

  forConnection(program.command("status").description("the house at a glance")).action(showStatus);
  const connections = program.command("connections").description("how the connections are");
  forConnection(connections.command("list")).action(listConnections);
  forConnection(connections.command("show").argument("<id>")).action(showConnection);
  forConnection(connections.command("check").argument("<id>").description("ask the vendor now; exit code 1 when it says no")).action(checkConnection);

  forConnection(program.command("people").description("who answers to a name").argument("<name>", "userName or how it begins, externalId, id, the vendor's account id, or a correlation id")).option("--connection <id>").action(findPeople);

  const operations = program.command("operations").description("what is still to be done at the vendors");
  forConnection(operations.command("list"))
    .option("--connection <id>")
    .option("--state <states>", "due, running, waiting, failed, held, done; several with commas")
    .option("--lane <lane>", "deny, grant, profile or reconcile")
    .option("--older-than <duration>", "such as 10m")
    .option("--all", "also what is done")
    .option("--limit <number>", "at most so many", "1000")
    .action(listWork);
  forConnection(operations.command("show").argument("<id>", "an operation's id, or a person")).requiredOption("--connection <id>").action(showWork);
  signed(program.command("retry").description("have it tried again at once").argument("[id]", "an operation's id, or a person")).option("--all", "everything of the connection that was given up").option("--lane <lane>", "with --all: only this one").option("--yes", "do not ask").action(retry);
}
