export { readPort, writePort } from "@arch/ports";
