/** The program has errors, or clang rejected what was made of it: the message is what the user has to see. */
export class BuildError extends Error {}
