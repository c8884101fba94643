/**
 * What is fuzzed: every function that a stranger's text reaches before anything is stored.
 *
 * The targets are given it as an argument, so that a test can put a fault in its place and see the fuzz find it.
 *
 * @module
 */
import { normalise } from "../../src/dialects/dialect.ts";
import { targetOf } from "../../src/http/paths.ts";
import { queryOf } from "../../src/http/query.ts";
import { routeOf } from "../../src/http/routes.ts";
import { readJson } from "../../src/http/strict-json.ts";
import { fold } from "../../src/model/fold.ts";
import { readCreate, readReplace } from "../../src/scim/body.ts";
import { readBulk, resolved, withoutMembers } from "../../src/scim/bulk-request.ts";
import { openCursors } from "../../src/scim/cursor.ts";
import { matches, matchesElement } from "../../src/scim/filter-match.ts";
import { parseFilter } from "../../src/scim/filter-parse.ts";
import { patchGroup } from "../../src/scim/patch-group.ts";
import { parsePath } from "../../src/scim/patch-path.ts";
import { patchUser } from "../../src/scim/patch.ts";
import { readProjection, show } from "../../src/scim/project.ts";
import { keysOf, wholeSearch } from "../../src/scim/search-form.ts";
import { filterCondition } from "../../src/store/filter-query.ts";
import { checkedJson } from "../../src/store/storable.ts";

export const realCode = {
  normalise, targetOf, queryOf, routeOf, readJson, fold, readCreate, readReplace, readBulk, resolved, withoutMembers, openCursors, matches, matchesElement, parseFilter, patchGroup, parsePath, patchUser,
  readProjection, show, keysOf, wholeSearch, filterCondition, checkedJson,
};

export type Code = typeof realCode;
