/** The types pass: one `Typer` over all files, which answers the later passes too. */
import path from "node:path";
import ts from "typescript";
import type { Diagnostics } from "../diagnostic.ts";
import { isModuleLevel } from "../nodes.ts";
import { LIBRARY } from "../program.ts";
import { Declarations } from "./declarations.ts";
import { checkBody, checkStatic } from "./statements.ts";
import type { Type } from "./type.ts";
import { BIG_LITERAL, intType, U32, U64, valueOf } from "./type-table.ts";
import type { TypedProgram } from "./typed-program.ts";
import { Typer } from "./typer.ts";

type Stored = Parameters<TypedProgram["storageOf"]>[0];

/** Types a whole program; `root` is the folder that paths are relative to. Reports every type error. */
export function typeProgram(program: ts.Program, root: string, diagnostics: Diagnostics): TypedProgram {
  const checker = program.getTypeChecker();
  const files = program.getSourceFiles().filter((file) => file.fileName !== LIBRARY);
  const pathOf = (file: ts.SourceFile): string => path.relative(root, file.fileName).split(path.sep).join("/");
  const declarations = new Declarations(checker, diagnostics, pathOf, (e) => typer.constantOf(e));
  const typer: Typer = new Typer(checker, declarations, diagnostics);
  declarations.addFiles(files);
  for (const statement of files.flatMap((file) => [...file.statements])) checkStatement(typer, statement);
  return {
    program,
    checker,
    files,
    pathOf,
    structs: [...declarations.structs],
    enums: declarations.enums,
    typeOf: (e) => typer.typeOf(e),
    placeTypeOf: (e) => typer.placeTypeOf(e),
    operationType: (e) => {
      const type = typer.typeOf(e);
      return typer.operations.get(e) ?? type;
    },
    constantOf: (e) => typer.constantOf(e),
    storageOfNode: (node) => declarations.storageOfNode(node),
    storageOf: (declaration) => storageOf(typer, declaration),
    valueOf,
    intType,
    signatureOf: (declaration) => declarations.signatureOf(declaration),
    fieldOf: (access) => declarations.fieldOf(access) ?? { name: access.name.text, type: U32 },
    declarationOf: (name) => {
      const declaration = declarations.declarationOf(name);
      return declaration && !declarations.isLibrary(declaration) ? declaration : null;
    },
    calleeOf: (call) => typer.calleeOf(call),
    tagsOf: (node) => declarations.tagsOf(node),
  };
}

function checkStatement(typer: Typer, statement: ts.Statement): void {
  if (ts.isFunctionDeclaration(statement)) {
    const { result } = typer.declarations.signatureOf(statement);
    if (!statement.type) typer.report(statement.name ?? statement, "KTS1056");
    if (statement.body) checkBody(typer, statement.body, result);
  } else if (ts.isVariableStatement(statement)) {
    for (const declaration of statement.declarationList.declarations) checkStatic(typer, declaration);
  } else if (ts.isTypeAliasDeclaration(statement) && !statement.typeParameters) {
    typer.declarations.storageOfNode(statement.type);
  }
}

/** A static of a struct or array type is that object, since statics never point to each other. */
function storageOf(typer: Typer, declaration: Stored): Type {
  if (!ts.isVariableDeclaration(declaration)) {
    return declaration.type ? typer.declarations.storageOfNode(declaration.type) : U32;
  }
  const type = typer.variableType(declaration);
  if (type.kind === "literal") return type === BIG_LITERAL ? U64 : U32;
  return isModuleLevel(declaration) && type.kind === "pointer" && !type.nullable ? type.to : type;
}
