/**
 * A catalogue of hostile requests, played byte by byte by the tool that belongs to it; with every variable that its entries ask for.
 *
 * Catalogue and tool are no part of this repository (they name faults of other projects): HOSTILE_TOOL and HOSTILE_CATALOGUE say where
 * they are. Three connections: one for most entries, one whose `domains` are set, one whose brake is tight.
 *
 * @module
 */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { startPeopleLens } from "../../../src/connectors/peoplelens/simulator.ts";
import { connectionId } from "../../../src/model/ids.ts";
import { openStore } from "../../../src/store/open-store.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { hashOf } from "../../../src/tokens.ts";
import { openStage, sectionFor, token, type Stage } from "../stage.ts";
import { NotRun, type Check, type Suite } from "../suite.ts";
import { run } from "../tool.ts";

interface Played {
  readonly id: string;
  readonly name: string;
  readonly faults?: readonly string[];
  readonly skipped?: string;
}

interface Tool {
  readonly program: string;
  readonly catalogue: string;
}

const domainEntries = ["patch-60", "write-27", "write-28"];
const brakeEntries = ["write-39"];
const named = (ids: readonly string[]): string => `^(?:${ids.join("|")}) `;

export const hostile: Suite = {
  id: "hostile",
  title: "Catalogue of hostile requests (given by HOSTILE_TOOL and HOSTILE_CATALOGUE)",
  async run() {
    const tool = toolOf();
    const entries = (JSON.parse(await readFile(tool.catalogue, "utf8").catch(() => "[]")) as readonly unknown[]).length;
    const checks = [...(await usual(tool)), ...(await withDomains(tool)), ...(await withTightBrake(tool))];
    return { kind: "ran", version: `${entries} entries`, checks };
  },
};

/** @throws NotRun where nobody has said where they are */
export function toolOf(): Tool {
  const { HOSTILE_TOOL: program, HOSTILE_CATALOGUE: catalogue } = process.env;
  if (program === undefined || catalogue === undefined) throw new NotRun("say in HOSTILE_TOOL and HOSTILE_CATALOGUE where they are");
  return { program, catalogue };
}

/** @param words more for its command line */
export async function play({ program, catalogue }: Tool, { base, token: bearer }: Pick<Stage, "base" | "token">, words: readonly string[]): Promise<readonly Check[]> {
  const { output, errors } = await run(process.execPath, [program, "--base", base, "--token", bearer, "--file", catalogue, "--json", ...words], { timeoutMs: 900_000 });
  if (!output.startsWith("{")) throw new NotRun(`the tool could not start: ${errors.trim().slice(0, 200)}`);
  const { results } = JSON.parse(output) as { readonly results: readonly Played[] };
  return results.map(({ id, name, faults, skipped }) => ({ name: `${id} ${name}`, result: skipped !== undefined ? "skipped" : (faults ?? []).length === 0 ? "passed" : "failed", says: skipped ?? (faults ?? []).join("; ") }));
}

const variables = (values: Readonly<Record<string, string>>): readonly string[] => Object.entries(values).flatMap(([name, value]) => ["--var", `${name}=${value}`]);

async function usual(tool: Tool): Promise<readonly Check[]> {
  const { stage, words, stop } = await openUsual();
  try {
    return await play(tool, stage, words);
  } finally {
    await stop();
  }
}

/** What most entries are played against, and what the tool is told of it. @param store a database; `undefined` = a file of its own */
export async function openUsual(store?: string): Promise<{ readonly stage: Stage; readonly words: readonly string[]; stop(): Promise<void> }> {
  const issuer = await openIssuer();
  const otherVendor = await startPeopleLens();
  const otherToken = token("other");
  const auth = { jwt: { issuer: issuer.name, audience: issuer.audience, tenant: issuer.tenant, subject: issuer.subject, jwksUri: issuer.jwksUri } };
  const stage = await openStage({ connection: { auth }, others: { other: sectionFor(otherVendor, otherToken) }, ...(store !== undefined && { store }) });
  const stop = async () => {
    await stage.stop();
    await otherVendor.stop();
    await issuer.stop();
  };
  try {
    const { status, body } = await stage.scim("POST", "/Users", { schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"], userName: "last.admin@example.com", name: { givenName: "Last", familyName: "Admin" }, active: true, roles: [{ value: "Admins" }] });
    if (status !== 201) throw new Error(`the last administrator cannot be made: ${status}`);
    const administrator = await vendorIdOf(stage, "last.admin@example.com");
    const words = [
      "--other-base", stage.base.replace("/acme/", "/other/"), "--other-token", otherToken, "--vendor", `${stage.vendor.controlUrl}/state`, "--skip", named([...domainEntries, ...brakeEntries]),
      ...variables({
        jwt: "1",
        jwtExpired: await issuer.sign({ exp: -3_600 }),
        jwtWrongAud: await issuer.sign({ audience: "api://another" }),
        jwtNotYet: await issuer.sign({ nbf: 3_600 }),
        tokenUrl: `${stage.origin}/oauth/acme/token`,
        clientId: stage.client.id,
        clientSecret: stage.client.secret,
        revokedToken: await revoked(stage),
        vendorToken: stage.vendor.apiKey,
        adminUserId: String(body["id"]),
        adminVendorId: administrator,
      }),
    ];
    return { stage, words, stop };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}

async function withDomains(tool: Tool): Promise<readonly Check[]> {
  const stage = await openStage({ connection: { domains: ["example.com"] } });
  try {
    return await play(tool, stage, ["--only", named(domainEntries), ...variables({ domains: "1" })]);
  } finally {
    await stage.stop();
  }
}

/** Whoever leaves the group loses their account; more than two are too many. */
async function withTightBrake(tool: Tool): Promise<readonly Check[]> {
  const stage = await openStage({ connection: { roles: { map: [{ idp: "Seats", vendor: "User" }], fallback: "deactivate" }, rails: { massDeprovision: { count: 2, share: 0 } } } });
  try {
    const members: { value: unknown }[] = [];
    for (let n = 0; n < 6; n++) members.push({ value: (await stage.scim("POST", "/Users", { schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"], userName: `seat${n}@example.com`, name: { givenName: "Seat", familyName: String(n) } })).body["id"] });
    const { body } = await stage.scim("POST", "/Groups", { schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"], displayName: "Seats", members });
    return await play(tool, stage, ["--only", named(brakeEntries), ...variables({ roleMappedGroupId: String(body["id"]) })]);
  } finally {
    await stage.stop();
  }
}

/** The account's id at the simulated vendor, once the role is there, too. */
async function vendorIdOf({ vendor }: Stage, email: string): Promise<string> {
  for (let tries = 0; tries < 200; tries++) {
    const account = (vendor.state() as { readonly users: readonly { readonly id: number | string; readonly email: string; readonly role: string }[] }).users.find((user) => user.email === email && user.role === "Admin");
    if (account) return String(account.id);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${email} did not become an administrator at the vendor`);
}

/** A token that the store had and has no more. */
async function revoked({ store: url }: Stage): Promise<string> {
  const store = await openStore({ url, clock: systemClock });
  const dead = token("revoked");
  await store.addToken(connectionId("acme"), { name: "dead", hash: hashOf(dead).toString("hex"), expiresMs: undefined });
  await store.revokeToken(connectionId("acme"), "dead");
  await store.close();
  return dead;
}

/** Signs tokens as Entra would; its keys are on a loopback port. */
async function openIssuer() {
  const { publicKey, privateKey } = await generateKeyPair("RS256", { extractable: true });
  const keys = { keys: [{ ...(await exportJWK(publicKey)), kid: "k1", use: "sig", alg: "RS256" }] };
  const server = createServer((_, response) => response.setHeader("Content-Type", "application/json").end(JSON.stringify(keys)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const issuer = { name: `${url}/v2.0`, audience: "api://compliance", tenant: "tenant-1", subject: "subject-1", jwksUri: `${url}/keys` };
  return {
    ...issuer,
    /** @param wrong seconds from now, or another audience */
    async sign(wrong: { readonly exp?: number; readonly nbf?: number; readonly audience?: string }): Promise<string> {
      const now = Math.floor(Date.now() / 1_000);
      return new SignJWT({ tid: issuer.tenant }).setProtectedHeader({ alg: "RS256", kid: "k1" }).setIssuer(issuer.name).setAudience(wrong.audience ?? issuer.audience).setSubject(issuer.subject)
        .setIssuedAt(now - 7_200).setNotBefore(now + (wrong.nbf ?? -7_200)).setExpirationTime(now + (wrong.exp ?? 7_200)).sign(privateKey);
    },
    stop: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}
