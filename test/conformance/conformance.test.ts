/**
 * The contract suite (vendors.md, section 12): every law, on every connector, in every position of its vendor's switches.
 *
 * @module
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Connector } from "../../src/connectors/connector.ts";
import type { RunningSimulator } from "../../src/connectors/kit/simulator/running.ts";
import { openConnector } from "../../src/connectors/registry.ts";
import { applies } from "./law.ts";
import { laws } from "./laws/all.ts";
import { positionsOf } from "./positions.ts";
import { afterwards, setStage } from "./stage.ts";
import { subjects } from "./subjects/all.ts";

/** `CONFORMANCE_SEED=7 CONFORMANCE_COMBINATIONS=200` tries others. */
const seed = Number(process.env["CONFORMANCE_SEED"] ?? 1);
const combinations = Number(process.env["CONFORMANCE_COMBINATIONS"] ?? 16);

describe.each(subjects.map((subject) => ({ connector: subject.name, subject })))("$connector", ({ subject }) => {
  const positions = positionsOf(subject.switches, combinations, seed);
  let simulator: RunningSimulator;
  let connector: Connector;
  beforeAll(async () => {
    simulator = await subject.start({});
    connector = await openConnector(subject.setup(simulator));
    console.info(`${subject.name}: ${laws.length + subject.own.length} laws in ${positions.length} positions (seed ${seed})`);
  });
  afterAll(() => simulator.stop());

  describe.each(positions)("$name", ({ position }) => {
    const facts = subject.facts(position);
    for (const law of [...laws, ...subject.own].filter((one) => applies(one, facts) && subject.exempt?.(one.name, position) === undefined)) {
      test(law.name, async () => {
        await simulator.reset();
        await simulator.setSwitches(position);
        const stage = setStage(subject, simulator, facts, connector, openConnector);
        await law.holds(stage);
        afterwards(stage);
      });
    }
  });
});

test("every law applies somewhere", () => {
  const everywhere = subjects.flatMap((subject) => positionsOf(subject.switches, 0, seed).map(({ position }) => subject.facts(position)));
  const all = [...laws, ...subjects.flatMap(({ own }) => own)];
  expect(all.filter((one) => !everywhere.some((facts) => applies(one, facts))).map(({ name }) => name)).toEqual([]);
  expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
});
