/**
 * What the commands share: the world that a configuration is read from, and how its mistakes are told.
 *
 * @module
 */
import { readFile } from "node:fs/promises";
import { ConfigMistakes } from "../config/problem.ts";
import type { World } from "../config/expand.ts";

export const world: World = { env: process.env, readFile: (file) => readFile(file, "utf8") };

/** A thrown thing as a person reads it; every mistake of a configuration on a line of its own. */
export const told = (thrown: unknown): string => (thrown instanceof ConfigMistakes ? thrown.message : thrown instanceof Error ? thrown.message : String(thrown));
