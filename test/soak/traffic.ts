/**
 * One IdP's traffic on one connection, at a fixed pace whatever the answers take: look-ups, joiners, changes, leavers, returners, groups, as
 * Okta and Entra write them.
 *
 * @module
 */
import { Agent, fetch } from "undici";
import type { Seeded } from "../../src/connectors/kit/simulator/seeded.ts";
import { Latencies } from "./latencies.ts";

export interface Traffic {
  readonly requests: number;
  /** Answers by status; 0 = none came. */
  readonly statuses: ReadonlyMap<number, number>;
  /** What was answered otherwise than it should be, the first of each kind. */
  readonly unexpected: ReadonlyMap<string, string>;
  readonly reads: Latencies;
  readonly writes: Latencies;
  /** Everybody whom the server has accepted, by address, and whether the last accepted push wants them active. */
  wanted(): ReadonlyMap<string, boolean>;
  /** Nobody asks anything new; resolves when every request has its answer and the connections are closed. */
  stop(): Promise<void>;
}

interface Person {
  readonly n: number;
  readonly style: "okta" | "entra";
  readonly userName: string;
  id: string | undefined;
  active: boolean;
  busy: boolean;
  changes: number;
}

interface Asked {
  readonly method: "GET" | "POST" | "PUT" | "PATCH";
  readonly path: string;
  readonly body?: unknown;
  readonly expect: readonly number[];
  readonly done?: (answer: Answered) => void;
}

interface Answered {
  readonly status: number;
  readonly text: string;
}

const core = "urn:ietf:params:scim:schemas:core:2.0:User";
const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const patch = (...operations: readonly unknown[]) => ({ schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], Operations: operations });
const filtered = (kind: string, filter: string) => `/${kind}?filter=${encodeURIComponent(filter)}&startIndex=1&count=100`;

/** A family name for a number: vendors refuse names with digits. */
const lettersOf = (n: number): string => [...String(n)].map((digit) => "abcdefghij"[Number(digit)]).join("");
const familyNameOf = (person: Person): string => `Soak ${lettersOf(person.n)} ${lettersOf(person.changes)}`;

export interface Wish {
  readonly base: string;
  readonly token: string;
  readonly perSecond: number;
  readonly random: Seeded;
}

export function startTraffic({ base, token, perSecond, random }: Wish): Traffic {
  const people: Person[] = [];
  const groups: string[] = [];
  const statuses = new Map<number, number>();
  const unexpected = new Map<string, string>();
  const reads = new Latencies();
  const writes = new Latencies();
  const underWay = new Set<Promise<void>>();
  let requests = 0;
  let stopping = false;
  const connections = new Agent();
  const beganMs = performance.now();

  async function ask({ method, path, body, expect, done }: Asked): Promise<void> {
    const sentMs = performance.now();
    const answer = await answered(method, path, body);
    (method === "GET" ? reads : writes).add(performance.now() - sentMs);
    statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
    if (!expect.includes(answer.status)) {
      const kind = `${answer.status} to ${method} ${path.split(/[/?]/)[1]}`;
      if (!unexpected.has(kind)) unexpected.set(kind, `${path} ${JSON.stringify(body ?? "").slice(0, 300)} → ${answer.text.slice(0, 300)}`);
    }
    done?.(answer);
  }

  async function answered(method: string, path: string, body: unknown): Promise<Answered> {
    try {
      const answer = await fetch(base + path, { dispatcher: connections, method, signal: AbortSignal.timeout(60_000), headers: { authorization: `Bearer ${token}`, ...(body !== undefined && { "content-type": "application/scim+json" }) }, ...(body !== undefined && { body: JSON.stringify(body) }) });
      return { status: answer.status, text: await answer.text() };
    } catch (thrown) {
      const { cause } = thrown as { readonly cause?: { readonly code?: string; readonly message?: string } };
      return { status: 0, text: `${String(thrown)} ${cause?.code ?? ""} ${cause?.message ?? ""}` };
    }
  }

  const anyone = (which: (person: Person) => boolean): Person | undefined => {
    for (let tries = 0; tries < 20 && people.length > 0; tries++) {
      const person = people[random.below(people.length)]!;
      if (person.id !== undefined && !person.busy && which(person)) return person;
    }
    return undefined;
  };

  /** While a write of a person is under way the IdP sends no second one. */
  const about = (person: Person, asked: Omit<Asked, "done">, then: (answer: Answered) => void = () => {}): Asked => {
    person.busy = true;
    return {
      ...asked,
      done: (answer) => {
        person.busy = false;
        if (answer.status >= 200 && answer.status < 300) then(answer);
      },
    };
  };

  function joiner(): Asked {
    const n = people.length;
    const userName = `p${n}@acme.example`;
    const person: Person = { n, style: n % 2 === 0 ? "okta" : "entra", userName, id: undefined, active: true, busy: false, changes: 0 };
    people.push(person);
    const shared = { userName, externalId: `x-${n}`, name: { givenName: "Ada", familyName: familyNameOf(person) }, emails: [{ primary: true, type: "work", value: userName }], active: true };
    const body = person.style === "okta" ? { schemas: [core], ...shared, displayName: `Soak ${n}`, locale: "en-US", groups: [], password: "1mz050nq" } : { schemas: [core, enterprise], ...shared, roles: [], meta: { resourceType: "User" }, [enterprise]: { department: "Sales" } };
    return about(person, { method: "POST", path: "/Users", body, expect: [201] }, ({ text }) => {
      person.id = (JSON.parse(text) as { id: string }).id;
    });
  }

  function mover(): Asked | undefined {
    const person = anyone(({ active }) => active);
    if (!person) return undefined;
    person.changes += 1;
    const familyName = familyNameOf(person);
    const path = `/Users/${person.id}`;
    if (person.style === "entra") return about(person, { method: "PATCH", path, body: patch({ op: "Replace", path: "name.familyName", value: familyName }, { op: "Add", path: `${enterprise}:department`, value: `D${person.changes}` }), expect: [200] });
    const body = { schemas: [core], id: person.id, userName: person.userName, externalId: `x-${person.n}`, name: { givenName: "Ada", familyName }, emails: [{ primary: true, type: "work", value: person.userName }], displayName: `Soak ${familyName}`, locale: "en-US", groups: [], active: true };
    return about(person, { method: "PUT", path, body, expect: [200] });
  }

  function switched(to: boolean): Asked | undefined {
    const person = anyone(({ active }) => active !== to);
    if (!person) return undefined;
    const operation = person.style === "entra" ? { op: "Replace", path: "active", value: to ? "True" : "False" } : { op: "replace", value: { active: to } };
    return about(person, { method: "PATCH", path: `/Users/${person.id}`, body: patch(operation), expect: [200] }, () => {
      person.active = to;
    });
  }

  function member(): Asked | undefined {
    const person = anyone(() => true);
    const group = groups[random.below(groups.length)];
    if (!person || group === undefined) return newGroup();
    const operation = random.below(3) === 0 ? { op: "Remove", path: "members", value: [{ value: person.id }] } : { op: "add", path: "members", value: [{ value: person.id, display: person.userName }] };
    return { method: "PATCH", path: `/Groups/${group}`, body: patch(operation), expect: [200, 204] };
  }

  function newGroup(): Asked {
    const displayName = `Group ${groups.length}`;
    groups.push("");
    const at = groups.length - 1;
    return { method: "POST", path: "/Groups", body: { schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"], displayName, externalId: `g-${at}` }, expect: [201], done: ({ status, text }) => void (groups[at] = status === 201 ? (JSON.parse(text) as { id: string }).id : "") };
  }

  const lookUp = (): Asked => {
    const of = random.below(4) === 0 ? `p${people.length}@acme.example` : (people[random.below(Math.max(1, people.length))]?.userName ?? "nobody@acme.example");
    return { method: "GET", path: filtered("Users", `userName eq "${of}"`), expect: [200] };
  };

  /** Of a hundred requests: what IdPs ask is mostly a look-up and then a write. */
  function next(): Asked {
    const roll = random.below(100);
    if (roll < 12) return joiner();
    if (roll < 30) return mover() ?? lookUp();
    if (roll < 36) return switched(false) ?? lookUp();
    if (roll < 41) return switched(true) ?? lookUp();
    if (roll < 47) return groups.filter((id) => id !== "").length < 20 ? newGroup() : (member() ?? lookUp());
    if (roll < 53) return { method: "GET", path: filtered("Groups", `displayName eq "Group ${random.below(20)}"`) + "&excludedAttributes=members", expect: [200] };
    if (roll < 58) return { method: "GET", path: `/Users?startIndex=${1 + random.below(people.length + 1)}&count=100`, expect: [200] };
    if (roll < 68) {
      const person = anyone(() => true);
      return person ? { method: "GET", path: `/Users/${person.id}`, expect: [200] } : lookUp();
    }
    return lookUp();
  }

  /** Requests are due by the clock, not by the answers before them; who is late sends at once. */
  function tick(): void {
    if (stopping) return;
    for (const due = ((performance.now() - beganMs) / 1_000) * perSecond; requests < due; ) {
      requests += 1;
      const asked = ask(next());
      underWay.add(asked);
      void asked.finally(() => underWay.delete(asked));
    }
    setTimeout(tick, 500 / perSecond);
  }
  tick();

  return {
    get requests() {
      return requests;
    },
    statuses,
    unexpected,
    reads,
    writes,
    wanted: () => new Map(people.flatMap(({ id, userName, active }) => (id === undefined ? [] : [[userName, active] as const]))),
    async stop() {
      stopping = true;
      await Promise.all(underWay);
      await connections.destroy(); // a server keeps the last request of each that is open
    },
  };
}
