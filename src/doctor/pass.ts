/**
 * A token of the doctor's own for one connection: good for minutes, taken back at the end. What is asked with it is asked as an IdP would.
 *
 * @module
 */
import { createHash, randomBytes } from "node:crypto";
import type { ConnectionId } from "../model/ids.ts";
import type { JournalEntry } from "../model/resource.ts";
import { newCorrelationId, newToken } from "../runtime/new-id.ts";
import type { Store } from "../store/store.ts";
import { type Answered, exchange } from "./exchange.ts";
import type { Ward } from "./ward.ts";

/** By this name a later visit knows what an earlier one could not take back. */
const nameStart = "doctor-";
const lifetimeMs = 900_000;
/** A running server looks for new tokens once a second. */
export const noticedMs = 1_200;

export interface Pass {
  readonly token: string;
  /** Safe to call twice. */
  takeBack(): Promise<void>;
}

export async function issuePass(connection: ConnectionId, store: Store): Promise<Pass> {
  const nowMs = await store.now();
  const old = (await store.tokens(connection)).filter(({ name, expiresMs }) => name.startsWith(nameStart) && expiresMs !== undefined && expiresMs <= nowMs);
  for (const { name } of old) await store.revokeToken(connection, name, noted("token revoke", name));
  const token = newToken();
  const name = `${nameStart}${randomBytes(6).toString("hex")}`;
  await store.addToken(connection, { name, hash: createHash("sha256").update(token).digest("hex"), expiresMs: nowMs + lifetimeMs }, noted("token create", name));
  return { token, takeBack: async () => void (await store.revokeToken(connection, name, noted("token revoke", name))) };
}

/** As the journal has it of every token that somebody makes or takes away. */
const noted = (operator: string, token: string): readonly JournalEntry[] => [{ kind: "decision", resource: undefined, correlation: newCorrelationId(), data: { operator, by: "doctor", token } }];

/** Tokens of people and IdPs, without those of visits. */
export const isPass = (name: string): boolean => name.startsWith(nameStart);

/** How to come in: a connection's base address, and what to show there. */
export interface WayIn {
  /** `https://scim.example.com/scim/acme/v2` */
  readonly base: string;
  /** The whole Authorization header. */
  readonly authorization: string;
}

export interface ScimAsked {
  readonly method: string;
  /** Below the base, as it goes over the wire. */
  readonly path: string;
  readonly body?: unknown;
}

export function scim({ base, authorization }: WayIn, { method, path, body }: ScimAsked, ward: Ward, timeoutMs = ward.timeoutMs): Promise<Answered> {
  const url = new URL(base);
  return exchange({
    method,
    url,
    path: url.pathname + path,
    headers: { authorization, accept: "application/scim+json", ...(body !== undefined && { "content-type": "application/scim+json" }) },
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    timeoutMs,
    signal: ward.signal,
    authorities: ward.authorities,
  });
}

export const baseOf = (origin: URL, connection: ConnectionId): string => `${origin.href.replace(/\/$/, "")}/scim/${connection}/v2`;
