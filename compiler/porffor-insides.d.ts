/** What of Porffor's insides the driver uses. */

interface PorfforFunction {
  name: string;
  index: number;
  params: number[];
  returns: number[];
  locals: Record<string, { idx: number; type: number }>;
  localInd: number;
  wasm: (number | string)[][];
  export?: boolean;
  internal?: boolean;
  usesImports?: boolean;
}

interface PorfforOutput {
  funcs: PorfforFunction[] & { table?: boolean };
  globals: Record<string, { idx: number; init: number }>;
  tags: unknown[];
  pages: Map<string, unknown>;
  data: unknown[];
}

declare module "porffor/compiler/index.js" {
  export default function compile(source: string, isModule: boolean): PorfforOutput & { wasm: Uint8Array };
}

declare module "porffor/compiler/builtins.js" {
  export function createImport(name: string, parameters: number, results: number): void;
  export const importedFuncs: { length: number };
}

declare module "porffor/compiler/wasmSpec.js" {
  export const Opcodes: Record<string, number | number[]>;
}
