/** @unsafe breaks the rules on purpose */
import { HAS_PORTS } from "@arch/layout";

/** What a thread of its own does to fault: for the console's `fault KIND`. */

export const FAULT_KINDS = 12;
const COMMON_KINDS = 10;
const OWN_KINDS = 2;
const commonNames: FixedArray<Bytes, typeof COMMON_KINDS> = [
  "read",
  "page-zero",
  "write-text",
  "execute-data",
  "kernel",
  "stack",
  "opcode",
  "breakpoint",
  "privileged",
  "check",
];
const namesWithPorts: FixedArray<Bytes, typeof OWN_KINDS> = ["port", "non-canonical"];
const namesWithoutPorts: FixedArray<Bytes, typeof OWN_KINDS> = ["mask", "pc-alignment"];

/** What the kind `index` is called on this machine. */
export function kindName(index: u32): Bytes {
  if (index < COMMON_KINDS) return commonNames[index];
  return HAS_PORTS ? namesWithPorts[index - COMMON_KINDS] : namesWithoutPorts[index - COMMON_KINDS];
}

/** Nothing is mapped there. */
const UNMAPPED = 0x10n;
const KERNEL_ADDRESS = 0xffff_ffff_8020_2000n;
const NON_CANONICAL = 0x8000_0000_0000n;
/** Its stack, below which nothing is mapped. */
export const VICTIM_STACK = 0x6000_0000n;
export const VICTIM_STACK_PAGES = 4n;
const BELOW_STACK = VICTIM_STACK - 8n;

/** @extern user_illegal */
declare function illegal(): void;
/** @extern victim_breakpoint */
declare function breakpoint(): void;
/** @extern victim_privileged */
declare function privileged(): void;
/** @extern victim_port */
declare function portOrMask(): void;
/** @extern victim_jump */
declare function jump(address: u64): void;

interface Cell extends Struct<"Cell"> {
  value: u64;
}

/** Faults in the way that kindName names. @entry console_victim */
export function victim(kind: u64): void {
  switch (u32(kind)) {
    case 0:
      volatileLoad8(valueBarrier64(UNMAPPED + 4096n));
      break;
    case 1:
      volatileLoad8(valueBarrier64(UNMAPPED));
      break;
    case 2:
      volatileStore8(addressOfFunction(victim), 0);
      break;
    case 3: {
      const cell = local<Cell>();
      jump(addressOf(cell));
      break;
    }
    case 4:
      volatileLoad64(valueBarrier64(KERNEL_ADDRESS));
      break;
    case 5:
      volatileStore64(valueBarrier64(BELOW_STACK), 0n);
      break;
    case 6:
      illegal();
      break;
    case 7:
      breakpoint();
      break;
    case 8:
      privileged();
      break;
    case 9:
      assert(kind === 0n, "asked for at the console");
      break;
    case 10:
      portOrMask();
      break;
    default:
      if (HAS_PORTS) volatileLoad64(valueBarrier64(NON_CANONICAL));
      else jump(addressOfFunction(victim) + 2n);
      break;
  }
  for (;;) illegal();
}
