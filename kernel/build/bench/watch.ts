export { checkState, endWatch, enterKernel, fallAsleep, leaveKernel, splitPath } from "../release/watch";
