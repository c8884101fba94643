/**
 * A visit: everything that can be known about a set-up without breaking it, in the order in which a person would ask.
 *
 *     the database ─ the server ─ its public address ─ then, for each connection: the vendor, its rights and roles ─ tokens ─ what was
 *     pushed ─ the way in ─ Okta's and Entra's tests ─ a throw-away person ─ and at last the clocks of all that answered
 *
 * Plain functions over a `Ward`; whoever calls decides how it is told.
 *
 * @module
 */
import type { ConnectionConfig } from "../config.ts";
import type { ConnectionId } from "../model/ids.ts";
import type { Store } from "../store/store.ts";
import { clockFindings, type ClockSeen } from "./clock.ts";
import { lookAtDoor } from "./door.ts";
import { type Finding, note, of, skipped, warning } from "./finding.ts";
import { issuePass } from "./pass.ts";
import { lookAtPeople } from "./people.ts";
import { playProbes } from "./probes.ts";
import { lookAtServer, type ServerSeen } from "./server.ts";
import { pastedFinding, tokenFindings } from "./tokens.ts";
import { playTrial } from "./trial.ts";
import { lookAtVendor, type VendorSeen } from "./vendor.ts";
import { sentence } from "./vendor-words.ts";
import type { Bed, Ward } from "./ward.ts";

export interface Wanted {
  /** Only these; default: every connection. */
  readonly connections?: readonly ConnectionId[] | undefined;
  /** Plays a throw-away person through the server and the vendor. */
  readonly write: boolean;
  /** Their address; default: one of the connection's domain, or of `example.com`. */
  readonly address?: string | undefined;
  /** A token as somebody has pasted it into an IdP. */
  readonly pasted?: string | undefined;
}

/** Findings as they come. What the database says is known already (`lookAtStore`): without it no store could be opened. */
export async function* visit(ward: Ward, wanted: Wanted): AsyncGenerator<Finding> {
  const clocks: ClockSeen[] = [];
  if (ward.store) clocks.push({ whose: "the database", aheadMs: (await ward.store.now()) - ward.clock.now() });
  const server = await lookAtServer(ward);
  clocks.push(...server.clocks);
  yield* server.findings;
  const { connections } = ward.config;
  for (const connection of connections.filter(({ id }) => wanted.connections === undefined || wanted.connections.includes(id))) {
    if (ward.signal.aborted) return;
    const bed: Bed = { ...ward, connection };
    const vendor = await lookAtVendor(bed);
    clocks.push(...vendor.clocks);
    yield* of(connection.id, vendor.findings);
    if (!ward.store) {
      yield* of(connection.id, [skipped("door", "The database cannot be worked with, so no token could be made to come in with.")]);
      continue;
    }
    for await (const finding of comeIn(bed, ward.store, server, vendor, wanted)) yield* of(connection.id, [finding]);
  }
  yield* clockFindings(clocks.filter(({ whose }) => whose !== "the database" || ward.config.store.startsWith("postgres")));
}

async function* comeIn(bed: Bed, store: Store, server: ServerSeen, vendor: VendorSeen, { write, address, pasted }: Wanted): AsyncGenerator<Finding> {
  const { connection, config } = bed;
  const mode = await store.mode(connection.id);
  if (mode.frozen) yield warning("connection.mode", `The connection is frozen by ${mode.by}: ${sentence(mode.reason)} Every push is answered 503.`, `End it once its reason is gone: drawbridge unfreeze --connection ${connection.id}.`);
  else if (mode.observes) yield note("connection.mode", `The connection observes: pushes are kept and not carried out until somebody promotes the plan (drawbridge observe status --connection ${connection.id}).`);
  const stored = await store.tokens();
  const nowMs = await store.now();
  yield* tokenFindings(connection, stored, nowMs);
  if (pasted !== undefined) yield pastedFinding(pasted, connection, config.connections as readonly ConnectionConfig[], stored, nowMs);
  yield* await lookAtPeople(connection, store);
  if (!server.here && !server.outside) return yield skipped("door", "No server answers, so nothing could be pushed to it.");
  const pass = await issuePass(connection.id, store);
  try {
    const door = await lookAtDoor(bed, server, pass.token);
    yield* door.findings;
    if (!door.way) return;
    yield* await playProbes(door.way, bed);
    const { connector, manifest } = vendor;
    if (!write) return yield skipped("trial", "No throw-away person was tried; with --write a joiner, a change, a group and a leaver are played.");
    if (!connector || !manifest || !vendor.isOpen) return yield skipped("trial", "No throw-away person was tried: the vendor has to be right first.");
    yield* await playTrial({ bed, way: door.way, store, connector, manifest, address });
  } finally {
    await pass.takeBack();
  }
}
