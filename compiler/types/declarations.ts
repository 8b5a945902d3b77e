import ts from "typescript";
import type { Diagnostics } from "../diagnostic.ts";
import { LIBRARY } from "../program.ts";
import type { Enum, Field, FunctionType, IntType, Struct, Type } from "./type.ts";
import {
  arrayType,
  BOOLEAN,
  enumType,
  functionType,
  INT_NAMES,
  intType,
  maximum,
  minimum,
  NEVER,
  NULL,
  pointerType,
  sliceType,
  structType,
  U32,
  userPointerType,
  VOID,
  valueOf,
} from "./type-table.ts";

/** What type nodes, structs, enums and JSDoc tags mean. */

export class Declarations {
  readonly structs: Struct[] = [];
  readonly enums: Enum[] = [];
  readonly #checker: ts.TypeChecker;
  readonly #diagnostics: Diagnostics;
  readonly #pathOf: (file: ts.SourceFile) => string;
  readonly #storage = new Map<ts.TypeNode, Type>();
  readonly #structOf = new Map<ts.InterfaceDeclaration, Struct>();
  readonly #enumOf = new Map<ts.EnumDeclaration, Enum>();
  readonly #fieldOf = new Map<ts.Node, Field>();
  readonly #tags = new Map<ts.Node, ReadonlyMap<string, string>>();

  constructor(checker: ts.TypeChecker, diagnostics: Diagnostics, pathOf: (file: ts.SourceFile) => string) {
    this.#checker = checker;
    this.#diagnostics = diagnostics;
    this.#pathOf = pathOf;
  }

  /** The declaration that a name means, imports followed. */
  declarationOf(name: ts.Node): ts.Declaration | null {
    let symbol = this.#checker.getSymbolAtLocation(name);
    if (symbol !== undefined && (symbol.flags & ts.SymbolFlags.Alias) !== 0) {
      symbol = this.#checker.getAliasedSymbol(symbol);
    }
    const declaration = symbol?.valueDeclaration ?? symbol?.declarations?.[0];
    return declaration === undefined ? null : declaration;
  }

  isLibrary(declaration: ts.Node): boolean {
    return declaration.getSourceFile().fileName === LIBRARY;
  }

  /** Registers every struct and enum of `file`; fields are filled in on first use. */
  addFile(file: ts.SourceFile): void {
    for (const statement of file.statements) {
      if (ts.isInterfaceDeclaration(statement)) this.structOf(statement);
      else if (ts.isEnumDeclaration(statement)) this.enumOf(statement);
    }
  }

  structOf(declaration: ts.InterfaceDeclaration): Struct {
    const known = this.#structOf.get(declaration);
    if (known !== undefined) return known;
    const file = declaration.getSourceFile();
    const fields: Field[] = [];
    const struct: Struct = {
      name: declaration.name.text,
      fields,
      isLayout: this.tagsOf(declaration).has("layout"),
      file: this.#pathOf(file),
      line: file.getLineAndCharacterOfPosition(declaration.getStart()).line + 1,
    };
    this.#structOf.set(declaration, struct);
    const heritage = declaration.heritageClauses?.[0]?.types[0];
    const base = heritage?.expression.getText();
    const name = heritage?.typeArguments?.[0];
    if (base !== "Struct" || name === undefined || !ts.isLiteralTypeNode(name) || !ts.isStringLiteral(name.literal)) {
      this.#diagnostics.report(declaration.name, "KTS1040", declaration.name.text);
    } else if (name.literal.text !== declaration.name.text) {
      this.#diagnostics.report(name, "KTS1041", declaration.name.text);
    }
    for (const member of declaration.members) {
      if (!ts.isPropertySignature(member) || member.type === undefined || member.questionToken !== undefined) {
        this.#diagnostics.report(member, "KTS1042");
        continue;
      }
      const field: Field = { name: member.name.getText(), type: this.storageOfNode(member.type) };
      fields.push(field);
      this.#fieldOf.set(member, field);
      const isAggregate = field.type.kind === "struct" || field.type.kind === "array";
      const isReadonly = member.modifiers?.some((m) => m.kind === ts.SyntaxKind.ReadonlyKeyword) ?? false;
      if (field.type.kind === "struct" && !isReadonly) this.#diagnostics.report(member, "KTS2010", field.name);
      void isAggregate;
    }
    this.#addStruct(struct, declaration);
    return struct;
  }

  /** Adds after what it embeds; a struct that embeds itself has no size. */
  #addStruct(struct: Struct, declaration: ts.InterfaceDeclaration): void {
    const embeds = (type: Type): boolean =>
      type.kind === "struct"
        ? type.struct === struct || type.struct.fields.some((f) => embeds(f.type))
        : type.kind === "array" && embeds(type.element);
    if (struct.fields.some((field) => embeds(field.type)))
      this.#diagnostics.report(declaration.name, "KTS1043", struct.name);
    this.structs.push(struct);
  }

  enumTypeOf(declaration: ts.EnumDeclaration): Type {
    return enumType(this.enumOf(declaration));
  }

  fieldOfMember(member: ts.Node): Field | null {
    if (ts.isInterfaceDeclaration(member.parent) && !this.isLibrary(member)) this.structOf(member.parent);
    return this.#fieldOf.get(member) ?? null;
  }

  enumOf(declaration: ts.EnumDeclaration): Enum {
    const known = this.#enumOf.get(declaration);
    if (known !== undefined) return known;
    const tags = this.tagsOf(declaration);
    const storageName = tags.get("storage") ?? "u32";
    let storage: IntType | undefined = INT_NAMES[storageName];
    if (storage === undefined || storage.width === 64) {
      this.#diagnostics.report(declaration.name, "KTS1044", storageName);
      storage = U32;
    }
    const members: { name: string; value: bigint }[] = [];
    for (const member of declaration.members) {
      const value = this.#checker.getConstantValue(member);
      if (typeof value !== "number" || !Number.isSafeInteger(value)) {
        this.#diagnostics.report(member, "KTS1045", member.name.getText());
        continue;
      }
      const big = BigInt(value);
      if (big < minimum(storage) || big > maximum(storage)) {
        this.#diagnostics.report(member, "KTS1046", member.name.getText(), storageName);
      }
      members.push({ name: member.name.getText(), value: big });
    }
    const result: Enum = { name: declaration.name.text, storage, members, isLayout: tags.has("layout") };
    this.#enumOf.set(declaration, result);
    this.enums.push(result);
    return result;
  }

  storageOfNode(node: ts.TypeNode): Type {
    let type = this.#storage.get(node);
    if (type === undefined) {
      type = this.#read(node);
      this.#storage.set(node, type);
    }
    return type;
  }

  #read(node: ts.TypeNode): Type {
    switch (node.kind) {
      case ts.SyntaxKind.BooleanKeyword:
        return BOOLEAN;
      case ts.SyntaxKind.VoidKeyword:
        return VOID;
      case ts.SyntaxKind.NeverKeyword:
        return NEVER;
      default:
    }
    if (ts.isParenthesizedTypeNode(node)) return this.storageOfNode(node.type);
    if (ts.isLiteralTypeNode(node) && node.literal.kind === ts.SyntaxKind.NullKeyword) return NULL;
    if (ts.isFunctionTypeNode(node)) {
      const parameters = node.parameters.map((p) =>
        p.type === undefined ? this.#bad(node) : valueOf(this.storageOfNode(p.type)),
      );
      return functionType(parameters, valueOf(this.storageOfNode(node.type)));
    }
    if (ts.isUnionTypeNode(node)) return this.#union(node);
    if (ts.isIntersectionTypeNode(node)) return this.#branded(node);
    if (ts.isTypeReferenceNode(node)) return this.#reference(node);
    return this.#bad(node);
  }

  #bad(node: ts.TypeNode): Type {
    this.#diagnostics.report(node, "KTS1001", node.getText());
    return U32;
  }

  #union(node: ts.UnionTypeNode): Type {
    const [first, second] = node.types.map((type) => this.storageOfNode(type));
    if (node.types.length !== 2 || first === undefined || second?.kind !== "null" || first.kind !== "pointer") {
      return this.#bad(node);
    }
    return pointerType(first.to, true);
  }

  #branded(node: ts.IntersectionTypeNode): Type {
    const [base, brand] = node.types;
    if (node.types.length === 2 && base !== undefined && brand !== undefined && ts.isTypeReferenceNode(brand)) {
      const type = this.storageOfNode(base);
      const name = brand.typeArguments?.[0];
      if (
        type.kind === "int" &&
        brand.typeName.getText() === "Brand" &&
        name !== undefined &&
        ts.isLiteralTypeNode(name) &&
        ts.isStringLiteral(name.literal)
      ) {
        return intType(type.width, type.signed, name.literal.text);
      }
    }
    return this.#bad(node);
  }

  #reference(node: ts.TypeReferenceNode): Type {
    const declaration = this.declarationOf(node.typeName);
    if (declaration === null) return this.#bad(node);
    if (this.isLibrary(declaration)) return this.#libraryType(node);
    if (ts.isInterfaceDeclaration(declaration)) return pointerType(structType(this.structOf(declaration)));
    if (ts.isEnumDeclaration(declaration)) return enumType(this.enumOf(declaration));
    if (ts.isTypeAliasDeclaration(declaration) && declaration.typeParameters === undefined) {
      return this.storageOfNode(declaration.type);
    }
    return this.#bad(node);
  }

  #libraryType(node: ts.TypeReferenceNode): Type {
    const name = node.typeName.getText();
    const int = INT_NAMES[name];
    if (int !== undefined) return int;
    const [argument, length] = node.typeArguments ?? [];
    if (name === "Bytes") return sliceType(INT_NAMES["u8"] as Type);
    if (argument === undefined) return this.#bad(node);
    const inner = this.storageOfNode(argument);
    switch (name) {
      case "Slice":
        return sliceType(inner);
      case "UserPtr":
        return userPointerType(inner.kind === "pointer" ? inner.to : inner);
      case "Inline":
        return inner.kind === "pointer" && !inner.nullable ? inner.to : this.#bad(node);
      case "FixedArray": {
        const type = length === undefined ? undefined : this.#checker.getTypeFromTypeNode(length);
        if (type === undefined || !type.isNumberLiteral() || type.value < 1 || type.value > 0x7fff_ffff) {
          this.#diagnostics.report(length ?? node, "KTS1047");
          return arrayType(inner, 1);
        }
        return arrayType(inner, type.value);
      }
      default:
        return this.#bad(node);
    }
  }

  signatureOf(declaration: ts.FunctionDeclaration): FunctionType {
    const parameters = declaration.parameters.map((p) =>
      p.type === undefined ? U32 : valueOf(this.storageOfNode(p.type)),
    );
    return functionType(
      parameters,
      declaration.type === undefined ? VOID : valueOf(this.storageOfNode(declaration.type)),
    );
  }

  /** JSDoc tags of a declaration (of the statement for a variable) or of a file's first comment. */
  tagsOf(node: ts.Node): ReadonlyMap<string, string> {
    let tags = this.#tags.get(node);
    if (tags === undefined) {
      tags = readTags(node);
      this.#tags.set(node, tags);
    }
    return tags;
  }
}

function readTags(node: ts.Node): ReadonlyMap<string, string> {
  const tags = new Map<string, string>();
  const file = node.getSourceFile();
  const text = file.text;
  const at = ts.isVariableDeclaration(node) ? node.parent.parent : node;
  const comments = ts.getLeadingCommentRanges(text, ts.isSourceFile(node) ? 0 : at.getFullStart()) ?? [];
  const last = ts.isSourceFile(node) ? comments[0] : comments.at(-1);
  if (last === undefined || !text.startsWith("/**", last.pos)) return tags;
  for (const [, name, value] of text.slice(last.pos, last.end).matchAll(/(?:^|\s)@([a-z]+)\b[ \t]*([^\n@*]*)/g)) {
    tags.set(name as string, (value as string).trim());
  }
  return tags;
}
