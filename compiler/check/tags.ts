/** JSDoc tags: each only where it means something, with a value that it understands. */
import ts from "typescript";
import type { Diagnostics } from "../diagnostic.ts";
import type { TypedProgram } from "../types/typed-program.ts";

interface TagRule {
  readonly places: readonly string[];
  /** What may follow; absent: nothing is asked. */
  readonly value?: RegExp;
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
  entry: { places: ["a function"] },
  extern: { places: ["a function", "a static"], value: SYMBOL, needs: "is followed by the symbol" },
  section: { places: ["a function", "a static"], value: SYMBOL, needs: "is followed by the section's name" },
  layout: { places: ["a struct", "an enum", "a static"] },
  storage: { places: ["an enum"] },
};
/** For readers only. */
const DOCUMENTARY = new Set(["param", "returns", "see"]);

export function checkTags(typed: TypedProgram, file: ts.SourceFile, diagnostics: Diagnostics): void {
  const [first] = file.statements;
  const fileTags = typed.tagsOf(file);
  for (const statement of file.statements) {
    const found = tagged(statement);
    if (found === null) continue;
    const tags = new Map(typed.tagsOf(found.node));
    if (statement === first) for (const [name] of ofFile(fileTags)) tags.delete(name);
    checkPlace(tags, found.place, found.name, diagnostics);
    checkExtern(tags, statement, found.name, diagnostics);
  }
  if (first) checkPlace(ofFile(fileTags), "a file", first.getFirstToken() ?? first, diagnostics);
}

/** Of a file's first comment: the other tags belong to the declaration below it. */
function ofFile(tags: ReadonlyMap<string, string>): Map<string, string> {
  return new Map([...tags].filter(([name]) => TAGS[name]?.places.includes("a file")));
}

/** What a statement declares; `name` is where errors are shown. */
function tagged(statement: ts.Statement): { node: ts.Node; name: ts.Node; place: string } | null {
  if (ts.isVariableStatement(statement)) {
    const [node] = statement.declarationList.declarations;
    return node ? { node, name: node.name, place: "a static" } : null;
  }
  const place = ts.isFunctionDeclaration(statement)
    ? "a function"
    : ts.isInterfaceDeclaration(statement)
      ? "a struct"
      : ts.isEnumDeclaration(statement)
        ? "an enum"
        : "";
  const name = ts.getNameOfDeclaration(statement as ts.DeclarationStatement) ?? statement;
  return place === "" ? null : { node: statement, name, place };
}

function checkPlace(tags: ReadonlyMap<string, string>, place: string, at: ts.Node, diagnostics: Diagnostics): void {
  for (const [name, value] of tags) {
    const rule = TAGS[name];
    if (DOCUMENTARY.has(name)) continue;
    if (!rule?.places.includes(place)) diagnostics.report(at, "KTS3030", name, place);
    else if (rule.value && !rule.value.test(value)) diagnostics.report(at, "KTS3031", name, rule.needs ?? "");
  }
  if (tags.has("inline") && tags.has("noinline")) {
    diagnostics.report(at, "KTS3031", "inline", "and `@noinline` exclude each other");
  }
}

/** `declare` and `@extern` go together. */
function checkExtern(
  tags: ReadonlyMap<string, string>,
  statement: ts.Statement,
  at: ts.Node,
  diagnostics: Diagnostics,
): void {
  if (!ts.isFunctionDeclaration(statement) && !ts.isVariableStatement(statement)) return;
  const isDeclared = statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.DeclareKeyword) === true;
  if (isDeclared && !tags.has("extern")) diagnostics.report(at, "KTS3032");
  if (!isDeclared && tags.has("extern")) diagnostics.report(at, "KTS3031", "extern", "is for what is `declare`d only");
}
