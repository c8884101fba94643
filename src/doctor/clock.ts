/**
 * The clock of this machine, beside those of everybody who answered: signed tokens are judged by it, and so are leases and windows.
 *
 * @module
 */
import { failure, type Finding, ok, skipped, warning } from "./finding.ts";

/** A clock that somebody showed us. */
export interface ClockSeen {
  /** For people: `PeopleLens AI`, `the database`. */
  readonly whose: string;
  /** Theirs less ours, ms. */
  readonly aheadMs: number;
}

/** A Date header has whole seconds, and the answer took its time. */
const noiseMs = 3_000;
const oddMs = 30_000;
/** Issuers' tokens are refused from here on, and an IdP's assertion lives for minutes. */
const brokenMs = 120_000;

/** @param seen `undefined` stands for those that showed no clock */
export function clockFindings(seen: readonly ClockSeen[]): readonly Finding[] {
  const check = "clock";
  const [first, ...others] = seen.toSorted((a, b) => a.aheadMs - b.aheadMs);
  if (!first) return [skipped(check, "Nobody showed a clock to compare this machine's with.")];
  const all = [first, ...others];
  const off = all.filter(({ aheadMs }) => Math.abs(aheadMs) >= oddMs);
  if (off.length === 0) return [ok(check, `This machine's clock agrees with ${listed(all)} (within ${Math.ceil(Math.max(noiseMs, ...all.map(({ aheadMs }) => Math.abs(aheadMs))) / 1_000)} s).`)];
  const [odd] = off;
  if (all.length > 1 && off.length < all.length && odd) {
    return [warning(check, `The clock of ${listed(off)} is ${distance(odd.aheadMs)} this machine's, and ${listed(all.filter((one) => !off.includes(one)))} agrees with this machine.`, `Have the clock of ${listed(off)} set right.`)];
  }
  const aheadMs = all[Math.floor(all.length / 2)]?.aheadMs ?? 0;
  const says = `This machine's clock is ${distance(-aheadMs)} that of ${listed(all)}.`;
  const change = "Let NTP set this machine's clock (chrony, systemd-timesyncd): signed tokens of an issuer and leases are judged by it.";
  return [Math.abs(aheadMs) >= brokenMs ? failure(check, says, change) : warning(check, says, change)];
}

function distance(aheadMs: number): string {
  const seconds = Math.round(Math.abs(aheadMs) / 1_000);
  return `${seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`} ${aheadMs > 0 ? "ahead of" : "behind"}`;
}
const listed = (seen: readonly ClockSeen[]): string => [...new Set(seen.map(({ whose }) => whose))].join(" and ");
