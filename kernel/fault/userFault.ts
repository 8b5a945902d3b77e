/** @unsafe reaches the handler's endpoint */
import { infoOf, programCounterOf } from "@arch/userFrame";
import { CapType, isCapWith, objectIn, RIGHT_WRITE } from "../cap/capability";
import { labelIn } from "../ipc/messageInfo";
import { beginUserRecord, endRecord, LogLevel } from "../log";
import { type Endpoint, send } from "../object/endpoint";
import { endByFault } from "../object/processEnd";
import type { Reply } from "../object/reply";
import { type Thread, ThreadState } from "../object/thread";
import { writeDecimal, writeHex, writeText } from "../output";
import { block, makeReady } from "../sched/scheduler";
import { TraceKind } from "../trace/record";
import { traceEvent } from "../trace/ring";
import type { FaultKind } from "./faultKind";

/**
 * An exception of a user thread becomes a call to its fault handler, which the kernel makes in its place:
 *
 *   word 0 kind   word 1 address   word 2 program counter   word 3 stack pointer
 *
 * The answer's label 0 lets the thread go on where it was; any other label leaves it stopped. Its registers are its
 * own: the handler reads and writes them through the thread's capability.
 */

/** The current thread has faulted: its handler is told, or, without one, the log; then it stays stopped. @hot */
export function userFault(thread: Thread, kind: FaultKind, address: u64): void {
  thread.isFaulted = true;
  thread.faultKind = kind;
  thread.faultAddress = address;
  traceEvent(TraceKind.Fault, u32(kind), address, programCounterOf(thread.frame));
  const handler = thread.handler.word;
  if (isCapWith(handler, CapType.Endpoint, RIGHT_WRITE)) {
    thread.isCall = true;
    thread.canGrant = false;
    send(cast<Endpoint>(objectIn(handler)), thread, thread.handler.data);
    return;
  }
  beginUserRecord(LogLevel.Warn);
  writeText("a user thread without fault handler stopped: kind ");
  writeDecimal(u64(u32(kind)));
  writeText(", address ");
  writeHex(address, 0);
  writeText(", program counter ");
  writeHex(programCounterOf(thread.frame), 0);
  endRecord();
  endByFault(thread, kind, address);
  block(thread, ThreadState.Inactive);
}

/** `server` answers the fault of `thread`, which awaits `reply`. @hot */
export function answerFault(reply: Reply, thread: Thread, server: Thread): void {
  reply.caller = null;
  thread.reply = null;
  thread.isFaulted = false;
  if (labelIn(infoOf(server.frame)) === 0n) makeReady(thread);
  else thread.state = ThreadState.Inactive;
}
