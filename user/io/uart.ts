import { Syscall } from "../../kernel/syscall/invocation";
import { errorOf, infoWord, type Message, ownBuffer, systemCall } from "../message";
import { MAX_TEXT, putText } from "../text";

/**
 * Where a program's text goes (kernel/output.ts writes it byte by byte): into messages for another program.
 * A Call waits until that has taken the text, a Send leaves it in the other's ring. When that is full the text is lost; how
 * often that was the next message tells that finds room.
 */

interface Output extends Struct<"Output"> {
  endpoint: u32;
  label: u32;
  isCall: boolean;
  /** Messages since the last one that found room. */
  lost: u32;
  length: u32;
  readonly bytes: FixedArray<u8, typeof MAX_TEXT>;
}

const output: Output = zeroed();
const LOSS: Bytes = " lines were lost here";
const LOSS_BYTES = 32;

/** Text goes to `endpoint` by Calls with this label. */
export function callWithText(endpoint: u32, label: u32): void {
  output.endpoint = endpoint;
  output.label = label;
  output.isCall = true;
}

/** Text goes to `endpoint` as messages with this label that nobody waits for. */
export function sendText(endpoint: u32, label: u32): void {
  output.endpoint = endpoint;
  output.label = label;
  output.isCall = false;
}

export function putByte(byte: u8): void {
  if (output.length === MAX_TEXT) flushText();
  output.bytes[output.length] = byte;
  output.length++;
}

/**
 * Waits until the other program has received all that was sent: a message that waits there goes with its sender. It is an
 * empty one that does so, behind all the others; nobody answers it.
 */
export function awaitReceived(): void {
  if (output.endpoint === 0 || output.isCall) return;
  const message = local<Message>();
  message.info = infoWord(0, 0, 0);
  systemCall(Syscall.Call, output.endpoint, 0, message);
}

/** Hands over what has been written. */
export function flushText(): void {
  const length = output.length;
  output.length = 0;
  if (output.endpoint === 0 || length === 0) return;
  if (output.lost !== 0) tellLoss();
  if (!hand(sliceOf(output.bytes, 0, length))) output.lost++;
}

/** False when nobody takes it. */
function hand(text: Bytes): boolean {
  const message = local<Message>();
  const words = putText(message, ownBuffer(), text);
  message.info = infoWord(output.label, words, 0);
  systemCall(output.isCall ? Syscall.Call : Syscall.NbSend, output.endpoint, 0, message);
  return output.isCall || errorOf(message) === 0;
}

/** In a message of its own, with at most four digits. */
function tellLoss(): void {
  const text = local<FixedArray<u8, typeof LOSS_BYTES>>();
  let length: u32 = 0;
  for (let unit: u32 = 1000; unit > 0; unit /= 10) {
    if (output.lost < unit) continue;
    text[length] = u8(0x30 + ((output.lost / unit) % 10));
    length++;
  }
  for (let i: u32 = 0; i < LOSS.length; i++) text[length + i] = LOSS[i];
  if (hand(sliceOf(text, 0, length + LOSS.length))) output.lost = 0;
}
