/**
 * Filters: parsed, printed and parsed again, evaluated, turned into the SQL of both engines, and asked of a database.
 *
 * @module
 */
import fc from "fast-check";
import type { Filter } from "../../../src/model/filter.ts";
import { sameJson } from "../../../src/model/json.ts";
import type { ResourceType } from "../../../src/model/resource.ts";
import { tables } from "../../store/population.ts";
import type { Code } from "../code.ts";
import type { Ground } from "../ground.ts";
import { filterText } from "../inputs/filters.ts";
import { printed } from "../print.ts";
import { cleanly, hold, refused, type Target, type Watch } from "../target.ts";

export interface FilterInput {
  readonly type: ResourceType;
  readonly text: string;
}

/** Printing names every path in full and adds parentheses. */
const wideCaps = { length: 1_000_000, depth: 400 };

const mark = "\u{1f984}marked\u{1f984}";

export const filterTarget = (ground: Ground): Target<FilterInput> => {
  let asked = 0;
  return {
    name: "filter",
    inputs: fc.oneof({ weight: 4, arbitrary: filterText("User").map((text) => ({ type: "User" as const, text })) }, { weight: 1, arbitrary: filterText("Group").map((text) => ({ type: "Group" as const, text })) }),
    run({ type, text }, code, watch) {
      const filter = cleanly(watch, () => code.parseFilter(tables[type], text));
      if (filter === refused) return "refused";
      const again = code.parseFilter(tables[type], printed(filter), wideCaps);
      hold(sameJson(filter, again), `printed and parsed again it is another filter: ${printed(filter)}`);
      const opposite: Filter = { kind: "not", of: filter };
      hold(sameJson(code.parseFilter(tables[type], `not (${text})`, wideCaps), opposite), "behind a not it is another filter");
      const found = evaluated(code, watch, ground, type, filter);
      for (const engine of ground.engines) {
        const query = watch.work(() => ground.compiled(code, engine, type, filter));
        const bare = ground.compiled(code, engine, type, marked(filter) as Filter);
        hold(!query.sql.includes(mark) && query.sql === bare.sql, `${engine.name}: the SQL depends on a value: ${query.sql}`);
        hold(query.parameters.length === bare.parameters.length && query.parameters.every(isBindable), `${engine.name}: a parameter is no plain value`);
        if (engine.name === "sqlite" && asked++ % 8 === 0) hold(sameJson(ground.found(query), found), "the database finds others than the evaluator");
      }
      return "accepted";
    },
  };
};

function evaluated(code: Code, watch: Watch, ground: Ground, type: ResourceType, filter: Filter): readonly string[] {
  const not: Filter = { kind: "not", of: filter };
  return ground.all[type].flatMap(({ resource, search }, at) => {
    const is = watch.work(() => code.matches(filter, search));
    hold(typeof is === "boolean", "a filter is neither true nor false");
    if (at % 8 === 0) hold(code.matches(not, search) === !is, "a filter and its opposite agree");
    return is ? [resource.id] : [];
  });
}

/** The same filter about other values: whatever the SQL is made of then, it is not the values. */
function marked(filter: unknown): unknown {
  if (Array.isArray(filter)) return filter.map(marked);
  if (typeof filter !== "object" || filter === null) return filter;
  return Object.fromEntries(
    Object.entries(filter).map(([name, value]) => {
      if (name === "at") return [name, value];
      if (name === "value") return [name, typeof value === "string" && value !== "" ? mark : typeof value === "number" ? 7 : value];
      return [name, marked(value)];
    }),
  );
}

const isBindable = (value: unknown): boolean => value === null || typeof value === "string" || (typeof value === "number" && Number.isFinite(value)) || (Array.isArray(value) && value.every((one) => typeof one === "string"));
