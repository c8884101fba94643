/**
 * The journal's side of the kill −9 loop sees what it is there for: a write without an open intent, an intent without an end.
 *
 * @module
 */
import { expect, test } from "vitest";
import { resourceId } from "../../../src/model/ids.ts";
import type { JournalRow } from "../../../src/store/store.ts";
import { type Call, unintended } from "./rest.ts";

const usr = "usr-00000000-0000-4000-8000-000000000001";
const ann = resourceId("00000000-0000-4000-8000-0000000000aa");
const bob = resourceId("00000000-0000-4000-8000-0000000000bb");

type Row = readonly [atMs: number, kind: JournalRow["kind"], data: JournalRow["data"], resource?: typeof ann];
const rows = (...given: readonly Row[]): readonly JournalRow[] => given.map(([atMs, kind, data, resource = ann], at) => ({ seq: at + 1, atMs, resource, correlation: "c", kind, data, hash: "" }));
const intent = (...operations: readonly (string | { readonly kind: string; readonly email: string })[]) => ({ operations: operations.map((one) => (typeof one === "string" ? { kind: one } : one)) });
const create = { kind: "create", email: "ann@acme.example" };
const outcome = (operation: string, result = "done") => ({ operation, result });
const call = (atMs: number, method: string, body: Call["body"] = null): Call => ({ at: new Date(atMs).toISOString(), method, path: method === "POST" ? "/api/users" : `/api/users/${usr}`, body });
const post = (atMs: number) => call(atMs, "POST", { email: "ann@acme.example" });
const disable = (atMs: number) => call(atMs, "PATCH", { is_enabled: false });

const joined: readonly Row[] = [[1_000, "intent", intent(create)], [1_010, "outcome", outcome("create")]];

test.each<[string, readonly Call[], readonly Row[], RegExp | undefined]>([
  ["intended, done, said", [post(1_005)], joined, undefined],
  ["a look", [call(1_005, "GET")], [], undefined],
  ["a create that nobody intended", [post(1_005)], [], /without an intent to create/],
  ["a create before its intent", [post(990)], joined, /without an intent to create/],
  ["a second create after the outcome of the first", [post(1_005), post(1_050)], joined, /POST .* without an intent to create/],
  ["a denial for which there was an intent once, and its outcome", [post(1_005), disable(1_105), disable(1_500)], [...joined, [1_100, "intent", intent("deactivate")], [1_110, "outcome", outcome("deactivate")]], /01\.500Z without an intent to deactivate/],
  ["a change that was not the one intended", [post(1_005), disable(1_105)], [...joined, [1_100, "intent", intent("reactivate")], [1_110, "outcome", outcome("reactivate")]], /without an intent to deactivate/],
  ["a request that arrives after its sender has died and a successor has called it uncertain", [post(1_005), disable(1_900)], [...joined, [1_100, "intent", intent("deactivate")], [1_110, "outcome", outcome("deactivate", "uncertain")]], undefined],
  ["one that nothing can have held up for so long", [post(1_005), disable(3_200)], [...joined, [1_100, "intent", intent("deactivate")], [1_110, "outcome", outcome("deactivate", "uncertain")]], /without an intent/],
  ["somebody who came back as another resource and was given the account", [post(1_005), disable(1_205)], [...joined, [1_100, "intent", intent(create), bob], [1_110, "outcome", outcome("create"), bob], [1_200, "intent", intent("deactivate"), bob], [1_210, "outcome", outcome("deactivate"), bob]], undefined],
  ["somebody with another address who has the intent", [post(1_005), disable(1_205)], [...joined, [1_100, "intent", intent({ kind: "create", email: "bob@acme.example" }), bob], [1_110, "outcome", outcome("create"), bob], [1_200, "intent", intent("deactivate"), bob], [1_210, "outcome", outcome("deactivate"), bob]], /without an intent to deactivate/],
  ["an account that nobody ever made", [{ ...disable(1_205), path: "/api/users/usr-00000000-0000-4000-8000-000000000002" }], [[1_200, "intent", intent("deactivate")], [1_210, "outcome", outcome("deactivate")]], /without an intent/],
  ["an intent of which nothing more is said", [post(1_005)], joined.slice(0, 1), /nothing is said of what became of the intent to create/],
  ["a plan of two of which one is not accounted for", [post(1_005)], [[1_000, "intent", intent(create, "setRole")], [1_010, "outcome", outcome("create")]], /intent to setRole/],
  ["a plan in whose place a later one stands", [], [[1_000, "intent", intent("setRole")], [1_010, "intent", intent("deactivate")], [1_020, "outcome", outcome("deactivate")]], undefined],
  ["a create that was put off, and the leaver's push after it, for whom nothing is left to do", [], [[1_000, "push", {}], [1_000, "intent", intent(create)], [1_050, "push", {}]], undefined],
  ["a push that was taken back", [], [[1_000, "intent", intent(create)], [1_010, "decision", { refused: "create" }]], undefined],
])("%s", (_, calls, journal, says) => {
  const found = unintended(calls, rows(...journal), [{ id: usr, email: "ann@acme.example" }]);
  if (says) expect(found.join("\n")).toMatch(says);
  else expect(found).toEqual([]);
});
