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
  I15: "ids are never reused",
} as const;
export type Invariant = keyof typeof invariants;

const test = (file: string, name: string) => ({ file: `test/${file}.test.ts`, name });
const inDoubt = (name: string) => [test("invariants/in-doubt", name)];

export const edits: readonly Edit[] = [
  // ------------------------------------------------------------------------------------------------------------------- I1
  {
    invariant: "I1", guard: "the settle time after an unclear create", file: "src/delivery/look.ts",
    from: "if (settlesAt !== undefined && settlesAt > now) return run.later(settlesAt, lane, undefined);", to: "",
    tests: inDoubt("a create that dies while it is sent and that the vendor carries out late"),
  },
  {
    invariant: "I1", guard: "the look-up before a create", file: "src/delivery/attempt.ts",
    from: "const chosen = await chooseAccount(operation.email, link, site, works, call);", to: "const chosen = undefined;",
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
  // ------------------------------------------------------------------------------------------------------------------- I2
  {
    invariant: "I2", guard: "the due row in the push's transaction", file: "src/store/commit.ts",
    from: "const lease = push.due && (await madeDue(begun, push.id, version, push.due));", to: "const lease = undefined;",
    tests: [test("app/delivery", "a deactivation is answered 200, is pending")],
  },
  {
    invariant: "I2", guard: "the denial that is owned when the vendor refuses it", file: "src/delivery/setback.ts",
    from: `if (operation && laneOf(operation) === "deny" && failure.kind !== "unsupported") return own(run, operation, failure);`, to: "",
    tests: [test("app/delivery", "a revoked credential: the denial is 502")],
  },
  {
    invariant: "I2", guard: "the look after a write without a clear answer", file: "src/delivery/run.ts",
    from: "else if (this.link) this.link = { ...this.link, verifyAt: now + this.site.policy.delivery.settleMs };", to: "",
    tests: inDoubt("disable: an earlier enable that the vendor carries out late"),
  },
  {
    invariant: "I2", guard: "the look that is owed when a push is taken back", file: "src/store/due.ts",
    from: `await leased.where(doubt, "is not", null).set(`, to: `await leased.where(doubt, "=", -1).set(`,
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
    from: `isOvertaken ? "deny" : `, to: "",
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
    from: "moves.join(await insert(writing, group.seq, change.members));", to: `await writing.tx.deleteFrom("members").where("grp", "=", group.seq).execute();\n        moves.join(await insert(writing, group.seq, change.members));`,
    tests: [test("app/groups", "fifty parallel PATCHes of one group lose nobody")],
  },
  {
    invariant: "I3", guard: "the role that a look shows", file: "src/delivery/verify.ts",
    from: "  return shown;\n", to: "  return applied.wantedRole;\n",
    tests: inDoubt("a role that an unclear write has given is taken away"),
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
    from: "if (matches.length > 1) throw", to: "if (false) throw",
    tests: [test("invariants/adoption", "two that differ in letter case")],
  },
  {
    invariant: "I4", guard: "the role that an adopted account keeps", file: "src/delivery/attempt.ts",
    from: `wantedRole: origin === "adopted" ? turn.wantedRole : (account.role ?? turn.wantedRole),`, to: "wantedRole: account.role ?? turn.wantedRole,",
    tests: [test("invariants/adoption", "one in another managed role at a create")],
  },
  // ------------------------------------------------------------------------------------------------------------------- I5
  {
    invariant: "I5", guard: "the question whether a found account can be ours", file: "src/delivery/attempt.ts",
    from: "if (!account || !(await perhapsOurs(account, link, resource, site, works))) return undefined;", to: "if (!account) return undefined;",
    tests: inDoubt("a stranger who came after an unclear create"),
  },
  {
    invariant: "I5", guard: "the mark without which no account is looked for", file: "src/delivery/run.ts",
    from: "    if (link === undefined) return;\n    const now = await this.works.store.now();", to: `    const now = await this.works.store.now();\n    if (link === undefined) return void (this.link = { ...blank, login: String(this.job.held.attributes?.["userName"]), applied: { ...nothingApplied, role: "Admin" as never }, unknownAt: now });`,
    tests: inDoubt("a create of a privileged role that died before it was sent"),
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
    from: "await site.connector.control(call).catch((failed: unknown) => {", to: "await Promise.resolve().catch((failed: unknown) => {",
    tests: [test("app/leaver", "a leaver's push to peoplelens: 404 to everything")],
  },
  {
    invariant: "I8", guard: "the reading back of a denial", file: "src/connectors/manifest-confirm.ts",
    from: `if (confirm === "none") return { confirmed: false, gone: false };`, to: "if (confirm !== undefined) return { confirmed: true, gone: false };",
    tests: [test("app/leaver", "a leaver's push to peoplelens: lying")],
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
    invariant: "I10", guard: "the check of the domain before the commit", file: "src/bridge/decide-user.ts",
    from: "  checkDomain(wanted, held, rooms);", to: "",
    tests: [test("invariants/refused", "a create in a foreign domain")],
  },
  {
    invariant: "I10", guard: "the version that a client demands", file: "src/bridge/precondition.ts",
    from: "if (!tags.some((tag) => tag.replace(/^W\\//, \"\") === `\"${version}\"`)) throw", to: "if (false) throw",
    tests: [test("invariants/refused", "a stale version")],
  },
  {
    invariant: "I10", guard: "all of a PATCH or nothing", file: "src/scim/patch.ts",
    from: "applyOperation(draft, operation, { table, strict, ignored, spent });", to: "try { applyOperation(draft, operation, { table, strict, ignored, spent }); } catch { break; }",
    tests: [test("invariants/refused", "a good change and a bad one behind it")],
  },
  {
    invariant: "I10", guard: "the return to what was before a refused push", file: "src/delivery/setback.ts",
    from: "if (isWaiting(run) && held.attributes && !run.opened) return run.undo(operation, failure);", to: "",
    tests: [test("app/delivery", "a refused profile is rolled back")],
  },
  // ------------------------------------------------------------------------------------------------------------------ I11
  {
    invariant: "I11", guard: "the intent in the push's transaction", file: "src/bridge/commit-user.ts",
    from: "return planned.plan.length > 0 ? [pushed, intended(id, correlation, planned.plan)] : [pushed];", to: "return [pushed];",
    tests: [test("app/delivery", "every vendor write has an earlier intent")],
  },
  {
    invariant: "I11", guard: "the outcome of a call that failed", file: "src/delivery/setback.ts",
    from: "journal: [outcomeOf(held.id, correlation, operation, failure, run.exchanges, [])]", to: "journal: []",
    tests: [test("invariants/uncertain", "deactivate, resetAfter")],
  },
  {
    invariant: "I11", guard: "the data in a row's hash", file: "src/store/chain.ts",
    from: "JSON.stringify([prev_hash, connection, seq, at_ms, resource, correlation, kind, data])", to: "JSON.stringify([prev_hash, connection, seq, at_ms, resource, correlation, kind])",
    tests: [test("store/journal", "on sqlite when data is flipped by a byte")],
  },
  // ------------------------------------------------------------------------------------------------------------------ I12
  {
    invariant: "I12", guard: "the depth of JSON", file: "src/http/strict-json.ts",
    from: "depth: 20,", to: "depth: 1_000_000,",
    tests: [test("http/strict-json", "depth that would end the stack")],
  },
  {
    invariant: "I12", guard: "the clamp on Retry-After", file: "src/connectors/kit/retry-after.ts",
    from: "Math.min(retryAfterMostSeconds, Math.max(1, Math.ceil(seconds)))", to: "Math.ceil(seconds)",
    tests: [test("connectors/kit-parts", "the table in retry-after.ts")],
  },
  {
    invariant: "I12", guard: "the number of PATCH operations", file: "src/scim/patch-envelope.ts",
    from: "if (operations.length > maxOperations) throw", to: "if (false) throw",
    tests: [test("invariants/refused", "more operations than allowed")],
  },
  // ------------------------------------------------------------------------------------------------------------------ I13
  {
    invariant: "I13", guard: "the difference between reactivate and deactivate", file: "src/model/operation.ts",
    from: `    case "create":\n    case "reactivate":\n      return "grant";`, to: `    case "reactivate":\n      return "deny";\n    case "create":\n      return "grant";`,
    tests: [test("invariants/uncertain", "reactivate, resetBefore")],
  },
  {
    invariant: "I13", guard: "the wait before anything but a denial is sent again", file: "src/delivery/look.ts",
    from: `laneOf(operation) !== "deny" && run.link?.kind === "account") return run.later(verifyAt, lane, undefined);`, to: `false) return run.later(verifyAt, lane, undefined);`,
    tests: [test("invariants/uncertain", "role up, lateCommit")],
  },
  // ------------------------------------------------------------------------------------------------------------------ I15
  {
    invariant: "I15", guard: "the fresh id of every create", file: "src/bridge/decide-user.ts",
    from: "id: held?.id ?? newResourceId(),", to: `id: held?.id ?? resourceId("00000000-0000-4000-8000-" + Buffer.from(String(attributes?.["userName"])).toString("hex").padEnd(12, "0").slice(0, 12)),`,
    tests: [test("invariants/ids", "the same person, deleted and created again and again")],
  },
];
