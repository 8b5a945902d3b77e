import type { LoadStage, Receipt } from "../../protocol/receipt";

/**
 * The receipts of the last loads: what each was about, and what its stages took. A load on its way has its own; at its end
 * it is kept here, and the oldest makes room.
 */

const MAX_RECEIPTS = 32;

interface Receipts extends Struct<"Receipts"> {
  /** Of the last load; numbers begin with 1. */
  lastId: u32;
  /** Of the one that was kept last; 0 at first. */
  keptId: u32;
  readonly kept: FixedArray<Inline<Receipt>, typeof MAX_RECEIPTS>;
}

const receipts: Receipts = zeroed();

/** Numbers go on behind the last one of an incarnation before. */
export function continueReceipts(lastId: u32): void {
  receipts.lastId = lastId;
}

/** Makes `receipt` the next load's, empty but for its number. */
export function beginReceipt(receipt: Receipt): void {
  const empty = local<Receipt>();
  copyStruct(receipt, empty);
  receipts.lastId++;
  receipt.loadId = receipts.lastId;
}

/** Of a load that has ended. */
export function keepReceipt(receipt: Receipt): void {
  copyStruct(receipts.kept[receipt.loadId % MAX_RECEIPTS], receipt);
  receipts.keptId = receipt.loadId;
}

/** The receipt of a load that has ended (0: of the last one), or null when it is not known any more. */
export function receiptOf(asked: u32): Receipt | null {
  const loadId = asked === 0 ? receipts.keptId : asked;
  const receipt = receipts.kept[loadId % MAX_RECEIPTS];
  return loadId !== 0 && receipt.loadId === loadId ? receipt : null;
}

/** Adds the time that a stage took. */
export function countStage(receipt: Receipt, stage: LoadStage, ns: u64): void {
  receipt.stages[u32(stage)] += ns;
}
