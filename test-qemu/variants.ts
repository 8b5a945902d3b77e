import type { Arch } from "../scripts/architecture.ts";

/** The machines on which the kernel has to run. */
export interface Variant {
  readonly arch: Arch;
  readonly machine: string;
  readonly cpu: string;
  /** QEMU's `-m`, in MiB. */
  readonly memory: number;
}

export const VARIANTS: readonly Variant[] = [
  { arch: "x86_64", machine: "q35", cpu: "max", memory: 128 },
  { arch: "x86_64", machine: "q35", cpu: "max", memory: 64 },
  { arch: "x86_64", machine: "q35", cpu: "max", memory: 1024 },
  { arch: "x86_64", machine: "q35", cpu: "max", memory: 6144 },
  { arch: "x86_64", machine: "q35", cpu: "max,-la57", memory: 128 },
  { arch: "x86_64", machine: "pc", cpu: "max", memory: 128 },
  { arch: "x86_64", machine: "microvm", cpu: "max", memory: 128 },
  { arch: "aarch64", machine: "virt,gic-version=3", cpu: "max", memory: 128 },
  { arch: "aarch64", machine: "virt,gic-version=3", cpu: "max", memory: 64 },
  { arch: "aarch64", machine: "virt,gic-version=3", cpu: "max", memory: 1024 },
  { arch: "aarch64", machine: "virt,gic-version=3", cpu: "max", memory: 6144 },
  { arch: "aarch64", machine: "virt,gic-version=2", cpu: "max", memory: 128 },
  { arch: "aarch64", machine: "virt,gic-version=3", cpu: "cortex-a53", memory: 128 },
  { arch: "aarch64", machine: "virt,gic-version=2", cpu: "cortex-a53", memory: 128 },
  { arch: "aarch64", machine: "virt,gic-version=3,virtualization=on", cpu: "max", memory: 128 },
  { arch: "aarch64", machine: "virt,gic-version=2,virtualization=on", cpu: "cortex-a53", memory: 128 },
];

export function nameOf({ arch, machine, cpu, memory }: Variant): string {
  return `${arch}, ${machine}, ${cpu}, ${memory} MiB`;
}
