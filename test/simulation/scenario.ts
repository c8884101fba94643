/**
 * What one seed means: which vendor, which troubles, which processes, which people.
 *
 * The shares are those of reliability.md, section 4: a quarter of the requests meet a crash of the process, 15 % are delivered twice; of the
 * vendor's writes 60 % are fine, 12 % end with 5xx, 429 or unsent, 14 % lose their answer, 14 % are carried out late; a tenth of the look-ups fails.
 *
 * @module
 */
import type { IdpRules, Troubles } from "./idp.ts";
import type { Random } from "./random.ts";
import type { Setting } from "./real.ts";
import { roleId } from "../../src/model/ids.ts";
import type { Faults, State, VendorKind } from "./vendor.ts";
import { lateTimeouts } from "./vendor.ts";
import type { Wish } from "./wish.ts";
import { historyOf } from "./wish.ts";

export interface Scenario {
  readonly vendor: VendorKind;
  readonly faults: Faults;
  readonly troubles: Troubles;
  readonly idp: IdpRules;
  readonly setting: Setting;
  readonly processes: 1 | 2;
  readonly skewMs: readonly number[];
  /** How long each call of the store may take in this run. */
  readonly storeSlowMs: number;
  /** When things stop going wrong, at the latest. */
  readonly faultsEndMs: number;
  readonly people: readonly SimPerson[];
  /** When the vendor removes an account behind our back, if it does. */
  readonly removesAtMs: number | undefined;
}

export interface SimPerson {
  readonly email: string;
  readonly history: readonly Wish[];
  /** The account that somebody has made there, long before the IdP came. */
  readonly stands?: State | undefined;
}

/** The three vendors of the table in reliability.md. */
export const cells = ["refuses", "allows", "lags"] as const;
export type Cell = (typeof cells)[number];

const callTimeoutMs = 10_000;
const lagMs = 30_000;

const faults: Faults = { refused: 0.12, lost: 0.14, late: 0.14, lookUp: 0.1 };
const troubles: Troubles = { crash: 0.25, freeze: 0, twice: 0.15, answerLost: 0.05 };

const vendorOf = (cell: Cell): VendorKind => ({ refusesSecond: cell === "refuses", listLagMs: cell === "lags" ? lagMs : 0, invites: false, deletes: false, readsBack: true, movesEmail: false, callTimeoutMs });

/** As long as a request that we gave up on may still be carried out, and then be unseen. */
const settleOf = ({ listLagMs }: VendorKind): number => lateTimeouts * callTimeoutMs + listLagMs;

/** The experiment of reliability.md: whole pushes only, one process, nothing but its faults. Every design can play it. */
export function plainScenario(cell: Cell, random: Random): Scenario {
  const vendor = vendorOf(cell);
  const habits = { wholeOnly: true, usesGroups: false, renames: false, leavers: 0, returns: 0 };
  return {
    vendor,
    faults,
    troubles: { ...troubles, answerLost: 0 },
    idp: { giveUpMs: 60_000, looksFirst: false, isStrict: true, groupsApart: false },
    setting: { deadlineMs: 10_000, settleMs: settleOf(vendor), callTimeoutMs, isShared: false, onOutage: "accept" },
    processes: 1,
    skewMs: [0],
    storeSlowMs: 0,
    faultsEndMs: 900_000,
    people: [1, 2].map((person) => ({ email: `person${person}@acme.example`, history: historyOf(person, `person${person}@acme.example`, random.stream(`person ${person}`), habits) })),
    removesAtMs: undefined,
  };
}

/**
 * What a run is about beside crashes and a bad network: nothing else; invitations; changes of address; accounts removed at the vendor;
 * people who leave and come back, twice, at a vendor whose list is behind; accounts that were there before.
 */
export const subjects = ["plain", "invited", "renamed", "removed", "returning", "found"] as const;
export type Subject = (typeof subjects)[number];

/** Everything that the real code must stand. @param subject default: mostly plain */
export function wildScenario(random: Random, subject: Subject = random.pick(["plain", "plain", "plain", "plain", "plain", "plain", "plain", "invited", "renamed", "removed", "returning", "returning", "found"])): Scenario {
  const cell = subject === "returning" ? "lags" : random.pick(cells);
  const movesEmail = subject === "renamed";
  const invites = subject === "invited";
  const lags = cell === "lags" || random.chance(0.15);
  const vendor: VendorKind = { ...vendorOf(cell), refusesSecond: cell === "refuses" || (cell === "lags" && random.chance(0.2)), listLagMs: lags ? lagMs : 0, deletes: !invites && random.chance(0.3), readsBack: random.chance(0.6), movesEmail, invites };
  const habits = { wholeOnly: random.chance(0.2), usesGroups: random.chance(0.5), renames: movesEmail, leavers: invites ? 0 : subject === "returning" ? 1 : 0.3, returns: subject === "returning" ? 2 : 0.5 };
  const processes = random.chance(0.4) ? 2 : 1;
  return {
    vendor,
    faults,
    troubles: { ...troubles, freeze: random.chance(0.3) ? 0.1 : 0 },
    idp: { giveUpMs: 60_000, looksFirst: random.chance(0.5), isStrict: random.chance(0.5), groupsApart: random.chance(0.6) },
    setting: { deadlineMs: 10_000, settleMs: settleOf(vendor), callTimeoutMs, isShared: processes === 2, onOutage: random.chance(0.15) ? "reject" : "accept" },
    processes,
    skewMs: processes === 2 && random.chance(0.3) ? [random.between(-600_000, 600_000), 0] : [0, 0],
    storeSlowMs: random.chance(0.3) ? random.between(1, 3_000) : 0,
    faultsEndMs: 900_000,
    people: [1, 2].map((person) => {
      const email = `person${person}@acme.example`;
      return { email, history: historyOf(person, email, random.stream(`person ${person}`), habits), stands: subject === "found" && random.chance(0.8) ? standing(email, random) : undefined };
    }),
    removesAtMs: subject === "removed" ? random.between(20_000, 150_000) : undefined,
  };
}

/** In a role that the connection manages. */
const standing = (email: string, random: Random): State => ({ email, role: roleId(random.pick(["user", "staff", "editor"])), active: random.chance(0.7), profile: { "name.givenName": "Before", "name.familyName": "Test", ...(random.chance(0.5) && { title: "before" }) } });
