import type { Arch } from "../../scripts/architecture.ts";
import { buildHostKernel, type HostKernel } from "./build.ts";

/** The kernel's ends on the host (ends.kts.ts): what each is asked for by, and what is to be seen then. */

export interface End {
  readonly number: number;
  readonly says: RegExp;
  /** 134 when the machine stops. */
  readonly status: number;
}

const STOPPED = 134;
const stopped = (number: number, text: string): End => ({
  number,
  says: new RegExp(
    `^PANIC: ${text} at .*\\nregisters:\\n(?:  .*\\n)+backtrace:\\n(?:  .*\\n)+epitaph at 0x.*\\nsystem halted$`,
    "m",
  ),
  status: STOPPED,
});

const SILENCE = /^$/;
/** ErrorCode.Busy: the simulated machine stays on. */
const BUSY = 15;

/** In the order of PanicKind, a fault of the kernel, power off and reboot, sleep, a user's text. */
export const endsOf = (arch: Arch): readonly End[] => [
  stopped(0, "as it was told"),
  stopped(1, "assertion failed: as it was told"),
  stopped(2, "index 7 is out of bounds: the length is 5"),
  stopped(3, "division by zero"),
  stopped(4, "null is not an object"),
  stopped(5, "impossible value 7"),
  stopped(6, "no member of the enum has the value 7"),
  stopped(7, "the slice ends at 7 but the length is 5"),
  stopped(8, "arithmetic overflow"),
  stopped(20, ".* of address 0xdead0000"),
  { number: 21, says: /invariants: \d+ checks/, status: BUSY },
  // x86_64 has a last resort, an exception that cannot be delivered.
  { number: 22, says: SILENCE, status: arch === "x86_64" ? STOPPED : BUSY },
  { number: 23, says: SILENCE, status: 0 },
  { number: 24, says: /^written by a user$/m, status: 0 },
];

export async function buildEnds(
  arch: Arch,
  more: Partial<Pick<HostKernel, "out" | "sanitize" | "hasCoverage">> = {},
): Promise<string> {
  const out = `build/kernel-host/ends-${arch}`;
  const entries = ["test/kernel/ends.kts.ts"];
  const main = ["test/kernel/machine/main.c"];
  return await buildHostKernel({
    arch,
    entries,
    sanitize: true,
    isFuzzer: false,
    isQuick: true,
    out,
    more: main,
    ...more,
  });
}
