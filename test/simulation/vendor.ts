/**
 * A vendor whose network is bad: it carries out what it is sent, at once or much later, and answers, or does not.
 *
 *     fine     carried out, answered
 *     5xx      a write is uncertain (a third of them is carried out all the same), a read unreachable
 *     429      not carried out, with Retry-After
 *     unsent   not carried out, unreachable
 *     lost     carried out, no answer: uncertain
 *     late     no answer: uncertain; carried out after the caller gave up, up to four call timeouts after it was sent
 *
 * What is sent belongs to the vendor from then on, whatever becomes of the process that sent it.
 *
 * @module
 */
import type { Call } from "../../src/connectors/connector.ts";
import { Fault } from "../../src/model/failure.ts";
import type { AccountId, RoleId } from "../../src/model/ids.ts";
import { accountId } from "../../src/model/ids.ts";
import type { Profile } from "../../src/model/person.ts";
import type { Life } from "./life.ts";
import type { Random } from "./random.ts";
import type { World } from "./world.ts";

export interface Faults {
  /** Shares of writes; the rest is fine. */
  readonly refused: number;
  readonly lost: number;
  readonly late: number;
  /** Share of reads without an answer. */
  readonly lookUp: number;
}

export interface VendorKind {
  /** Whether a second account with the same e-mail is refused. */
  readonly refusesSecond: boolean;
  /** How far behind the list, by which addresses are looked up, may be. */
  readonly listLagMs: number;
  /** New people are invited, and accept, or do not. */
  readonly invites: boolean;
  /** A deletion removes the account; else it disables it. */
  readonly deletes: boolean;
  /** A denial and a role are read back. */
  readonly readsBack: boolean;
  readonly movesEmail: boolean;
  readonly callTimeoutMs: number;
}

/** A record as it stood at some moment; never changed, only followed by another. */
export interface State {
  readonly email: string;
  readonly role: RoleId;
  readonly active: boolean;
  readonly profile: Profile;
}

export interface Account {
  readonly id: AccountId;
  readonly kind: "account" | "invitation";
  /** Who made it. */
  readonly origin: "us" | "stranger" | "accepted";
  readonly madeMs: number;
  /** Newest last. */
  readonly history: (State & { readonly sinceMs: number })[];
  removedMs: number | undefined;
  /** It was not we who removed it. */
  wasRemovedThere: boolean;
  /** Of an invitation: what became of it, and when. */
  became: AccountId | undefined;
  becameMs: number;
}

export interface VendorCall {
  readonly name: string;
  readonly isRead: boolean;
  readonly life: string;
  readonly correlation: string;
  readonly account: AccountId | undefined;
  readonly email: string | undefined;
  readonly role: RoleId | undefined;
  readonly sentMs: number;
  /** What its caller was told; `open` = nothing (yet). */
  heard: "open" | "done" | "uncertain" | "nothing done";
  heardMs: number;
}

export type Asked = Pick<VendorCall, "name" | "isRead" | "account" | "email" | "role">;

type Fate = "fine" | "5xx" | "429" | "unsent" | "lost" | "late";

export const lateTimeouts = 4;

export class SimVendor {
  readonly kind: VendorKind;
  readonly accounts = new Map<AccountId, Account>();
  readonly calls: VendorCall[] = [];
  /** Writes, and reads, by what became of them. */
  readonly fates = { lost: 0, late: 0, refused: 0, unread: 0 };
  /** Asked at the moment at which a call leaves the process. */
  sending: (call: VendorCall) => void = () => {};
  /** Told of every account that comes to be. */
  made: (account: Account) => void = () => {};
  faults: Faults;
  isHealed = false;
  readonly #world: World;
  readonly #random: Random;
  #made = 0;
  /** Calls that are still to be carried out although nobody waits for them. */
  #waiting = 0;

  constructor(kind: VendorKind, faults: Faults, world: World) {
    this.kind = kind;
    this.faults = faults;
    this.#world = world;
    this.#random = world.random.stream("vendor");
  }

  get isIdle(): boolean {
    return this.#waiting === 0;
  }

  heal(): void {
    this.isHealed = true;
    this.faults = { refused: 0, lost: 0, late: 0, lookUp: 0 };
  }

  // ------------------------------------------------------------------------------------------------------------- records

  now(account: Account): State {
    return account.history.at(-1) as State;
  }

  /** As the list shows it, which may be behind. */
  listed(account: Account): State | undefined {
    const seenMs = this.#world.nowMs - this.kind.listLagMs;
    if (account.removedMs !== undefined && account.removedMs <= seenMs) return undefined;
    return account.history.findLast(({ sinceMs }) => sinceMs <= seenMs);
  }

  /** As the list shows it: an invitation that can still be accepted. */
  isOpenLetter(account: Account): boolean {
    return account.kind === "invitation" && this.listed(account)?.active === true && account.becameMs > this.#world.nowMs - this.kind.listLagMs;
  }

  there(id: AccountId): Account | undefined {
    const account = this.accounts.get(id);
    return account?.removedMs === undefined ? account : undefined;
  }

  holds(email: string): readonly Account[] {
    return [...this.accounts.values()].filter((account) => account.removedMs === undefined && this.now(account).email === email);
  }

  make(state: State, origin: Account["origin"], kind: Account["kind"] = "account"): Account {
    this.#made += 1;
    const account: Account = { id: accountId(`${kind === "account" ? "a" : "i"}${this.#made}`), kind, origin, madeMs: this.#world.nowMs, history: [{ ...state, sinceMs: this.#world.nowMs }], removedMs: undefined, wasRemovedThere: false, became: undefined, becameMs: Infinity };
    this.accounts.set(account.id, account);
    this.#world.note(`vendor has a new ${kind} ${account.id} for ${state.email}, ${state.role}${origin === "us" ? "" : `, ${origin}`}`);
    this.made(account);
    if (kind === "invitation") this.#invited(account);
    return account;
  }

  /** An account of somebody's, which every list has shown for long. */
  stand(state: State): void {
    const account = this.make(state, "stranger");
    account.history[0] = { ...state, sinceMs: account.madeMs - this.kind.listLagMs };
  }

  /** Two of three open the letter, sooner or later, if it is still good. */
  #invited(letter: Account): void {
    if (!this.#random.chance(2 / 3)) return;
    this.#world.after(this.#random.between(2_000, 200_000), () => {
      const state = this.now(letter);
      if (!state.active || letter.became !== undefined || this.isHealed) return;
      this.#world.note(`the invitation ${letter.id} is accepted`);
      letter.became = this.make(state, "accepted").id;
      letter.becameMs = this.#world.nowMs;
    });
  }

  /** Somebody at the vendor removes an account of ours. */
  removeThere(isLinked: (account: AccountId) => boolean): void {
    const [account] = [...this.accounts.values()].filter(({ id, removedMs, origin }) => removedMs === undefined && origin === "us" && isLinked(id));
    if (!account || account.kind !== "account" || this.isHealed) return;
    this.#world.note("somebody at the vendor removes an account");
    account.wasRemovedThere = true;
    this.remove(account);
  }

  change(account: Account, change: Partial<State>): void {
    account.history.push({ ...this.now(account), ...change, sinceMs: this.#world.nowMs });
    this.#world.note(`vendor changes ${account.id}: ${JSON.stringify(change)}`);
  }

  remove(account: Account): void {
    account.removedMs = this.#world.nowMs;
    this.#world.note(`vendor removes ${account.id}`);
  }

  // ------------------------------------------------------------------------------------------------------------ exchanges

  /** One exchange: leaves the process, is carried out or not, is answered or not. @throws Fault as the kit would */
  async exchange<T>(life: Life, call: Call, asked: Asked, carryOut: () => T): Promise<T> {
    const entry: VendorCall = { ...asked, life: life.name, correlation: call.correlation, sentMs: this.#world.nowMs, heard: "open", heardMs: Infinity };
    await new Promise<void>((onward) => life.step(`before ${asked.name}`, onward));
    await call.admit?.({ write: !asked.isRead }); // and then it goes: no process stands still between the two
    try {
      const value = await life.answered(asked.name, this.#sent({ ...asked, life: life.name }, entry, carryOut));
      entry.heard = "done";
      return value;
    } catch (thrown) {
      entry.heard = thrown instanceof Fault && thrown.failure.kind === "uncertain" ? "uncertain" : "nothing done";
      throw thrown;
    } finally {
      entry.heardMs = this.#world.nowMs;
      call.record({ method: asked.isRead ? "GET" : "POST", path: `/${asked.name}`, body: undefined, status: entry.heard === "done" ? 200 : undefined, durationMs: entry.heardMs - entry.sentMs, call: asked.name, failure: entry.heard === "done" ? undefined : entry.heard });
    }
  }

  #sent<T>(asked: Asked & { readonly life: string }, entry: VendorCall, carryOut: () => T): Promise<T> {
    const world = this.#world;
    const { callTimeoutMs } = this.kind;
    Object.assign(entry, { sentMs: world.nowMs });
    this.calls.push(entry);
    this.sending(entry);
    const fate = this.#fate(asked.isRead);
    if (fate !== "fine") this.fates[asked.isRead ? "unread" : fate === "lost" || fate === "late" ? fate : "refused"] += 1;
    world.note(`${asked.life} asks the vendor to ${asked.name} ${asked.account ?? asked.email ?? ""}: ${fate}`);
    const quietly = () => {
      this.#waiting -= 1;
      try {
        carryOut();
      } catch {
        // the answer of a call that nobody waits for
      }
    };
    const later = (afterMs: number) => {
      this.#waiting += 1;
      world.after(afterMs, quietly);
    };
    const random = this.#random;
    const thereMs = this.#travelMs();
    return new Promise((resolve, reject) => {
      const fail = (afterMs: number, failure: Fault["failure"]) => world.after(afterMs, () => reject(new Fault(failure)));
      const unclear = asked.isRead ? ("unreachable" as const) : ("uncertain" as const);
      switch (fate) {
        case "fine":
          return void world.after(thereMs, () => {
            let answer: () => void;
            try {
              const value = carryOut();
              answer = () => resolve(value);
            } catch (thrown) {
              answer = () => reject(thrown as Error);
            }
            world.after(Math.min(this.#travelMs(), callTimeoutMs - thereMs - 1), answer);
          });
        case "5xx":
          if (!asked.isRead && random.chance(1 / 3)) later(thereMs);
          return void fail(thereMs + this.#travelMs(), { kind: unclear, detail: "The vendor answered 500." });
        case "429":
          return void fail(thereMs + this.#travelMs(), { kind: "throttled", detail: "The vendor answered 429.", retryAfterSeconds: random.between(1, 20) });
        case "unsent":
          return void fail(random.between(1, 500), { kind: "unreachable", detail: "The vendor could not be reached." });
        case "lost":
          later(thereMs);
          return void fail(random.chance(0.5) ? callTimeoutMs : thereMs + random.between(1, 500), { kind: unclear, detail: "The vendor gave no answer." });
        case "late":
          later(random.between(callTimeoutMs, lateTimeouts * callTimeoutMs));
          return void fail(callTimeoutMs, { kind: unclear, detail: "The vendor gave no answer." });
      }
    });
  }

  #fate(isRead: boolean): Fate {
    const { refused, lost, late, lookUp } = this.faults;
    const drawn = this.#random.next();
    const how = this.#random.pick<Fate>(["5xx", "429", "unsent"]);
    if (isRead) return drawn >= lookUp ? "fine" : drawn < lookUp / 4 ? "lost" : how;
    if (drawn < refused) return how;
    if (drawn < refused + lost) return "lost";
    return drawn < refused + lost + late ? "late" : "fine";
  }

  /** Mostly quick, now and then nearly as long as a caller waits. */
  #travelMs(): number {
    return this.#random.chance(0.05) ? this.#random.between(500, Math.floor(this.kind.callTimeoutMs * 0.45)) : this.#random.between(5, 300);
  }
}
