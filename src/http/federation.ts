/**
 * Signed assertions of an identity provider (workload identity federation; Entra's own JWTs): who signed, for whom, for which tenant, until when.
 *
 * Issuer, audience, tenant and, where given, subject are pinned by the configuration: Entra signs for every customer of the world with the
 * same keys, and one audience serves all custom applications of all of them, so a good signature alone proves nothing (idps.md, 10).
 * Keys come from the configured address alone; what a token says about where its keys are is not looked at.
 *
 * What an assertion says of itself is compared first, because that costs nothing: keys are fetched only for one that would hold if its
 * signature did. When they cannot be had, nobody knows whether it is right, and that is `unknown`, never `wrong`: Entra quarantines the
 * whole job on the first 401.
 *
 * @module
 */
import { createLocalJWKSet, decodeJwt, errors, type JSONWebKeySet, type JWTPayload, jwtVerify } from "jose";
import type { Clock } from "../runtime/clock.ts";

export interface Federation {
  readonly issuer: string;
  readonly audience: readonly string[];
  readonly tenant: string;
  readonly subject: string | undefined;
}

/** Fetches the key set; rejects when it cannot be had. */
export type FetchKeys = () => Promise<unknown>;

/** `reason` is for the log. */
export type Verdict = { readonly kind: "right"; readonly subject: string } | { readonly kind: "wrong" | "unknown"; readonly reason: string };

export interface Verifier {
  verify(token: string): Promise<Verdict>;
}

/** Only signatures that nobody can make with a public key. */
const algorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384"];
/** Clocks differ; a minute is enough for any that is looked after. */
const skewSeconds = 60;
/** A set is asked for again after this long, and used for as long as no newer one can be had. */
const freshMs = 3_600_000;
/** Between two fetches, while there are keys to go on with; so an unknown key id costs the issuer one a minute at most. */
const pauseMs = 60_000;
/** The same while there is nothing to go on with. */
const urgentPauseMs = 5_000;

export function openVerifier({ issuer, audience, tenant, subject }: Federation, fetchKeys: FetchKeys, clock: Clock): Verifier {
  const audiences = spellings(audience);
  let keys: ReturnType<typeof createLocalJWKSet> | undefined;
  let fetchedMs = -Infinity;
  let triedMs = -Infinity;
  let fetching: Promise<void> | undefined;

  async function fetched(): Promise<void> {
    triedMs = clock.now();
    const set = (await fetchKeys()) as JSONWebKeySet;
    const next = createLocalJWKSet(set);
    if (set.keys.length === 0) throw new Error("a key set without keys"); // never in exchange for one that has some
    keys = next;
    fetchedMs = clock.now();
  }

  /** One at a time, whoever asks, and none too soon; a failure leaves the keys that are there. */
  const refresh = (afterMs: number): Promise<void> | undefined => (fetching ??= clock.now() - triedMs < afterMs ? undefined : fetched().catch(() => {}).finally(() => (fetching = undefined)));
  /** The last fetch, if there was any, brought nothing. */
  const isCutOff = (): boolean => fetchedMs < triedMs;

  /** @throws JOSEError */
  async function signed(token: string, by: NonNullable<typeof keys>): Promise<JWTPayload> {
    const { payload } = await jwtVerify(token, by, { algorithms, issuer, audience: audiences, clockTolerance: skewSeconds, currentDate: new Date(clock.now()), requiredClaims: ["exp", "iss", "aud", "sub"] });
    return payload;
  }

  /** What is wrong with it, whoever signed. @throws JOSEError for what is no JWT */
  function objection({ iss, aud, sub, tid }: JWTPayload): string | undefined {
    if (iss !== issuer) return "an assertion of another issuer";
    if (![aud].flat().some((one) => one !== undefined && audiences.includes(one))) return "an assertion for another audience";
    if (tid !== tenant) return "an assertion of another tenant";
    return subject !== undefined && sub !== subject ? "an assertion about another subject" : undefined;
  }

  return {
    async verify(token) {
      try {
        const against = objection(decodeJwt(token));
        if (against !== undefined) return { kind: "wrong", reason: against };
        if (clock.now() - fetchedMs > freshMs) await refresh(keys ? pauseMs : urgentPauseMs);
        if (!keys) return { kind: "unknown", reason: "the keys of the issuer cannot be had" };
        const payload = await signed(token, keys).catch(async (thrown: unknown) => {
          if (!(thrown instanceof errors.JWKSNoMatchingKey)) throw thrown;
          await refresh(isCutOff() ? urgentPauseMs : pauseMs);
          return signed(token, keys!);
        });
        return { kind: "right", subject: payload.sub! };
      } catch (thrown) {
        const isUnknown = thrown instanceof errors.JWKSNoMatchingKey && isCutOff();
        if (isUnknown) return { kind: "unknown", reason: "an assertion signed with a new key, while the keys of the issuer cannot be had" };
        return { kind: "wrong", reason: `an assertion that does not hold (${thrown instanceof errors.JOSEError ? thrown.code : "its key is no use"})` };
      }
    },
  };
}

/** Entra's portal shows the audience with `/.default` behind it, and its tokens carry it without. */
const spellings = (audience: readonly string[]): string[] => [...new Set(audience.map((one) => one.replace(/\/\.default$/, "")).flatMap((bare) => [bare, `${bare}/.default`]))];
