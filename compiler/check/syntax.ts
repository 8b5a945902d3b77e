/** Constructs that are TypeScript and not KTS. Whatever this file does not know is not in the language. */
import ts from "typescript";
import type { Code, Diagnostics } from "../diagnostic.ts";
import { isAnyAssignment, isAssignment, isConst, isModuleLevel, writtenBy } from "../nodes.ts";
import type { Type } from "../types/type.ts";
import type { TypedProgram } from "../types/typed-program.ts";
import { checkSwitch } from "./switch.ts";

const { SyntaxKind: S } = ts;

type Kind = keyof typeof ts.SyntaxKind;

function kindsOf(names: string): ts.SyntaxKind[] {
  return names.split(" ").map((name) => S[name as Kind]);
}

/** Kinds of nodes with a rule of their own, wherever they stand. */
const RULES: readonly (readonly [Code, names: string])[] = [
  ["KTS3002", "ClassDeclaration ClassExpression ThisKeyword ThisType SuperKeyword NewExpression"],
  ["KTS3003", "TryStatement ThrowStatement"],
  ["KTS3004", "ArrowFunction FunctionExpression MethodDeclaration GetAccessor SetAccessor"],
  ["KTS3009", "TemplateExpression NoSubstitutionTemplateLiteral TaggedTemplateExpression RegularExpressionLiteral"],
  ["KTS3012", "ObjectBindingPattern ArrayBindingPattern SpreadElement SpreadAssignment"],
  ["KTS3015", "AnyKeyword UnknownKeyword ObjectKeyword"],
  ["KTS3019", "ExportAssignment ImportEqualsDeclaration NamespaceImport NamespaceExport DefaultKeyword"],
  ["KTS3021", "ComputedPropertyName"],
];
const FORBIDDEN = new Map(RULES.flatMap(([code, names]) => kindsOf(names).map((kind) => [kind, code] as const)));

/** Kinds of nodes that may stand anywhere, or that `#checkNode` looks at. Types are the type pass's. */
const ALLOWED = new Set(
  [
    "SourceFile ImportDeclaration ImportClause NamedImports ImportSpecifier ExportDeclaration NamedExports",
    "ExportSpecifier ExportKeyword DeclareKeyword ConstKeyword ReadonlyKeyword FunctionDeclaration Parameter",
    "TypeParameter InterfaceDeclaration HeritageClause ExpressionWithTypeArguments PropertySignature MethodSignature",
    "TypeAliasDeclaration EnumDeclaration EnumMember VariableStatement VariableDeclarationList VariableDeclaration",
    "Block EmptyStatement ExpressionStatement IfStatement DoStatement WhileStatement ForStatement ForInStatement",
    "ForOfStatement ContinueStatement BreakStatement ReturnStatement SwitchStatement CaseBlock CaseClause",
    "DefaultClause LabeledStatement Identifier QualifiedName NumericLiteral BigIntLiteral StringLiteral TrueKeyword",
    "FalseKeyword NullKeyword ParenthesizedExpression PropertyAccessExpression ElementAccessExpression",
    "CallExpression PrefixUnaryExpression PostfixUnaryExpression BinaryExpression ConditionalExpression AsExpression",
    "NonNullExpression ObjectLiteralExpression ArrayLiteralExpression PropertyAssignment ShorthandPropertyAssignment",
    // Parts of what has been reported.
    "BindingElement CatchClause ModuleBlock TemplateSpan",
  ].flatMap(kindsOf),
);

/** Statements that would run when a file is loaded. */
const RUN = new Set(
  kindsOf(
    "Block ExpressionStatement IfStatement DoStatement WhileStatement ForStatement ForInStatement ForOfStatement " +
      "SwitchStatement LabeledStatement ContinueStatement BreakStatement ReturnStatement",
  ),
);
/** What may stand between a static and a part of its initial value. */
const LISTS = new Set(
  kindsOf("ArrayLiteralExpression ObjectLiteralExpression PropertyAssignment ParenthesizedExpression"),
);
const UNSAFE =
  /^(cast(Slice)?|addressOf(Function)?|load\d+|store\d+|volatile\w+|atomic\w+|fillMemory|copyMemory|(compiler|memory|device|dma)Barrier)$/;

export function checkSyntax(typed: TypedProgram, file: ts.SourceFile, diagnostics: Diagnostics): void {
  new Syntax(typed, file, diagnostics).visit(file);
}

class Syntax {
  readonly #typed: TypedProgram;
  readonly #file: ts.SourceFile;
  readonly #diagnostics: Diagnostics;

  constructor(typed: TypedProgram, file: ts.SourceFile, diagnostics: Diagnostics) {
    this.#typed = typed;
    this.#file = file;
    this.#diagnostics = diagnostics;
  }

  visit(node: ts.Node): void {
    const code = FORBIDDEN.get(node.kind);
    if (ts.isTypeParameterDeclaration(node)) {
      // What the parameter's own uses are is moot until it is gone.
      this.#diagnostics.reportAt(this.#file, node.getStart(), node.parent.end, "KTS3014");
    } else if (code) this.#report(node, code, node.getText(this.#file));
    else if (ALLOWED.has(node.kind)) this.#checkNode(node);
    else if (!ts.isTypeNode(node) && !ts.isToken(node)) this.#unknown(node);
    else if (ts.isModifier(node) || node.kind === S.QuestionDotToken) this.#unknown(node);
    if (code !== "KTS3002" || ts.isNewExpression(node)) ts.forEachChild(node, (child) => this.visit(child));
  }

  #report(node: ts.Node, code: Code, ...values: readonly string[]): void {
    this.#diagnostics.report(node, code, ...values);
  }

  /** Named after the word that it starts with. */
  #unknown(node: ts.Node): void {
    const [word] = /^\w+|^[^\w\s]+/.exec(node.getText(this.#file)) ?? [""];
    this.#report(node, "KTS3001", `\`${word}\``);
  }

  #checkNode(node: ts.Node): void {
    if (ts.isSourceFile(node)) {
      for (const statement of node.statements) if (RUN.has(statement.kind)) this.#report(statement, "KTS3020");
    } else if (ts.isFunctionDeclaration(node)) {
      if (!ts.isSourceFile(node.parent)) this.#report(node.name ?? node, "KTS3004");
      if (node.asteriskToken) this.#unknown(node.asteriskToken);
    } else if (ts.isParameter(node)) this.#checkParameter(node);
    else if (ts.isVariableDeclarationList(node)) this.#checkVariables(node);
    else if (ts.isVariableDeclaration(node) && node.exclamationToken) this.#unknown(node.exclamationToken);
    else if (ts.isInterfaceDeclaration(node) || ts.isEnumDeclaration(node)) this.#checkOnce(node);
    else if (ts.isForInStatement(node)) this.#reportHead(node, "KTS3007", "in");
    else if (ts.isForOfStatement(node)) this.#reportHead(node, "KTS3007", "of");
    else if (ts.isSwitchStatement(node)) checkSwitch(this.#typed, node, this.#diagnostics);
    else if (ts.isImportClause(node) && node.name) this.#report(node.name, "KTS3019");
    else if (ts.isExportDeclaration(node) && !node.exportClause) this.#report(node, "KTS3019");
    else if (ts.isExpressionStatement(node)) {
      if (!hasEffect(node.expression)) this.#report(node, "KTS3023");
    } else if (ts.isExpression(node)) this.#checkExpression(node);
  }

  #reportHead(node: ts.ForInOrOfStatement, code: Code, word: string): void {
    this.#diagnostics.reportAt(this.#file, node.getStart(), node.statement.getStart(), code, word);
  }

  #checkParameter(node: ts.ParameterDeclaration): void {
    const isPlain = !node.questionToken && !node.initializer && !node.dotDotDotToken;
    if (!isPlain) this.#report(node, "KTS3013");
    if (node.name.getText() === "this") this.#report(node, "KTS3002");
    else if (node.type && this.#typed.storageOfNode(node.type).kind === "function") {
      this.#report(node, "KTS3022", node.name.getText());
    }
  }

  #checkVariables(list: ts.VariableDeclarationList): void {
    const kind = list.flags & ts.NodeFlags.BlockScoped;
    if (kind === 0) this.#report(list, "KTS3005");
    else if (kind !== ts.NodeFlags.Let && kind !== ts.NodeFlags.Const) this.#unknown(list);
  }

  #checkOnce(node: ts.InterfaceDeclaration | ts.EnumDeclaration): void {
    const declarations = this.#typed.checker.getSymbolAtLocation(node.name)?.declarations ?? [];
    if (declarations.length > 1 && declarations[0] !== node) this.#report(node.name, "KTS3029", node.name.text);
    const isConst = (ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Const) !== 0;
    if (ts.isEnumDeclaration(node) && !isConst) this.#report(node.name, "KTS3018", node.name.text);
  }

  #checkExpression(node: ts.Expression): void {
    if (ts.isBinaryExpression(node)) this.#checkBinary(node);
    else if (ts.isIdentifier(node)) this.#checkName(node);
    else if (ts.isCallExpression(node)) this.#checkCall(node);
    else if (ts.isNumericLiteral(node)) {
      if (/^[\d_]*(\.|[\d_]e)/i.test(node.getText())) this.#report(node, "KTS3027");
    } else if (ts.isObjectLiteralExpression(node) || ts.isArrayLiteralExpression(node)) {
      if (initialOf(node) === null && !isPattern(node)) this.#report(node, "KTS3028");
    } else if (ts.isPropertyAccessExpression(node)) this.#checkTableRead(node);
    else if (ts.isElementAccessExpression(node)) {
      const base = this.#typed.typeOf(node.expression);
      const isStruct = base.kind === "pointer" && base.to.kind === "struct";
      if (isStruct || ts.isStringLiteralLike(node.argumentExpression)) this.#report(node.argumentExpression, "KTS3021");
      else this.#checkTableRead(node);
    }
  }

  #checkBinary(node: ts.BinaryExpression): void {
    const { operatorToken, left, parent } = node;
    const { kind } = operatorToken;
    const text = operatorToken.getText();
    if (kind === S.EqualsEqualsToken || kind === S.ExclamationEqualsToken) this.#report(operatorToken, "KTS3006", text);
    else if (kind === S.CommaToken) this.#report(operatorToken, "KTS3010");
    else if (kind === S.QuestionQuestionToken) this.#report(operatorToken, "KTS3001", `\`${text}\``);
    if (!isAnyAssignment(node)) return;
    const isHead = ts.isForStatement(parent) && (parent.initializer === node || parent.incrementor === node);
    if (!ts.isExpressionStatement(parent) && !isHead) this.#report(operatorToken, "KTS3011");
    if (isPattern(left)) this.#report(left, "KTS3012");
    else if (kind === S.EqualsToken) {
      const place = this.#typed.placeTypeOf(left);
      if (place.kind === "struct" || place.kind === "array") this.#report(operatorToken, "KTS2101", left.getText());
    }
  }

  /** The name of a function stands where it is called, in a constant table, or under `addressOfFunction`. */
  #checkName(node: ts.Identifier): void {
    const { parent } = node;
    const { checker } = this.#typed;
    if (ts.isFunctionDeclaration(parent) || ts.isImportOrExportSpecifier(parent) || ts.isTypeNode(parent)) return;
    if (node.text === "undefined" || node.text === "arguments") this.#unknown(node);
    let symbol = checker.getSymbolAtLocation(node);
    if (symbol && symbol.flags & ts.SymbolFlags.Alias) symbol = checker.getAliasedSymbol(symbol);
    if (!symbol || !(symbol.flags & ts.SymbolFlags.Function)) return;
    if (ts.isCallExpression(parent)) {
      const isAddress = parent.arguments[0] === node && parent.expression.getText() === "addressOfFunction";
      if (parent.expression === node || isAddress) return;
    }
    const table = ts.isVariableDeclaration(parent) ? null : initialOf(node);
    const isOwn = symbol.valueDeclaration?.getSourceFile().isDeclarationFile === false;
    if (!isOwn || !table || !isConst(table)) this.#report(node, "KTS3022", node.text);
  }

  /** A function in a table is called where it is read. */
  #checkTableRead(node: ts.PropertyAccessExpression | ts.ElementAccessExpression): void {
    const { parent } = node;
    const isCalled = ts.isCallExpression(parent) && parent.expression === node;
    const isTarget = ts.isBinaryExpression(parent) && parent.left === node;
    if (!isCalled && !isTarget && this.#typed.typeOf(node).kind === "function")
      this.#report(node, "KTS3022", node.getText());
  }

  #checkCall(node: ts.CallExpression): void {
    const callee = this.#typed.calleeOf(node);
    if (callee.kind !== "library") return;
    const { name } = callee;
    const { parent } = node;
    if (UNSAFE.test(name) && !this.#typed.tagsOf(this.#file).has("unsafe")) {
      this.#report(node.expression, "KTS2105", name);
    }
    if (name === "zeroed") {
      const storage = callee.typeArgument ?? (ts.isVariableDeclaration(parent) ? this.#typed.storageOf(parent) : null);
      if (initialOf(node) === null) this.#report(node, "KTS2104");
      else if (storage && holdsFunctions(storage)) this.#report(node, "KTS3024");
    }
    const isLocal = ts.isVariableDeclaration(parent) && isConst(parent) && !isModuleLevel(parent);
    if (name === "local" && !isLocal) this.#report(node, "KTS2103");
  }
}

/** Assignments, `++`, `--` and calls. Commas and what stands for itself as an error are reported as that. */
function hasEffect(node: ts.Expression): boolean {
  if (ts.isParenthesizedExpression(node)) return hasEffect(node.expression);
  if (writtenBy(node) || ts.isCallExpression(node)) return true;
  return ts.isBinaryExpression(node) ? node.operatorToken.kind === S.CommaToken : !ALLOWED.has(node.kind);
}

function holdsFunctions(type: Type): boolean {
  if (type.kind === "array") return holdsFunctions(type.element);
  return type.kind === "struct"
    ? type.struct.fields.some((field) => holdsFunctions(field.type))
    : type.kind === "function";
}

/** The static whose initial value a node is part of. */
function initialOf(node: ts.Expression): ts.VariableDeclaration | null {
  const at = ts.findAncestor(node.parent, ({ kind }) => !LISTS.has(kind));
  return at && ts.isVariableDeclaration(at) && isModuleLevel(at) ? at : null;
}

/** `[a, b] = …` and `({ a } = …)`. */
function isPattern(node: ts.Expression): boolean {
  if (!ts.isArrayLiteralExpression(node) && !ts.isObjectLiteralExpression(node)) return false;
  const { parent } = node;
  return isAssignment(parent) && parent.left === node;
}
