/**
 * Everybody who is here beside what was seen of them, a page at a time.
 *
 * @module
 */
import type { Drift, DriftKind } from "../model/drift.ts";
import type { AccountId, ResourceId } from "../model/ids.ts";
import type { Link } from "../model/link.ts";
import type { Plan } from "../model/operation.ts";
import type { Account } from "../model/person.ts";
import type { Held } from "../model/resource.ts";
import { isPrivileged } from "../plan/plan-roles.ts";
import { type Wanted, wantedOf } from "../plan/wanted.ts";
import type { Alike, PersonSeen } from "../store/reconcile-contract.ts";
import { kept, RunFailed } from "./broken-off.ts";
import { differencesOf, type Known } from "./compare.ts";
import { byPerson, driftOf, type Seen } from "./drifts.ts";
import { isMoving, lookAt } from "./looking.ts";
import type { Round } from "./post.ts";
import { planAfterLook, planFor, remedyFor, remedyForMissing } from "./remedy.ts";

const page = 200;
/** Accounts of one address that are told of. */
const mostAlike = 5;
/** After so many looks in which the vendor has not shown what its list leaves out, nobody else is asked for it. */
const enoughLooks = 20;

type Linked = Held & { readonly link: Link };

/** @param gone people whose account is proven to be gone */
export async function judgePeople(round: Round, gone: ReadonlySet<ResourceId>): Promise<void> {
  const { run, store, signal } = round;
  const helpful = { looks: 0, shown: 0 };
  for (let after: ResourceId | undefined; ; ) {
    const people = await store.peopleSeen(run, after, page);
    const alike = await store.seenAt(run, [...new Set(people.flatMap(({ held }) => addressesOf(held, round)))], mostAlike);
    const drifts: Drift[] = [];
    const claimed: AccountId[] = [];
    for (const person of people) {
      signal.throwIfAborted();
      const others = alikeOf(person.held, alike, round);
      claimed.push(...others.map(({ account }) => account.id), ...(person.sighting ? [person.sighting.account.id] : []));
      drifts.push(...(await judged(round, person, others, gone.has(person.held.id), helpful)).map(driftOf));
    }
    await kept(store.claim(run, claimed));
    await kept(store.draft(run, drifts));
    after = people.at(-1)?.held.id;
    if (people.length < page) return;
  }
}

function addressesOf({ attributes, groups, link }: Held, { post: { policy } }: Round): readonly string[] {
  const wanted = attributes && wantedOf(attributes, policy.identity, groups);
  return [...(wanted?.email === undefined ? [] : [wanted.email]), ...(link?.login === undefined ? [] : [link.login])];
}

/** Other accounts with one of the person's addresses. */
function alikeOf(held: Held, alike: ReadonlyMap<string, readonly Alike[]>, round: Round): readonly Alike[] {
  const all = addressesOf(held, round).flatMap((email) => alike.get(email) ?? []);
  return [...new Map(all.map((one) => [one.account.id, one])).values()].filter(({ account, holder }) => account.id !== held.link?.account && holder !== held.id);
}

async function judged(round: Round, person: PersonSeen, others: readonly Alike[], isGone: boolean, helpful: Helpful): Promise<readonly Seen[]> {
  const { held, moved } = person;
  if (!held.attributes) return [];
  if (moved || isMoving(held)) return void (round.tally.moving += 1), [];
  const { link } = held;
  if (!link || link.account === undefined) return link?.unknownAt === undefined ? withoutAccount(round, held, others) : [];
  round.tally.linked += 1;
  const own = link.kind === "invitation" ? await invited(round, { ...held, link }, others) : await linked(round, { ...person, held: { ...held, link } }, isGone, helpful);
  const found = [...own, ...severalOf(held, others, link.kind === "account")];
  if (found.length === 0) round.tally.equal += 1;
  return found;
}

const named = (held: Held) => ({ resource: held.id, name: typeof held.attributes?.["userName"] === "string" ? held.attributes["userName"] : undefined });

/** A second account of somebody who has one is nobody's to choose from. */
function severalOf(held: Held, others: readonly Alike[], isLinked: boolean): readonly Seen[] {
  const free = others.filter(({ holder, isFenced }) => holder === undefined && !isFenced);
  if (!isLinked || free.length === 0) return [];
  return [{ kind: "severalAccounts", ...named(held), account: held.link?.account, email: held.link?.login, more: `Besides ${held.link?.account ?? "theirs"}: ${free.map(({ account }) => account.id).join(", ")}.`, repair: byPerson("A person must say which one is meant, and remove the others there.") }];
}

// --------------------------------------------------------------------------------------------------------------- linked

interface Helpful {
  looks: number;
  shown: number;
}

async function linked(round: Round, { held, sighting }: PersonSeen & { readonly held: Linked }, isGone: boolean, helpful: Helpful): Promise<readonly Seen[]> {
  const { post, tally } = round;
  const { link } = held;
  const { access } = link.applied;
  if (isGone) return removed(held);
  if (!sighting) return access === "gone" ? (isWanted(held, round) ? removed(held) : []) : unlisted(round, held);
  const known: Known = { vendor: post.vendor, policy: post.policy, managed: post.connector.traits.managedRoles, parts: tally.parts };
  const listed = sighting.account;
  const lacks = lackOf(link, listed);
  const asks = lacks.role || lacks.access;
  const isAsked = asks && post.policy.reconcile.detail === "full" && post.connector.get !== undefined && !isVain(helpful);
  const differs = differencesOf(link, listed, known).length > 0;
  // What a list showed a while ago is no proof: it is looked at now.
  const account = (differs || isAsked) && post.connector.get ? await lookAt(round, held) : listed;
  if (account === undefined) return void (tally.moving += 1), void (tally.linked -= 1), [];
  if (account === "gone") return access === "active" || access === undefined || access === "partly" ? removed(held) : leaverRemoved(held);
  const left = lackOf(link, account);
  if (isAsked) {
    helpful.looks += 1;
    if ((lacks.role && !left.role) || (lacks.access && !left.access)) helpful.shown += 1;
  }
  if (left.role) tally.unseen.role += 1;
  if (left.access) tally.unseen.access += 1;
  const planned = planAfterLook(held, account, post);
  return differencesOf(link, account, known).map((difference) => {
    const meant = { ...difference, kind: meantBy(difference.kind, planned, held, round) };
    return { ...meant, ...named(held), account: account.id, email: account.email ?? link.login, repair: remedyFor(meant, planned, held, account, post) };
  });
}

/** Whoever has what is wanted, by whatever way, is no alarm. */
function meantBy(kind: DriftKind, planned: Plan | string, held: Held, round: Round): DriftKind {
  if (kind === "reenabled" && typeof planned !== "string" && !planned.some((operation) => operation.kind === "deactivate")) return "regained";
  return kind === "disabled" && !isWanted(held, round) ? "deniedThere" : kind;
}

const isVain = ({ looks, shown }: Helpful): boolean => looks >= enoughLooks && shown === 0;

/** What is to be compared and not shown. */
const lackOf = ({ applied }: Link, { role, active }: Account) => ({ role: role === undefined && active !== false && applied.access === "active" && (applied.role ?? applied.wantedRole) !== undefined, access: active === undefined });

const isWanted = ({ attributes, groups }: Held, { post: { policy } }: Round): boolean => attributes !== undefined && wantedOf(attributes, policy.identity, groups).active;

const removed = (held: Linked): readonly Seen[] => [
  { kind: "removed", ...named(held), account: held.link.account, email: held.link.login, attribute: "access", from: "active", to: "gone", repair: held.link.applied.access === "gone" ? knownGone : { by: "look", lane: "reconcile", does: "take note of it, and open a task: create it there again, or release the link" } },
];
const knownGone = byPerson("It is known here, and the task says what to do: create it there again, or release the link.");
const leaverRemoved = (held: Linked): readonly Seen[] => [
  { kind: "leaverRemoved", ...named(held), account: held.link.account, email: held.link.login, attribute: "access", from: "inactive", to: "gone", repair: byPerson("There is nothing to do: nobody has access by it.") },
];

/** Somebody without access whom the list leaves out, as lists of those with access do. */
async function unlisted(round: Round, held: Linked): Promise<readonly Seen[]> {
  const { post, tally } = round;
  const { get, traits } = post.connector;
  if (!get || post.policy.reconcile.detail === "list") return [];
  const account = traits.getReadsList ? "gone" : await lookAt(round, held);
  if (account === undefined) return void (tally.moving += 1), [];
  if (account === "gone") return leaverRemoved(held);
  if (account.active === true) throw new RunFailed({ reason: "incomplete", detail: `The list of ${post.vendor.title} leaves out somebody with access whose account is there when it is asked for by id (${held.id}).` });
  tally.remarks.add("the list leaves out people without access; each of them was looked at by id");
  return [];
}

/** Delivery looks after invitations; what is told here is that one has come to nothing. */
async function invited(round: Round, held: Linked, others: readonly Alike[]): Promise<readonly Seen[]> {
  const { link } = held;
  const free = others.filter(({ holder, account }) => holder === undefined && account.active !== false);
  if (link.applied.access === "inactive") return free.map(({ account }) => again(held, account));
  if (!round.post.connector.get) return [];
  const invitation = await lookAt(round, held);
  if (invitation !== "gone" && invitation?.active !== false) return [];
  return [{ kind: "invitationWithdrawn", ...named(held), account: link.account, email: link.login, repair: { by: "deliver", lane: "reconcile", does: "take note of it, and open a task: invite the person again" } }];
}

const again = (held: Held, account: Account): Seen => ({
  kind: "addedAgain", ...named(held), account: account.id, email: account.email, attribute: "access", from: "inactive", to: account.active === undefined ? "not shown" : "active",
  repair: byPerson("The account is not linked to the person, and only linked accounts are touched: take the access away there, or reactivate the person in the IdP."),
});

// ----------------------------------------------------------------------------------------------------- without an account

function withoutAccount(round: Round, held: Held, others: readonly Alike[]): readonly Seen[] {
  const { post: { policy, vendor } } = round;
  const wanted = held.attributes && wantedOf(held.attributes, policy.identity, held.groups);
  const plan = wanted && planFor(wanted, held.link, { policy, vendor });
  if (!wanted || typeof plan === "string") return [];
  const wantsAccount = plan?.some(({ kind }) => kind === "create") ?? false;
  const free = others.filter(({ holder }) => holder === undefined);
  if (!wanted.active) return leaverAccounts(held, free);
  if (!wantsAccount) return []; // waits for what the IdP has not said yet, and has a task
  const [first, ...more] = others;
  if (more.length > 0) return [{ kind: "severalAccounts", ...named(held), email: wanted.email, more: `They are ${others.map(({ account }) => account.id).join(", ")}.`, repair: byPerson("A person must say which one is meant.") }];
  if (!first) return [{ kind: "missing", ...named(held), email: wanted.email, more: held.due?.failure?.detail, repair: remedyForMissing(held, wanted, round.post) }];
  const { account, holder } = first;
  const about = { ...named(held), account: account.id, email: account.email };
  if (holder !== undefined) return [{ kind: "sharedAccount", ...about, more: `It belongs to ${holder}.`, repair: byPerson("A person must say whose it is.") }];
  return [{ kind: "unlinked", ...about, more: held.due?.failure?.detail, repair: adoption(first, held, wanted, round) }];
}

/** The rules of adoption are asked again when it comes to it; here they only say what a repair could come to. */
function adoption({ account, isFenced, apart }: Alike, held: Held, wanted: Wanted, { post }: Round): ReturnType<typeof remedyForMissing> {
  const { policy } = post;
  if (policy.adopt === "never") return byPerson("Adoption is switched off (adopt: never).");
  if (isFenced) return byPerson(`The account must not be linked: ${apart ?? "it is outside the fence"}.`);
  if (isPrivileged(account.role, policy.roles)) return byPerson("The account is privileged, and such accounts are never adopted.");
  const repair = remedyForMissing(held, wanted, post);
  return repair.by === "deliver" ? { ...repair, does: "link the account by the rules of adoption" } : repair;
}

const leaverAccounts = (held: Held, free: readonly Alike[]): readonly Seen[] =>
  free
    .filter(({ account, isFenced }) => account.active !== false && !isFenced)
    .map(({ account }): Seen =>
      held.link?.applied.access === "inactive"
        ? again(held, account)
        : { kind: "unlinkedLeaver", ...named(held), account: account.id, email: account.email, repair: byPerson("The account is not linked to the person, and only linked accounts are touched: take the access away there.") },
    );
