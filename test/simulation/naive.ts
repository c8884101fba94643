/**
 * Three small bridges as they are often built, each with a disk that survives its crashes: what the real code is compared with.
 *
 *     call then store       the vendor's answer is written down as the link
 *     look up then create   before that, the vendor is asked for the address
 *     outbox                the push is written down and acknowledged at once; its operations are carried out one after the other
 *
 * @module
 */
import type { Call, Connector } from "../../src/connectors/connector.ts";
import { failureOf } from "../../src/model/failure.ts";
import type { AccountId, CorrelationId, RoleId } from "../../src/model/ids.ts";
import { connectorOf } from "./connector.ts";
import type { Answer, Door } from "./idp.ts";
import { roleFor } from "./judge.ts";
import type { Life } from "./life.ts";
import type { SimVendor } from "./vendor.ts";
import type { Desired, Push } from "./wish.ts";

export const naiveDesigns = ["call, then store the link", "look up by e-mail, then create", "outbox that replays operations, immediate 2xx"] as const;
export type NaiveDesign = (typeof naiveDesigns)[number];

interface Known {
  readonly account: AccountId;
  readonly applied: Desired;
}

interface Step {
  readonly person: number;
  readonly kind: "create" | "profile" | "role" | "access";
  readonly to: Desired;
}

/** What is on the disk. */
export interface Disk {
  readonly links: Map<number, Known>;
  readonly wanted: Map<number, Desired>;
  readonly steps: Step[];
}

export const emptyDisk = (): Disk => ({ links: new Map(), wanted: new Map(), steps: [] });

export function openNaive(design: NaiveDesign, life: Life, vendor: SimVendor, disk: Disk): Door {
  const connector = connectorOf(vendor, life);
  /** Written in one piece, and then the process may die. */
  const write = (change: () => void): Promise<void> => life.reach("the disk", () => Promise.resolve(change()));
  const find = (userName: string) => Promise.resolve([...disk.wanted].filter(([, { email }]) => email === userName).map(([person]) => `user-${person}`));
  if (design === naiveDesigns[2]) {
    void carryOut(life, connector, disk, write);
    return { find, take: (push) => queued(push, disk, write) };
  }
  return {
    find,
    async take(push, correlation): Promise<Answer> {
      try {
        await atOnce(push, { connector, disk, write, call: callOf(correlation), looks: design === naiveDesigns[1] });
        return { status: push.method === "POST" ? 201 : 200, id: `user-${push.person}` };
      } catch (thrown) {
        return { status: failureOf(thrown).kind === "internal" ? 409 : 503, detail: String(thrown) };
      }
    },
  };
}

interface Hands {
  readonly connector: Connector;
  readonly disk: Disk;
  write(change: () => void): Promise<void>;
  readonly call: Call;
  readonly looks: boolean;
}

async function atOnce({ person, wish: { after } }: Push, { connector, disk, write, call, looks }: Hands): Promise<void> {
  let known = disk.links.get(person);
  if (!known) {
    const [found] = looks ? ((await connector.find?.(after.email, call)) ?? []) : [];
    const account = found?.id ?? (await created(connector, after, call));
    const applied: Desired = found ? { ...after, title: found.profile["title"], active: found.active !== false, roles: [`as found: ${found.role}`] } : { ...after, active: true };
    await write(() => {
      disk.links.set(person, { account, applied });
      disk.wanted.set(person, after);
    });
    known = { account, applied };
  }
  for (const step of stepsBetween(person, known.applied, after)) await done(step, known.account, connector, call);
  const { account } = known;
  await write(() => {
    disk.links.set(person, { account, applied: after });
    disk.wanted.set(person, after);
  });
}

async function created(connector: Connector, wanted: Desired, call: Call): Promise<AccountId> {
  const made = await connector.create?.({ email: wanted.email, profile: profileOf(wanted), role: roleFor(wanted.roles) as RoleId, password: undefined }, call);
  if (made?.kind !== "created") throw new Error("The address is taken.");
  return made.account.id;
}

function stepsBetween(person: number, from: Desired, to: Desired): readonly Step[] {
  return [
    ...(from.title === to.title ? [] : [{ person, kind: "profile", to } as const]),
    ...(roleFor(from.roles) === roleFor(to.roles) && !from.roles[0]?.startsWith("as found") ? [] : [{ person, kind: "role", to } as const]),
    ...(from.active === to.active ? [] : [{ person, kind: "access", to } as const]),
  ];
}

async function done({ kind, to }: Step, account: AccountId, connector: Connector, call: Call): Promise<void> {
  const target = { account, kind: "account" as const, email: to.email };
  if (kind === "profile") await connector.updateProfile?.(target, { title: to.title ?? null }, call);
  else if (kind === "role") await connector.setRole?.(target, roleFor(to.roles) as RoleId, call);
  else if (to.active) await connector.reactivate?.(target, undefined, call);
  else await connector.deactivate?.(target, call);
}

/** Wanted and steps in one transaction: nothing that was acknowledged is forgotten. */
async function queued({ person, method, wish: { after } }: Push, disk: Disk, write: Hands["write"]): Promise<Answer> {
  const before = disk.wanted.get(person);
  if (before && method === "POST") return { status: 409 };
  await write(() => {
    disk.wanted.set(person, after);
    disk.steps.push(...(before ? stepsBetween(person, before, after) : [{ person, kind: "create", to: after } as const, ...stepsBetween(person, { ...after, active: true }, after)]));
  });
  return { status: method === "POST" ? 201 : 200, id: `user-${person}` };
}

/** One step after the other, each until it succeeds. */
async function carryOut(life: Life, connector: Connector, disk: Disk, write: Hands["write"]): Promise<void> {
  for (let run = 1; ; run++) {
    const [step] = disk.steps;
    if (!step) {
      await life.clock.sleep(500);
      continue;
    }
    const call = callOf(`outbox ${run}`);
    try {
      const known = disk.links.get(step.person);
      let account = known?.account;
      if (step.kind === "create") {
        const made = await connector.create?.({ email: step.to.email, profile: profileOf(step.to), role: roleFor(step.to.roles) as RoleId, password: undefined }, call);
        account = made?.kind === "created" ? made.account.id : (await connector.find?.(step.to.email, call))?.[0]?.id;
      } else if (account !== undefined) await done(step, account, connector, call);
      const linked = account;
      await write(() => {
        if (disk.steps[0] === step) disk.steps.shift();
        if (linked !== undefined) disk.links.set(step.person, { account: linked, applied: step.to });
      });
    } catch {
      await life.clock.sleep(2_000);
    }
  }
}

const profileOf = ({ given, title }: Desired) => ({ "name.givenName": given, "name.familyName": "Test", ...(title !== undefined && { title }) });

const callOf = (correlation: string): Call => ({ signal: new AbortController().signal, correlation: correlation as CorrelationId, record() {} });
