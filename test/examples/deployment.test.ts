/**
 * The ways to run it that `examples/` shows: each configuration is read as the server would, each name of a secret is asked for, and
 * ports, probes and times to stop are those of the server.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { parseAllDocuments, parse } from "yaml";
import { tuning } from "../../src/http/door.ts";
import { examine } from "../config/read.ts";

const read = (path: string): string => readFileSync(fileURLToPath(new URL(`../../examples/${path}`, import.meta.url)), "utf8");
const secretsIn = (text: string): readonly string[] => [...new Set([...text.matchAll(/\$\{([A-Z_]+)\}/g)].map(([, name]) => name!))].toSorted();
const seconds = (text: string | number): number => Number(String(text).replace(/s$/, ""));

interface Container {
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly securityContext: { readonly readOnlyRootFilesystem: boolean; readonly allowPrivilegeEscalation: boolean };
  readonly lifecycle: { readonly preStop: { readonly sleep: { readonly seconds: number } } };
  readonly volumeMounts: readonly { readonly mountPath: string }[];
  readonly [probe: `${string}Probe`]: { readonly httpGet: { readonly path: string; readonly port: string } };
}

interface KubernetesObject {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels: object };
  readonly data?: { readonly "drawbridge.yaml": string };
  readonly spec?: {
    readonly replicas: number;
    readonly selector: { readonly matchLabels?: object } & object;
    readonly ports: readonly { readonly targetPort: string }[];
    readonly template: {
      readonly metadata: { readonly labels: object };
      readonly spec: { readonly terminationGracePeriodSeconds: number; readonly securityContext: object; readonly containers: readonly [Container] };
    };
  };
}

const kubernetes = parseAllDocuments(read("kubernetes/drawbridge.yaml")).map((document) => document.toJS() as KubernetesObject);
const named = (kind: string): KubernetesObject => kubernetes.find((one) => one.kind === kind)!;
const compose = parse(read("compose/compose.yaml"), { merge: true }) as { readonly services: Readonly<Record<string, { readonly stop_grace_period: string; readonly ports?: readonly string[]; readonly volumes: readonly string[]; readonly command?: readonly string[] }>> };
const unit = read("systemd/drawbridge.service");

const configurations = [
  { where: "compose", text: read("compose/drawbridge.yaml") },
  { where: "kubernetes", text: named("ConfigMap").data!["drawbridge.yaml"] },
];

describe.each(configurations)("the configuration for $where", ({ text }) => {
  test("is right, without a warning, once its secrets are given", async () => {
    const env = Object.fromEntries(secretsIn(text).map((name) => [name, `${name.toLowerCase()}-0123456789abcdefghijklmnopqrstuvwxyz`]));
    expect(await examine(text, { env })).toMatchObject({ problems: [], warnings: [] });
    expect((await examine(text)).problems.length).toBe(secretsIn(text).length);
  });

  test("uses PostgreSQL, listens where the image says, and opens /metrics to one token only", async () => {
    const config = parse(text) as { readonly store: string; readonly listen: object; readonly operator: { readonly bearer: readonly unknown[] } };
    expect(config.store).toMatch(/^postgres:/);
    expect(config.listen).toEqual({ host: "0.0.0.0", port: 8080 });
    expect(config.operator.bearer).toHaveLength(1);
  });
});

describe("compose", () => {
  test("asks for every secret, and ships none", () => {
    const asked = read("compose/secrets.env.example").split("\n").filter((line) => /^[A-Z]/.test(line));
    expect(asked.map((line) => line.replace(/=.*/, "")).toSorted()).toEqual(secretsIn(read("compose/drawbridge.yaml")));
    expect(asked.filter((line) => !line.endsWith("="))).toEqual([]);
  });

  test("gives both servers longer to stop than the door takes, and opens them to this machine only", () => {
    const servers = Object.entries(compose.services).filter(([name]) => name.startsWith("drawbridge"));
    expect(servers).toHaveLength(2);
    for (const [, { stop_grace_period, ports, volumes }] of servers) {
      expect(seconds(stop_grace_period) * 1000).toBeGreaterThan(tuning.drainMs + 10_000);
      expect(ports?.every((port) => /^127\.0\.0\.1:\d+:8080$/.test(port))).toBe(true);
      expect(volumes).toEqual(["./drawbridge.yaml:/etc/drawbridge/drawbridge.yaml:ro"]);
    }
  });

  test("never lets PostgreSQL forget what it has acknowledged", () => {
    expect(compose.services["database"]?.command).toContain("synchronous_commit=on");
    expect(compose.services["database"]?.volumes).toHaveLength(1);
  });
});

describe("kubernetes", () => {
  const { template, replicas } = named("Deployment").spec!;
  const [container] = template.spec.containers;

  test("runs two, found by the service and kept apart from a drain by the budget", () => {
    expect(replicas).toBe(2);
    const labels = { "app.kubernetes.io/name": "drawbridge" };
    expect(template.metadata.labels).toEqual(labels);
    expect(named("Deployment").spec?.selector.matchLabels).toEqual(labels);
    expect(named("PodDisruptionBudget").spec?.selector.matchLabels).toEqual(labels);
    expect(named("Service").spec?.selector).toEqual(labels);
    expect(named("Service").spec?.ports[0]?.targetPort).toBe(container.ports[0]?.name);
    expect(container.ports[0]?.containerPort).toBe(8080);
  });

  test("asks /livez whether to restart, and /readyz whether to send pushes", () => {
    expect(container["livenessProbe"]?.httpGet).toEqual({ path: "/livez", port: "http" });
    expect(container["startupProbe"]?.httpGet).toEqual({ path: "/livez", port: "http" });
    expect(container["readinessProbe"]?.httpGet).toEqual({ path: "/readyz", port: "http" });
  });

  test("gives it longer to stop than the pause and the door take together", () => {
    expect(template.spec.terminationGracePeriodSeconds * 1000).toBeGreaterThan(container.lifecycle.preStop.sleep.seconds * 1000 + tuning.drainMs + 10_000);
  });

  test("runs as the image's own user, on a read-only root, with the configuration where the image looks for it", () => {
    expect(template.spec.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1000 });
    expect(container.securityContext).toMatchObject({ readOnlyRootFilesystem: true, allowPrivilegeEscalation: false });
    expect(container.volumeMounts.map(({ mountPath }) => mountPath)).toContain("/etc/drawbridge");
  });

  test("names in its first lines every secret that the configuration asks for", () => {
    const head = read("kubernetes/drawbridge.yaml").split("apiVersion", 1)[0] ?? "";
    expect([...head.matchAll(/--from-literal=([A-Z_]+)=/g)].map(([, name]) => name!).toSorted()).toEqual(secretsIn(named("ConfigMap").data!["drawbridge.yaml"]));
  });
});

describe("systemd", () => {
  const of = (key: string): readonly string[] => [...unit.matchAll(new RegExp(`^${key}=(.*)$`, "gm"))].map(([, value]) => value!);

  test("judges the configuration before it starts, and starts what the package has", () => {
    expect(of("ExecStartPre")[0]).toBe("/usr/bin/env node bin/drawbridge.mjs validate --config /etc/drawbridge/drawbridge.yaml");
    expect(of("ExecStart")[0]).toBe("/usr/bin/env node bin/drawbridge.mjs serve --config /etc/drawbridge/drawbridge.yaml");
  });

  test("stops it with SIGTERM to the server first, and waits longer than the door takes", () => {
    expect(of("KillMode")).toEqual(["mixed"]);
    expect(seconds(of("TimeoutStopSec")[0] ?? 0) * 1000).toBeGreaterThan(tuning.drainMs + 10_000);
    expect(of("ExecReload")[0]).toContain("-HUP");
  });

  test("may write to its own folder and nowhere else", () => {
    expect(of("ProtectSystem")).toEqual(["strict"]);
    expect(of("StateDirectory")).toEqual(["drawbridge"]);
    expect(unit).toContain("store: file:/var/lib/drawbridge/");
  });
});
