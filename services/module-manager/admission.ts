import { isName, isUnder } from "../../codec/package/name";
import { CONSOLE_BADGE_AT_MANAGER, isModuleBadge } from "../badges";

/**
 * Who may ask the ModuleManager for what, by the badge of the capability that the request came by. Badges are given by
 * init (services) and by the ModuleManager (modules), and nobody else can make them.
 *
 *   1            console: everything
 *   a module's   loads of names under its own name, a few at a time; its badge has the number of its load
 *   all others   nothing
 */

const CONSOLE_LOADS = 8;
const MODULE_LOADS = 2;

/** What can be asked for. @storage u8 */
export const enum Wish {
  Load,
  Terminate,
  List,
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
