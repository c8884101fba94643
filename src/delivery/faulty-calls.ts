/**
 * The fault points around vendor calls, in one place instead of nine: a connector that passes them on its way.
 *
 * @module
 */
import type { Call, Connector } from "../connectors/connector.ts";
import type { FaultAt, FaultPoint } from "../runtime/fault.ts";

const methods = ["find", "create", "get", "updateProfile", "setRole", "setTags", "deactivate", "reactivate", "delete"] as const;
type Method = (...given: unknown[]) => Promise<unknown>;

/** The same connector with the same capabilities; each of its calls reaches `before`, `sent` (once for every exchange) and `answered`. */
export function withFaults(connector: Connector, fault: FaultAt): Connector {
  const passing = methods.flatMap((name) => {
    const method = connector[name] as Method | undefined;
    return method === undefined ? [] : [[name, through(name, method, fault)]];
  });
  return { ...connector, ...(Object.fromEntries(passing) as Partial<Connector>) };
}

const through = (name: (typeof methods)[number], method: Method, fault: FaultAt): Method => async (...given) => {
  const call = given.at(-1) as Call;
  const at = (moment: "before" | "sent" | "answered") => fault(`call.${name}.${moment}` satisfies FaultPoint);
  const onTheWire: Promise<void>[] = [];
  await at("before");
  const answer = await method(...given.slice(0, -1), {
    ...call,
    async admit(...asked) {
      await call.admit?.(...asked);
      const sent = afterSending().then(() => at("sent"));
      sent.catch(() => {}); // told below; until then nobody listens
      onTheWire.push(sent);
    },
  } satisfies Call);
  await Promise.all(onTheWire); // the answer came, and whoever was to take it did not
  await at("answered");
  return answer;
};

/** undici writes within a turn or two of the event loop once it has a socket. */
async function afterSending(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}
