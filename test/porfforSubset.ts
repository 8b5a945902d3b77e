import ts from "typescript";

/**
 * The subset of TypeScript in which Porffor's integer mode was never seen to be wrong, as a list of what is allowed: what is not
 * named here is a complaint.
 *
 * P1  On top: variables with a literal, and arrow functions with types; exports follow all other functions.
 * P2  Every variable has a type and a value; a type is i32 or boolean, a function's also void.
 * P3  Only loops have labels; there is no `continue`.
 * P4  `default` is the last clause; cases are literals, and no more than a branch reaches.
 * P5  `?:`, `&&` and `||` are cast before they are used.
 * P6  Literals are integers of 32 bits.
 * P7  An access to memory has a literal alignment, and a literal offset of one byte of LEB128.
 * P8  No strict equality: Porffor then compares types, too.
 */

const MOST_OFFSET = 127;
const MOST_CASES = 127;
const TYPES = ["i32", "boolean"];
const CONDITIONALS = [ts.SyntaxKind.AmpersandAmpersandToken, ts.SyntaxKind.BarBarToken];
const OPERATORS = new Set("+ - * / % & | ^ << >> >>> = == != < <= > >=".split(" "));
const ACCESS = /^Porffor\.wasm\.i32\.(?:load|store)(?:8|16)?(?:_[su])?$/;
const PLAIN = new Set([
  ts.SyntaxKind.Block,
  ts.SyntaxKind.BreakStatement,
  ts.SyntaxKind.CaseBlock,
  ts.SyntaxKind.ExpressionStatement,
  ts.SyntaxKind.FalseKeyword,
  ts.SyntaxKind.Identifier,
  ts.SyntaxKind.IfStatement,
  ts.SyntaxKind.ParenthesizedExpression,
  ts.SyntaxKind.ReturnStatement,
  ts.SyntaxKind.SwitchStatement,
  ts.SyntaxKind.TrueKeyword,
  ts.SyntaxKind.VariableDeclarationList,
  ts.SyntaxKind.VariableStatement,
  ts.SyntaxKind.WhileStatement,
]);

/** What in the text is outside of the subset, with its lines. */
export function complaintsAbout(source: string): string[] {
  const file = ts.createSourceFile("program.ts", source, ts.ScriptTarget.ES2022, true);
  return new SubsetReader(file).read();
}

class SubsetReader {
  readonly #file: ts.SourceFile;
  readonly #complaints: string[] = [];

  constructor(file: ts.SourceFile) {
    this.#file = file;
  }

  read(): string[] {
    let hasExports = false;
    for (const statement of this.#file.statements) {
      if (!ts.isVariableStatement(statement)) {
        this.#complain(statement, "P1: no variable");
        continue;
      }
      const isExported = statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true;
      this.#must(isExported || !hasExports, statement, "P1: a function behind the exports");
      hasExports ||= isExported;
      for (const { initializer, type } of statement.declarationList.declarations) {
        if (initializer === undefined) this.#complain(statement, "P2: no value");
        else if (ts.isArrowFunction(initializer)) this.#function(initializer);
        else this.#must(isType(type) && ts.isNumericLiteral(initializer), statement, "P1: no literal");
      }
    }
    return this.#complaints;
  }

  #function({ parameters, type, body }: ts.ArrowFunction): void {
    for (const each of parameters) this.#must(isType(each.type), each, "P2: a parameter without a type");
    this.#must(isType(type) || type?.kind === ts.SyntaxKind.VoidKeyword, body, "P2: a result without a type");
    const isWasm = ts.isTaggedTemplateExpression(body) && body.tag.getText() === "Porffor.wasm";
    if (!isWasm) this.#node(body);
  }

  #node(node: ts.Node): void {
    if (ts.isTypeNode(node)) return;
    if (ts.isCallExpression(node)) {
      this.#call(node);
      for (const each of node.arguments) this.#node(each);
      return;
    }
    this.#check(node);
    ts.forEachChild(node, (child) => this.#node(child));
  }

  #check(node: ts.Node): void {
    if (PLAIN.has(node.kind)) return;
    if (ts.isVariableDeclaration(node)) {
      this.#must(isType(node.type) && node.initializer !== undefined, node, "P2: no type, or no value");
    } else if (ts.isLabeledStatement(node)) {
      this.#must(ts.isWhileStatement(node.statement), node, "P3: a label of no loop");
    } else if (ts.isCaseClause(node)) {
      this.#must(isCase(node.expression), node, "P4: a case that is no literal");
      this.#must(node.parent.clauses.length <= MOST_CASES, node, "P4: too many cases");
    } else if (ts.isDefaultClause(node)) {
      this.#must(node.parent.clauses.at(-1) === node, node, "P4: default is not the last clause");
    } else if (ts.isConditionalExpression(node)) {
      this.#must(isCast(node), node, "P5: a choice that is not cast");
    } else if (ts.isNumericLiteral(node)) {
      const value = Number(node.text);
      this.#must(Number.isInteger(value) && value < 2 ** 32, node, "P6: no integer of 32 bits");
    } else if (ts.isAsExpression(node)) {
      this.#must(isType(node.type), node, "P2: a cast to another type");
    } else if (ts.isPrefixUnaryExpression(node)) {
      const isNegative = node.operator === ts.SyntaxKind.MinusToken && ts.isCaseClause(node.parent);
      this.#must(isNegative || node.operator === ts.SyntaxKind.ExclamationToken, node, "P1: this operator");
    } else if (ts.isBinaryExpression(node)) {
      const isConditional = CONDITIONALS.includes(node.operatorToken.kind);
      if (isConditional) this.#must(isCast(node), node, "P5: a condition that is not cast");
      else this.#must(OPERATORS.has(node.operatorToken.getText()), node, "P8: this operator");
    } else if (!ts.isToken(node) || ts.isLiteralExpression(node)) {
      this.#complain(node, `P1: a ${ts.SyntaxKind[node.kind]}`);
    }
  }

  #call({ expression, arguments: args }: ts.CallExpression): void {
    if (ts.isIdentifier(expression)) return;
    const [alignment, offset] = args.slice(-2);
    const isLiteral = [alignment, offset].every((each) => each !== undefined && ts.isNumericLiteral(each));
    const isNear = isLiteral && Number((offset as ts.NumericLiteral).text) <= MOST_OFFSET;
    this.#must(ACCESS.test(expression.getText()) && isNear, expression, "P7: this access");
  }

  #must(holds: boolean, node: ts.Node, what: string): void {
    if (!holds) this.#complain(node, what);
  }

  #complain(node: ts.Node, what: string): void {
    const { line } = this.#file.getLineAndCharacterOfPosition(node.getStart());
    this.#complaints.push(`${line + 1}: ${what}: ${node.getText().slice(0, 80)}`);
  }
}

function isType(type: ts.TypeNode | undefined): boolean {
  return type !== undefined && TYPES.includes(type.getText());
}

function isCase(e: ts.Expression): boolean {
  return ts.isNumericLiteral(ts.isPrefixUnaryExpression(e) ? e.operand : e);
}

/** `(a ? b : c) as i32`. */
function isCast({ parent }: ts.Node): boolean {
  return ts.isParenthesizedExpression(parent) ? isCast(parent) : ts.isAsExpression(parent);
}
