/**
 * What an answer of our own server's to a probe means, in words for whoever set it up.
 *
 * @module
 */
import type { ConnectionId } from "../model/ids.ts";
import { type Answered, isDrawbridge, jsonOf, silence } from "./exchange.ts";
import type { Words } from "./vendor-words.ts";

const patchOp = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
export const patch = (...operations: readonly object[]): object => ({ schemas: [patchOp], Operations: operations });

/** How many a list has; `undefined` = it is no list as the standard wants it. */
export function totalOf(answer: Answered): number | undefined {
  const body = jsonOf(answer);
  const isList = Array.isArray(body?.["schemas"]) && body["schemas"].includes("urn:ietf:params:scim:api:messages:2.0:ListResponse");
  return isList && typeof body["totalResults"] === "number" ? body["totalResults"] : undefined;
}

export const statusOf = (answer: Answered): number | undefined => (answer.kind === "answered" ? answer.status : undefined);

/** What the server itself said, without the correlation id; `undefined` = nothing. */
export function detailOf(answer: Answered): string | undefined {
  const detail = jsonOf(answer)?.["detail"];
  return typeof detail === "string" ? detail.replace(/ \[c-[0-9a-z]{12}\]$/, "") : undefined;
}

/** Why a probe did not get what it wants, whatever it was. */
export function answerWords(answer: Answered, id: ConnectionId): Words {
  if (answer.kind === "silent") return { says: `there is no answer: ${silence(answer.code)}`, change: "See the server's log, and that of the proxy before it." };
  const { status } = answer;
  const said = detailOf(answer);
  const says = `it is answered ${status}${said === undefined ? "" : ` ("${said}")`}`;
  if (!isDrawbridge(answer)) return { says: `something before Drawbridge answers it ${status}`, change: "Have the proxy, or the firewall in it, pass everything under /scim/ on unchanged." };
  if (status === 401) return { says, change: `See whether the token is one of ${id} (drawbridge token list), and is pasted without the word Bearer into Okta's "HTTP Header: Authorization" or Entra's "Secret Token".` };
  if (status === 503 && said?.includes("frozen")) return { says, change: `End the freeze once its reason is gone: drawbridge unfreeze --connection ${id}.` };
  if (status === 503 && said?.includes("observe mode")) return { says, change: `Look at the plan and promote it: drawbridge observe status --connection ${id}.` };
  if (status === 503 && said?.includes("hold")) return { says, change: `Look at the hold and decide: drawbridge holds list --connection ${id}.` };
  if (status === 503) return { says, change: "See what is said of the database, and the server's log." };
  return { says, change: `See the server's log by the correlation id ${answer.headers["x-correlation-id"] ?? ""}.` };
}
