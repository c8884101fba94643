/**
 * YAML as plain data, with the way back from a value to the line it stands on. JSON is YAML.
 *
 * The parser's own messages quote the source, so they are replaced by ours.
 *
 * @module
 */
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from "yaml";
import type { Document, Node } from "yaml";
import type { Path, Problem } from "./problem.ts";

export interface YamlText {
  /** `undefined` where the text is no YAML at all. */
  readonly value: unknown;
  readonly problems: readonly Problem[];
  /** The line of the deepest part of `path` that the file has. */
  lineOf(path: Path): number | undefined;
}

const sayings: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: "this key stands here twice; keep one",
  MULTIPLE_DOCS: "only one YAML document is allowed: remove the line `---`",
  TAB_AS_INDENT: "indent with blanks, not with tabs",
  BAD_INDENT: "the indentation does not fit the lines above",
  BAD_ALIAS: "this alias names no anchor above it; quote the text if it is none",
  BAD_SCALAR_START: "text that begins with this character must be quoted",
  MISSING_CHAR: "something is missing here: a quote, a comma, a colon or a closing bracket",
  RESOURCE_EXHAUSTION: "anchors and aliases multiply too much",
};

export function parseYaml(text: string): YamlText {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true, merge: false });
  const problems = [...document.errors, ...document.warnings].map(({ code, pos: [offset] }): Problem => {
    const { line } = lines.linePos(offset);
    const unquoted = /(^|[^"'\w])\$\{/.test(text.split("\n")[line - 1] ?? "");
    return { path: "", line, says: (sayings[code] ?? `this is not valid YAML (${code})`) + (unquoted ? '; write "${NAME}" with quotes' : "") };
  });
  const lineOf = (path: Path): number | undefined => {
    const offset = offsetOf(document, path);
    return offset === undefined ? undefined : lines.linePos(offset).line;
  };
  if (problems.length > 0) return { value: undefined, problems, lineOf };
  try {
    return { value: document.toJS({ maxAliasCount: 100 }) as unknown, problems, lineOf };
  } catch {
    return { value: undefined, problems: [{ path: "", line: undefined, says: sayings["RESOURCE_EXHAUSTION"] ?? "" }], lineOf };
  }
}

function offsetOf(document: Document, path: Path): number | undefined {
  let node: unknown = document.contents;
  let offset = (node as Node | null)?.range?.[0];
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
      if (!pair) return offset;
      offset = (pair.key as Node).range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node) && typeof step === "number") {
      node = node.items[step];
      offset = (node as Node | undefined)?.range?.[0] ?? offset;
    } else return offset;
  }
  return offset;
}
