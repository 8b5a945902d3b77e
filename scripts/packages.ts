/** What the build and the tests need from the system: Debian's package, and how to tell that it is there. */
export interface SystemPackage {
  readonly name: string;
  /** A command that the package brings, a file by its path, or one that clang-19 finds (`HOST` is the machine's architecture). */
  readonly brings: { readonly command: string } | { readonly path: string } | { readonly file: string };
  /** The oldest version that the project has been tried with, as the command's `--version` tells it. */
  readonly oldest?: readonly [number, number];
}

export const PACKAGES: readonly SystemPackage[] = [
  { name: "clang-19", brings: { command: "clang-19" } },
  { name: "lld-19", brings: { command: "ld.lld-19" } },
  { name: "llvm-19", brings: { command: "llvm-symbolizer-19" } },
  { name: "libclang-rt-19-dev", brings: { file: "libclang_rt.ubsan_standalone-HOST.a" } },
  { name: "libc6-dev", brings: { file: "crt1.o" } },
  { name: "nasm", brings: { command: "nasm" }, oldest: [2, 14] },
  { name: "qemu-system-x86", brings: { command: "qemu-system-x86_64" }, oldest: [7, 2] },
  { name: "qemu-system-arm", brings: { command: "qemu-system-aarch64" }, oldest: [7, 2] },
  { name: "gdb-multiarch", brings: { command: "gdb-multiarch" }, oldest: [12, 0] },
  { name: "git", brings: { command: "git" } },
  { name: "util-linux", brings: { command: "setpriv" } },
  { name: "valgrind", brings: { command: "valgrind" } },
  { name: "wabt", brings: { command: "wasm2c" }, oldest: [1, 0] },
  { name: "zstd", brings: { command: "zstd" } },
];

/** What `make iso` and the ISO's tests need besides. */
export const ISO_PACKAGES: readonly SystemPackage[] = [
  { name: "grub-common", brings: { command: "grub-mkrescue" } },
  { name: "grub-pc-bin", brings: { path: "/usr/lib/grub/i386-pc/multiboot2.mod" } },
  { name: "grub-efi-amd64-bin", brings: { path: "/usr/lib/grub/x86_64-efi/multiboot2.mod" } },
  { name: "xorriso", brings: { command: "xorriso" } },
  { name: "mtools", brings: { command: "mformat" } },
  { name: "ovmf", brings: { path: "/usr/share/OVMF/OVMF_CODE_4M.fd" } },
  { name: "qemu-efi-aarch64", brings: { path: "/usr/share/AAVMF/AAVMF_CODE.fd" } },
];
