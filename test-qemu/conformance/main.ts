import { CapType } from "../../kernel/cap/capability";
import { SLOT_IO_PORT, SLOT_IRQ_CONTROL, SLOT_POWER_CONTROL } from "../../kernel/initSlots";
import { Invocation, Syscall } from "../../kernel/syscall/table";
import { largestUntyped } from "../../user/initInfo";
import { debugDecimal, debugWrite, infoWord, type Message, systemCall } from "../../user/message";
import {
  badgesAreFinal,
  deletedCNodeIsEmptied,
  emptyAddress,
  errorsNameTheArgument,
  innerAddress,
  moveKeepsThePlace,
  orphansAreNotAdopted,
  retypeEveryType,
  retypeWrongArguments,
  rightsOnlyShrink,
  rotateMoves,
  selfContainingCNode,
  truncated,
  unknownNumber,
  untypedHasOneHolder,
  untypedIsExact,
  wrongLabel,
  wrongType,
} from "./capability";
import {
  claimChecksItsArguments,
  controllersAreTheKernels,
  deviceMemoryBecomesRegionsOnly,
  interruptSignals,
  interruptWaitsForAcknowledge,
  lineHasOneClaimer,
  portRangesOnlyShrink,
  portsAreWithinTheirRange,
  revokedControlFreesEveryLine,
  revokedNotificationShutsTheLine,
  shutLineSignalsNobody,
} from "./device";
import {
  addressBeyondUsersFaults,
  dataIsNotExecutable,
  faultWithoutHandlerStops,
  handlerMovesThread,
  illegalOpcodeFaults,
  kernelIsNotExecutable,
  kernelIsUnreadable,
  kernelIsUnwritable,
  pageZeroIsUnmapped,
  portOrMaskFaults,
  privilegedInstructionFaults,
  refusedFaultStops,
  textIsReadOnly,
} from "./fault";
import { ask, FIRST, harness, POOL, POOL_SIZE, remove, retype, retypeFrom, revoke, setOwnPriority } from "./harness";
import {
  affinityIsChecked,
  linesAreTold,
  logIsRead,
  memoryIsCounted,
  slotsAreListed,
  slotsGoOn,
  threadIsTold,
  uptimeGrows,
  versionIsText,
} from "./inspect";
import {
  boundNotificationEndsRecv,
  callIsAnswered,
  callWaitsForReceiver,
  callWithoutReplyFails,
  capabilityIsHandedOver,
  capabilityNeedsGrant,
  destroyedEndpointEndsCall,
  destroyedReplyEndsCall,
  nonBlockingSend,
  sendNeedsTheRight,
  signalsAreCollected,
  suspendedCallerIsForgotten,
  timerSignals,
  usedReplyIsBusy,
} from "./ipc";
import {
  deadSpaceLeavesNothing,
  longRegionInSteps,
  mappedMemoryWorks,
  mapWrongArguments,
  oldContentsAreGone,
  oneMappingPerCapability,
  placeMustBeFree,
  poolRunsOut,
  protectOnlyNarrows,
  readOnlyCannotBeWritten,
  regionMustBeZeroed,
  revokeUnmaps,
  unmapEndsAccess,
} from "./memory";
import {
  answerOutlivesItsSender,
  answerReachesAWaitingReceiver,
  callsKeepTheirPlaceAmongMessages,
  capabilitiesCanBeForbidden,
  capabilityTravels,
  capabilityWithoutSlotEnds,
  deadSendersMessagesLeave,
  endpointTakesItsMessagesAlong,
  fateReachesAWaitingReceiver,
  fatesBalance,
  fullRingRefuses,
  fullRingReservesNothing,
  largestMessageIsKept,
  lastOneShotFindsNobody,
  longMessageIsWhole,
  messagesAreKept,
  messagesOutliveTheReceiver,
  oneShotArgumentsAreChecked,
  oneShotDoesNotCarryItself,
  oneShotHasItsPlace,
  oneShotIsUsedOnce,
  oneShotNeedsARing,
  oneShotOnlySends,
  receivedOneShotTellsItsFate,
  refusedSendKeepsTheOneShot,
  revokedCapabilityDoesNotArrive,
  revokeTellsEveryFate,
  sendWaitsWhenFull,
  shareIsKept,
  suspendedSendersMessagesStay,
  unbadgedSenderIsRefused,
  unreceivedOneShotTellsItsFate,
  unusedOneShotTellsItsFate,
  wrongPolicyIsRefused,
} from "./ring";
import {
  alarmOutlivesTheThreadThatRan,
  alarmsDoNotHoldUpARevoke,
  budgetLimits,
  budgetWrongArguments,
  equalPrioritiesInOrder,
  fpuStateIsPrivate,
  higherPriorityRunsFirst,
  priorityHasACeiling,
  threadWithoutContextWaits,
  turnsAreShared,
} from "./scheduling";

/**
 * The conformance tests, as the first user task of a debug kernel. Prints a line for each, then how many have passed,
 * and switches the machine off with status 1 when one has failed. After each, all memory is where it was.
 */

type Test = () => void;

interface TestRow extends Struct<"TestRow"> {
  name: Bytes;
  run: Test;
}

const TESTS = 122;
const tests: FixedArray<Inline<TestRow>, typeof TESTS> = [
  { name: "capability: unknown number", run: unknownNumber },
  { name: "capability: empty address", run: emptyAddress },
  { name: "capability: wrong type", run: wrongType },
  { name: "capability: wrong label", run: wrongLabel },
  { name: "capability: truncated", run: truncated },
  { name: "capability: retype every type", run: retypeEveryType },
  { name: "capability: retype wrong arguments", run: retypeWrongArguments },
  { name: "capability: untyped is exact", run: untypedIsExact },
  { name: "capability: orphans are not adopted", run: orphansAreNotAdopted },
  { name: "capability: rights only shrink", run: rightsOnlyShrink },
  { name: "capability: badges are final", run: badgesAreFinal },
  { name: "capability: untyped has one holder", run: untypedHasOneHolder },
  { name: "capability: move keeps the place", run: moveKeepsThePlace },
  { name: "capability: rotate moves", run: rotateMoves },
  { name: "capability: deleted c node is emptied", run: deletedCNodeIsEmptied },
  { name: "capability: inner address", run: innerAddress },
  { name: "capability: self containing c node", run: selfContainingCNode },
  { name: "capability: errors name the argument", run: errorsNameTheArgument },
  { name: "device: interrupt signals", run: interruptSignals },
  { name: "device: interrupt waits for acknowledge", run: interruptWaitsForAcknowledge },
  { name: "device: shut line signals nobody", run: shutLineSignalsNobody },
  { name: "device: revoked notification shuts the line", run: revokedNotificationShutsTheLine },
  { name: "device: line has one claimer", run: lineHasOneClaimer },
  { name: "device: revoked control frees every line", run: revokedControlFreesEveryLine },
  { name: "device: claim checks its arguments", run: claimChecksItsArguments },
  { name: "device: ports are within their range", run: portsAreWithinTheirRange },
  { name: "device: port ranges only shrink", run: portRangesOnlyShrink },
  { name: "device: device memory becomes regions only", run: deviceMemoryBecomesRegionsOnly },
  { name: "device: controllers are the kernels", run: controllersAreTheKernels },
  { name: "fault: text is read only", run: textIsReadOnly },
  { name: "fault: data is not executable", run: dataIsNotExecutable },
  { name: "fault: page zero is unmapped", run: pageZeroIsUnmapped },
  { name: "fault: kernel is unreadable", run: kernelIsUnreadable },
  { name: "fault: kernel is unwritable", run: kernelIsUnwritable },
  { name: "fault: kernel is not executable", run: kernelIsNotExecutable },
  { name: "fault: illegal opcode faults", run: illegalOpcodeFaults },
  { name: "fault: privileged instruction faults", run: privilegedInstructionFaults },
  { name: "fault: port or mask faults", run: portOrMaskFaults },
  { name: "fault: address beyond users faults", run: addressBeyondUsersFaults },
  { name: "fault: handler moves thread", run: handlerMovesThread },
  { name: "fault: refused fault stops", run: refusedFaultStops },
  { name: "fault: fault without handler stops", run: faultWithoutHandlerStops },
  { name: "inspect: memory is counted", run: memoryIsCounted },
  { name: "inspect: uptime grows", run: uptimeGrows },
  { name: "inspect: version is text", run: versionIsText },
  { name: "inspect: log is read", run: logIsRead },
  { name: "inspect: lines are told", run: linesAreTold },
  { name: "inspect: slots are listed", run: slotsAreListed },
  { name: "inspect: slots go on", run: slotsGoOn },
  { name: "inspect: thread is told", run: threadIsTold },
  { name: "inspect: affinity is checked", run: affinityIsChecked },
  { name: "ipc: call is answered", run: callIsAnswered },
  { name: "ipc: call waits for receiver", run: callWaitsForReceiver },
  { name: "ipc: destroyed reply ends call", run: destroyedReplyEndsCall },
  { name: "ipc: destroyed endpoint ends call", run: destroyedEndpointEndsCall },
  { name: "ipc: call without reply fails", run: callWithoutReplyFails },
  { name: "ipc: used reply is busy", run: usedReplyIsBusy },
  { name: "ipc: suspended caller is forgotten", run: suspendedCallerIsForgotten },
  { name: "ipc: non blocking send", run: nonBlockingSend },
  { name: "ipc: send needs the right", run: sendNeedsTheRight },
  { name: "ipc: capability is handed over", run: capabilityIsHandedOver },
  { name: "ipc: capability needs grant", run: capabilityNeedsGrant },
  { name: "ipc: signals are collected", run: signalsAreCollected },
  { name: "ipc: bound notification ends recv", run: boundNotificationEndsRecv },
  { name: "ipc: timer signals", run: timerSignals },
  { name: "memory: mapped memory works", run: mappedMemoryWorks },
  { name: "memory: region must be zeroed", run: regionMustBeZeroed },
  { name: "memory: old contents are gone", run: oldContentsAreGone },
  { name: "memory: unmap ends access", run: unmapEndsAccess },
  { name: "memory: revoke unmaps", run: revokeUnmaps },
  { name: "memory: one mapping per capability", run: oneMappingPerCapability },
  { name: "memory: place must be free", run: placeMustBeFree },
  { name: "memory: map wrong arguments", run: mapWrongArguments },
  { name: "memory: read only cannot be written", run: readOnlyCannotBeWritten },
  { name: "memory: protect only narrows", run: protectOnlyNarrows },
  { name: "memory: pool runs out", run: poolRunsOut },
  { name: "memory: dead space leaves nothing", run: deadSpaceLeavesNothing },
  { name: "memory: long region in steps", run: longRegionInSteps },
  { name: "ring: messages are kept", run: messagesAreKept },
  { name: "ring: full ring refuses", run: fullRingRefuses },
  { name: "ring: share is kept", run: shareIsKept },
  { name: "ring: send waits when full", run: sendWaitsWhenFull },
  { name: "ring: calls keep their place among messages", run: callsKeepTheirPlaceAmongMessages },
  { name: "ring: unbadged sender is refused", run: unbadgedSenderIsRefused },
  { name: "ring: largest message is kept", run: largestMessageIsKept },
  { name: "ring: capabilities can be forbidden", run: capabilitiesCanBeForbidden },
  { name: "ring: long message is whole", run: longMessageIsWhole },
  { name: "ring: capability travels", run: capabilityTravels },
  { name: "ring: revoked capability does not arrive", run: revokedCapabilityDoesNotArrive },
  { name: "ring: capability without slot ends", run: capabilityWithoutSlotEnds },
  { name: "ring: dead senders messages leave", run: deadSendersMessagesLeave },
  { name: "ring: suspended senders messages stay", run: suspendedSendersMessagesStay },
  { name: "ring: messages outlive the receiver", run: messagesOutliveTheReceiver },
  { name: "ring: endpoint takes its messages along", run: endpointTakesItsMessagesAlong },
  { name: "ring: wrong policy is refused", run: wrongPolicyIsRefused },
  { name: "ring: one shot has its place", run: oneShotHasItsPlace },
  { name: "ring: one shot is used once", run: oneShotIsUsedOnce },
  { name: "ring: full ring reserves nothing", run: fullRingReservesNothing },
  { name: "ring: one shot needs a ring", run: oneShotNeedsARing },
  { name: "ring: one shot arguments are checked", run: oneShotArgumentsAreChecked },
  { name: "ring: unused one shot tells its fate", run: unusedOneShotTellsItsFate },
  { name: "ring: received one shot tells its fate", run: receivedOneShotTellsItsFate },
  { name: "ring: unreceived one shot tells its fate", run: unreceivedOneShotTellsItsFate },
  { name: "ring: fate reaches a waiting receiver", run: fateReachesAWaitingReceiver },
  { name: "ring: answer reaches a waiting receiver", run: answerReachesAWaitingReceiver },
  { name: "ring: revoke tells every fate", run: revokeTellsEveryFate },
  { name: "ring: one shot only sends", run: oneShotOnlySends },
  { name: "ring: refused send keeps the one shot", run: refusedSendKeepsTheOneShot },
  { name: "ring: one shot does not carry itself", run: oneShotDoesNotCarryItself },
  { name: "ring: last one shot finds nobody", run: lastOneShotFindsNobody },
  { name: "ring: answer outlives its sender", run: answerOutlivesItsSender },
  { name: "ring: fates balance", run: fatesBalance },
  { name: "scheduling: higher priority runs first", run: higherPriorityRunsFirst },
  { name: "scheduling: equal priorities in order", run: equalPrioritiesInOrder },
  { name: "scheduling: priority has a ceiling", run: priorityHasACeiling },
  { name: "scheduling: turns are shared", run: turnsAreShared },
  { name: "scheduling: budget limits", run: budgetLimits },
  { name: "scheduling: thread without context waits", run: threadWithoutContextWaits },
  { name: "scheduling: budget wrong arguments", run: budgetWrongArguments },
  { name: "scheduling: fpu state is private", run: fpuStateIsPrivate },
  { name: "scheduling: alarms do not hold up a revoke", run: alarmsDoNotHoldUpARevoke },
  { name: "scheduling: alarm outlives the thread that ran", run: alarmOutlivesTheThreadThatRan },
];

/** @entry program_start */
export function main(info: u64): void {
  const message = local<Message>();
  harness.info = info;
  const error = retypeFrom(largestUntyped(info), CapType.Untyped, u64(POOL_SIZE), 1, POOL);
  if (error !== 0) debugWrite("no pool\n");
  let failed: u32 = 0;
  for (let i: u32 = 0; i < tests.length; i++) {
    const before = harness.failures;
    tests[i].run();
    setOwnPriority(255n);
    cleanUp();
    const isOk = harness.failures === before;
    if (!isOk) failed++;
    debugWrite(isOk ? "ok " : "FAILED ");
    debugWrite(tests[i].name);
    debugWrite("\n");
  }
  debugDecimal(u64(tests.length - failed));
  debugWrite(" passed, ");
  debugDecimal(u64(failed));
  debugWrite(" failed, ");
  debugDecimal(u64(harness.checks));
  debugWrite(" checks\n");
  ask(SLOT_POWER_CONTROL, Invocation.PowerControlPowerOff, failed === 0 ? 0n : 1n, 0n, 0);
  message.info = infoWord(0, 0, 0);
  for (;;) systemCall(Syscall.Yield, 0, 0, message);
}

/** Everything that a test has made goes; then the pool takes an object of its own size again (I3, I11). */
function cleanUp(): void {
  revoke(SLOT_IRQ_CONTROL);
  revoke(SLOT_IO_PORT);
  revoke(POOL);
  if (retype(CapType.Untyped, u64(POOL_SIZE), FIRST) !== 0) {
    harness.failures++;
    debugWrite("  failed: the pool is not whole\n");
  }
  remove(FIRST);
}
