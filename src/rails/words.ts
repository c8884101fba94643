/**
 * What a rail says to people: to the administrator who reads the IdP's log, and to whoever is on duty.
 *
 * @module
 */
import type { RailName } from "../model/hold.ts";

const titles: { readonly [K in RailName]: string } = {
  brake: "the mass-deprovisioning brake",
  deletions: "the brake on deletions",
  protected: "the rail of protected accounts",
  lastAdministrator: "the last-administrator rail",
  configuration: "the rail of changed role policies",
};

/** The IdP's answer: what happened, why, and who can do what about it. */
export const heldDetail = ({ hold, rail, detail }: { readonly hold: string; readonly rail: RailName; readonly detail: string }, connection: string): string =>
  `Held by ${titles[rail]}, hold ${hold}; nothing has been changed. ${detail} An operator decides: drawbridge holds approve ${hold} --connection ${connection}, or holds reject.`;

export const holdAlarm = (hold: string, rail: RailName, detail: string): string => `Pushes are held by ${titles[rail]}, hold ${hold}: ${detail} A person must decide.`;
