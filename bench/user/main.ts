/** @unsafe names functions by their addresses, and reaches another thread's message buffer */
import { CapType } from "../../kernel/cap/capability";
import { BUFFER_ADDRESS } from "../../kernel/initInfo";
import { SLOT_CONTEXT, SLOT_POWER_CONTROL } from "../../kernel/initSlots";
import { Invocation, Syscall } from "../../kernel/syscall/invocation";
import { ask, FIRST, POOL, resume, retype, retypeFrom, setOwnPriority } from "../../test-qemu/conformance/harness";
import { largestUntyped } from "../../user/initInfo";
import { type Buffer, infoWord, type Message, ownBuffer, systemCall, unknownCall } from "../../user/message";
import { ROUNDS, report, used } from "./measure";
import { measureMemory } from "./memory";
import { measureKeccak, reportCalibration } from "./processor";
import { measureIrq, measureSwitch } from "./signals";
import { BUFFER_BYTES, both, PRIORITY, startThread } from "./threads";

/** What the kernel's paths cost, user loops and stubs included, as in seL4's figures. */

const ENDPOINT = FIRST + 10;
const REPLY = FIRST + 11;
const NOTIFICATION = FIRST + 12;
const RING = FIRST + 13;
const TOKEN = FIRST + 14;
const TOKEN_THERE = FIRST + 15;
const FAULTS = FIRST + 16;
const OTHER_REPLY = FIRST + 17;
const SERVER = FIRST + 20;
const YIELDER = FIRST + 150;
const FAULTER = FIRST + 160;

const POOL_SIZE = 24n;

/** Answers with what came. @entry bench_echo */
function echo(): void {
  const message = local<Message>();
  systemCall(Syscall.Recv, ENDPOINT, REPLY, message);
  for (;;) systemCall(Syscall.ReplyRecv, ENDPOINT, REPLY, message);
}

/** @entry bench_yielder */
function yielder(): void {
  const message = local<Message>();
  for (;;) systemCall(Syscall.Yield, 0, 0, message);
}

/** @entry bench_faulter */
function faulter(): void {
  for (;;) volatileLoad8(valueBarrier64(8n));
}

function measureCalls(empty: u64): void {
  const message = local<Message>();
  const start = both(SERVER);
  for (let i: u32 = 0; i < ROUNDS; i++) unknownCall(message);
  report("kernel.null-syscall", both(SERVER) - start - empty, u64(ROUNDS));
  measureCall("kernel.ipc-0", 0, 0, empty);
  measureCall("kernel.ipc-4", 4, 0, empty);
  measureCall("kernel.ipc-10", 10, 0, empty);
  measureCall("kernel.ipc-64", 64, 0, empty);
  measureToken(empty);
  message.info = infoWord(0, 0, 0);
  const beforeSignal = both(SERVER);
  for (let i: u32 = 0; i < ROUNDS; i++) systemCall(Syscall.NbSend, NOTIFICATION, 0, message);
  report("kernel.signal", both(SERVER) - beforeSignal - empty, u64(ROUNDS));
}

function measureCall(name: Bytes, length: u32, caps: u32, empty: u64): void {
  const message = local<Message>();
  const start = both(SERVER);
  for (let i: u32 = 0; i < ROUNDS; i++) {
    message.info = infoWord(0, length, caps);
    systemCall(Syscall.Call, ENDPOINT, 0, message);
  }
  report(name, both(SERVER) - start - empty, u64(ROUNDS));
}

/** A capability that there is only once goes there and back, so that its slots are empty again. */
function measureToken(empty: u64): void {
  const here = ownBuffer();
  const there = cast<Buffer>(BUFFER_ADDRESS + BUFFER_BYTES);
  retype(CapType.Reply, 0n, TOKEN);
  here.sent[0] = TOKEN;
  here.slots[0] = TOKEN;
  there.sent[0] = TOKEN_THERE;
  there.slots[0] = TOKEN_THERE;
  measureCall("kernel.ipc-cap", 4, 1, empty);
}

/** Into a ring and out of it, by one thread. */
function measureQueue(empty: u64): void {
  const message = local<Message>();
  retype(CapType.Endpoint, 4n, RING);
  const start = used(SLOT_CONTEXT);
  for (let i: u32 = 0; i < ROUNDS; i++) {
    message.info = infoWord(0, 4, 0);
    systemCall(Syscall.NbSend, RING, 0, message);
    systemCall(Syscall.NbRecv, RING, 0, message);
  }
  report("kernel.queue", used(SLOT_CONTEXT) - start - empty, u64(ROUNDS));
}

/** Each turn of one side is one of the other. */
function measureYield(empty: u64): void {
  const message = local<Message>();
  startThread(YIELDER, 2n, addressOfFunction(yielder));
  resume(YIELDER);
  const start = both(YIELDER);
  for (let i: u32 = 0; i < ROUNDS; i++) systemCall(Syscall.Yield, 0, 0, message);
  report("kernel.yield", both(YIELDER) - start - empty, 2n * u64(ROUNDS));
  ask(YIELDER, Invocation.ThreadSuspend, 0n, 0n, 0);
}

/** The answer lets the thread do again what it has done. */
function measureFault(empty: u64): void {
  const message = local<Message>();
  retype(CapType.Endpoint, 0n, FAULTS);
  retype(CapType.Reply, 0n, OTHER_REPLY);
  startThread(FAULTER, 3n, addressOfFunction(faulter));
  ask(FAULTER, Invocation.ThreadSetFaultHandler, 0n, 0n, FAULTS);
  resume(FAULTER);
  systemCall(Syscall.Recv, FAULTS, OTHER_REPLY, message);
  const start = both(FAULTER);
  for (let i: u32 = 0; i < ROUNDS; i++) {
    message.info = infoWord(0, 0, 0);
    systemCall(Syscall.ReplyRecv, FAULTS, OTHER_REPLY, message);
  }
  report("kernel.fault", both(FAULTER) - start - empty, u64(ROUNDS));
}

/** @entry program_start */
export function main(info: u64): void {
  retypeFrom(largestUntyped(info), CapType.Untyped, POOL_SIZE, 1, POOL);
  retype(CapType.Endpoint, 0n, ENDPOINT);
  retype(CapType.Reply, 0n, REPLY);
  retype(CapType.Notification, 0n, NOTIFICATION);
  setOwnPriority(PRIORITY);
  startThread(SERVER, 1n, addressOfFunction(echo));
  resume(SERVER);
  ownBuffer().words[10] = 1n;
  const message = local<Message>();
  message.info = infoWord(0, 0, 0);
  systemCall(Syscall.Call, ENDPOINT, 0, message);
  const start = both(SERVER);
  const empty = both(SERVER) - start;
  reportCalibration();
  measureKeccak(empty / 2n);
  measureCalls(empty);
  measureQueue(empty / 2n);
  measureMemory(empty / 2n);
  measureYield(empty);
  measureFault(empty);
  measureSwitch();
  measureIrq(info);
  ask(SLOT_POWER_CONTROL, Invocation.PowerControlPowerOff, 0n, 0n, 0);
}
