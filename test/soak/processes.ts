/**
 * The server and the vendors of the soak as processes of their own, each asked over its channel: what is measured is the server alone.
 *
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

export interface Child<Question, Answer> {
  readonly pid: number | undefined;
  ask(question: Question): Promise<Answer>;
  end(): Promise<void>;
}

/** Starts a script of this folder; resolves with its first message. */
export async function start<Begun, Question, Answer>(script: string, args: readonly string[], flags: readonly string[] = []): Promise<Child<Question, Answer> & { readonly begun: Begun }> {
  const child: ChildProcess = spawn(process.execPath, [...flags, fileURLToPath(new URL(script, import.meta.url)), ...args], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const ended = new Promise<never>((_, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => reject(new Error(`${script} has ended (${code ?? signal})`)));
  });
  ended.catch(() => {}); // who waits for an answer hears of it
  const next = <T>() => Promise.race([new Promise<T>((resolve) => child.once("message", (message) => resolve(message as T))), ended]);
  const begun = await next<Begun>();
  let last: Promise<unknown> = Promise.resolve();
  return {
    pid: child.pid,
    begun,
    ask(question) {
      const answer = last.then(() => {
        const answered = next<Answer>();
        child.send(question as object);
        return answered;
      });
      last = answer.catch(() => {});
      return answer;
    },
    async end() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGKILL");
      await gone;
    },
  };
}
