/**
 * Signed assertions of an identity provider (workload identity federation; Entra's own JWTs): who signed, for whom, for which tenant, until when.
 *
 * Issuer, audience, tenant and, where given, subject are pinned by the configuration: Entra signs for every customer of the world with the
 * same keys, and one audience serves all custom applications of all of them, so a good signature alone proves nothing (idps.md, 10).
 * Keys come from the configured address alone; what a token says about where its keys are is not looked at.
 *
 * @module
 */
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTPayload, jwtVerify } from "jose";
import type { Clock } from "../runtime/clock.ts";

export interface Federation {
  readonly issuer: string;
  readonly audience: readonly string[];
  readonly tenant: string;
  readonly subject: string | undefined;
}

/** Fetches the key set; rejects when it cannot be had. */
export type FetchKeys = () => Promise<unknown>;

export interface Verifier {
  /** @returns who it is, or why not, for the log */
  verify(token: string): Promise<{ readonly ok: true; readonly subject: string } | { readonly ok: false; readonly reason: string }>;
}

/** Only signatures that nobody can make with a public key. */
const algorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384"];
/** Clocks differ; a minute is enough for any that is looked after. */
const skewSeconds = 60;
/** A set is asked for again after this long, and used for as long as no newer one can be had. */
const freshMs = 3_600_000;
/** An unknown key id leads to one fetch, and to the next no sooner than this. */
const refetchMs = 60_000;

export function openVerifier({ issuer, audience, tenant, subject }: Federation, fetchKeys: FetchKeys, clock: Clock): Verifier {
  let keys: ReturnType<typeof createLocalJWKSet> | undefined;
  let fetchedMs = -Infinity;
  let triedMs = -Infinity;
  let fetching: Promise<void> | undefined;

  async function fetched(): Promise<void> {
    triedMs = clock.now();
    const set = (await fetchKeys()) as JSONWebKeySet;
    keys = createLocalJWKSet(set);
    fetchedMs = clock.now();
  }

  /** One at a time, whoever asks; a failure leaves the keys that are there. */
  const refresh = (): Promise<void> => (fetching ??= fetched().catch(() => {}).finally(() => (fetching = undefined)));

  async function signed(token: string): Promise<JWTPayload> {
    if (!keys) throw new Error("the keys of the issuer cannot be had");
    const { payload } = await jwtVerify(token, keys, { algorithms, issuer, audience: audiences(audience), clockTolerance: skewSeconds, currentDate: new Date(clock.now()), requiredClaims: ["exp", "iss", "aud", "sub"] });
    return payload;
  }

  return {
    async verify(token) {
      try {
        if (clock.now() - fetchedMs > freshMs && clock.now() - triedMs > refetchMs) await refresh();
        const payload = await signed(token).catch(async (thrown: unknown) => {
          if (!(thrown instanceof errors.JWKSNoMatchingKey) || clock.now() - triedMs <= refetchMs) throw thrown;
          await refresh();
          return signed(token);
        });
        if (payload["tid"] !== tenant) return { ok: false, reason: "an assertion of another tenant" };
        if (subject !== undefined && payload.sub !== subject) return { ok: false, reason: "an assertion about another subject" };
        return { ok: true, subject: payload.sub ?? "" };
      } catch (thrown) {
        return { ok: false, reason: `an assertion that does not hold (${thrown instanceof errors.JOSEError ? thrown.code : "its issuer's keys cannot be had"})` };
      }
    },
  };
}

/** Entra's portal shows the audience with `/.default` behind it, and its tokens carry it without. */
const audiences = (audience: readonly string[]): string[] => [...new Set(audience.flatMap((one) => [one, one.replace(/\/\.default$/, "")]))];
