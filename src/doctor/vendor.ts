/**
 * The vendor as a connection is set up to call it: the way there, the credential, what it may do, and the roles. Reads only.
 *
 * @module
 */
import { isIP } from "node:net";
import type { LookupFunction } from "node:net";
import { type ConnectionConfig, setupOf } from "../config.ts";
import type { Connector, Exchanged } from "../connectors/connector.ts";
import { openEgress } from "../connectors/kit/egress.ts";
import { fill } from "../connectors/kit/template.ts";
import type { Manifest } from "../connectors/manifest-schema.ts";
import { readSettings } from "../connectors/manifest-settings.ts";
import { checkSetup, manifestOf, openConnector } from "../connectors/registry.ts";
import { failureOf } from "../model/failure.ts";
import { abilityFindings } from "./abilities.ts";
import type { ClockSeen } from "./clock.ts";
import { type Answered, exchange, silence } from "./exchange.ts";
import { failed, failure, type Finding, ok } from "./finding.ts";
import { callOf } from "./looking.ts";
import { lookAtRoles } from "./roles.ts";
import { sentence, vendorFinding } from "./vendor-words.ts";
import type { Bed } from "./ward.ts";

export interface VendorSeen {
  readonly findings: readonly Finding[];
  /** `undefined` where not even the settings are right. */
  readonly manifest: Manifest | undefined;
  readonly connector: Connector | undefined;
  /** Nothing speaks against a trial. */
  readonly isOpen: boolean;
  readonly clocks: readonly ClockSeen[];
}

export async function lookAtVendor(bed: Bed): Promise<VendorSeen> {
  const setup = { ...setupOf(bed.connection, bed.config), clock: bed.clock };
  const problems = await checkSetup(setup);
  if (problems.length > 0) return { findings: problems.map(({ path, message }) => failure("vendor.settings", `${path} ${message}.`, `Correct ${path} of this connection.`)), manifest: undefined, connector: undefined, isOpen: false, clocks: [] };
  const manifest = await manifestOf(setup);
  const way = await lookAtWay(bed, bed.connection, manifest);
  if (failed(way.findings)) return { ...way, manifest, connector: undefined, isOpen: false };
  const connector = await openConnector(setup);
  const credential = await lookAtCredential(connector, manifest, bed);
  const findings = [...way.findings, ...credential.findings, ...abilityFindings(connector, manifest, bed.connection)];
  if (!credential.isTaken) return { findings, manifest, connector, isOpen: false, clocks: way.clocks };
  const roles = await lookAtRoles(connector, manifest, bed);
  // What the connector has against a role is said better, and with the way out, by whoever compares the roles one by one.
  const misfits = failed(roles) ? [] : credential.misfits;
  return { findings: [...findings, ...misfits, ...roles], manifest, connector, isOpen: !failed([...findings, ...misfits, ...roles]), clocks: way.clocks };
}

/** Name, socket and certificate, as the egress guard lets them through; no credential is sent. */
async function lookAtWay(bed: Bed, connection: ConnectionConfig, manifest: Manifest): Promise<Pick<VendorSeen, "findings" | "clocks">> {
  const read = readSettings(manifest, connection.settings);
  const text = read.ok ? fill(manifest.http.base, read.settings.open) : undefined;
  if (text === undefined) return { findings: [], clocks: [] };
  const origin = new URL(text);
  const lookup = openEgress(bed.config.egressAllow).lookupFor(origin) as unknown as LookupFunction;
  const answer = await exchange({ method: "HEAD", url: origin, path: "/", timeoutMs: bed.timeoutMs, signal: bed.signal, ...(isIP(origin.hostname.replace(/^\[|\]$/g, "")) === 0 && { lookup }) });
  if (answer.kind === "silent") return { findings: [wayFinding(answer, origin, manifest, bed)], clocks: [] };
  const clocks = answer.dateMs === undefined ? [] : [{ whose: manifest.title, aheadMs: answer.dateMs - bed.clock.now() }];
  return { findings: [ok("vendor.way", `${origin.host} is reached${origin.protocol === "https:" ? ", and its certificate is good" : ""}.`)], clocks };
}

function wayFinding({ code }: Extract<Answered, { kind: "silent" }>, { host }: URL, { title }: Manifest, { env }: Bed): Finding {
  const check = "vendor.way";
  const says = `${title} cannot be reached at ${host}: ${silence(code)}.`;
  if (code === "EGRESS_REFUSED") return failure(check, `${title} may not be called at ${host}: the name leads to no public address.`, `Add ${host.replace(/:\d+$/, "")} to egress.allow if it is meant, or correct settings.baseUrl.`);
  if (code === "ENOTFOUND") return failure(check, says, `Correct settings.baseUrl, or the name server of this machine.`);
  if (/SELF_SIGNED|UNABLE_TO/.test(code)) return failure(check, says, "If a proxy of yours looks into TLS, give this process its authority (NODE_EXTRA_CA_CERTS=FILE), or have the proxy leave this host alone; else settings.baseUrl leads to somebody else.");
  if (/CERT/.test(code)) return failure(check, says, `Correct settings.baseUrl; if it is right, ${title} has to mend its certificate.`);
  const proxy = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"].find((name) => env[name] !== undefined && env[name] !== "");
  if (proxy !== undefined) return failure(check, `${says} ${proxy} is set here, and Drawbridge calls vendors directly.`, `Let this machine reach ${host} without the proxy (firewall, network policy).`);
  return failure(check, says, `Open the way from this machine to ${host} (firewall, network policy), or correct settings.baseUrl.`);
}

async function lookAtCredential(connector: Connector, manifest: Manifest, bed: Bed): Promise<{ readonly findings: readonly Finding[]; readonly isTaken: boolean; readonly misfits: readonly Finding[] }> {
  const call = callOf(bed);
  const misfits: Finding[] = [];
  try {
    await connector.check(call);
  } catch (thrown) {
    if (failureOf(thrown).kind !== "invalid") return { findings: [vendorFinding("vendor.credential", thrown, call.exchanges.at(-1), manifest)], isTaken: false, misfits };
    misfits.push(vendorFinding("vendor.settings", thrown, call.exchanges.at(-1), manifest));
  }
  const findings: Finding[] = [ok("vendor.credential", `${manifest.title} takes the credential.`)];
  const looking = callOf(bed);
  try {
    await connector.control(looking);
    if (connector.find) await connector.find(`drawbridge-doctor-${Date.now().toString(36)}@${bed.connection.policy.domains[0] ?? "example.com"}`, looking);
    findings.push(ok("vendor.reads", `It may list and look up people (${counted(looking.exchanges)}).`));
  } catch (thrown) {
    findings.push(vendorFinding("vendor.reads", thrown, looking.exchanges.at(-1), manifest));
  }
  return { findings, isTaken: !failed(findings), misfits };
}

const counted = (exchanges: readonly Exchanged[]): string => sentence([...new Set(exchanges.map(({ method, path }) => `${method} ${path.split("?")[0]}`))].join(", ")).replace(/\.$/, "");
