/** @unsafe reads a boot module */
import { CapType } from "../../../kernel/cap/capability";
import { MAX_MODULES } from "../../../kernel/initInfo";
import { SLOT_CNODE, SLOT_INSPECT } from "../../../kernel/initSlots";
import { ProcessState } from "../../../kernel/object/processState";
import { writeByte, writeDecimal, writeText } from "../../../kernel/output";
import { Invocation } from "../../../kernel/syscall/invocation";
import { isEqual } from "../../../kernel/text";
import { boot } from "../../../services/init/boot";
import { beginLine, endLine } from "../../../services/init/report";
import { holderOf, ROLES } from "../../../services/init/roles";
import { nameOf, ServiceState } from "../../../services/init/service";
import { PROCESS, SLOT_ENDED, slotsOf } from "../../../services/init/slots";
import { attend, pool, services } from "../../../services/init/supervise";
import { mapModule, moduleNamed, NO_MODULE } from "../../../user/bootModule";
import { allocate } from "../../../user/buddy";
import { ask, mintInto, retype, waitFor } from "../../../user/calls";
import { initInfo } from "../../../user/initInfo";
import { answerAt, type Message } from "../../../user/message";
import { inspectProcess } from "../../../user/stubs/inspect";
import { processTerminate } from "../../../user/stubs/process";
import { timerNow } from "../../../user/stubs/timer";
import { textWord } from "../../../user/text";

/**
 * Init that ends its own services: while a module of this name runs, it terminates one of them after the other, each
 * chosen at random at a random moment. When the module is gone it says how often it has struck each.
 *
 *   timer ─▶ strike ─▶ Process.Terminate ─▶ the signal of its end ─▶ made again, as by any init
 */

const PROVIDED_FOR: Bytes = "test.churn";
/** Of an answer of Inspect.Process. */
const STATE_AT = 6;
const SETTINGS_ADDRESS = 0x6100_0000_0000n;
const KILL = 1n << 50n;
const TIMER = 140;
const SIGNAL = 141;
const TIMER_SIZE = 12;
const ALL_RIGHTS = 7n;

/** What the host has put into the boot module `settings`. */
interface Settings extends Struct<"Settings"> {
  seed: u64;
  /** Between two strikes, at most. */
  ns: u64;
}

interface State extends Struct<"State"> {
  random: u64;
  ns: u64;
  isAtWork: boolean;
  readonly struck: FixedArray<u32, typeof ROLES>;
}

const state: State = zeroed();

/** @entry program_start */
export function main(address: u64): void {
  readSettings(address);
  boot(address);
  retype(allocate(pool, TIMER_SIZE), CapType.Timer, 0n, 1, TIMER);
  mintInto(SLOT_CNODE, SLOT_ENDED, SIGNAL, ALL_RIGHTS, KILL);
  arm();
  for (;;) {
    const signals = waitFor(SLOT_ENDED);
    attend(address, signals);
    if ((signals & KILL) === 0n) continue;
    if (isThere()) strike();
    else if (state.isAtWork) tell();
    arm();
  }
}

function readSettings(address: u64): void {
  const info = initInfo(address);
  const index = moduleNamed(info, "settings");
  assert(index !== NO_MODULE, "the host has added the settings");
  const settings = cast<Settings>(addressOf(mapModule(info, index, SETTINGS_ADDRESS)));
  state.random = settings.seed | 1n;
  state.ns = settings.ns;
}

/** xorshift64 (Marsaglia, 2003). */
function random(below: u64): u64 {
  let x = state.random;
  x ^= x << 13n;
  x ^= x >> 7n;
  x ^= x << 17n;
  state.random = x;
  return (x >> 8n) % below;
}

function arm(): void {
  const message = local<Message>();
  timerNow(message, TIMER);
  ask(TIMER, Invocation.TimerArm, message.words[0] + 1n + random(state.ns), 0n, SIGNAL);
}

/** Whether the module runs, for which the services are to fail. */
function isThere(): boolean {
  const message = local<Message>();
  let at: u64 = 0n;
  do {
    inspectProcess(message, SLOT_INSPECT, at);
    const isNamed =
      answerAt(message, 2) === textWord(PROVIDED_FOR, 0) && answerAt(message, 3) === textWord(PROVIDED_FOR, 1);
    if (message.words[0] !== 0n && isNamed && answerAt(message, STATE_AT) === u64(u32(ProcessState.Running)))
      return true;
    at = message.words[1];
  } while (at !== 0n);
  return false;
}

function strike(): void {
  const message = local<Message>();
  const role = u32(random(u64(ROLES)));
  state.isAtWork = true;
  for (let i: u32 = 0; i < MAX_MODULES; i++) {
    if (services[i].state !== ServiceState.Running || !isEqual(nameOf(services[i]), holderOf(role))) continue;
    processTerminate(message, slotsOf(i) + PROCESS);
    state.struck[role]++;
  }
}

function tell(): void {
  state.isAtWork = false;
  beginLine();
  writeText("struck");
  for (let i: u32 = 0; i < ROLES; i++) {
    writeByte(0x20);
    writeDecimal(u64(state.struck[i]));
  }
  endLine();
}
