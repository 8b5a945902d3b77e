/** @unsafe breaks the kernel's own memory protection on purpose */
import { pause } from "./cpu";
import { raiseNmi } from "./interrupts";
import { WINDOW_BASE } from "./layout";

/** Causes each exception on purpose, for `selftest=fault:KIND`. */

const KIND_COUNT = 12;
export const FAULT_KINDS: FixedArray<Bytes, typeof KIND_COUNT> = [
  "page",
  "write-text",
  "execute-data",
  "page-zero",
  "opcode",
  "stack",
  "protection",
  "breakpoint",
  "cpu-divide",
  "debug",
  "segment",
  "nmi",
];

/** Below it nothing is mapped. */
const UNMAPPED = 0x10n;
/** Bits 63 to 47 differ. */
const NON_CANONICAL = 0x8000_0000_0000_0000n;
/** It takes the interrupt controller a moment. */
const NMI_PATIENCE = 100_000;

/** @extern kernel_text_start */
declare const textStart: FixedArray<u8, 1>;
/** @extern cpu_invalidOpcode */
declare function invalidOpcode(): void;
/** @extern cpu_breakpoint */
declare function breakpoint(): void;
/** @extern cpu_divideByZero */
declare function divideByZero(): void;
/** @extern cpu_singleStep */
declare function singleStep(): void;
/** @extern cpu_overflowStack */
declare function overflowStack(): void;
/** @extern cpu_jumpTo */
declare function jumpTo(address: u64): void;
/** @extern cpu_selectSegment */
declare function selectSegment(selector: u16): void;

const data: FixedArray<u8, 16> = zeroed();

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
      volatileLoad32(WINDOW_BASE);
      return;
    case 4:
      invalidOpcode();
      return;
    case 5:
      overflowStack();
      return;
    case 6:
      volatileLoad64(valueBarrier64(NON_CANONICAL));
      return;
    case 7:
      breakpoint();
      return;
    case 8:
      divideByZero();
      return;
    case 9:
      singleStep();
      return;
    case 10:
      selectSegment(0x38);
      return;
    case 11:
      raiseNmi();
      for (let i: u32 = 0; i < NMI_PATIENCE; i++) pause();
      return;
    default:
      panic("no such kind of fault");
  }
}
