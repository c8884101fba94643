/**
 * The commands of the documents that are not run beside the others: why, and what can be checked of them all the same.
 *
 * @module
 */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parse, parseAllDocuments } from "yaml";
import { root, type Written } from "./documents.ts";

const read = (path: string): string => readFileSync(join(root, path), "utf8");
const { scripts } = JSON.parse(read("package.json")) as { readonly scripts: Readonly<Record<string, string>> };

export interface Elsewhere {
  readonly which: (written: Written) => boolean;
  readonly why: string;
  /** @returns what is wrong with it */
  readonly wrongs: (written: Written) => readonly string[];
}

const starts = (...beginnings: readonly string[]) => ({ text }: Written): boolean => beginnings.some((beginning) => text === beginning || text.startsWith(`${beginning} `));
const missing = (...paths: readonly string[]): readonly string[] => paths.filter((path) => !existsSync(join(root, path))).map((path) => `there is no ${path}`);
const holds = (path: string, ...tests: readonly string[]): readonly string[] => tests.filter((name) => !read(path).includes(name)).map((name) => `${path} has no "${name}"`);

/** The script, the file that it runs, and whether that file knows the options. */
function npmScript({ text }: Written): readonly string[] {
  const [, name = ""] = /npm (?:run )?([\w:]+)$/.exec(text.replace(/ -- .*/, "")) ?? [];
  const script = scripts[name];
  if (script === undefined) return [`package.json has no script ${name}`];
  const [file = ""] = /\S+\.(?:ts|mjs)(?= |$)/.exec(script.replace("bin/node24.mjs ", "")) ?? [];
  const options = [...text.matchAll(/ --([a-z][\w-]*)/g)].map(([, option]) => option!);
  return [...missing(file), ...(existsSync(join(root, file)) ? options.filter((option) => !new RegExp(`\\b${option}\\b`).test(read(file))).map((option) => `${file} knows no --${option}`) : [])];
}

function dockerOrKubectl({ text, page }: Written): readonly string[] {
  const folder = dirname(page);
  const words = text.split(" ");
  const after = (option: string): readonly string[] => words.flatMap((word, at) => (word === option ? [words[at + 1] ?? ""] : []));
  const cluster = parseAllDocuments(read("examples/kubernetes/drawbridge.yaml")).map((one) => one.toJS() as { readonly kind: string; readonly metadata: { readonly name: string } });
  const { services } = parse(read("examples/compose/compose.yaml"), { merge: true }) as { readonly services: object };
  return [
    ...after("-f").filter((file) => words[0] === "kubectl" && !existsSync(join(root, folder, file))).map((file) => `there is no ${file}`),
    ...after("--env-file").filter((file) => words[1] === "compose" && !existsSync(join(root, folder, `${file}.example`))).map((file) => `there is no example of ${file}`),
    ...words.filter((word) => word.startsWith("deployment/") && !cluster.some(({ kind, metadata }) => `${kind.toLowerCase()}/${metadata.name}` === word)).map((word) => `there is no ${word}`),
    ...after("exec").filter((word) => words[1] === "compose" && !Object.hasOwn(services, word)).map((word) => `compose has no service ${word}`),
    ...(words[1] === "build" ? missing("Dockerfile") : []),
  ];
}

export const elsewhere: readonly Elsewhere[] = [
  {
    which: ({ page, kind }) => page === "docs/quickstart.md" && kind === "fence",
    why: "test/docs/quickstart.test.ts plays the page from its first command to its last",
    wrongs: () => holds("test/docs/quickstart.test.ts", "every command does what the page says, within ten minutes"),
  },
  { which: starts("npm run demo"), why: "test/command/command-line.test.ts plays it", wrongs: (written) => [...npmScript(written), ...holds("test/command/command-line.test.ts", "the demo plays as expected and says so")] },
  { which: starts("npm ci && npm test", "npm test", "npm run check"), why: "what runs this test", wrongs: npmScript },
  { which: ({ text }) => /^(UPDATE=1 )?npm run /.test(text), why: "long proofs, measurements and suites of others", wrongs: npmScript },
  { which: ({ text }) => ["npm ci", "npm ci --omit=dev"].includes(text), why: "installs packages; the lock file is what this test runs on", wrongs: () => missing("package-lock.json") },
  { which: starts("docker", "kubectl"), why: "needs a container engine, or a cluster; see test/examples/deployment.test.ts and test/architecture/image.test.ts", wrongs: dockerOrKubectl },
  { which: starts("useradd", "install", "cd /opt/drawbridge"), why: "changes the machine: users, /etc, systemd", wrongs: ({ text, page }) => [...text.matchAll(/[\w-]+\.service/g)].flatMap(([file]) => missing(join(dirname(page), file))) },
  { which: starts("pg_dump"), why: "PostgreSQL's own, of a version like the server's", wrongs: () => [] },
];
