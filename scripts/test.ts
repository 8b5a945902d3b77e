import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { $ } from "zx";
import { runScript } from "./failure.ts";

/**
 * `make test`: the static checks, then every test. Goes on after a failure, so that one run shows them all; the
 * last line is `N passed, N failed`, in which each static check counts as one.
 */

const FOLDER = "build/test";
const RESULTS = `${FOLDER}/results.json`;
/** The last line once more, for scripts. */
const SUMMARY = `${FOLDER}/summary`;

interface Count {
  passed: number;
  failed: number;
}

interface Check {
  readonly name: string;
  readonly command: readonly string[];
}

const BIN = "node_modules/.bin";

const CHECKS: readonly Check[] = [
  { name: "form and lint", command: [`${BIN}/biome`, "check", "--error-on-warnings", "."] },
  { name: "types", command: [`${BIN}/tsc`, "-p", "tsconfig.json"] },
  { name: "types of the kernel, x86_64", command: [`${BIN}/tsc`, "-p", "tsconfig.kts.json"] },
  { name: "types of the kernel, aarch64", command: [`${BIN}/tsc`, "-p", "tsconfig.kts.aarch64.json"] },
  { name: "rules of Kernel TypeScript", command: [`${BIN}/tsx`, "scripts/check-kernels.ts"] },
];

const LONG_CHECKS: readonly Check[] = [
  { name: "compiler fuzzing", command: [`${BIN}/tsx`, "scripts/fuzz-compiler.ts", "--programs", "20000"] },
];

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { long: { type: "boolean", default: false } } });
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  const total: Count = { passed: 0, failed: 0 };
  for (const check of values.long ? [...CHECKS, ...LONG_CHECKS] : CHECKS) add(total, await runCheck(check));
  add(total, await runTests(values.long));
  const line = `${total.passed} passed, ${total.failed} failed`;
  writeFileSync(SUMMARY, `${line}\n`);
  console.log(line);
  return total.failed === 0 ? 0 : 1;
}

function add(total: Count, count: Count): void {
  total.passed += count.passed;
  total.failed += count.failed;
}

async function runCheck({ name, command }: Check): Promise<Count> {
  const { exitCode, stdout, stderr } = await $({ nothrow: true })`${command}`;
  console.log(`${exitCode === 0 ? "✓" : "✗"} ${name}`);
  if (exitCode === 0) return { passed: 1, failed: 0 };
  process.stdout.write(`${stdout}${stderr}`);
  return { passed: 0, failed: 1 };
}

async function runTests(isLong: boolean): Promise<Count> {
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${RESULTS}`];
  const env = { ...process.env, SKYSCOPE_LONG: isLong ? "1" : "0", SKYSCOPE_WHOLE: "1" };
  const child = spawn(`${BIN}/vitest`, ["run", ...reporters], { stdio: "inherit", env });
  const code = await new Promise((resolve) => child.on("close", resolve));
  if (!existsSync(RESULTS)) return { passed: 0, failed: 1 };
  const results = JSON.parse(readFileSync(RESULTS, "utf8")) as { numPassedTests: number; numFailedTests: number };
  // A file that cannot be loaded has no failed test, and fails the run all the same.
  const isSilentFailure = code !== 0 && results.numFailedTests === 0;
  return { passed: results.numPassedTests, failed: results.numFailedTests + (isSilentFailure ? 1 : 0) };
}

await runScript(main);
