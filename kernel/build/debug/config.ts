/** What differs between builds: this is the debug build. */

/** Whether users may write to the console by DebugWrite. */
export const HAS_DEBUG_CALLS = true;
export const BUILD_NAME: Bytes = "debug";
