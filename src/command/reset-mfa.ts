/**
 * `drawbridge reset-mfa PERSON`: the second factor of one person is reset at the vendor. An operator's decision; no push leads to it.
 *
 * @module
 */
import { resettable } from "../bridge/operate.ts";
import { connectionIn } from "../operator/act.ts";
import { personIn, resetSecondFactor as reset } from "../operator/people.ts";
import { confirmed } from "./confirm.ts";
import { withActs } from "./with-acts.ts";
import { print, type Where } from "./with-store.ts";

export async function resetSecondFactor(name: string, options: Where & { readonly config: string; readonly connection: string; readonly yes?: boolean; readonly by?: string }): Promise<void> {
  await withActs(options, async ({ ask, world }) => {
    const connection = connectionIn(world, options.connection);
    const site = await world.site(connection);
    const person = await personIn(connection, name, world.store);
    const { account, email } = await resettable(person, world.store, site);
    const whose = `${email ?? person} (account ${account} in ${site.vendor.title})`;
    await confirmed(`Reset the second factor of ${whose}? They must set it up anew at their next sign-in.`, options);
    print(options, await ask(reset, { connection, person }), `The second factor of ${whose} is reset.`);
  });
}
