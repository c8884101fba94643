/**
 * One small textual edit per guard, and the test that must notice that it is gone (reliability.md 3 and 9.12).
 *
 * `from` must stand in the file exactly once: a refactoring breaks the edit loudly instead of making it harmless. To add a guard, add
 * one object here and run `npm run sabotage`.
 *
 * @module
 */
export interface Edit {
  readonly invariant: Invariant;
  /** What is taken away, as the table says it after "without …". */
  readonly guard: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
  /** At least one of them must fail. `name` is a part of the full name: describe, then test, with a blank between. */
  readonly tests: readonly { readonly file: string; readonly name: string }[];
}

export const invariants = {
  I1: "at most one account per person",
  I2: "an acknowledged denial happens",
  I3: "no lost update, per facet",
  I4: "adoption only of the one unprivileged exact match",
  I5: "only linked accounts are touched",
  I6: "connections never see each other",
  I7: "no role outside the map is sent",
  I8: "404 means that it does not exist; no 2xx for what does not happen",
  I9: "no secret in any output",
  I10: "a refused push changes nothing",
  I11: "intent before every vendor write, outcome after",
  I12: "everything is bounded",
  I13: "denials repeat, grants do not",
  I14: "rails hold, also across restart and replicas",
  I15: "ids are never reused",
} as const;
export type Invariant = keyof typeof invariants;

const test = (file: string, name: string) => ({ file: `test/${file}.test.ts`, name });
const inDoubt = (name: string) => [test("invariants/in-doubt", name)];
const behind = (name: string) => [test("delivery/behind", name)];

export const edits: readonly Edit[] = [
  // ------------------------------------------------------------------------------------------------------------------- I1
  {
    invariant: "I1", guard: "the settle time after an unclear create", file: "src/delivery/look.ts",
    from: "if (settlesAt !== undefined && settlesAt > now) return run.later(settlesAt, lane, undefined);", to: "",
    tests: inDoubt("a create that dies while it is sent and that the vendor carries out late"),
  },
  {
    invariant: "I1", guard: "the look-up before a create", file: "src/delivery/attempt.ts",
    from: "const chosen = (await createdBefore(operation, link, turn, site, works, call)) ?? (await chooseAccount(operation.email, link, site, works, call, turn));", to: "const chosen = undefined as Chosen | undefined;",
    tests: inDoubt("a create that dies while it is sent is linked"),
  },
  {
    invariant: "I1", guard: "the mark that is committed before a create is sent", file: "src/delivery/attempt.ts",
    from: "await turn.markCreate(operation);", to: "",
    tests: inDoubt("a create that dies while it is sent and that the vendor carries out late"),
  },
  {
    invariant: "I1", guard: "the lease", file: "src/store/leases.ts",
    from: "sql<boolean>`(lease_until is null or lease_until <= ${nowMs})`", to: "sql<boolean>`(${nowMs} = ${nowMs})`",
    tests: [test("store/due", "on sqlite of twenty that want one resource")],
  },
  {
    invariant: "I1", guard: "the epoch of a lease", file: "src/store/due.ts",
    from: `.where("lease_owner", "=", owner).where("lease_epoch", "=", epoch);`, to: ";",
    tests: [test("store/due", "on sqlite an expired lease is free, its epoch rises")],
  },
  {
    invariant: "I1", guard: "the unique userName", file: "src/store/migrations.ts",
    from: "create unique index resources_by_name", to: "create index resources_by_name",
    tests: [test("store/commit", "on sqlite names of ten creates of one name at once")],
  },
  {
    invariant: "I1", guard: "the proof that it is our tenant before anybody is found or made", file: "src/delivery/tenant.ts",
    from: "if (!(await othersAreThere(site, store, undefined, call))) throw", to: "if (false) throw",
    tests: [test("app/wrong-tenant", "a joiner is neither made nor found there")],
  },
  {
    invariant: "I1", guard: "the look for the one whom the same create has made already", file: "src/bridge/commit-user.ts",
    from: 'if (twin) return { kind: "taken"', to: 'if (false && twin) return { kind: "taken"',
    tests: [test("app/repeated", "a create that comes once more after its person was renamed")],
  },
  {
    invariant: "I1", guard: "our own records beside a list that is behind", file: "src/delivery/adopt.ts",
    from: "const known = await works.store.knownUnder(site.connection, email, comes);", to: "const known: Awaited<ReturnType<Store[\"knownUnder\"]>> = [];",
    tests: behind("somebody comes back to a vendor whose list is behind nor while it is still looked"),
  },
  {
    invariant: "I1", guard: "the new address that is noted before it is asked for", file: "src/delivery/run.ts",
    from: "this.link = { ...this.link, applied: { ...this.link.applied, seeks: email } };", to: "return;",
    tests: behind("a change of address got no clear answer, and the list shows neither address yet its person left, and the change was carried out at once"),
  },
  {
    invariant: "I1", guard: "the doubt whether an address is taken", file: "src/delivery/standing.ts",
    from: "if (!account && isSought) throw", to: "if (false) throw",
    tests: behind("a change of address got no clear answer, and the list shows neither address yet its person stays"),
  },
  {
    invariant: "I3", guard: "the look whether an account that is listed has moved", file: "src/delivery/standing.ts",
    from: "const now = former || hasMoved ?", to: "const now = former ?",
    tests: behind("somebody comes back to a vendor whose list is behind and still shows an account under the address that another person had"),
  },
  {
    invariant: "I3", guard: "the wait for an address that is being given up", file: "src/delivery/adopt.ts",
    from: "if (holder && (await isMovingAway(", to: "if (false && holder && (await isMovingAway(",
    tests: behind("a change of address got no clear answer, and the list shows neither address yet its person stays, and has the old address"),
  },
  {
    invariant: "I1", guard: "the doubt that is left when a write was refused after one of its calls", file: "src/delivery/perform.ts",
    from: "if (isHalf && laneOf(operation)", to: "if (isHalf && false && laneOf(operation)",
    tests: behind("a create of several calls"),
  },
  // ------------------------------------------------------------------------------------------------------------------- I2
  {
    invariant: "I2", guard: "the due row in the push's transaction", file: "src/store/commit.ts",
    from: "const lease = push.due && (await madeDue(begun, push.id, version, push.due, push.journal[0]?.correlation));", to: "const lease = undefined;",
    tests: [test("app/delivery", "a deactivation is answered 200, is pending")],
  },
  {
    invariant: "I2", guard: "the denial that is owned when the vendor refuses it", file: "src/delivery/setback.ts",
    from: `if (operation && laneOf(operation) === "deny" && failure.kind !== "unsupported") return own(run, operation, failure);`, to: "",
    tests: [test("app/delivery", "a revoked credential: the denial is 502")],
  },
  {
    invariant: "I2", guard: "the repetition of a refused denial without end", file: "src/delivery/setback.ts",
    from: "await run.alarm(`${operation.kind} is refused: ${failure.detail}`, { kind: \"later\",", to: "if (run.failed > 10) await run.alarm(failure.detail, { kind: \"failed\", failure });\n  else await run.alarm(`${operation.kind} is refused: ${failure.detail}`, { kind: \"later\",",
    tests: [test("delivery/late-grants", "a refused denial is alarmed at first and then every quarter of an hour, and tried all the while")],
  },
  {
    invariant: "I2", guard: "the others of ours who must be there before somebody counts as gone", file: "src/delivery/tenant.ts",
    from: "if (!(await othersAreThere(site, store, about, call))) throw", to: "if (false) throw",
    tests: [test("app/wrong-tenant", "a leaver who is not there is not taken for gone")],
  },
  {
    invariant: "I2", guard: "the look at our own clock before a call on a lease", file: "src/delivery/run.ts",
    from: "if (this.works.clock.now() - this.#leasedMs >= leaseMs(this.site.policy)) throw new LeaseLost();", to: "",
    tests: [test("delivery/uncertain", "whoever wakes up after their lease sends nothing any more")],
  },
  {
    invariant: "I2", guard: "the look after a write without a clear answer", file: "src/delivery/run.ts",
    from: "else if (this.link) this.link = { ...this.link, verifyAt: now + this.site.policy.delivery.settleMs };", to: "",
    tests: inDoubt("disable: an earlier enable that the vendor carries out late"),
  },
  {
    invariant: "I2", guard: "the look that is owed when a push is taken back", file: "src/delivery/run.ts",
    from: `lookAt === undefined ? await this.#backAgain() : ({ atMs: lookAt, lane: "deny" } as const);`, to: "undefined;",
    tests: inDoubt("a role that an unclear write has given and that is privileged is taken away although the push was refused"),
  },
  {
    invariant: "I2", guard: "the look after somebody died on the lease", file: "src/delivery/converge.ts",
    from: "await run.distrustBefore();", to: "",
    tests: inDoubt("an enable whose process died while it was sent"),
  },
  {
    invariant: "I2", guard: "the work that is kept open when a group changes under the lease", file: "src/store/due.ts",
    from: "underLease(engine.db, lease).set(settledUnlessPushed)", to: "underLease(engine.db, lease).set(settled)",
    tests: inDoubt("a member who leaves while the role is just being given"),
  },
  {
    invariant: "I2", guard: "the denial's turn behind a create that is under way", file: "src/bridge/commit-user.ts",
    from: `wanted?.active ? "profile" : "deny"`, to: `"profile"`,
    tests: inDoubt("delete: the account that it made is found after the settle time"),
  },
  {
    invariant: "I2", guard: "Entra's spelling of false", file: "src/scim/values.ts",
    from: `if (word === false || word === "false") return false;`, to: "if (word === false) return false;",
    tests: [test("app/delivery", "a leaver, in every dialect, is switched off at the vendor Entra without the flag")],
  },
  {
    invariant: "I2", guard: "the lane of denials", file: "src/model/operation.ts",
    from: `    case "deactivate":\n    case "delete":\n      return "deny";`, to: `    case "deactivate":\n    case "delete":\n      return "profile";`,
    tests: [test("app/delivery", "a deactivation is answered 200, is pending")],
  },
  {
    invariant: "I2", guard: "the places that only denials may have", file: "src/delivery/budget.ts",
    from: `(lane === "deny" || underWay.other < lesserAtOnce)`, to: "true",
    tests: [test("delivery/budget", "a budget never gives lesser calls all places")],
  },
  {
    invariant: "I2", guard: "the burst that is kept for denials", file: "src/delivery/bucket.ts",
    from: "(burst < 2 ? 0 : Math.max(1, Math.round(burst / 5)))", to: "burst * 0",
    tests: [test("delivery/budget", "a budget keeps a fifth of its burst for denials")],
  },
  {
    invariant: "I2", guard: "the alarm of a denial's age", file: "src/delivery/watch.ts",
    from: "await lookOnce(store, log, thresholds());", to: "",
    tests: [test("app/alarms", "a leaver at a vendor that is dead is one alarm at 60 s")],
  },
  {
    invariant: "I2", guard: "the leave for denials that a frozen connection owns", file: "src/model/mode.ts",
    from: `if (lane === "deny") return !observes || owned || (!write && !frozen);`, to: "if (frozen) return false;",
    tests: [test("app/freeze", "a frozen connection carries out the denials that it owns")],
  },
  {
    invariant: "I2", guard: "the doubt that is left when a role was given and could not be read back", file: "src/delivery/perform.ts",
    from: '(operation.kind === "create" || kind !== "notFound")', to: 'operation.kind === "create"',
    tests: behind("a role that was given, and then could not be read back with our key and is privileged"),
  },
  {
    invariant: "I2", guard: "the demotion that stays owed while the tenant cannot be listed", file: "src/delivery/setback.ts",
    from: 'return operation && laneOf(operation) === "deny" ? own(run, operation, open) : giveUp(run, operation, open);', to: "return giveUp(run, operation, open);",
    tests: behind("a role is to be taken from an account that is gone and the tenant cannot"),
  },
  // ------------------------------------------------------------------------------------------------------------------- I3
  {
    invariant: "I3", guard: "the version in the commit's comparison", file: "src/store/commit.ts",
    from: "current?.version !== push.readAt", to: "current === undefined",
    tests: [test("store/commit", "on sqlite versions of ten pushes at once on one version exactly one is kept")],
  },
  {
    invariant: "I3", guard: "the version in the result's comparison", file: "src/store/due.ts",
    from: `due.kind === "done" && due.version === row?.version`, to: `due.kind === "done"`,
    tests: [test("store/due", "on sqlite a push that planned nothing under somebody's lease")],
  },
  {
    invariant: "I3", guard: "members as rows instead of a list written whole", file: "src/store/members.ts",
    from: "await inStretches(members, async (stretch) => {\n    const rows = [...firstOfEach", to: `await tx.deleteFrom("members").where("grp", "=", group).execute();\n  await inStretches(members, async (stretch) => {\n    const rows = [...firstOfEach`,
    tests: [test("app/groups", "fifty parallel PATCHes of one group lose nobody")],
  },
  {
    invariant: "I3", guard: "the rule that what a PUT does not mention stays", file: "src/scim/body.ts",
    from: "if (!mentioned.has(name) && current[name] !== undefined) attributes[name] = current[name];", to: "if (false) attributes[name] = current[name] as never;",
    tests: [test("scim/body", "a PUT keeps active, externalId and roles when they are")],
  },
  {
    invariant: "I3", guard: "the rule that an empty selection is nobody", file: "src/scim/patch-group.ts",
    from: "(values.length > 0 ? { kind: \"remove\", values } : undefined);", to: "(values.length > 0 ? { kind: \"remove\", values } : { kind: \"clear\" });",
    tests: [test("scim/patch-group", "nobody comes or goes by")],
  },
  {
    invariant: "I3", guard: "the role that a look shows", file: "src/plan/as-observed.ts",
    from: "  return shown;\n", to: "  return applied.wantedRole;\n",
    tests: [test("delivery/uncertain", "a role of an older push that comes through after a newer one is set right")],
  },
  {
    invariant: "I3", guard: "the reading of an account that was ours, whatever a list shows of it", file: "src/delivery/standing.ts",
    from: "const now = former || hasMoved ? await read({ account: account.id, kind: account.kind, email: account.email }, account, email, site, call) : account;", to: "const now = account;",
    tests: behind("somebody comes back to a vendor whose list is behind and still shows"),
  },
  // ------------------------------------------------------------------------------------------------------------------- I4
  {
    invariant: "I4", guard: "the comparison of whole addresses", file: "src/connectors/kit/email.ts",
    from: "return emailKey(a) === emailKey(b);", to: "return emailKey(a).includes(emailKey(b));",
    tests: [test("invariants/adoption", "one whose address only ends like it")],
  },
  {
    invariant: "I4", guard: "the refusal of privileged accounts", file: "src/delivery/adopt.ts",
    from: "if (isPrivileged(account.role, site.policy.roles)) throw", to: "if (false) throw",
    tests: [test("invariants/adoption", "a privileged one at a create")],
  },
  {
    invariant: "I4", guard: "the fence of managed roles", file: "src/delivery/adopt.ts",
    from: "if (account.role !== undefined && fence.size > 0 && !fence.has(account.role)) throw", to: "if (false) throw",
    tests: [test("invariants/adoption", "one in a role that is not managed")],
  },
  {
    invariant: "I4", guard: "the demand that there be one match only", file: "src/delivery/adopt.ts",
    from: "if (others.length > 0) throw", to: "if (false) throw",
    tests: [test("invariants/adoption", "two that differ in letter case")],
  },
  {
    invariant: "I4", guard: "the role that an adopted account keeps", file: "src/delivery/attempt.ts",
    from: `wantedRole: origin === "adopted" && !joins ? turn.wantedRole : (account.role ?? turn.wantedRole),`, to: "wantedRole: account.role ?? turn.wantedRole,",
    tests: [test("invariants/adoption", "one in another managed role at a create")],
  },
  {
    invariant: "I4", guard: "the comparison of the externalId with the one who had the account before", file: "src/delivery/adopt.ts",
    from: "if (former !== undefined && externalId !== undefined && former !== externalId) {", to: "if (false) {",
    tests: [test("app/rehire", "the address was given to another person 409 and a task")],
  },
  // ------------------------------------------------------------------------------------------------------------------- I5
  {
    invariant: "I5", guard: "the question whether a found account can be ours", file: "src/delivery/attempt.ts",
    from: "if (!account || !(await perhapsOurs(account, link, turn.resource, site, works))) return undefined;", to: "if (!account) return undefined;",
    tests: inDoubt("a stranger who came after an unclear create"),
  },
  {
    invariant: "I5", guard: "the mark without which no account is looked for", file: "src/delivery/run.ts",
    from: "    if (link === undefined) return;\n    const now = await this.works.store.now();", to: `    const now = await this.works.store.now();\n    if (link === undefined) return void (this.link = { ...noLink, login: String(this.job.held.attributes?.["userName"]), applied: { ...nothingApplied, role: "Admin" as never }, unknownAt: now });`,
    tests: inDoubt("a create of a privileged role that died before it was sent"),
  },
  {
    invariant: "I5", guard: "the freeze after a breach", file: "src/delivery/setback.ts",
    from: "if (thrown instanceof Breach) await breached(run.works, run.site.connection, thrown.message);", to: "",
    tests: [test("app/freeze", "a vendor that gives a new person somebody else's account freezes the connection")],
  },
  {
    invariant: "I5", guard: "the mode before a write of a connection that observes", file: "src/model/mode.ts",
    from: "return frozen ? false : !observes || !write;", to: "return !frozen;",
    tests: [test("store/modes", "a connection that observes lets through")],
  },
  {
    invariant: "I5", guard: "the difference between an account that was given and one that was found", file: "src/delivery/converge.ts",
    from: "run.found = done.isFound ?? false;", to: "",
    tests: behind("two people who left while their creates were in doubt"),
  },
  {
    invariant: "I5", guard: "the tombstone of an account that a doubtful denial finds", file: "src/delivery/attempt.ts",
    from: "return (await store.linkedTo(connection, account)) ?? (await store.tombstone(connection, account))?.resource;", to: "return await store.linkedTo(connection, account);",
    tests: behind("somebody left while a create in doubt may stand under two addresses"),
  },
  {
    invariant: "I5", guard: "the look at the address of an account that was ours", file: "src/delivery/standing.ts",
    from: "return account.email === undefined || fold(account.email) === fold(email) ? account : undefined;", to: "return account;",
    tests: behind("somebody comes back to a vendor whose list is behind but their account has got another address"),
  },
  // ------------------------------------------------------------------------------------------------------------------- I6
  {
    invariant: "I6", guard: "the connection in the reading of one resource", file: "src/store/resources.ts",
    from: "from resources r where r.connection = ${connection} and r.id = ${id}", to: "from resources r where (r.connection = ${connection} or 1 = 1) and r.id = ${id}",
    tests: [test("invariants/isolation", "the store on sqlite, asked in another connection's name read finds nothing")],
  },
  {
    invariant: "I6", guard: "the connection in the look for the holder of a name", file: "src/store/holders.ts",
    from: `.select(["id", "body_digest", "answered"]).where("connection", "=", connection);`, to: `.select(["id", "body_digest", "answered"]);`,
    tests: [test("invariants/isolation", "the store on sqlite, asked in another connection's name holder by name")],
  },
  {
    invariant: "I6", guard: "the base address of the request's own connection", file: "src/http/carried.ts",
    from: "`${publicUrl}/scim/${connection}/v2`;", to: "((globalThis as { first?: string }).first ??= `${publicUrl}/scim/${connection}/v2`);",
    tests: [test("invariants/isolation", "500 requests at once on five connections no answer to")],
  },
  {
    invariant: "I6", guard: "the question whose token it is", file: "src/http/authenticate.ts",
    from: ": options.tokens(connection);", to: `: [...(options.tokens(connection) ?? []), ...(options.tokens("acme" as never) ?? [])];`,
    tests: [test("http/authenticate", "a token opens its own connection only")],
  },
  // ------------------------------------------------------------------------------------------------------------------- I7
  {
    invariant: "I7", guard: "the map's exact comparison", file: "src/plan/plan-roles.ts",
    from: "policy.map.findIndex(({ idp }) => mine.has(idp));", to: "policy.map.findIndex(({ idp }) => [...mine].some((one) => one.trim().toLowerCase() === idp.toLowerCase()));",
    tests: [test("invariants/roles", "admins")],
  },
  {
    invariant: "I7", guard: "the rule that what maps to nothing is not sent", file: "src/plan/plan-roles.ts",
    from: "  const won = policy.map[rank];", to: `  const won = policy.map[rank] ?? (values[0] === undefined ? undefined : { idp: values[0], vendor: values[0] as RoleId, privileged: false });`,
    tests: [test("invariants/roles", "Editor")],
  },
  // ------------------------------------------------------------------------------------------------------------------- I8
  {
    invariant: "I8", guard: "500 for what nobody expected", file: "src/scim/errors.ts",
    from: "internal: () => ({ status: 500 }),", to: "internal: () => ({ status: 404 }),",
    tests: [test("invariants/unexpected", "when the store's hold throws")],
  },
  {
    invariant: "I8", guard: "the difference between a missing account and a missing resource", file: "src/scim/errors.ts",
    from: "notFound: () => ({ status: 409 }),", to: "notFound: () => ({ status: 404 }),",
    tests: [test("invariants/unexpected", "a failure of the kind notFound")],
  },
  {
    invariant: "I8", guard: "the positive control behind a 404", file: "src/delivery/attempt.ts",
    from: "await controlled(site, store, target.account, call).catch(", to: "await Promise.resolve().catch(",
    tests: [test("app/leaver", "a leaver's push to peoplelens: 404 to everything")],
  },
  {
    invariant: "I8", guard: "the reading back of a denial", file: "src/connectors/manifest-confirm.ts",
    from: `if (confirm === "none") return { confirmed: false, gone: false };`, to: "if (confirm !== undefined) return { confirmed: true, gone: false };",
    tests: [test("app/leaver", "a leaver's push to peoplelens: lying")],
  },
  {
    invariant: "I8", guard: "the word to whoever repeats a push that was taken back meanwhile", file: "src/bridge/deliver.ts",
    from: "kept.kind === \"redeliver\" && (now === undefined || now.version < kept.held.version);", to: "kept.kind === \"redeliver\" && now === undefined && kept.held.version < 0;",
    tests: [test("app/repeated", "a change that the vendor refuses while its twin waits is refused to both")],
  },
  {
    invariant: "I8", guard: "503 to whoever asks for a privileged role while a call for the person hangs", file: "src/bridge/deliver.ts",
    from: "return isNeverQueued(kept.kind === \"redeliver\" ? planOf(kept.held, site) : kept.change.planned.plan, site.policy);", to: "return kept.kind === \"kept\" && kept.lease !== undefined && isNeverQueued(kept.change.planned.plan, site.policy);",
    tests: [test("app/repeated", "a privileged role that is asked for again while the first call for it hangs is 503 again"), test("app/repeated", "a privileged role that is asked for while an older push's call hangs is 503 too")],
  },
  // ------------------------------------------------------------------------------------------------------------------- I9
  {
    invariant: "I9", guard: "the mask over a password in the journal", file: "src/connectors/kit/http.ts",
    from: "body: request.body === undefined ? undefined : maskBody(request.body, neverLog),", to: "body: request.body,",
    tests: [test("app/delivery", "every vendor write has an earlier intent")],
  },
  {
    invariant: "I9", guard: "the secret that prints as [secret]", file: "src/runtime/secret.ts",
    from: `  toJSON(): string {\n    return "[secret]";`, to: "  toJSON(): string {\n    return this.#text;",
    tests: [test("invariants/secrets", "by JSON.stringify")],
  },
  // ------------------------------------------------------------------------------------------------------------------ I10
  {
    invariant: "I10", guard: "the check of the domain before the commit", file: "src/bridge/impossible.ts",
    from: "    checkDomains(attributes, before, policy);", to: "",
    tests: [test("invariants/refused", "a create in a foreign domain")],
  },
  {
    invariant: "I10", guard: "the version that a client demands", file: "src/bridge/precondition.ts",
    from: 'if (ifMatch !== undefined && !names(ifMatch, version, "If-Match")) throw', to: "if (false) throw",
    tests: [test("invariants/refused", "a stale version")],
  },
  {
    invariant: "I10", guard: "all of a PATCH or nothing", file: "src/scim/patch.ts",
    from: "applyOperation(draft, operation, { table, strict, ignored, spent, keeps });", to: "try { applyOperation(draft, operation, { table, strict, ignored, spent, keeps }); } catch { break; }",
    tests: [test("invariants/refused", "a good change and a bad one behind it")],
  },
  {
    invariant: "I10", guard: "the return to what was before a refused push", file: "src/delivery/setback.ts",
    from: "if (run.isWaitedFor && held.attributes && !run.stays && !isUnknown) return run.undo(operation, failure);", to: "",
    tests: [test("app/delivery", "a refused profile is rolled back")],
  },
  {
    invariant: "I10", guard: "the refusal of pushes of a frozen connection in the commit", file: "src/store/commit.ts",
    from: `if (mode.frozen && push.by !== "operator") return undo<Committed>({ kind: "frozen", mode });`, to: "",
    tests: [test("store/modes", "on sqlite a frozen connection keeps nothing of a push")],
  },
  // ------------------------------------------------------------------------------------------------------------------ I11
  {
    invariant: "I11", guard: "the intent in the push's transaction", file: "src/bridge/commit-user.ts",
    from: "return [pushed, ...freed, ...(planned.plan.length > 0 ? [intended(id, correlation, planned.plan)] : [])];", to: "return [pushed, ...freed];",
    tests: [test("app/delivery", "every vendor write has an earlier intent")],
  },
  {
    invariant: "I11", guard: "the outcome of a call that failed", file: "src/delivery/setback.ts",
    from: "journal: [outcomeOf(held.id, correlation, operation, failure, run.exchanges, [])]", to: "journal: []",
    tests: [test("invariants/uncertain", "deactivate, resetAfter")],
  },
  {
    invariant: "I11", guard: "the word for an intent that was not needed any more", file: "src/delivery/converge.ts",
    from: "await finish(run, [...looked, ...(await neverBegun(run))]);", to: "await finish(run, looked);",
    tests: [test("delivery/uncertain", "what a push has intended and another has seen to meanwhile")],
  },
  {
    invariant: "I11", guard: "the data in a row's hash", file: "src/store/chain.ts",
    from: "JSON.stringify([prev_hash, connection, seq, at_ms, resource, correlation, kind, data])", to: "JSON.stringify([prev_hash, connection, seq, at_ms, resource, correlation, kind])",
    tests: [test("store/journal", "on sqlite when data is flipped by a byte")],
  },
  {
    invariant: "I11", guard: "the link from a row to the one before it", file: "src/store/chain.ts",
    from: "else if (row.prev_hash !== hash) broken(row,", to: "else if (false) broken(row,",
    tests: [test("store/journal", "on sqlite a row that was changed and hashed anew")],
  },
  // ------------------------------------------------------------------------------------------------------------------ I12
  {
    invariant: "I12", guard: "the depth of JSON", file: "src/http/strict-json.ts",
    from: "depth: 20,", to: "depth: 1_000_000,",
    tests: [test("http/strict-json", "objects in objects"), test("http/strict-json", "lists in lists")],
  },
  {
    invariant: "I12", guard: "the clamp on Retry-After", file: "src/connectors/kit/retry-after.ts",
    from: "Math.min(retryAfterMostSeconds, Math.max(1, Math.ceil(seconds)))", to: "Math.ceil(seconds)",
    tests: [test("connectors/kit-parts", "the table in retry-after.ts")],
  },
  {
    invariant: "I12", guard: "the return of a place in the pool whose connection broke at once", file: "src/store/postgres.ts",
    from: "client.release(true); // else its place in the pool would be taken for ever", to: "",
    tests: [test("store/new-connections", "more often than the pool has places")],
  },
  {
    invariant: "I12", guard: "the number of PATCH operations", file: "src/scim/patch-envelope.ts",
    from: "if (operations.length > maxOperations) throw", to: "if (false) throw",
    tests: [test("invariants/refused", "more operations than allowed")],
  },
  {
    invariant: "I12", guard: "the right to probe, one every five seconds", file: "src/delivery/probe.ts",
    from: "if (!site || !(await store.takeProbe(connection, probeEveryMs))) return;", to: "if (!site) return;",
    tests: [test("delivery/outage", "is probed no more than 12 times a minute")],
  },
  {
    invariant: "I12", guard: "the rest of the whole connection after a 429", file: "src/delivery/setback.ts",
    from: `if (failure.kind === "throttled") run.site.budget.rest(failure.retryAfterSeconds * 1_000);`, to: "",
    tests: [test("delivery/uncertain", "a vendor that says 429 and when to come back is left alone")],
  },
  // ------------------------------------------------------------------------------------------------------------------ I13
  {
    invariant: "I13", guard: "the difference between reactivate and deactivate", file: "src/model/operation.ts",
    from: `    case "create":\n    case "reactivate":\n      return "grant";`, to: `    case "reactivate":\n      return "deny";\n    case "create":\n      return "grant";`,
    tests: [test("invariants/uncertain", "reactivate, resetBefore")],
  },
  {
    invariant: "I13", guard: "the wait before anything but a denial is sent again", file: "src/delivery/look.ts",
    from: `if (verifyAt !== undefined && (verifyAt > now || !isDown) && laneOf(operation) !== "deny" && run.link?.kind === "account") return`, to: "if (false) return",
    tests: [test("invariants/uncertain", "role up, lateCommit")],
  },
  {
    invariant: "I13", guard: "the hour after which a role up lapses", file: "src/delivery/lapse.ts",
    from: `return (operation.kind === "setRole" || operation.kind === "setTags") && operation.direction === "up" ? lapses.role : undefined;`, to: "return undefined;",
    tests: [test("delivery/late-grants", "a role up that could not be given is failed and alarmed after an hour")],
  },
  {
    invariant: "I13", guard: "the day after which access lapses", file: "src/delivery/lapse.ts",
    from: `if (operation.kind === "reactivate") return lapses.access;`, to: "",
    tests: [test("delivery/late-grants", "access that could not be given back after 25 hours")],
  },
  {
    invariant: "I13", guard: "the refusal to queue a privileged role", file: "src/delivery/lapse.ts",
    from: `return operation.direction === "up" && isPrivileged(operation.role, roles);`, to: "return false;",
    tests: [test("app/privileged", "while the vendor is away, and not known to be")],
  },
  {
    invariant: "I13", guard: "the account before the privileged role", file: "src/plan/plan-user.ts",
    from: `const first = role?.privileged && vendor.can.has("setRole") ? vendor.defaultRole : undefined;`, to: "const first = undefined;",
    tests: [test("app/privileged", "to a joiner it is given after the account")],
  },
  // ------------------------------------------------------------------------------------------------------------------ I14
  {
    invariant: "I14", guard: "the count in the database, not in memory", file: "src/store/losses.ts",
    from: "return { lost: counted.lost,", to: "const memories = ((globalThis as { memories?: WeakMap<object, Set<string>> }).memories ??= new WeakMap());\n  const memory = memories.get(engine) ?? new Set();\n  memories.set(engine, memory);\n  counted.lost = memory.size;\n  for (const id of access) memory.add(id);\n  return { lost: counted.lost,",
    tests: [test("store/rails", "on postgres of eleven denials at once on two stores ten pass")],
  },
  {
    invariant: "I14", guard: "the count in the push's own transaction", file: "src/store/commit.ts",
    from: "if (!begun.mode.observes) await lostNow(begun, toll, waiting?.hold);", to: "if (!begun.mode.observes) setTimeout(() => void writing(begun.engine, push.connection, push.id, (after) => lostNow(after, toll, waiting?.hold)).catch(() => undefined), 50);",
    tests: [test("store/rails", "on sqlite of eleven denials at once on two stores ten pass")],
  },
  {
    invariant: "I14", guard: "the lock under which a hold is decided", file: "src/store/writing.ts",
    from: "await engine.lock(tx, connection);\n      const now = await begun", to: "const now = await begun",
    tests: [test("store/rails", "on postgres of eleven denials at once on two stores ten pass")],
  },
  {
    invariant: "I14", guard: "the memory of an approval", file: "src/store/weigh.ts",
    from: "const satisfied = approved === undefined ? [] : satisfiedBy[approved];", to: "const satisfied: readonly RailName[] = [];",
    tests: [test("app/rails", "a hold once approved is carried out without the IdP")],
  },
  {
    invariant: "I14", guard: "the larger of count and share", file: "src/rails/brake.ts",
    from: "Math.max(count, Math.floor(share * base + 1e-9))", to: "Math.floor(share * base + 1e-9)",
    tests: [test("store/rails", "on sqlite of 50 people number 11 is held")],
  },
  {
    invariant: "I14", guard: "the push itself in the sum", file: "src/rails/brake.ts",
    from: "if (fresh > 0 && lost + fresh > limitOf(brake, base)) {", to: "if (fresh > 0 && lost > limitOf(brake, base)) {",
    tests: [test("rails/brake", "the table in the module's comment is what the function does")],
  },
  {
    invariant: "I14", guard: "the judging of a group's push", file: "src/store/weigh.ts",
    from: "if (taken.length > before) stop = await weigh(begun, tollOf(taken), rails, approved);", to: "",
    tests: [test("store/rails", "on sqlite a group's push is judged in its own transaction")],
  },
  {
    invariant: "I14", guard: "the count of what the worker takes by itself", file: "src/delivery/converge.ts",
    from: "const stopped = await stopUncounted(run, operation);", to: "const stopped = undefined;",
    tests: [test("app/role-policy", "a denial that nobody pushed is counted before it is carried out")],
  },
  {
    invariant: "I14", guard: "the rail of protected accounts", file: "src/store/weigh.ts",
    from: `if (toll.protectedPeople.length > 0 && !satisfied.includes("protected")) return`, to: "if (false) return",
    tests: [test("app/rails", "protected accounts through a group's push too")],
  },
  {
    invariant: "I14", guard: "the last administrator", file: "src/store/weigh.ts",
    from: `if (toll.administrators.length > 0 && !satisfied.includes("lastAdministrator") && !(await administratorRemains(begun, privileged, toll.administrators))) {`, to: "if (false) {",
    tests: [test("app/rails", "the last administrator is not denied and not demoted")],
  },
  {
    invariant: "I14", guard: "the hold of a changed role policy", file: "src/store/policies.ts",
    from: `const stop = isSame && !approved ? { rail: "configuration" as const, detail: waiting.detail } : await weigh(begun, toll, rails, approved && "configuration");`, to: "const stop = undefined as Awaited<ReturnType<typeof weigh>>;",
    tests: [test("app/role-policy", "at a reload over the limit it is refused as a whole")],
  },
  // ------------------------------------------------------------------------------------------------------------------ I15
  {
    invariant: "I15", guard: "the fresh id of every create", file: "src/bridge/decide-user.ts",
    from: "id: held?.id ?? newResourceId(),", to: `id: held?.id ?? resourceId("00000000-0000-4000-8000-" + Buffer.from(String(attributes?.["userName"])).toString("hex").padEnd(12, "0").slice(0, 12)),`,
    tests: [test("invariants/ids", "the same person, deleted and created again and again")],
  },
];
