import { Syscall } from "../../kernel/syscall/invocation";
import { errorOf, infoWord, type Message, ownBuffer, systemCall } from "../message";
import { MAX_TEXT, putText } from "../text";

/**
 * Where a program's text goes (kernel/output.ts writes it byte by byte): into messages for another program, or for two.
 * A Call waits until that has taken the text, a Send leaves it in the other's ring. When that is full the text is lost; how
 * often that was the next message tells that finds room.
 */

interface Output extends Struct<"Output"> {
  /** 0: it is not open. */
  endpoint: u32;
  label: u32;
  isCall: boolean;
  /** Text passes it by for now. */
  isPassed: boolean;
  /** Messages since the last one that found room. */
  lost: u32;
  length: u32;
  readonly bytes: FixedArray<u8, typeof MAX_TEXT>;
}

const OUTPUTS = 2;
const outputs: FixedArray<Inline<Output>, typeof OUTPUTS> = zeroed();
const LOSS: Bytes = " lines were lost here";
const LOSS_BYTES = 32;

/** Text goes to `endpoint` by Calls with this label. */
export function callWithText(endpoint: u32, label: u32): void {
  open(outputs[0], endpoint, label, true);
}

/** It goes there too. */
export function alsoCallWithText(endpoint: u32, label: u32): void {
  open(outputs[1], endpoint, label, true);
}

/** Text goes to `endpoint` as messages with this label that nobody waits for. */
export function sendText(endpoint: u32, label: u32): void {
  open(outputs[0], endpoint, label, false);
}

function open(output: Output, endpoint: u32, label: u32, isCall: boolean): void {
  output.endpoint = endpoint;
  output.label = label;
  output.isCall = isCall;
}

/** From now on text goes only to those outputs whose bits are set here, the first one's lowest. */
export function chooseOutputs(chosen: u32): void {
  for (let i: u32 = 0; i < OUTPUTS; i++) outputs[i].isPassed = ((chosen >>> i) & 1) === 0;
}

export function putByte(byte: u8): void {
  for (let i: u32 = 0; i < OUTPUTS; i++) {
    const output = outputs[i];
    if (output.endpoint === 0 || output.isPassed) continue;
    if (output.length === MAX_TEXT) flush(output);
    output.bytes[output.length] = byte;
    output.length++;
  }
}

/**
 * Waits until the other program has received all that was sent: a message that waits there goes with its sender. It is an
 * empty one that does so, behind all the others; nobody answers it.
 */
export function awaitReceived(): void {
  if (outputs[0].endpoint === 0 || outputs[0].isCall) return;
  const message = local<Message>();
  message.info = infoWord(0, 0, 0);
  systemCall(Syscall.Call, outputs[0].endpoint, 0, message);
}

/** Hands over what has been written. */
export function flushText(): void {
  for (let i: u32 = 0; i < OUTPUTS; i++) flush(outputs[i]);
}

function flush(output: Output): void {
  const length = output.length;
  output.length = 0;
  if (output.endpoint === 0 || length === 0) return;
  if (output.lost !== 0) tellLoss(output);
  if (!hand(output, sliceOf(output.bytes, 0, length))) output.lost++;
}

/** False when nobody takes it. */
function hand(output: Output, text: Bytes): boolean {
  const message = local<Message>();
  const words = putText(message, ownBuffer(), text);
  message.info = infoWord(output.label, words, 0);
  systemCall(output.isCall ? Syscall.Call : Syscall.NbSend, output.endpoint, 0, message);
  return output.isCall || errorOf(message) === 0;
}

/** In a message of its own, with at most four digits. */
function tellLoss(output: Output): void {
  const text = local<FixedArray<u8, typeof LOSS_BYTES>>();
  let length: u32 = 0;
  for (let unit: u32 = 1000; unit > 0; unit /= 10) {
    if (output.lost < unit) continue;
    text[length] = u8(0x30 + ((output.lost / unit) % 10));
    length++;
  }
  for (let i: u32 = 0; i < LOSS.length; i++) text[length + i] = LOSS[i];
  if (hand(output, sliceOf(text, 0, length + LOSS.length))) output.lost = 0;
}
