/**
 * `drawbridge connector new NAME`: a manifest to begin with. It validates and passes its tests as it stands, for a vendor that
 * is exactly like it; what the real one does otherwise is then changed line by line (docs/connectors-authoring.md).
 *
 * @module
 */
import { Fault } from "../../model/failure.ts";

/** @param name lower-case letters, digits and hyphens. @throws Fault `invalid` */
export function newManifest(name: string): string {
  if (!/^[a-z][a-z0-9-]*$/.test(name)) throw new Fault({ kind: "invalid", field: "name", detail: "A connector's name is made of lower-case letters, digits and hyphens, and begins with a letter" });
  const title = name.split("-").filter((word) => word !== "").map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join(" ");
  return skeleton.replaceAll("NAME", name).replaceAll("TITLE", title);
}

const skeleton = `# TITLE: what it is. Delete what does not apply, and test after every change: drawbridge connector test PATH
# docs/connectors-authoring.md explains every part; docs/manifest.schema.json lets an editor complete it.
connector: NAME
title: TITLE
docs: [https://developer.example.com] # where the facts below come from

settings: # what an operator must give; shown when a value is wrong, the value never is
  baseUrl: { label: address of the API, required: true, pattern: '^https?://[A-Za-z0-9.-]+(:[0-9]+)?$', example: https://api.example.com }
  apiKey: { label: API key, required: true, secret: true, refuse: { pattern: '^[Bb]earer\\s', because: 'must be the bare key, without "Bearer"' } }
  defaultRole: { label: role of people for whom no mapping says otherwise, default: member }

http:
  base: '{baseUrl}' # an origin: no path
  auth: { header: Authorization, value: 'Bearer {apiKey}' } # any header, any form; secrets may stand here only
  headers: { Accept: application/json, Content-Type: application/json }
  budget: { requestsPerSecond: 3, burst: 6 } # below the documented limit
  neverLog: [] # body fields that must not be written down: passwords
  neverKeep: [] # fields of answers that must not even be read: secrets

errors: # where the vendor says what was wrong, and what it means; the first rule that fits wins
  message: [error.message, message]
  code: [error.code]
  rules:
    - { status: [401, 403], failure: credentials } # our key's fault
    - { status: [404], failure: notFound }
    - { status: [409], failure: conflict } # somebody has it already
    - { status: [400, 422], failure: invalid } # a value is wrong
    - { status: [402], failure: refused, say: the plan's limit is reached } # a business rule
    - { status: [429], failure: throttled }

# evidence: seed or public (the vendor documents it), observed (others use it), inferred (it should be there).
# repeat: read (harmless), same (twice is once), once (must be looked for before it is repeated: every create).
calls:
  list: { method: GET, path: /users, evidence: public, repeat: read, items: data }
  search: { method: GET, path: /users, query: { email: '{email}' }, evidence: public, repeat: read, items: data }
  get: { method: GET, path: '/users/{id}', evidence: public, repeat: read, item: data }
  create: { method: POST, path: /users, evidence: public, repeat: once, item: data, accept: [{ at: data.id, exists: true, otherwise: protocol }] }
  update: { method: PATCH, path: '/users/{id}', evidence: public, repeat: same }
  delete: { method: DELETE, path: '/users/{id}', evidence: public, repeat: same }

# style none, or page: from 0 or 1; the end by totalPages, hasNext, total (with their place) or emptyPage.
paging: { style: page, from: 1, page: page, size: { names: [per_page], value: 100 }, end: { by: totalPages, at: meta.pages } }
control: list # proves that the tenant is there, before "no such user" is believed

account: # how a record becomes a person
  id: id
  email: email
  role: role
  active: [{ at: status, equals: active, absent: unknown }] # all rules must hold
  exclude: [] # records that are nobody: { at: type, in: [bot], because: bots are nobody }
  protect: [] # whom no push may touch: { at: role, in: [owner], because: the owner is never changed }
  emailIsKey: true # an address belongs to one account only

fields: # our value (scim) and its place at the vendor (to); from: where it is read, if elsewhere
  - { scim: email, to: email, sentOn: [create], required: true, transform: email, evidence: public }
  - { scim: name.givenName, to: first_name, sentOn: [create, update], required: true, evidence: public }
  - { scim: name.familyName, to: last_name, sentOn: [create, update], required: true, evidence: public }
  - { scim: title, to: job_title, sentOn: [create, update], clear: 'null', evidence: public } # clear: null, empty, never
  - { scim: role, to: role, sentOn: [create], evidence: public }

# from configured, fixed (of: [{ id, name }]) or call (call, id, name).
roles: { from: configured, default: '{defaultRole}' }

operations: # what each method calls; leave out what the vendor cannot do
  check: [{ call: list, everyItemHas: [id, email, status], otherwise: the key is too weak to see who is active }]
  find: { call: search } # without a search: { scan: list }
  get: { call: get } # without one: { fromList: list }
  list: { call: list }
  create: { call: create } # readBack: get, if the answer is not the whole record
  updateProfile: { call: update, body: changedFields, confirm: none } # allFields and readFirst: get, where fields travel together
  setRole: { call: update, body: { role: '{role}' }, confirm: { call: get, at: role, equals: '{role}' } }
  reactivate: { call: update, body: { status: active }, confirm: { call: get, at: active, equals: true } }

denials: # ways to end access; the lists are the defaults of onDeactivate and onDelete, tried in order
  deactivate: [disable]
  delete: [delete]
  strategies:
    disable:
      call: update
      body: { status: disabled }
      confirm: { call: get, at: active, equals: false } # never believe a yes that a read can check
      effect: signing in is switched off, the record stays
      reversible: true
      complete: true # false: access remains, and left says which
    delete:
      call: delete
      confirm: { call: get, gone: true }
      effect: the record is removed
      reversible: false
      complete: true

immutable: { email: TITLE has no way to change a user's e-mail } # said when a push tries
manual: # steps for a person, where no call exists
  deactivate: In TITLE, switch off {name} <{email}>.
`;
