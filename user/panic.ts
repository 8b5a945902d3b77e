import { debugDecimal, debugWrite } from "./message";

/** @extern user_illegal */
declare function illegal(): void;

/**
 * A failed check of the language in a user program: says where, and faults.
 *
 * @entry kts_panic
 * @noreturn
 */
export function onFailedCheck(kind: u32, text: Bytes, a: u64, b: u64, site: u32): never {
  debugWrite("user panic: ");
  debugWrite(text);
  debugWrite(" at ");
  debugWrite(siteFile(site));
  debugWrite(":");
  debugDecimal(u64(siteLine(site)));
  debugWrite("\n");
  for (;;) illegal();
}
