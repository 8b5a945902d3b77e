/** What differs between the two machines for everything outside the kernel: one row each. */

export type Arch = "x86_64" | "aarch64";

export interface Architecture {
  readonly name: Arch;
  readonly emulator: string;
  /** QEMU's machine and CPU when none is asked for. */
  readonly machine: string;
  readonly cpu: string;
  /** What the emulator loads, in the folder of the built image. */
  readonly bootFile: string;
  /** UEFI's code. Its variables are left out, and so every boot is the first. */
  readonly uefi: string;
  /** QEMU options that give the kernel a way to say an exit status. */
  readonly exitOptions: readonly string[];
  /** The status that the kernel said, from QEMU's own; null when QEMU ended without the kernel's word. */
  decodeExit(code: number): number | null;
  /** What Node calls this architecture: KVM needs a host of the same one. */
  readonly hostName: string;
  readonly gdbName: string;
  /** Services beside those that every machine has, in their order before the console (scripts/image.ts). */
  readonly drivers: readonly string[];
}

export const ARCHITECTURES: Readonly<Record<Arch, Architecture>> = {
  x86_64: {
    name: "x86_64",
    emulator: "qemu-system-x86_64",
    machine: "q35",
    cpu: "max",
    bootFile: "kernel.elf",
    uefi: "/usr/share/OVMF/OVMF_CODE_4M.fd",
    exitOptions: ["-device", "isa-debug-exit,iobase=0xf4,iosize=0x04"],
    // The device ends QEMU with 2 * value + 1; the kernel writes 0x10 + status.
    decodeExit: (code) => (code % 2 === 1 && code >= 0x21 ? (code - 1) / 2 - 0x10 : null),
    hostName: "x64",
    gdbName: "i386:x86-64",
    drivers: ["screen"],
  },
  aarch64: {
    name: "aarch64",
    emulator: "qemu-system-aarch64",
    machine: "virt,gic-version=3",
    cpu: "max",
    bootFile: "kernel.img",
    uefi: "/usr/share/AAVMF/AAVMF_CODE.fd",
    exitOptions: ["-semihosting-config", "enable=on,target=native"],
    decodeExit: (code) => code,
    hostName: "arm64",
    gdbName: "aarch64",
    drivers: [],
  },
};

export const ARCHES: readonly Arch[] = ["x86_64", "aarch64"];

export function isArch(name: string): name is Arch {
  return name in ARCHITECTURES;
}
