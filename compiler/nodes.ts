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

/** `x = y`, `x += y` and the like. */
export function isAnyAssignment(node: ts.Node): node is ts.BinaryExpression {
  if (!ts.isBinaryExpression(node)) return false;
  const { kind } = node.operatorToken;
  return kind >= S.FirstAssignment && kind <= S.LastAssignment;
}

export type Step = ts.PrefixUnaryExpression | ts.PostfixUnaryExpression;

/** `++` and `--`. */
export function isStep(node: ts.Node): node is Step {
  if (!ts.isPrefixUnaryExpression(node) && !ts.isPostfixUnaryExpression(node)) return false;
  return node.operator === S.PlusPlusToken || node.operator === S.MinusMinusToken;
}

/** The place that an assignment or a step writes. */
export function writtenBy(node: ts.Node): ts.Expression | null {
  if (isAnyAssignment(node)) return node.left;
  return isStep(node) ? node.operand : null;
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
