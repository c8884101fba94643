import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { accountId, connectionId, correlationId, resourceId } from "../../src/model/ids.ts";
import { nothingApplied } from "../../src/model/link.ts";
import type { Attributes } from "../../src/model/resource.ts";
import { newResourceId } from "../../src/runtime/new-id.ts";
import { userTable } from "../../src/scim/schemas.ts";
import { keysOf } from "../../src/scim/search-form.ts";
import type { Store } from "../../src/store/store.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { eventually, openTestHouse } from "../support/house.ts";
import { vendorOf, type TranscriptVendor } from "../support/transcript-vendors.ts";
import { Names, readExchange, readTranscript, scriptedVendor, type Transcript } from "../support/transcript.ts";

const here = new URL("./", import.meta.url);
const folders = readdirSync(here, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name);

describe.each(folders)("the golden transcripts of %s", (connector) => {
  const pages = readdirSync(new URL(`${connector}/`, here)).filter((name) => name.endsWith(".md"));
  test("there are some", () => expect(pages.length).toBeGreaterThanOrEqual(8));
  test.each(pages.map((name) => ({ name, page: readTranscript(readFileSync(new URL(`${connector}/${name}`, here), "utf8")) })))("$page.title", async ({ page }) => {
    expect(await play(page, vendorOf(connector))).toEqual([]);
  });
});

/** @returns every departure from the page */
async function play({ fences }: Transcript, { role, connection }: TranscriptVendor): Promise<readonly string[]> {
  const names = new Names();
  const vendor = await scriptedVendor(names);
  const settings = fences.find(({ kind }) => kind === "settings");
  const house = await openTestHouse({ vendorUrl: vendor.url, apiKey: "key", connection: { ...connection(vendor.url), ...(settings && (JSON.parse(settings.text) as JsonObject)) } });
  const faults: string[] = [];
  try {
    let request: string | undefined;
    for (const fence of fences) {
      const { kind, text } = fence;
      if (kind === "given") for (const user of JSON.parse(text) as Given[]) await give({ role, ...user }, names, house.house.store);
      if (kind === "idp") request = text;
      if (kind === "vendor") vendor.expect(fence);
      if (kind === "later") {
        await eventually(async () => vendor.hasBeenCalled() && (await isDone(house.house.store)), 5_000).catch(() => faults.push(`it was not done later: ${text}`));
        faults.push(...vendor.departures());
      }
      if (kind !== "reply" || request === undefined) continue;
      const sent = readExchange(request);
      const [method = "", ...path] = names.fill(sent.line).split(" ");
      const answer = await house.scim(method, encodeURI(path.join(" ")), sent.body === undefined ? undefined : names.fill(sent.body));
      const wanted = readExchange(text);
      if (String(answer.status) !== wanted.answer) faults.push(`${sent.line} was answered ${answer.status} ${JSON.stringify(answer.body)}, the page says ${wanted.answer}`);
      else if (wanted.answerBody !== undefined && !names.matches(answer.body, wanted.answerBody)) faults.push(`${sent.line} was answered ${JSON.stringify(answer.body)}, the page says ${JSON.stringify(wanted.answerBody)}`);
      faults.push(...vendor.departures());
    }
  } finally {
    await house.stop();
    await vendor.stop();
  }
  return faults;
}

/** Nothing is left but looks at what somebody else may do one day, such as accept an invitation. */
const isDone = async (store: Store) => (await store.openWork(connectionId("acme"), 10)).every(({ due }) => due.lane === "reconcile" && due.failure === undefined);

type Given = { readonly id: string; readonly account: string; readonly role?: string; readonly kind?: "account" | "invitation" } & Record<string, unknown>;

/** Puts a linked person into the store, as earlier pushes would have. */
async function give({ id, account, role, kind = "account", ...attributes }: Given, names: Names, store: Store): Promise<void> {
  const connection = connectionId("acme");
  const resource = newResourceId();
  names.bind(/\w+/.exec(id)?.[0] ?? id, resource);
  const written = attributes as Attributes;
  const email = String(written["userName"]);
  const keys = keysOf(userTable, written, { emailKey: email });
  const committed = await store.commit({ connection, type: "User", id: resourceId(resource), readAt: undefined, attributes: written, keys, bodyDigest: undefined, journal: [], due: { lane: "grant", lease: { owner: "test", forMs: 10_000 } } });
  if (committed.kind !== "committed" || !committed.lease) throw new Error("the given person was not kept");
  const name = written["name"] as { givenName: string; familyName: string };
  const title = written["title"] === undefined ? {} : { title: String(written["title"]) };
  await store.record(committed.lease, {
    journal: [{ kind: "decision", resource, correlation: correlationId("c-given"), data: "given" }],
    link: {
      account: accountId(account), kind, origin: "created", login: email, unknownAt: undefined, verifyAt: undefined,
      applied: { ...nothingApplied, access: written["active"] === false ? "inactive" : "active", role: role as never, wantedRole: role as never, profile: { "name.givenName": name.givenName, "name.familyName": name.familyName, ...title } },
    },
    due: { kind: "done", version: 1 },
  });
}
