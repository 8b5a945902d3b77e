import type { Arch } from "../scripts/architecture.ts";

/** What is measured, in the order of the tables, with whom it is compared and what is to be reached. */

export type Place = Arch | "host";

export interface BenchRow {
  readonly id: string;
  readonly title: string;
  readonly unit: "instructions" | "instructions per byte" | "bytes";
  /** Whose figures the anchors are, with where they come from in bench/README.md. */
  readonly against: string;
  readonly anchor: Readonly<Partial<Record<Place, number>>>;
  /** The most that it may be. */
  readonly goal: Readonly<Partial<Record<Place, number>>>;
}

export const ROWS: readonly BenchRow[] = [
  {
    id: "kernel.boot",
    title: "kernel entry to the console's prompt in user mode, without calibration waits",
    unit: "instructions",
    against: "seL4, kernel entry to first user instruction",
    anchor: { x86_64: 22_459_189, aarch64: 2_716_804 },
    goal: { x86_64: 6_000_000, aarch64: 6_000_000 },
  },
  {
    id: "kernel.text",
    title: "kernel text and read-only data",
    unit: "bytes",
    against: "seL4, release",
    anchor: { x86_64: 97_402, aarch64: 101_680 },
    goal: { x86_64: 81_920, aarch64: 81_920 },
  },
  {
    id: "kernel.null-syscall",
    title: "an unknown system call, with its loop and stub",
    unit: "instructions",
    against: "seL4, null system call",
    anchor: { x86_64: 100, aarch64: 91 },
    goal: { x86_64: 80, aarch64: 80 },
  },
  {
    id: "kernel.ipc-0",
    title: "Call and ReplyRecv, 0 words, two address spaces, both loops included",
    unit: "instructions",
    against: "seL4, two address spaces, no skim window",
    anchor: { x86_64: 430, aarch64: 420 },
    goal: { x86_64: 380, aarch64: 380 },
  },
  {
    id: "kernel.ipc-4",
    title: "the same, 4 words",
    unit: "instructions",
    against: "seL4, two address spaces",
    anchor: { x86_64: 472, aarch64: 467 },
    goal: { x86_64: 420, aarch64: 420 },
  },
  {
    id: "kernel.ipc-10",
    title: "the same, 10 words",
    unit: "instructions",
    against: "seL4, two address spaces",
    anchor: { x86_64: 1_616, aarch64: 1_418 },
    goal: { x86_64: 560, aarch64: 560 },
  },
  {
    id: "kernel.ipc-64",
    title: "the same, 64 words; words in buffers are not touched by the users",
    unit: "instructions",
    against: "nobody",
    anchor: {},
    goal: { x86_64: 900, aarch64: 900 },
  },
  {
    id: "kernel.ipc-cap",
    title: "the same, 4 words and a capability each way, which is moved",
    unit: "instructions",
    against: "nobody",
    anchor: {},
    goal: { x86_64: 1_100, aarch64: 1_100 },
  },
  {
    id: "kernel.queue",
    title: "a message of 4 words into a ring and out of it, by one thread",
    unit: "instructions",
    against: "nobody",
    anchor: {},
    goal: { x86_64: 350, aarch64: 350 },
  },
  {
    id: "kernel.signal",
    title: "Signal without a waiter, with its loop and stub",
    unit: "instructions",
    against: "seL4, signal to a thread of lower priority",
    anchor: { x86_64: 367, aarch64: 384 },
    goal: { x86_64: 200, aarch64: 200 },
  },
  {
    id: "kernel.signal-switch",
    title: "Signal to a thread of higher priority that waits, until that one runs",
    unit: "instructions",
    against: "seL4, signal to a thread of higher priority",
    anchor: { x86_64: 520, aarch64: 566 },
    goal: { x86_64: 400, aarch64: 400 },
  },
  {
    id: "kernel.yield",
    title: "Yield to another process, a turn",
    unit: "instructions",
    against: "seL4, yield to another process",
    anchor: { x86_64: 280, aarch64: 329 },
    goal: { x86_64: 250, aarch64: 250 },
  },
  {
    id: "kernel.fault",
    title: "a fault, its handler's answer, and the thread goes on",
    unit: "instructions",
    against: "seL4, fault and answer",
    anchor: { x86_64: 1_303, aarch64: 1_129 },
    goal: { x86_64: 900, aarch64: 900 },
  },
  {
    id: "kernel.irq",
    title: "a device's interrupt, until the thread that waits for it runs",
    unit: "instructions",
    against: "seL4, interrupt to user handler; nothing there measures it on aarch64",
    anchor: { x86_64: 367 },
    goal: { x86_64: 350, aarch64: 350 },
  },
  {
    id: "kernel.map-1",
    title: "Map one page of 4 KiB",
    unit: "instructions",
    against: "seL4",
    anchor: { x86_64: 745, aarch64: 561 },
    goal: { x86_64: 500, aarch64: 500 },
  },
  {
    id: "kernel.map-2048",
    title: "Map 2,048 pages in eight calls, a page",
    unit: "instructions",
    against: "seL4, a page of 2,048",
    anchor: { x86_64: 729, aarch64: 551 },
    goal: { x86_64: 40, aarch64: 40 },
  },
  {
    id: "kernel.unmap-2048",
    title: "Unmap them, a page",
    unit: "instructions",
    against: "nobody",
    anchor: {},
    goal: { x86_64: 40, aarch64: 40 },
  },
  {
    id: "kernel.retype-1",
    title: "Retype of a page, zeroed by the call",
    unit: "instructions",
    against: "seL4, Retype of a page, which zeroes it",
    anchor: { x86_64: 905, aarch64: 1_171 },
    goal: { x86_64: 900, aarch64: 500 },
  },
  {
    id: "kernel.retype-region",
    title: "Retype of a Region of 2,048 pages, which Zero clears later",
    unit: "instructions",
    against: "nobody",
    anchor: {},
    goal: {},
  },
  {
    id: "kernel.revoke",
    title: "Revoke of a hundred copies, a copy",
    unit: "instructions",
    against: "nobody",
    anchor: {},
    goal: { x86_64: 300, aarch64: 300 },
  },
  {
    id: "kernel.longest-path",
    title: "the longest path with interrupts off, over all conformance tests",
    unit: "instructions",
    against: "nobody",
    anchor: {},
    goal: { x86_64: 25_000, aarch64: 25_000 },
  },
  {
    id: "crypto.keccak-f1600",
    title: "Keccak-f[1600], with its call and loop",
    unit: "instructions",
    against: "unrolled C, general registers only, BMI2",
    anchor: { x86_64: 4_666, aarch64: 3_618, host: 4_666 },
    goal: { x86_64: 4_900, aarch64: 3_800, host: 4_900 },
  },
  {
    id: "crypto.mldsa87-verify",
    title: "ML-DSA-87 verification: 1 KiB of zeros, key of the seed of zeros, signed deterministically",
    unit: "instructions",
    against: "mldsa-native, C at -O3, on the host",
    anchor: { host: 3_370_000, x86_64: 3_370_000, aarch64: 3_370_000 },
    goal: { host: 2_500_000, x86_64: 2_500_000, aarch64: 2_500_000 },
  },
  {
    id: "crypto.verify-longest-step",
    title: "the costliest step of the same, under a context of 255 bytes",
    unit: "instructions",
    against: "nobody; on the machines two readings of the clock are included",
    anchor: {},
    goal: { host: 20_000, x86_64: 20_000, aarch64: 20_000 },
  },
  {
    id: "crypto.zstd-per-byte",
    title: "Zstandard: Debian's libcrypto.so.3 as zstd -19 writes it, with its checksum",
    unit: "instructions per byte",
    against: "libzstd 1.5.6, C at -O3, without checksum, on the host",
    anchor: { host: 16.44, x86_64: 16.44, aarch64: 16.44 },
    goal: { host: 18, x86_64: 18, aarch64: 18 },
  },
  {
    id: "crypto.sha512-per-byte",
    title: "SHA-512 of 1 MiB of zeros",
    unit: "instructions per byte",
    against: "OpenSSL 3.0, its assembly: with AVX2 on the host, without vectors on x86_64",
    anchor: { host: 18.79, x86_64: 27.76 },
    goal: { host: 20, x86_64: 20, aarch64: 20 },
  },
];
