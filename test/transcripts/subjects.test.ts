/**
 * What the golden transcripts of every vendor must show. A page that vanishes, or that no longer shows its subject, is missed here.
 *
 * @module
 */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

const here = new URL("./", import.meta.url);
const vendors = ["peoplelens", "transactionlink", "applivery", "enlivy"] as const;
type Vendor = (typeof vendors)[number];

const mapped = (page: string) => ({ peoplelens: page, transactionlink: page, applivery: page, enlivy: page });

/** A subject, the page that shows it for each vendor, and what that page must contain. */
const subjects: readonly { readonly subject: string; readonly shows: RegExp; readonly pages: Readonly<Record<Vendor, string>> }[] = [
  { subject: "create", shows: /^```http idp\nPOST \/Users\n[^]*^```http vendor\nPOST /m, pages: mapped("okta-creates") },
  { subject: "profile change", shows: /^```http idp\n(?:PATCH|PUT) \/Users\/\S+\n.*(?:name|title|userName)/m, pages: { peoplelens: "profile-changes", transactionlink: "profile-is-written-whole", applivery: "names-stay-here", enlivy: "email-changes" } },
  { subject: "role up", shows: /"op": "replace", "path": "roles"/, pages: mapped("role-changes") },
  { subject: "role down", shows: /"op": "remove", "path": "roles\[/, pages: mapped("role-changes") },
  { subject: "deactivate", shows: /^```http idp\nPATCH .*\n.*"active".*false/m, pages: { ...mapped("okta-deactivates"), applivery: "leaver-is-removed" } },
  { subject: "reactivate", shows: /^```http idp\nPATCH .*\n.*"path": "active", "value": true/m, pages: mapped("returns") },
  { subject: "delete", shows: /^```http idp\nDELETE \/Users\//m, pages: { ...mapped("deleted"), enlivy: "okta-deletes" } },
  { subject: "group add", shows: /^PATCH \/Groups\/.*\n.*"op": "add", "path": "members"/m, pages: mapped("group-adds-members") },
  { subject: "group remove by filter", shows: /^PATCH \/Groups\/.*\n.*"path": "members\[value eq/m, pages: mapped("group-removes-members") },
  { subject: "group remove by a list of values", shows: /^PATCH \/Groups\/.*\n.*"op": "Remove", "path": "members", "value": \[/m, pages: mapped("group-removes-members") },
  { subject: "group replace by PUT", shows: /^PUT \/Groups\//m, pages: mapped("group-replaces-members") },
  { subject: "group replace by PATCH", shows: /^PATCH \/Groups\/.*\n.*"op": "replace", "path": "members"/m, pages: mapped("group-replaces-members") },
  { subject: "already there", shows: /^POST \/Users\n[^]*^```http reply\n=> 201/m, pages: { ...mapped("account-exists"), applivery: "exists-here" } },
  { subject: "gone twice", shows: /^=> 40[49]\n[^]*^```http idp\n(?:PATCH|DELETE) /m, pages: { ...mapped("gone-twice"), transactionlink: "terminated-twice", enlivy: "already-gone" } },
  { subject: "throttled", shows: /^=> 429 [^]*^```text later/m, pages: mapped("throttled") },
  { subject: "answer lost after create", shows: /^```http vendor\nPOST .*\n=> reset[^]*^```text later/m, pages: mapped("answer-lost-after-create") },
  { subject: "credentials revoked", shows: /^=> 401/m, pages: mapped("credentials-revoked") },
  { subject: "refused", shows: /^```http reply\n=> 400/m, pages: mapped("refused") },
];

test("every folder of transcripts has a column in the table of subjects", () => {
  expect(readdirSync(here, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).toSorted()).toEqual([...vendors].toSorted());
});

describe.each(vendors)("the transcripts of %s show", (vendor) => {
  test.each(subjects)("$subject", ({ shows, pages }) => {
    expect(readFileSync(new URL(`${vendor}/${pages[vendor]}.md`, here), "utf8")).toMatch(shows);
  });
});
