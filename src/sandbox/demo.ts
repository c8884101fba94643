/**
 * The demo: plays the days of `days.ts` against a sandbox of its own and prints, push by push, what came in, what the vendor
 * was called with and what went back. Anything that is not as expected is marked, and the demo fails.
 *
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "../runtime/log.ts";
import { type Day, entraDay, leaverDays, oktaDay, type Step } from "./days.ts";
import { openSandbox, type Place } from "./sandbox.ts";

export interface Stage {
  /** Only on a terminal. */
  readonly colours: boolean;
  print(line: string): void;
}

/** @returns whether every push ended as expected */
export async function playDemo(stage: Stage): Promise<boolean> {
  const dataDir = await mkdtemp(join(tmpdir(), "drawbridge-demo-"));
  const paint = painter(stage.colours);
  stage.print("Starting the bridge and four simulated vendors …");
  const sandbox = await openSandbox({ dataDir, port: 0, log: silentLog });
  try {
    const days = [oktaDay, entraDay, ...leaverDays];
    const total = days.reduce((sum, { steps }) => sum + steps.length, 0);
    let played = 0;
    let wrong = 0;
    for (const day of days) {
      stage.print(`\n${paint.bold(day.title)}`);
      const place = sandbox.places.find(({ connection }) => connection === day.connection);
      if (!place) throw new Error(`the sandbox has no connection ${day.connection}`);
      const run = new DayRun(day, place);
      for (const step of day.steps) {
        played += 1;
        const shown = await run.play(step);
        stage.print(`\n${paint.dim(`[${played}/${total}]`)} ${paint.bold(step.says)}`);
        stage.print(`  ${paint.blue("in ")}  ${shown.came}`);
        for (const call of shown.calls) stage.print(`  ${paint.yellow("call")} ${call}`);
        if (shown.calls.length === 0) stage.print(`  ${paint.dim("call none")}`);
        stage.print(`  ${paint.green("out")}  ${shown.went}`);
        for (const fault of shown.faults) stage.print(`  ${paint.red("!")}    ${fault}`);
        wrong += shown.faults.length > 0 ? 1 : 0;
      }
    }
    stage.print(`\n${wrong === 0 ? paint.green(`${total} pushes, all as expected.`) : paint.red(`${wrong} of ${total} pushes were not as expected.`)}`);
    return wrong === 0;
  } finally {
    await sandbox.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

interface Shown {
  readonly came: string;
  readonly calls: readonly string[];
  readonly went: string;
  readonly faults: readonly string[];
}

/** One person's day: remembers the ids that the steps speak of. */
class DayRun {
  readonly #day: Day;
  readonly #place: Place;
  readonly #names = new Map<string, string>([["run", Math.random().toString(36).slice(2, 8)]]);

  constructor(day: Day, place: Place) {
    this.#day = day;
    this.#place = place;
  }

  async play(step: Step): Promise<Shown> {
    const { vendor, base, token } = this.#place;
    const before = vendor.journal().length;
    const path = this.#fill(step.path);
    const body = step.body === undefined ? undefined : this.#fill(JSON.stringify(step.body));
    const answer = await fetch(base.replace("localhost", "127.0.0.1") + encodeURI(path), {
      method: step.method,
      headers: { Authorization: `Bearer ${token}`, "User-Agent": this.#day.userAgent || "-", ...(body !== undefined && { "Content-Type": "application/scim+json" }) },
      ...(body !== undefined && { body }),
    });
    const text = await answer.text();
    const made = vendor.journal().slice(before);
    this.#remember(step, text);
    const calls = made.map((call) => `${call.method} ${call.path}${call.body ? ` ${JSON.stringify(call.body)}` : ""} → ${call.status ?? "no answer"}`);
    const called = made.map((call) => `${call.method} ${call.path.split("?")[0]}`);
    const asExpected = called.length === step.calls.length && step.calls.every((call, at) => patternOf(call).test(called[at] ?? ""));
    const faults = [
      ...(answer.status === step.status ? [] : [`expected status ${step.status}`]),
      ...(asExpected ? [] : [`expected these calls: ${step.calls.join(", ") || "none"}`]),
    ];
    return { came: `${step.method} ${path}${body === undefined ? "" : ` ${body}`}`, calls, went: `${answer.status}${text ? ` ${text}` : ""}`, faults };
  }

  #fill(text: string): string {
    return text.replace(/\{(id|run)\}/g, (_, name: string) => this.#names.get(name) ?? `{${name}}`);
  }

  #remember(step: Step, text: string): void {
    if (step.method !== "POST" || this.#names.has("id")) return;
    const { id } = JSON.parse(text) as { id?: string };
    if (id) this.#names.set("id", id);
  }
}

/** `*` stands for one segment. */
const patternOf = (call: string): RegExp => new RegExp(`^${call.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", "[^/]+")}$`);

function painter(colours: boolean) {
  const with_ = (code: number) => (text: string) => (colours ? `\u001b[${code}m${text}\u001b[0m` : text);
  return { bold: with_(1), dim: with_(2), red: with_(31), green: with_(32), yellow: with_(33), blue: with_(34) };
}
