/**
 * Whether the house without a guard still knows every name that it speaks of. A test that goes red because an edit has planted a
 * misspelt name proves nothing.
 *
 * @module
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import type { Edit } from "./edits.ts";
import { edited, root } from "./tree.ts";

/** "Cannot find name", with and without a guess at what was meant; "… used before being assigned" and what else only types mind is let through. */
const unknownName = new Set([2304, 2503, 2552, 2662, 2663]);

/** @returns sentences, one per edit that plants what no compiler could read */
export function misspelt(edits: readonly Edit[]): readonly string[] {
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile) as { readonly config: object };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const files = [...new Set(edits.map(({ file }) => join(root, file)))];
  const now = { place: "", text: "", version: 0 };
  const service = ts.createLanguageService({
    getCompilationSettings: () => options,
    getScriptFileNames: () => files,
    getScriptVersion: (file) => (file === now.place ? String(now.version) : "0"),
    getScriptSnapshot: (file) => (file === now.place ? ts.ScriptSnapshot.fromString(now.text) : existsSync(file) ? ts.ScriptSnapshot.fromString(readFileSync(file, "utf8")) : undefined),
    getCurrentDirectory: () => root,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: ts.sys.fileExists,
    readFile: ts.sys.readFile,
    readDirectory: ts.sys.readDirectory,
  });
  return edits.flatMap((edit) => {
    const place = join(root, edit.file);
    Object.assign(now, { place, text: edited(readFileSync(place, "utf8"), edit), version: now.version + 1 });
    const found = [...service.getSyntacticDiagnostics(place), ...service.getSemanticDiagnostics(place).filter(({ code }) => unknownName.has(code))];
    return found.map(({ messageText }) => `${edit.file}, without ${edit.guard}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`);
  });
}
