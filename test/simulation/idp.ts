/**
 * An IdP: pushes each person's wishes in order, repeats until it is told 2xx, gives up waiting after a minute and repeats as well;
 * and the network between it and us, on which requests are doubled and answers are lost.
 *
 * @module
 */
import type { Life } from "./life.ts";
import type { Random } from "./random.ts";
import type { Push, Wish } from "./wish.ts";
import { pushOf } from "./wish.ts";
import type { World } from "./world.ts";

/** Status 0 = no answer. */
export interface Answer {
  readonly status: number;
  readonly id?: string | undefined;
  readonly detail?: string;
  /** The resource as it was shown. */
  readonly shown?: unknown;
}

/** One process of a design, as the IdP meets it. */
export interface Door {
  /** @param writtenOut resolves true once the answer has left, false if nobody waited for it any more */
  take(push: Push, correlation: string, writtenOut: Promise<boolean>): Promise<Answer>;
  /** Ids of the users with this userName. */
  find(userName: string, correlation: string): Promise<readonly string[]>;
}

export interface Open {
  readonly life: Life;
  readonly door: Door;
}

export interface Troubles {
  readonly crash: number;
  readonly freeze: number;
  readonly twice: number;
  readonly answerLost: number;
}

export interface IdpRules {
  readonly giveUpMs: number;
  /** Looks whether the person is there before it creates them. */
  readonly looksFirst: boolean;
  /** Never has two deliveries for one person under way. */
  readonly isStrict: boolean;
  /** Pushes groups beside the people, as one does that has a queue for each; else in the order of a person's history. */
  readonly groupsApart: boolean;
}

export interface Acknowledged {
  readonly push: Push;
  readonly answer: Answer;
  readonly atMs: number;
}

const none: Answer = { status: 0 };
/** As often as this is an address that belongs to somebody else asked for, once nothing fails any more. */
const patience = 12;

export class Idp {
  readonly acknowledged: Acknowledged[] = [];
  /** Wishes that were refused for good, and the answers. */
  readonly refused: { readonly push: Push; readonly answer: Answer }[] = [];
  /** What an IdP must never be told. */
  readonly complaints: string[] = [];
  readonly ids = new Map<number, string>();
  readonly groups = new Map<string, string>();
  troubles: Troubles;
  readonly counts = { deliveries: 0, twice: 0, unanswered: 0 };
  readonly #world: World;
  readonly #random: Random;
  readonly #rules: IdpRules;
  readonly #open: () => readonly Open[];
  #sent = 0;
  #told: (acknowledged: Acknowledged) => void = () => {};

  constructor(world: World, rules: IdpRules, troubles: Troubles, open: () => readonly Open[]) {
    this.#world = world;
    this.#random = world.random.stream("idp");
    this.#rules = rules;
    this.troubles = troubles;
    this.#open = open;
  }

  whenAcknowledged(tell: (acknowledged: Acknowledged) => void): void {
    this.#told = tell;
  }

  /** Carries out one person's history. Resolves when every wish was acknowledged or refused for good. */
  async play(person: number, history: readonly Wish[], areFaultsOver: () => boolean): Promise<void> {
    const pause = () => this.#world.sleep(this.#random.chance(0.3) ? this.#random.between(0, 200) : this.#random.between(200, 25_000));
    let groups = Promise.resolve();
    for (const [at, wish] of history.entries()) {
      if (this.#rules.groupsApart && (wish.kind === "join" || wish.kind === "leave")) {
        groups = groups.then(pause).then(() => this.#fulfil(person, at + 1, wish, areFaultsOver));
        continue;
      }
      await pause();
      await this.#fulfil(person, at + 1, wish, areFaultsOver);
    }
    await groups;
  }

  async #fulfil(person: number, at: number, wish: Wish, areFaultsOver: () => boolean): Promise<void> {
    if (wish.kind === "create") {
      this.ids.delete(person);
      if (this.#rules.looksFirst) await this.#match(person, wish.after.email);
    }
    for (let turn = 1, inVain = 0; ; turn++) {
      // Somebody who is being created anew has no id yet, which only their group can wait for.
      while (wish.kind !== "create" && !this.ids.has(person)) await this.#world.sleep(1_000);
      const push = pushOf(person, at, wish, this.ids.get(person), this.groups);
      const answer = await this.#pushed(push);
      if (answer.status >= 200 && answer.status < 300) {
        if (push.method === "POST" && answer.id !== undefined) this.ids.set(person, answer.id);
        return this.#acknowledge(push, answer);
      }
      if (push.method === "DELETE" && answer.status === 404) return this.#acknowledge(push, answer);
      if (push.method === "POST" && answer.status === 409) {
        if (await this.#match(person, wish.after.email)) continue;
        inVain += areFaultsOver() ? 1 : 0;
        if (inVain > patience) return void this.refused.push({ push, answer });
      } else if (answer.status >= 400 && answer.status < 500 && answer.status !== 429) {
        return void this.refused.push({ push, answer });
      }
      await this.#world.sleep(this.#random.between(500, 15_000) * Math.min(turn, 4));
    }
  }

  #acknowledge(push: Push, answer: Answer): void {
    const acknowledged = { push, answer, atMs: this.#world.nowMs };
    this.acknowledged.push(acknowledged);
    this.#told(acknowledged);
  }

  /** Whether the person is there now; then the next push goes to them. */
  async #match(person: number, userName: string): Promise<boolean> {
    const found = await this.#exchange(`p${person} looks for ${userName}`, async ({ door }, correlation) => ({ status: 200, shown: await door.find(userName, correlation) }));
    const ids = Array.isArray(found.shown) ? (found.shown as readonly string[]) : [];
    if (ids.length > 1) this.complaints.push(`${ids.length} users with the userName ${userName}`);
    if (ids[0] === undefined) return false;
    this.ids.set(person, ids[0]);
    return true;
  }

  /** One push, perhaps delivered twice; the IdP sees the first answer. */
  async #pushed(push: Push): Promise<Answer> {
    const send = () => this.#exchange(`${push.name} ${push.method} ${push.wish.kind}`, ({ door }, correlation, writtenOut) => door.take(push, correlation, writtenOut));
    const first = send();
    if (!this.#random.chance(this.troubles.twice)) return first;
    this.counts.twice += 1;
    const second = this.#world.sleep(this.#random.chance(0.5) ? 0 : this.#random.between(1, 5_000)).then(send);
    if (this.#rules.isStrict) return (await Promise.all([first, second]))[0];
    return first;
  }

  #exchange(what: string, ask: (open: Open, correlation: string, writtenOut: Promise<boolean>) => Promise<Answer>): Promise<Answer> {
    const world = this.#world;
    const random = this.#random;
    const correlation = `c-${(this.#sent += 1)}`;
    const travelMs = () => random.between(1, 60);
    this.counts.deliveries += 1;
    return new Promise((resolve) => {
      let isOver = false;
      const end = (answer: Answer) => {
        if (isOver) return;
        isOver = true;
        resolve(answer);
      };
      world.after(this.#rules.giveUpMs, () => end(none));
      world.after(travelMs(), () => {
        const there = this.#open().filter(({ life }) => life.isAlive);
        const one = there[Math.floor(random.next() * there.length)];
        if (!one) return void world.after(travelMs(), () => end(none));
        const { life } = one;
        if (random.chance(this.troubles.crash)) life.crashIn(random.between(1, 25));
        if (random.chance(this.troubles.freeze)) life.freezeIn(random.between(1, 20), random.between(5_000, 150_000));
        const isReset = random.chance(0.5);
        life.whenDead(() => isReset && world.after(travelMs(), () => end(none)));
        world.note(`idp ${correlation} ${what} → ${life.name}`);
        let left: (out: boolean) => void = () => {};
        const writtenOut = new Promise<boolean>((out) => {
          left = out;
        });
        life.step("taking a request", () => {
          const asked = ask(one, correlation, writtenOut).catch((thrown: unknown): Answer => ({ status: 500, detail: String(thrown) }));
          void asked.then((answer) =>
            life.step("before its answer", () => {
              const isLost = random.chance(this.troubles.answerLost);
              world.note(`${life.name} answers ${correlation} ${answer.status}${answer.detail === undefined ? "" : ` ${answer.detail}`}${isLost ? ", and it is lost" : ""}`);
              left(!isOver);
              this.counts.unanswered += isLost ? 1 : 0;
              if (!isLost) world.after(travelMs(), () => end(answer));
            }),
          );
        });
      });
    });
  }
}
