/** The project's version; a test holds it against package.json. */

export const VERSION: Bytes = "0.1.0";
