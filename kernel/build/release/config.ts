/** What differs between builds: this is the release build. */

/** Whether users may write to the console by DebugWrite. */
export const HAS_DEBUG_CALLS = false;
export const BUILD_NAME: Bytes = "release";
