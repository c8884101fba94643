/**
 * A list of the vendor's, page by page.
 *
 * Shifting rows may show a record twice, so readers compare ids, and may leave one out, so a list whose rows are counted is read
 * again until as many different ones were seen as there are. A page that is the same as the one before means that the
 * vendor does not page as documented, and reading on would never end or would miss people.
 *
 * @module
 */
import { Fault } from "../model/failure.ts";
import type { Json } from "../model/json.ts";
import { sameJson } from "../model/json.ts";
import type { Call, Census } from "./connector.ts";
import { at } from "./kit/json-path.ts";
import type { Values } from "./kit/template.ts";
import type { Calls } from "./manifest-calls.ts";
import type { Manifest } from "./manifest-schema.ts";

export const mostPages = 10_000;

/** A list that is "not found" says nothing about a person: the tenant or the call is not there. */
export const listed = async <Answer>(title: string, name: string, run: Promise<Answer>): Promise<Answer> => {
  try {
    return await run;
  } catch (thrown) {
    if (!(thrown instanceof Fault) || thrown.failure.kind !== "notFound") throw thrown;
    throw new Fault({ kind: "protocol", detail: `${title} answers 404 to "${name}"; check the address in the settings` }, { cause: thrown });
  }
};

/**
 * @param ended told once, when the last page was taken: how many rows there were, each counted once where they can be told apart
 * @throws Fault `protocol` when the vendor does not page as the manifest says
 */
export async function* pagesOf(manifest: Manifest, calls: Calls, name: string, values: Values, call: Call, ended?: Census["ended"]): AsyncGenerator<readonly Json[]> {
  const { title } = manifest;
  const paging = manifest.calls[name]?.paging ?? manifest.paging;
  if (paging.style === "none") {
    const remark = (answer: Json | undefined) => {
      const { length } = calls.itemsOf(name, answer);
      return paging.suspectCountsOf.includes(length) ? `perhaps cut off: exactly ${length} entries` : undefined;
    };
    const answer = await read(call, () => listed(title, name, calls.run(name, paging.suspectCountsOf.length > 0 ? { values, remark: quietly(remark) } : { values }, call)));
    const items = calls.itemsOf(name, answer);
    yield items;
    return ended?.({ rows: items.length, total: undefined, remark: remark(answer) });
  }
  const counted = paging.counted ?? (ended && paging.whole);
  const seen = new Set<Json>();
  for (let pass = 1; pass <= mostPasses; pass++) {
    const former = seen.size;
    const { rows, total, isWhole } = yield* onePass(manifest, { ...paging, counted }, calls, name, values, call, seen);
    if (isWhole || seen.size === former || pass === mostPasses) return ended?.({ rows, total });
  }
}

/** A list of a thousand pages would hardly ever come to its end if each had one chance. */
async function read<Answer>(call: Call, ask: () => Promise<Answer>): Promise<Answer> {
  for (;;) {
    try {
      return await ask();
    } catch (thrown) {
      if (!(thrown instanceof Fault) || !(await call.again?.(thrown))) throw thrown;
    }
  }
}

/** A total that counts more than is listed must not keep us reading: a pass that shows nobody new is the last one too. */
const mostPasses = 4;

type Paged = Extract<Manifest["paging"], { readonly style: "page" }>;

interface Pass {
  readonly rows: number;
  readonly total: number | undefined;
  /** As many different rows were seen, in all passes, as the vendor says there are. */
  readonly isWhole: boolean;
}

async function* onePass(manifest: Manifest, paging: Paged, calls: Calls, name: string, values: Values, call: Call, seen: Set<Json>): AsyncGenerator<readonly Json[], Pass> {
  const { title } = manifest;
  const { counted } = paging;
  let before: readonly Json[] | undefined;
  let rows = 0;
  for (let number = 0; number < mostPages; number++) {
    const query = Object.fromEntries([[paging.page, String(paging.from + number)], ...paging.size.names.map((size) => [size, String(paging.size.value)])]);
    const answer = await read(call, () => listed(title, name, calls.run(name, { values, query }, call)));
    const items = calls.itemsOf(name, answer);
    if (before && items.length > 0 && sameJson(before, items)) throw new Fault({ kind: "protocol", detail: `${title} answered two pages of "${name}" with the same entries` });
    yield items;
    rows += items.length;
    if (counted) for (const item of items) seen.add(at(item, counted.id) ?? null);
    if (isLast(title, paging, name, answer, { items, number, seen: rows })) {
      const shown = at(answer, counted?.total ?? (paging.end.by === "total" ? paging.end.at : ""));
      const total = typeof shown === "number" ? shown : undefined;
      // A single page shows one moment.
      return { rows: counted ? seen.size : rows, total, isWhole: !counted || number === 0 || total === undefined || seen.size >= total };
    }
    before = items;
  }
  throw new Fault({ kind: "protocol", detail: `${title} shows more than ${mostPages} pages of "${name}"` });
}

function isLast(title: string, paging: Manifest["paging"], name: string, answer: Json | undefined, { items, number, seen }: { readonly items: readonly Json[]; readonly number: number; readonly seen: number }): boolean {
  if (paging.style === "none") return true;
  const { end } = paging;
  if (end.by === "emptyPage") return items.length === 0;
  const found = at(answer, end.at);
  if (end.by === "totalPages" && typeof found === "number") return number + 1 >= found;
  // Rows that went away meanwhile are never counted.
  if (end.by === "total" && typeof found === "number") return seen >= found || items.length === 0;
  if (end.by === "hasNext" && typeof found === "boolean") return !found;
  // Taking silence for the end would make people vanish.
  throw new Fault({ kind: "protocol", detail: `${title} answered "${name}" without "${end.at}", so it is not known whether more people follow` });
}

/** A remark is made before the answer is judged by its reader: it must not throw. */
const quietly = (remark: (answer: Json | undefined) => string | undefined) => (answer: Json | undefined): string | undefined => {
  try {
    return remark(answer);
  } catch {
    return undefined;
  }
};
