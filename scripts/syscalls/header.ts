import { type Call, GENERATED, type Model, snake } from "./model.ts";

/** For user programs in C: constants, and a function for each operation. */
export function headerFiles(model: Model): Record<string, string> {
  return { "user/c/skyscope.h": header(model) };
}

const REGISTER_WORDS = 4;

function header({ systemCalls, calls, capTypes, errors, slots }: Model): string {
  const constants = (prefix: string, members: readonly { name: string; value: number }[]) =>
    members.map(({ name, value }) => `  ${prefix}${snake(name).toUpperCase()} = ${value},`).join("\n");
  return `/* System calls of Skyscope for freestanding C. ${GENERATED.replaceAll("`", "")} */
#ifndef SKYSCOPE_H
#define SKYSCOPE_H

#include "message.h"

enum sky_cap_type {
${constants("SKY_CAP_", capTypes)}
};

enum sky_error {
${errors.map(({ name, value, means }) => `  SKY_${snake(name).toUpperCase()} = ${value},${means === "" ? "" : ` /* ${means} */`}`).join("\n")}
};

enum sky_syscall {
${constants(
  "SKY_SYSCALL_",
  systemCalls.map(({ name }, value) => ({ name, value })),
)}
};

enum sky_invocation {
${constants(
  "SKY_INVOKE_",
  calls.map(({ id, label }) => ({ name: id, value: label })),
)}
};

/* The slots of the first task. */
enum sky_slot {
${slots.map(({ name, value }) => `  SKY_${name} = ${value},`).join("\n")}
};

/* A Call on a capability of the kernel; the answer is in the message then. */
SKY_INLINE enum sky_error sky_invoke(struct sky_message *message, uint32_t capability, enum sky_invocation label, unsigned length, unsigned caps) {
  message->info = sky_info(label, length, caps);
  sky_syscall(SKY_SYSCALL_CALL, capability, 0, message);
  return (enum sky_error)sky_error_of(message);
}

${calls.map(stub).join("\n")}
#endif
`;
}

function stub({ id, object, operation, words, caps }: Call): string {
  const target = snake(object);
  const parameters = [
    "struct sky_message *message",
    `uint32_t ${target}`,
    ...words.map(([name, kind]) => `${kind === "capType" ? "enum sky_cap_type" : "uint64_t"} ${snake(name)}`),
    ...caps.map(([name]) => `uint32_t ${snake(name)}`),
  ];
  const body = [
    ...words.map(([name], index) => {
      const place = index < REGISTER_WORDS ? "message->words" : "message->buffer->words";
      return `  ${place}[${index}] = ${snake(name)};`;
    }),
    ...caps.map(([name], index) => `  message->buffer->sent[${index}] = ${snake(name)};`),
    `  return sky_invoke(message, ${target}, SKY_INVOKE_${snake(id).toUpperCase()}, ${words.length}, ${caps.length});`,
  ];
  return `/* ${object}.${operation.name}: ${operation.does}. */
SKY_INLINE enum sky_error sky_${snake(id)}(${parameters.join(", ")}) {
${body.join("\n")}
}
`;
}
