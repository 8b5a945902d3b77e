import { SLOT_FIRST_GRANT } from "../../../kernel/object/processSlots";
import { Invocation } from "../../../kernel/syscall/invocation";
import { ask, waitFor } from "../../../user/calls";
import { exit } from "../../../user/exit";
import { logLine, openLog } from "../../../user/log";
import type { Message } from "../../../user/message";
import { timerNow } from "../../../user/stubs/timer";

/** A module that says more than the console takes while that waits for something, and a last line when it does not. */

const LOG = SLOT_FIRST_GRANT;
const BELL = SLOT_FIRST_GRANT + 1;
const TIMER = SLOT_FIRST_GRANT + 2;
const TURNS = 10;
const LINES = 20;
const TURN_NS = 1_000_000n;
const PAUSE_NS = 1_000_000_000n;

/** @entry program_start */
export function main(_info: u64): void {
  openLog(LOG);
  for (let turn: u32 = 0; turn < TURNS; turn++) {
    pause(TURN_NS);
    for (let i: u32 = 0; i < LINES; i++) logLine("one of many");
  }
  pause(PAUSE_NS);
  logLine("the last one");
  exit(0n);
}

function pause(ns: u64): void {
  const message = local<Message>();
  timerNow(message, TIMER);
  ask(TIMER, Invocation.TimerArm, message.words[0] + ns, 0n, BELL);
  waitFor(BELL);
}
