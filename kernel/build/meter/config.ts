/** What differs between builds: this is the release build with a way to print, which measures its own paths. */

/** Whether users may write to the console by DebugWrite. */
export const HAS_DEBUG_CALLS = true;
/** Whether the command line may ask for a panic or a fault. */
export const HAS_SELF_TESTS = false;
export const BUILD_NAME: Bytes = "release";
