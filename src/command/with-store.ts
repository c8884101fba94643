/**
 * What the commands that look into the store share: which store, and how an answer is printed.
 *
 * @module
 */
import { join } from "node:path";
import { readConfig } from "../config.ts";
import { systemClock } from "../runtime/clock.ts";
import { sandboxConnections } from "../sandbox/sandbox-config.ts";
import { openStore } from "../store/open-store.ts";
import type { Store } from "../store/store.ts";
import { world } from "./world.ts";

export interface Where {
  readonly config?: string;
  /** The sandbox's folder, where there is no configuration. */
  readonly data: string;
  readonly json?: boolean;
}

/** @param step gets the store and the names of the configured connections */
export async function withStore(where: Where, step: (store: Store, connections: readonly string[]) => Promise<void>): Promise<void> {
  const config = where.config === undefined ? undefined : await readConfig(where.config, world);
  const store = await openStore({ url: config?.store ?? `file:${join(where.data, "drawbridge.db")}`, clock: systemClock });
  store.keepNotices(config?.alarms.webhook !== undefined); // what a command raises the server sends
  try {
    await step(store, config ? config.connections.map(({ id }) => id) : sandboxConnections);
  } finally {
    await store.close();
  }
}

/** One JSON document for scripts, or words for people. */
export function print({ json }: Where, document: unknown, words: string): void {
  console.log(json ? JSON.stringify(document, undefined, 2) : words);
}
