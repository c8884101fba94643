/**
 * What a test run came to, from vitest's JSON report and its exit code.
 *
 * @module
 */

/**
 * @param {{ numPassedTests: number, numFailedTests: number, numPendingTests?: number, numTodoTests?: number, testResults: { status: string, name: string, assertionResults: { status: string }[] }[] } | undefined} report
 * @param {number | null} code vitest's exit code; `null` = ended by a signal
 * @returns {{ lines: string[], exitCode: number }} what to print, the verdict last
 */
export function outcomeOf(report, code) {
  if (!report) return { lines: ["vitest wrote no report", "0 passed, 1 failed"], exitCode: 1 };
  const unloaded = report.testResults.filter(({ status, assertionResults }) => status === "failed" && !assertionResults.some((test) => test.status === "failed"));
  const failed = report.numFailedTests + unloaded.length;
  const passed = report.numPassedTests;
  const skipped = (report.numPendingTests ?? 0) + (report.numTodoTests ?? 0);
  const lines = unloaded.map(({ name }) => `not run: ${name}`);
  if (skipped > 0) lines.push(`${skipped} skipped`);
  if (passed + failed === 0) lines.push("no test ran");
  else if (failed === 0 && code !== 0) lines.push("vitest failed beside the tests; see above");
  return { lines: [...lines, `${passed} passed, ${failed} failed`], exitCode: failed > 0 || passed === 0 || code !== 0 ? 1 : 0 };
}
