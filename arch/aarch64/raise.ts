/** @unsafe breaks the kernel's own memory protection on purpose */

/** Causes each exception on purpose, for `selftest=fault:KIND`. */

const KIND_COUNT = 9;
export const FAULT_KINDS: FixedArray<Bytes, typeof KIND_COUNT> = [
  "page",
  "write-text",
  "execute-data",
  "page-zero",
  "opcode",
  "stack",
  "alignment",
  "breakpoint",
  "pc-alignment",
];

/** Nothing is mapped in the lower half. */
const UNMAPPED = 0x10n;

/** @extern kernel_text_start */
declare const textStart: FixedArray<u8, 1>;
/** @extern cpu_invalidOpcode */
declare function invalidOpcode(): void;
/** @extern cpu_breakpoint */
declare function breakpoint(): void;
/** @extern cpu_overflowStack */
declare function overflowStack(): void;
/** @extern cpu_jumpTo */
declare function jumpTo(address: u64): void;
/** @extern cpu_loadUnaligned */
declare function loadUnaligned(address: u64): void;

const data: FixedArray<u64, 4> = zeroed();

/** `kind` is an index into FAULT_KINDS. */
export function raise(kind: u32): void {
  switch (kind) {
    case 0:
      volatileLoad8(valueBarrier64(UNMAPPED));
      return;
    case 1:
      volatileStore8(addressOf(textStart), 0);
      return;
    case 2:
      jumpTo(addressOf(data));
      return;
    case 3:
      volatileLoad32(valueBarrier64(0n));
      return;
    case 4:
      invalidOpcode();
      return;
    case 5:
      overflowStack();
      return;
    case 6:
      // Exclusive, and across a multiple of 16: what no processor takes.
      loadUnaligned(((addressOf(data) + 16n) & ~15n) - 4n);
      return;
    case 7:
      breakpoint();
      return;
    case 8:
      jumpTo(addressOf(textStart) + 2n);
      return;
    default:
      panic("no such kind of fault");
  }
}
