/**
 * The rules of the house that a text alone can break, as pure functions over files: style, names, size, secrets.
 *
 * @module
 */
import ts from "typescript";

export interface SourceFile {
  /** From the project's root, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

export const lineCount = ({ text }: SourceFile): number => text.trimEnd().split("\n").length;

/** Files of more than 250 lines that give no reason, and reasons that nobody needs any more. */
export function longWithoutReason(files: readonly SourceFile[], reasons: Readonly<Record<string, string>>): readonly string[] {
  const long = files.filter((file) => lineCount(file) > 250).map(({ path }) => path);
  return [...long.filter((path) => !reasons[path]?.trim()).map((path) => `${path} has more than 250 lines and no reason`), ...Object.keys(reasons).filter((path) => !long.includes(path)).map((path) => `${path} needs no reason any more`)];
}

/** The file opens with a doc comment that ends in `@module`. */
export const opensWithModuleComment = ({ text }: SourceFile): boolean => /^(#!.*\n)?\/\*\*\n(?: \*.*\n)+? \* @module\n \*\//.test(text);

const forbidden = new Set(["manager", "handler", "util", "utility", "helper", "common", "misc", "service", "provider", "processor", "payload", "sync"]);
/** Names that RFC 7643 gives. */
const standard = /serviceProviderConfig/gi;

/** Words of a name that no file or export may carry: `userManager` → `manager`. */
export const forbiddenWords = (name: string): readonly string[] =>
  name
    .replace(standard, "")
    .split(/[^A-Za-z]+|(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/)
    .map((word) => word.toLowerCase())
    .filter((word) => forbidden.has(word) || forbidden.has(word.replace(/(ies|s)$/, (end) => (end === "ies" ? "y" : ""))));

/** Names that a file exports; `default` for a default export, however it is written. */
export function exportedNames({ path, text }: SourceFile): readonly string[] {
  const isExported = (node: ts.Node): boolean => ts.canHaveModifiers(node) && (ts.getModifiers(node) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
  const isDefault = (node: ts.Node): boolean => ts.canHaveModifiers(node) && (ts.getModifiers(node) ?? []).some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword);
  const bound = (name: ts.BindingName): readonly string[] => (ts.isIdentifier(name) ? [name.text] : name.elements.flatMap((element) => (ts.isBindingElement(element) ? bound(element.name) : [])));
  return parsed(path, text).statements.flatMap((statement): readonly string[] => {
    if (ts.isExportAssignment(statement)) return ["default"];
    if (ts.isExportDeclaration(statement)) {
      if (!statement.exportClause) return [];
      return ts.isNamedExports(statement.exportClause) ? statement.exportClause.elements.map(({ name }) => name.text) : [statement.exportClause.name.text];
    }
    if (!isExported(statement)) return [];
    if (isDefault(statement)) return ["default"];
    if (ts.isVariableStatement(statement)) return statement.declarationList.declarations.flatMap(({ name }) => bound(name));
    const { name } = statement as ts.DeclarationStatement;
    return name && ts.isIdentifier(name) ? [name.text] : [];
  });
}

/** Relative imports that do not name the file that exists. */
export const importsWithoutEnding = ({ path, text }: SourceFile): readonly string[] =>
  ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName).filter((target) => target.startsWith(".") && !/\.(ts|json|mjs|cjs)$/.test(target)).map((target) => `${path}: ${target}`);

/** How often a file takes a secret out of its box. */
export const revealCount = ({ path, text }: SourceFile): number => {
  let count = 0;
  const walk = (node: ts.Node): void => {
    if (ts.isPropertyAccessExpression(node) && node.name.text === "reveal") count++;
    ts.forEachChild(node, walk);
  };
  walk(parsed(path, text));
  return count;
};

/** `TODO`s that nobody can find again. */
export const looseTodos = ({ path, text }: SourceFile): readonly string[] =>
  text.split("\n").flatMap((line, at) => (/\b(TODO|FIXME|XXX)\b/.test(line) && !/(TODO|FIXME|XXX) ?\(?#\d+/.test(line) ? [`${path}:${at + 1}`] : []));

const parsed = (path: string, text: string): ts.SourceFile => ts.createSourceFile(path, text, ts.ScriptTarget.Latest, false);
