import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import ts from "typescript";
import { type Member, readEnum } from "../syscalls/model.ts";

/** The records of protocol/: interfaces whose comments say by which message, or which Call on the kernel, they travel. */

export const FOLDER = "protocol";
const ROOT = resolve(import.meta.dirname, "../..");
export const MAX_WORDS = 64;
export const MAX_CAPS = 4;

/** How a message is sent: for nobody to wait, by Call, or as the answer to either. */
export type Way = "send" | "call" | "answer";

export type Kind =
  | { readonly is: "number"; readonly most: bigint }
  | { readonly is: "flag" }
  | { readonly is: "enum"; readonly name: string; readonly file: string; readonly members: readonly Member[] }
  | { readonly is: "text"; readonly name: string; readonly bytes: number }
  | { readonly is: "bytes"; readonly name: string; readonly bytes: number }
  | { readonly is: "numbers"; readonly count: number }
  | { readonly is: "capability"; readonly type: string; readonly isOptional: boolean };

export interface Field {
  readonly name: string;
  readonly kind: Kind;
  readonly means: string;
  /** As it stands in the interface. */
  readonly type: string;
  /** The first word, or the number of the capability. */
  readonly place: number;
}

export interface ProtocolRecord {
  readonly name: string;
  /** Without folder and ending. */
  readonly file: string;
  readonly means: string;
  /** Of the message; null when it travels by a Call on the kernel or not at all. */
  readonly message: { readonly label: number; readonly way: Way } | null;
  /** `ProcessControl.Create`, with `answer` behind it for what the kernel answers. */
  readonly kernel: string | null;
  readonly fields: readonly Field[];
  readonly words: number;
  /** Capabilities that it has to have, and may have. */
  readonly caps: number;
  readonly mostCaps: number;
}

interface Declarations {
  /** Files by name of what they declare. */
  readonly files: ReadonlyMap<string, string>;
  readonly enums: ReadonlySet<string>;
  readonly constants: ReadonlyMap<string, number>;
  readonly structs: ReadonlyMap<string, ts.InterfaceDeclaration>;
}

const NUMBERS: Readonly<Record<string, bigint>> = {
  u8: 0xffn,
  u16: 0xffffn,
  u32: 0xffff_ffffn,
  u64: 0xffff_ffff_ffff_ffffn,
};

/** All records, in the order of their labels, then those without a message. */
export function readProtocol(): ProtocolRecord[] {
  const folder = join(ROOT, FOLDER);
  const sources = readdirSync(folder)
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
    .sort()
    .map((name) => ts.createSourceFile(name, readFileSync(join(folder, name), "utf8"), ts.ScriptTarget.Latest, true));
  const declarations = declarationsOf(sources);
  const records = [...declarations.structs.values()].flatMap((node) => recordOf(node, declarations));
  check(records);
  return records.sort((a, b) => labelOf(a) - labelOf(b));
}

function labelOf({ message }: ProtocolRecord): number {
  return message?.label ?? Number.MAX_SAFE_INTEGER;
}

function declarationsOf(sources: readonly ts.SourceFile[]): Declarations {
  const found = {
    files: new Map<string, string>(),
    enums: new Set<string>(),
    constants: new Map<string, number>(),
    structs: new Map<string, ts.InterfaceDeclaration>(),
  };
  for (const source of sources) {
    for (const node of source.statements) {
      if (ts.isEnumDeclaration(node)) found.enums.add(node.name.text);
      if (ts.isInterfaceDeclaration(node)) found.structs.set(node.name.text, node);
      if (ts.isEnumDeclaration(node) || ts.isInterfaceDeclaration(node))
        found.files.set(node.name.text, source.fileName);
      if (!ts.isVariableStatement(node)) continue;
      for (const { name, initializer } of node.declarationList.declarations) {
        if (initializer !== undefined && ts.isNumericLiteral(initializer)) {
          found.constants.set(name.getText(), Number(initializer.text));
        }
      }
    }
  }
  return found;
}

/** Nothing when the interface is no record: a text, a digest. */
function recordOf(node: ts.InterfaceDeclaration, declarations: Declarations): ProtocolRecord[] {
  const name = node.name.text;
  const file = node.getSourceFile().fileName.replace(/\.ts$/, "");
  if (file === "texts") return [];
  const message = /^(\d+) (send|call|answer)$/.exec(tagOf(node, "message") ?? "");
  const kernel = tagOf(node, "kernel");
  const fields: Field[] = [];
  let [words, caps, optional] = [0, 0, 0];
  for (const member of node.members) {
    if (!ts.isPropertySignature(member) || member.type === undefined) throw new Error(`${name} has more than fields`);
    const type = member.type.getText();
    const kind = kindOf(member, type, declarations);
    const isCap = kind.is === "capability";
    if (isCap && optional > 0) throw new Error(`${name}: an optional capability is the last one`);
    fields.push({
      name: member.name.getText(),
      kind,
      type,
      means: meaningOf(member),
      place: isCap ? caps + optional : words,
    });
    if (!isCap) words += wordsOf(kind);
    else if (kind.isOptional) optional++;
    else caps++;
  }
  return [
    {
      ...{ name, file, fields, words, caps, kernel },
      means: meaningOf(node),
      message: message === null ? null : { label: Number(message[1]), way: message[2] as Way },
      mostCaps: caps + optional,
    },
  ];
}

function kindOf(member: ts.PropertySignature, type: string, declarations: Declarations): Kind {
  const capability = tagOf(member, "capability");
  if (capability !== null)
    return { is: "capability", type: capability, isOptional: tagOf(member, "optional") !== null };
  const most = NUMBERS[type];
  if (most !== undefined) return { is: "number", most };
  if (type === "boolean") return { is: "flag" };
  if (declarations.enums.has(type)) {
    const file = declarations.files.get(type) ?? "";
    return { is: "enum", name: type, file: file.replace(/\.ts$/, ""), members: readEnum(join(FOLDER, file), type) };
  }
  const inline = /^Inline<(\w+)>$/.exec(type)?.[1];
  if (inline !== undefined) return structKind(inline, declarations);
  const array = /^FixedArray<(u8|u64), (?:typeof )?(\w+)>$/.exec(type);
  if (array === null) throw new Error(`${member.parent.getText().slice(0, 60)}: no record has a field of type ${type}`);
  const count = declarations.constants.get(array[2] ?? "") ?? Number(array[2]);
  return array[1] === "u64" ? { is: "numbers", count } : { is: "bytes", name: "", bytes: count };
}

/** A text has a length and bytes, a digest bytes alone. */
function structKind(name: string, declarations: Declarations): Kind {
  const node = declarations.structs.get(name);
  if (node === undefined) throw new Error(`there is no text ${name} in ${FOLDER}`);
  const fields = node.members.filter(ts.isPropertySignature);
  const bytes = fields.find((field) => field.name.getText() === "bytes")?.type?.getText() ?? "";
  const size = /^FixedArray<u8, (?:typeof )?(\w+)>$/.exec(bytes)?.[1] ?? "";
  const count = declarations.constants.get(size) ?? Number(size);
  if (!(count > 0 && count % 8 === 0)) throw new Error(`${name} does not fill whole words`);
  return { is: fields.length === 1 ? "bytes" : "text", name, bytes: count };
}

function wordsOf(kind: Kind): number {
  switch (kind.is) {
    case "text":
      return 1 + kind.bytes / 8;
    case "bytes":
      return kind.bytes / 8;
    case "numbers":
      return kind.count;
    case "capability":
      return 0;
    default:
      return 1;
  }
}

function tagOf(node: ts.Node, name: string): string | null {
  const tag = ts.getJSDocTags(node).find(({ tagName }) => tagName.text === name);
  return tag === undefined ? null : (ts.getTextOfJSDocComment(tag.comment) ?? "").trim();
}

function meaningOf(node: ts.Node): string {
  const [doc] = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc).slice(-1);
  return (ts.getTextOfJSDocComment(doc?.comment) ?? "").replaceAll(/\s+/g, " ").trim();
}

/** Every message has its own label, and fits. */
function check(records: readonly ProtocolRecord[]): void {
  const labels = new Set<number>();
  for (const { name, message, words, mostCaps, fields } of records) {
    if (message === null) continue;
    if (labels.has(message.label)) throw new Error(`${name}: another record has the label ${message.label}`);
    labels.add(message.label);
    if (words > MAX_WORDS || mostCaps > MAX_CAPS) throw new Error(`${name} does not fit a message`);
    if (fields[0]?.name !== "requestId") throw new Error(`${name} does not begin with its request's number`);
  }
}

/** `LoadModuleRequest` → `LOAD_MODULE_REQUEST`. */
export function constantOf(name: string): string {
  return name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, "_").toUpperCase();
}
