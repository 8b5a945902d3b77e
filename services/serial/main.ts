import { lengthIn } from "../../kernel/ipc/messageInfo";
import { labelOf, type Message, ownBuffer } from "../../user/message";
import { textByte, textLength } from "../../user/text";
import { TERMINAL_WRITE } from "../protocol";
import {
  endInterrupt,
  firstMessage,
  hasRoom,
  isInterrupt,
  nextMessage,
  noteInterrupt,
  openDriver,
  passOn,
  typeByte,
} from "../terminalDriver";
import { hasByte, openUart, receiveByte, sendByte } from "./uart";

/** The serial port's driver: sends the text that it is called with, and passes on what it receives. */

/** @entry program_start */
export function main(_info: u64): void {
  const message = local<Message>();
  openDriver();
  openUart();
  firstMessage(message);
  for (;;) {
    if (isInterrupt(message)) noteInterrupt();
    else if (labelOf(message) === TERMINAL_WRITE) write(message);
    receive();
    nextMessage(message);
  }
}

function write(message: Message): void {
  const length = textLength(message.words[0], lengthIn(message.info), 1);
  for (let i: u32 = 0; i < length; i++) sendByte(textByte(message, ownBuffer(), 1, i));
}

/** Passes on what has come, until nothing is left or nobody takes any more. */
function receive(): void {
  do {
    while (hasRoom(1) && hasByte()) typeByte(receiveByte());
  } while (passOn());
  endInterrupt(1);
}
