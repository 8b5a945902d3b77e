import koffi from "koffi";

/** BootInfo of boot/bootInfo.ts for tests on the host, where a physical address is the address of a test's buffer. */

export const MAX_MODULES = 64;

export const BOOT_INFO = koffi.struct("BootInfo", {
  loader: "uint8_t",
  entryCounter: "uint64_t",
  memoryRangeCount: "uint32_t",
  memoryRanges: koffi.array(koffi.struct({ start: "uint64_t", bytes: "uint64_t", kind: "uint8_t" }), 128),
  moduleCount: "uint32_t",
  modules: koffi.array(
    koffi.struct({ start: "uint64_t", bytes: "uint64_t", nameLength: "uint32_t", name: "char [64]" }),
    MAX_MODULES,
  ),
  archiveStart: "uint64_t",
  archiveBytes: "uint64_t",
  commandLineLength: "uint32_t",
  commandLine: "char [512]",
  framebuffer: koffi.struct({
    address: "uint64_t",
    pitchBytes: "uint32_t",
    width: "uint32_t",
    height: "uint32_t",
    bitsPerPixel: "uint8_t",
    isText: "bool",
    redPosition: "uint8_t",
    redBits: "uint8_t",
    greenPosition: "uint8_t",
    greenBits: "uint8_t",
    bluePosition: "uint8_t",
    blueBits: "uint8_t",
  }),
  acpiRoot: "uint64_t",
  deviceTree: "uint64_t",
  deviceTreeBytes: "uint64_t",
  dropped: "uint32_t",
});

export interface BootModule {
  start: number;
  bytes: number;
  nameLength: number;
  name: string;
}

export interface BootInfo {
  readonly memoryRangeCount: number;
  readonly memoryRanges: readonly object[];
  moduleCount: number;
  readonly modules: BootModule[];
  readonly archiveStart: number;
  readonly archiveBytes: number;
  readonly commandLineLength: number;
  readonly commandLine: string;
  readonly framebuffer: object;
  readonly acpiRoot: number;
  readonly dropped: number;
}

/** Of zeros. */
export function emptyBootInfo(): BootInfo {
  return koffi.decode(Buffer.alloc(koffi.sizeof(BOOT_INFO)), BOOT_INFO) as BootInfo;
}

/** What `@arch` is to the readers. */
export const MMU_FILES: ReadonlyMap<string, string> = new Map([
  [
    "test/boot/mmu.ts",
    `import type { PhysAddr } from "../../kernel/memory/address";
export function windowOf(p: PhysAddr): u64 {
  return u64(p);
}
`,
  ],
]);
