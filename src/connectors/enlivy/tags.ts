/**
 * Tags at Enlivy: one call for each that comes or goes, then the proof.
 *
 * @module
 */
import { Fault } from "../../model/failure.ts";
import type { Call, Done, Target } from "../connector.ts";
import type { HookKit } from "../hooks.ts";
import { isNotFound, proven, unknown } from "./trash.ts";

export async function setTags(kit: HookKit, target: Target, tags: readonly string[], call: Call): Promise<Done> {
  const shown = await kit.lookUp("get", target.account, call);
  if (!shown) throw unknown(kit);
  const [held, wanted] = [new Set(shown.account.tags), new Set(tags)];
  for (const tag of wanted) if (!held.has(tag)) await change("addTag", tag);
  for (const tag of held) if (!wanted.has(tag)) await change("removeTag", tag);
  return proven(kit, target, ({ tags: after = [] }) => after.length === wanted.size && after.every((tag) => wanted.has(tag)), call);

  async function change(name: "addTag" | "removeTag", tag: string): Promise<void> {
    await kit.run(name, { values: { id: target.account, tag } }, call).catch((thrown: unknown) => {
      // The account has just been seen, so it is the tag that is not there.
      throw isNotFound(thrown) ? new Fault({ kind: "invalid", scimType: "invalidValue", detail: `${kit.title} does not know the tag "${tag}"` }, { cause: thrown }) : thrown;
    });
  }
}
