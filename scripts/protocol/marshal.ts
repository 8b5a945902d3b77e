import { constantOf, type Field, FOLDER, type Kind, type ProtocolRecord } from "./model.ts";

/** protocol/marshal: for each record of a message its label, and how it becomes one and is taken out of one. */

interface Import {
  readonly from: string;
  readonly name: string;
}

export function marshalFiles(records: readonly ProtocolRecord[]): Record<string, string> {
  const messages = records.filter(({ message }) => message !== null);
  const files = [...new Set(messages.map(({ file }) => file))];
  return Object.fromEntries(
    files.map((file) => [
      `${FOLDER}/marshal/${file}.ts`,
      marshalFile(
        file,
        messages.filter((record) => record.file === file),
      ),
    ]),
  );
}

function marshalFile(file: string, records: readonly ProtocolRecord[]): string {
  const body = records.map((record) => `${encoder(record)}\n${decoder(record)}`).join("\n");
  return `${imports(file, records, body)}
/**
 * Records of ${FOLDER}/${file}.ts as messages. Whoever decodes has to know that the sender may have meant anything: what is no
 * record is a fault. Written by \`make protocol\`.
 */

${records.map(({ name, message }) => `export const ${constantOf(name)} = ${message?.label};\n`).join("")}
${body}`;
}

function imports(file: string, records: readonly ProtocolRecord[], body: string): string {
  const wanted: Import[] = [
    ...records.map(({ name }) => ({ from: `../${file}`, name: `type ${name}` })),
    ...records.flatMap(({ fields }) => fields.flatMap(({ kind }) => enumImport(kind))),
    ...["infoWord", "answerAt", "bufferFor"].map((name) => ({ from: "../../user/message", name })),
    { from: "../../user/message", name: "type Message" },
    { from: "../error", name: "MessageFault" },
    ...["arrivedIn", "faultOfShape", "putBytes", "putText", "putWord", "takeBytes", "takeText"].map((name) => ({
      from: "../words",
      name,
    })),
  ];
  const used = wanted.filter(({ name }) => new RegExp(`\\b${name.replace("type ", "")}\\b`).test(body));
  const froms = [...new Set(used.map(({ from }) => from))].sort();
  const lines = froms.map((from) => {
    const names = [...new Set(used.filter((each) => each.from === from).map(({ name }) => name))];
    const kept = names.filter((name) => !names.includes(name.replace("type ", "")) || !name.startsWith("type "));
    return `import { ${kept.join(", ")} } from "${from}";\n`;
  });
  return lines.join("");
}

/** Enums of one byte are only named where they are converted. */
function enumImport(kind: Kind): Import[] {
  return kind.is === "enum" ? [{ from: `../${kind.file}`, name: `type ${kind.name}` }] : [];
}

function encoder({ name, means, fields, words, caps, mostCaps }: ProtocolRecord): string {
  const puts = fields.flatMap(putField);
  const optional = fields.find(({ kind }) => kind.is === "capability" && kind.isOptional);
  const count = optional === undefined ? `${caps}` : `record.${optional.name} === 0 ? ${caps} : ${mostCaps}`;
  return `/** ${means} */
export function encode${name}(record: ${name}, message: Message): void {
${puts.join("\n")}
message.info = infoWord(${constantOf(name)}, ${words}, ${count});
}
`;
}

function putField({ name, kind, place }: Field): string[] {
  const value = `record.${name}`;
  switch (kind.is) {
    case "number":
      return [`putWord(message, ${place}, ${kind.most > 0xffff_ffffn ? value : `u64(${value})`});`];
    case "flag":
      return [`putWord(message, ${place}, u64(${value}));`];
    case "enum":
      return [`putWord(message, ${place}, u64(u32(${value})));`];
    case "text":
      return [`putText(message, ${place}, sliceOf(${value}.bytes, 0, ${kind.bytes}), ${value}.length);`];
    case "bytes":
      return [`putBytes(message, ${place}, sliceOf(${value}${kind.name === "" ? "" : ".bytes"}, 0, ${kind.bytes}));`];
    case "numbers":
      return [`for (let i: u32 = 0; i < ${kind.count}; i++) putWord(message, ${place} + i, ${value}[i]);`];
    case "capability":
      return [`bufferFor(message).sent[${place}] = ${value};`];
  }
}

function decoder({ name, fields, words, caps, mostCaps }: ProtocolRecord): string {
  const checks = fields.flatMap(checkField);
  return `/** Takes it out of a message; on a fault the record has no meaning. */
export function decode${name}(message: Message, record: ${name}): MessageFault {
const fault = faultOfShape(message, ${constantOf(name)}, ${words}, ${caps}, ${mostCaps});
if (fault !== MessageFault.None) return fault;
${checks.join("\n")}
${fields.map(takeField).join("\n")}
return MessageFault.None;
}
`;
}

/** The largest word that the field's type has; null when it has all. */
function mostOf(kind: Kind): string | null {
  if (kind.is === "flag") return "1n";
  if (kind.is === "enum") return `${kind.members.length - 1}n`;
  if (kind.is === "number" && kind.most < 0xffff_ffff_ffff_ffffn) return `0x${kind.most.toString(16)}n`;
  return null;
}

function checkField({ name, kind, place }: Field): string[] {
  const most = mostOf(kind);
  if (most !== null) return [`if (answerAt(message, ${place}) > ${most}) return MessageFault.Value;`];
  if (kind.is !== "text") return [];
  const bytes = `sliceOf(record.${name}.bytes, 0, ${kind.bytes})`;
  return [`if (takeText(message, ${place}, ${bytes}) !== MessageFault.None) return MessageFault.Value;`];
}

function takeField({ name, kind, place }: Field): string {
  const value = `record.${name}`;
  const word = `answerAt(message, ${place})`;
  switch (kind.is) {
    case "number":
      return `${value} = ${kind.most > 0xffff_ffffn ? word : `u32(${word})`};`;
    case "flag":
      return `${value} = ${word} !== 0n;`;
    case "enum":
      return `${value} = toEnum<${kind.name}>(u32(${word}));`;
    case "text":
      return `${value}.length = u32(${word});`;
    case "bytes":
      return `takeBytes(message, ${place}, sliceOf(${value}${kind.name === "" ? "" : ".bytes"}, 0, ${kind.bytes}));`;
    case "numbers":
      return `for (let i: u32 = 0; i < ${kind.count}; i++) ${value}[i] = answerAt(message, ${place} + i);`;
    case "capability":
      return `${value} = arrivedIn(message, ${place});`;
  }
}

/** For test/protocol/marshal.test.ts: each record out of a message and into another. */
export function entriesFiles(records: readonly ProtocolRecord[]): Record<string, string> {
  const messages = records.filter(({ message }) => message !== null);
  const files = [...new Set(messages.map(({ file }) => file))].sort();
  const namesIn = (file: string) => messages.filter((record) => record.file === file).map(({ name }) => name);
  const marshalling = files.map((file) => {
    const names = namesIn(file).flatMap((name) => [`decode${name}`, `encode${name}`]);
    return `import { ${names.join(", ")} } from "../../protocol/marshal/${file}";\n`;
  });
  const types = files.map((file) => `import type { ${namesIn(file).join(", ")} } from "../../protocol/${file}";\n`);
  const cases = messages.map(
    ({ name, message }) => `case ${message?.label}: {
const record = local<${name}>();
const fault = decode${name}(from, record);
if (fault === MessageFault.None) encode${name}(record, to);
return fault;
}`,
  );
  const text = `${types.join("")}${marshalling.join("")}import { MessageFault } from "../../protocol/error";
import type { Message } from "../../user/message";

/** Every record: taken out of \`from\` and put into \`to\`. Written by \`make protocol\`. */
export function passOn(label: u32, from: Message, to: Message): MessageFault {
switch (label) {
${cases.join("\n")}
default:
return MessageFault.Label;
}
}
`;
  return { "test/protocol/passOn.kts.ts": text };
}
