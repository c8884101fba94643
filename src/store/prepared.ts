/**
 * Statements of every push and every read: built and compiled once for each engine, then only given their values.
 *
 * kysely makes a statement's text anew each time, which costs more than SQLite's answer to most of them.
 *
 * @module
 */
import type { Compilable, CompiledQuery, Kysely, QueryResult, RawBuilder } from "kysely";
import type { Engine } from "./engine.ts";
import type { Database } from "./schema.ts";

type Built<Row> = RawBuilder<Row> | Compilable<Row>;

/** Stands in the compiled statement where a value will. */
class Hole {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/**
 * @param build is given holes, not values: it may put them where parameters stand and do nothing else with them. What is not to be
 * bound anew each time decides the statement's text, and is asked for by making another one
 */
export function prepared<Given extends object, Row = never>(build: (engine: Engine, given: Given) => Built<Row>): (engine: Engine, db: Kysely<Database>, given: Given) => Promise<QueryResult<Row>> {
  const holes = new Proxy<Given>({} as Given, { get: (_, name) => new Hole(String(name)) });
  const compiled = compiledOnce((engine) => build(engine, holes));
  return (engine, db, given) => {
    const query = compiled(engine);
    return db.getExecutor().executeQuery<Row>({ ...query, parameters: query.parameters.map((value) => (value instanceof Hole ? given[value.name as keyof Given] : value)) });
  };
}

/** The statement itself; its parameters stand in the order of its text. */
export function compiledOnce<Row = never>(build: (engine: Engine) => Built<Row>): (engine: Engine) => CompiledQuery<Row> {
  const compiled = new WeakMap<Engine, CompiledQuery<Row>>();
  return (engine) => {
    const known = compiled.get(engine);
    if (known) return known;
    const built = build(engine);
    const query = "isRawBuilder" in built ? built.compile(engine.db) : built.compile();
    compiled.set(engine, query);
    return query;
  };
}
