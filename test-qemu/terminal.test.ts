import { spawn } from "node:child_process";
import { expect, onTestFinished, test } from "vitest";

/** The runner at a terminal: what answers the console's question gets colours, and sees nothing of its answer. */

const QUESTION = "\x1b[c";
const ANSWER = "\x1b[?64;1;22c";
const OK = "\x1b[32mOK\x1b[m";
const LEAVE_QEMU = "\x01x";

/** What `script` shows of a command that has a terminal of its own, which knows one question and its answer. */
async function atTerminal(command: string): Promise<string> {
  const child = spawn("script", ["--quiet", "--flush", "--return", "--command", command, "/dev/null"]);
  onTestFinished(() => void child.kill("SIGKILL"));
  let output = "";
  let answered = false;
  let left = false;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    if (!answered && output.includes(QUESTION)) {
      answered = true;
      child.stdin.write(`${ANSWER}version\r`);
    }
    if (!left && output.includes(OK)) {
      left = true;
      child.stdin.write(LEAVE_QEMU);
    }
  });
  expect(await new Promise((resolve) => child.on("close", resolve)), output).toBe(0);
  return output;
}

test.each([
  ["the console", "", /skyscope> version\r+\nSkyscope /],
  ["the console behind a module", "--load 'hello >=0'", /skyscope> load hello >=0\r+\nhello \S+ is process \d+\r+\n/],
])("%s has colours at a terminal", async (_, words, shown) => {
  const output = await atTerminal(`node --import tsx scripts/boot.ts ${words}`);
  expect(output).toMatch(shown);
  expect(output).not.toContain(ANSWER.slice(2));
});
