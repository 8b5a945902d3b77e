import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { machine } from "node:os";
import { dirname, join } from "node:path";
import { $, which } from "zx";
import { EXIT_UNAVAILABLE, Failure } from "./failure.ts";
import { ISO_PACKAGES, PACKAGES, type SystemPackage } from "./packages.ts";

/**
 * What the build and the tests need of the system. As root it is installed when it is missing; as another user the one
 * command that does is told. The stamp names the list of packages: as long as that is the same, the next time has
 * nothing to do.
 */

const NEEDS = {
  build: { packages: PACKAGES, stamp: "build/setup" },
  iso: { packages: ISO_PACKAGES, stamp: "build/setup-iso" },
} as const;

/** `root` is the project's folder. What is installed is told on standard error. */
export async function provideSystem(root: string, need: keyof typeof NEEDS = "build"): Promise<void> {
  const { packages } = NEEDS[need];
  const stamp = join(root, NEEDS[need].stamp);
  const key = createHash("sha256").update(JSON.stringify(packages)).digest("hex");
  if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== key) await provide(packages);
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, key);
}

async function provide(packages: readonly SystemPackage[]): Promise<void> {
  const missing = await missingPackages(packages);
  if (missing.length > 0) await install(missing);
  const stillMissing = await missingPackages(packages);
  if (stillMissing.length > 0) {
    throw new Failure(`still missing after the installation: ${stillMissing.join(" ")}`, EXIT_UNAVAILABLE);
  }
  await checkVersions(packages);
}

async function missingPackages(packages: readonly SystemPackage[]): Promise<string[]> {
  const missing: string[] = [];
  for (const each of packages) {
    if (!(await isThere(each))) missing.push(each.name);
  }
  return missing;
}

async function isThere({ brings }: SystemPackage): Promise<boolean> {
  if ("command" in brings) return hasCommand(brings.command);
  if ("path" in brings) return existsSync(brings.path);
  if (!hasCommand("clang-19")) return false;
  const name = brings.file.replace("HOST", machine());
  const { stdout } = await $`clang-19 -print-file-name=${name}`;
  return existsSync(stdout.trim()) && stdout.trim() !== name;
}

function hasCommand(name: string): boolean {
  return which.sync(name, { nothrow: true }) !== null;
}

async function install(names: readonly string[]): Promise<void> {
  const list = names.join(" ");
  const isRoot = process.getuid?.() === 0;
  if (!isRoot || !hasCommand("apt-get")) {
    const command = `apt-get update && apt-get install --yes --no-install-recommends ${list}`;
    throw new Failure(
      `These packages are missing: ${list}\nInstall them, for example with\n\n  sudo sh -c '${command}'\n\nand try again.`,
      EXIT_UNAVAILABLE,
    );
  }
  console.error(`installing ${list}`);
  const apt = $({
    stdio: ["ignore", process.stderr, "inherit"],
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  });
  await apt`apt-get update --quiet`;
  await apt`apt-get install --yes --quiet --no-install-recommends ${names}`;
}

async function checkVersions(packages: readonly SystemPackage[]): Promise<void> {
  for (const { name, brings, oldest } of packages) {
    if (oldest === undefined || !("command" in brings)) continue;
    const [major, minor] = oldest;
    const { stdout } = await $`${brings.command} --version`;
    const found = /(\d+)\.(\d+)/.exec(stdout);
    const has = [Number(found?.[1]), Number(found?.[2])] as const;
    if (has[0] < major || (has[0] === major && has[1] < minor)) {
      throw new Failure(`${name} ${has.join(".")} is too old: ${major}.${minor} or later is needed`, EXIT_UNAVAILABLE);
    }
  }
}
