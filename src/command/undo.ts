/**
 * `drawbridge undo`: people and groups as they were before a range of pushes. Prints what it would restore; with `--yes` it writes that
 * as new pushes, which whichever server runs carries out like any other.
 *
 * @module
 */
import type { z } from "zod";
import { planUndoing, writeUndoing } from "../operator/undo.ts";
import type { AtConnection } from "./at-connection.ts";
import { withActs } from "./with-acts.ts";
import { print } from "./with-store.ts";

export interface UndoOptions extends AtConnection {
  readonly since?: string;
  readonly until?: string;
  readonly hold?: string;
  readonly correlation?: string;
  readonly person?: string;
  readonly dryRun?: boolean;
  readonly force?: boolean;
  readonly yes?: boolean;
  readonly by?: string;
}

export async function undo(options: UndoOptions): Promise<void> {
  await withActs(options, async ({ ask }) => {
    const { connection, since, until, hold, correlation, person, force } = options;
    const isWritten = options.yes === true && !options.dryRun;
    const document = await ask(isWritten ? writeUndoing : planUndoing, { connection, since, until, hold, correlation, person, force });
    const { steps, left, written } = document;
    const lines = [...steps.map(wordsOf), ...left.map(({ label, why }) => `left as it is   ${label}: ${why}`)];
    const end = isWritten ? `${written} of ${steps.length} written as ${document.correlation}; the server carries them out.` : steps.length === 0 ? "Nothing to restore." : "Nothing was written. Add --yes to do it.";
    print(options, document, [...lines, end].join("\n"));
  });
}

function wordsOf({ kind, label, type, id, restores, attributes = [], add = [], remove = [] }: z.output<typeof planUndoing.output>["steps"][number]): string {
  switch (kind) {
    case "restore":
      return `restore         ${label}: ${attributes.join(", ")}`;
    case "recreate":
      return `make again      ${label} (${type}, new id ${id}, was ${restores})`;
    case "members":
      return `members         ${label}: ${add.length} back in, ${remove.length} out`;
  }
}
