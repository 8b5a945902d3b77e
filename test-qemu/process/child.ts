/** @unsafe is given the address of what the kernel tells a process, and faults when it is asked to */
import { ErrorCode } from "../../kernel/ipc/messageInfo";
import {
  type ProcessInfo,
  SLOT_CNODE,
  SLOT_FIRST_GRANT,
  SLOT_PARAMETERS,
  SLOT_PROCESS,
  SLOT_THREAD,
} from "../../kernel/object/processSlots";
import { Syscall } from "../../kernel/syscall/invocation";
import { infoWord, type Message, ownBuffer, systemCall } from "../../user/message";
import { cnodeDelete, cnodeMove } from "../../user/stubs/cnode";
import {
  processAllocateMemoryRegion,
  processCreateEndpoint,
  processExit,
  processStart,
  processTerminate,
} from "../../user/stubs/process";

/**
 * A module whose manifest wants two notifications: `crash` (optional) and `signal`. It signals the second one; with the
 * first it reads page 0, without it exits with what it found in its data and bss, and 1 more for each thing that its own
 * capability lets it do or not do against what it should. With parameters it ends itself instead. To an endpoint that it may
 * have besides it hands its thread.
 */

const CRASH = SLOT_FIRST_GRANT;
const SIGNAL = SLOT_FIRST_GRANT + 1;
const HEIR = SLOT_FIRST_GRANT + 2;
const REFUSED_CRASH = 1n;
/** Slots that nothing fills but itself. */
const OWN = 100n;
const EXECUTABLE = 1n;

interface Numbers extends Struct<"Numbers"> {
  value: u64;
}

const data: Numbers = { value: 0x2a00n };
const bss: FixedArray<u64, 1024> = zeroed();

/** From its own budget. */
function allocate(message: Message, attributes: u64, slot: u64): u32 {
  return processAllocateMemoryRegion(message, SLOT_PROCESS, 4096n, attributes, slot, SLOT_CNODE);
}

/**
 * Its last capability to itself lies in a message that waits in its own endpoint: with the endpoint it ends, and what it
 * holds ends while the endpoint does.
 */
function endWithin(message: Message): void {
  processCreateEndpoint(message, SLOT_PROCESS, 1n, OWN, SLOT_CNODE);
  ownBuffer().sent[0] = SLOT_PROCESS;
  message.info = infoWord(1, 0, 1);
  systemCall(Syscall.NbSend, u32(OWN), 0, message);
  cnodeDelete(message, SLOT_CNODE, u64(SLOT_PROCESS));
  cnodeDelete(message, SLOT_CNODE, OWN);
}

/** @entry program_start */
export function main(info: u64): void {
  const message = local<Message>();
  if (cnodeMove(message, SLOT_CNODE, OWN + 3n, SLOT_PARAMETERS) === 0) endWithin(message);
  message.info = infoWord(0, 0, 0);
  systemCall(Syscall.Send, SIGNAL, 0, message);
  ownBuffer().sent[0] = SLOT_THREAD;
  message.info = infoWord(0, 0, 1);
  systemCall(Syscall.NbSend, HEIR, 0, message);
  if ((cast<ProcessInfo>(info).refused & REFUSED_CRASH) === 0n) message.info = volatileLoad64(8n);
  let code = data.value;
  for (let i: u32 = 0; i < 1024; i++) code += volatileLoad64(addressOf(bss) + 8n * u64(i));
  if (allocate(message, 0n, OWN) !== 0 || allocate(message, EXECUTABLE, OWN + 1n) !== u32(ErrorCode.Policy)) code += 1n;
  if (processCreateEndpoint(message, SLOT_PROCESS, 0n, OWN + 2n, SLOT_CNODE) !== 0) code += 1n;
  if (processTerminate(message, SLOT_PROCESS) !== u32(ErrorCode.IllegalOperation)) code += 1n;
  if (processStart(message, SLOT_PROCESS) !== u32(ErrorCode.IllegalOperation)) code += 1n;
  processExit(message, SLOT_PROCESS, code);
  for (;;) systemCall(Syscall.Wait, CRASH, 0, message);
}
