/**
 * What the golden transcripts of every vendor must show. A page that vanishes, or that no longer shows its subject, is missed here.
 *
 * @module
 */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readTranscript } from "../support/transcript.ts";

const here = new URL("./", import.meta.url);
const vendors = ["peoplelens", "transactionlink", "applivery", "enlivy"] as const;
type Vendor = (typeof vendors)[number];

const mapped = (page: string) => ({ peoplelens: page, transactionlink: page, applivery: page, enlivy: page });

/** A subject, the page that shows it for each vendor, and what some fence of that page must contain. */
const subjects: readonly { readonly subject: string; readonly shows: RegExp; readonly pages: Readonly<Record<Vendor, string>> }[] = [
  { subject: "create", shows: /^POST \/Users\n/, pages: mapped("okta-creates") },
  { subject: "profile change", shows: /"name|"title|"userName/, pages: { peoplelens: "profile-changes", transactionlink: "profile-is-written-whole", applivery: "names-stay-here", enlivy: "email-changes" } },
  { subject: "role up", shows: /"op": "replace", "path": "roles"/, pages: mapped("role-changes") },
  { subject: "role down", shows: /"op": "remove", "path": "roles\[/, pages: mapped("role-changes") },
  { subject: "deactivate", shows: /"active", "value": false|"active": false/, pages: { ...mapped("okta-deactivates"), applivery: "leaver-is-removed" } },
  { subject: "reactivate", shows: /"path": "active", "value": true/, pages: mapped("returns") },
  { subject: "delete", shows: /^DELETE \/Users\//, pages: { ...mapped("deleted"), enlivy: "okta-deletes" } },
  { subject: "group add", shows: /^PATCH \/Groups\/[^]*"op": "add", "path": "members"/, pages: mapped("group-adds-members") },
  { subject: "group remove by filter", shows: /^PATCH \/Groups\/[^]*"path": "members\[value eq/, pages: mapped("group-removes-members") },
  { subject: "group remove by a list of values", shows: /^PATCH \/Groups\/[^]*"op": "Remove", "path": "members", "value": \[/, pages: mapped("group-removes-members") },
  { subject: "group replace by PUT", shows: /^PUT \/Groups\//, pages: mapped("group-replaces-members") },
  { subject: "group replace by PATCH", shows: /^PATCH \/Groups\/[^]*"op": "replace", "path": "members"/, pages: mapped("group-replaces-members") },
  { subject: "already there", shows: /^=> 201/, pages: { ...mapped("account-exists"), applivery: "exists-here" } },
  { subject: "gone twice", shows: /^=> 404|=> 409|=> 200/, pages: { ...mapped("gone-twice"), transactionlink: "terminated-twice", enlivy: "already-gone" } },
  { subject: "throttled", shows: /^=> 429/m, pages: mapped("throttled") },
  { subject: "answer lost after create", shows: /^POST [^]*^=> (reset|timeout)/m, pages: mapped("answer-lost-after-create") },
  { subject: "credentials revoked", shows: /^=> 401/m, pages: mapped("credentials-revoked") },
  { subject: "refused", shows: /^=> 400/, pages: mapped("refused") },
];

test("every folder of transcripts has a column in the table of subjects", () => {
  expect(readdirSync(here, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).toSorted()).toEqual([...vendors].toSorted());
});

describe.each(vendors)("the transcripts of %s show", (vendor) => {
  test.each(subjects)("$subject", ({ shows, pages }) => {
    const { fences } = readTranscript(readFileSync(new URL(`${vendor}/${pages[vendor]}.md`, here), "utf8"));
    expect(fences.filter(({ text }) => shows.test(text)).map(({ kind }) => kind)).not.toEqual([]);
  });
});
