/**
 * What must hold for every way to end access, tried on a stand-in, strategy by strategy.
 *
 * @module
 */
import { roleId } from "../../model/ids.ts";
import type { Done } from "../connector.ts";
import type { Manifest } from "../manifest-schema.ts";
import type { AuthoringLaw } from "./laws.ts";
import type { Rehearsal } from "./rehearsal.ts";
import { demand } from "./rehearsal.ts";

type Verb = "deactivate" | "delete";

/** Whether the access is seen to have ended. */
async function hasEnded({ connector, call, record }: Rehearsal, target: Parameters<Rehearsal["record"]>[0]): Promise<boolean> {
  if (!record(target)) return true;
  return connector.get === undefined || (await connector.get(target, call))?.active !== true;
}

function lawsOf(verb: Verb, strategy: string): readonly AuthoringLaw[] {
  const opened = ({ open }: Rehearsal) => open(verb === "deactivate" ? { onDeactivate: [strategy] } : { onDelete: [strategy] });
  const run = (rehearsal: Rehearsal, target: Parameters<Rehearsal["record"]>[0]) => opened(rehearsal)[verb]?.(target, rehearsal.call) as Promise<Done>;
  return [
    {
      name: `${verb} by "${strategy}" ends the access and says so; a second time does no harm`,
      needs: [verb],
      async holds(rehearsal) {
        const ann = rehearsal.somebody("ann");
        const done = await run(rehearsal, ann);
        demand(done.complete || (done.left ?? "") !== "", "It is partial and does not name what is left");
        demand(!done.complete || (await hasEnded(rehearsal, ann)), "It says that it is complete, and the person is still active");
        const { done: again, failure } = await rehearsal.outcome(run(rehearsal, ann));
        demand(again !== undefined || failure?.kind === "notFound", `The second time it ended as ${failure?.kind ?? "nothing"}`);
      },
    },
    {
      name: `${verb} by "${strategy}": a vendor that says yes and does nothing is found out`,
      needs: [verb],
      async holds(rehearsal) {
        const ann = rehearsal.somebody("ann");
        await rehearsal.vendor.setSwitches({ liar: "on" });
        const { done } = await rehearsal.outcome(run(rehearsal, ann));
        demand(done?.confirmed !== true, "A denial without effect is reported as confirmed");
      },
    },
    {
      name: `${verb} by "${strategy}": a lost answer is uncertain, somebody who is not there is "not found", never done`,
      needs: [verb],
      async holds(rehearsal) {
        const { vendor, somebody, failure, outcome } = rehearsal;
        const ann = somebody("ann");
        for (const method of ["POST", "PUT", "PATCH", "DELETE"]) vendor.addFault({ kind: "resetAfter", match: { method } });
        demand((await failure(run(rehearsal, ann))).kind === "uncertain", "A lost answer was not uncertain");
        await vendor.reset();
        const { done, failure: gone } = await outcome(run(rehearsal, ann));
        demand(gone?.kind === "notFound" || done?.gone === true, `For somebody who is not there it ended as ${gone?.kind ?? "done, without saying that the account is gone"}`);
      },
    },
  ];
}

const comingBack: AuthoringLaw = {
  name: "who was switched off can come back, and it is read back",
  needs: ["reactivate", "get"],
  async holds({ connector, call, somebody, roles }) {
    const ann = somebody("ann", { active: false });
    demand((await connector.get?.(ann, call))?.active !== true, 'Somebody who was switched off is shown as active: check "account.active"');
    await connector.reactivate?.(ann, roleId(roles[0]), call);
    demand((await connector.get?.(ann, call))?.active === true, "The person was reactivated and is not shown as active");
  },
};

/** Strategies that a hook carries out cannot be tried here. */
export const denialLaws = ({ denials }: Manifest): readonly AuthoringLaw[] => [
  ...(["deactivate", "delete"] as const).flatMap((verb) => denials[verb].filter((name) => denials.strategies[name]?.hook === undefined).flatMap((name) => lawsOf(verb, name))),
  comingBack,
];
