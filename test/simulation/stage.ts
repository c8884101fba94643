/**
 * The course of a run, whichever design is played: processes start, people are pushed, things stop going wrong, everything comes to rest.
 *
 * @module
 */
import type { AccountId } from "../../src/model/ids.ts";
import type { Idp } from "./idp.ts";
import type { Processes } from "./processes.ts";
import type { Scenario } from "./scenario.ts";
import type { SimVendor } from "./vendor.ts";
import type { World } from "./world.ts";

export interface Stage {
  readonly world: World;
  readonly scenario: Scenario;
  readonly vendor: SimVendor;
  readonly processes: Processes;
  readonly idp: Idp;
  /** Looks, at every moment at which nobody has anything to do. */
  quiet(): Promise<void>;
  /** Whether a link is known to point at this account. */
  isLinked?(account: AccountId): boolean;
  /** Nothing is left to be done. */
  isDone(): Promise<boolean>;
}

/** How long it may take, once nothing fails any more, until everything is as it should be. */
const restMs = 2_400_000;

export interface Ended {
  /** People whom the IdP never got through with. */
  readonly stuck: number;
  readonly cameToRest: boolean;
}

export async function perform({ world, scenario, vendor, processes, idp, quiet, isDone, isLinked = () => false }: Stage): Promise<Ended> {
  for (const { stands } of scenario.people) if (stands) vendor.stand(stands);
  for (let at = 0; at < scenario.processes; at++) processes.start(at);
  let isHealed = false;
  let restFromMs = 0;
  const heal = () => {
    if (isHealed) return;
    isHealed = true;
    // Whether an invitation was accepted is looked at every five minutes.
    restFromMs = world.nowMs + (scenario.vendor.invites ? 330_000 : 0);
    world.note("nothing fails any more");
    vendor.heal();
    idp.troubles = { crash: 0, freeze: 0, twice: 0, answerLost: 0 };
    processes.spare();
  };
  world.after(scenario.faultsEndMs, heal);
  if (scenario.removesAtMs !== undefined) world.after(scenario.removesAtMs, () => vendor.removeThere(isLinked));
  let playing = scenario.people.length;
  for (const [at, { history }] of scenario.people.entries()) {
    void idp.play(at + 1, history, () => isHealed).then(() => {
      playing -= 1;
      world.note(`the IdP is through with p${at + 1}`);
      // Whatever is still open meets trouble for a while yet.
      if (playing === 0) world.after(world.random.stream("heal").between(0, 60_000), heal);
    });
  }
  const cameToRest = await world.run(async () => {
    await quiet();
    return isHealed && world.nowMs >= restFromMs && playing === 0 && processes.areUp && vendor.isIdle && (await isDone());
  }, scenario.faultsEndMs + restMs);
  return { stuck: playing, cameToRest };
}
