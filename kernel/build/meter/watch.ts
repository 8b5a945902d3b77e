/** What watches the kernel in this build: the meter of its longest path. */

export {
  beginPath as enterKernel,
  endPath as fallAsleep,
  endPath as leaveKernel,
  splitPath,
  writeLongestPath as endWatch,
} from "../../pathMeter";
export { checkState, watchTables } from "../release/watch";
