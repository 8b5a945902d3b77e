/** What differs between builds: this is the release build with a way to print, which measures its own paths. */

/** Whether users may write to the console by DebugWrite. */
export const HAS_DEBUG_CALLS = true;
export const BUILD_NAME: Bytes = "release";
