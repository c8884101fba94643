/**
 * What a vendor's `hooks.ts` adds where its `manifest.yaml` ends (vendors.md 13.2). Types only: the contract of the door.
 *
 *     // src/connectors/acme/hooks.ts
 *     export const hooks: Hooks = {
 *       methods: {
 *         // Replaces or adds a method. It exists only if `endpoints` (for deactivate and delete: `denyEndpoints`) allows every
 *         // call in `needs`; else the manifest's own method stays. What is nice to have is asked with `kit.may("name")`.
 *         create: { needs: ["list"], open: (kit, base) => async (wanted, call) => { … } },
 *       },
 *       strategies: {
 *         // denials: { strategies: { unassign: { hook: unassign, uses: [update, permissions], effect: …, reversible: true } } }
 *         // `uses` in the manifest is what `needs` is here. If the rule also has `call` and `confirm`, `written` carries those out.
 *         unassign: (kit, written) => async (target, call) => ({ confirmed: true, complete: false, left: "…" }),
 *       },
 *     };
 *
 * `open` runs once per connection, so what must be shared (a scan) is made there; state of one call stays in that call. A hook
 * keeps the contract of `connector.ts`: it never repeats a call, logs or decides, throws only `Fault`s, and reads back what it
 * denies. It has no network of its own: `kit.run` is the only way out, by names in the manifest, within the evidence allowed,
 * with the credential put in later. What a hook throws as `unsupported` gets capability and manual steps filled in.
 *
 * @module
 */
import type { Capability } from "../model/capability.ts";
import type { AccountId, RoleId } from "../model/ids.ts";
import type { Json, JsonObject } from "../model/json.ts";
import type { Account, Part, Profile, ProfileChange } from "../model/person.ts";
import type { Call, Connector, Done, NewAccount, Target } from "./connector.ts";
import type { Scan } from "./kit/scan.ts";
import type { Values } from "./kit/template.ts";

export interface Hooks {
  readonly methods?: { readonly [Name in Hookable]?: HookedMethod<Name> };
  /** By the name under `hook:` in a denial strategy of the manifest. */
  readonly strategies?: Readonly<Record<string, HookedStrategy>>;
}

export type Hookable = Capability | "check" | "control";

export interface HookedMethod<Name extends Hookable> {
  /** Names of calls in the manifest without which the method is not offered. */
  readonly needs: readonly string[];
  /** @param base the connector as the manifest alone gives it: `base[name]` is what this method replaces, if there was one */
  open(kit: HookKit, base: Connector): NonNullable<Connector[Name]>;
}

/** @param written the strategy's own `call` and `confirm`, if the manifest gives it both */
export type HookedStrategy = (kit: HookKit, written: Denial | undefined) => Denial;

/** `by` is filled in with the strategy's name. */
export type Denial = (target: Target, call: Call) => Promise<Done>;

export interface HookKit {
  /** The vendor's name, for sentences. */
  readonly title: string;
  /** All settings but the secrets; defaults are filled in. */
  readonly settings: Readonly<Record<string, string | readonly string[]>>;
  /** Role of a person for whom no mapping says otherwise. */
  readonly defaultRole: RoleId | undefined;
  /** The fence; `undefined` = nobody has drawn one, every role is inside. */
  readonly managedRoles: ReadonlySet<RoleId> | undefined;
  /** Whether `run` may use the call: strategies, deactivate and delete by `denyEndpoints`, everything else by `endpoints`. */
  may(name: string): boolean;
  /** One exchange. @throws Fault per `kit/judge.ts`, and `internal` for a call that may not be used */
  run(name: string, input: HookInput, call: Call): Promise<Json | undefined>;
  /** One exchange, and the record in its answer. @throws Fault `protocol` when there is none */
  item(name: string, input: HookInput, call: Call): Promise<Json>;
  /** All pages of a list, as the manifest's `paging` says. @throws Fault `protocol` when the vendor pages otherwise, or answers 404 */
  pages(name: string, values: Values, call: Call): AsyncIterable<readonly Json[]>;
  /** A list that is read whole, once for all who ask at the same time (`kit/scan.ts`). Make it in `open`, not in the method. */
  scan(name: string, read?: (record: Json) => Account | undefined): Scan;
  /** `undefined` = nobody, by the manifest's `exclude`. @throws Fault `protocol` when it is no usable record */
  account(record: Json): Account | undefined;
  /** Record and account by id, with a call that answers one record or the list (by its shortcut, if the address is known). `undefined` = the vendor says that there is none. */
  lookUp(name: string, id: AccountId, call: Call, email?: string): Promise<{ readonly record: Json; readonly account: Account } | undefined>;
  /** Why access and role of this record must not be changed (`account.protect`, the fence); `undefined` = they may. */
  protectedBecause(record: Json): string | undefined;
  /** The body that the manifest's `fields` make of a new person. @param remark told what was left out. @throws Fault `invalid` when something required is missing or does not fit */
  createBody(wanted: NewAccount, remark?: (text: string) => void): JsonObject;
  /** The body of a change. @param current the record as the vendor holds it: the changes are merged into everything that travels together. @throws Fault `invalid` when the vendor has no way to it */
  changeBody(changes: ProfileChange, current?: Json, more?: ChangeMore): JsonObject;
  /** Equal for this vendor (`email` and every part of `fields`). */
  same(part: Part, a: string, b: string): boolean;
  /** What a person must do by hand; the manifest's `manual`, filled. */
  steps(capability: Capability, person: { readonly email: string | undefined; readonly name?: string | undefined; readonly role?: RoleId | undefined }): string;
}

export interface ChangeMore {
  /** What was last applied (`Target.applied`), for what the vendor does not show and for fields that lean on others. */
  readonly known?: Profile | undefined;
  readonly remark?: (text: string) => void;
}

export interface HookInput {
  /** For the placeholders of path and query; the open settings are there already. */
  readonly values?: Values;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: JsonObject;
  /** Something odd about a good answer that whoever reads the record of the exchange should know. */
  readonly remark?: (answer: Json | undefined) => string | undefined;
}
