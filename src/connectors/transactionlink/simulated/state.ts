/**
 * The simulated TransactionLink organisation: members, invitations, roles, workspaces.
 *
 * @module
 */
import type { World } from "../../kit/simulator/definition.ts";

export interface TransactionLinkState {
  users: Member[];
  enrollments: Enrollment[];
  roles: Role[];
  workspaces: { readonly id: string; readonly name: string }[];
  memberships: { readonly workspaceId: string; readonly userId: string }[];
  /** How many rows were written again so far. */
  writes: number;
}

/** Which write touched a row last; 0 = none since it was made. */
interface Touched {
  touched: number;
}

export interface Member extends Touched {
  readonly id: string;
  readonly email: string;
  readonly idpId: string | null;
  roleId: string;
  profile: Profile;
  status: "ACTIVE" | "TERMINATED";
  readonly createdDateTime: string;
  /** How often the second factor was reset: a sign-in with the old one is no longer possible. */
  mfaResets: number;
}

export interface Profile {
  firstName: string | null;
  lastName: string | null;
  title: string | null;
}

export interface Enrollment extends Touched {
  readonly enrollmentId: string;
  readonly email: string;
  readonly roleId: string;
  readonly profile: Profile;
  /** As stored: a PENDING one whose time is over is shown as EXPIRED. */
  status: "PENDING" | "ACCEPTED" | "CANCELLED";
  lastInvitationSentAt: string;
}

export interface Role {
  readonly id: string;
  readonly name: string;
  readonly organizationId: string;
}

export type Organisation = World<TransactionLinkState>;

const organizationId = "0c5d7a10-6f0e-4b57-9d3c-2f41a8e5b900";

/** The ids of the three documented roles. */
export const roleIds = {
  owner: "0f0e7c52-1c3b-4c0a-9a77-000000000001",
  admin: "0f0e7c52-1c3b-4c0a-9a77-000000000002",
  member: "0f0e7c52-1c3b-4c0a-9a77-000000000003",
} as const;

export const emptyOrganisation = (): TransactionLinkState => ({
  users: [],
  enrollments: [],
  roles: Object.entries(roleIds).map(([name, id]) => ({ id, name, organizationId })),
  workspaces: [{ id: "5d2f7a3e-40c1-4f0b-8a52-000000000001", name: "KYC" }],
  memberships: [],
  writes: 0,
});

/** How long an invitation may be accepted. Nobody documents it. */
export const invitationLifeMs = 7 * 24 * 60 * 60 * 1000;

export const statusOf = ({ status, lastInvitationSentAt }: Enrollment, nowMs: number): Enrollment["status"] | "EXPIRED" =>
  status === "PENDING" && nowMs >= Date.parse(lastInvitationSentAt) + invitationLifeMs ? "EXPIRED" : status;

export const sameAddress = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** A database without an order of its own shows a row that was written again last. */
export const inOrder = <Row extends Touched>(rows: readonly Row[], world: Organisation): readonly Row[] =>
  world.position("order") === "stable" ? rows : rows.toSorted((a, b) => a.touched - b.touched);

export const touch = (row: Touched, { state }: Organisation): void => void (row.touched = ++state.writes);

/** What happens when an invited person follows the link: an account of its own, with nothing that points back to the invitation. */
export function accept(enrollment: Enrollment, world: Organisation): void {
  const { state, random } = world;
  const former = state.users.find(({ email }) => sameAddress(email, enrollment.email));
  enrollment.status = "ACCEPTED";
  if (former) return void Object.assign(former, { status: "ACTIVE", roleId: enrollment.roleId });
  state.users.push({
    id: random.uuid(),
    email: world.position("acceptCase") === "as invited" ? enrollment.email : otherCase(enrollment.email),
    idpId: random.uuid(),
    roleId: enrollment.roleId,
    profile: { ...enrollment.profile },
    status: "ACTIVE",
    createdDateTime: new Date(world.now).toISOString(),
    mfaResets: 0,
    touched: 0,
  });
}

const otherCase = (email: string): string => (email === email.toLowerCase() ? email.toUpperCase() : email.toLowerCase());
