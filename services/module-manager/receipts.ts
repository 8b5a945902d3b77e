import { LOAD_STAGES, type LoadStage, type Receipt } from "../../protocol/receipt";

/** The receipts of the last loads: what each was about, and what its stages took. The oldest makes room. */

export const MAX_RECEIPTS = 32;

export interface Receipts extends Struct<"Receipts"> {
  /** Of the last load; numbers begin with 1. */
  lastId: u32;
  readonly kept: FixedArray<Inline<Receipt>, typeof MAX_RECEIPTS>;
}

/** A receipt for the next load, empty but for its number. */
export function newReceipt(receipts: Receipts): Receipt {
  receipts.lastId++;
  const receipt = receipts.kept[receipts.lastId % MAX_RECEIPTS];
  const empty = local<Receipt>();
  copyStruct(receipt, empty);
  receipt.loadId = receipts.lastId;
  return receipt;
}

/** The receipt of a load, or null when it is not known any more. */
export function receiptOf(receipts: Receipts, loadId: u32): Receipt | null {
  const receipt = receipts.kept[loadId % MAX_RECEIPTS];
  return loadId !== 0 && receipt.loadId === loadId ? receipt : null;
}

/** Adds the time that a stage took. */
export function countStage(receipt: Receipt, stage: LoadStage, ns: u64): void {
  receipt.stages[u32(stage)] += ns;
}

/** Of all stages. */
export function totalOf(receipt: Receipt): u64 {
  let sum: u64 = 0n;
  for (let i: u32 = 0; i < LOAD_STAGES; i++) sum += receipt.stages[i];
  return sum;
}
