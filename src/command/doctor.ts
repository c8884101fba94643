/**
 * `drawbridge doctor [CONNECTION]`: what is wrong with a set-up, and what to change, a sentence each.
 *
 * Exit codes as monitoring systems read them: 0 nothing to do, 1 warnings, 2 something does not work (or the command line is wrong).
 *
 * @module
 */
import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { type Config, examineConfig } from "../config.ts";
import { configFindings } from "../doctor/configuration.ts";
import { exitCode, type Finding, type Outcome } from "../doctor/finding.ts";
import { lookAtStore } from "../doctor/store.ts";
import { visit } from "../doctor/doctor.ts";
import type { ConnectionId } from "../model/ids.ts";
import { type Clock, systemClock } from "../runtime/clock.ts";
import { openStore } from "../store/open-store.ts";
import type { Store } from "../store/store.ts";
import { agreed, UsageError } from "./confirm.ts";
import { world } from "./world.ts";

export interface DoctorOptions {
  readonly config: string;
  readonly write?: boolean;
  readonly person?: string;
  readonly tokenFile?: string;
  readonly timeout: string;
  readonly json?: boolean;
}

export async function doctor(name: string | undefined, options: DoctorOptions): Promise<void> {
  const timeoutMs = secondsOf(options.timeout) * 1_000;
  const pasted = options.tokenFile === undefined ? undefined : options.tokenFile === "-" ? await text(process.stdin) : await readFile(options.tokenFile, "utf8");
  const ending = new AbortController();
  process.once("SIGINT", () => ending.abort("interrupted"));
  const tell = telling(options);
  const examined = await examineConfig(options.config, world);
  const findings: Finding[] = [];
  for (const finding of configFindings(options.config, examined)) findings.push(tell(finding));
  const { config } = examined;
  if (config) {
    const connections = chosen(name, config);
    const write = await mayWrite(options, config, connections);
    for await (const finding of findingsOf(config, { connections, write, address: options.person, pasted }, { timeoutMs, signal: ending.signal })) findings.push(tell(finding));
  }
  finished(options, findings);
  process.exitCode = ending.signal.aborted ? 130 : exitCode(findings);
}

async function* findingsOf(config: Config, wanted: Parameters<typeof visit>[1], { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal }): AsyncGenerator<Finding> {
  const clock: Clock = systemClock;
  const looked = await lookAtStore(config.store, clock);
  yield* looked.findings;
  const store: Store | undefined = looked.usable ? await openStore({ url: config.store, clock }) : undefined;
  try {
    yield* visit({ config, store, clock, env: process.env, timeoutMs, signal }, wanted);
  } finally {
    await store?.close();
  }
}

function chosen(name: string | undefined, { connections }: Config): readonly ConnectionId[] | undefined {
  if (name === undefined) return undefined;
  const found = connections.find(({ id }) => id === name);
  if (!found) throw new UsageError(`There is no connection "${name}"; configured: ${connections.map(({ id }) => id).join(", ")}.`);
  return [found.id];
}

/** Said, or asked on a terminal; never by itself. */
async function mayWrite({ write, json }: DoctorOptions, config: Config, connections: readonly ConnectionId[] | undefined): Promise<boolean> {
  if (write !== undefined || json) return write ?? false;
  return agreed(`Play a throw-away person through ${(connections ?? config.connections.map(({ id }) => id)).join(", ")}? It makes an account at the vendor and takes it away again.`);
}

const marks: { readonly [K in Outcome]: string } = { ok: "ok   ", note: "note ", skipped: "–    ", warning: "WARN ", failure: "FAIL " };

/** As they come, for people; scripts get one document at the end. */
function telling({ json }: DoctorOptions): (finding: Finding) => Finding {
  let place: string | undefined;
  return (finding) => {
    if (json) return finding;
    const here = finding.connection ?? "the server";
    if (here !== place) console.log(`${place === undefined ? "" : "\n"}${here}`);
    place = here;
    console.log(`  ${marks[finding.outcome]} ${finding.check.padEnd(20)} ${finding.says}`);
    if ("change" in finding) console.log(`        ${" ".repeat(20)} → ${finding.change}`);
    return finding;
  };
}

function finished({ json }: DoctorOptions, findings: readonly Finding[]): void {
  const count = (outcome: Outcome): number => findings.filter((finding) => finding.outcome === outcome).length;
  const counts = { ok: count("ok"), note: count("note"), skipped: count("skipped"), warning: count("warning"), failure: count("failure") };
  if (json) console.log(JSON.stringify({ outcome: (["ok", "warning", "failure"] as const)[exitCode(findings)], counts, findings: findings.map((finding, at) => ({ id: at + 1, connection: finding.connection ?? null, ...finding })) }, undefined, 2));
  else console.log(`\n${counts.ok} ok, ${counts.warning} ${counts.warning === 1 ? "warning" : "warnings"}, ${counts.failure} ${counts.failure === 1 ? "failure" : "failures"}${counts.skipped > 0 ? `, ${counts.skipped} not looked at` : ""}.`);
}

function secondsOf(text: string): number {
  if (!/^[1-9]\d{0,2}$/.test(text)) throw new UsageError("--timeout must be a number of seconds from 1 to 999.");
  return Number(text);
}
