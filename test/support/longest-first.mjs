/**
 * The order of test files: those that take minutes begin first, so that they do not run alone in the end.
 *
 * Vitest itself remembers how long files took, but not on a fresh checkout, where it goes by their size.
 *
 * @module
 */
import { BaseSequencer } from "vitest/node";

/** The longest first, as measured; what is not named comes after them in vitest's own order. */
const longest = ["conformance/conformance", "simulation/simulation", "crash/canaries", "command/reconcile", "command/holds", "docs/commands", "invariants/unexpected", "crash/anomaly", "doctor/broken-set-ups", "app/undo", "crash/network", "command/command-line", "sabotage/sabotage", "app/audit", "crash/killed-at", "crash/kills"];

const rankOf = (path) => {
  const at = longest.findIndex((name) => path.endsWith(`/test/${name}.test.ts`));
  return at < 0 ? longest.length : at;
};

export class LongestFirst extends BaseSequencer {
  async sort(files) {
    return (await super.sort(files)).toSorted((a, b) => rankOf(a.moduleId) - rankOf(b.moduleId));
  }
}
