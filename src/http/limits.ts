/**
 * How much may be under way at once: requests per connection, bytes of bodies over all of them.
 *
 * Counted before a body is read, so nobody pays for more than fits. What does not fit is 503 and never 429: which push is a
 * denial stands in the body, and a denial must not be told that it came too often. There is no rate limit here: 25 pushes a
 * second and far more must pass, and the vendor's pace is the delivery's business.
 *
 * @module
 */
import type { ConnectionId } from "../model/ids.ts";
import type { Tuning } from "./door.ts";
import { unavailable } from "./errors.ts";

export interface Admission {
  /** @throws {TurnedAway} 503 + Retry-After when the connection has too many requests under way */
  enter(connection: ConnectionId): void;
  leave(connection: ConnectionId): void;
  /** @throws {TurnedAway} 503 + Retry-After when too many bytes of bodies are held already; then nothing was taken */
  hold(bytes: number): void;
  release(bytes: number): void;
}

export function admission({ maxAtOnce, maxBodyBytesAtOnce }: Pick<Tuning, "maxAtOnce" | "maxBodyBytesAtOnce">): Admission {
  const underWay = new Map<ConnectionId, number>();
  let held = 0;
  return {
    enter(connection) {
      const count = underWay.get(connection) ?? 0;
      if (count >= maxAtOnce) throw unavailable("This connection has too many requests under way; please send this one again.", 1);
      underWay.set(connection, count + 1);
    },
    leave(connection) {
      const count = underWay.get(connection) ?? 0;
      if (count > 1) underWay.set(connection, count - 1);
      else underWay.delete(connection);
    },
    hold(bytes) {
      if (held + bytes > maxBodyBytesAtOnce) throw unavailable("The server is reading too many large bodies at once; please send this one again.", 5);
      held += bytes;
    },
    release(bytes) {
      held -= bytes;
    },
  };
}
