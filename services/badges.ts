/** Badges that are given with capabilities to services, by which these know who their senders are and what they may do. */

/** Of the console: by them the messages of the terminals' drivers are known, which alone are what somebody has typed. */
export const SERIAL_BADGE_AT_CONSOLE = 1n;
export const SCREEN_BADGE_AT_CONSOLE = 5n;

/** Of the ModuleManager (module-manager/admission.ts). */
export const CONSOLE_BADGE_AT_MANAGER = 1n;

/** Of the ServiceDirectory: a bit each, and from bit LOAD_SHIFT on the number of a module's load. */
export const MAY_LOOK_UP = 1n;
export const MAY_WATCH = 2n;
export const MAY_REGISTER = 4n;
const LOAD_SHIFT = 32n;

/** Of a module at any other service, and at the ModuleManager: behind it the number of its load, which no other one has. */
const FIRST_MODULE = 0x1_0000_0000n;
const LAST_MODULE = 0x1_ffff_ffffn;
/** Of whoever has found a service in the directory and is no module. */
const NO_MODULE_BADGE = 0x2_0000_0000n;

export function badgeOfModule(loadId: u32): u64 {
  return FIRST_MODULE + u64(loadId);
}

export function isModuleBadge(badge: u64): boolean {
  return badge >= FIRST_MODULE && badge <= LAST_MODULE;
}

/** The load of the module that a badge names; 0 when it names none. */
export function loadOfModuleBadge(badge: u64): u32 {
  return isModuleBadge(badge) ? u32(badge - FIRST_MODULE) : 0;
}

/** By which a module asks the ServiceDirectory. */
export function badgeAtDirectory(rights: u64, loadId: u32): u64 {
  return rights | (u64(loadId) << LOAD_SHIFT);
}

/** By which whoever asks the directory with `badge` will speak to the services that it finds. */
export function badgeOfFinder(badge: u64): u64 {
  const loadId = u32(badge >> LOAD_SHIFT);
  return loadId === 0 ? NO_MODULE_BADGE : badgeOfModule(loadId);
}
