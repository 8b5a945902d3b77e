/** What differs between builds: this is the release build. */

export const IS_DEBUG = false;
export const BUILD_NAME: Bytes = "release";
