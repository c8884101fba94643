/**
 * `drawbridge reset-mfa PERSON`: the second factor of one person is reset at the vendor. An operator's decision; no push leads to it.
 *
 * @module
 */
import { resetMfa, resettable } from "../bridge/operate.ts";
import { findPerson } from "../bridge/person.ts";
import { newCorrelationId } from "../runtime/new-id.ts";
import { confirmed, operatorName } from "./confirm.ts";
import { withSite } from "./with-site.ts";
import { print, type Where } from "./with-store.ts";

export async function resetSecondFactor(name: string, options: Where & { readonly config: string; readonly connection: string; readonly yes?: boolean }): Promise<void> {
  await withSite(options, async (store, site) => {
    const person = await findPerson(site.connection, name, store);
    const { account, email } = await resettable(person, store, site);
    const whose = `${email ?? person} (account ${account} in ${site.vendor.title})`;
    await confirmed(`Reset the second factor of ${whose}? They must set it up anew at their next sign-in.`, options);
    const correlation = newCorrelationId();
    await resetMfa({ person, by: operatorName(), correlation }, store, site);
    print(options, { person, account, email: email ?? null, correlation, done: true }, `The second factor of ${whose} is reset.`);
  });
}
