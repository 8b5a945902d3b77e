import { ANY, GENERATED, type Model } from "./model.ts";

/** For tests: what each operation takes, so that calls can be made that are nearly right. */
export function grammarFiles({ calls, capTypes }: Model): Record<string, string> {
  const kinds = [...new Set(calls.flatMap(({ words }) => words.map(([, kind]) => kind)))].sort();
  const maxWords = Math.max(...calls.map(({ words }) => words.length));
  const maxCaps = Math.max(...calls.map(({ caps }) => caps.length));
  // A row is a line: what would be names of enums is numbers.
  const padded = (values: readonly number[], length: number) =>
    `[${[...values, ...Array<number>(length - values.length).fill(0)].join(", ")}]`;
  const rows = calls.map(({ object, words, caps }) => {
    const ownKinds = words.map(([, kind]) => kinds.indexOf(kind) + 1);
    const types = caps.map(([, type]) => (type === ANY ? 0 : capTypes.findIndex(({ name }) => name === type)));
    return `{ object: CapType.${object}, words: ${words.length}, caps: ${caps.length}, kinds: ${padded(ownKinds, maxWords)}, types: ${padded(types, maxCaps)} },`;
  });
  const text = `/** What each operation takes. ${GENERATED} */
import { CapType } from "../../kernel/cap/capability";
import type { INVOCATIONS } from "../../kernel/syscall/invocation";

/** What a word is. @storage u8 */
export const enum WordKind {
  None,
${kinds.map((kind) => `${capital(kind)},`).join("\n")}
}

export const MAX_RULE_WORDS = ${maxWords};
export const MAX_RULE_CAPS = ${maxCaps};

export interface Rule extends Struct<"Rule"> {
  object: CapType;
  words: u8;
  caps: u8;
  /** WordKind each. */
  readonly kinds: FixedArray<u8, typeof MAX_RULE_WORDS>;
  /** CapType each, Null where any type will do. */
  readonly types: FixedArray<u8, typeof MAX_RULE_CAPS>;
}

/** In the order of \`Invocation\`. */
export const grammar: FixedArray<Inline<Rule>, typeof INVOCATIONS> = [
${rows.join("\n")}
];
`;
  return { "test-qemu/hostile/grammar.ts": text };
}

function capital(name: string): string {
  return name.slice(0, 1).toUpperCase() + name.slice(1);
}
