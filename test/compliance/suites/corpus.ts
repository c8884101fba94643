/**
 * The recorded requests of IdPs (test/corpus), all on one connection; `npm test` plays them, too.
 *
 * @module
 */
import { corpusRows, openCorpus } from "../../corpus/play.ts";
import type { Check, Suite } from "../suite.ts";

export const corpus: Suite = {
  id: "idp-corpus",
  title: "IdP corpus: recorded and documented traffic of ten clients (test/corpus)",
  async run(stage) {
    const play = openCorpus(stage);
    const checks: Check[] = [];
    for (const row of corpusRows) {
      const wrong = await play(row).catch((thrown: Error) => [thrown.message]);
      checks.push({ name: `${row.idp} ${row.step}`, result: wrong.length === 0 ? "passed" : "failed", says: wrong.join("; ") });
    }
    return { kind: "ran", version: "this repository", checks };
  },
};
