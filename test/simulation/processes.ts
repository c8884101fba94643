/**
 * The processes of ours: one, or two that share the database; each that dies is started again a while later.
 *
 * @module
 */
import type { Door, Open } from "./idp.ts";
import { Life } from "./life.ts";
import type { Random } from "./random.ts";
import type { Scenario } from "./scenario.ts";
import type { World } from "./world.ts";

export class Processes {
  crashes = 0;
  readonly #world: World;
  readonly #scenario: Scenario;
  readonly #random: Random;
  readonly #start: (life: Life) => Promise<Door>;
  /** Those that take requests, by their place. */
  readonly #open = new Map<number, Open>();
  readonly #lives = new Map<number, Life>();
  #isSpared = false;
  #begun = 0;

  /** @param start opens a process; does not resolve if it dies before it is open */
  constructor(world: World, scenario: Scenario, start: (life: Life) => Promise<Door>) {
    this.#world = world;
    this.#scenario = scenario;
    this.#random = world.random.stream("processes");
    this.#start = start;
  }

  get open(): readonly Open[] {
    return [...this.#open.values()];
  }

  /** Every place has a process that takes requests and moves. */
  get areUp(): boolean {
    return this.#open.size === this.#scenario.processes && this.open.every(({ life }) => life.isAlive && !life.isFrozen);
  }

  start(place: number): void {
    this.#begun += 1;
    const life = new Life(`process ${this.#begun}`, this.#world, this.#scenario.skewMs[place] ?? 0);
    this.#lives.set(place, life);
    // Now and then it does not even get up.
    if (!this.#isSpared && this.#random.chance(this.#scenario.troubles.crash / 5)) life.crashIn(this.#random.between(1, 12));
    life.whenDead(() => {
      this.crashes += 1;
      this.#open.delete(place);
      this.#world.after(this.#random.between(100, 15_000), () => this.start(place));
    });
    this.#world.note(`${life.name} starts`);
    void this.#start(life).then((door) => {
      if (life.isAlive) this.#open.set(place, { life, door });
    });
  }

  /** From now on none dies or stands still. */
  spare(): void {
    this.#isSpared = true;
    for (const life of this.#lives.values()) life.spare();
  }
}
