/**
 * The alert rules and the dashboard of `examples/` ask for metrics and labels that there are.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { openMetrics } from "../../src/runtime/metrics.ts";

const read = (path: string): string => readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), "utf8");

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets: readonly { readonly expr: string; readonly legendFormat: string }[];
}
const { panels, templating } = JSON.parse(read("examples/grafana-dashboard.json")) as { readonly panels: readonly Panel[]; readonly templating: { readonly list: readonly { readonly query: string }[] } };
const rules = (parse(read("examples/alerts.yml")) as { readonly groups: readonly { readonly rules: readonly { readonly alert: string; readonly expr: string; readonly annotations: Readonly<Record<string, string>> }[] }[] }).groups.flatMap(({ rules: its }) => its);

const questions = [
  ...panels.flatMap(({ title, targets }) => targets.map(({ expr, legendFormat }) => ({ of: title, expr, says: legendFormat }))),
  ...templating.list.filter(({ query }) => query.includes("drawbridge_")).map(({ query }) => ({ of: "the choice of connections", expr: query, says: "" })),
  ...rules.map(({ alert, expr, annotations }) => ({ of: alert, expr, says: Object.values(annotations).join(" ") })),
];

let page = "";
beforeAll(async () => {
  const metrics = openMetrics();
  metrics.served({ connection: "acme", method: "POST", type: "User", status: 201 });
  metrics.served({ connection: "acme", method: "GET", type: "User", status: 200 });
  metrics.called({ connection: "acme", operation: "create", result: "ok", ms: 5 });
  const connection = { connection: "acme", vendorDown: false, due: { deny: 1 }, failed: 0, oldestDenialSeconds: 0, openHolds: 0, heldPushes: 0, openTasks: 0, journalRows: 1, drift: { drifted: 1 }, reconciledAtSeconds: 0, reconcileFailures: 0 };
  page = await metrics.page({ unsentNotices: 0, connections: [connection] });
});

const samplesOf = (name: string): readonly string[] => page.split("\n").filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));

describe.each(questions)("$of", ({ expr, says }) => {
  test("asks for what is on the page, with labels that it has", () => {
    const names = [...new Set(expr.match(/drawbridge_[a-z0-9_]+/g))];
    expect(names.length).toBeGreaterThan(0);
    for (const name of names) expect(samplesOf(name), name).not.toEqual([]);
    const labels = [...expr.matchAll(/by \(([^)]*)\)/g), ...expr.matchAll(/(\w+)=~/g)].flatMap(([, list = ""]) => list.split(",").map((label) => label.trim()));
    for (const label of labels) for (const name of names) expect(samplesOf(name).some((line) => line.includes(`${label}="`)), `${name}: ${label}`).toBe(true);
    const shown = [...says.matchAll(/\{\{\s*(?:\$labels\.)?(\w+)\s*\}\}/g)].map(([, label]) => label!);
    const kept = expr.includes("by (") ? labels : ["connection", "instance", "job"];
    expect(shown.filter((label) => !kept.includes(label))).toEqual([]);
  });
});

test("no panel lies on another one", () => {
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) => Array.from({ length: w * h }, (_, at) => `${x + (at % w)},${y + Math.floor(at / w)}`));
  expect(new Set(cells).size).toBe(cells.length);
});
