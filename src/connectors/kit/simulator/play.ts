/**
 * Plays one request: carries it out or not, and answers as the fault has it.
 *
 * @module
 */
import type { ServerResponse } from "node:http";
import type { Answer } from "./definition.ts";
import type { VendorFault } from "./faults.ts";
import { carriedOut } from "./faults.ts";
import * as wire from "./wire.ts";

/** What can be done with a request, whatever its vendor. */
export interface Stage {
  /** Decides on the state of `staleMs` ago and changes nothing. */
  decide(staleMs?: number): Answer;
  /** Carries the answer out, and writes down that it was. */
  commit(answer: Answer): void;
  /** A 429 in the vendor's shape or a proxy's. */
  tooMany(as: "vendor" | "proxy"): wire.Outgoing;
  nowMs(): number;
  after(ms: number, act: () => void): void;
  pause(ms: number): Promise<void>;
  pullPlug(ms: number | undefined): void;
}

const loginPage = "<!doctype html><html><head><title>Sign in</title></head><body><h1>Please sign in</h1></body></html>";

export async function play(fault: VendorFault | undefined, stage: Stage, response: ServerResponse): Promise<void> {
  if (fault?.kind === "staleRead") return wire.send(response, committed(stage, fault.ms));
  if (!fault) return wire.send(response, committed(stage));

  const whole = (fault.committed ?? carriedOut[fault.kind]) ? committed(stage) : undefined;
  const answer = (): Answer => whole ?? stage.decide();
  switch (fault.kind) {
    case "status":
      return wire.send(response, { status: fault.status, body: fault.body, headers: fault.headers });
    case "delay":
      await stage.pause(fault.ms);
      return wire.send(response, answer());
    case "timeout":
      return;
    case "resetBefore":
    case "resetAfter":
      return wire.drop(response);
    case "lateCommit":
      // Decided again when its time has come: the vendor may be another by then.
      stage.after(fault.ms, () => stage.commit(stage.decide()));
      return wire.drop(response);
    case "truncate":
      return wire.sendHalf(response, answer(), fault.clean ?? false);
    case "garbage200":
      return wire.send(response, { status: 200, body: fault.body ?? loginPage });
    case "emptyBody200":
      return wire.send(response, { status: 200 });
    case "slowBody":
      return wire.sendSlowly(response, answer(), Math.max(1, fault.bytes ?? 1), () => stage.pause(fault.ms));
    case "retryAfter":
      return wire.send(response, tooMany(stage, fault.after, fault.as ?? "vendor"));
    case "redirect":
      return wire.send(response, { status: 302, headers: { location: fault.to } });
    case "hugeBody":
      return wire.sendBehindPadding(response, answer(), fault.bytes ?? 64 * 1024 * 1024);
    case "down":
      stage.pullPlug(fault.ms);
      return wire.drop(response);
  }
}

function committed(stage: Stage, staleMs = 0): Answer {
  const answer = stage.decide(staleMs);
  stage.commit(answer);
  return answer;
}

function tooMany(stage: Stage, after: number | string, as: "vendor" | "proxy"): wire.Outgoing {
  const outgoing = stage.tooMany(as);
  const headers = after === "absent" ? {} : { "retry-after": after === "date" ? new Date(stage.nowMs() + 30_000).toUTCString() : String(after) };
  return { ...outgoing, headers: { ...outgoing.headers, ...headers } };
}
