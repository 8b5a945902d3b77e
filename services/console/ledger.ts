import { writeByte, writeText } from "../../kernel/output";
import { MessageFault } from "../../protocol/error";
import { decodeReceipt, encodeReadReceiptRequest } from "../../protocol/marshal/receipt";
import { LOAD_STAGES, type ReadReceiptRequest, type Receipt } from "../../protocol/receipt";
import { textOfName, textOfVersion } from "../../protocol/texts";
import { flushText } from "../../user/io/uart";
import type { Message } from "../../user/message";
import { CONSOLE_MODULES } from "../slots";
import { NAME_WIDTH, VERSION_WIDTH, writeCell, writeNumberCell } from "./columns";
import { fail, Outcome } from "./command";
import { call, NO_ANSWER } from "./service";
import { nameOfStatus } from "./statusText";
import { writeHeading } from "./terminal";

/** The command `ledger`, and receipts: what loads were about, how they ended, and what they took. */

/** Beyond what the ModuleManager keeps. */
const MOST = 64;
const NEWEST = 0;
const NUMBER_WIDTH = 6;
const TIME_WIDTH = 12;

const request: ReadReceiptRequest = zeroed();
const receipt: Receipt = zeroed();

export function ledger(_argument: Bytes): Outcome {
  writeHeading("  LOAD NAME                     VERSION                NS STATUS");
  if (!readReceipt(NEWEST)) return fail(NO_ANSWER);
  const newest = receipt.loadId;
  for (let id = newest; id > 0 && newest - id < MOST; id--) {
    if (!readReceipt(id)) return fail(NO_ANSWER);
    // On its way, or not kept any more.
    if (receipt.loadId === id) writeRow();
  }
  return Outcome.Ok;
}

function writeRow(): void {
  writeNumberCell(u64(receipt.loadId), NUMBER_WIDTH);
  writeCell(textOfName(receipt.name), NAME_WIDTH);
  writeCell(textOfVersion(receipt.version), VERSION_WIDTH);
  writeNumberCell(totalNs(receipt), TIME_WIDTH);
  writeText(nameOfStatus(receipt.status));
  writeByte(0x0a);
  flushText();
}

/** Of all stages. */
export function totalNs(of: Receipt): u64 {
  let total: u64 = 0n;
  for (let i: u32 = 0; i < LOAD_STAGES; i++) total += of.stages[i];
  return total;
}

/** The receipt that `readReceipt` has read. */
export function lastReceipt(): Receipt {
  return receipt;
}

/** Reads the receipt of a load; its number is 0 when there is none. False when the ModuleManager does not answer. */
export function readReceipt(loadId: u32): boolean {
  const message = local<Message>();
  request.requestId = u64(loadId);
  request.loadId = loadId;
  encodeReadReceiptRequest(request, message);
  call(CONSOLE_MODULES, message);
  return decodeReceipt(message, receipt) === MessageFault.None;
}
