import { GENERATED, type Model } from "./model.ts";

/** For the kernel: the numbers, and what serves each operation. */
export function kernelFiles(model: Model): Record<string, string> {
  return { "kernel/syscall/invocation.ts": invocations(model), "kernel/syscall/handlers.ts": handlers(model) };
}

function invocations({ systemCalls, calls }: Model): string {
  const replyRecv = systemCalls.findIndex(({ name }) => name === "ReplyRecv");
  if (systemCalls[0]?.name !== "Call") throw new Error("the entry code knows that Call is number 0");
  return `/** The numbers of system calls and operations. ${GENERATED} */

/** System calls by number (RAX, or the immediate of SVC). Everything else is a Call on a capability. @storage u32 */
export const enum Syscall {
${systemCalls.map(({ name, isDebug }) => `${isDebug ? "/** In debug builds. */\n" : ""}${name},`).join("\n")}
}

/** What the entry code knows: Call is 0, and this one is frequent; no number is as large as SYSCALLS. @layout */
export const SYSCALL_REPLY_RECV = ${replyRecv};
/** @layout */
export const SYSCALLS = ${systemCalls.length};

/** What a capability of the kernel can be asked for: the label of a Call on it. */
export const INVOCATIONS = ${calls.length};

/** @storage u32 */
export const enum Invocation {
${calls.map(({ id }) => `${id},`).join("\n")}
}
`;
}

function handlers({ calls }: Model): string {
  const files = [...new Set(calls.map(({ file }) => file))].sort();
  const imports = files.map((file) => {
    const names = calls.filter((call) => call.file === file).map(({ operation }) => operation.handler);
    return `import { ${names.join(", ")} } from "../object/${file}";`;
  });
  const rows = calls.map(
    ({ object, words, caps, operation }) =>
      `{ object: CapType.${object}, words: ${words.length}, caps: ${caps.length}, serve: ${operation.handler} },`,
  );
  return `import { CapType } from "../cap/capability";
import type { ErrorCode } from "../ipc/messageInfo";
${imports.join("\n")}
import type { INVOCATIONS } from "./invocation";

/** What serves each operation. ${GENERATED} */

/** Checks everything, then changes; answers why not, or None. */
type Handler = () => ErrorCode;

/** One row an operation, in the order of \`Invocation\`. */
interface HandlerRow extends Struct<"HandlerRow"> {
  object: CapType;
  /** Words and capabilities that the message must have at least. */
  words: u8;
  caps: u8;
  serve: Handler;
}

export const handlers: FixedArray<Inline<HandlerRow>, typeof INVOCATIONS> = [
${rows.join("\n")}
];
`;
}
