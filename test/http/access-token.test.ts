import { expect, test } from "vitest";
import { openAccessTokens } from "../../src/http/access-token.ts";

const tokens = openAccessTokens("the-key-of-this-installation");
const admitted = { connection: "acme", client: "entra", by: tokens.print("secret"), untilMs: 1_800_000_000_000 };

test("opened again as it was sealed, also by another process with the same key", () => {
  expect(openAccessTokens("the-key-of-this-installation").open(tokens.seal(admitted))).toEqual(admitted);
});

test("holds letters that a header takes as they are", () => {
  expect(tokens.seal({ ...admitted, client: "Ünïcode \n client" })).toMatch(/^dba_[\w-]+$/);
});

test("neither the secret nor what it could be tried against without our key stands in it", () => {
  const text = Buffer.from(tokens.seal(admitted).slice(4), "base64url").toString("latin1");
  expect(text).not.toContain("secret");
  expect(openAccessTokens("another-key").print("secret")).not.toBe(tokens.print("secret"));
  expect(tokens.print("secret")).not.toBe(tokens.print("secret2"));
});

const sealed = tokens.seal(admitted);
const bytes = Buffer.from(sealed.slice(4), "base64url");
const forged = (change: (copy: Buffer) => void) => {
  const copy = Buffer.from(bytes);
  change(copy);
  return `dba_${copy.toString("base64url")}`;
};

test.each([
  ["sealed with another key", openAccessTokens("another-key").seal(admitted)],
  ["one bit of the seal", forged((copy) => (copy[0]! ^= 1))],
  ["one bit of the time", forged((copy) => (copy[copy.length - 2]! ^= 1))],
  ["another connection", forged((copy) => copy.write("acmf", copy.indexOf("acme")))],
  ["without its prefix", sealed.slice(4)],
  ["with a letter behind", `${sealed}A`],
  ["with a letter that base64 ignores", `${sealed}=`],
  ["cut off", sealed.slice(0, 40)],
  ["the prefix alone", "dba_"],
  ["something else", "dbt_0123456789"],
])("is none: %s", (_name, token) => {
  expect(tokens.open(token)).toBeUndefined();
});
