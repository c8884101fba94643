/**
 * Drawbridge beside bare express, in one run: requests per second, p50 and p99, CPU per request, memory, at 1k and 100k users.
 *
 *     node bin/node24.mjs bench/run.ts [USERS …]      default: 1000 100000
 *
 * All servers run at once; the rounds are interleaved and the median counts, so that a noisy machine harms all alike. CPU is
 * the server process's own, from the kernel's accounting. Absolute figures are this machine's; the ratios are what to compare.
 *
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";

const sizes = process.argv.slice(2).map(Number);
const kinds = ["get", "filter", "post", "patch"] as const;
const rounds = 3;
const requests = { get: 6000, filter: 6000, post: 1500, patch: 1500 };

interface Server {
  readonly name: string;
  readonly child: ChildProcess;
  readonly origin: string;
  readonly prefix: string;
  readonly firstId: string;
}
interface Measured {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly wrong: number;
  readonly cpuMs: number;
}

for (const users of sizes.length > 0 ? sizes : [1000, 100_000]) await compare(users);

async function compare(users: number): Promise<void> {
  const vendor = await start("vendor", ["bench/servers/vendor.ts"]);
  const servers = [
    await start("drawbridge", ["bench/servers/drawbridge.ts", String(users), vendor.origin], "/scim/acme/v2"),
    await start("express, in memory", ["bench/servers/bare.ts", "memory", String(users)]),
    await start("express + SQLite FULL", ["bench/servers/bare.ts", "durable", String(users)]),
    await start("express + SQLite FULL + vendor", ["bench/servers/bare.ts", "bridge", String(users), vendor.origin]),
  ];
  try {
    console.log(`\n### ${users.toLocaleString("en")} users\n\n| request | server | requests/s | p50 ms | p99 ms | CPU ms/request | Drawbridge : it |\n| --- | --- | ---: | ---: | ---: | ---: | ---: |`);
    for (const kind of kinds) {
      const results = new Map<string, Measured[]>();
      for (let round = 0; round <= rounds; round++) {
        for (const server of servers) {
          const measured = await load(server, kind);
          if (round > 0) results.set(server.name, [...(results.get(server.name) ?? []), measured]); // the first is a warm-up
        }
      }
      const ours = middle(results.get("drawbridge") ?? []);
      for (const { name } of servers) {
        const its = middle(results.get(name) ?? []);
        if (its.wrong > 0) console.error(`${name}: ${its.wrong} wrong answers to ${kind}`);
        console.log(`| ${kind} | ${name} | ${its.perSecond} | ${its.p50Ms} | ${its.p99Ms} | ${its.cpuMs.toFixed(2)} | ${name === "drawbridge" ? "" : (ours.perSecond / its.perSecond).toFixed(2)} |`);
      }
    }
    console.log(`\nMemory (resident, after the run): ${servers.map(({ name, child }) => `${name} ${residentMb(child)} MB`).join(" · ")}`);
  } finally {
    for (const { child } of [...servers, vendor]) child.kill("SIGKILL");
  }
}

function start(name: string, args: readonly string[], prefix = ""): Promise<Server> {
  const child = spawn(process.execPath, [...args], { stdio: ["ignore", "pipe", "inherit"] });
  return new Promise((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`${name} ended with ${code}`)));
    child.stdout?.once("data", (line) => {
      const { port, firstId = "" } = JSON.parse(String(line)) as { port: number; firstId?: string };
      resolve({ name, child, origin: `http://127.0.0.1:${port}`, prefix, firstId });
    });
  });
}

async function load({ child, origin, prefix, firstId }: Server, kind: (typeof kinds)[number]): Promise<Measured> {
  const before = cpuMs(child);
  const generator = spawn(process.execPath, ["bench/load.ts", origin, kind, prefix, firstId, String(requests[kind]), "32"], { stdio: ["ignore", "pipe", "inherit"] });
  let line = "";
  for await (const chunk of generator.stdout) line += String(chunk);
  return { ...(JSON.parse(line) as Measured), cpuMs: (cpuMs(child) - before) / requests[kind] };
}

function middle(all: readonly Measured[]): Measured {
  const sorted = all.toSorted((a, b) => a.perSecond - b.perSecond);
  const found = sorted[Math.floor(sorted.length / 2)];
  if (!found) throw new Error("nothing was measured");
  return found;
}

/** User and system time of the process so far, from /proc (100 ticks a second). */
function cpuMs({ pid }: ChildProcess): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function residentMb({ pid }: ChildProcess): number {
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024);
}
