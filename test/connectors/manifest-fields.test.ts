/**
 * Fields in both directions: one value in several places, hints, evidence of each place, what does not fit, what counts as equal.
 *
 * @module
 */
import { describe, expect, test } from "vitest";
import type { Target } from "../../src/connectors/connector.ts";
import type { HttpRequest } from "../../src/connectors/kit/http.ts";
import type { Evidence } from "../../src/model/capability.ts";
import { failureOf } from "../../src/model/failure.ts";
import { accountId } from "../../src/model/ids.ts";
import type { Json, JsonObject } from "../../src/model/json.ts";
import type { Profile, ProfileChange } from "../../src/model/person.ts";
import { acme, engine } from "./support/engine.ts";
import { aCall } from "./support/vendor.ts";

const target = (applied?: Profile): Target => ({ account: accountId("p-1"), kind: "account", email: "ann@acme.example", ...(applied && { applied }) });
const failing = async (run: Promise<unknown> | undefined) => failureOf(await Promise.resolve(run).then(() => { throw new Error("it did not fail"); }, (thrown: unknown) => thrown));

const manifest = acme((raw) => {
  raw.settings.homeCountry = { label: "country", default: "RO" };
  raw.settings.locales = { label: "locales", list: true };
  raw.fields = [
    { scim: "email", to: "user.email", sentOn: ["create", "update"], required: true, transform: "email", evidence: "seed" },
    { scim: "name.givenName", to: "user.first", sentOn: ["create", "update"], required: true, evidence: "seed" },
    { scim: "phone", to: ["phone.digits", "phone.country"], sentOn: ["create", "update"], transform: "phone", country: { from: "address.country", default: "{homeCountry}" }, evidence: "public" },
    { scim: "address.country", to: "country", sentOn: ["create", "update"], required: true, transform: "country", default: "{homeCountry}", evidence: "seed" },
    { scim: "address.streetAddress", to: ["line1", { at: "line2", evidence: "public" }], sentOn: ["create", "update"], transform: "lines", evidence: "seed" },
    { scim: "address.region", to: ["iso", { at: "county", clear: "null" }], sentOn: ["create", "update"], transform: "region", country: { from: "address.country", default: "{homeCountry}" }, evidence: "seed" },
    { scim: "locale", to: "locale", sentOn: ["create", "update"], transform: "language", oneOf: "locales", unfit: "leaveOut", evidence: "seed" },
    { scim: "timezone", to: "timezone", sentOn: ["create", "update"], transform: "timezone", clear: "null", evidence: "seed" },
    { scim: "title", to: "title", sentOn: ["create", "update"], max: 5, unfit: "leaveOut", evidence: "seed" },
  ];
  raw.operations.updateProfile = { call: "profile", body: "changedFields", confirm: { call: "get", shows: "changedFields" } };
});

/** A vendor that keeps what it is told. */
function told(endpoints: Evidence = "inferred", held: JsonObject = {}, settings: Readonly<Record<string, unknown>> = { locales: ["en", "ro"] }) {
  let record: JsonObject = { id: "p-1", role: "viewer", user: { email: "ann@acme.example", first: "Ann" }, ...held };
  const answer = ({ body, method }: HttpRequest): Json => {
    if (method !== "GET") record = { ...record, ...body, user: { ...(record["user"] as JsonObject), ...((body?.["user"] ?? {}) as JsonObject) } };
    return { data: record };
  };
  return engine(manifest, answer, { endpoints, settings });
}
const newcomer = (profile: Profile) => ({ email: "ann@acme.example", profile: { "name.givenName": "Ann", ...profile }, role: undefined, password: undefined });
const bodies = ({ requests }: ReturnType<typeof told>) => requests.flatMap(({ body }) => (body ? [body] : []));

describe("on create", () => {
  test("every part goes to its places, leaning on the person's country", async () => {
    const vendor = told();
    const made = await vendor.connector.create?.(newcomer({ phone: "030 123456", "address.country": "de", "address.streetAddress": "Weg 1\nHof", "address.region": "BE", locale: "en-GB", timezone: "Europe/Berlin", title: "Boss" }), aCall());
    expect(bodies(vendor)).toEqual([{ user: { email: "ann@acme.example", first: "Ann" }, phone: { digits: "30123456", country: "DE" }, country: "DE", line1: "Weg 1", line2: "Hof", iso: "DE-BE", locale: "en", timezone: "Europe/Berlin", title: "Boss" }]);
    // And comes back as one value each.
    expect(made).toMatchObject({ account: { profile: { phone: "+4930123456", "address.country": "DE", "address.streetAddress": "Weg 1\nHof", "address.region": "DE-BE", locale: "en", timezone: "Europe/Berlin" } } });
  });

  test("who has no country gets the default, and numbers lean on it", async () => {
    const vendor = told();
    await vendor.connector.create?.(newcomer({ phone: "0712 345 678", "address.region": "B" }), aCall());
    expect(bodies(vendor)).toEqual([{ user: { email: "ann@acme.example", first: "Ann" }, phone: { digits: "712345678", country: "RO" }, country: "RO", iso: "RO-B" }]);
  });

  test("a place of weaker evidence is left out, and the others hold the whole value", async () => {
    const vendor = told("seed");
    await vendor.connector.create?.(newcomer({ phone: "+40712345678", "address.streetAddress": "Str. 1\nSc. B" }), aCall());
    expect(bodies(vendor)).toEqual([{ user: { email: "ann@acme.example", first: "Ann" }, country: "RO", line1: "Str. 1, Sc. B" }]);
  });

  test.each<{ profile: Profile; detail: RegExp; field: string }>([
    { profile: { phone: "call me" }, detail: /^phone is no telephone number .* which Acme needs$/, field: "phone" },
    { profile: { "address.country": "Romania" }, detail: /^address\.country is no two-letter country code/, field: "address.country" },
    { profile: { timezone: "GTB" }, detail: /^timezone is no time zone/, field: "timezone" },
  ])("what does not fit is refused before anything is sent: $profile", async ({ profile, detail, field }) => {
    const vendor = told();
    expect(await failing(vendor.connector.create?.(newcomer(profile), aCall()))).toMatchObject({ kind: "invalid", scimType: "invalidValue", field, detail: expect.stringMatching(detail) });
    expect(vendor.requests).toEqual([]);
  });

  test("what may be left out is, and the record of the exchange says so", async () => {
    const vendor = told();
    const call = aCall();
    await vendor.connector.create?.(newcomer({ locale: "fr-FR", title: "Director" }), call);
    expect(bodies(vendor)).toEqual([{ user: { email: "ann@acme.example", first: "Ann" }, country: "RO" }]);
    expect(call.exchanges[0]?.failure).toBe("locale was left out: it is none of the vendor's locales (en, ro); title was left out: Acme takes at most 5 characters");
  });
});

describe("on update", () => {
  const changed = async (changes: ProfileChange, { applied, held }: { readonly applied?: Profile; readonly held?: JsonObject } = {}) => {
    const vendor = told("inferred", held);
    const call = aCall();
    const done = await vendor.connector.updateProfile?.(target(applied), changes, call);
    return { sent: bodies(vendor), done, call };
  };

  test("a value leans on what changes with it, else on what was last applied, else on the default", async () => {
    expect((await changed({ "address.region": "CA", "address.country": "US" })).sent).toEqual([{ iso: "US-CA", country: "US" }]);
    expect((await changed({ "address.region": "CA" }, { applied: { "address.country": "US" } })).sent).toEqual([{ iso: "US-CA" }]);
    expect((await changed({ "address.region": "B" })).sent).toEqual([{ iso: "RO-B" }]);
  });

  test("a place that has become superfluous is emptied if there is a way, else a remark is made", async () => {
    const lines = await changed({ "address.streetAddress": "Str. 2" });
    expect(lines.sent).toEqual([{ line1: "Str. 2" }]);
    expect(lines.call.exchanges[0]?.failure).toBe('Acme has no way to empty "line2"');
    expect(lines.done).toMatchObject({ note: 'Acme has no way to empty "line2"' });
    expect((await changed({ "address.region": "Ilfov" })).sent).toEqual([{ county: "Ilfov" }]);
  });

  test("clearing reaches the places that can be emptied, and no other", async () => {
    expect((await changed({ timezone: null }, { held: { timezone: "Europe/Rome" } })).sent).toEqual([{ timezone: null }]);
    expect((await changed({ "address.region": null })).sent).toEqual([{ county: null }]);
    expect(await failing(told().connector.updateProfile?.(target(), { phone: null }, aCall()))).toMatchObject({ kind: "invalid", field: "phone" });
  });

  test("a change that is left out altogether sends nothing, and says so", async () => {
    const { sent, done } = await changed({ locale: "fr" });
    expect(sent).toEqual([]);
    expect(done).toEqual({ confirmed: false, complete: true, note: "locale was left out: it is none of the vendor's locales (en, ro)" });
  });

  test("one that is left out beside others does not look like a lie when it is read back", async () => {
    const { sent, done } = await changed({ locale: "fr", title: "Boss" });
    expect(sent).toEqual([{ title: "Boss" }]);
    expect(done).toMatchObject({ confirmed: true });
  });

  test("the e-mail is a part like others where the call may carry it", async () => {
    const { sent, done } = await changed({ email: " Ann@new.example " });
    expect(sent).toEqual([{ user: { email: "Ann@new.example" } }]);
    expect(done).toMatchObject({ confirmed: true });
  });
});

describe("what the plan is told", () => {
  const trait = (part: string, endpoints?: Evidence) => told(endpoints).connector.traits.parts.find((one) => one.part === part);

  test("what a default fills is not demanded of the IdP", () => {
    expect([trait("address.country")?.required, trait("name.givenName")?.required]).toEqual([false, true]);
  });

  test("the e-mail is a part where it can change, and only there", () => {
    expect(told().connector.traits.emailChange).toBe("possible");
    expect(trait("email")).toMatchObject({ onUpdate: true });
    expect(trait("email")?.same("ann@acme.example", "ANN@acme.example")).toBe(true);
    const { connector } = engine(acme(), () => null);
    expect(connector.traits.emailChange).toBe("impossible");
    expect(connector.traits.parts.map(({ part }) => part)).not.toContain("email");
  });

  test("a part is clearable when one of its open places is", () => {
    expect(["timezone", "address.region", "address.streetAddress", "phone"].map((part) => trait(part)?.clearable)).toEqual([true, true, false, false]);
  });

  test.each<{ part: string; held: string; wanted: string; same: boolean; endpoints?: Evidence }>([
    { part: "phone", held: "+40712345678", wanted: "0712 345 678", same: true },
    { part: "phone", held: "+40712345678", wanted: "0712 345 679", same: false },
    { part: "address.region", held: "US-CA", wanted: "CA", same: true },
    { part: "address.streetAddress", held: "Str. 1, Sc. B", wanted: "Str. 1\nSc. B", same: true, endpoints: "seed" },
    { part: "address.streetAddress", held: "Str. 1, Sc. B", wanted: "Str. 1\nSc. B", same: false },
    { part: "locale", held: "en", wanted: "en-US", same: true },
    // Left out anyway: no endless difference. The other way round it is one.
    { part: "locale", held: "en", wanted: "fr", same: true },
    { part: "locale", held: "fr", wanted: "en", same: false },
  ])("$part: $held at the vendor and $wanted at the IdP are the same: $same", ({ part, held, wanted, same, endpoints }) => {
    expect(trait(part, endpoints)?.same(held, wanted)).toBe(same);
  });
});

test("a list of values that no setting holds is a mistake", () => {
  expect(() => acme((raw) => { raw.fields[3].oneOf = "token"; })).toThrow('fields.3.oneOf there is no setting "token" with a list');
  expect(() => acme((raw) => { raw.fields[3].country = { default: "{nowhere}" }; })).toThrow("fields.3.country.default {nowhere} is neither a setting");
});

test("what travels together is the change, else what is held, else what was last applied", async () => {
  const whole = acme((raw) => { raw.operations.updateProfile.confirm = "none"; });
  const run = async (shown: JsonObject, applied: Profile) => {
    const { connector, requests } = engine(whole, ({ method }) => (method === "GET" ? { data: { id: "p-1", role: "viewer", user: { email: "ann@acme.example", ...shown } } } : null));
    await connector.updateProfile?.(target(applied), { "name.familyName": "Low" }, aCall());
    return requests.at(-1)?.body;
  };
  expect(await run({ first: "Ann", locale: "ro" }, { "name.givenName": "Anna" })).toEqual({ user: { first: "Ann", last: "Low", locale: "ro" }, country: null });
  expect(await run({}, { "name.givenName": "Anna", "address.country": "de" })).toEqual({ user: { first: "Anna", last: "Low", locale: null }, country: "DE" });
});
