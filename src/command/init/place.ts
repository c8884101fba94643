/**
 * Where a set-up is written to: the file, whether it is there already, and how it and its secrets get onto the disk whole or not at all.
 *
 * @module
 */
import { link, mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";

export interface Place {
  readonly file: string;
  /** `undefined` = there is none yet. */
  readonly text: string | undefined;
}

export async function placeAt(file: string): Promise<Place> {
  try {
    return { file, text: await readFile(file, "utf8") };
  } catch (thrown) {
    if ((thrown as { code?: string }).code === "ENOENT") return { file, text: undefined };
    throw new Error(`${file} cannot be read (${(thrown as { code?: string }).code ?? "unknown reason"}).`, { cause: thrown });
  }
}

/** A file beside the configuration that holds one secret and nothing else. */
export interface SecretFile {
  /** As the configuration names it. */
  readonly path: string;
  readonly text: string;
}

/**
 * All of it or nothing: secrets first, the configuration last and in one step; what was made is taken away again if a later part fails.
 *
 * @throws Error where a secret's file is there already, or somebody has changed the configuration meanwhile
 */
export async function writeAll({ file, text: before }: Place, text: string, secrets: readonly SecretFile[]): Promise<void> {
  const made: string[] = [];
  try {
    for (const { path, text: secret } of secrets) {
      const full = resolve(dirname(file), path);
      await mkdir(dirname(full), { recursive: true, mode: 0o700 });
      await writeNew(full, `${secret}\n`, 0o600);
      made.push(full);
    }
    await swapIn(file, before, text);
  } catch (thrown) {
    for (const path of made) await rm(path, { force: true });
    throw thrown;
  }
}

async function writeNew(path: string, text: string, mode: number): Promise<void> {
  const handle = await open(path, "wx", mode).catch((thrown: unknown) => {
    if ((thrown as { code?: string }).code === "EEXIST") throw new Error(`${path} is there already. Nothing was written.`, { cause: thrown });
    throw thrown;
  });
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** What file systems say that have no links. */
const linkless = new Set(["EPERM", "ENOTSUP", "ENOSYS", "EOPNOTSUPP"]);

/** Whoever reads the file sees the old one or the new one, never a part. */
async function swapIn(file: string, before: string | undefined, text: string): Promise<void> {
  const temporary = `${file}.${process.pid}.new`;
  await mkdir(dirname(resolve(file)), { recursive: true });
  await rm(temporary, { force: true });
  await writeNew(temporary, text, before === undefined ? 0o644 : (await stat(file)).mode & 0o777);
  try {
    const now = (await placeAt(file)).text;
    if (now !== before) throw new Error(`${file} has been changed meanwhile. Nothing was written; begin again.`);
    // A new file never takes the place of one that has just appeared.
    if (before === undefined) await link(temporary, file).catch((thrown: { code?: string }) => (linkless.has(thrown.code ?? "") ? rename(temporary, file) : Promise.reject(thrown as Error)));
    else await rename(temporary, file);
  } finally {
    await rm(temporary, { force: true });
  }
}
