/**
 * The commands of the state machine: pushes in every dialect, one after the other or at once, with or without a crash in the
 * middle; people at the vendor; a vendor that fails; time.
 *
 * @module
 */
import fc from "fast-check";
import { isDeepStrictEqual } from "node:util";
import type { VendorFault } from "../../src/connectors/kit/simulator/faults.ts";
import { accountOf, always, atRest, Breach, type Knowledge, seen } from "./judge.ts";
import { changeMembers, create, createGroup, emailOf, emptyWorld, groupNames, names, type Push, remove, removeGroup, renameGroup, replace, setActive, setProfile, setRoles, type World } from "./model.ts";
import { acme, type Answer, type Rig } from "./rig.ts";

export const nothingKnown = (): Knowledge => ({ world: emptyWorld, used: new Set(), denied: new Map(), tampered: new Set(), madeThere: new Set(), lied: false, told: [] });

/** A push that is made when its turn comes, from the world as it is then; `undefined` = it makes no sense now. */
type Intention = (world: World) => Push | undefined;
export type Command = fc.AsyncCommand<Knowledge, Rig>;

/** The same world but for ids that the machine cannot know beforehand. */
const alike = (a: World, b: World): boolean => isDeepStrictEqual(withoutIds(a), withoutIds(b));
const withoutIds = ({ people, groups }: World) => ({ people: people.map(({ id, ...rest }) => ({ ...rest, there: id !== undefined })), groups: groups.map(({ id, ...rest }) => ({ ...rest, there: id !== undefined })) });

/** A rail has stopped it, so nothing has changed (I14): the machine's is that of the last administrator. */
const isHeld = ({ status, body }: Answer): boolean => status === 503 && String(body?.detail).startsWith("Held by ");

/** Whether a refusal leaves what the push wanted, and says so: a membership always, a role under a newer push, a denial when it is the vendor that did not do it. */
const isKept = (push: Push, { status, body }: Answer): boolean => (push.denial && status >= 500 && !isHeld({ status, body })) || (status >= 400 && /^The (membership|role) is kept|did not take the access away/.test(String(body?.detail)));

/** Takes the answer for what it says, compares it with what is stored, and goes on from there. */
export async function settle(push: Push, answer: Answer | undefined, before: World, knowledge: Knowledge, rig: Rig): Promise<void> {
  const now = await seen(rig);
  const after = push.after(before);
  knowledge.told.push(`${push.say} → ${answer?.status ?? "no answer"} ${answer && answer.status >= 400 ? String(answer.body?.detail) : ""}`);
  const says = `${push.say}: ${answer?.status ?? "no answer"} ${answer && answer.status >= 400 ? String(answer.body?.detail) : ""}`;
  const isRepeat = push.method === "POST" && push.person !== undefined && before.people[push.person]?.id !== undefined;
  const wanted = answer === undefined ? [before, after] : (answer.status < 300 && !isRepeat) || isKept(push, answer) ? [after] : [before];
  if (!wanted.some((world) => alike(world, now))) throw new Breach(`I10/I3: ${says}\n  stored ${JSON.stringify(now)}\n  wanted ${wanted.map((one) => JSON.stringify(one)).join(" or ")}`);
  if (answer?.status === 404) throw new Breach(`I8: ${says}: it exists`);
  if (answer?.status === 500) throw new Breach(`I8: ${says}`);
  if (answer?.status === 201 && !isRepeat && knowledge.used.has(String(answer.body.id))) throw new Breach(`I15: ${says}: the id was given out before`);
  for (const { id } of [...now.people, ...now.groups]) if (id !== undefined) knowledge.used.add(id);
  knowledge.world = now;
}

/** Writes down whom it denied, or whom it let in again. */
async function remember(push: Push, before: World, answer: Answer | undefined, account: string | undefined, { denied, world }: Knowledge): Promise<void> {
  if (push.person === undefined) return;
  const was = before.people[push.person];
  const is = world.people[push.person];
  if (was?.id !== undefined && push.denial && (answer === undefined || answer.status < 300 || answer.status >= 500) && (is?.id !== was.id || !is.active)) denied.set(was.id, { who: push.person, account });
  if (is?.id !== undefined && is.active) denied.delete(is.id);
}

export class PushIt implements Command {
  readonly #intention: Intention;
  readonly #crashAt: number | undefined;
  #said = "push";

  /** @param crashAt the vendor call, counted from the push, at which the process dies; `0` = right after the answer */
  constructor(intention: Intention, crashAt?: number) {
    this.#intention = intention;
    this.#crashAt = crashAt;
  }

  check(knowledge: Readonly<Knowledge>): boolean {
    return this.#intention(knowledge.world) !== undefined;
  }

  async run(knowledge: Knowledge, rig: Rig): Promise<void> {
    const before = knowledge.world;
    const push = this.#intention(before);
    if (!push) return;
    this.#said = `${push.say}${this.#crashAt === undefined ? "" : ` (dies at call ${this.#crashAt})`}`;
    const id = push.person === undefined ? undefined : before.people[push.person]?.id;
    const account = id === undefined ? undefined : await accountOf(rig, id);
    rig.crashAtCall(this.#crashAt || undefined);
    const answer = await rig.scim(push.method, push.path, push.body);
    if (this.#crashAt !== undefined) {
      knowledge.told.push(`crash at call ${this.#crashAt} of`);
      await rig.crash();
    }
    await settle(push, answer, before, knowledge, rig);
    await remember(push, before, answer, account, knowledge);
    await always(rig, knowledge);
  }

  toString = (): string => this.#said;
}

/** Several pushes for one person or one group at the same moment; any order of them is right, a mixture is not. */
export class AtOnce implements Command {
  readonly #intentions: readonly Intention[];
  #said = "at once";

  constructor(intentions: readonly Intention[]) {
    this.#intentions = intentions;
  }

  check = ({ world }: Readonly<Knowledge>): boolean => this.#pushes(world).length > 1;
  #pushes = (world: World): readonly Push[] => this.#intentions.flatMap((intention) => intention(world) ?? []);

  async run(knowledge: Knowledge, rig: Rig): Promise<void> {
    const before = knowledge.world;
    const pushes = this.#pushes(before);
    this.#said = `at once: ${pushes.map(({ say }) => say).join("; ")}`;
    const accounts = new Map(await Promise.all(pushes.flatMap(({ person }) => (person === undefined ? [] : before.people[person]?.id ?? [])).map(async (id) => [id, await accountOf(rig, id)] as const)));
    const answers = await rig.together(() => Promise.all(pushes.map(({ method, path, body }) => rig.send(method, path, body))));
    knowledge.told.push(`${this.#said} → ${answers.map((answer) => `${answer?.status} ${answer && answer.status >= 400 ? String(answer.body?.detail) : ""}`).join("; ")}`);
    const now = await seen(rig);
    // A refused one may or may not have been on the way when another was decided; only its own effect must not be there.
    const counted = pushes.filter((push, at) => { const answer = answers[at]; return answer === undefined || answer.status < 300 || isKept(push, answer); });
    const worlds = orders(counted).map((order) => order.reduce((world, push) => push.after(world), before));
    if (!worlds.some((world) => alike(world, now))) throw new Breach(`I3: ${this.#said} → ${answers.map((answer) => answer?.status).join()}\n  stored ${JSON.stringify(now)}\n  wanted one of ${worlds.map((one) => JSON.stringify(one)).join("\n    ")}`);
    if (answers.some((answer) => answer?.status === 500)) throw new Breach(`I8: ${this.#said} → ${answers.map((answer) => `${answer?.status} ${String(answer?.body?.detail)}`).join()}`);
    for (const { id } of [...now.people, ...now.groups]) if (id !== undefined) knowledge.used.add(id);
    knowledge.world = now;
    for (const [at, push] of pushes.entries()) await remember(push, before, answers[at], accounts.get(before.people[push.person ?? 0]?.id ?? ""), knowledge);
    await always(rig, knowledge);
  }

  toString = (): string => this.#said;
}

const orders = <T>(list: readonly T[]): readonly (readonly T[])[] => (list.length <= 1 ? [list] : list.flatMap((one, place) => orders(list.toSpliced(place, 1)).map((rest) => [one, ...rest])));

/** Ten times the same create: one account, one id. */
export class CreateTenTimes implements Command {
  readonly #who: number;
  constructor(who: number) {
    this.#who = who;
  }
  check = ({ world }: Readonly<Knowledge>): boolean => world.people[this.#who]?.id === undefined;

  async run(knowledge: Knowledge, rig: Rig): Promise<void> {
    const push = create(this.#who, "Ten", [], true);
    const answers = await rig.together(() => Promise.all(Array.from({ length: 10 }, () => rig.send(push.method, push.path, push.body))));
    const made = answers.filter((answer) => answer?.status === 201);
    if (new Set(made.map((answer) => String(answer?.body.id))).size > 1) throw new Breach("I1: ten equal creates got different ids");
    await settle(push, made[0] ?? answers[0], knowledge.world, knowledge, rig);
    await always(rig, knowledge);
  }
  toString = (): string => `create ${names[this.#who]} ten times at once`;
}

/** Something that happens to the vendor or to the process and pushes nothing. */
export class Happen implements Command {
  readonly #say: string;
  readonly #what: (knowledge: Knowledge, rig: Rig) => Promise<void>;
  constructor(say: string, what: (knowledge: Knowledge, rig: Rig) => Promise<void>) {
    this.#say = say;
    this.#what = what;
  }
  check = (): boolean => true;
  async run(knowledge: Knowledge, rig: Rig): Promise<void> {
    knowledge.told.push(this.#say);
    await this.#what(knowledge, rig);
    await always(rig, knowledge);
  }
  toString = (): string => this.#say;
}

/** Longer than any pause between two attempts and every wait for a settle. */
const mostRestMs = 30 * 60_000;

/** The vendor is well again; whatever is due gets done; then everything must be equal. */
export async function rest(knowledge: Knowledge, rig: Rig): Promise<void> {
  await rig.vendor.setSwitches({ down: "off", liar: "off" });
  await rig.vendor.clearFaults();
  const isOpen = async () => (await rig.house.store.openWork(acme, 100)).some(({ due }) => due.dueAtMs !== undefined);
  // What the vendor still has in its pipes, and the probe that finds out that it is back.
  await rig.time.advance(6_000);
  for (let passedMs = 0; await isOpen(); passedMs += 2_000) {
    if (passedMs > mostRestMs) throw new Breach(`I2: no rest after half an hour: ${JSON.stringify(await rig.house.store.openWork(acme, 100))}`);
    await rig.time.advance(2_000);
  }
  await rig.time.advance(25_000); // late calls
  while (await isOpen()) await rig.time.advance(2_000);
  await always(rig, knowledge);
  await atRest(rig, knowledge);
}

// ------------------------------------------------------------------------------------------------------------- arbitraries

const who = fc.integer({ min: 0, max: names.length - 1 });
const which = fc.integer({ min: 0, max: groupNames.length - 1 });
const spelling = fc.nat(20);
const given = fc.constantFrom("Ada", "Augusta", "Bo", "Zoë");
/** Some lead to a role, most look as if they did. */
const roles = fc.subarray(["Admins", "g-editors", "Everyone", "Owner", "admins", "Admin", "Editor"], { maxLength: 3 });
const people = fc.subarray([0, 1, 2, 3]);

const of = (person: number, push: (world: World) => Push): Intention => (world) => (world.people[person]?.id === undefined ? undefined : push(world));
const ofGroup = (group: number, push: (world: World) => Push): Intention => (world) => (world.groups[group]?.id === undefined ? undefined : push(world));

const onPerson = (person: number): fc.Arbitrary<Intention> =>
  fc.oneof(
    { weight: 4, arbitrary: fc.tuple(fc.boolean(), spelling).map(([active, how]) => of(person, (world) => setActive(world, person, active, how))) },
    { weight: 2, arbitrary: fc.tuple(roles, spelling).map(([values, how]) => of(person, (world) => setRoles(world, person, values, how))) },
    { weight: 2, arbitrary: fc.tuple(given, spelling).map(([name, how]) => of(person, (world) => setProfile(world, person, name, "Lovelace", how))) },
    { weight: 1, arbitrary: fc.tuple(given, fc.constantFrom(true, false, undefined)).map(([name, active]) => of(person, (world) => replace(world, person, name, active))) },
  );
const onGroup = (group: number): fc.Arbitrary<Intention> =>
  fc.oneof(
    { weight: 5, arbitrary: fc.tuple(fc.constantFrom("join", "leave", "replace", "put"), people, spelling).map(([how, members, spelt]) => ofGroup(group, (world) => changeMembers(world, group, how, members, spelt))) },
    { weight: 1, arbitrary: fc.constantFrom(groupNames[group] ?? "", `${groupNames[group]} EU`).map((name) => ofGroup(group, (world) => (group === 0 ? changeMembers(world, 0, "join", [], 0) : renameGroup(world, group, name)))) },
  );
const creating = fc.tuple(who, given, roles, fc.boolean()).map(([person, name, values, often]): Intention => () => create(person, name, often ? [] : values, true));
const removing = who.map((person): Intention => of(person, (world) => remove(world, person)));
const grouping = which.map((group): Intention => (world) => (world.groups[group]?.id === undefined ? createGroup(group) : undefined));
const ungrouping = which.map((group): Intention => ofGroup(group, (world) => removeGroup(world, group)));
const anyPush = fc.oneof({ weight: 3, arbitrary: creating }, { weight: 8, arbitrary: who.chain(onPerson) }, { weight: 3, arbitrary: which.chain(onGroup) }, { weight: 2, arbitrary: removing }, { weight: 2, arbitrary: grouping }, { weight: 1, arbitrary: ungrouping });

const faults: fc.Arbitrary<VendorFault> = fc
  .tuple(
    fc.oneof(
      { weight: 3, arbitrary: fc.integer({ min: 500, max: 20_000 }).map((ms) => ({ kind: "lateCommit", ms }) as const) },
      { weight: 5, arbitrary: fc.constantFrom({ kind: "resetBefore" }, { kind: "resetAfter" }, { kind: "garbage200" }, { kind: "emptyBody200" }, { kind: "truncate" }, { kind: "retryAfter", after: 2 } as const) },
      { weight: 4, arbitrary: fc.constantFrom({ kind: "status", status: 500, body: { error: "no" } }, { kind: "status", status: 502, body: "<html>", committed: true }, { kind: "status", status: 401, body: { error: "key" } }, { kind: "status", status: 400, body: { error: "no" } }) },
      { weight: 1, arbitrary: fc.constant({ kind: "delay", ms: 3_000 } as const) },
    ),
    fc.constantFrom("POST", "PATCH", "DELETE", "GET"),
    fc.constantFrom(1, 1, 2, 6),
  )
  .map(([fault, method, times]) => ({ ...fault, match: { method, times } }) as VendorFault);

async function tamper(person: number, how: "delete" | "enable" | "disable" | "edit", { world, tampered, denied }: Knowledge, rig: Rig): Promise<void> {
  const id = world.people[person]?.id;
  const account = id === undefined ? undefined : await accountOf(rig, id);
  if (id === undefined || account === undefined) return;
  tampered.add(id);
  // Their denial has happened; who undoes it by hand makes a difference that is found when the vendor is compared with us, not sooner.
  if (how === "enable" && rig.vendor.state().users.some((user) => user.id === account && !user.is_enabled)) denied.delete(id);
  await rig.hand(how === "delete" ? "DELETE" : "PATCH", account, { delete: undefined, enable: { is_enabled: true }, disable: { is_enabled: false }, edit: { first_name: "Edited", role: "Viewer" } }[how]);
}

async function makeThere(person: number, { madeThere }: Knowledge, rig: Rig): Promise<void> {
  if (rig.vendor.state().users.some(({ email }) => email === emailOf(person))) return;
  madeThere.add(person);
  rig.vendor.seed({ users: [{ email: emailOf(person), first_name: "Made", last_name: "There" }] });
}

export const commands: fc.Arbitrary<Command>[] = [
  ...Array.from({ length: 10 }, () => anyPush.map((intention) => new PushIt(intention))),
  fc.tuple(anyPush, fc.integer({ min: 0, max: 4 })).map(([intention, call]) => new PushIt(intention, call)),
  who.chain((person) => fc.array(onPerson(person), { minLength: 2, maxLength: 4 })).map((intentions) => new AtOnce(intentions)),
  which.chain((group) => fc.array(onGroup(group), { minLength: 2, maxLength: 4 })).map((intentions) => new AtOnce(intentions)),
  who.map((person) => new CreateTenTimes(person)),
  fc.constant(new Happen("the vendor goes down", (_, rig) => rig.vendor.setSwitches({ down: "on" }))),
  fc.constant(new Happen("the vendor is back", (_, rig) => rig.vendor.setSwitches({ down: "off" }))),
  fc.constant(new Happen("the vendor lies", (knowledge, rig) => {
    knowledge.lied = true;
    return rig.vendor.setSwitches({ liar: "success" });
  })),
  faults.map((fault) => new Happen(`the vendor: ${JSON.stringify(fault)}`, async (_, rig) => rig.vendor.addFault(fault))),
  faults.map((fault) => new Happen(`the vendor: ${JSON.stringify(fault)}`, async (_, rig) => rig.vendor.addFault(fault))),
  fc.tuple(who, fc.constantFrom("delete", "enable", "disable", "edit")).map(([person, how]) => new Happen(`by hand: ${how} ${names[person]}`, (knowledge, rig) => tamper(person, how, knowledge, rig))),
  fc.constant(new Happen("by hand: an account for lou", (knowledge, rig) => makeThere(3, knowledge, rig))),
  fc.constant(new Happen("crash", (_, rig) => rig.crash())),
  fc.constant(new Happen("restart", (_, rig) => rig.restart())),
  fc.integer({ min: 100, max: 90_000 }).map((ms) => new Happen(`${ms} ms pass`, (_, rig) => rig.time.advance(ms))),
  fc.constant(new Happen("rest", rest)),
];
