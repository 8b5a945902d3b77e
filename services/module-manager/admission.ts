import { isName, isUnder } from "../../codec/package/name";
import { CONSOLE_BADGE_AT_MANAGER } from "../badges";

/**
 * Who may ask the ModuleManager for what, by the badge of the capability that the request came by. Badges are given by
 * init (services) and by the ModuleManager (modules), and nobody else can make them.
 *
 *   1                       console: everything
 *   FIRST_MODULE + load     a module, by the number of its load: loads of names under its own name, a few at a time
 *   all others              nothing
 */

/** Of modules: behind it the number of the load, which no other module ever has. */
export const FIRST_MODULE = 0x1_0000_0000n;
const LAST_MODULE = 0x1_ffff_ffffn;

const CONSOLE_LOADS = 8;
const MODULE_LOADS = 2;

/** What can be asked for. @storage u8 */
export const enum Wish {
  Load,
  Terminate,
  List,
}

export function isModuleBadge(badge: u64): boolean {
  return badge >= FIRST_MODULE && badge <= LAST_MODULE;
}

/** The load of the module that a badge names. */
export function loadOfModuleBadge(badge: u64): u32 {
  return u32(badge - FIRST_MODULE);
}

/** Whether the sender may ask for anything of this kind. */
export function mayAsk(badge: u64, wish: Wish): boolean {
  if (badge === CONSOLE_BADGE_AT_MANAGER) return true;
  return isModuleBadge(badge) && wish === Wish.Load;
}

/**
 * Whether the sender may load `name`, having `inFlight` loads on their way. `own` is the name of the module that the badge
 * names; empty when it is none.
 */
export function mayLoad(badge: u64, own: Bytes, name: Bytes, inFlight: u32): boolean {
  if (!mayAsk(badge, Wish.Load) || !isName(name)) return false;
  if (badge === CONSOLE_BADGE_AT_MANAGER) return inFlight < CONSOLE_LOADS;
  return own.length > 0 && isUnder(name, own) && inFlight < MODULE_LOADS;
}
