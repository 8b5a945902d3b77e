/** What watches the kernel in this build: the checker of the invariants. */

export {
  checkInvariants as checkState,
  expectTables as watchTables,
  reportChecks as endWatch,
} from "../../invariants/invariants";
export { enterKernel, fallAsleep, leaveKernel, splitPath } from "../release/watch";
