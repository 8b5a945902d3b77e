import { readFileSync } from "node:fs";
import { COMMON_ERRORS, OBJECTS } from "../../kernel/syscall/table.ts";
import { type Call, type Model, snake } from "./model.ts";

/** The parts of docs/syscalls.md between the markers. */
export function docsFiles(model: Model): Record<string, string> {
  const file = "docs/syscalls.md";
  let text = readFileSync(file, "utf8");
  for (const [name, part] of Object.entries({ numbers: numbers(model), operations: operations(model) })) {
    const marker = new RegExp(`(<!-- ${name}: written by make syscalls -->\n)[^]*(<!-- end of ${name} -->)`);
    if (!marker.test(text)) throw new Error(`${file} has no place for ${name}`);
    text = text.replace(marker, (_all, start: string, end: string) => `${start}\n${part}\n${end}`);
  }
  return { [file]: text };
}

function numbers({ systemCalls }: Model): string {
  const rows = systemCalls.map(({ name, does, isDebug }, number) => {
    return `| ${number} | ${name} | ${does}${isDebug ? "; debug builds only" : ""} |\n`;
  });
  return `| number | call | |\n|---|---|---|\n${rows.join("")}`;
}

function operations({ calls, errors }: Model): string {
  const common = Object.entries(COMMON_ERRORS).map(([name, means]) => `\`${name}\`\n(${means})`);
  const sections = OBJECTS.map(({ type, means }) => {
    const rows = calls.filter(({ object }) => object === type).map(row);
    const head = "| label | operation | words; capabilities | answers | errors |\n|---|---|---|---|---|\n";
    return `### ${type}\n\n${capital(means)}.\n\n${head}${rows.join("")}`;
  });
  const codes = errors.filter(({ value }) => value !== 0);
  const codeRows = codes.map(({ name, value, means }) => `| ${value} | ${name} | ${means} |\n`);
  return `Every operation can fail with ${common.join(", ")}; one that takes capabilities also with \`InvalidCapability\` (one
is missing, of another type, or has not the right to write).

${sections.join("\n")}
### Errors

| code | error | |
|---|---|---|
${codeRows.join("")}`;
}

function row({ label, operation, words, caps, answers }: Call): string {
  const takes = [words.map(([name, kind]) => unit(name, kind)), caps.map(([name, type]) => unit(name, type))]
    .map((part) => part.join(", "))
    .join("; ");
  const gives = answers.map(([name, kind]) => unit(name, kind)).join(", ");
  const fails = Object.entries(operation.errors ?? {}).map(([name, means]) => `\`${name}\` ${means}`);
  const cells = [label, `**${operation.name}**: ${operation.does}`, takes.replace(/; $/, ""), gives, fails.join("; ")];
  return `| ${cells.join(" | ")} |\n`.replaceAll("|  ", "| ");
}

function unit(name: string, kind: string): string {
  const isPlain = kind === "value" || snake(kind) === snake(name);
  return isPlain ? name : `${name} (${kind})`;
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
