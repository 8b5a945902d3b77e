export { checkState, endWatch, enterKernel, fallAsleep, leaveKernel, splitPath, watchTables } from "../release/watch";
