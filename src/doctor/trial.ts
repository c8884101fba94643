/**
 * A joiner, a change, a group and a leaver, played as Okta and Entra play them, on a throw-away person and through the running server. What
 * the vendor refuses is told with the right that is missing.
 *
 * @module
 */
import type { Connector } from "../connectors/connector.ts";
import type { Manifest } from "../connectors/manifest-schema.ts";
import type { ResourceId } from "../model/ids.ts";
import type { Link } from "../model/link.ts";
import type { Store } from "../store/store.ts";
import { answerWords, patch, statusOf, totalOf } from "./answers.ts";
import { type Answered, jsonOf } from "./exchange.ts";
import { failure, type Finding, ok, skipped, warning } from "./finding.ts";
import { callOf } from "./looking.ts";
import { scim, type ScimAsked, type WayIn } from "./pass.ts";
import { type Chart, stuckFinding, vendorsPart } from "./trial-journal.ts";
import { beginTrial, newAddress, newPerson, settled, takeAway, takeAwayOld, type TrialPerson } from "./trial-person.ts";
import { sentence } from "./vendor-words.ts";
import type { Bed } from "./ward.ts";

export interface Trial {
  readonly bed: Bed;
  readonly way: WayIn;
  readonly store: Store;
  readonly connector: Connector;
  readonly manifest: Manifest;
  /** For the person; default: one that nobody reads mail at. */
  readonly address: string | undefined;
}

/** A push may wait for the vendor until the connection's deadline. */
const patienceMs = ({ connection }: Bed): number => connection.policy.delivery.deadlineMs + 20_000;

/** Thrown by a step after which the next ones make no sense. */
class Ended extends Error {
  readonly finding: Finding;
  constructor(finding: Finding) {
    super(finding.says);
    this.finding = finding;
  }
}

export async function playTrial(trial: Trial): Promise<readonly Finding[]> {
  const { bed, way, store, manifest } = trial;
  const { id, policy } = bed.connection;
  const mode = await store.mode(id);
  if (mode.frozen || mode.observes) return [skipped("trial", `The connection ${mode.frozen ? "is frozen" : "observes"}, so nothing would reach ${manifest.title}: no person is tried.`)];
  const left = await takeAwayOld(way, bed, store, manifest);
  const person = newPerson(trial.address ?? newAddress(policy.domains[0]));
  const findings: Finding[] = [...left];
  let link: Link | undefined;
  try {
    await joins(person, trial, findings);
    link = person.id && (await store.hold(id, person.id))?.link;
    await changes(person, trial, findings);
    await groups(person, trial, findings);
    await leaves(person, trial, findings);
  } catch (thrown) {
    if (!(thrown instanceof Ended)) throw thrown;
    findings.push(thrown.finding);
  } finally {
    findings.push(...(await takeAway(person, link, way, bed, store, manifest)));
  }
  return findings;
}

async function joins(person: TrialPerson, trial: Trial, findings: Finding[]): Promise<void> {
  const { address } = person;
  const nobody = await ask(trial, { method: "GET", path: lookup(address) });
  if (totalOf(nobody) !== 0) throw await ended("trial.lookup", `The look-up of somebody new`, nobody, trial, undefined, "it finds somebody already");
  const body = { schemas: [userSchema], userName: address, externalId: `doctor-${person.correlation}`, name: { givenName: "Dora", familyName: "Drawbridge" }, emails: [{ primary: true, type: "work", value: address }], displayName: "Dora Drawbridge", active: true, groups: [] };
  person.isSent = true;
  const created = await ask(trial, { method: "POST", path: "/Users", body });
  person.isSent = (statusOf(created) ?? 500) >= 500; // a clear no has made nobody
  const id = jsonOf(created)?.["id"];
  if (statusOf(created) !== 201 || typeof id !== "string") throw await ended("trial.create", "A create", created, trial, undefined);
  if (!(await beginTrial(person, id, trial.bed, trial.store))) throw new Ended(failure("trial.create", "The throw-away person could not be marked as one.", "See the server's log; another server may be at work on another database."));
  const held = await settled(id as ResourceId, trial.bed, trial.store);
  const stuck = await stuckFinding("trial.create", "A create", held, chart(trial));
  if (stuck) throw new Ended(stuck);
  findings.push(ok("trial.create", `A create as Okta sends it came to ${trial.manifest.title}${held?.link?.kind === "invitation" ? " as an invitation" : ""}.`));
  const found = await ask(trial, { method: "GET", path: lookup(address.toUpperCase()) });
  findings.push(totalOf(found) === 1 ? ok("trial.lookup", "The look-up finds the person, in whatever case.") : await missed("trial.lookup", "The look-up of the person, in upper case,", found, trial, person.id, `it finds ${totalOf(found) ?? "no list"} instead of 1`));
}

async function changes(person: TrialPerson, trial: Trial, findings: Finding[]): Promise<void> {
  const path = `/Users/${person.id}`;
  const before = findings.length;
  const entra = await ask(trial, { method: "PATCH", path, body: patch({ op: "Replace", path: "name.givenName", value: "Doris" }) });
  if (statusOf(entra) !== 200) findings.push(await missed("trial.update", "A change as Entra sends it", entra, trial, person.id));
  const whole = jsonOf(await ask(trial, { method: "GET", path }));
  const okta = await ask(trial, { method: "PUT", path, body: { ...whole, name: { givenName: "Doris", middleName: "", familyName: "Drawbridger" }, groups: [] } });
  if (statusOf(okta) !== 200) findings.push(await missed("trial.update", "A change as Okta sends it", okta, trial, person.id));
  const stuck = person.id && (await stuckFinding("trial.update", "A change of names", await settled(person.id, trial.bed, trial.store), chart(trial)));
  if (stuck) findings.push(stuck);
  if (findings.length === before) findings.push(ok("trial.update", "Changes come through as Entra (PATCH) and as Okta (PUT) send them."));
}

/** The group is in no `roles.map`, so it comes to no vendor. */
async function groups(person: TrialPerson, trial: Trial, findings: Finding[]): Promise<void> {
  const before = findings.length;
  const name = person.address.split("@")[0];
  const made = await ask(trial, { method: "POST", path: "/Groups", body: { schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"], displayName: name, externalId: name } });
  const group = jsonOf(made)?.["id"];
  if (statusOf(made) !== 201 || typeof group !== "string") return void findings.push(await missed("trial.group", "Making a group", made, trial, undefined));
  person.group = group;
  const path = `/Groups/${group}`;
  const steps: readonly (readonly [string, ScimAsked])[] = [
    ["Adding a member as Entra does", { method: "PATCH", path, body: patch({ op: "Add", path: "members", value: [{ $ref: null, value: person.id }] }) }],
    ["Removing a member as Okta does", { method: "PATCH", path, body: patch({ op: "remove", path: `members[value eq "${person.id}"]` }) }],
    ["Deleting the group", { method: "DELETE", path }],
  ];
  for (const [words, asked] of steps) {
    const answer = await ask(trial, asked);
    if (answer.kind !== "answered" || answer.status < 200 || answer.status > 204) findings.push(await missed("trial.group", words, answer, trial, undefined));
    else if (asked.method === "DELETE") person.group = undefined;
  }
  if (findings.length === before) findings.push(ok("trial.group", "A group is made, gets and loses a member, and is deleted."));
}

async function leaves(person: TrialPerson, trial: Trial, findings: Finding[]): Promise<void> {
  const { bed, store, connector, manifest } = trial;
  const path = `/Users/${person.id}`;
  const check = "trial.deactivate";
  const entra = await ask(trial, { method: "PATCH", path, body: patch({ op: "Replace", path: "active", value: "False" }) });
  if (statusOf(entra) !== 200 || jsonOf(entra)?.["active"] !== false) throw await ended(check, "A deactivation as Entra sends it", entra, trial, person.id, "the person is still shown as active");
  const held = person.id && (await settled(person.id, bed, store));
  const stuck = held && (await stuckFinding(check, "A deactivation", held, chart(trial)));
  if (stuck) throw new Ended(stuck);
  const okta = await ask(trial, { method: "PATCH", path, body: patch({ op: "replace", value: { active: false } }) });
  if (statusOf(okta) !== 200) throw await ended(check, "A deactivation as Okta sends it", okta, trial, person.id);
  const seen = await ask(trial, { method: "GET", path });
  if (statusOf(seen) !== 200 || jsonOf(seen)?.["active"] !== false) throw await ended(check, "Reading who was deactivated", seen, trial, person.id, "the person is not shown as inactive");
  findings.push(ok(check, "A deactivation comes through as Entra and as Okta send it, and the person stays readable."));
  const link = held?.link;
  if (link?.account === undefined || !connector.get) return;
  const account = await connector.get({ account: link.account, kind: link.kind, email: person.address }, callOf(bed, person.correlation)).catch(() => undefined);
  if (account?.active === true) findings.push(failure("trial.vendor", `${manifest.title} said yes to the deactivation and still shows the person as active.`, `Ask ${manifest.title} why; until it is mended, leavers must be ended there by hand (drawbridge tasks list).`));
  else findings.push(account?.active === undefined && account !== undefined ? warning("trial.vendor", `${manifest.title} does not show whether somebody has access, so a deactivation can only be believed.`, "Look at the throw-away person there once by hand, and at leavers now and then.") : ok("trial.vendor", `${manifest.title} shows the person without access.`));
}

const userSchema = "urn:ietf:params:scim:schemas:core:2.0:User";
const lookup = (address: string): string => `/Users?filter=userName+eq+%22${encodeURIComponent(address)}%22`;

const chart = ({ store, bed, manifest }: Trial): Chart => ({ store, connection: bed.connection.id, manifest });

const ask = ({ way, bed }: Trial, asked: ScimAsked): Promise<Answered> => scim(way, asked, bed, patienceMs(bed));

const ended = async (...given: Parameters<typeof missed>): Promise<Ended> => new Ended(await missed(...given));

/** @param otherwise what is wrong with an answer whose status is right */
async function missed(check: string, what: string, answer: Answered, trial: Trial, person: ResourceId | undefined, otherwise?: string): Promise<Finding> {
  const status = statusOf(answer);
  if (otherwise !== undefined && status !== undefined && status < 300) return failure(check, `${what} does not work: ${otherwise}.`, "Have the proxy pass query and answers on unchanged; if there is none, report it.");
  const vendor = await vendorsPart(answer, person, chart(trial));
  const { says, change } = vendor ?? answerWords(answer, trial.bed.connection.id);
  return failure(check, `${what} does not come through: ${vendor ? says : sentence(says)}`, change);
}
