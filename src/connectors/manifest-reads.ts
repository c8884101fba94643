/**
 * Reading people at a vendor: one, all, by address.
 *
 * @module
 */
import { Fault } from "../model/failure.ts";
import type { AccountId } from "../model/ids.ts";
import type { Json } from "../model/json.ts";
import type { Account } from "../model/person.ts";
import { type Clock, systemClock } from "../runtime/clock.ts";
import type { Call, Census } from "./connector.ts";
import { at } from "./kit/json-path.ts";
import type { Scan } from "./kit/scan.ts";
import { openScan } from "./kit/scan.ts";
import { sameEmail } from "./kit/email.ts";
import type { Records } from "./manifest-account.ts";
import type { Calls } from "./manifest-calls.ts";
import { pagesOf } from "./manifest-pages.ts";
import type { Manifest } from "./manifest-schema.ts";

export interface Shown {
  readonly record: Json;
  readonly account: Account;
}

/** A search, or the whole list where there is none. */
export type FindRule = { readonly everyItemHas: readonly string[]; readonly otherwise?: string | undefined } & ({ readonly call: string; readonly complete?: string | undefined } | { readonly scan: string });

export interface Reads {
  /**
   * By id, with a call that answers one record or the list. `undefined` = the vendor says that there is none.
   *
   * @param email where it is known, a list's `shortcut` is asked first
   */
  lookUp(name: string, id: AccountId, call: Call, email?: string): Promise<Shown | undefined>;
  list(name: string, call: Call, census?: Census): AsyncGenerator<Account>;
  find(rule: FindRule, email: string, call: Call): Promise<readonly Account[]>;
  /** A shared scan over whatever `read` yields; every write through these calls makes it forget. */
  openScan(read: (call: Call) => AsyncIterable<Account>): Scan;
  /** @throws Fault `credentials` when an entry lacks what a key of full strength shows */
  demand(records: readonly Json[], paths: readonly string[], otherwise: string | undefined): void;
}

/** More exact matches than this are ambiguous enough. */
const mostCompleted = 10;

export function openReads(manifest: Manifest, calls: Calls, records: Records, clock: Clock = systemClock): Reads {
  const { title, account: rules } = manifest;
  const pages = (name: string, values: Readonly<Record<string, Json>>, call: Call) => pagesOf(manifest, calls, name, values, call);

  const scans = new Map<string, Scan>();
  const scanOf = (rule: Extract<FindRule, { readonly scan: string }>): Scan => {
    const open = scans.get(rule.scan) ?? reads.openScan(async function* (call) {
      for await (const page of pages(rule.scan, {}, call)) {
        reads.demand(page, rule.everyItemHas, rule.otherwise);
        for (const record of page) {
          const account = records.account(record);
          if (account) yield account;
        }
      }
    });
    scans.set(rule.scan, open);
    return open;
  };

  const inPages = async (id: AccountId, all: AsyncIterable<readonly Json[]>): Promise<Shown | undefined> => {
    for await (const page of all) {
      for (const record of page) {
        const account = records.account(record);
        if (account?.id === id) return { record, account };
      }
    }
    return undefined;
  };

  const reads: Reads = {
    async lookUp(name, id, call, email) {
      if (manifest.calls[name]?.items !== undefined) {
        const { shortcut } = manifest.calls[name];
        const near = shortcut === undefined || email === undefined ? undefined : await inPages(id, pages(shortcut, { email: email.trim() }, call));
        // Not at that address proves nothing: it may have changed, or the vendor may compare otherwise.
        return near ?? inPages(id, pages(name, {}, call));
      }
      let answer: Json | undefined;
      try {
        answer = await calls.run(name, { values: { id } }, call);
      } catch (thrown) {
        if (thrown instanceof Fault && thrown.failure.kind === "notFound") return undefined;
        throw thrown;
      }
      const record = calls.itemOf(name, answer) ?? null;
      const account = records.account(record);
      if (account && account.id !== id) throw new Fault({ kind: "protocol", detail: `${title} answered the question for one account with another` });
      return account && { record, account };
    },

    async *list(name, call, census) {
      const seen = new Set<AccountId>();
      for await (const page of pagesOf(manifest, calls, name, {}, call, census?.ended)) {
        for (const record of page) {
          const account = records.account(record);
          if (!account || seen.has(account.id)) continue;
          seen.add(account.id);
          const isManaged = records.fence.outside(account.role) === undefined;
          const because = census && records.protectedBecause(record);
          if (because !== undefined) await census?.apart(account, because, isManaged);
          if (isManaged) yield account;
        }
      }
    },

    openScan(read) {
      const scan = openScan({ title, read, clock });
      calls.onWrite(() => scan.forget());
      return scan;
    },

    async find(rule, email, call) {
      if ("scan" in rule) return scanOf(rule).byEmail(email, call);
      const exact = new Map<AccountId, Account>();
      for await (const page of pages(rule.call, { email: email.trim() }, call)) {
        reads.demand(page, rule.everyItemHas, rule.otherwise);
        for (const record of page) {
          const shown = at(record, rules.email);
          // The vendor's search may match parts and names; only the whole address is identity.
          if (typeof shown !== "string" || !sameEmail(shown, email)) continue;
          const account = records.account(record);
          if (account) exact.set(account.id, account);
        }
      }
      const { complete } = rule;
      if (complete === undefined) return [...exact.values()];
      const whole: Account[] = [];
      for (const { id } of [...exact.values()].slice(0, mostCompleted)) {
        const shown = await reads.lookUp(complete, id, call);
        if (shown && shown.account.email !== undefined && sameEmail(shown.account.email, email)) whole.push(shown.account);
      }
      return whole;
    },

    demand(entries, paths, otherwise) {
      for (const record of entries) {
        const lacking = paths.find((path) => (at(record, path) ?? null) === null);
        if (lacking !== undefined) throw new Fault({ kind: "credentials", detail: `${title} shows people without "${lacking}"${otherwise === undefined ? "" : `: ${otherwise}`}` });
      }
    },
  };
  return reads;
}
