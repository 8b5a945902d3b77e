import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { sleep } from "zx";

const POLL_MS = 100;

/** Runs `action` while no other process holds `file`. A lock whose owner is dead does not count. */
export async function withLock(file: string, action: () => Promise<void>): Promise<void> {
  mkdirSync(dirname(file), { recursive: true });
  while (!tryLock(file)) await sleep(POLL_MS);
  try {
    await action();
  } finally {
    rmSync(file, { force: true });
  }
}

/** The lock appears with its owner's number inside, by a hard link: no one ever sees it half made. */
function tryLock(file: string): boolean {
  const own = `${file}.${process.pid}`;
  writeFileSync(own, String(process.pid));
  try {
    linkSync(own, file);
    return true;
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    if (isAbandoned(file)) rmSync(file, { force: true });
    return false;
  } finally {
    rmSync(own, { force: true });
  }
}

function isAbandoned(file: string): boolean {
  try {
    process.kill(Number(readFileSync(file, "utf8")), 0);
    return false;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ESRCH";
  }
}
