import { readFileSync } from "node:fs";
import { type Field, FOLDER, type ProtocolRecord } from "./model.ts";

/** The part of docs/load-protocol.md between the markers: a table for each record. */
export function docsFiles(records: readonly ProtocolRecord[]): Record<string, string> {
  const file = "docs/load-protocol.md";
  const text = readFileSync(file, "utf8");
  const marker = /(<!-- records: written by make protocol -->\n)[\s\S]*(<!-- end of records -->)/;
  if (!marker.test(text)) throw new Error(`${file} has no place for records`);
  const part = records.map(section).join("\n");
  return { [file]: text.replace(marker, (_all, start: string, end: string) => `${start}\n${part}\n${end}`) };
}

const WAYS = { send: "by Send", call: "by Call", answer: "an answer" } as const;

function section(record: ProtocolRecord): string {
  const { name, file, message, kernel, means, words, fields } = record;
  const how =
    message === null
      ? kernel === null
        ? "not a message"
        : `the kernel's ${kernel.replace(" answer", "")}${kernel.endsWith(" answer") ? ", what it answers" : ""}`
      : `label ${message.label}, ${WAYS[message.way]}, ${words} words`;
  const rows = fields.map((field) => `| ${place(field)} | ${field.name} | ${typeOf(field)} | ${field.means} |\n`);
  return `### ${name}

${means} *(${how}; [${file}.ts](../${FOLDER}/${file}.ts))*

| word | field | type | |
|---|---|---|---|
${rows.join("").replaceAll("|  |", "| |")}`;
}

function place({ kind, place: at }: Field): string {
  return kind.is === "capability" ? `cap ${at}` : `${at}`;
}

function typeOf({ kind, type }: Field): string {
  if (kind.is === "capability") return `${kind.type}${kind.isOptional ? " or none" : ""}`;
  if (kind.is === "text" || (kind.is === "bytes" && kind.name !== "")) return kind.name;
  if (kind.is === "numbers") return `${kind.count} × u64`;
  return kind.is === "bytes" ? `${kind.bytes} bytes` : type;
}
