/**
 * What goes wrong at the n-th fault point, once, in one of six ways.
 *
 * @module
 */
import SqliteFile from "better-sqlite3";
import type { FaultPoint } from "../../../src/runtime/fault.ts";

export const modes = ["throw", "crash", "hang", "delay", "store error", "store full"] as const;
export type Mode = (typeof modes)[number];

export interface Trouble {
  /** The n-th point from now on meets it, or the first of that name. */
  arm(mode: Mode, which: number | FaultPoint): void;
  /** Nothing more is counted; where it hit is kept until the next arming. */
  disarm(): void;
  /** The store works again. */
  heal(): void;
  /** Points that were reached since the beginning. */
  readonly passed: number;
  readonly hit: FaultPoint | undefined;
  /** It is still to come. */
  readonly armed: boolean;
  at(point: FaultPoint, kill: () => void): Promise<void>;
}

/** Longer than the deadline of a push, and shorter than the patience of whoever pushes. */
const delayMs = 350;
/** So many transactions in a row fail once the store does. */
const failures = 2;

const storeErrors = {
  "store error": () => new SqliteFile.SqliteError("disk I/O error", "SQLITE_IOERR_WRITE"),
  "store full": () => new SqliteFile.SqliteError("database or disk is full", "SQLITE_FULL"),
} as const;

export function openTrouble(): Trouble {
  let armed: { readonly mode: Mode; readonly point: FaultPoint | undefined; left: number } | undefined;
  let broken: { readonly mode: keyof typeof storeErrors; left: number } | undefined;
  let hit: FaultPoint | undefined;
  let passed = 0;

  function storeFails(point: FaultPoint): void {
    if (!broken || (point !== "commit.before" && point !== "migrate.step")) return;
    const { mode } = broken;
    broken.left -= 1;
    if (broken.left === 0) broken = undefined;
    throw storeErrors[mode]();
  }

  return {
    arm(mode, which) {
      armed = typeof which === "number" ? { mode, point: undefined, left: which } : { mode, point: which, left: 1 };
      broken = undefined;
      hit = undefined;
    },
    disarm() {
      armed = undefined;
    },
    heal() {
      broken = undefined;
    },
    get passed() {
      return passed;
    },
    get armed() {
      return armed !== undefined;
    },
    get hit() {
      return hit;
    },
    async at(point, kill) {
      passed += 1;
      storeFails(point);
      if (!armed || (armed.point !== undefined && armed.point !== point) || --armed.left > 0) return;
      const { mode } = armed;
      armed = undefined;
      hit = point;
      switch (mode) {
        case "throw":
          throw new Error(`planted at ${point}`);
        case "crash":
          return kill();
        case "hang":
          return new Promise(() => {});
        case "delay":
          return new Promise((resolve) => setTimeout(resolve, delayMs));
        case "store error":
        case "store full":
          // The connection breaks once the commit has been sent: what became of it can be asked (an error), or cannot (and it stays full).
          if (mode === "store full" || point !== "commit.after") broken = { mode, left: failures };
          if (point === "commit.after") throw storeErrors[mode]();
          return storeFails(point);
      }
    },
  };
}
