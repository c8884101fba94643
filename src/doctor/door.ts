/**
 * Whether a request comes in as it went out: past the proxy, with its header, its query, its method and its body.
 *
 * @module
 */
import { randomUUID } from "node:crypto";
import type { ConnectionId } from "../model/ids.ts";
import { type Answered, isDrawbridge, jsonOf, silence } from "./exchange.ts";
import { failure, type Finding, ok, skipped, warning } from "./finding.ts";
import { baseOf, noticedMs, scim, type WayIn } from "./pass.ts";
import type { Bed } from "./ward.ts";

export interface Doors {
  readonly here: URL | undefined;
  readonly outside: URL | undefined;
}

export interface DoorSeen {
  readonly findings: readonly Finding[];
  /** Where the probes are played; `undefined` = nowhere. */
  readonly way: WayIn | undefined;
}

const patience = 4;

/** @param token one that the store has for this connection */
export async function lookAtDoor(bed: Bed, { here, outside }: Doors, token: string): Promise<DoorSeen> {
  const { id } = bed.connection;
  const authorization = `Bearer ${token}`;
  const at = (origin: URL): WayIn => ({ base: baseOf(origin, id), authorization });
  if (!here && !outside) return { findings: [skipped("door", "No server answers, so nothing could be pushed to it.")], way: undefined };
  const isOne = here?.origin === outside?.origin && here?.pathname === outside?.pathname;
  const local = here && (await knock(at(here), bed));
  const findings = local && here ? [hereFinding(local, here, id)] : [];
  const isInside = local?.kind === "answered" && local.status === 200;
  if (!outside || isOne) return { findings, way: isInside && here ? at(here) : undefined };
  const far = await knock(at(outside), bed);
  const finding = outsideFinding(far, { isInside: local === undefined ? undefined : isInside, id, outside });
  const isOpen = finding.outcome === "ok";
  const passage = isOpen ? await lookAtPassage(at(outside), bed) : [];
  return { findings: [...findings, finding, ...passage], way: isOpen ? at(outside) : isInside && here ? at(here) : undefined };
}

/** A token that was just made is not known yet to a server that looks once a second. */
async function knock(way: WayIn, bed: Bed): Promise<Answered> {
  for (let turn = 1; ; turn++) {
    const answer = await scim(way, { method: "GET", path: "/ServiceProviderConfig" }, bed);
    if (answer.kind !== "answered" || answer.status !== 401 || turn === patience || bed.signal.aborted) return answer;
    await bed.clock.sleep(noticedMs / 2, bed.signal);
  }
}

/** Whether the 401 is about a credential that came, or about one that did not (RFC 6750, 3.1). */
const arrivedWithout = (answer: Answered): boolean => answer.kind === "answered" && answer.status === 401 && !/error=/.test(answer.headers["www-authenticate"] ?? "");

function hereFinding(answer: Answered, here: URL, id: ConnectionId): Finding {
  const check = "server.connection";
  if (answer.kind === "silent") return failure(check, `The server at ${here.origin} does not answer a SCIM request: ${silence(answer.code)}.`, "See its log.");
  switch (answer.status) {
    case 200:
      return ok(check, `The server knows the connection, and a token made for it comes in.`);
    case 401:
      return failure(check, `The server at ${here.origin} does not know a token that this database has for ${id}.`, "It runs with another configuration or another database: start it with this file, or send it SIGHUP so that it reads the file again.");
    case 403:
      return skipped(check, "auth.allowFrom does not admit this machine, so no request of an IdP's can be tried from here.");
    default:
      return failure(check, `The server answers ${answer.status} to a SCIM request.`, "See its log by the correlation id of the answer.");
  }
}

function outsideFinding(answer: Answered, { isInside, id, outside }: { readonly isInside: boolean | undefined; readonly id: ConnectionId; readonly outside: URL }): Finding {
  const check = "url.connection";
  const passOn = `Have the proxy pass ${outside.host}${outside.pathname === "/" ? "" : outside.pathname}/scim/… on to Drawbridge as /scim/…, with nothing added or taken away.`;
  if (answer.kind === "silent") return failure(check, `A SCIM request through publicUrl is not answered: ${silence(answer.code)}.`, "See the proxy's log.");
  const { status } = answer;
  if (!isDrawbridge(answer)) {
    if (status === 401 || status === 403) return failure(check, `The proxy itself refuses SCIM requests (${status}).`, "Have the proxy let /scim/ through without a login or a rule of its own: Drawbridge judges the IdP's credential.");
    return failure(check, `The proxy answers ${status} to a SCIM request instead of passing it on.`, passOn);
  }
  if (status === 200) return String(answer.headers["content-type"]).startsWith("application/scim+json") && jsonOf(answer) ? ok(check, `A SCIM request comes in through publicUrl.`) : failure(check, "The answer to a SCIM request is changed on its way through publicUrl.", "Have the proxy pass answers on as they are: type application/scim+json, body untouched.");
  if (status === 401 && arrivedWithout(answer)) return failure(check, "The Authorization header does not arrive through publicUrl.", "Have the proxy pass the Authorization header on (nginx: proxy_set_header Authorization $http_authorization; Apache: CGIPassAuth On or SetEnvIf).");
  if (status === 401) return failure(check, `publicUrl leads to another Drawbridge, or to one with another configuration: it does not know a token that this database has for ${id}.`, isInside ? "Have the proxy pass publicUrl on to this server, or write this server's own address into publicUrl." : "Start the server behind publicUrl with this file and this database, or send it SIGHUP so that it reads the file again.");
  if (status === 403) return skipped(check, "auth.allowFrom does not admit this machine, so no request of an IdP's can be tried from here.");
  if (status === 404 || status === 400) return failure(check, `A SCIM request comes in under another path through publicUrl (${status}).`, passOn);
  return failure(check, `A SCIM request through publicUrl is answered ${status}.`, "See the server's log by the correlation id of the answer.");
}

/** Nobody has this id, so nothing can change. */
async function lookAtPassage(way: WayIn, bed: Bed): Promise<readonly Finding[]> {
  const nobody = randomUUID();
  const patch = { schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], Operations: [{ op: "replace", path: "active", value: true }] };
  const findings: Finding[] = [];
  const query = await scim(way, { method: "GET", path: "/Users?filter=no+such" }, bed);
  if (query.kind === "answered" && query.status === 200) findings.push(failure("url.query", "The query is lost on the way through publicUrl: a broken filter is answered with everybody.", "Have the proxy pass the query string on (a rewrite rule that forgets it is the commonest reason); without it every lookup of the IdP's finds everybody."));
  const refused: string[] = [];
  for (const method of ["PUT", "PATCH", "DELETE"]) {
    const body = method === "PATCH" ? patch : method === "PUT" ? { schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"], userName: "drawbridge-doctor@invalid.example" } : undefined;
    const answer = await scim(way, { method, path: `/Users/${nobody}`, ...(body && { body }) }, bed);
    if (!isDrawbridge(answer)) refused.push(method);
  }
  if (refused.length > 0) findings.push(failure("url.methods", `${refused.join(", ")} ${refused.length === 1 ? "does" : "do"} not come through publicUrl.`, "Have the proxy, or the firewall in it, let GET, POST, PUT, PATCH and DELETE through to /scim/."));
  const largeBytes = Math.min(2_097_152, Math.floor(bed.connection.policy.limits.groupBodyBytes / 2));
  const large = await scim(way, { method: "PATCH", path: `/Groups/${nobody}`, body: { ...patch, Operations: [{ op: "add", path: "members", value: Array.from({ length: Math.floor(largeBytes / 90) }, () => ({ value: randomUUID(), display: "somebody in a large group of people" })) }] } }, bed);
  if (!isDrawbridge(large)) findings.push(warning("url.body", `A body of ${Math.floor(largeBytes / 1_048_576) || 1} MiB does not come through publicUrl${large.kind === "answered" ? ` (${large.status})` : ""}.`, "Raise the proxy's limit for bodies to 8 MiB (nginx: client_max_body_size 8m): a group's push can be large."));
  const name = await scim(way, { method: "GET", path: "/Schemas/urn:ietf:params:scim:schemas:core:2.0:User" }, bed);
  if (name.kind === "answered" && name.status !== 200) findings.push(warning("url.colons", `An address with colons in it does not come through publicUrl unchanged (${name.status}).`, "Have the proxy pass the path on as it is, without decoding or encoding it."));
  return findings.length === 0 ? [ok("url.passage", "Query, methods and large bodies come through publicUrl as they were sent.")] : findings;
}
