/**
 * What changes the simulated Applivery's people: OEM users made, collaborators changed and removed.
 *
 * @module
 */
import type { Json, JsonObject } from "../../../model/json.ts";
import type { Answer, Route, VendorRequest } from "../../kit/simulator/definition.ts";
import type { Answering, Workspace } from "./answers.ts";
import { allowed, carriedOut, fieldsOf, invalidInput, inWorkspace, notFound, ok, refusal, shown, written } from "./answers.ts";
import type { AppliveryState, Collaborator, PlatformAccount } from "./state.ts";
import { collaboratorRoles, machineAccounts } from "./state.ts";

/** The vendor's own pattern, as its pages print it. */
const address = /^(?!\.)(?!.*\.\.)([A-Za-z0-9_'+\-.]*)[A-Za-z0-9_+-]@([A-Za-z0-9][A-Za-z0-9-]*\.)+[A-Za-z]{2,}$/;
const elsewhere = "The operation can not be completed at this time. If you already registered an account with this email address, try to log-in";

const isText = (value: Json | undefined, most: number): boolean => value === undefined || (typeof value === "string" && value.length <= most);
const isTags = (value: Json | undefined): boolean => value === undefined || (Array.isArray(value) && value.every((tag: Json) => typeof tag === "string" && tag.length <= 128));

function create(request: VendorRequest, world: Workspace): Answer {
  const { state, random } = world;
  const { email, firstName = "", lastName = "", tags = [] } = fieldsOf(request);
  if (!state.oem) return refusal(400, 5187, "Feature block by platform configuration", world);
  if (typeof email !== "string" || email.length > 256 || !address.test(email) || !isText(firstName, 128) || !isText(lastName, 128) || !isTags(tags)) return invalidInput(world);
  const known = state.accounts.find((account) => account.email.toLowerCase() === email.toLowerCase());
  if (known && !(known.left && world.position("createAfterRemove") === "200")) return refusal(403, 4009, elsewhere, world);
  if (state.collaborators.length - Object.keys(machineAccounts).length >= state.seats) return refusal(400, 5017, "Limit exceeded", world);

  const account: PlatformAccount = known ?? { id: random.hex(24), email: email.toLowerCase(), firstName: String(firstName), lastName: String(lastName), role: "user", ssoUser: false, left: false, oemSecret: random.hex(32) };
  const at = new Date(world.now).toISOString();
  const collaborator: Collaborator = { id: random.hex(24), account: account.id, role: world.position("newRole"), tags: [...(tags as readonly string[])], createdBy: machineAccounts[request.credential ?? ""]?.id ?? "", createdAt: at, updatedAt: at };
  const secret = world.position("oemSecret") === "answered" && account.oemSecret !== null ? { oemSecret: account.oemSecret } : {};
  const record = shown(collaborator, { ...state, accounts: [account] });
  return carriedOut(ok({ collaborator: record, ...secret }), world, () => {
    account.left = false;
    if (!known) state.accounts.push(account);
    state.collaborators.push(collaborator);
  });
}

const collaboratorOf = ({ parameters }: VendorRequest, { state }: Workspace): Collaborator | undefined => state.collaborators.find(({ id }) => id === parameters["id"]);

/** Where the call does not exist, its 404 looks like that for somebody who is not there. */
const ifThere = (name: "putCollaborator" | "deleteCollaborator", answer: (collaborator: Collaborator, request: VendorRequest, world: Workspace) => Answer): Answering => (request, world) => {
  const collaborator = collaboratorOf(request, world);
  if (!collaborator || world.position(name) === "404") return notFound(world);
  if (collaborator.role === "owner") return refusal(Number(world.position("ownerChange")), undefined, "The owner can not be changed", world);
  return answer(collaborator, request, world);
};

/** `{ tags, role? }` is all that was ever seen to be sent; what a field left out means is not known. */
const change = ifThere("putCollaborator", (collaborator, request, world) => {
  const { role, tags } = fieldsOf(request);
  if (!isTags(tags) || (role !== undefined && (typeof role !== "string" || !collaboratorRoles.includes(role) || role === "owner"))) return invalidInput(world);
  const omitted = world.position("putOmitted") === "kept" ? collaborator : { role: "unassigned", tags: [] };
  const next = { role: String(role ?? omitted.role), tags: [...((tags ?? omitted.tags) as readonly string[])], updatedAt: new Date(world.now).toISOString() };
  return carriedOut(written({ collaborator: shown({ ...collaborator, ...next }, world.state) }, world), world, () => void Object.assign(collaborator, next));
});

/** The workspace loses a collaborator; the account on the platform stays. */
const remove = ifThere("deleteCollaborator", (collaborator, _, world) =>
  carriedOut(written({}, world), world, () => {
    const { state } = world;
    state.collaborators = state.collaborators.filter((other) => other !== collaborator);
    for (const account of state.accounts) if (account.id === collaborator.account) account.left = true;
  }));

/** App-store users, a different population. The shape of the answer is not in our sources. */
function employ(request: VendorRequest, world: Workspace): Answer {
  const { email } = fieldsOf(request) as { readonly email?: Json };
  if (typeof email !== "string" || !address.test(email)) return invalidInput(world);
  return carriedOut(ok({} satisfies JsonObject), world, () => void world.state.employees.push(email.toLowerCase()));
}

const writers = ["admin"];

export const writeRoutes: readonly Route<AppliveryState>[] = [
  { method: "POST", path: "/v1/organizations/{organizationId}/oem/users", answer: inWorkspace(allowed(writers, create)) },
  { method: "PUT", path: "/v1/organizations/{organizationId}/collaborators/{id}", answer: inWorkspace(allowed(writers, change)) },
  { method: "DELETE", path: "/v1/organizations/{organizationId}/collaborators/{id}", answer: inWorkspace(allowed(writers, remove)) },
  { method: "POST", path: "/v1/organizations/{organizationId}/employees/", answer: inWorkspace(allowed(writers, employ)) },
];
