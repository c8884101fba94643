/**
 * The names of `roles.map` as Groups, by setting (`roles.serveAsGroups`): there from the start, so that an IdP can find them, link
 * them and push members into them. They are ordinary groups from then on; one that exists under its name stays as it is.
 *
 * @module
 */
import { newCorrelationId, newResourceId } from "../runtime/new-id.ts";
import { keysOf } from "../scim/search-form.ts";
import type { Rooms } from "./rooms.ts";

export async function serveRoles({ connection, site, store, groups }: Rooms): Promise<void> {
  if (!site.policy.roles.serveAsGroups) return;
  for (const { idp, vendor } of site.policy.roles.map) {
    const id = newResourceId();
    const attributes = { displayName: idp };
    const journal = [{ kind: "decision" as const, resource: id, correlation: newCorrelationId(), data: { notes: [`"${idp}" of roles.map (${vendor}) is served as a Group`] } }];
    // `taken` is the usual answer from the second start on.
    await store.commitGroup({ connection, id, readAt: undefined, attributes, keys: keysOf(groups, attributes, { emailKey: undefined }), members: [], affects: "nobody", journal });
  }
}
