/**
 * What the contract suite must know about a vendor to test its connector: how to seed and see people there, and what the
 * switches of its simulator change.
 *
 * @module
 */
import type { ConnectorSetup } from "../../src/connectors/setup.ts";
import type { RunningSimulator, SimulatorOptions } from "../../src/connectors/kit/simulator/running.ts";
import type { SwitchTable } from "../../src/connectors/kit/simulator/definition.ts";
import type { Capability, Evidence } from "../../src/model/capability.ts";
import type { RoleId } from "../../src/model/ids.ts";
import type { JsonObject } from "../../src/model/json.ts";
import type { Profile } from "../../src/model/person.ts";
import type { Law } from "./law.ts";

/** A person at the vendor, in words that every vendor shares. */
export interface Somebody {
  readonly id: string;
  readonly email: string;
  readonly givenName: string;
  readonly familyName: string;
  readonly active: boolean;
  readonly role: string;
}

export type Position = Readonly<Record<string, string>>;

/** What holds in a position of the switches. */
export interface Facts {
  /** What the connector, opened as `setup` has it, can carry out here. */
  readonly can: ReadonlySet<Capability>;
  /** Writes are acknowledged and not carried out. */
  readonly lies: boolean;
  /** A lookup finds people who are switched off. */
  readonly findsInactive: boolean;
  /** A second record with one address is refused in words or with a status that say so. */
  readonly saysDuplicate: boolean;
  /** Two addresses that differ in case are one to the vendor. */
  readonly uniqueInAnyCase: boolean;
  /** The vendor refuses a role that it does not know. */
  readonly knowsItsRoles: boolean;
  /** How a full plan refuses; `undefined` = there is no limit. */
  readonly whenFull: "refused" | "credentials" | undefined;
  /** A create without a password goes through. */
  readonly passwordOptional: boolean;
  /** How many records the vendor's list shows at most. */
  readonly listCap: number;
  /** The role that everybody gets who is new, where the create cannot choose it. */
  readonly newcomerRole?: string;
  /** How a record looks after a denial, `undefined` = gone. Default: switched off. */
  readonly denied?: (who: Somebody) => Somebody | undefined;
  /** A change is acknowledged without a body. */
  readonly bodiless?: boolean;
  /** An empty answer to a change is a good one. */
  readonly wantsNoBody?: boolean;
  /** A newcomer is invited, and has an account only once they accept. */
  readonly invites?: boolean;
  /** The vendor itself would invite somebody twice: only the look-up before it guards (I1). */
  readonly doubles?: boolean;
  /** What reads do not show: who is switched off, what people are called, anything about who is switched off. */
  readonly hides?: { readonly status: boolean; readonly names: boolean; readonly inactive: boolean };
  /** Whoever is denied a second time is refused in words that name what is so already: as good as a read. */
  readonly saysDenied?: boolean;
  /** Strategies that get anywhere here. Default: all. */
  readonly strategies?: readonly string[];
  /** Strategies that end a part of the access only. Default: none. */
  readonly partial?: readonly string[];
}

export interface Subject {
  /** The connector's name. */
  readonly name: string;
  readonly switches: SwitchTable;
  start(options: SimulatorOptions): Promise<RunningSimulator>;
  setup(simulator: Pick<RunningSimulator, "url" | "apiKey">, change?: Partial<ConnectorSetup>): ConnectorSetup;
  facts(position: Position): Facts;
  seed(people: readonly (Pick<Somebody, "email"> & Partial<Somebody>)[], seats?: number): JsonObject;
  people(simulator: RunningSimulator): readonly Somebody[];
  /** A name that every vendor takes. */
  readonly profile: Profile;
  readonly defaultRole: RoleId;
  readonly otherRole: RoleId;
  readonly unknownRole: RoleId;
  /** The choices of the setting `password`, where the vendor takes one. */
  readonly passwords?: readonly string[];
  /** Every change looks at the account first, so the read-back is the second read. */
  readonly readsFirst?: boolean;
  /** A profile is written whole: what does not change travels along. */
  readonly writesWhole?: boolean;
  /** Makes a text look like a credential, where the settings ask for a certain shape. */
  readonly key?: (text: string) => string;
  /** A key that exists and may not do what a connection needs. */
  readonly weakKey: string;
  /** Method and path of the calls, for faults and the journal. `path` is a regular expression. */
  readonly calls: {
    readonly create: Wire;
    readonly lookUp: Wire;
    readonly list: Wire;
    one(id: string): Wire;
    /** Any write about this record. */
    change(id: string): { readonly path: string };
  };
  /** The most requests that a method may send, by vendors.md's tables of methods. */
  readonly requestsAtMost: Readonly<Partial<Record<Capability | "check" | "control", number>>>;
  /** 2xx answers that contradict the documents. */
  readonly wrongAnswers: { readonly list: readonly unknown[]; readonly one: readonly unknown[]; readonly created: readonly unknown[] };
  /** The methods that exist when no evidence weaker than this is allowed. */
  readonly capabilities: { readonly [E in Evidence]: readonly Capability[] };
  readonly strategies: { readonly onDeactivate: readonly string[]; readonly onDelete: readonly string[] };
  /** Why a law, by its name, presumes what does not hold in a position; what holds there instead is a law in `own`. Default: never. */
  readonly exempt?: (law: string, position: Position) => string | undefined;
  /** Laws that only this vendor gives rise to. */
  readonly own: readonly Law[];
  /** Content type that every request must name, reads too; `undefined` = the vendor does not ask for it. */
  readonly contentType: string | undefined;
}

export interface Wire {
  readonly method: string;
  readonly path: string;
}
