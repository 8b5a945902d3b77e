import { LOG_LINE } from "../user/log";

/** What the first services say to each other. Text is laid out as user/text.ts says. */

/** To a terminal's driver, by Call: text to send or to show. */
export const TERMINAL_WRITE = 1;
/** To the console, from a terminal's driver: bytes that were typed. */
export const CONSOLE_INPUT = 1;
/** To the console, from anybody: a line for people to read. */
export const CONSOLE_LOG = LOG_LINE;

/**
 * The console's endpoint keeps 64 messages, 48 of them with one badge: whoever floods it with lines leaves room for what is
 * typed.
 */
export const CONSOLE_POLICY = 64n | (48n << 32n);
