/** @unsafe reaches the objects behind capabilities */
import { pollInterrupts } from "@arch/cpu";
import { setInfo } from "@arch/userFrame";
import { checkState } from "@build/watch";
import { ErrorCode, errorInfo } from "../ipc/messageInfo";
import { hasLeftovers, leftoverSlot } from "../ipc/ring";
import { countFree, countTaken } from "../memory/frames";
import { type AddressSpace, destroyAddressSpace, unmapStep } from "../object/addressSpace";
import {
  breakReply,
  dismissOne,
  dropSent,
  type Endpoint,
  EndpointState,
  leaveEndpoint,
  NEVER_RECEIVED,
  NOT_ANSWERED,
  returnUnused,
} from "../object/endpoint";
import { releaseLine, targetOfLine } from "../object/irqHandler";
import { dismissWaiting, hasWaiters, leaveNotification, type Notification } from "../object/notification";
import type { Process } from "../object/process";
import { endProcess, isAlive, leaveProcess } from "../object/processEnd";
import { ProcessEnd, ProcessState } from "../object/processState";
import { hasKnownContents, isMapped } from "../object/region";
import type { Reply } from "../object/reply";
import type { SchedContext } from "../object/schedContext";
import { type Thread, ThreadState } from "../object/thread";
import type { Timer } from "../object/timer";
import { setTrustReader, trustReader } from "../object/trust";
import { type Verifier, VerifierPhase } from "../object/verifier";
import { cpu } from "../sched/cpu";
import { forgetFpu } from "../sched/fpu";
import { idleThread } from "../sched/idle";
import { unbindContext, unready } from "../sched/scheduler";
import { removeTimer } from "../sched/timerWheel";
import { CapType, FLAG_DEVICE, FLAG_ONCE, FLAG_RECEIVED, isCapWith } from "./capability";
import {
  extraOf,
  firstChild,
  isFinal,
  isNull,
  moveSlot,
  objectOf,
  removeSlot,
  type Slot,
  setExtra,
  slotAt,
  typeOf,
} from "./slot";

/**
 * The end of capabilities and of the objects behind them. An object dies with its last capability. Those that hold
 * other capabilities or waiting threads take as long as there are of these, so they die in steps: the last capability
 * moves into the object itself, where it keeps the object's memory taken, and the object goes on a stack to be emptied:
 * what dies within another one goes first, so that no search of the other's contents meets it again. A process goes when
 * the stack is empty, for all that its budget has made is searched, and what dies may be some of that.
 *
 *   deleteStep ─▶ removed
 *              └▶ dying (its own slot) ─▶ emptyStep, emptyStep, … ─▶ removed
 *
 * D1  Every object that is dying has its only capability in its own slot, whose data is the one that died before it.
 * D2  Between two steps all invariants hold, so that an interrupt may come in and the call be made again.
 */

interface Dying extends Struct<"Dying"> {
  top: Slot | null;
  /** The stack of the processes. */
  process: Slot | null;
  /** The next slot of the top one to be looked at, if that is a CNode. */
  index: u32;
}

const dying: Dying = zeroed();

/** How many slots of a CNode one step looks at. */
const SCAN = 64;

/** Deletes the capability, in steps; false when an interrupt came in, and the call has to be made again. @hot */
export function deleteAll(slot: Slot): boolean {
  while (!isNull(slot)) {
    deleteStep(slot);
    if (mustStop()) return false;
  }
  return finishDying();
}

/** Deletes all that was derived from the capability; false as above. @hot */
export function revoke(slot: Slot): boolean {
  for (;;) {
    if (!finishDying()) return false;
    const child = firstChild(slot);
    if (child === null) return true;
    deleteStep(child);
    if (mustStop()) return false;
  }
}

/** Empties what is dying. What somebody else's call left there is emptied by whoever comes next. @hot */
export function finishDying(): boolean {
  while (dying.top !== null || dying.process !== null || hasLeftovers()) {
    emptyStep();
    if (mustStop()) return false;
  }
  return true;
}

/** An interrupt waits, or the thread that made the call is gone. @hot */
function mustStop(): boolean {
  checkState();
  return pollInterrupts() || cpu.current.state !== ThreadState.Running;
}

/** Towards the end of one capability: at most MAX_STEP pages are unmapped, then the slot is empty. @hot */
function deleteStep(slot: Slot): void {
  if (isFinal(slot)) {
    if (typeOf(slot) === CapType.Thread) {
      const thread = cast<Thread>(objectOf(slot));
      stopThread(thread);
      if (dropSent(thread)) return;
      destroyThread(thread);
    } else if (typeOf(slot) === CapType.Verifier) {
      endVerification(cast<Verifier>(objectOf(slot)));
    } else if (typeOf(slot) === CapType.Timer) {
      disarm(cast<Timer>(objectOf(slot)));
    } else if (typeOf(slot) === CapType.IrqHandler) {
      dropTarget(targetOfLine(u32(objectOf(slot))));
      releaseLine(u32(objectOf(slot)));
    }
  }
  dropStep(slot);
}

/** Takes a timer out of the wheel, and its capability to the notification away. */
export function disarm(timer: Timer): void {
  removeTimer(timer.node);
  dropTarget(timer.target);
}

/** Takes away the capability to a notification that a timer or a line signals, if there is one. */
export function dropTarget(slot: Slot): void {
  if (!isNull(slot)) dropStep(slot);
}

/** The same for what holds no capabilities of its own. @hot */
function dropStep(slot: Slot): void {
  const object = objectOf(slot);
  switch (u32(typeOf(slot))) {
    case u32(CapType.Region):
    case u32(CapType.Image):
      if (!hasKnownContents(slot)) break;
      if (isMapped(slot)) unmapStep(slot);
      if (isMapped(slot)) return;
      break;
    case u32(CapType.CNode):
      if (isFinal(slot)) {
        startDying(slot, slotAt(object, 0), u32(slot.data));
        return;
      }
      break;
    case u32(CapType.Endpoint): {
      const endpoint = cast<Endpoint>(object);
      if (isFinal(slot)) {
        // An Idle one, too, may have places in use: by messages that are gone, but not their capabilities.
        if (endpoint.state !== EndpointState.Idle || endpoint.used !== 0) {
          startDying(slot, endpoint.self, 0);
          return;
        }
      } else if (isCapWith(slot.word, CapType.Endpoint, FLAG_ONCE)) {
        const isReceived = isCapWith(slot.word, CapType.Endpoint, FLAG_RECEIVED);
        returnUnused(endpoint, slot.data, isReceived ? NOT_ANSWERED : NEVER_RECEIVED);
      }
      break;
    }
    case u32(CapType.Notification): {
      const notification = cast<Notification>(object);
      if (!isFinal(slot)) break;
      unbindNotification(notification);
      if (hasWaiters(notification)) {
        startDying(slot, notification.self, 0);
        return;
      }
      break;
    }
    case u32(CapType.Reply):
      if (isFinal(slot)) breakReply(cast<Reply>(object));
      break;
    case u32(CapType.SchedContext):
      if (isFinal(slot)) unbindContext(cast<SchedContext>(object));
      break;
    case u32(CapType.Process):
      // One that was never created may have a notification all the same.
      if (isFinal(slot)) {
        startProcessDying(slot, cast<Process>(object));
        return;
      }
      break;
    case u32(CapType.AddressSpace):
      if (isFinal(slot)) destroyAddressSpace(cast<AddressSpace>(object));
      break;
    default:
      break;
  }
  removeCapability(slot);
}

/** The slot is empty now; an Untyped before it that has lost its last child is whole again (I3). @hot */
function removeCapability(slot: Slot): void {
  if (isMemory(slot)) countTaken((1n << u64(extraOf(slot))) - slot.data);
  const before = removeSlot(slot);
  if (before === null || typeOf(before) !== CapType.Untyped || firstChild(before) !== null) return;
  if (isMemory(before)) countFree(before.data);
  before.data = 0n;
}

/** An Untyped that is no device. */
function isMemory(slot: Slot): boolean {
  return typeOf(slot) === CapType.Untyped && !isCapWith(slot.word, CapType.Untyped, FLAG_DEVICE);
}

function startDying(slot: Slot, own: Slot, slots: u32): void {
  const below = dying.top;
  moveSlot(slot, own);
  own.data = below === null ? 0n : addressOf(below);
  setExtra(own, slots === 0 ? 0 : ctz32(slots));
  dying.top = own;
  dying.index = 1;
}

/** It runs no more from now on, and whoever wants to know is told. */
function startProcessDying(slot: Slot, process: Process): void {
  if (isAlive(process)) endProcess(process, ProcessEnd.Destroyed);
  const thread = process.thread;
  if (thread !== null) stopThread(thread);
  process.state = ProcessState.Dying;
  const before = dying.process;
  moveSlot(slot, process.self);
  process.self.data = before === null ? 0n : addressOf(before);
  dying.process = process.self;
}

/** One thing less in a message that is gone (whose endpoint may be dying), or in the object that died last. */
function emptyStep(): void {
  const left = leftoverSlot();
  const own = dying.top;
  const process = dying.process;
  if (left !== null) {
    deleteStep(left);
  } else if (own !== null) {
    if (emptyTopStep(own)) return;
    dying.top = bury(own);
    dying.index = 1;
  } else if (process !== null) {
    if (emptyProcessStep(cast<Process>(objectOf(process)))) return;
    dying.process = bury(process);
  }
}

/** Whether there was something left in it. */
function emptyTopStep(own: Slot): boolean {
  const object = objectOf(own);
  switch (u32(typeOf(own))) {
    case u32(CapType.CNode):
      return emptyCNodeStep(object, u32(1) << extraOf(own));
    case u32(CapType.Endpoint):
      return dismissOne(cast<Endpoint>(object));
    case u32(CapType.Notification):
      return dismissWaiting(cast<Notification>(object));
    default:
      panic("only objects with contents die in steps");
  }
}

/** The empty object's last capability goes; answers the one that died before it. */
function bury(own: Slot): Slot | null {
  const before = own.data;
  own.data = 0n;
  removeCapability(own);
  return before === 0n ? null : cast<Slot>(before);
}

/** Whether there was something left to look at. */
function emptyCNodeStep(base: u64, slots: u32): boolean {
  for (let scanned: u32 = 0; scanned < SCAN && dying.index < slots; scanned++) {
    const slot = slotAt(base, dying.index);
    if (!isNull(slot)) {
      deleteStep(slot);
      return true;
    }
    dying.index++;
  }
  return dying.index < slots;
}

/** One thing less of what a process holds; false when nothing is left. */
function emptyProcessStep(process: Process): boolean {
  const child = firstChild(process.budget);
  if (child !== null) deleteStep(child);
  else if (!isNull(process.image)) deleteStep(process.image);
  else if (!isNull(process.target)) deleteStep(process.target);
  else if (!isNull(process.budget)) deleteStep(process.budget);
  else return false;
  return true;
}

/** A Verifier gives up what it holds, and is idle: the Image that is not sealed is gone. */
export function endVerification(verifier: Verifier): void {
  if (!isNull(verifier.headers)) dropStep(verifier.headers);
  if (!isNull(verifier.binary)) dropStep(verifier.binary);
  if (!isNull(verifier.image)) dropStep(verifier.image);
  if (trustReader() === verifier) setTrustReader(null);
  verifier.phase = VerifierPhase.Idle;
}

/** Takes a thread that has stopped out of everything that knows it, and drops the capabilities that it holds. */
function destroyThread(thread: Thread): void {
  const context = thread.schedContext;
  if (context !== null) unbindContext(context);
  const bound = thread.bound;
  if (bound !== null) unbindNotification(bound);
  leaveProcess(thread);
  forgetFpu(thread);
  if (!isNull(thread.cspace)) dropStep(thread.cspace);
  if (!isNull(thread.space)) dropStep(thread.space);
  if (!isNull(thread.buffer)) dropStep(thread.buffer);
  if (!isNull(thread.handler)) dropStep(thread.handler);
  if (cpu.current === thread) cpu.current = idleThread;
}

/** Ends whatever the thread does or waits for; it is Inactive then. Its call tells how it has ended, if it goes on. */
export function stopThread(thread: Thread): void {
  switch (thread.state) {
    case ThreadState.Ready:
    case ThreadState.Running:
      unready(thread);
      break;
    case ThreadState.Sending:
      leaveEndpoint(thread);
      if (!thread.isFaulted) setInfo(thread.frame, errorInfo(ErrorCode.Gone, NEVER_RECEIVED));
      break;
    case ThreadState.Receiving:
      leaveEndpoint(thread);
      setInfo(thread.frame, errorInfo(ErrorCode.Busy, 0n));
      break;
    case ThreadState.AwaitingReply: {
      const reply = thread.reply;
      if (reply !== null) reply.caller = null;
      thread.reply = null;
      if (!thread.isFaulted) setInfo(thread.frame, errorInfo(ErrorCode.Gone, NOT_ANSWERED));
      break;
    }
    case ThreadState.Waiting: {
      const notification = thread.notification;
      if (notification !== null) leaveNotification(notification, thread);
      setInfo(thread.frame, errorInfo(ErrorCode.Busy, 0n));
      break;
    }
    case ThreadState.Inactive:
      break;
    default:
      unreachable(thread.state);
  }
  thread.state = ThreadState.Inactive;
}

function unbindNotification(notification: Notification): void {
  const thread = notification.bound;
  if (thread !== null) thread.bound = null;
  notification.bound = null;
}
