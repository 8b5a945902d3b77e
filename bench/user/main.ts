/** @unsafe names functions by their addresses */
import { CapType } from "../../kernel/cap/capability";
import { SLOT_CONTEXT, SLOT_POWER_CONTROL } from "../../kernel/initSlots";
import { Invocation, Syscall } from "../../kernel/syscall/table";
import {
  ask,
  FIRST,
  makeThread,
  POOL,
  POOL_SIZE,
  resume,
  retype,
  retypeFrom,
  setOwnPriority,
} from "../../test-qemu/conformance/harness";
import { largestUntyped } from "../../user/initInfo";
import {
  debugDecimal,
  debugWrite,
  infoWord,
  invoke,
  type Message,
  ownBuffer,
  systemCall,
  unknownCall,
} from "../../user/message";

/**
 * What the kernel's paths cost, in nanoseconds that the scheduling contexts of both sides have used: under QEMU's
 * `-icount shift=0` one is an instruction. User loops and stubs are included, as in seL4's round trips.
 */

const ENDPOINT = FIRST + 10;
const REPLY = FIRST + 11;
const NOTIFICATION = FIRST + 12;
const THREAD = FIRST + 20;
const ROUNDS = 1000;

/** Answers with what came. @entry bench_echo */
function echo(): void {
  const message = local<Message>();
  systemCall(Syscall.Recv, ENDPOINT, REPLY, message);
  for (;;) systemCall(Syscall.ReplyRecv, ENDPOINT, REPLY, message);
}

function used(context: u32): u64 {
  const message = local<Message>();
  invoke(message, context, u32(Invocation.SchedContextConsumed), 0, 0);
  return message.words[0];
}

function both(): u64 {
  return used(SLOT_CONTEXT) + used(THREAD + 1);
}

/** Prints what one of the rounds took; `empty` is what the measurement itself takes. */
function report(name: Bytes, start: u64, end: u64, empty: u64): void {
  debugWrite("bench ");
  debugWrite(name);
  debugWrite(" ");
  debugDecimal((end - start - empty) / u64(ROUNDS));
  debugWrite(" instructions\n");
}

function measureCalls(empty: u64): void {
  const message = local<Message>();
  const start = both();
  for (let i: u32 = 0; i < ROUNDS; i++) unknownCall(message);
  const afterNull = both();
  report("kernel.null-syscall", start, afterNull, empty);
  measureCall("kernel.ipc-0", 0, empty);
  measureCall("kernel.ipc-4", 4, empty);
  measureCall("kernel.ipc-10", 10, empty);
  measureCall("kernel.ipc-64", 64, empty);
  message.info = infoWord(0, 0, 0);
  const beforeSignal = both();
  for (let i: u32 = 0; i < ROUNDS; i++) systemCall(Syscall.NbSend, NOTIFICATION, 0, message);
  report("kernel.signal", beforeSignal, both(), empty);
}

function measureCall(name: Bytes, length: u32, empty: u64): void {
  const message = local<Message>();
  const start = both();
  for (let i: u32 = 0; i < ROUNDS; i++) {
    message.info = infoWord(0, length, 0);
    systemCall(Syscall.Call, ENDPOINT, 0, message);
  }
  report(name, start, both(), empty);
}

/** @entry program_start */
export function main(info: u64): void {
  retypeFrom(largestUntyped(info), CapType.Untyped, u64(POOL_SIZE), 1, POOL);
  retype(CapType.Endpoint, 0n, ENDPOINT);
  retype(CapType.Reply, 0n, REPLY);
  retype(CapType.Notification, 0n, NOTIFICATION);
  setOwnPriority(100n);
  makeThread(0, THREAD, addressOfFunction(echo), 100n);
  resume(THREAD);
  ownBuffer().words[10] = 1n;
  const message = local<Message>();
  message.info = infoWord(0, 0, 0);
  systemCall(Syscall.Call, ENDPOINT, 0, message);
  const start = both();
  const empty = both() - start;
  measureCalls(empty);
  ask(SLOT_POWER_CONTROL, Invocation.PowerControlPowerOff, 0n, 0n, 0);
}
