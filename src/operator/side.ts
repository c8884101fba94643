/**
 * The acts as the door sees them: which one stands at an address, and how it is done with what a request has brought. Nothing here
 * knows of HTTP but methods, words and texts.
 *
 * @module
 */
import type { JsonObject } from "../model/json.ts";
import type { Role } from "../model/operator.ts";
import { type Act, type Actor, perform, type World } from "./act.ts";
import { acts } from "./acts.ts";
import { Declined } from "./declined.ts";
import { descriptionOf } from "./description.ts";
import { placedOf, queryRead } from "./placing.ts";

export interface ActAt {
  readonly name: string;
  readonly needs: Role;
  readonly takesBody: boolean;
  /** @throws Declined, Fault */
  perform(request: ActRequest, by: Actor): Promise<JsonObject>;
}

export interface ActRequest {
  /** As sent, without the question mark. */
  readonly query: string;
  /** `{}` where none was sent. */
  readonly body: JsonObject;
  /** The one strong entity tag of If-Match, without its quotes. */
  readonly seen: string | undefined;
}

export type Found = { readonly kind: "act"; readonly act: ActAt } | { readonly kind: "method"; readonly allow: string } | { readonly kind: "nothing" };

/** @param words the segments behind `/api/v1`, decoded */
export function findAct(method: string, words: readonly string[], world: World): Found {
  const here = acts.flatMap((act) => {
    const named = fieldsIn(act, words);
    return named ? [{ act, named }] : [];
  });
  // A word of ours goes before one that could be anybody's.
  const fewest = Math.min(...here.map(({ named }) => Object.keys(named).length));
  const meant = here.filter(({ named }) => Object.keys(named).length === fewest);
  const asked = method === "HEAD" ? "GET" : method;
  const found = meant.find(({ act }) => act.route.method === asked);
  if (found) return { kind: "act", act: actAt(found.act, found.named, world) };
  const allow = meant.flatMap(({ act }) => (act.route.method === "GET" ? ["GET", "HEAD"] : [act.route.method]));
  return allow.length > 0 ? { kind: "method", allow: allow.join(", ") } : { kind: "nothing" };
}

/** What the path's fields are called, if the words are this act's. */
function fieldsIn({ route }: Act, words: readonly string[]): Readonly<Record<string, string>> | undefined {
  const pattern = route.path.split("/").slice(1);
  if (pattern.length !== words.length) return undefined;
  const fields: Record<string, string> = {};
  for (const [at, part] of pattern.entries()) {
    const name = /^\{(\w+)\}$/.exec(part)?.[1];
    if (name !== undefined) fields[name] = words[at] ?? "";
    else if (part !== words[at]) return undefined;
  }
  return fields;
}

function actAt(act: Act, named: Readonly<Record<string, string>>, world: World): ActAt {
  const { body, seen } = placedOf(act);
  return {
    name: act.name,
    needs: act.needs,
    takesBody: body.length > 0,
    perform: async (request, by) => {
      const stray = Object.keys(request.body).filter((name) => !body.includes(name));
      if (stray.length > 0) throw new Declined("invalid", "The request is not what this act takes.", stray.map((path) => ({ path, says: "is no field of the body" })));
      const given = { ...queryRead(act, request.query), ...request.body, ...named, ...(seen && request.seen !== undefined && { seen: request.seen }) };
      return (await perform(act, given, by, world)) as JsonObject;
    },
  };
}

export const description = (publicUrl: string): JsonObject => descriptionOf(acts, publicUrl);
