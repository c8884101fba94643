/**
 * Every command line that the documents show: in fences, between backticks, and in the comments of examples.
 *
 * @module
 */
import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";

export const root = fileURLToPath(new URL("../../", import.meta.url));

export interface Written {
  /** `docs/okta.md:33` */
  readonly where: string;
  readonly page: string;
  /** On one line, without its comment. */
  readonly text: string;
  /** `inline` may name a command without all that it needs. */
  readonly kind: "fence" | "inline" | "comment";
}

/** What a shell would run. */
const programs = ["drawbridge", "npx", "npm", "node", "curl", "docker", "kubectl", "systemctl", "journalctl", "pg_dump", "openssl", "useradd", "install", "cp", "cd", "UPDATE=1"];
const isProgram = (text: string): boolean => (programs.includes(/^\S+/.exec(text)?.[0] ?? "") && text.includes(" ")) || /^GET https?:/.test(text);

export const pages: readonly string[] = ["README.md", "bench/README.md", "scim-schemas/README.md", ...globSync("docs/*.md", { cwd: root })].toSorted();

export function commandsIn(program: Command): readonly Written[] {
  const files = ["Dockerfile", ...globSync("examples/**/*.{yaml,yml,service,example}", { cwd: root })].toSorted();
  return [...pages.flatMap((page) => inPage(page, program)), ...files.flatMap((file) => inComments(file, program))];
}

function inPage(page: string, program: Command): readonly Written[] {
  const text = readFileSync(root + page, "utf8");
  const lineAt = (at: number): number => text.slice(0, at).split("\n").length;
  const found: Written[] = [];
  for (const { 1: language = "", 2: body = "", index } of text.matchAll(/^```(\w*)[^\n]*\n([\s\S]*?)^```$/gm)) {
    if (language === "sh") for (const line of shellLines(body)) found.push({ where: `${page}:${lineAt(index)}`, page, text: line, kind: "fence" });
  }
  // As long as before, so that lines keep their numbers.
  const prose = text.replaceAll(/^```[\s\S]*?^```$/gm, (fence) => fence.replaceAll(/[^\n]/g, " "));
  for (const { 1: span = "", index } of prose.matchAll(/`([^`]+)`/g)) {
    const line = span.replaceAll(/\s+/g, " ").trim();
    if (isProgram(line) || isShort(line, program)) found.push(...alternatives(line).map((one) => ({ where: `${page}:${lineAt(index)}`, page, text: one, kind: "inline" as const })));
  }
  return found;
}

/** Commands in fences without a language, where nobody would find them. */
export const hiddenIn = (page: string): readonly string[] =>
  [...readFileSync(root + page, "utf8").matchAll(/^```(\w*)[^\n]*\n([\s\S]*?)^```$/gm)].flatMap(([, language, body = ""]) => (language === "" ? shellLines(body).filter(isProgram) : []));

/** `tasks done ID`: the word `drawbridge` was said before. */
function isShort(line: string, program: Command): boolean {
  const [first, second = ""] = line.split(" ");
  const command = program.commands.find((one) => one.name() === first);
  return command !== undefined && (command.commands.some((one) => second.split("|").includes(one.name())) || (command.commands.length === 0 && /^(--[a-z]|[A-Z]{2,}$)/.test(second)));
}

/** `audit verify|export`: two commands. */
function alternatives(line: string): readonly string[] {
  const [all = ""] = /(?<= )[a-z]+(\|[a-z]+)+(?= |$)/.exec(line) ?? [];
  return all === "" ? [line] : all.split("|").map((one) => line.replace(all, one));
}

/** One command a line; ` # …` behind it is for the reader. */
const shellLines = (body: string): readonly string[] =>
  body.replaceAll(/\\\n\s*/g, "").split("\n").map((line) => line.replace(/(^|\s+)#.*$/, "").trim()).filter((line) => line !== "");

function inComments(file: string, program: Command): readonly Written[] {
  const text = readFileSync(root + file, "utf8");
  const found: Written[] = [];
  for (const { 1: body = "", index } of text.matchAll(/^[^\S\n]*#[^\S\n]*((?:.*\\\n[^\S\n]*#)*.*)$/gm)) {
    const where = `${file}:${text.slice(0, index).split("\n").length}`;
    // A command, or a sentence that ends in one.
    const whole = body.replaceAll(/\\\n\s*#\s*/g, "").replace(/^[A-Z][^:`]*: (?=kubectl |docker )/, "");
    for (const line of shellLines(whole)) if (isProgram(line) && !/[a-z)][.:]$/.test(line)) found.push({ where, page: file, text: line, kind: "comment" });
    for (const { 1: span = "" } of whole.matchAll(/`([^`]+)`/g)) if (isProgram(span) || isShort(span, program)) found.push({ where, page: file, text: span, kind: "inline" });
  }
  for (const { 0: line, index } of text.matchAll(/(?<=summary: ".*: )drawbridge [^"]+(?=")/g)) found.push({ where: `${file}:${text.slice(0, index).split("\n").length}`, page: file, text: line.replaceAll("{{ $labels.connection }}", "ID"), kind: "inline" });
  return found;
}
