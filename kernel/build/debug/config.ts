/** What differs between builds: this is the debug build. */

export const IS_DEBUG = true;
export const BUILD_NAME: Bytes = "debug";
