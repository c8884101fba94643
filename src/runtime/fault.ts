/**
 * Fault points: named places on the way of a write where a test may crash, throw, hang or dawdle (reliability.md 9.1).
 *
 * The house is given a function of this type by tests alone. Without one a point costs a comparison with `undefined` and nothing
 * is awaited; nothing that a configuration or the environment says can switch one on.
 *
 * @module
 */
const calls = ["find", "create", "get", "updateProfile", "setRole", "setTags", "deactivate", "reactivate", "delete"] as const;
const moments = ["before", "sent", "answered"] as const;

/** `call.create.sent`: the request is on its way to the vendor and no answer has come. */
type CallPoint = `call.${(typeof calls)[number]}.${(typeof moments)[number]}`;

export type FaultPoint = CallPoint | (typeof others)[number];

const others = [
  /** The push is understood, nothing is decided. */
  "write.parsed",
  /** Everything of a transaction is written and not committed; and committed, and nobody knows. Every transaction passes here. */
  "commit.before", "commit.after",
  /** A lease is held, and nothing was done under it; or somebody else has it by now. */
  "lease.got", "lease.lost",
  /** Around the note that a resource has an account at the vendor; and around every other note of what the vendor acknowledged. */
  "link.before", "link.after", "applied.before", "applied.after",
  /** The answer is known and not written; and written out to the client, and that is not noted yet. */
  "reply.before", "reply.sent",
  "worker.claimed", "worker.done",
  "reload.begin", "reload.swapped",
  "stop.begin", "stop.drained",
  /** Inside the transaction of each migration. */
  "migrate.step",
] as const;

/** Every point there is. */
export const faultPoints: readonly FaultPoint[] = [...others, ...calls.flatMap((call) => moments.map((moment): CallPoint => `call.${call}.${moment}`))];

/** Told of every point that is reached; whatever it does, it does to whoever is there. */
export type FaultAt = (point: FaultPoint) => Promise<void>;
