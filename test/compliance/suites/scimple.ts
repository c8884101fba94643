/**
 * Apache SCIMple's compliance tests (Java). Not in the Maven registry: SCIMPLE names a checkout of its sources.
 *
 * @module
 */
import { NotRun, type Suite } from "../suite.ts";

export const scimple: Suite = {
  id: "scimple",
  title: "Apache SCIMple compliance tests (the folder SCIMPLE)",
  run: () => Promise.reject(new NotRun("it is not in the Maven registry")),
};
