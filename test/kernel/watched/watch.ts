/** What watches the kernel as a program of the host: the checker of the invariants, and the judge of I13. */

export { expectTables as watchTables, reportChecks as endWatch } from "../../../kernel/invariants/invariants";
export {
  beginPath as splitPath,
  endPath as fallAsleep,
  endPath as leaveKernel,
  enter as enterKernel,
  judgeStep as checkState,
} from "../bounds.kts";
