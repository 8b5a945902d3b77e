import { copyFileSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { $ } from "zx";
import { ARCHITECTURES } from "./architecture.ts";
import { buildImage } from "./build.ts";
import { buildEfiLoader } from "./efiLoader.ts";
import { BOOT_ARCHIVE, type Flavour, sourcesOf } from "./image.ts";
import { signRelease } from "./release.ts";

/**
 * The disk for aarch64, which UEFI boots from, as a whole or written to a USB disk:
 *
 *   1 MiB: partition table │ FAT: /EFI/BOOT/BOOTAA64.EFI, /skyscope/kernel.img, boot.cpio, options.txt, LICENSE │ room
 *
 * The partition's type says that it is for EFI (UEFI 2.10, 5.2.2), the loader's path that it is to be started where nothing
 * else is said (3.5.1.1). Equal files make equal disks.
 */

const ARCH = "aarch64";
const MIB = 1 << 20;
const SECTOR = 512;
const FIRST_SECTOR = MIB / SECTOR;
/** For files that a user adds. */
const ROOM = 8 * MIB;
const PARTITION_ENTRY = 446;
const EFI_SYSTEM = 0xef;
/** Sectors of a disk whose geometry is not told. */
const NO_GEOMETRY = [0xfe, 0xff, 0xff];
const SERIAL = "534b5953";
/** By the disk's number UEFI tells it from others. */
const DISK_NUMBER = 440;
/** Few enough for FAT16. */
const CLUSTER_SECTORS = "4";
/** Of every file in it, in seconds since 1970: a FAT knows no time before 1980. */
const TIME = "315619200";

/** The kernel's command line, for the user to change. */
const OPTIONS = "\n";

/** Answers the disk's file, which has its digest and signature beside it. */
export async function buildEfiDisk(flavour: Flavour): Promise<string> {
  const image = await buildImage({ arch: ARCH, flavour });
  const { out } = sourcesOf({ arch: ARCH, flavour });
  const [tree, disk] = [join(out, "efi"), join(out, `skyscope-${ARCH}.img`)];
  const [boot, system] = [join(tree, "EFI/BOOT"), join(tree, "skyscope")];
  rmSync(tree, { recursive: true, force: true });
  for (const folder of [boot, system]) mkdirSync(folder, { recursive: true });
  copyFileSync(await buildEfiLoader(join(out, "loader")), join(boot, "BOOTAA64.EFI"));
  for (const file of [ARCHITECTURES[ARCH].bootFile, BOOT_ARCHIVE]) copyFileSync(join(image, file), join(system, file));
  copyFileSync("LICENSE", join(system, "LICENSE"));
  writeFileSync(join(system, "options.txt"), OPTIONS);
  await writeDisk(disk, tree, ["EFI", "skyscope"]);
  signRelease(disk);
  return disk;
}

async function writeDisk(disk: string, tree: string, folders: readonly string[]): Promise<void> {
  const sectors = (Math.ceil(bytesIn(tree) / MIB) * MIB + ROOM) / SECTOR;
  const bytes = Buffer.alloc((FIRST_SECTOR + sectors) * SECTOR);
  bytes.writeUInt32LE(Number.parseInt(SERIAL, 16), DISK_NUMBER);
  bytes.set([0, ...NO_GEOMETRY, EFI_SYSTEM, ...NO_GEOMETRY], PARTITION_ENTRY);
  bytes.writeUInt32LE(FIRST_SECTOR, PARTITION_ENTRY + 8);
  bytes.writeUInt32LE(sectors, PARTITION_ENTRY + 12);
  bytes.set([0x55, 0xaa], SECTOR - 2);
  writeFileSync(disk, bytes);
  const mtools = $({ quiet: true, env: { ...process.env, SOURCE_DATE_EPOCH: TIME, TZ: "UTC" } });
  const volume = ["-i", `${disk}@@${MIB}`];
  const shape = ["-T", `${sectors}`, "-h", "64", "-s", "32", "-c", CLUSTER_SECTORS, "-N", SERIAL, "-v", "SKYSCOPE"];
  await mtools`mformat ${volume} ${shape} -H ${FIRST_SECTOR} ::`;
  await mtools`mcopy ${volume} -s ${folders.map((folder) => join(tree, folder))} ::`;
}

function bytesIn(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((each) => each.isFile());
  return files.reduce((sum, file) => sum + statSync(join(file.parentPath, file.name)).size, 0);
}
