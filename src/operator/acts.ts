/**
 * Every act there is: what the command line and the operator API show and do. Whoever adds one writes it in a file of its own and adds it
 * here: route, description, role and masking follow, and test/operator asks for its command.
 *
 * @module
 */
import type { Act } from "./act.ts";
import { exportJournal, listJournal, verifyJournals } from "./audit.ts";
import { checkConnection, listConnections, showConnection } from "./connections.ts";
import { listDrift, listOrphans, repairDrift, showDrift } from "./drift.ts";
import { approveHold, listHolds, rejectHold, showHold } from "./holds.ts";
import { freeze, observeStatus, promote, startObserving, unfreeze } from "./modes.ts";
import { listOperations, retryAll, retryOperation, showOperation } from "./operations.ts";
import { createOperator, listOperators, revokeOperator } from "./operators.ts";
import { resetSecondFactor, searchPeople } from "./people.ts";
import { listReconciliations, showReconciliation, startReconciliation } from "./reconciliations.ts";
import { showStatus } from "./status.ts";
import { closeTask, listTasks, showTask } from "./tasks.ts";
import { showTimeline } from "./timeline.ts";
import { createToken, listTokens, revokeToken } from "./tokens.ts";
import { planUndoing, writeUndoing } from "./undo.ts";
import { whoAmI } from "./whoami.ts";

export const acts: readonly Act[] = [
  whoAmI, showStatus,
  listConnections, showConnection, checkConnection,
  searchPeople, showTimeline, resetSecondFactor,
  listOperations, showOperation, retryOperation, retryAll,
  listHolds, showHold, approveHold, rejectHold,
  listTasks, showTask, closeTask,
  freeze, unfreeze, startObserving, observeStatus, promote,
  planUndoing, writeUndoing,
  startReconciliation, listReconciliations, showReconciliation, listDrift, listOrphans, showDrift, repairDrift,
  verifyJournals, exportJournal, listJournal,
  listTokens, createToken, revokeToken,
  listOperators, createOperator, revokeOperator,
];
