/**
 * All laws, in the order in which they are tried.
 *
 * @module
 */
import type { Law } from "../law.ts";
import { answers } from "./answers.ts";
import { changing } from "./changing.ts";
import { creating } from "./creating.ts";
import { denying } from "./denying.ts";
import { identity } from "./identity.ts";
import { reading } from "./reading.ts";
import { secrecy } from "./secrecy.ts";

export const laws: readonly Law[] = [...identity, ...reading, ...creating, ...changing, ...denying, ...answers, ...secrecy];
