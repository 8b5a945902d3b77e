import path from "node:path";
import ts from "typescript";
import type { Diagnostics } from "../diagnostic.ts";
import { LIBRARY } from "../program.ts";
import { checkBody } from "./bodies.ts";
import { Declarations } from "./declarations.ts";
import { Expressions, isModuleLevel } from "./expressions.ts";
import { checkInitial } from "./initials.ts";
import type { Field } from "./type.ts";
import { intType, valueOf } from "./type-table.ts";
import type { TypedProgram } from "./typed-program.ts";

/** Types a whole program; `root` is the folder that paths are relative to. Reports every type error. */
export function typeProgram(program: ts.Program, root: string, diagnostics: Diagnostics): TypedProgram {
  const checker = program.getTypeChecker();
  const pathOf = (file: ts.SourceFile): string => path.relative(root, file.fileName).split(path.sep).join("/");
  const declarations = new Declarations(checker, diagnostics, pathOf);
  const expressions = new Expressions(checker, declarations, diagnostics);
  const files = program.getSourceFiles().filter((file) => file.fileName !== LIBRARY);
  for (const file of files) declarations.addFile(file);
  for (const file of files) {
    for (const statement of file.statements) checkStatement(statement);
  }

  function checkStatement(statement: ts.Statement): void {
    if (ts.isFunctionDeclaration(statement)) {
      const signature = declarations.signatureOf(statement);
      if (statement.type === undefined) diagnostics.report(statement.name ?? statement, "KTS1056");
      if (statement.body !== undefined) checkBody(statement.body, signature.result, expressions, diagnostics);
    } else if (ts.isVariableStatement(statement)) {
      for (const variable of statement.declarationList.declarations) checkStatic(variable);
    }
  }

  function checkStatic(variable: ts.VariableDeclaration): void {
    const storage = expressions.variableType(variable);
    if (variable.initializer === undefined) {
      if (!declarations.tagsOf(variable).has("extern"))
        diagnostics.report(variable.name, "KTS1055", variable.name.getText());
      return;
    }
    if (variable.type === undefined && storage.kind === "literal") return;
    const type = storage.kind === "pointer" && !storage.nullable ? storage.to : storage;
    checkInitial(variable.initializer, type, expressions, declarations, diagnostics);
  }

  return {
    program,
    checker,
    files,
    pathOf,
    structs: declarations.structs,
    enums: declarations.enums,
    typeOf: (e) => expressions.typeOf(e),
    placeTypeOf: (e) => expressions.placeTypeOf(e),
    operationType: (e) => expressions.operationType(e),
    constantOf: (e) => expressions.constantOf(e),
    storageOfNode: (node) => declarations.storageOfNode(node),
    storageOf: (declaration) => {
      if (!ts.isVariableDeclaration(declaration)) {
        return declaration.type === undefined ? intType(32, false) : declarations.storageOfNode(declaration.type);
      }
      const storage = expressions.variableType(declaration);
      return isModuleLevel(declaration) && storage.kind === "pointer" && !storage.nullable ? storage.to : storage;
    },
    valueOf,
    intType,
    signatureOf: (declaration) => declarations.signatureOf(declaration),
    fieldOf: (access) => fieldOf(access, declarations),
    declarationOf: (name) => {
      const declaration = declarations.declarationOf(name);
      return declaration === null || declarations.isLibrary(declaration) ? null : declaration;
    },
    calleeOf: (call) => expressions.calleeOf(call),
    tagsOf: (node) => declarations.tagsOf(node),
  };
}

function fieldOf(access: ts.PropertyAccessExpression, declarations: Declarations): Field {
  const declaration = declarations.declarationOf(access.name);
  const field = declaration === null ? null : declarations.fieldOfMember(declaration);
  return field ?? { name: access.name.text, type: intType(32, false) };
}
