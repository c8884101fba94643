import { createHmac, KeyObject, sign } from "node:crypto";
import { exportJWK, exportSPKI, generateKeyPair, type JWK, SignJWT } from "jose";
import { describe, expect, test } from "vitest";
import { type Federation, openVerifier } from "../../src/http/federation.ts";

const tenant = "11111111-2222-3333-4444-555555555555";
const issuer = `https://login.microsoftonline.com/${tenant}/v2.0`;
const audience = "api://00000000-aaaa-bbbb-cccc-dddddddddddd";
const subject = "99999999-8888-7777-6666-555555555555";
const nowMs = Date.UTC(2026, 5, 1);
const now = nowMs / 1000;

const first = await generateKeyPair("RS256", { extractable: true });
const second = await generateKeyPair("RS256", { extractable: true });
const stranger = await generateKeyPair("RS256", { extractable: true });
const jwkOf = async (pair: typeof first, kid: string): Promise<JWK> => ({ ...(await exportJWK(pair.publicKey)), kid, use: "sig" });
const [jwk1, jwk2, jwkOfStranger] = [await jwkOf(first, "k1"), await jwkOf(second, "k2"), await jwkOf(stranger, "k1")];

const claims = { iss: issuer, aud: audience, sub: subject, tid: tenant, iat: now, nbf: now, exp: now + 3900, appid: "00000000-aaaa-bbbb-cccc-dddddddddddd", ver: "2.0" };
const jwt = (more: object = {}, { pair = first, ...header }: { readonly pair?: typeof first; readonly alg?: string; readonly kid?: string; readonly [more: string]: unknown } = {}): Promise<string> =>
  new SignJWT({ ...claims, ...more }).setProtectedHeader({ alg: "RS256", kid: "k1", typ: "JWT", ...header }).sign(pair.privateKey);

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/** Keys and clock in the test's hand. */
function aVerifier(pins: { readonly audience?: readonly string[]; readonly subject?: string | undefined } = {}) {
  const world = { nowMs, keys: [jwk1] as readonly JWK[] | "down" | "garbage", asked: 0 };
  const fetchKeys = async () => {
    world.asked++;
    if (world.keys === "down") throw new Error("down");
    return world.keys === "garbage" ? { error: "no" } : { keys: world.keys };
  };
  const { verify } = openVerifier({ issuer, audience: [audience], tenant, subject, ...pins } as Federation, fetchKeys, { now: () => world.nowMs, sleep: async () => {} });
  return { world, verify, kind: async (token: string) => (await verify(token)).kind };
}

describe("an assertion that holds", () => {
  test("opens, and says who it is", async () => {
    expect(await aVerifier().verify(await jwt())).toEqual({ kind: "right", subject });
  });

  test.each([
    [[audience], audience],
    [[audience], `${audience}/.default`],
    [[`${audience}/.default`], audience],
    [[`${audience}/.default`], `${audience}/.default`],
    [["api://other", audience], audience],
    [[audience], ["api://other", audience]],
  ])("in both spellings of the audience: %j takes %j", async (expected, aud) => {
    expect(await aVerifier({ audience: expected }).kind(await jwt({ aud }))).toBe("right");
  });

  test.each([
    ["signed a minute ahead of our clock", { nbf: now + 59, iat: now + 59 }],
    ["expired for less than a minute", { exp: now - 59 }],
    ["about whomever, where no subject is pinned", { sub: "somebody-else" }, { subject: undefined }],
  ] satisfies readonly [string, object, Parameters<typeof aVerifier>[0]?][])("%s", async (_name, more, pins?: object) => {
    expect(await aVerifier(pins).kind(await jwt(more))).toBe("right");
  });
});

const pem = await exportSPKI(first.publicKey);
const hs256 = (secret: string): string => {
  const text = `${part({ alg: "HS256", kid: "k1" })}.${part(claims)}`;
  return `${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`;
};

const rs256 = (header: object): string => {
  const text = `${part({ alg: "RS256", kid: "k1", ...header })}.${part(claims)}`;
  return `${text}.${sign("sha256", Buffer.from(text), KeyObject.from(first.privateKey)).toString("base64url")}`;
};

const wrong: readonly (readonly [string, string | Promise<string>])[] = [
  ["no signature, alg none", `${part({ alg: "none", kid: "k1" })}.${part(claims)}.`],
  ["alg nOnE", `${part({ alg: "nOnE", kid: "k1" })}.${part(claims)}.AAAA`],
  ["HS256 with the public key as PEM", hs256(pem)],
  ["HS256 with the public key's modulus", hs256(jwk1.n!)],
  ["another key's signature", jwt({}, { pair: stranger })],
  ["jwk in the header", jwt({}, { pair: stranger, jwk: jwkOfStranger })],
  ["jku in the header", jwt({}, { pair: stranger, jku: "http://127.0.0.1:9/keys" })],
  ["x5u in the header", jwt({}, { pair: stranger, x5u: "http://127.0.0.1:9/cert" })],
  ["an extension that must be understood", rs256({ crit: ["https://example.com/must-know"], "https://example.com/must-know": 1 })],
  ["expired", jwt({ exp: now - 61 })],
  ["not valid yet", jwt({ nbf: now + 61 })],
  ["no expiry", jwt({ exp: undefined })],
  ["no subject", jwt({ sub: undefined })],
  ["another issuer", jwt({ iss: issuer.replace("1111", "1112") })],
  ["another tenant in issuer and tid", jwt({ iss: issuer.replaceAll("1", "2"), tid: tenant.replaceAll("1", "2") })],
  ["another audience", jwt({ aud: "api://another" })],
  ["an audience that begins like ours", jwt({ aud: `${audience}x` })],
  ["no audience", jwt({ aud: undefined })],
  ["another tenant", jwt({ tid: tenant.replace("1111", "1112") })],
  ["no tenant", jwt({ tid: undefined })],
  ["another subject", jwt({ sub: "somebody-else" })],
  ["no JWT", "not.a.jwt"],
  ["half of one", jwt().then((text) => text.slice(0, -20))],
  ["a claim changed after signing", jwt({ sub: "x" }).then(async (text) => [text.split(".")[0], part(claims), text.split(".")[2]].join("."))],
];

test("the hand that signs what jose refuses to sign is a right one", async () => {
  expect(await aVerifier().kind(rs256({}))).toBe("right");
});

test.each(wrong)("does not hold: %s", async (_name, token) => {
  const { kind } = aVerifier();
  expect(await kind(await jwt())).toBe("right"); // the same verifier knows what is right
  expect(await kind(await token)).toBe("wrong");
});

test("a secret that the issuer published by mistake signs nothing", async () => {
  const { world, kind } = aVerifier();
  world.keys = [jwk1, { kty: "oct", kid: "k0", alg: "HS256", k: Buffer.from("published-by-mistake-0123456789-").toString("base64url") }];
  const text = `${part({ alg: "HS256", kid: "k0" })}.${part(claims)}`;
  expect(await kind(`${text}.${createHmac("sha256", "published-by-mistake-0123456789-").update(text).digest("base64url")}`)).toBe("wrong");
  expect(await kind(await jwt())).toBe("right");
});

test("an algorithm that is not on the list is none, whatever keys the issuer has", async () => {
  const { world, kind } = aVerifier();
  const pair = await generateKeyPair("EdDSA", { extractable: true });
  world.keys = [jwk1, await jwkOf(pair, "k0")];
  expect(await kind(await jwt({}, { pair, alg: "EdDSA", kid: "k0" }))).toBe("wrong");
});

describe("keys", () => {
  test("are fetched once for many, and again after an hour", async () => {
    const { world, kind } = aVerifier();
    const token = await jwt({ exp: now + 10_000 });
    expect(await Promise.all([kind(token), kind(token), kind(token)])).toEqual(["right", "right", "right"]);
    world.nowMs += 3_599_000;
    expect(await kind(token)).toBe("right");
    expect(world.asked).toBe(1);
    world.nowMs += 2_000;
    expect(await kind(token)).toBe("right");
    expect(world.asked).toBe(2);
  });

  test("are not asked for by what would not hold anyway", async () => {
    const { world, kind } = aVerifier();
    for (const more of [{ iss: "https://evil.example" }, { aud: "x" }, { tid: "x" }, { sub: "x" }]) expect(await kind(await jwt(more, { kid: "unheard-of" }))).toBe("wrong");
    expect(world.asked).toBe(0);
  });

  test("an unknown key id leads to one more fetch, and to the next a minute later", async () => {
    const { world, kind } = aVerifier();
    const young = await jwt({}, { pair: second, kid: "k2" });
    await kind(await jwt());
    world.nowMs += 60_000;
    world.keys = [jwk1, jwk2]; // rotated unannounced
    expect(await kind(young)).toBe("right");
    expect(world.asked).toBe(2);
    for (let turn = 0; turn < 5; turn++) expect(await kind(await jwt({}, { pair: stranger, kid: `k${turn + 3}` }))).toBe("wrong");
    expect(world.asked).toBe(2);
    world.nowMs += 60_000;
    expect(await kind(await jwt({}, { pair: stranger, kid: "k9" }))).toBe("wrong");
    expect(world.asked).toBe(3);
  });

  test("that are known go on while the key server is down; what cannot be judged is unknown and never wrong", async () => {
    const { world, kind } = aVerifier();
    const token = await jwt({ exp: now + 100_000 });
    await kind(token);
    world.keys = "down";
    world.nowMs += 7_200_000;
    expect(await kind(token)).toBe("right");
    const young = await jwt({ exp: now + 100_000 }, { pair: second, kid: "k2" });
    world.nowMs += 6_000;
    expect(await kind(young)).toBe("unknown");
    expect(await kind(young)).toBe("unknown");
    expect(await kind(await jwt({ exp: now + 100_000, sub: "somebody-else" }, { kid: "k2" }))).toBe("wrong");
    world.keys = [jwk2];
    world.nowMs += 6_000;
    expect(await kind(young)).toBe("right");
    expect(await kind(token)).toBe("wrong"); // its key is gone
  });

  test("that were never there: unknown, asked for again after five seconds and not before", async () => {
    const { world, kind } = aVerifier();
    world.keys = "down";
    const token = await jwt();
    expect(await kind(token)).toBe("unknown");
    world.nowMs += 4_000;
    expect(await kind(token)).toBe("unknown");
    expect(world.asked).toBe(1);
    world.keys = [jwk1];
    world.nowMs += 1_000;
    expect(await kind(token)).toBe("right");
  });

  test.each(["garbage", [] as JWK[]] as const)("an answer without keys (%j) never replaces those that are known", async (answer) => {
    const { world, kind } = aVerifier();
    const token = await jwt({ exp: now + 100_000 });
    await kind(token);
    world.keys = answer;
    world.nowMs += 7_200_000;
    expect(await kind(token)).toBe("right");
    expect(world.asked).toBe(2);
  });
});
