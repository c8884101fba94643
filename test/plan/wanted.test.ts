import { describe, expect, test } from "vitest";
import { emailOf, wantedOf } from "../../src/plan/wanted.ts";

const work = { value: "ann@work.example", type: "work", primary: true };
const home = { value: "ann@home.example", type: "home" };

describe("the vendor's e-mail", () => {
  test.each([
    { has: "an address as userName", attributes: { userName: "ann@corp.example", emails: [work] }, identity: "auto", is: "ann@corp.example" },
    { has: "a plain userName", attributes: { userName: "ann", emails: [home, work] }, identity: "auto", is: "ann@work.example" },
    { has: "no work e-mail", attributes: { userName: "ann", emails: [home] }, identity: "auto", is: "ann@home.example" },
    { has: "two work e-mails, one primary", attributes: { userName: "ann", emails: [{ value: "b@x.io", type: "Work" }, { ...work, type: "WORK" }] }, identity: "auto", is: "ann@work.example" },
    { has: "no address at all", attributes: { userName: "ann", emails: [{ value: "none" }] }, identity: "auto", is: undefined },
    { has: "identity workEmail", attributes: { userName: "ann@corp.example", emails: [work] }, identity: "workEmail", is: "ann@work.example" },
    { has: "identity userName, plain", attributes: { userName: "ann", emails: [work] }, identity: "userName", is: undefined },
  ] as const)("of a person with $has is $is", ({ attributes, identity, is }) => {
    expect(emailOf(attributes as never, identity)).toBe(is);
  });
});

test("parts are trimmed, empty ones are absent, and of several addresses the work one counts", () => {
  const { profile, name, active, roles } = wantedOf(
    { userName: "a", name: { givenName: " Ann ", familyName: "  " }, addresses: [{ type: "home", country: "FR" }, { type: "work", country: "DE" }], phoneNumbers: [{ value: "1", type: "mobile" }, { value: "2", type: "other" }], roles: [{ value: "x" }, { display: "y" }] },
    "auto",
  );
  expect(profile).toEqual({ "name.givenName": "Ann", "address.country": "DE", phone: "1" });
  expect({ name, active, roles }).toEqual({ name: "Ann", active: true, roles: ["x"] });
});
