/**
 * Looks at every vendor call in the moment in which it is sent, and at what is committed in that moment: no write without an
 * intent (I11), none to a stranger (I5), no role outside the map (I7), no create beside a living account (I1).
 *
 * @module
 */
import type SqliteFile from "better-sqlite3";
import type { RunningSimulator } from "../../src/connectors/kit/simulator/running.ts";
import type { PeopleLensState } from "../../src/connectors/peoplelens/simulated/state.ts";

/** Calls that somebody at the vendor makes carry this; the eye does not look at them. */
export const byHand = "by=hand";

/** Accounts that were there before and are nobody's business: near misses, a privileged match, somebody on leave. */
export const bystanders = [
  { id: "usr-joann", email: "joann.ada@acme.example", first_name: "Joann", last_name: "Lee" },
  { id: "usr-evil", email: "ada@acme.example.evil", first_name: "ada@acme.example", last_name: "Lovelace" },
  { id: "usr-root", email: "root@acme.example", first_name: "Ro", last_name: "Ot", role: "Admin" },
  { id: "usr-leave", email: "leave@acme.example", first_name: "On", last_name: "Leave", is_enabled: false },
];

export interface Watched {
  readonly vendor: RunningSimulator<PeopleLensState>;
  /** Sees what is committed, and nothing else. */
  readonly file: SqliteFile.Database;
  /** What must not be, as it is seen. */
  readonly breaches: string[];
}

const kinds: { readonly [method: string]: readonly string[] } = { POST: ["create"], PATCH: ["updateProfile", "setRole", "deactivate", "reactivate"], DELETE: ["delete"] };

export function watchCalls(rig: Watched): (method: string, path: string) => void {
  const intents = rig.file.prepare<[string], { kind: string; data: string }>("select kind, data from journal where resource = ? and kind in ('intent', 'outcome') order by seq");
  const byAccount = rig.file.prepare<[string], { resource: string }>("select resource from links where account = ?");
  const byLogin = rig.file.prepare<[string], { id: string }>("select id from resources where type = 'User' and lower(label) = lower(?)");
  const anyOwner = rig.file.prepare<[], { resource: string }>("select distinct resource from due where lane is not null and lease_until is not null");

  return (method, path) => {
    if (method === "GET" || path.includes(byHand)) return;
    const account = decodeURIComponent(/^\/api\/users\/([^?/]+)/.exec(path)?.[1] ?? "");
    if (bystanders.some(({ id }) => id === account)) rig.breaches.push(`I5: ${method} to the stranger ${account}`);
    const email = rig.vendor.state().users.find(({ id }) => id === account)?.email;
    const owners = account === "" ? anyOwner.all().map(({ resource }) => resource) : [...byAccount.all(account).map(({ resource }) => resource), ...(email === undefined ? [] : byLogin.all(email).map(({ id }) => id))];
    if (account !== "" && owners.length === 0 && email !== undefined) rig.breaches.push(`I5: ${method} to ${email}, which nobody here owns`);
    if (owners.length > 0 && !owners.some((owner) => isIntended(intents.all(owner), method))) rig.breaches.push(`I11: ${method} ${path} without a committed intent`);
  };
}

/** More intents of such an operation than outcomes: one of them is what is being carried out. */
function isIntended(rows: readonly { kind: string; data: string }[], method: string): boolean {
  const wanted = kinds[method] ?? [];
  let open = 0;
  for (const { kind, data } of rows) {
    const { operations = [], operation } = JSON.parse(data) as { operations?: readonly { kind: string }[]; operation?: string };
    if (kind === "intent") open += operations.filter((one) => wanted.includes(one.kind)).length;
    else if (operation !== undefined && wanted.includes(operation)) open = Math.max(0, open - 1);
  }
  return open > 0;
}
