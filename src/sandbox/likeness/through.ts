/**
 * A connector that works on a likeness and meets the real vendor's people as it comes across them: the real vendor is only read, and only
 * about those who are asked for.
 *
 * @module
 */
import type { Call, Connector, Done, Exchanged, Target } from "../../connectors/connector.ts";
import type { Account } from "../../model/person.ts";
import type { Likeness } from "./likeness.ts";

export interface RealVendor {
  readonly connector: Connector;
  /** A call within the connection's budget. */
  call(): Call;
}

/** One exchange that the vendor would see. */
export interface Planned {
  /** The connector's method: `find`, `create`, `setRole`, … */
  readonly method: string;
  /** Whom it is about, as far as the address is known. */
  readonly email: string | undefined;
  readonly exchange: Exchanged;
}

export interface Through {
  readonly connector: Connector;
  /** Accounts and invitations that are in the likeness alone: id → address. */
  readonly made: ReadonlyMap<string, string>;
  /** What the first look at the real vendor that failed was thrown; from then on nothing can be said. */
  trouble(): unknown;
}

/** @param scans whether looking somebody up reads the vendor's whole list, so that everybody has to be met at once */
export function through(real: RealVendor, likeness: Likeness, onLikeness: Connector, scans: boolean, told: (planned: Planned) => void): Through {
  const asked = new Set<string>();
  const made = new Map<string, string>();
  let everybody: Promise<void> | undefined;
  let trouble: unknown;
  const looking = async <T>(look: () => Promise<T>): Promise<T> => {
    try {
      return await look();
    } catch (thrown) {
      trouble ??= thrown;
      throw thrown;
    }
  };

  const meetEverybody = (): Promise<void> =>
    (everybody ??= looking(async () => {
      const all: Account[] = [];
      if (real.connector.list) for await (const account of real.connector.list(real.call())) all.push(account);
      likeness.meet(all);
    }));
  /** Asked once: what is done to them from then on is done to the likeness. */
  const once = async (key: string, look: () => Promise<readonly Account[]>): Promise<void> => {
    if (asked.has(key)) return;
    asked.add(key);
    likeness.meet(await looking(look));
  };
  const meetAddress = async (email: string): Promise<void> => {
    if (scans) await meetEverybody();
    await once(email.trim().toLowerCase(), async () => (await real.connector.find?.(email, real.call())) ?? []);
  };
  const meetTarget = async (target: Target): Promise<void> => {
    if (made.has(target.account)) return;
    if (scans) await meetEverybody();
    await once(target.account, async () => {
      const account = await real.connector.get?.(target, real.call());
      return account ? [account] : [];
    });
  };
  const heard = (method: string, email: string | undefined, call: Call): Call => ({
    ...call,
    record(exchange) {
      told({ method, email, exchange });
      call.record(exchange);
    },
  });
  const onTarget =
    <Rest extends readonly unknown[], Answer>(method: string, act: ((target: Target, ...rest: [...Rest, Call]) => Promise<Answer>) | undefined) =>
    async (target: Target, ...rest: [...Rest, Call]): Promise<Answer> => {
      await meetTarget(target);
      const call = rest.at(-1) as Call;
      const answer = await (act as NonNullable<typeof act>)(target, ...([...rest.slice(0, -1), heard(method, target.email, call)] as [...Rest, Call]));
      // Somebody may become another account on the way: a new invitation, for example.
      const became = (answer as Partial<Done> | undefined)?.account;
      if (became && became.id !== target.account && !asked.has(became.id)) made.set(became.id, became.email ?? target.email ?? "");
      return answer;
    };

  const { find, get, list, create, updateProfile, setRole, setTags, deactivate, reactivate, delete: remove } = onLikeness;
  const connector: Connector = {
    ...onLikeness,
    ...(find && {
      async find(email, call) {
        await meetAddress(email);
        return find(email, heard("find", email, call));
      },
    }),
    ...(get && { get: onTarget("get", get) }),
    ...(list && {
      async *list(call) {
        await meetEverybody();
        yield* list(heard("list", undefined, call));
      },
    }),
    ...(create && {
      async create(wanted, call) {
        await meetAddress(wanted.email);
        const created = await create(wanted, heard("create", wanted.email, call));
        if (created.kind === "created" || created.kind === "invited") made.set(created.account.id, wanted.email);
        return created;
      },
    }),
    ...(updateProfile && { updateProfile: onTarget("updateProfile", updateProfile) }),
    ...(setRole && { setRole: onTarget("setRole", setRole) }),
    ...(setTags && { setTags: onTarget("setTags", setTags) }),
    ...(deactivate && { deactivate: onTarget("deactivate", deactivate) }),
    ...(reactivate && { reactivate: onTarget("reactivate", reactivate) }),
    ...(remove && { delete: onTarget("delete", remove) }),
  };
  return { connector, made, trouble: () => trouble };
}
