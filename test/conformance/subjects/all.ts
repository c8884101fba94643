/**
 * The connectors that are held to the contract.
 *
 * @module
 */
import type { Subject } from "../subject.ts";
import { appliverySubject } from "./applivery.ts";
import { enlivySubject } from "./enlivy.ts";
import { peoplelensSubject } from "./peoplelens.ts";
import { transactionlinkSubject } from "./transactionlink.ts";

export const subjects: readonly Subject[] = [peoplelensSubject, transactionlinkSubject, appliverySubject, enlivySubject];
