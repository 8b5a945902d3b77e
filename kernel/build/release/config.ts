/** What differs between builds: this is the release build. */

/** Whether users may write to the console by DebugWrite. */
export const HAS_DEBUG_CALLS = false;
/** Whether the command line may ask for a panic or a fault. */
export const HAS_SELF_TESTS = false;
export const BUILD_NAME: Bytes = "release";
