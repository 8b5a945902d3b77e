import { SLOT_POWER_CONTROL } from "../../kernel/initSlots";
import { Invocation, Syscall } from "../../kernel/syscall/invocation";
import { debugDecimal, debugWrite, infoWord, type Message, systemCall } from "../../user/message";
import { runAttributes } from "./attributes";
import { runBudget } from "./budget";
import { runCapability } from "./capability";
import { runDevice } from "./device";
import { runExhaustion } from "./exhaustion";
import { runFault } from "./fault";
import { runHandler } from "./handler";
import { ask, harness, prepareHarness } from "./harness";
import { runInspect } from "./inspect";
import { runIpc } from "./ipc";
import { runMemory } from "./memory";
import { runMessage } from "./message";
import { runNotification } from "./notification";
import { runRendezvous } from "./rendezvous";
import { runRevoke } from "./revoke";
import { runRing } from "./ring";
import { runScheduling } from "./scheduling";
import { runSpace } from "./space";
import { runTable } from "./table";
import { runThread } from "./thread";
import { runTimer } from "./timer";
import { runTrace } from "./trace";
import { runUntyped } from "./untyped";

/**
 * The conformance tests, as the first user task of a debug kernel. Prints a line for each, then how many have passed,
 * and switches the machine off with status 1 when one has failed.
 */

/** @entry program_start */
export function main(info: u64): void {
  prepareHarness(info);
  runAttributes();
  runCapability();
  runDevice();
  runFault();
  runInspect();
  runIpc();
  runMessage();
  runMemory();
  runRing();
  runRendezvous();
  runNotification();
  runTimer();
  runThread();
  runRevoke();
  runUntyped();
  runHandler();
  runBudget();
  runSpace();
  runExhaustion();
  runScheduling();
  runTable();
  runTrace();
  debugDecimal(u64(harness.passed));
  debugWrite(" passed, ");
  debugDecimal(u64(harness.failed));
  debugWrite(" failed, ");
  debugDecimal(u64(harness.checks));
  debugWrite(" checks\n");
  ask(SLOT_POWER_CONTROL, Invocation.PowerControlPowerOff, harness.failures === 0 ? 0n : 1n, 0n, 0);
  const message = local<Message>();
  message.info = infoWord(0, 0, 0);
  for (;;) systemCall(Syscall.Yield, 0, 0, message);
}
