import { GENERATED, type Model } from "./model.ts";

/** What people read of the kernel's enums. */
export function nameFiles({ capTypes }: Model): Record<string, string> {
  const text = `import { CAP_TYPES } from "../../kernel/cap/capability";

/** What the types of capabilities are called, in the order of CapType. ${GENERATED} */
const names: FixedArray<Bytes, typeof CAP_TYPES> = [
${capTypes.map(({ name }) => `  "${name}",`).join("\n")}
];

export function nameOfCapType(type: u32): Bytes {
  return type < CAP_TYPES ? names[type] : "unknown";
}
`;
  return { "services/console/capTypes.ts": text };
}
