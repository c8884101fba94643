/**
 * An Okta organisation for Okta's CRUD test: its management calls lead to the SCIM requests that Okta documents for them (idps.md, 5.1).
 *
 * @module
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { isObject, type JsonObject } from "../../../src/model/json.ts";
import type { Stage } from "../stage.ts";

interface Person {
  readonly id: string;
  profile: Readonly<Record<string, string>>;
  /** The id that the SCIM server gave. */
  scimId: string | undefined;
}

export interface OktaOrg {
  /** Where the test's calls go. */
  readonly url: string;
  /** SCIM requests so far. */
  sent(): number;
  stop(): Promise<void>;
}

/** @param mode how the app integration changes people: AIW apps always with PUT, OIN apps with PATCH for activation */
export async function openOktaOrg({ scim }: Pick<Stage, "scim">, mode: "put" | "patch"): Promise<OktaOrg> {
  const people = new Map<string, Person>();
  let sent = 0;
  const ask: Stage["scim"] = (...request) => {
    sent++;
    return scim(...request);
  };

  const scimUser = ({ id, profile }: Person): JsonObject => ({
    schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"],
    userName: profile["login"] ?? "",
    name: { givenName: profile["firstName"] ?? "", familyName: profile["lastName"] ?? "" },
    emails: [{ primary: true, value: profile["email"] ?? "", type: "work" }],
    ...(profile["title"] !== undefined && { title: profile["title"] }),
    displayName: `${profile["firstName"]} ${profile["lastName"]}`,
    locale: "en-US",
    externalId: id,
    groups: [],
    active: true,
  });

  /** GET, then the whole of it again. */
  async function replace(person: Person, changes: JsonObject): Promise<void> {
    const { body } = await ask("GET", `/Users/${person.scimId}`);
    await ask("PUT", `/Users/${person.scimId}`, { ...body, ...changes });
  }

  async function activate(person: Person, active: boolean): Promise<void> {
    if (person.scimId === undefined) return;
    if (mode === "put") return replace(person, { active });
    await ask("PATCH", `/Users/${person.scimId}`, { schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], Operations: [{ op: "replace", value: { active } }] });
  }

  async function assign(person: Person): Promise<void> {
    const { body } = await ask("GET", `/Users?filter=${encodeURIComponent(`userName eq "${person.profile["login"]}"`)}&startIndex=1&count=100`);
    const there = (body["Resources"] as readonly JsonObject[] | undefined)?.[0];
    if (!there) {
      const made = await ask("POST", "/Users", { ...scimUser(person), password: crypto.randomUUID() });
      if (typeof made.body["id"] === "string") person.scimId = made.body["id"];
      return;
    }
    person.scimId = there["id"] as string;
    if (mode === "patch" && there["active"] === false) await activate(person, true);
    await replace(person, scimUser(person));
  }

  /** `users[/ID[/lifecycle/VERB]]`, `apps/APP/users[/ID]` */
  async function act(method: string, [kind, id, part, last]: readonly string[], body: JsonObject): Promise<JsonObject> {
    if (kind === "users" && id === undefined) {
      const person: Person = { id: `00u${crypto.randomUUID().slice(0, 8)}`, profile: body["profile"] as Person["profile"], scimId: undefined };
      people.set(person.id, person);
      return { id: person.id, profile: person.profile };
    }
    const person = people.get((kind === "users" ? id : (last ?? (body["id"] as string))) ?? "");
    if (!person) return {};
    if (kind === "apps") await (method === "DELETE" ? activate(person, false) : assign(person));
    // Okta does nothing at an activation until the app is assigned again.
    else if (part === "lifecycle") await (last === "activate" ? undefined : activate(person, false));
    else {
      person.profile = { ...person.profile, ...(isObject(body["profile"]) && (body["profile"] as Person["profile"])) };
      await replace(person, scimUser(person));
    }
    return { id: person.id, profile: person.profile };
  }

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk)).on("end", () => {
      const text = Buffer.concat(chunks).toString("utf8");
      const path = new URL(request.url ?? "/", "http://org").pathname.split("/").slice(3);
      act(request.method ?? "GET", path, text === "" ? {} : JSON.parse(text)).then(
        (body) => response.writeHead(request.method === "DELETE" ? 204 : 200, { "Content-Type": "application/json" }).end(request.method === "DELETE" ? undefined : JSON.stringify(body)),
        (thrown: Error) => response.writeHead(500).end(thrown.message),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sent: () => sent,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
