/**
 * An IdP with a few dozen people, each of whom joins, moves, leaves, returns and is deleted, one push after the other. What has no good
 * answer is repeated as IdPs do, at whichever server; some changes are given up instead, and stay uncertain.
 *
 * @module
 */
import { setTimeout as pause } from "node:timers/promises";
import type { Seeded } from "../../../src/connectors/kit/simulator/seeded.ts";
import { patch, token } from "../../support/house.ts";
import type { Event, Written } from "./history.ts";

export interface Idp {
  readonly events: readonly Event[];
  /** Requests sent, repetitions included. */
  readonly requests: () => number;
  /** Answers that no outage explains. */
  readonly wrong: readonly string[];
  /** Nobody begins anything new; resolves when every push has its answer, or none has come although nobody dies any more. */
  stop(): Promise<void>;
}

interface Answer {
  readonly status: number;
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any;
}

interface Person {
  readonly userName: string;
  id: string | undefined;
  state: "out" | "active" | "inactive";
  serial: number;
}

const giveUpAfter = 3;
const answerWithinMs = 15_000;
/** How long a good answer is waited for once nobody dies any more. */
const patienceMs = 120_000;
/** Statuses with which a server says that it is not well just now. */
const again = new Set([500, 502, 503, 504]);

export function startIdp(bases: readonly string[], people: number, random: Seeded): Idp {
  const events: Event[] = [];
  const wrong: string[] = [];
  let requests = 0;
  let stopping = false;
  let patientUntilMs = Number.POSITIVE_INFINITY;

  async function ask(method: string, path: string, body?: unknown): Promise<Answer | undefined> {
    requests += 1;
    const base = bases[random.below(bases.length)]!;
    try {
      const answer = await fetch(base + path, {
        method,
        signal: AbortSignal.timeout(answerWithinMs),
        headers: { authorization: `Bearer ${token}`, connection: "close", ...(body !== undefined && { "content-type": "application/scim+json" }) },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      if (answer.status === 500) wrong.push(`${method} ${path} was answered 500: ${text}`);
      return { status: answer.status, body: text === "" ? undefined : JSON.parse(text) };
    } catch {
      return undefined;
    }
  }

  /** Repeats until there is an answer that says something. `undefined`: given up. */
  async function pushed(method: string, path: string, body: unknown, tries: number): Promise<Answer | undefined> {
    for (let left = tries; left > 0; left--) {
      const answer = await ask(method, path, body);
      if (answer && !again.has(answer.status)) return answer;
      if (Date.now() > patientUntilMs) {
        wrong.push(`${method} ${path} has no good answer although nobody dies any more: ${answer?.status ?? "none"} ${JSON.stringify(answer?.body)}`);
        return undefined;
      }
      // Nobody answers: a server takes a while to come up, and needs the machine for it.
      await pause(answer ? 30 + random.below(120) : 100 + random.below(300));
    }
    return undefined;
  }

  async function push(person: Person, name: string, writes: Written, method: string, path: string, body: unknown, mayGiveUp = true): Promise<boolean> {
    const sentMs = Date.now();
    const answer = await pushed(method, path, body, mayGiveUp && random.below(5) === 0 ? giveUpAfter : Infinity);
    const acked = answer !== undefined && answer.status < 300;
    events.push({ person: person.userName, push: name, writes, sentMs, ackedMs: acked ? Date.now() : undefined });
    if (answer && !acked) wrong.push(`${person.userName}: ${name} was answered ${answer.status} ${JSON.stringify(answer.body)}`);
    return acked;
  }

  async function join(person: Person): Promise<void> {
    const given = `Joined${++person.serial}`;
    const body = { schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"], userName: person.userName, externalId: `ext-${person.userName}`, name: { givenName: given, familyName: "Doe" }, active: true, roles: [{ value: "Everyone" }] };
    const writes: Written = { access: "active", givenName: given, role: "User" };
    const sentMs = Date.now();
    const answer = await pushed("POST", "/Users", body, Infinity);
    if (answer?.status === 201) {
      person.id = String(answer.body.id);
      events.push({ person: person.userName, push: "join", writes, sentMs, ackedMs: Date.now() });
    } else if (answer?.status === 409) {
      // The lost first answer: IdPs look the person up and match.
      const found = await pushed("GET", `/Users?filter=${encodeURIComponent(`userName eq "${person.userName}"`)}`, undefined, Infinity);
      person.id = found?.body?.Resources?.[0]?.id;
      events.push({ person: person.userName, push: "join", writes, sentMs, ackedMs: undefined });
      if (person.id === undefined) return void wrong.push(`${person.userName}: a create was answered 409, and nobody is there: ${JSON.stringify(answer.body)}`);
      await push(person, "rejoin", writes, "PUT", `/Users/${person.id}`, body, false);
    } else return void wrong.push(`${person.userName}: join was answered ${answer?.status} ${JSON.stringify(answer?.body)}`);
    person.state = "active";
  }

  async function step(person: Person): Promise<void> {
    const path = `/Users/${person.id}`;
    const change = (name: string, writes: Written, value: object) => push(person, name, writes, "PATCH", path, patch({ op: "replace", value }));
    if (person.state === "out") return join(person);
    if (person.state === "inactive") {
      if (random.below(4) === 0) return remove(person);
      if (await change("return", { access: "active" }, { active: true })) person.state = "active";
      return;
    }
    const dice = random.below(10);
    if (dice < 3) return void (await change("rename", { givenName: `Named${++person.serial}` }, { "name.givenName": `Named${person.serial}` }));
    if (dice < 5) return void (await change("promote", { role: "Editor" }, { roles: [{ value: "Editors" }] }));
    if (dice < 6) return void (await change("demote", { role: "User" }, { roles: [{ value: "Everyone" }] }));
    if (dice < 7) return remove(person);
    if (await change("leave", { access: "inactive" }, { active: false })) person.state = "inactive";
  }

  async function remove(person: Person): Promise<void> {
    const sentMs = Date.now();
    const answer = await pushed("DELETE", `/Users/${person.id}`, undefined, Infinity);
    // 404: an earlier try, of which no answer came, has done it.
    const acked = answer !== undefined && (answer.status === 204 || answer.status === 404);
    events.push({ person: person.userName, push: "delete", writes: { access: "none" }, sentMs, ackedMs: acked ? Date.now() : undefined });
    if (!acked) return void wrong.push(`${person.userName}: delete was answered ${answer?.status} ${JSON.stringify(answer?.body)}`);
    person.state = "out";
    person.id = undefined;
  }

  async function live(person: Person): Promise<void> {
    while (!stopping) {
      await step(person);
      await pause(random.below(40));
    }
  }

  const lives = Array.from({ length: people }, (_, n) => live({ userName: `person${n}@acme.example`, id: undefined, state: "out", serial: 0 }));
  return {
    events,
    wrong,
    requests: () => requests,
    async stop() {
      stopping = true;
      patientUntilMs = Date.now() + patienceMs;
      await Promise.all(lives);
    },
  };
}
