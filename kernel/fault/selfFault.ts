/** Breaks each of the language's own checks on purpose, for `selftest=fault:KIND`. */

const KIND_COUNT = 6;
export const SELF_FAULT_KINDS: FixedArray<Bytes, typeof KIND_COUNT> = [
  "divide",
  "index",
  "null",
  "assert",
  "enum",
  "overflow",
];

/** @storage u8 */
const enum Step {
  First,
  Second,
}

const cells: FixedArray<u32, 4> = zeroed();
const nobody: Cell | null = null;

interface Cell extends Struct<"Cell"> {
  value: u32;
}

/** `kind` is an index into SELF_FAULT_KINDS; every one panics. */
export function raiseSelfFault(kind: u32): void {
  const beyond = valueBarrier32(9);
  switch (kind) {
    case 0:
      cells[0] = 7 / (beyond - 9);
      return;
    case 1:
      cells[beyond] = 1;
      return;
    case 2: {
      const cell = nobody;
      cells[0] = cell!.value;
      return;
    }
    case 3:
      assert(beyond === 0, "asked for on the command line");
      return;
    case 4:
      cells[0] = u32(toEnum<Step>(beyond));
      return;
    case 5:
      cells[0] = addChecked(u32(0xffff_ffff), beyond);
      return;
    default:
      panic("no such kind of self fault");
  }
}
