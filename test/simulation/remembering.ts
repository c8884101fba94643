/**
 * A store that is asked the same every second, and answers from memory as long as nobody has written anything.
 *
 * Most of a run is polling: every process looks each second for due work, tokens, modes, holds. What such a look finds depends on what
 * was written, not on the time, so it is made once after each write. Whatever depends on the time goes through.
 *
 * @module
 */
import type { Store } from "../../src/store/store.ts";

/** Holds are warned of by the time, but nothing is ever held here: the brake of a run takes a thousand. */
const polled = new Set<keyof Store>(["holdsToWarnOf", "nextDueMs", "tokens", "operators", "modes", "incidents", "approved", "outages", "openWork", "hold", "linkedTo"]);
/** They change nothing. */
const reads = new Set<keyof Store>(["now", "mode", "isAway", "denialsOlderThan", "tasksOlderThan", "journal", "awaits", "knownUnder", "holder", "twin", "heads", "key", "chainRows", "openIntent", "peopleWithAccess", "wasCounted", "read", "list"]);
/** They have written nothing if they answer an empty list. */
const rare = new Set<keyof Store>(["lateDenials", "takeDue"]);

type Method = (...given: unknown[]) => unknown;

export function remembering(store: Store): Store {
  const known = new Map<string, { readonly at: number; readonly answer: unknown }>();
  let writes = 0;
  let writing = 0;

  const polling = (name: string, method: Method): Method => (...given) => {
    const key = `${name} ${JSON.stringify(given)}`;
    const before = known.get(key);
    if (before?.at === writes && writing === 0) return before.answer;
    const answer = method(...given);
    if (writing === 0) known.set(key, { at: writes, answer });
    return answer;
  };
  const writer = (name: keyof Store, method: Method): Method => async (...given) => {
    let nothing = false;
    writing += 1;
    try {
      const answer = await method(...given);
      nothing = rare.has(name) && Array.isArray(answer) && answer.length === 0;
      return answer;
    } finally {
      writing -= 1;
      if (!nothing) writes += 1;
    }
  };
  const methods = Object.entries(store).map(([key, value]) => {
    const name = key as keyof Store;
    const method = value as Method;
    return [name, polled.has(name) ? polling(name, method) : reads.has(name) ? method : writer(name, method)];
  });
  return Object.fromEntries(methods) as Store;
}
