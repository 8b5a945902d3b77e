/**
 * Lines of the kernel that the fuzzer does not reach, and why: `make coverage` prints it beside each. What is not listed
 * here has to be reached.
 */
interface Gap {
  readonly file: string;
  /** Of these top-level functions; of the whole file without them. */
  readonly functions?: readonly string[];
  readonly why: string;
}

const BOOT_MEMORY = "memory of the kernel's own, given out before there is a user: every boot of test-qemu";
const OWN_TABLES = "the kernel's own page tables, made before there is a user: every boot of test-qemu, panic.test.ts";

const GAPS: readonly Gap[] = [
  { file: "kernel/memory/frames.ts", why: BOOT_MEMORY },
  { file: "kernel/memory/kernelSpace.ts", why: OWN_TABLES },
  {
    file: "kernel/fault/backtrace.ts",
    why: "the host's programs have no table of lines, and their stack is not the kernel's: panic.test.ts",
  },
  { file: "kernel/fault/panic.ts", functions: ["beginReport"], why: "a panic within a panic: panic.test.ts" },
  {
    file: "kernel/fault/panic.ts",
    functions: ["stop"],
    why: "the emulator's own exit, which the command line asks for: panic.test.ts",
  },
  { file: "kernel/log.ts", why: "records of the kernel's start, and of what goes wrong in it: log.test.ts" },
  { file: "kernel/cap/derive.ts", functions: ["whyNoCopy"], why: "whoever asks has seen that the slot is not null" },
  {
    file: "kernel/object/addressSpace.ts",
    functions: ["findFreeId"],
    why: "all 4,095 identifiers in use: conformance `space: there are as many spaces as identifiers`",
  },
  {
    file: "kernel/object/powerControl.ts",
    why: "the emulator's own exit, and a status that it does not know: runner.test.ts, conformance",
  },
  {
    file: "kernel/object/processCreate.ts",
    functions: ["isCreatable", "isEndowable", "endow"],
    why: "the world's parcels have neither twice the budget nor parameters: test-qemu/process/main.ts",
  },
  {
    file: "kernel/object/endpoint.ts",
    functions: ["returnUnused"],
    why: "somebody must wait when a one-shot capability ends: conformance `ring: fate reaches a waiting receiver`",
  },
  {
    file: "kernel/object/untyped.ts",
    functions: ["carve"],
    why: "no memory lies beyond what devices reach: dma.test.ts",
  },
  { file: "kernel/object/verifier.ts", functions: ["stepVerifier"], why: "Step has seen that it is not idle" },
  {
    file: "kernel/object/verifier.ts",
    functions: ["seal"],
    why: "a publisher signs an unsound program: test-qemu/process/verdicts.ts",
  },
  {
    file: "kernel/sched/timerWheel.ts",
    functions: ["takeDue"],
    why: "more at once than an interrupt may touch: conformance `timer: many timers may expire at once`",
  },
  {
    file: "kernel/object/verifier.ts",
    functions: ["stepSignatures"],
    why: "a newer trust set in the middle of a verification: test-qemu/process/trust.ts",
  },
  {
    file: "kernel/sched/scheduler.ts",
    functions: ["bindContext"],
    why: "a context without budget goes to a thread: conformance `budget: unbinding and binding does not refill`",
  },
  { file: "kernel/syscall/syscall.ts", functions: ["other"], why: "in debug builds there is no other number" },
  {
    file: "kernel/syscall/syscall.ts",
    functions: ["sendOnce"],
    why: "the endpoint's last capability is a one-shot one: conformance `ring: last one shot finds nobody`",
  },
];

/** What shows by itself, whatever the file. */
const ANYWHERE: readonly { readonly pattern: RegExp; readonly why: string }[] = [
  { pattern: /\bunreachable\(/, why: "no value of the type is left" },
  { pattern: /\bpanic\(/, why: "a panic is a finding" },
];

/** Why `line` (from 1) of the file's `source` is not reached; null when nothing says so. */
export function whyMissed(file: string, source: readonly string[], line: number): string | null {
  const text = source[line - 1] ?? "";
  const own = ANYWHERE.find(({ pattern }) => pattern.test(text));
  if (own !== undefined) return own.why;
  const name = functionAt(source, line);
  const gap = GAPS.find(
    ({ file: of, functions }) =>
      of === file && (functions === undefined || (name !== null && functions.includes(name))),
  );
  return gap?.why ?? null;
}

/** The top-level function that a line is in. */
function functionAt(source: readonly string[], line: number): string | null {
  for (let at = line - 1; at >= 0; at--) {
    const text = source[at] ?? "";
    const name = /^(?:export )?function (\w+)/.exec(text)?.[1];
    if (name !== undefined) return name;
    if (text.startsWith("}") && at < line - 1) return null;
  }
  return null;
}
