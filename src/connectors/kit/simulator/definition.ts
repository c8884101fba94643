/**
 * What a simulated vendor is made of: routes over a plain state, and one switch for everything that nobody knows.
 *
 * A route decides and only then, in `commit`, changes the state. That split is what lets a fault drop a request before it
 * was carried out, after it, or carry it out when nobody is waiting any more.
 *
 * @module
 */
import type { IncomingHttpHeaders } from "node:http";
import type { Json, JsonObject } from "../../../model/json.ts";
import type { Seeded } from "./seeded.ts";

/** @typeParam State plain JSON: it is written to the state file and copied for stale reads */
export interface VendorDefinition<State> {
  /** The connector's name, e.g. `peoplelens`. */
  readonly vendor: string;
  /** Switch → its positions, the default first. */
  readonly switches: SwitchTable;
  /** Name of a credential → the credential itself; the first is the one that may do everything. */
  readonly apiKeys: Readonly<Record<string, string>>;
  /** Names of body fields that the journal never shows. */
  readonly secretFields: readonly string[];
  /** The credential as the vendor wants it presented, or `undefined` where it is missing or presented in another form. */
  credentialOf(headers: IncomingHttpHeaders): string | undefined;
  /** A tenant without anybody in it. */
  initial(): State;
  /** Named sets of records for `seed`. */
  readonly seeds: Readonly<Record<string, JsonObject>>;
  /** Adds records as they are, without the vendor's checks. @throws Fault `invalid` when they make no sense */
  seed(records: JsonObject, world: World<State>): void;
  /** Who may not pass at all (no credential, wrong one) is answered here; `undefined` lets the request through. */
  admit(request: VendorRequest, world: World<State>): Answer | undefined;
  readonly routes: readonly Route<State>[];
  /** An error in this vendor's clothes: unknown path, broken JSON, 429. */
  error(status: number, message: string, world: World<State>): Answer;
}

export type SwitchTable = Readonly<Record<string, readonly [string, ...string[]]>>;

export interface Route<State> {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** `/api/users/{id}`: what stands in braces becomes a parameter, URL-decoded. */
  readonly path: string;
  answer(request: VendorRequest, world: World<State>): Answer;
}

export interface VendorRequest {
  readonly method: string;
  /** Without query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly parameters: Readonly<Record<string, string>>;
  /** `undefined` = no body. */
  readonly body: Json | undefined;
  /** The name of the credential (`admin`), `undefined` if it is none of ours. */
  readonly credential: string | undefined;
}

export interface World<State> {
  readonly state: State;
  /** Where a switch stands. */
  position(name: string): string;
  /** The simulated vendor's time, ms since 1970. */
  readonly now: number;
  readonly random: Seeded;
}

export interface Answer {
  readonly status: number;
  /** `undefined` = an empty body. */
  readonly body: Json | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  /** What the request does to the state; absent when it does nothing. */
  commit?(): void;
}
