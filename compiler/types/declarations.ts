/** What names and type nodes mean: structs, enums, aliases, brands, and JSDoc tags. */
import ts from "typescript";
import type { Diagnostics } from "../diagnostic.ts";
import { constantInitial } from "../nodes.ts";
import { LIBRARY } from "../program.ts";
import type { Enum, Field, FunctionType, Struct, Type } from "./type.ts";
import * as table from "./type-table.ts";

const { SyntaxKind: S } = ts;
const KEYWORDS: ReadonlyMap<ts.SyntaxKind, Type> = new Map([
  [S.BooleanKeyword, table.BOOLEAN],
  [S.VoidKeyword, table.VOID],
  [S.NeverKeyword, table.NEVER],
]);

export class Declarations {
  /** Each after those that it embeds. */
  readonly structs = new Set<Struct>();
  readonly #checker: ts.TypeChecker;
  readonly #diagnostics: Diagnostics;
  readonly #pathOf: (file: ts.SourceFile) => string;
  readonly #constantOf: (expression: ts.Expression) => bigint | null;
  readonly #storage = new Map<ts.TypeNode, Type>();
  readonly #structs = new Map<ts.Node, Struct & { readonly fields: Field[] }>();
  readonly #enums = new Map<ts.Node, Enum>();
  readonly #fields = new Map<ts.Node, Field>();
  readonly #tags = new Map<ts.Node, ReadonlyMap<string, string>>();

  constructor(
    checker: ts.TypeChecker,
    diagnostics: Diagnostics,
    pathOf: (file: ts.SourceFile) => string,
    constantOf: (expression: ts.Expression) => bigint | null,
  ) {
    this.#checker = checker;
    this.#diagnostics = diagnostics;
    this.#pathOf = pathOf;
    this.#constantOf = constantOf;
  }

  get enums(): Enum[] {
    return [...this.#enums.values()];
  }

  /** Reads the structs and enums of all files; fields come last, since structs may name each other. */
  addFiles(files: readonly ts.SourceFile[]): void {
    const statements = files.flatMap((file) => [...file.statements]);
    for (const statement of statements.filter(ts.isEnumDeclaration)) this.enumOf(statement);
    const interfaces = statements.filter(ts.isInterfaceDeclaration);
    for (const declaration of interfaces) this.#addFields(declaration);
    for (const declaration of interfaces) this.#addInOrder(declaration, this.structOf(declaration), []);
  }

  /** The declaration that a name means, imports followed. */
  declarationOf(name: ts.Node): ts.Declaration | null {
    let symbol = this.#checker.getSymbolAtLocation(name);
    if (symbol && symbol.flags & ts.SymbolFlags.Alias) symbol = this.#checker.getAliasedSymbol(symbol);
    return symbol?.valueDeclaration ?? symbol?.declarations?.[0] ?? null;
  }

  isLibrary(node: ts.Node): boolean {
    return node.getSourceFile().fileName === LIBRARY;
  }

  structOf(declaration: ts.InterfaceDeclaration): Struct & { readonly fields: Field[] } {
    const known = this.#structs.get(declaration);
    if (known) return known;
    const file = declaration.getSourceFile();
    const struct = {
      name: declaration.name.text,
      fields: [],
      isLayout: this.tagsOf(declaration).has("layout"),
      file: this.#pathOf(file),
      line: file.getLineAndCharacterOfPosition(declaration.getStart()).line + 1,
    };
    this.#structs.set(declaration, struct);
    return struct;
  }

  #addFields(declaration: ts.InterfaceDeclaration): void {
    const { fields, name } = this.structOf(declaration);
    const base = declaration.heritageClauses?.[0]?.types[0];
    const tag = base?.typeArguments?.[0];
    if (base?.expression.getText() !== "Struct") this.#diagnostics.report(declaration.name, "KTS1040", name);
    else if (tag?.getText().slice(1, -1) !== name) this.#diagnostics.report(tag ?? base, "KTS1041", name);
    for (const member of declaration.members) {
      if (!ts.isPropertySignature(member) || !member.type || member.questionToken) {
        this.#diagnostics.report(member, "KTS1042");
        continue;
      }
      const field = { name: member.name.getText(), type: this.#placeOfNode(member.type) };
      fields.push(field);
      this.#fields.set(member, field);
    }
  }

  #addInOrder(declaration: ts.InterfaceDeclaration, struct: Struct, outer: readonly Struct[]): void {
    if (outer.includes(struct)) {
      this.#diagnostics.report(declaration.name, "KTS1043", struct.name);
      return;
    }
    for (const field of struct.fields) {
      let { type } = field;
      while (type.kind === "array") type = type.element;
      if (type.kind === "struct" && !this.structs.has(type.struct)) {
        this.#addInOrder(declaration, type.struct, [...outer, struct]);
      }
    }
    this.structs.add(struct);
  }

  fieldOf(access: ts.PropertyAccessExpression): Field | null {
    return this.#fields.get(this.declarationOf(access.name) ?? access) ?? null;
  }

  enumOf(declaration: ts.EnumDeclaration): Enum {
    const known = this.#enums.get(declaration);
    if (known) return known;
    const name = declaration.name.text;
    const tags = this.tagsOf(declaration);
    const storage = table.INT_NAMES.get(tags.get("storage") ?? "u32") ?? table.U32;
    if (storage.width === 64) this.#diagnostics.report(declaration.name, "KTS1044", table.describe(storage));
    const members = declaration.members.flatMap((member) => {
      const value = this.#checker.getConstantValue(member);
      const memberName = member.name.getText();
      if (!Number.isSafeInteger(value)) {
        this.#diagnostics.report(member, "KTS1045", memberName);
        return [];
      }
      const exact = BigInt(value as number);
      if (table.wrap(storage, exact) !== exact) {
        this.#diagnostics.report(member, "KTS1046", memberName, table.describe(storage));
      }
      return [{ name: memberName, value: exact }];
    });
    const result = { name, storage, members, isLayout: tags.has("layout") };
    this.#enums.set(declaration, result);
    return result;
  }

  /** What a type node means as storage. */
  storageOfNode(node: ts.TypeNode): Type {
    const known = this.#storage.get(node);
    if (known) return known;
    // What an alias that names itself means; tsc reports it.
    this.#storage.set(node, table.UNKNOWN);
    const type = this.#read(node);
    this.#storage.set(node, type);
    return type;
  }

  /** The same for a place that something is stored in. */
  #placeOfNode(node: ts.TypeNode): Type {
    const type = this.storageOfNode(node);
    return type.kind === "void" || type.kind === "never" || type.kind === "null" ? this.#bad(node) : type;
  }

  #read(node: ts.TypeNode): Type {
    const keyword = KEYWORDS.get(node.kind);
    if (keyword) return keyword;
    if (node.kind === S.StringKeyword && this.isLibrary(node)) return table.BYTES;
    if (ts.isParenthesizedTypeNode(node)) return this.storageOfNode(node.type);
    if (ts.isLiteralTypeNode(node) && node.literal.kind === S.NullKeyword) return table.NULL;
    if (ts.isFunctionTypeNode(node)) return this.signatureOf(node);
    if (ts.isUnionTypeNode(node)) return this.#union(node);
    if (ts.isIntersectionTypeNode(node)) return this.#branded(node);
    return ts.isTypeReferenceNode(node) ? this.#reference(node) : this.#bad(node);
  }

  /** The check pass has rules of its own for some types; the library's are asked for only by calls that are wrong. */
  #bad(node: ts.TypeNode): Type {
    const isReported = node.kind === S.AnyKeyword || node.kind === S.UnknownKeyword || node.kind === S.ObjectKeyword;
    if (!isReported && !this.isLibrary(node)) this.#diagnostics.report(node, "KTS1001", node.getText());
    return table.UNKNOWN;
  }

  #union(node: ts.UnionTypeNode): Type {
    const [first, second] = node.types.map((type) => this.storageOfNode(type));
    const pointer = first ? table.valueOf(first) : table.UNKNOWN;
    if (node.types.length === 2 && pointer.kind === "pointer" && second === table.NULL) {
      return table.pointerType(pointer.to, true);
    }
    if (first !== table.UNKNOWN) this.#diagnostics.report(node, "KTS3016");
    return table.UNKNOWN;
  }

  #branded(node: ts.IntersectionTypeNode): Type {
    const [base, brand] = node.types;
    const [, name] = /^Brand<\s*["'](\w+)["']\s*>$/.exec(brand?.getText() ?? "") ?? [];
    const type = base && node.types.length === 2 ? this.storageOfNode(base) : table.UNKNOWN;
    if (type.kind !== "int" || type.brand !== null || name === undefined) return this.#bad(node);
    return table.intType(type.width, type.signed, name);
  }

  #reference(node: ts.TypeReferenceNode): Type {
    const declaration = this.declarationOf(node.typeName);
    // tsc has reported the unknown name.
    if (declaration === null) return table.UNKNOWN;
    if (this.isLibrary(declaration)) return this.#libraryType(node);
    if (ts.isInterfaceDeclaration(declaration)) return table.pointerType(table.structType(this.structOf(declaration)));
    if (ts.isEnumDeclaration(declaration)) return table.enumType(this.enumOf(declaration));
    const isAlias = ts.isTypeAliasDeclaration(declaration) && !declaration.typeParameters;
    return isAlias ? this.storageOfNode(declaration.type) : this.#bad(node);
  }

  #libraryType(node: ts.TypeReferenceNode): Type {
    const name = node.typeName.getText();
    if (name === "Bytes") return table.BYTES;
    const [argument, length] = node.typeArguments ?? [];
    if (!argument) return table.INT_NAMES.get(name) ?? this.#bad(node);
    const inner = this.#placeOfNode(argument);
    if (inner === table.UNKNOWN) return inner;
    switch (name) {
      case "Slice":
        return table.sliceType(inner);
      case "UserPtr":
        return table.userPointerType(inner.kind === "pointer" ? inner.to : inner);
      case "Inline":
        return inner.kind === "pointer" && inner.to.kind === "struct" && !inner.nullable ? inner.to : this.#bad(node);
      case "FixedArray":
        return table.arrayType(inner, this.#lengthOf(length ?? node));
      default:
        return this.#bad(node);
    }
  }

  /** `typeof N` is folded here: tsc knows the value only where `N` is a single literal. */
  #lengthOf(node: ts.TypeNode): number {
    const constant = ts.isTypeQueryNode(node) ? this.declarationOf(node.exprName) : null;
    const type = this.#checker.getTypeFromTypeNode(node);
    const initializer = constantInitial(constant);
    const length = initializer ? Number(this.#constantOf(initializer)) : type.isNumberLiteral() ? type.value : 0;
    if (Number.isInteger(length) && length >= 1 && length <= 0x7fff_ffff) return length;
    this.#diagnostics.report(node, "KTS1047");
    return 1;
  }

  signatureOf(node: ts.FunctionDeclaration | ts.FunctionTypeNode): FunctionType {
    const read = (type: ts.TypeNode | undefined, missing: Type): Type =>
      type ? table.valueOf(this.storageOfNode(type)) : missing;
    const parameters = node.parameters.map(({ type }) => read(type, table.UNKNOWN));
    return table.functionType(parameters, read(node.type, table.VOID));
  }

  /** JSDoc tags of a declaration (of the statement for a variable) or of a file's first comment. */
  tagsOf(node: ts.Node): ReadonlyMap<string, string> {
    const tags = this.#tags.get(node) ?? readTags(node);
    this.#tags.set(node, tags);
    return tags;
  }
}

function readTags(node: ts.Node): ReadonlyMap<string, string> {
  const { text } = node.getSourceFile();
  const start = ts.isSourceFile(node) ? 0 : (ts.isVariableDeclaration(node) ? node.parent.parent : node).getFullStart();
  const comments = (ts.getLeadingCommentRanges(text, start) ?? []).map(({ pos, end }) => text.slice(pos, end));
  const comment = ts.isSourceFile(node) ? comments[0] : comments.findLast((each) => each.startsWith("/**"));
  const found = comment?.startsWith("/**") ? comment.matchAll(/(?<!\S)@([a-z]+)\b[ \t]*([^\n@*]*)/g) : [];
  return new Map([...found].map(([, name = "", value = ""]) => [name, value.trim()]));
}
