/**
 * A simulated PeopleLens that takes every create, equal addresses or not: before a vendor that refuses the second record itself,
 * "nobody twice" would prove the vendor's care, not ours.
 *
 * @module
 */
import type { Route, World } from "../../src/connectors/kit/simulator/definition.ts";
import type { RunningSimulator, SimulatorOptions } from "../../src/connectors/kit/simulator/running.ts";
import { startSimulator } from "../../src/connectors/kit/simulator/start.ts";
import type { PeopleLensState, User } from "../../src/connectors/peoplelens/simulated/state.ts";
import { peoplelens } from "../../src/connectors/peoplelens/simulator.ts";

export const startLenientVendor = (options: SimulatorOptions = {}): Promise<RunningSimulator<PeopleLensState>> => startSimulator({ ...peoplelens, routes: peoplelens.routes.map(takingEverybody) }, options);

function takingEverybody(route: Route<PeopleLensState>): Route<PeopleLensState> {
  if (route.method !== "POST" || route.path !== "/api/users") return route;
  return { ...route, answer: (request, world) => route.answer(request, blind(world)) };
}

/** Whoever was ever created, whatever became of them; in the state beside `users`. */
export interface Birth {
  readonly id: string;
  readonly email: string;
}

/** The world as somebody sees it who looks for no equal address, and adds to it all the same. */
function blind(world: World<PeopleLensState>): World<PeopleLensState> {
  const users = { some: () => false, filter: (...given: Parameters<User[]["filter"]>) => world.state.users.filter(...given), push: (user: User) => born(user, world.state) };
  return { ...world, state: { ...world.state, users: users as unknown as User[] } };
}

function born(user: User, state: PeopleLensState & { births?: Birth[] }): void {
  state.users.push(user);
  (state.births ??= []).push({ id: user.id, email: user.email });
}
