/** What several passes ask of tsc's nodes. */
import ts from "typescript";

const { SyntaxKind: S } = ts;

export function withoutParentheses(expression: ts.Expression): ts.Expression {
  return ts.isParenthesizedExpression(expression) ? withoutParentheses(expression.expression) : expression;
}

export function isAccess(node: ts.Node): node is ts.PropertyAccessExpression | ts.ElementAccessExpression {
  return ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node);
}

/** `x = y`. */
export function isAssignment(node: ts.Node): node is ts.BinaryExpression {
  return ts.isBinaryExpression(node) && node.operatorToken.kind === S.EqualsToken;
}

/** The place that an assignment of any kind, `++` or `--` writes. */
export function writtenBy(node: ts.Node): ts.Expression | null {
  if (ts.isBinaryExpression(node)) {
    const { kind } = node.operatorToken;
    return kind >= S.FirstAssignment && kind <= S.LastAssignment ? node.left : null;
  }
  const isUnary = ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node);
  const isStep = isUnary && (node.operator === S.PlusPlusToken || node.operator === S.MinusMinusToken);
  return isStep ? node.operand : null;
}

export function isConst(declaration: ts.VariableDeclaration): boolean {
  return (ts.getCombinedNodeFlags(declaration) & ts.NodeFlags.Const) !== 0;
}

export function isModuleLevel(declaration: ts.VariableDeclaration): boolean {
  return ts.isSourceFile(declaration.parent.parent.parent);
}

/** The first value of a module constant. */
export function constantInitial(declaration: ts.Declaration | null): ts.Expression | null {
  if (!declaration || !ts.isVariableDeclaration(declaration)) return null;
  return (isModuleLevel(declaration) && isConst(declaration) && declaration.initializer) || null;
}

/** The string literal that stands here, or in the module constant that is named here. */
export function textOf(
  expression: ts.Expression,
  names: { declarationOf(name: ts.Identifier): ts.Declaration | null },
): ts.StringLiteralLike | null {
  const seen = new Set<ts.Expression>();
  let at: ts.Expression | null = expression;
  while (at !== null && !seen.has(at)) {
    seen.add(at);
    const node = withoutParentheses(at);
    if (ts.isStringLiteralLike(node)) return node;
    at = ts.isIdentifier(node) ? constantInitial(names.declarationOf(node)) : null;
  }
  return null;
}
