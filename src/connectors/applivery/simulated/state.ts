/**
 * The simulated Applivery workspace: its records, and who has access by which segment permission.
 *
 * A person has an account on the platform; being a collaborator of the workspace is a second record that points at it. So a
 * removed collaborator, and somebody who only works in another workspace, still has an account.
 *
 * @module
 */
export interface AppliveryState {
  readonly organization: { readonly id: string; readonly slug: string };
  /** Of the whole platform, in this workspace or not. */
  accounts: PlatformAccount[];
  /** Oldest first; lists show the newest first. */
  collaborators: Collaborator[];
  permissions: SegmentPermission[];
  /** Users of the app store, a different population: addresses. */
  employees: string[];
  /** Whether the platform's configuration lets this workspace create OEM users. */
  oem: boolean;
  /** How many collaborators the plan allows; service accounts do not count. */
  seats: number;
  /** Kept true after every change: who gets in by a segment permission, whatever the role is. */
  access: SegmentAccess[];
}

export interface PlatformAccount {
  readonly id: string;
  /** Lower-case, unless it was seeded otherwise. */
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  /** `admin adminViewer user serviceAccount platformUser platformServiceAccount` */
  readonly role: string;
  readonly ssoUser: boolean;
  /** Was a collaborator here and was removed. */
  left: boolean;
  /** `null` for everybody who was not made by `POST …/oem/users`. */
  readonly oemSecret: string | null;
}

export interface Collaborator {
  readonly id: string;
  /** The account's id. */
  readonly account: string;
  role: string;
  tags: string[];
  readonly createdBy: string;
  readonly createdAt: string;
  updatedAt: string;
}

export interface SegmentPermission {
  readonly id: string;
  name: string;
  segmentId: string;
  /** `groups`: each inner list is a set of tags that a collaborator must have all of. */
  users: { emails: string[]; groups: string[][] };
  roles: string[];
  actions: string[];
}

export interface SegmentAccess {
  readonly email: string;
  readonly role: string;
  /** Ids of the segment permissions that let this collaborator in. */
  readonly permissions: readonly string[];
}

export const collaboratorRoles: readonly string[] = ["owner", "admin", "editor", "viewer", "unassigned"];

/** Credential → the service account behind it; each is a collaborator of the workspace. */
export const machineAccounts: Readonly<Record<string, { readonly id: string; readonly role: string }>> = {
  admin: { id: "65a000000000000000000001", role: "admin" },
  developer: { id: "65a000000000000000000002", role: "editor" },
  viewer: { id: "65a000000000000000000003", role: "viewer" },
};

const epoch = "2024-01-15T08:00:00.000Z";
const builder = "65a0000000000000000000ff";

/** Nobody in it but the service accounts behind the keys. */
export const emptyWorkspace = (): AppliveryState => ({
  organization: { id: "65a0000000000000000000aa", slug: "acme" },
  accounts: Object.entries(machineAccounts).map(([name, { id }]) => ({ id, email: `${name}@service.applivery.example`, firstName: "Service", lastName: name, role: "serviceAccount", ssoUser: false, left: false, oemSecret: null })),
  collaborators: Object.values(machineAccounts).map(({ id, role }) => ({ id: id.replace(/^65a/, "65b"), account: id, role, tags: [], createdBy: builder, createdAt: epoch, updatedAt: epoch })),
  permissions: [],
  employees: [],
  oem: true,
  seats: 1_000,
  access: [],
});

export const accountOf = ({ account }: Pick<Collaborator, "account">, { accounts }: AppliveryState): PlatformAccount | undefined => accounts.find(({ id }) => id === account);

/** Keeps `access` true. */
export function settleAccess(state: AppliveryState): void {
  state.access = state.collaborators.flatMap((collaborator): readonly SegmentAccess[] => {
    const email = accountOf(collaborator, state)?.email ?? "";
    const permissions = state.permissions.filter(({ users }) => lets(users, email, collaborator.tags)).map(({ id }) => id);
    return permissions.length === 0 ? [] : [{ email, role: collaborator.role, permissions }];
  });
}

const lets = ({ emails, groups }: SegmentPermission["users"], email: string, tags: readonly string[]): boolean =>
  emails.some((one) => one.toLowerCase() === email.toLowerCase()) || groups.some((group) => group.length > 0 && group.every((tag) => tags.includes(tag)));
