/**
 * The engine without a network: a manifest with changes, and a vendor that is a function.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import type { Connector } from "../../../src/connectors/connector.ts";
import type { Hooks } from "../../../src/connectors/hooks.ts";
import type { Http, HttpRequest } from "../../../src/connectors/kit/http.ts";
import { connectorOf } from "../../../src/connectors/manifest-connector.ts";
import { readManifest } from "../../../src/connectors/manifest-read.ts";
import type { Manifest } from "../../../src/connectors/manifest-schema.ts";
import { readSettings } from "../../../src/connectors/manifest-settings.ts";
import type { Evidence } from "../../../src/model/capability.ts";
import type { Failure } from "../../../src/model/failure.ts";
import { Fault } from "../../../src/model/failure.ts";
import type { Json } from "../../../src/model/json.ts";

// oxlint-disable-next-line no-explicit-any
type Loose = any;

/** The manifest of the invented vendor, changed. @throws Error that names its mistakes */
export function acme(change: (manifest: Loose) => void = () => undefined): Manifest {
  const raw: Loose = parse(readFileSync(new URL("acme.yaml", import.meta.url), "utf8"));
  change(raw);
  const read = readManifest(JSON.stringify(raw));
  if (!read.ok) throw new Error(read.problems.map(({ path, message }) => `${path} ${message}`).join("; "));
  return read.manifest;
}

export interface Engine {
  readonly connector: Connector;
  readonly requests: HttpRequest[];
}

/** @param answer a `Failure` is thrown, everything else is the body of a 200 */
export function engine(manifest: Manifest, answer: (request: HttpRequest) => Json | Failure | undefined, more: { readonly hooks?: Hooks; readonly endpoints?: Evidence; readonly denyEndpoints?: Evidence; readonly managedRoles?: readonly string[]; readonly settings?: Readonly<Record<string, unknown>> } = {}): Engine {
  const { hooks, endpoints = "inferred", denyEndpoints = endpoints, managedRoles } = more;
  const read = readSettings(manifest, { baseUrl: "https://acme.example", token: "tot_123", organizationId: "org-1", ...more.settings });
  if (!read.ok) throw new Error(read.problems.map(({ path, message }) => `${path} ${message}`).join("; "));
  const requests: HttpRequest[] = [];
  const http: Http = {
    async request(request, call) {
      requests.push(request);
      const value = answer(request);
      const failure = typeof value === "object" && value !== null && "kind" in value && "detail" in value ? (value as unknown as Failure) : undefined;
      call.record({ method: request.method, path: request.path, body: request.body, status: failure ? undefined : 200, durationMs: 0, call: request.call, failure: failure ? failure.kind : request.remark?.(value as Json) });
      if (failure) throw new Fault(failure);
      return value as Json | undefined;
    },
    close: () => Promise.resolve(),
  };
  return { requests, connector: connectorOf({ manifest, settings: read.settings, http, endpoints, denyEndpoints, onDeactivate: undefined, onDelete: undefined, managedRoles, hooks }) };
}
