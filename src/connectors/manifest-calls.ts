/**
 * The manifest's calls as functions: filled, encoded, limited to the evidence that the operator allows.
 *
 * @module
 */
import { Fault } from "../model/failure.ts";
import type { Evidence } from "../model/capability.ts";
import { isAllowed } from "../model/capability.ts";
import type { Json, JsonObject } from "../model/json.ts";
import type { Call } from "./connector.ts";
import type { Http } from "./kit/http.ts";
import { at } from "./kit/json-path.ts";
import { fill, fillPath } from "./kit/template.ts";
import type { Values } from "./kit/template.ts";
import type { Manifest } from "./manifest-schema.ts";
import type { Settings } from "./manifest-settings.ts";

export interface Calls {
  /** Whether the call may be used where the operator allows down to `allowed`. */
  may(name: string | undefined, allowed: Evidence): boolean;
  /** @throws Fault per `kit/judge.ts` */
  run(name: string, input: CallInput, call: Call): Promise<Json | undefined>;
  /** The one record in a call's answer. */
  itemOf(name: string, answer: Json | undefined): Json | undefined;
  /** @throws Fault `protocol` when the list is not where the manifest says */
  itemsOf(name: string, answer: Json | undefined): readonly Json[];
}

export interface CallInput {
  readonly values?: Values;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: JsonObject;
  readonly remark?: (answer: Json | undefined) => string | undefined;
}

export function openCalls(manifest: Manifest, settings: Settings, http: Http): Calls {
  const { calls } = manifest;
  const named = (name: string) => {
    const found = Object.hasOwn(calls, name) ? calls[name] : undefined;
    if (!found) throw new Fault({ kind: "internal", detail: `The manifest of ${manifest.title} has no call "${name}"` });
    return found;
  };
  return {
    may: (name, allowed) => name === undefined || isAllowed(named(name).evidence, allowed),
    run(name, { values = {}, query = {}, body, remark }, call) {
      const { method, path, query: constant = {}, accept, items, item, idempotencyHeader } = named(name);
      const all: Values = { ...settings.open, ...values };
      const search = new URLSearchParams();
      for (const [key, template] of Object.entries(constant)) {
        const value = typeof template === "string" ? fill(template, all) : String(template);
        if (value === undefined) throw new Fault({ kind: "internal", detail: `The call "${name}" lacks a value for "${key}"` });
        search.set(key, value);
      }
      for (const [key, value] of Object.entries(query)) search.set(key, value);
      const asked = search.size === 0 ? "" : `?${search.toString()}`;
      return http.request(
        {
          call: name,
          method,
          path: fillPath(path, all) + asked,
          headers: idempotencyHeader === undefined ? {} : { [idempotencyHeader]: call.correlation },
          body,
          needsBody: items !== undefined || item !== undefined || accept.length > 0,
          accept,
          ...(remark ? { remark } : {}),
        },
        call,
      );
    },
    itemOf: (name, answer) => at(answer, named(name).item ?? ""),
    itemsOf(name, answer) {
      const found = at(answer, named(name).items ?? "");
      if (!Array.isArray(found)) throw new Fault({ kind: "protocol", detail: `${manifest.title} answered "${name}" without the list that its documents show` });
      return found as readonly Json[];
    },
  };
}
