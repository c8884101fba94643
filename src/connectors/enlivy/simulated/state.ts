/**
 * The simulated Enlivy organisation: its people and companies, roles, tags, trash and trail.
 *
 * @module
 */
import type { Json, JsonObject } from "../../../model/json.ts";
import type { World } from "../../kit/simulator/definition.ts";

export interface EnlivyState {
  /** Oldest first; trashed ones stay until they are swept. */
  users: User[];
  roles: readonly UserRole[];
  tags: readonly { readonly id: string; readonly name: string }[];
  /** Languages of the organisation; a user's must be one of them. */
  locales: readonly string[];
  /** Whose token is used. Kept apart from the list, so that an empty organisation is empty. */
  owner: User;
  /** What was answered to which `Idempotency-Key`. */
  answered: Record<string, { readonly request: string; readonly status: number; readonly body: Json }>;
  /** Newest last. */
  trail: TrailEntry[];
}

/** A person or a company, in the vendor's own field names. */
export interface User {
  readonly id: string;
  readonly user_id: string | null;
  organization_user_role_id: string;
  name: string;
  first_name: string | null;
  last_name: string | null;
  email: string | null;
  phone_number: string | null;
  /** A region such as `RO`, not a dialling code. */
  phone_number_country_code: string | null;
  country_code: string;
  address_line_1: string | null;
  address_line_2: string | null;
  address_city: string | null;
  address_county: string | null;
  address_state: string | null;
  address_zip_code: string | null;
  address_iso_3166: string | null;
  locale: string;
  timezone: string | null;
  birthdate: string | null;
  organization_type: string | null;
  organization_information: string | null;
  tag_ids: readonly string[];
  readonly created_at: string;
  updated_at: string;
  deleted_at: string | null;
}

export interface UserRole {
  readonly id: string;
  readonly name: string;
  readonly can_use_backoffice: boolean;
  readonly has_full_backoffice_access: boolean;
  readonly can_be_invoiced: boolean;
  readonly can_be_invoicing: boolean;
  readonly can_be_payrolled: boolean;
  readonly is_business_entity: boolean;
}

export interface TrailEntry {
  readonly id: string;
  readonly subject_id: string;
  readonly event_type: "created" | "updated" | "deleted" | "restored";
  readonly origin: "api";
  readonly occurred_at: string;
  readonly changes: Readonly<Record<string, { readonly from: Json; readonly to: Json }>>;
}

export const organization = "org_1";

const role = (key: string, name: string, flags: Partial<UserRole> = {}): UserRole => ({
  id: `org_userrole_${key}`, name, can_use_backoffice: false, has_full_backoffice_access: false, can_be_invoiced: false, can_be_invoicing: false, can_be_payrolled: false, is_business_entity: false, ...flags,
});

export const blank: Omit<User, "id" | "organization_user_role_id" | "created_at" | "updated_at"> = {
  user_id: null, name: "", first_name: null, last_name: null, email: null, phone_number: null, phone_number_country_code: null, country_code: "RO",
  address_line_1: null, address_line_2: null, address_city: null, address_county: null, address_state: null, address_zip_code: null, address_iso_3166: null,
  locale: "en", timezone: null, birthdate: null, organization_type: null, organization_information: null, tag_ids: [], deleted_at: null,
};

export const emptyOrganization = (): EnlivyState => ({
  users: [],
  roles: [
    role("employee", "Employee", { can_use_backoffice: true, can_be_payrolled: true }),
    role("lead", "Team lead", { can_use_backoffice: true, can_be_payrolled: true }),
    role("admin", "Administrator", { can_use_backoffice: true, has_full_backoffice_access: true }),
    role("leaver", "Leaver"),
    role("customer", "Customer", { can_be_invoiced: true }),
    role("company", "Company", { can_be_invoiced: true, is_business_entity: true }),
  ],
  tags: [{ id: "org_tag_sales", name: "Sales" }, { id: "org_tag_field", name: "Field staff" }],
  locales: ["en", "ro"],
  owner: { ...blank, id: "org_user_owner", organization_user_role_id: "org_userrole_admin", name: "Olga Owner", first_name: "Olga", last_name: "Owner", email: "owner@acme.example", created_at: "2020-01-01T00:00:00.000Z", updated_at: "2020-01-01T00:00:00.000Z" },
  answered: {},
  trail: [],
});

/** The trash is emptied on a schedule that nobody documents; here after 30 days. */
export const sweptAfterMs = 30 * 86_400_000;

/** Everyone who can still be seen by somebody, trash included. */
export const kept = ({ state, now }: World<EnlivyState>): readonly User[] => state.users.filter(({ deleted_at }) => deleted_at === null || Date.parse(deleted_at) + sweptAfterMs > now);

export const nameOf = ({ first_name, last_name, name }: Pick<User, "first_name" | "last_name" | "name">): string => (first_name === null && last_name === null ? name : [first_name, last_name].filter(Boolean).join(" "));

/** An entry of the trail, with every field that differs. */
export function trace(world: World<EnlivyState>, event: TrailEntry["event_type"], before: User | undefined, after: User): void {
  const changes: Record<string, { from: Json; to: Json }> = {};
  for (const [name, to] of Object.entries(after) as [keyof User, Json][]) {
    const from = (before?.[name] ?? null) as Json;
    if (name !== "updated_at" && JSON.stringify(from) !== JSON.stringify(to ?? null)) changes[name] = { from, to: to ?? null };
  }
  const { trail } = world.state;
  trail.push({ id: `org_event_${world.random.hex(20)}`, subject_id: after.id, event_type: event, origin: "api", occurred_at: new Date(world.now).toISOString(), changes });
  if (trail.length > 1_000) trail.shift();
}

/** Plain JSON of the trail's changes. */
export const changesIn = ({ changes }: TrailEntry): JsonObject => changes as unknown as JsonObject;
