/**
 * The connectors that are held to the contract.
 *
 * @module
 */
import type { Subject } from "../subject.ts";
import { peoplelensSubject } from "./peoplelens.ts";

export const subjects: readonly Subject[] = [peoplelensSubject];
