import { copyFileSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { $ } from "zx";
import { buildImage } from "./build.ts";
import { BOOT_ARCHIVE, type Flavour, sourcesOf } from "./image.ts";
import { signRelease } from "./release.ts";

/**
 * The ISO for x86_64: one file that boots from a CD or, written to it as it is, from a USB disk, by BIOS and by UEFI.
 *
 *   kernel.elf, boot.cpio, boot/grub.cfg, licences ── grub-mkrescue ──▶ skyscope-x86_64.iso
 */

const ARCH = "x86_64";

/** Answers the ISO's file, which has its digest and signature beside it. */
export async function buildIso(flavour: Flavour): Promise<string> {
  const image = await buildImage({ arch: ARCH, flavour });
  const iso = join(sourcesOf({ arch: ARCH, flavour }).out, `skyscope-${ARCH}.iso`);
  await writeIso(iso, image, join(image, BOOT_ARCHIVE));
  signRelease(iso);
  return iso;
}

/** Writes one of the kernel in an image's folder and of a boot archive. */
export async function writeIso(iso: string, image: string, archive: string): Promise<void> {
  const tree = `${iso}.tree`;
  rmSync(tree, { recursive: true, force: true });
  mkdirSync(join(tree, "boot/grub"), { recursive: true });
  copyFileSync(join(image, "kernel.elf"), join(tree, "boot/kernel.elf"));
  copyFileSync(archive, join(tree, "boot", BOOT_ARCHIVE));
  copyFileSync("boot/grub.cfg", join(tree, "boot/grub/grub.cfg"));
  copyFileSync("LICENSE", join(tree, "LICENSE"));
  copyFileSync("drivers/font/LICENSE", join(tree, "LICENSE.font"));
  const parts = ["--fonts=", "--locales=", "--themes=", "--compress=xz"];
  await $({ quiet: true })`grub-mkrescue --output=${iso} ${parts} ${tree} -volid SKYSCOPE`;
}
