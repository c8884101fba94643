/**
 * One layer, two ways in: every act has its command and its route, and every command that is about a running store has its act.
 *
 * @module
 */
import type { Command } from "commander";
import { describe, expect, test } from "vitest";
import { program } from "../../src/main.ts";
import { acts } from "../../src/operator/acts.ts";
import { inputSchemaOf, placedOf } from "../../src/operator/placing.ts";
import { description } from "./described.ts";

/** Words of every command that does something: `holds approve`. */
function leaves(command: Command, words: readonly string[] = []): readonly (readonly [string, Command])[] {
  return command.commands.flatMap((sub): readonly (readonly [string, Command])[] => {
    const name = [...words, sub.name()];
    return sub.commands.length > 0 ? leaves(sub, name) : [[name.join(" "), sub]];
  });
}
const commands = new Map(leaves(program));

/** Not about what a server holds, or not to be had from afar. */
const without: Readonly<Record<string, string>> = {
  serve: "is the server",
  validate: "reads a file",
  schema: "prints what is in the code",
  openapi: "prints what the API gives at /openapi.json",
  "connector test": "reads a file",
  "connector new": "writes a file",
  "simulate vendor": "is a server for trials",
  demo: "is a play",
  init: "writes a file",
  doctor: "looks from outside, at the file, the machine and the server itself",
  plan: "carries everything out on a copy, in a process of its own",
  backup: "writes a file beside the database",
  "audit prune": "removes only what stands in a file that the operator has, byte for byte",
};

describe("commands", () => {
  test("every act has one", () => {
    expect(acts.filter(({ command }) => !commands.has(command)).map(({ name, command }) => `${name}: ${command}`)).toEqual([]);
  });

  test("every one has an act, or a reason why not", () => {
    const done = new Set(acts.map(({ command }) => command));
    expect([...commands.keys()].filter((name) => !done.has(name) && without[name] === undefined)).toEqual([]);
    expect(Object.keys(without).filter((name) => !commands.has(name) || done.has(name))).toEqual([]);
  });

  test("every one that does an act prints one JSON document for scripts", () => {
    expect(acts.filter(({ command }) => !commands.get(command)?.options.some(({ long }) => long === "--json")).map(({ command }) => command)).toEqual([]);
  });

  test("what changes something is signed", () => {
    const unsigned = acts.filter(({ route, command, name }) => route.method !== "GET" && !["people.search", "connections.check", "undo.plan"].includes(name) && !commands.get(command)?.options.some(({ long }) => long === "--by"));
    expect(unsigned.map(({ command }) => command)).toEqual([]);
  });

  /** Fields that the command says otherwise: pages it reads by itself, one name for both, and what is asked on a terminal. */
  const said: Readonly<Record<string, string>> = { cursor: "", seen: "", after: "--follow", id: "<id>", person: "<person>", policy: "--repair, --denials", mostMissing: "--missing" };
  test.each(acts.map((act) => ({ name: act.name, act })))("$name: each field can be said on the command line", ({ act }) => {
    const command = commands.get(act.command);
    const spelled = (field: string) => `--${field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    const options = new Set(command?.options.map(({ long }) => long));
    const missing = Object.keys(inputSchemaOf(act).properties).filter((field) => said[field] === undefined && !options.has(spelled(field)) && field !== "limit" && !command?.registeredArguments.some((argument) => [field, `${field}s`].includes(argument.name()) || (field === "connection" && argument.name() === "id")));
    expect(missing).toEqual([]);
  });
});

describe("routes", () => {
  test("no two acts share one", () => {
    const routes = acts.map(({ route }) => `${route.method} ${route.path.replace(/\{\w+\}/g, "{}")}`);
    expect(routes.filter((route, at) => routes.indexOf(route) !== at)).toEqual([]);
    expect(new Set(acts.map(({ name }) => name)).size).toBe(acts.length);
  });

  test("the description names exactly these, with their role and their command", () => {
    const paths = description["paths"] as Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
    const described = Object.entries(paths).flatMap(([path, operations]) => Object.entries(operations).map(([method, operation]) => [operation["operationId"], method.toUpperCase(), path, operation["x-role"], operation["x-command"]]));
    expect(described.filter(([id]) => id !== "openapi")).toEqual(expect.arrayContaining(acts.map(({ name, route, needs, command }) => [name, route.method, route.path, needs, `drawbridge ${command}`])));
    expect(described.length).toBe(acts.length + 1);
  });

  test.each(acts.map((act) => ({ name: act.name, act })))("$name: every field of the path is one of the input, and what reads changes nothing by a body", ({ act }) => {
    const { path, query, body } = placedOf(act);
    const fields = Object.keys(inputSchemaOf(act).properties);
    expect(path.filter((name) => !fields.includes(name))).toEqual([]);
    expect(act.route.method === "POST" ? query : body).toEqual([]);
  });
});
