/** Badges that init gives with capabilities to services, by which these know what their senders may do. */

/** Of the ModuleManager (module-manager/admission.ts). */
export const CONSOLE_BADGE_AT_MANAGER = 1n;
/** Of the ServiceDirectory: a bit each. */
export const MAY_LOOK_UP = 1n;
export const MAY_WATCH = 2n;
export const MAY_REGISTER = 4n;
