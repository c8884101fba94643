/**
 * The sender of notices: a loop beside everything else, which no push waits for. It claims a few, posts them, and tries again later what
 * was not taken:
 *
 *     failed attempts   1    2    3    4    5     6     7     8      9      10+
 *     pause             1s   2s   4s   8s   16s   32s   64s   128s   256s   300s
 *
 * for 24 hours after the alarm; then the notice is given up, with a line in the log. A notice keeps its id over all attempts, so a
 * receiver that took it without our hearing of it knows it again.
 *
 * @module
 */
import type { Clock } from "../runtime/clock.ts";
import type { Log } from "../runtime/log.ts";
import { regularly } from "../runtime/regularly.ts";
import type { Store } from "../store/store.ts";
import type { Notice } from "../store/watching.ts";
import { jittered } from "./retry.ts";

/** Posts one notice, once, within a time limit of its own. Never throws. */
export type Poster = (letter: Letter, signal: AbortSignal) => Promise<{ readonly taken: true } | { readonly taken: false; readonly reason: string }>;

export interface Letter {
  readonly id: string;
  /** When this attempt is made, ms since 1970. */
  readonly atMs: number;
  readonly body: string;
}

export interface Sender {
  /** Breaks off what is being sent; it is due again at once, here or elsewhere. */
  stop(): Promise<void>;
}

export type NoticeEnd = "sent" | "failed" | "givenUp" | "dropped";

export interface SenderNeeds {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  random(): number;
  /** Asked for anew at each turn; `undefined` = there is no webhook. */
  poster(): Poster | undefined;
  /** For the metrics. */
  counted(end: NoticeEnd, count: number): void;
}

const lookEveryMs = 1_000;
const atOnce = 4;
/** Longer than a poster's own time limit. */
const claimMs = 30_000;
const givenUpAfterMs = 86_400_000;
/** Beyond so many the oldest go, pages last. */
export const mostUnsent = 1_000;
const tidyEveryMs = 60_000;

/** @param failed attempts, 1 or more; @returns seconds */
export const pauseSeconds = (failed: number): number => Math.min(2 ** (Math.min(failed, 20) - 1), 300);

export function startSender({ store, clock, log, random, poster, counted }: SenderNeeds): Sender {
  const stopping = new AbortController();

  async function send(notice: Notice, post: Poster): Promise<void> {
    const sent = await post({ id: notice.id, atMs: clock.now(), body: JSON.stringify(letterOf(notice)) }, stopping.signal);
    if (sent.taken) {
      if (await store.endNotice(notice, "sent")) counted("sent", 1);
      return;
    }
    if (stopping.signal.aborted) return void (await store.putOffNotice(notice, 0));
    counted("failed", 1);
    const fields = { connection: notice.connection, kind: notice.kind, attempt: notice.attempts, detail: sent.reason };
    if ((await store.now()) - notice.atMs < givenUpAfterMs) {
      if (notice.attempts % 10 === 1) log.warn("the alarm webhook did not take a notice; it is sent again later", fields);
      await store.putOffNotice(notice, jittered(pauseSeconds(notice.attempts), random));
      return;
    }
    if (!(await store.endNotice(notice, "givenUp"))) return;
    counted("givenUp", 1);
    log.error("the alarm webhook has not taken a notice for a day; it is given up", fields);
  }

  async function turn(): Promise<boolean> {
    const post = poster();
    if (!post) return false;
    const next = await store.nextNoticeMs();
    if (next === undefined || next > (await store.now())) return false;
    const dropped = await store.dropNotices(mostUnsent);
    if (dropped > 0) {
      counted("dropped", dropped);
      log.error("too many notices wait for the alarm webhook; the oldest are dropped", { count: dropped });
    }
    const taken = await store.takeNotices(atOnce, claimMs);
    await Promise.all(taken.map((notice) => send(notice, post)));
    return taken.length === atOnce;
  }

  let tidiedMs = clock.now();
  async function look(): Promise<void> {
    while ((await turn()) && !stopping.signal.aborted);
    if (clock.now() - tidiedMs < tidyEveryMs) return;
    tidiedMs = clock.now();
    await store.forgetNotices(givenUpAfterMs);
  }

  const ended = regularly({ clock, everyMs: lookEveryMs, signal: stopping.signal, atOnce: true }, look, (thrown) => log.error("notices could not be sent", { error: String(thrown) }));
  return {
    async stop() {
      stopping.abort();
      await ended;
    },
  };
}

/** What the receiver reads; documented in docs/alarms-and-metrics.md. */
export const letterOf = ({ id, connection, kind, severity, resource, correlation, text, atMs }: Notice) => ({ id, at: new Date(atMs).toISOString(), connection, kind, severity, resource: resource ?? null, text, correlation });
