import { type Call, camel, GENERATED, type Model } from "./model.ts";

/** For user programs in KTS: a file for each object, a function for each operation. */
export function stubFiles({ calls }: Model): Record<string, string> {
  const objects = [...new Set(calls.map(({ object }) => object))];
  return Object.fromEntries(
    objects.map((object) => [
      `user/stubs/${camel(object)}.ts`,
      stubFile(
        object,
        calls.filter((call) => call.object === object),
      ),
    ]),
  );
}

/** Words that do not fit the registers. */
const REGISTER_WORDS = 4;

function stubFile(object: string, calls: readonly Call[]): string {
  const usesTypes = calls.some(({ words }) => words.some(([, kind]) => kind === "capType"));
  const usesBuffer = calls.some(needsBuffer);
  return `${usesTypes ? 'import type { CapType } from "../../kernel/cap/capability";\n' : ""}import { Invocation } from "../../kernel/syscall/invocation";
import { ${usesBuffer ? "bufferFor, " : ""}invoke, type Message } from "../message";

/**
 * Operations of ${article(object)} capability. Each answers the error, 0 for none; \`message\` holds the words of the
 * answer then. ${GENERATED}
 */

${calls.map(stub).join("\n")}`;
}

function article(object: string): string {
  return `${/^[AEIOU]/.test(object) ? "an" : "a"} ${object}'s`;
}

function needsBuffer({ words, caps }: Call): boolean {
  return words.length > REGISTER_WORDS || caps.length > 0;
}

function stub(call: Call): string {
  const { id, object, operation, words, caps, answers } = call;
  const target = camel(object);
  const names = words.map(([name, kind]) => `${name}: ${kind === "capType" ? "CapType" : "u64"}`);
  const parameters = ["message: Message", `${target}: u32`, ...names, ...caps.map(([name]) => `${name}: u32`)];
  const value = (name: string, kind: string) => (kind === "capType" ? `u64(u32(${name}))` : name);
  const body = [
    ...(needsBuffer(call) ? ["const buffer = bufferFor(message);"] : []),
    ...words.map(([name, kind], index) =>
      index < REGISTER_WORDS
        ? `message.words[${index}] = ${value(name, kind)};`
        : `buffer.words[${index}] = ${value(name, kind)};`,
    ),
    ...caps.map(([name], index) => `buffer.sent[${index}] = ${name};`),
    `return invoke(message, ${target}, u32(Invocation.${id}), ${words.length}, ${caps.length});`,
  ];
  return `/** ${object}.${operation.name}: ${operation.does}${answerText(answers)}. */
export function ${camel(id)}(${parameters.join(", ")}): u32 {
${body.join("\n")}
}
`;
}

function answerText(answers: Call["answers"]): string {
  if (answers.length === 0) return "";
  return ` → ${answers.map(([name, kind]) => (kind === "value" ? name : `${name} (${kind})`)).join(", ")}`;
}
