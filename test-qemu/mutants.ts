import { spawn } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Arch } from "../scripts/architecture.ts";
import { EXIT_BUILD, Failure } from "../scripts/failure.ts";
import { Machine } from "../scripts/machine.ts";
import { MUTATIONS, type Mutation } from "../test/mutations/kernel.ts";
import { mutated } from "../test/mutations/mutated.ts";
import { buildConformance } from "./conformanceProgram.ts";

/**
 * Kernels without one of their rules, in copies of the sources below `build/`, and who notices: each runs the
 * conformance tests with the checker of the invariants after one call in 400.
 */

const SOURCES = ["arch", "boot", "codec", "compiler", "crypto", "drivers", "kernel", "scripts", "package-lock.json"];
const WORDS = ["invariants=400"];
const TIMEOUT_SECONDS = 100;
const WORKERS = 2;
/** What shows that a rule is missing, or that all is well. */
const VERDICT = /^FAILED (.*)\n|PANIC: (.*)\n|^\d+ passed, 0 failed/m;

export interface Verdict {
  readonly mutation: Mutation;
  /** The failed test, the panic, or how the machine ended; null when nobody noticed. */
  readonly foundBy: string | null;
}

/** Tries every mutation that `pattern` matches; throws when the kernel as it is does not pass. */
export async function tryMutations(
  arch: Arch,
  pattern: RegExp,
  onVerdict: (verdict: Verdict) => void,
): Promise<Verdict[]> {
  const initrd = resolve(await buildConformance(arch));
  const left = MUTATIONS.filter(({ name, invariant }) => pattern.test(`${invariant} ${name}`));
  const verdicts: Verdict[] = [];
  const work = async (folder: string, isControl: boolean): Promise<void> => {
    copySources(folder);
    if (isControl) {
      const complaint = await judge(arch, folder, initrd);
      if (complaint !== null) throw new Failure(`the kernel without a mutation: ${complaint}`, EXIT_BUILD);
    }
    for (let mutation = left.shift(); mutation !== undefined; mutation = left.shift()) {
      const verdict = { mutation, foundBy: await judgeMutant(arch, folder, initrd, mutation) };
      verdicts.push(verdict);
      onVerdict(verdict);
    }
  };
  const folders = Array.from({ length: WORKERS }, (_, index) => `build/mutants/${arch}-${index}`);
  await Promise.all(folders.map((folder, index) => work(folder, index === 0)));
  return MUTATIONS.flatMap((mutation) => verdicts.filter((verdict) => verdict.mutation === mutation));
}

/** Objects of an earlier run stay, so that only what has changed is built. */
function copySources(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const name of SOURCES) {
    rmSync(join(folder, name), { recursive: true, force: true });
    cpSync(name, join(folder, name), { recursive: true });
  }
}

async function judgeMutant(arch: Arch, folder: string, initrd: string, mutation: Mutation): Promise<string | null> {
  const path = join(folder, mutation.file);
  const source = readFileSync(path, "utf8");
  writeFileSync(path, mutated(mutation, folder));
  try {
    return await judge(arch, folder, initrd);
  } finally {
    writeFileSync(path, source);
  }
}

/** Builds and runs what lies in `folder`; null when all tests pass. */
async function judge(arch: Arch, folder: string, initrd: string): Promise<string | null> {
  await buildKernelIn(folder, arch);
  const image = join(folder, "build", arch, "debug");
  const machine = new Machine({
    arch,
    folder: image,
    initrd,
    icount: true,
    words: WORDS,
    timeoutSeconds: TIMEOUT_SECONDS,
  });
  const verdict = machine.expect(VERDICT).then(
    ([, test, panic]) => (test !== undefined ? `test: ${test}` : panic !== undefined ? `panic: ${panic}` : null),
    () => "",
  );
  const found = await verdict;
  if (found === "") {
    const exit = await machine.exited;
    return exit.isTimeout ? "hang" : `end of the machine with status ${exit.status}`;
  }
  await machine.stop();
  return found;
}

/** A process of its own, since a build knows the sources by their paths from its folder. */
async function buildKernelIn(folder: string, arch: Arch): Promise<void> {
  const words = ["--import", "tsx", "scripts/build-image.ts", "--arch", arch, "--flavour", "debug", "--no-services"];
  const child = spawn(process.execPath, words, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const code = await new Promise<number | null>((done) => child.on("close", done));
  if (code !== 0) throw new Failure(`${folder} cannot be built:\n${output}`, EXIT_BUILD);
}
