import process from "node:process";

/** What the commands print: results on standard output, progress and errors on the other; colour on a terminal only. */

const isColoured = (stream: NodeJS.WriteStream): boolean => stream.isTTY === true && process.env.NO_COLOR === undefined;

function paint(stream: NodeJS.WriteStream, code: number, text: string): string {
  return isColoured(stream) ? `\u001b[${code}m${text}\u001b[0m` : text;
}

export const good = (text: string): string => paint(process.stdout, 32, text);
export const bad = (text: string): string => paint(process.stdout, 31, text);
export const strong = (text: string): string => paint(process.stdout, 1, text);

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

export function complain(text: string): void {
  process.stderr.write(`${paint(process.stderr, 31, "sila:")} ${text}\n`);
}

/** How it goes on; not part of the result. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** How much is being worked at: what is first is shown. */
let tasks = 0;

/** What takes a while says so on a terminal, in a line that goes away. */
export async function working<T>(what: string, act: () => T | Promise<T>): Promise<T> {
  const isTerminal = process.stderr.isTTY === true;
  if (isTerminal && tasks === 0) process.stderr.write(`${what} …`);
  tasks++;
  try {
    return await act();
  } finally {
    tasks--;
    if (isTerminal && tasks === 0) process.stderr.write("\r\u001b[K");
  }
}
