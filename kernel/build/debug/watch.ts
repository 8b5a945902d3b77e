/** What watches the kernel in this build: the checker of the invariants. */

export { checkInvariants as checkState } from "../../invariants/invariants";
export { endWatch, enterKernel, fallAsleep, leaveKernel, splitPath } from "../release/watch";
