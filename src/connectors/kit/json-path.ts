/**
 * Dotted paths into JSON: `user_preferences.0.role`. Own names only; the empty path is the value itself.
 *
 * @module
 */
import type { Json } from "../../model/json.ts";
import { isObject } from "../../model/json.ts";

/** @returns `undefined` where nothing stands */
export function at(value: Json | undefined, path: string): Json | undefined {
  if (path === "") return value;
  let current: Json | undefined = value;
  for (const name of path.split(".")) {
    if (Array.isArray(current)) current = /^\d+$/.test(name) ? (current as readonly Json[])[Number(name)] : undefined;
    else if (isObject(current) && Object.hasOwn(current, name)) current = current[name];
    else return undefined;
  }
  return current;
}

/** The first of several paths that holds a text or a number that is not blank. */
export function firstText(value: Json | undefined, paths: readonly string[]): string | undefined {
  for (const path of paths) {
    const found = at(value, path);
    if (typeof found === "string" && found.trim() !== "") return found;
    if (typeof found === "number") return String(found);
  }
  return undefined;
}

/** Writes into a tree under construction; missing objects on the way are made. */
export function put(tree: Record<string, Json>, path: string, value: Json): void {
  const names = path.split(".");
  const last = names.pop() ?? "";
  let current = tree;
  for (const name of names) {
    const next = Object.hasOwn(current, name) ? current[name] : undefined;
    const branch = isObject(next) ? (next as Record<string, Json>) : {};
    current[name] = branch;
    current = branch;
  }
  current[last] = value;
}

/** Removes the fields of these names, wherever they stand in a tree of our own. @returns the texts that stood in them */
export function takenOut(tree: Json | undefined, names: readonly string[]): readonly string[] {
  if (names.length === 0 || typeof tree !== "object" || tree === null) return [];
  return Object.entries(tree).flatMap(([name, value]: [string, Json]) => {
    if (Array.isArray(tree) || !names.includes(name)) return takenOut(value, names);
    delete (tree as Record<string, Json>)[name];
    return textsIn(value);
  });
}

const textsIn = (value: Json): readonly string[] => (typeof value === "string" ? [value] : typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : []);
