/**
 * What TransactionLink says, and what it shows afterwards.
 *
 * @module
 */
import type { Failure } from "../../model/failure.ts";
import { Fault, failureOf } from "../../model/failure.ts";
import type { AccountId } from "../../model/ids.ts";
import type { Account } from "../../model/person.ts";
import type { Call } from "../connector.ts";
import type { HookKit } from "../hooks.ts";

/** The vendor decided against it: whether it was so already, a read must show. */
const answersNo: ReadonlySet<Failure["kind"]> = new Set<Failure["kind"]>(["notFound", "conflict", "invalid", "refused"]);

/** @returns the refusal; `undefined` = acknowledged. @throws Fault whatever is neither */
export async function refusalOf(sent: Promise<unknown>): Promise<Fault | undefined> {
  try {
    await sent;
    return undefined;
  } catch (thrown) {
    if (thrown instanceof Fault && answersNo.has(thrown.failure.kind)) return thrown;
    throw thrown;
  }
}

/** Whether the vendor's own words, as the kit quotes them, say so. */
export const says = ({ failure }: Fault, words: RegExp): boolean => words.test(/\(it says: "(.*)"\)/s.exec(failure.detail)?.[1] ?? "");

/** @returns `undefined` = nobody. @throws Fault `uncertain`, because a write was sent; `credentials` as it is */
export async function shownAfter(kit: HookKit, id: AccountId, call: Call): Promise<Account | undefined> {
  return afterWrite(async () => (await kit.lookUp("get", id, call))?.account);
}

/** A read that fails once something was sent must not be taken for "never sent". */
export async function afterWrite<Result>(read: () => Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (thrown) {
    const { kind, detail } = failureOf(thrown);
    if (kind === "internal" || kind === "credentials" || kind === "conflict") throw thrown;
    throw new Fault({ kind: "uncertain", detail: `The change was sent to TransactionLink, but could not be read back: ${detail}` }, { cause: thrown });
  }
}

export const protocol = (detail: string, cause?: unknown): Fault => new Fault({ kind: "protocol", detail }, { cause });
