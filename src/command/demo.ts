/**
 * `drawbridge demo`.
 *
 * @module
 */
import { playDemo } from "../sandbox/demo.ts";

export async function demo(): Promise<void> {
  const asExpected = await playDemo({ colours: process.stdout.isTTY === true, print: (line) => console.log(line) });
  if (!asExpected) process.exitCode = 1;
}
