/**
 * Every suite, in the order of the report.
 *
 * @module
 */
import type { Suite } from "../suite.ts";
import { corpus } from "./corpus.ts";
import { hostile } from "./hostile.ts";
import { okta } from "./okta.ts";
import { scim2Tester, scim2TesterOld } from "./scim2-tester.ts";
import { scimSanity } from "./scim-sanity.ts";
import { scimono } from "./scimono.ts";
import { scimverify } from "./scimverify.ts";

export const suites: readonly Suite[] = [corpus, ...okta, hostile, scim2TesterOld, scim2Tester, scimSanity, scimono, scimverify];
