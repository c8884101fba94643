/**
 * What the store has committed, in the order in which it did: the truth that everything is measured by at the end.
 *
 * Sits between the processes and the store and only looks. What a push means is known from the IdP, not from what was stored.
 *
 * @module
 */
import type { AccountId, ResourceId } from "../../src/model/ids.ts";
import { isObject } from "../../src/model/json.ts";
import type { Attributes, JournalEntry } from "../../src/model/resource.ts";
import type { Store } from "../../src/store/store.ts";
import type { Desired, Push } from "./wish.ts";
import { beginning } from "./world.ts";

interface Kept {
  readonly version: number;
  readonly correlation: string;
  change(before: Desired): Desired;
}

export class Ledger {
  readonly #note: (line: string) => void;
  /** Correlation → what the IdP asked for with it. */
  readonly asked = new Map<string, Push>();
  /** Every resource that ever was, with its commits that stand. */
  readonly resources = new Map<ResourceId, Kept[]>();
  /** Group → its members. */
  readonly members = new Map<string, Set<string>>();
  /** Which resource a run of converge was about. */
  readonly about = new Map<string, ResourceId>();
  /** Correlation → operations whose intent is in the journal. */
  readonly intents = new Map<string, Set<string>>();

  /** Accounts that a link has ever pointed at. */
  readonly linked = new Set<AccountId>();
  readonly #emails = new Map<ResourceId, Set<string>>();

  constructor(note: (line: string) => void) {
    this.#note = note;
  }

  /** A resource as its pushes want it, `undefined` = never kept, or taken back. */
  desired(id: ResourceId): Desired | undefined {
    return this.resources.get(id)?.reduce<Desired | undefined>((before, { change }) => change(before ?? blank), undefined);
  }

  /** Every address that was ever wanted for it. */
  emails(id: ResourceId): ReadonlySet<string> {
    return this.#emails.get(id) ?? new Set();
  }

  groupsOf(id: string): readonly string[] {
    return [...this.members].filter(([, members]) => members.has(id)).map(([group]) => group);
  }

  /** Whether a delivery's push stands, or stood until a later one came. */
  stands(correlation: string): boolean {
    return [...this.resources.values()].some((kept) => kept.some((one) => one.correlation === correlation));
  }

  watch(store: Store): Store {
    return {
      ...store,
      commit: async (push) => {
        const committed = await store.commit(push);
        if (committed.kind !== "committed") return committed;
        const correlation = push.journal[0]?.correlation ?? "";
        const asked = this.asked.get(correlation);
        const change = asked ? (before: Desired) => asked.change(before) : (before: Desired) => adopted(before, push.attributes);
        this.resources.set(push.id, [...(this.resources.get(push.id) ?? []), { version: committed.version, correlation, change }]);
        this.#note(`store commits ${correlation}: ${short(push.id)} version ${committed.version}, ${push.due ? `due in the lane ${push.due.lane}` : "nothing due"}, ${committed.lease ? `lease ${committed.lease.epoch}` : "no lease"}`);
        this.#emails.set(push.id, (this.#emails.get(push.id) ?? new Set()).add(this.desired(push.id)?.email ?? ""));
        if (push.attributes === undefined) for (const members of this.members.values()) members.delete(push.id);
        this.#read(push.journal);
        return committed;
      },
      rollBack: async (undo) => {
        const done = await store.rollBack(undo);
        const id = undo.lease.resource;
        this.#note(`store ${done ? "rolls" : "does not roll"} back ${short(id)} to version ${undo.former?.version ?? "none"}`);
        if (done) this.resources.set(id, (this.resources.get(id) ?? []).filter(({ version }) => version !== undo.version));
        return done;
      },
      commitGroup: async (push) => {
        const committed = await store.commitGroup(push);
        const asked = this.asked.get(push.journal[0]?.correlation ?? "");
        if (committed.kind !== "committed" || (asked?.wish.kind !== "join" && asked?.wish.kind !== "leave")) return committed;
        const members = this.members.get(asked.wish.group) ?? new Set();
        for (const value of committed.joined) members.add(value);
        for (const value of committed.left) members.delete(value);
        this.members.set(asked.wish.group, members);
        return committed;
      },
      record: async (lease, change) => {
        const done = await store.record(lease, change);
        const { link, due } = change;
        const state = link === undefined ? "" : link === "none" ? ", no link" : `, ${link.account ?? "no account"} ${link.applied.access ?? ""} ${link.applied.role ?? ""}${link.unknownAt === undefined ? "" : ", unknown"}${link.verifyAt === undefined ? "" : `, to be verified at ${(link.verifyAt - beginning) / 1000}`}`;
        this.#note(`store ${done ? "records" : "REFUSES"} ${short(lease.resource)} lease ${lease.epoch}: ${change.journal.map(({ kind }) => kind).join("+") || "no rows"}${state}, ${due.kind}${due.kind === "later" ? ` ${due.lane} at ${(due.atMs - beginning) / 1000}` : ""}`);
        if (done && link !== undefined && link !== "none" && link.account !== undefined) this.linked.add(link.account);
        if (done) this.#read(change.journal);
        return done;
      },
    };
  }

  #read(entries: readonly JournalEntry[]): void {
    for (const { kind, resource, correlation, data } of entries) {
      if (resource !== undefined) this.about.set(correlation, resource);
      if (kind !== "intent" || !isObject(data) || !Array.isArray(data["operations"])) continue;
      const known = this.intents.get(correlation) ?? new Set();
      for (const operation of data["operations"]) if (isObject(operation)) known.add(String(operation["kind"]));
      this.intents.set(correlation, known);
    }
  }
}

const short = (id: string): string => id.slice(0, 8);

const blank: Desired = { email: "", given: "", title: undefined, active: true, roles: [], isDeleted: false };

/** A look-up has found the person at the vendor, and what is wanted is what was found. */
function adopted(before: Desired, attributes: Attributes | undefined): Desired {
  if (!attributes) return { ...before, isDeleted: true };
  const name = attributes["name"];
  return { ...before, email: String(attributes["userName"]), given: isObject(name) ? String(name["givenName"] ?? "") : "", active: attributes["active"] !== false };
}
