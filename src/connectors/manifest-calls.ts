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
import type { Http, HttpRequest } from "./kit/http.ts";
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
  /** Told before and after every call that is no read. */
  onWrite(listener: () => void): void;
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
  const listeners: (() => void)[] = [];
  /** Every sending of a call is an attempt of its own: what is repeated on purpose must not be answered from the vendor's memory. */
  let attempts = 0;
  const wrote = () => listeners.forEach((listener) => listener());
  return {
    onWrite: (listener) => void listeners.push(listener),
    may: (name, allowed) => name === undefined || isAllowed(named(name).evidence, allowed),
    async run(name, { values = {}, query = {}, body, remark }, call) {
      const { method, path, query: constant = {}, headers = {}, accept, items, item, noContent, idempotencyHeader } = named(name);
      const all: Values = { ...settings.open, ...values };
      const search = new URLSearchParams();
      for (const [key, template] of Object.entries(constant)) {
        const value = typeof template === "string" ? fill(template, all) : String(template);
        if (value === undefined) throw new Fault({ kind: "internal", detail: `The call "${name}" lacks a value for "${key}"` });
        search.set(key, value);
      }
      for (const [key, value] of Object.entries(query)) search.set(key, value);
      const asked = search.size === 0 ? "" : `?${search.toString()}`;
      const own = Object.entries(headers).flatMap(([header, template]): readonly (readonly [string, string])[] => {
        const value = fill(template, all);
        return value === undefined ? [] : [[header, value]];
      });
      const request: HttpRequest = {
        call: name,
        method,
        path: fillPath(path, all) + asked,
        headers: { ...Object.fromEntries(own), ...(idempotencyHeader === undefined ? {} : { [idempotencyHeader]: `${call.correlation}.${++attempts}` }) },
        body,
        needsBody: items !== undefined || item !== undefined || accept.length > 0,
        noContent,
        accept,
        ...(remark ? { remark } : {}),
      };
      if (method === "GET") return http.request(request, call);
      // Before it and after it: a scan that a write has crossed may have seen either state.
      wrote();
      try {
        return await http.request(request, call);
      } finally {
        wrote();
      }
    },
    itemOf: (name, answer) => at(answer, named(name).item ?? ""),
    itemsOf(name, answer) {
      const { items = "" } = named(name);
      const found = (typeof items === "string" ? [items] : items).map((path) => at(answer, path)).find(Array.isArray) as Json | undefined;
      if (!Array.isArray(found)) throw new Fault({ kind: "protocol", detail: `${manifest.title} answered "${name}" without the list that its documents show` });
      return found as readonly Json[];
    },
  };
}
