/**
 * When a vendor counts as down.
 *
 * @module
 */
import { describe, expect, test } from "vitest";
import { probeEveryMs, watchOutages } from "../../src/delivery/outage.ts";
import { connectionId, type ResourceId } from "../../src/model/ids.ts";

const acme = connectionId("acme");

describe("the breaker", () => {
  test.each<[string, (n: number) => boolean, boolean]>([
    ["opens when two calls in five go unanswered", (n) => n % 5 < 2, true],
    ["stays closed when one in three does", (n) => n % 3 === 0, false],
    ["opens at the fifth in a row, however well it went before", (n) => n >= 45, true],
    ["stays closed at four in a row", (n) => n >= 46, false],
  ])("%s", (_, isSilent, opens) => {
    const outages = watchOutages();
    let opened = false;
    for (let n = 0; n < 50; n++) opened ||= isSilent(n) ? outages.failed(acme) : outages.answered(acme);
    expect(opened).toBe(opens);
  });

  test("opens on a surge of answers that mean nothing, but not on five of them", () => {
    const outages = watchOutages();
    for (let n = 0; n < 19; n++) expect(outages.failed(acme, "garbled")).toBe(false);
    expect(outages.failed(acme, "garbled")).toBe(true);
  });

  test("opens again at the first failure after a probe was answered", () => {
    const outages = watchOutages();
    for (let n = 0; n < 5; n++) outages.failed(acme);
    expect([outages.answered(acme), outages.isTrying(acme)]).toEqual([true, true]);
    expect(outages.failed(acme)).toBe(true);
    outages.answered(acme);
    outages.answered(acme, "read");
    expect(outages.isTrying(acme)).toBe(true);
    outages.answered(acme, "write");
    expect([outages.isTrying(acme), outages.failed(acme)]).toEqual([false, false]);
  });

  test("opens once for one person with whom everything fails, and again as soon as it is another", () => {
    const outages = watchOutages();
    const [poison, other] = ["p" as ResourceId, "o" as ResourceId];
    for (let n = 0; n < 5; n++) outages.failed(acme, "silent", poison);
    expect(outages.isDown(acme)).toBe(true);
    outages.answered(acme, "read");
    for (let n = 0; n < 60; n++) expect(outages.failed(acme, "silent", poison)).toBe(false);
    expect(outages.failed(acme, "silent", other)).toBe(true);
  });

  test("believes the rows, unless it knows better and has not said so yet", () => {
    const outages = watchOutages();
    outages.told([acme]);
    expect(outages.isDown(acme)).toBe(true);
    expect(outages.told([])).toEqual([acme]);
    for (let n = 0; n < 5; n++) outages.failed(acme);
    expect(outages.unsaved()).toEqual([{ connection: acme, isDown: true }]);
    outages.told([]);
    expect(outages.isDown(acme)).toBe(true);
    outages.saved(acme, true);
    outages.answered(acme);
    outages.told([acme]);
    expect(outages.isDown(acme)).toBe(false);
  });

  test("twelve probes a minute", () => expect(60_000 / probeEveryMs).toBe(12));
});
