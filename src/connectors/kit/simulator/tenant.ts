/**
 * The tenant behind the ports: its state, what a request does to it, and how it looked a while ago.
 *
 * @module
 */
import type { Answer, Route, VendorDefinition, VendorRequest, World } from "./definition.ts";
import type { Seeded } from "./seeded.ts";

export interface Tenant<State> {
  state(): State;
  /** What the vendor would answer now, or to a read would have answered `staleMs` ago. Changes nothing. */
  decide(request: Unrouted, staleMs?: number): Answer;
  /** Carries an answer out. @returns whether there was anything to carry out */
  commit(answer: Answer): boolean;
  seed(records: Parameters<VendorDefinition<State>["seed"]>[0]): void;
  error(status: number, message: string): Answer;
  /** Keeps earlier states from now on (for stale reads), or forgets them. */
  keepHistory(wanted: boolean): void;
  reset(): void;
}

export type Unrouted = Omit<VendorRequest, "parameters">;

interface Surroundings {
  position(name: string): string;
  now(): number;
  random: Seeded;
  /** Called after every change. */
  changed(): void;
}

export function openTenant<State>(definition: VendorDefinition<State>, remembered: State | undefined, around: Surroundings): Tenant<State> {
  let state = remembered ?? definition.initial();
  let history: { readonly until: number; readonly state: State }[] | undefined;
  const routes = definition.routes.map(compiled);
  const world = (shown: State): World<State> => ({ state: shown, position: around.position, now: around.now(), random: around.random });

  const asOf = (staleMs: number): State => history?.find(({ until }) => until > around.now() - staleMs)?.state ?? state;
  const remember = () => history?.push({ until: around.now(), state: structuredClone(state) });

  return {
    state: () => state,
    decide: (request, staleMs = 0) => {
      const here = world(staleMs > 0 && request.method === "GET" ? asOf(staleMs) : state);
      for (const { route, parametersOf } of routes) {
        const parameters = route.method === request.method ? parametersOf(request.path) : undefined;
        if (parameters) return definition.admit({ ...request, parameters }, here) ?? route.answer({ ...request, parameters }, here);
      }
      return definition.admit({ ...request, parameters: {} }, here) ?? definition.error(404, "Not found", here);
    },
    commit: (answer) => {
      if (!answer.commit) return false;
      remember();
      answer.commit();
      around.changed();
      return true;
    },
    seed: (records) => {
      const draft = structuredClone(state);
      definition.seed(records, world(draft));
      remember();
      state = draft;
      around.changed();
    },
    error: (status, message) => definition.error(status, message, world(state)),
    keepHistory: (wanted) => void (history = wanted ? (history ?? []) : undefined),
    reset: () => {
      state = definition.initial();
      history = undefined;
      around.changed();
    },
  };
}

/** Turns `/api/users/{id}` into a test that yields the parameters. */
function compiled<State>(route: Route<State>): { readonly route: Route<State>; parametersOf(path: string): Readonly<Record<string, string>> | undefined } {
  const pattern = new RegExp(`^${route.path.replace(/[.*+?^$()|[\]\\]/g, "\\$&").replace(/\{(\w+)\}/g, "(?<$1>[^/]+)")}$`);
  return {
    route,
    parametersOf: (path) => {
      const found = pattern.exec(path);
      return found ? Object.fromEntries(Object.entries(found.groups ?? {}).map(([name, value]) => [name, decoded(value)])) : undefined;
    },
  };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
