/**
 * The stage on which a law is tried: a simulated vendor in some position, a connector opened on it, and ears for everything
 * that the connector says.
 *
 * @module
 */
import { inspect } from "node:util";
import { expect } from "vitest";
import type { Call, Connector, Exchanged, NewAccount, Target } from "../../src/connectors/connector.ts";
import type { VendorFault } from "../../src/connectors/kit/simulator/faults.ts";
import type { Entry } from "../../src/connectors/kit/simulator/journal.ts";
import type { RunningSimulator } from "../../src/connectors/kit/simulator/running.ts";
import type { ConnectorSetup } from "../../src/connectors/setup.ts";
import type { Failure } from "../../src/model/failure.ts";
import { Fault } from "../../src/model/failure.ts";
import { accountId, correlationId } from "../../src/model/ids.ts";
import type { Account } from "../../src/model/person.ts";
import type { Facts, Somebody, Subject, Wire } from "./subject.ts";

export type Open = (setup: ConnectorSetup) => Connector | Promise<Connector>;

export interface Stage {
  readonly subject: Subject;
  readonly simulator: RunningSimulator;
  readonly facts: Facts;
  readonly connector: Required<Connector>;
  /** Another connector on the same vendor. */
  open(change: Partial<ConnectorSetup>): Promise<Required<Connector>>;
  /** As `open`, on another server than the simulator. */
  openOn(server: Pick<RunningSimulator, "url" | "apiKey">, change?: Partial<ConnectorSetup>): Promise<Required<Connector>>;
  readonly call: Call;
  callWith(signal: AbortSignal): Call;
  readonly exchanges: readonly Exchanged[];
  /** Seeds somebody and returns the record. */
  somebody(email: string, more?: Partial<Somebody>): Somebody;
  everybody(): readonly Somebody[];
  newcomer(email: string, change?: Partial<NewAccount>): NewAccount;
  /** Plays a fault on every request of this kind from now on. */
  always(wire: Partial<Wire>, fault: VendorFault): void;
  /** The requests since the last `forget`. */
  requests(wire?: Partial<Wire>): readonly Readonly<Entry>[];
  forget(): void;
  /** Waits for a failure and returns it. A result, or anything thrown that is no `Fault`, fails the law. */
  failure(asked: Promise<unknown>): Promise<Failure>;
  /** Waits for either: `done` is the result, `failure` what was thrown as a `Fault`. */
  outcome<Result>(asked: Promise<Result>): Promise<{ readonly done: Result; readonly failure: undefined } | { readonly done: undefined; readonly failure: Failure }>;
  all(listed: AsyncIterable<Account>): Promise<readonly Account[]>;
  /** Everything that left the connector as text so far. */
  said(): string;
}

export const targetOf = ({ id, email }: Pick<Somebody, "id" | "email">): Target => ({ account: accountId(id), kind: "account", email });

/** @param connector opened on the simulator as the subject's setup has it; connectors keep nothing, so one serves all laws */
export function setStage(subject: Subject, simulator: RunningSimulator, facts: Facts, connector: Connector, openConnector: Open): Stage {
  const exchanges: Exchanged[] = [];
  const texts: string[] = [];
  let forgotten = 0;
  const callWith = (signal: AbortSignal): Call => ({ signal, correlation: correlationId("c-conformance"), record: (exchange) => void exchanges.push(exchange) });
  const openOn = async (server: Pick<RunningSimulator, "url" | "apiKey">, change: Partial<ConnectorSetup> = {}) => (await openConnector(subject.setup(server, change))) as Required<Connector>;

  const requests = (wire: Partial<Wire> = {}) => {
    const path = wire.path === undefined ? undefined : new RegExp(wire.path);
    return simulator.journal().slice(forgotten).filter((entry) => (wire.method === undefined || entry.method === wire.method) && (path === undefined || path.test(entry.path)));
  };
  /** Every failure that a law meets is looked at as an administrator would see it. */
  const heard = (thrown: unknown): Failure => {
    if (!(thrown instanceof Fault)) throw thrown;
    texts.push(inspect(thrown, { depth: 8, showHidden: true }), JSON.stringify(thrown.failure), String(thrown.stack));
    refuseUntidy(thrown.failure);
    return thrown.failure;
  };
  return {
    subject, simulator, facts, exchanges, callWith, requests, openOn,
    // A law asks for a method only where the subject has it; a missing one then fails as loudly as it should.
    connector: connector as Required<Connector>,
    open: (change) => openOn(simulator, change),
    call: callWith(AbortSignal.timeout(10_000)),
    everybody: () => subject.people(simulator),
    somebody: (email, more = {}) => {
      simulator.seed(subject.seed([{ ...more, email }]));
      const found = subject.people(simulator).at(-1);
      if (!found) throw new Error("The seed left nobody behind");
      return found;
    },
    newcomer: (email, change = {}) => ({ email, profile: subject.profile, role: subject.defaultRole, password: undefined, ...change }),
    always: (wire, fault) => simulator.addFault({ ...fault, match: { ...wire, times: "always" } }),
    forget: () => void (forgotten = simulator.journal().length),
    failure: async (asked) => heard(await asked.then((result: unknown) => expect.fail(`A failure was due, but it resolved: ${inspect(result)}`), (thrown: unknown) => thrown)),
    outcome: (asked) => asked.then((done) => ({ done, failure: undefined }), (thrown: unknown) => ({ done: undefined, failure: heard(thrown) })),
    all: async (listed) => {
      const accounts: Account[] = [];
      for await (const account of listed) accounts.push(account);
      return accounts;
    },
    said: () => [...texts, JSON.stringify(exchanges), inspect(exchanges, { depth: 8 })].join("\n"),
  };
}

/** A detail may reach an IdP's administrator: one short, clean sentence. */
function refuseUntidy({ detail }: Failure): void {
  expect(detail.length, detail).toBeGreaterThan(10);
  expect(detail.length, detail).toBeLessThanOrEqual(600);
  // oxlint-disable-next-line no-control-regex
  expect(detail).not.toMatch(/[\x00-\x1f\x7f\u2028\u2029]/);
}

/** What must hold whenever a law has been tried, whatever it was about. */
export function afterwards({ simulator, subject, exchanges, said }: Stage): void {
  for (const secret of Object.values(simulator.apiKeys)) expect(said(), "a credential was said").not.toContain(secret);
  // I11: nothing reached the vendor that was not written down.
  const written = exchanges.map(({ method, path }) => `${method} ${path}`);
  for (const { method, path, status } of simulator.journal()) {
    const at = written.indexOf(`${method} ${path}`);
    if (status !== null) expect(at, `${method} ${path} was sent and not recorded`).toBeGreaterThanOrEqual(0);
    if (at >= 0) written.splice(at, 1);
  }
  if (subject.contentType !== undefined) for (const { contentType } of simulator.journal()) expect(contentType).toContain(subject.contentType);
}
