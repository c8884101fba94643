/**
 * A company of people at once: copies of one who came in through the front door, made past the store, because a thousand pushes take
 * their time and are not what the test is about.
 *
 * @module
 */
import { randomUUID } from "node:crypto";
import type { TestPlace } from "./stores.ts";

export interface Clone {
  readonly id: string;
  readonly name: string;
  readonly account: string;
}

type Row = Readonly<Record<string, unknown>>;

/**
 * @param model who is copied: linked, at rest, and called by `name` wherever anything of theirs is told apart
 * @param names of the copies, each in place of `name`
 */
export async function clonePeople(place: TestPlace, model: Clone, names: readonly string[]): Promise<readonly Clone[]> {
  const [person] = await place.query(`select * from resources where id = '${model.id}'`);
  const [link] = await place.query(`select * from links where resource = '${model.id}'`);
  if (!person || !link) throw new Error("the model is not there, or not linked");
  const addresses = await place.query(`select * from addresses where resource = ${Number(person["seq"])}`);
  const clones = names.map((name): Clone => ({ id: randomUUID(), name, account: `${model.account}-${name}` }));
  const renamed = (row: Row, { id, name, account }: Clone): Row => {
    const replaced = (value: string) => value.replaceAll(model.id, id).replaceAll(model.account, account).replaceAll(model.name, name);
    return Object.fromEntries(Object.entries(row).map(([column, value]) => [column, typeof value === "string" ? replaced(value) : typeof value === "object" && value !== null ? replaced(JSON.stringify(value)) : value]));
  };
  const without = (row: Row, name: string): Row => Object.fromEntries(Object.entries(row).filter(([column]) => column !== name));

  await insert(place, "resources", clones.map((clone) => renamed(without(person, "seq"), clone)));
  await insert(place, "links", clones.map((clone) => renamed(link, clone)));
  for (const address of addresses) await insert(place, "addresses", clones.map((clone) => ({ ...renamed(address, clone), resource: { of: clone.id } })));
  return clones;
}

/** `{ of: id }` stands for the number of the resource with that id. */
async function insert(place: TestPlace, table: string, rows: readonly Row[]): Promise<void> {
  const columns = Object.keys(rows[0] ?? {});
  const literal = (value: unknown): string => {
    if (value === null || typeof value === "number") return String(value);
    if (typeof value === "object" && value && "of" in value) return `(select seq from resources where id = ${literal(value.of)})`;
    return `'${String(value).replaceAll("'", "''")}'`;
  };
  await place.query(`insert into ${table} (${columns.join(", ")}) values ${rows.map((row) => `(${columns.map((column) => literal(row[column])).join(", ")})`).join(", ")}`);
}
