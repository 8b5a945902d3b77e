/** JSDoc tags: each only where it means something, with a value that it understands. */
import ts from "typescript";
import type { Diagnostics } from "../diagnostic.ts";
import type { TypedProgram } from "../types/typed-program.ts";

interface TagRule {
  readonly places: readonly string[];
  readonly value?: RegExp;
  /** What is wrong with any other value. */
  readonly needs?: string;
}

const SYMBOL = /^[A-Za-z_.][\w.]*$/;
const TAGS: Readonly<Record<string, TagRule>> = {
  unsafe: { places: ["a file"], value: /./, needs: "needs a reason" },
  unit: { places: ["a file"], value: /^(O2|O3|Os)$/, needs: "is followed by O2, O3 or Os" },
  inline: { places: ["a function"] },
  noinline: { places: ["a function"] },
  noreturn: { places: ["a function"] },
  hot: { places: ["a function"] },
  scratch: { places: ["a function"] },
  entry: { places: ["a function"] },
  extern: { places: ["a function", "a static"], value: SYMBOL, needs: "is followed by the symbol" },
  section: { places: ["a function", "a static"], value: SYMBOL, needs: "is followed by the section's name" },
  layout: { places: ["a struct", "an enum", "a static"] },
  storage: { places: ["an enum"] },
  message: { places: ["a struct"], value: /^\d+ (send|call|answer)$/, needs: "needs a label and send, call or answer" },
  kernel: { places: ["a struct"], value: /^\w+\.\w+( answer)?$/, needs: "is followed by an operation of the kernel" },
};
/** For readers only. */
const DOCUMENTARY = new Set(["param", "returns", "see"]);
const PLACES: ReadonlyMap<ts.SyntaxKind, string> = new Map([
  [ts.SyntaxKind.FunctionDeclaration, "a function"],
  [ts.SyntaxKind.VariableStatement, "a static"],
  [ts.SyntaxKind.InterfaceDeclaration, "a struct"],
  [ts.SyntaxKind.EnumDeclaration, "an enum"],
]);

export function checkTags(typed: TypedProgram, file: ts.SourceFile, diagnostics: Diagnostics): void {
  const [first] = file.statements;
  // A file's first comment may be that of its first declaration too: each has its own tags in it.
  const ofFile = new Map([...typed.tagsOf(file)].filter(([name]) => TAGS[name]?.places.includes("a file")));
  if (first) checkPlace(ofFile, "a file", first.getFirstToken() ?? first, diagnostics);
  for (const statement of file.statements) {
    const place = PLACES.get(statement.kind);
    const [variable] = ts.isVariableStatement(statement) ? statement.declarationList.declarations : [];
    const declaration = (variable ?? statement) as ts.Declaration;
    const at = ts.getNameOfDeclaration(declaration) ?? statement;
    const tags = [...typed.tagsOf(declaration)].filter(([name]) => statement !== first || !ofFile.has(name));
    if (place) checkPlace(new Map(tags), place, at, diagnostics);
    const isExtern = tags.some(([name]) => name === "extern");
    const isDeclared = (ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Ambient) !== 0;
    const isSymbol = variable !== undefined || ts.isFunctionDeclaration(statement);
    if (isSymbol && isDeclared && !isExtern) diagnostics.report(at, "KTS3032");
    if (isSymbol && isExtern && !isDeclared) diagnostics.report(at, "KTS3031", "extern", "goes with `declare`");
  }
}

function checkPlace(tags: ReadonlyMap<string, string>, place: string, at: ts.Node, diagnostics: Diagnostics): void {
  for (const [name, value] of tags) {
    const rule = TAGS[name];
    if (DOCUMENTARY.has(name)) continue;
    if (!rule?.places.includes(place)) diagnostics.report(at, "KTS3030", name, place);
    else if (rule.value && !rule.value.test(value)) diagnostics.report(at, "KTS3031", name, rule.needs ?? "");
  }
  const isBoth = tags.has("inline") && tags.has("noinline");
  if (isBoth) diagnostics.report(at, "KTS3031", "inline", "and `@noinline` exclude each other");
}
