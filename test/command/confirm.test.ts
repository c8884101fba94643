/**
 * Asking before something dangerous.
 *
 * @module
 */
import { PassThrough } from "node:stream";
import { afterEach, describe, expect, test } from "vitest";
import { confirmed, UsageError } from "../../src/command/confirm.ts";

const real = { stdin: Object.getOwnPropertyDescriptor(process, "stdin"), stderr: Object.getOwnPropertyDescriptor(process, "stderr") };
afterEach(() => {
  for (const [name, descriptor] of Object.entries(real)) if (descriptor) Object.defineProperty(process, name, descriptor);
});

/** @returns what was asked */
function terminal(answer: string, isTTY: { readonly stdin: boolean; readonly stderr: boolean }): () => string {
  const [stdin, stderr] = [new PassThrough(), new PassThrough()];
  let asked = "";
  stderr.on("data", (text) => (asked += String(text)));
  Object.defineProperty(process, "stdin", { configurable: true, value: Object.assign(stdin, { isTTY: isTTY.stdin }) });
  Object.defineProperty(process, "stderr", { configurable: true, value: Object.assign(stderr, { isTTY: isTTY.stderr }) });
  stdin.write(`${answer}\n`);
  return () => asked;
}

const both = { stdin: true, stderr: true };

describe("a dangerous command", () => {
  test.each(["y", "Y", "yes", " YES "])("goes on after “%s”", async (answer) => {
    const asked = terminal(answer, both);
    await confirmed("Do it?", {});
    expect(asked()).toContain("Do it? [y/N]");
  });

  test.each(["", "n", "no", "yep", "yes please"])("does nothing after “%s”", async (answer) => {
    terminal(answer, both);
    await expect(confirmed("Do it?", {})).rejects.toThrow(UsageError);
  });

  test.each([{ stdin: false, stderr: true }, { stdin: true, stderr: false }])("does nothing where nobody can be asked: %o", async (isTTY) => {
    const asked = terminal("y", isTTY);
    await expect(confirmed("Do it?", {})).rejects.toThrow(/say --yes/);
    expect(asked()).toBe("");
  });

  test("asks nobody with --yes", async () => {
    const asked = terminal("n", both);
    await confirmed("Do it?", { yes: true });
    expect(asked()).toBe("");
  });
});
