/**
 * The history checker sees what it is there for.
 *
 * @module
 */
import { expect, test } from "vitest";
import { type Event, type Rest, violations, type Written } from "./history.ts";

const event = (writes: Written, acked: boolean): Event => ({ person: "ann", push: Object.keys(writes).join("+"), writes, sentMs: 1, ackedMs: acked ? 2 : undefined });
const joined = event({ access: "active", givenName: "Ann", role: "User" }, true);
const ann = { active: true, givenName: "Ann", role: "User" };
const at = (desired: Rest["desired"], ...accounts: Rest["accounts"]): Rest => ({ person: "ann", desired, accounts });
const off = { ...ann, active: false };

test.each<[string, readonly Event[], Rest, RegExp | undefined]>([
  ["a joiner who is there", [joined], at(ann, ann), undefined],
  ["a joiner who is there twice", [joined], at(ann, ann, ann), /I1: 2 accounts/],
  ["a joiner who is not there", [joined], at(ann), /I3: an acknowledged grant is lost/],
  ["a leaver who is off", [joined, event({ access: "inactive" }, true)], at(off, off), undefined],
  ["a leaver who is gone from the vendor", [joined, event({ access: "inactive" }, true)], at(off), undefined],
  ["a leaver who is active", [joined, event({ access: "inactive" }, true)], at(off, ann), /I2: an acknowledged denial is not true/],
  ["a leaver of whom we know nothing more", [joined, event({ access: "inactive" }, true)], at(ann, ann), /I2/],
  ["an uncertain leaver who is active", [joined, event({ access: "inactive" }, false)], at(ann, ann), undefined],
  ["an uncertain leaver who is off", [joined, event({ access: "inactive" }, false)], at(off, off), undefined],
  ["an uncertain leaver whom we believe off and who is active", [joined, event({ access: "inactive" }, false)], at(off, ann), /we want inactive, the vendor holds active/],
  ["a lost name", [joined, event({ givenName: "Anna" }, true)], at(ann, ann), /givenName is Ann here, acknowledged was Anna/],
  ["a name that the vendor does not have", [joined, event({ givenName: "Anna" }, true)], at({ ...ann, givenName: "Anna" }, ann), /givenName is Ann at the vendor and Anna here/],
  ["an uncertain name before a certain one", [joined, event({ givenName: "Anna" }, false), event({ givenName: "Annie" }, true)], at({ ...ann, givenName: "Anna" }, { ...ann, givenName: "Anna" }), /acknowledged was Annie/],
  ["somebody deleted", [joined, event({ access: "none" }, true)], at(undefined), undefined],
  ["somebody deleted who is still active", [joined, event({ access: "none" }, true)], at(undefined, ann), /I2/],
])("%s", (_, events, rest, says) => {
  const found = violations(events, [rest]);
  if (says) expect(found.join("\n")).toMatch(says);
  else expect(found).toEqual([]);
});
