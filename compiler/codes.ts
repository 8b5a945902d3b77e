/**
 * Every diagnostic of the compiler: the rule that was broken, and how to mend the program. `{0}`, `{1}` … stand
 * for the values that a report fills in. docs/language.md shows an example of each; a test runs them.
 *
 *   KTS1xxx types and values      KTS3xxx language subset
 *   KTS2xxx null, memory          KTS4xxx whole program          KTS9xxx tsc's own
 *
 * A code keeps its meaning for ever; a rule that goes away leaves a gap.
 */
export interface CodeText {
  readonly rule: string;
  readonly mend: string;
}

export const CODES = {
  // ---- KTS1000: types and values ----
  KTS1001: {
    rule: "`{0}` is not a type of the language",
    mend: "Use an integer, boolean, const enum, struct, FixedArray, Slice or UserPtr",
  },
  KTS1002: {
    rule: "`{0}` is a constant, and the call in it would not take place",
    mend: "Bind the result of the call to a `const` first",
  },
  KTS1003: { rule: "There is no operator `{0}`", mend: "See docs/language.md for those that there are" },
  KTS1007: {
    rule: "{0} is not assignable to the enum {1}",
    mend: "Name a member; for a number write `toEnum<{1}>(x)`, or test `isEnum<{1}>(x)` first",
  },
  KTS1010: { rule: "{0} is not assignable to {1}", mend: "Convert it explicitly, as in `u32(x)`" },
  KTS1011: {
    rule: "{0} is outside the range of {1}",
    mend: "Use a value in range, or convert it to say that it wraps",
  },
  KTS1012: { rule: "{0} cannot be {1}", mend: "Write 64-bit literals with `n`, and all others without" },
  KTS1013: {
    rule: "From {0} to {1} the sign and the width change at once",
    mend: "Convert in two steps and so say which comes first",
  },
  KTS1014: { rule: "{0} and {1} do not go together", mend: "Convert one side, so that sign and width agree" },
  KTS1015: { rule: "The brands {0} and {1} do not mix", mend: "Take one off with `u64(x)`" },
  KTS1016: {
    rule: "`as {0}` is not in the language",
    mend: "Convert with `u32(x)` or `toEnum<E>(x)`: `as` only puts a brand on",
  },
  KTS1017: {
    rule: "{0} cannot become {1} as it is",
    mend: "Convert to the underlying integer first, then put the brand on with `as`",
  },
  KTS1018: { rule: "`as` cannot turn {0} into {1}", mend: "Take the brand off with `u64(x)` first" },
  KTS1019: { rule: "{0} cannot be converted to {1}", mend: "Only integers, booleans and enums convert" },
  KTS1020: { rule: "A condition is boolean, and this is {0}", mend: "Compare it: `x !== 0`, `p !== null`" },
  KTS1021: { rule: "{0} and {1} have no common type", mend: "Convert one of them" },
  KTS1022: { rule: "{0} is no operand of {1}", mend: "Convert it to an integer first" },
  KTS1023: { rule: "{0} and {1} cannot be compared", mend: "Compare values of one type" },
  KTS1024: { rule: "{0} has no order", mend: "Convert to an integer, or compare with `===` and `!==`" },
  KTS1025: { rule: "`switch` takes an integer or an enum, not {0}", mend: "Use if and else" },
  KTS1026: { rule: "A case is a constant", mend: "Use a literal, a constant or an enum's member" },
  KTS1027: { rule: "The case {0} stands twice", mend: "Remove one" },
  KTS1031: { rule: "An index is u8, u16 or u32, not {0}", mend: "Convert it with `u32(x)`" },
  KTS1032: { rule: "Index {0} is out of bounds: the length is {1}", mend: "Use an index below the length" },
  KTS1033: { rule: "Division by zero", mend: "Divide by something else" },
  KTS1034: {
    rule: "The right shift of {1} is `{0}`",
    mend: "Write `>>>` for u8, u16 and u32, `>>` for signed and for 64-bit values",
  },
  KTS1035: { rule: "A shift by {0} leaves nothing", mend: "Shift by 0 to {1}" },
  KTS1036: { rule: "{0} is not the amount of a {1}-bit shift", mend: "Convert the amount to the width of the value" },
  KTS1040: { rule: "The interface {0} is no struct", mend: 'Let it extend `Struct<"{0}">`' },
  KTS1041: { rule: "The struct's tag is not its name", mend: 'Write `Struct<"{0}">`' },
  KTS1042: { rule: "A struct has fields with types only", mend: "Remove it, or give it a type" },
  KTS1043: { rule: "{0} contains itself", mend: "Point to it: a field of type `{0} | null`" },
  KTS1044: { rule: "{0} cannot store an enum", mend: "Write `@storage` u8, u16, u32, i8, i16 or i32" },
  KTS1045: { rule: "{0} has no constant integer value", mend: "Give it one" },
  KTS1046: { rule: "{0} does not fit into {1}", mend: "Choose a wider @storage" },
  KTS1047: {
    rule: "A length is a constant from 1 to 2^31 - 1",
    mend: "Write a literal, `typeof` of a constant, or an enum's member",
  },
  KTS1048: { rule: "{0} elements where {1} belong", mend: "List every element" },
  KTS1049: {
    rule: "A static starts with constants",
    mend: "Use literals, constants, names of functions, or `zeroed()`",
  },
  KTS1050: { rule: "{0} needs a struct or an array", mend: "Name one as its type" },
  KTS1051: { rule: "{0} does not take {1}", mend: "Write `sliceOf` of a FixedArray, `subslice` of a Slice" },
  KTS1052: { rule: "{0} has no address", mend: "Take the address of a struct, an array or a slice" },
  KTS1053: { rule: "{0} needs a const enum as its type", mend: "Write `{0}<E>(x)`" },
  KTS1054: { rule: "{0} cannot be called", mend: "Call a function by its name, or an element of a constant table" },
  KTS1055: {
    rule: "{0} has no first value",
    mend: "Initialise it: `zeroed()` for a static, `local<T>()` for stack storage",
  },
  KTS1056: { rule: "The result's type is missing", mend: "Write it, `void` if there is none" },
  KTS1057: { rule: "The text of `{0}` is a literal", mend: "Write it here, or name a module constant that is one" },
  KTS1058: { rule: "The type of `{0}` does not follow from its first value", mend: "Write the type" },
  KTS1059: { rule: "{1} is a pointer, and {0} is the struct itself", mend: "Let the place be an `Inline<{1}>`" },
  KTS1060: { rule: "`{0}` is constant, in memory that cannot be written", mend: "Declare it with `let`" },

  // ---- KTS2000: null and memory ----
  KTS2001: {
    rule: "{0} may be null",
    mend: "Bind it to a `const` and test that: narrowing counts for parameters and locals only",
  },
  KTS2002: {
    rule: "This may be null, and {0} may not",
    mend: "Bind it to a `const` and test that, or write `x!` to panic",
  },
  KTS2003: {
    rule: "tsc takes `{0}` for not null here, but it may have changed since the test",
    mend: "Bind it to a `const` before the test, and test that",
  },
  KTS2101: {
    rule: "`=` never copies the struct or array `{0}`",
    mend: "Write `copyStruct(to, from)`",
  },
  KTS2102: {
    rule: "The address of stack storage is {0}",
    mend: "Pass it down only, or make it a static",
  },
  KTS2103: {
    rule: "`local<T>()` is the initial value of a `const` in a function and nothing else",
    mend: "Write `const name = local<T>();`",
  },
  KTS2104: {
    rule: "`zeroed()` is the initial value of a static or of a part of one",
    mend: "In a function write `const name = local<T>();`",
  },
  KTS2105: {
    rule: "`{0}` is unsafe, and this file is not marked so",
    mend: "Start the file with `/** @unsafe reason */`, or use a checked access",
  },
  KTS2106: {
    rule: "`{0}` outlives the stack storage that it would point to",
    mend: "Declare the storage in the block of `{0}` or outside of it",
  },
  KTS2107: {
    rule: "`{0}` is constant, and the program writes through `{1}`",
    mend: "Pass a copy, or declare it with `let`",
  },

  // ---- KTS3000: language subset ----
  KTS3001: {
    rule: "{0} is not part of the language",
    mend: "See docs/language.md for what is",
  },
  KTS3002: {
    rule: "There are no classes, no `this` and no `new`",
    mend: "Declare an `interface … extends Struct<…>` and functions that take it",
  },
  KTS3003: {
    rule: "There are no exceptions",
    mend: "Return a status, or `panic` when an invariant of the program is broken",
  },
  KTS3004: {
    rule: "Functions are declared at the top level of a file, by name",
    mend: "Move the function there and pass it what it uses",
  },
  KTS3005: {
    rule: "There is no `var`",
    mend: "Write `const` or `let`",
  },
  KTS3006: {
    rule: "There is no `{0}`",
    mend: "Write `{0}=`",
  },
  KTS3007: {
    rule: "There is no `for … {0}`",
    mend: "Count with `for (let i: u32 = 0; i < list.length; i++)`",
  },
  KTS3009: {
    rule: "There are no template strings, tagged templates or regular expressions",
    mend: "Write the parts one after the other",
  },
  KTS3010: {
    rule: "There is no comma operator",
    mend: "Write two statements",
  },
  KTS3011: {
    rule: "An assignment is a statement, not a value",
    mend: "Assign first, then use the variable",
  },
  KTS3012: {
    rule: "There is no destructuring and no spreading",
    mend: "Name each field or element",
  },
  KTS3013: {
    rule: "Parameters are neither optional nor have they defaults or rests",
    mend: "Write a second function, or pass the value at every call",
  },
  KTS3014: {
    rule: "There are no generic functions or types",
    mend: "Write the type out",
  },
  KTS3015: {
    rule: "There is no `{0}`",
    mend: "Name the width, struct or enum that is meant",
  },
  KTS3016: {
    rule: "The only union is `T | null` of a struct, an array or another pointer",
    mend: "Use an enum to tell cases apart",
  },
  KTS3018: {
    rule: "Enums are `const enum` with integer members",
    mend: "Write `const enum {0}` with constant integers",
  },
  KTS3019: {
    rule: "Imports and exports are by name: no default, no `*`, no `import =`",
    mend: "Write `import { name } from …` and `export` before the declaration",
  },
  KTS3020: {
    rule: "The top level of a file holds declarations only",
    mend: "Move the statement into a function",
  },
  KTS3021: {
    rule: "A field is named after a point, never computed",
    mend: "Write `object.name`, or use an array",
  },
  KTS3022: {
    rule: "A function is a value only in a constant table",
    mend: "Call `{0}`, or put it in a `const` table at the top level",
  },
  KTS3023: {
    rule: "This statement does nothing",
    mend: "A statement of an expression is an assignment, `++`, `--` or a call",
  },
  KTS3024: {
    rule: "`zeroed()` would leave a function out",
    mend: "List the functions: a call through a table always finds one",
  },
  KTS3025: {
    rule: "The `switch` over `{0}` leaves out {1}",
    mend: "Name every member and end with `default: unreachable(…)`",
  },
  KTS3026: {
    rule: "The `default` of a `switch` over an enum is `unreachable(…)`",
    mend: "Name the members that are meant, and end with `default: unreachable(…)`",
  },
  KTS3027: {
    rule: "There are no floating-point numbers",
    mend: "Write an integer; for a fraction scale it and say so in the name",
  },
  KTS3028: {
    rule: "An object or array literal is the initial value of a static, or a part of one",
    mend: "In a function write `const name = local<T>();` and fill it",
  },
  KTS3029: {
    rule: "`{0}` is declared twice, and TypeScript would merge the two",
    mend: "Keep one declaration",
  },
  KTS3030: {
    rule: "`@{0}` is not a tag of {1}",
    mend: "See the table of tags in docs/language.md",
  },
  KTS3031: {
    rule: "`@{0}` {1}",
    mend: "See the table of tags in docs/language.md",
  },
  KTS3032: {
    rule: "`declare` names something of the assembly or of a C prelude",
    mend: "Tag it `@extern symbol`",
  },

  // ---- KTS4000: whole program ----
  KTS4001: {
    rule: "Folders import each other in a circle: {0}",
    mend: "Move what both need into a folder below them, or import only types",
  },
  KTS4002: {
    rule: "Recursion: {0}",
    mend: "Use a loop with a bound; the stack of the kernel is proven at compile time",
  },
  KTS4003: {
    rule: "The stack frame of `{0}` has no fixed size ({1})",
    mend: "No C prelude may allocate on the stack at run time",
  },
  KTS4004: {
    rule: "`{0}` calls through a pointer that no constant table holds",
    mend: "Call through a table of the program, where every callee is known",
  },
  KTS4005: {
    rule: "The entry `{0}` needs {1} bytes of stack, and there are {2}",
    mend: "Call less deep, or make large local storage static",
  },
  KTS4006: {
    rule: "`{0}`, which `{1}` calls, is in none of the objects",
    mend: "Give `ktsc stack` the objects of the assembly, too",
  },

  // ---- KTS9000: tsc's own ----
  /** A type error that TypeScript reports by itself. */
  KTS9001: { rule: "{0}", mend: "" },
  /** A syntax error. Its file is not looked at any further. */
  KTS9002: { rule: "{0}", mend: "" },
} as const satisfies Record<`KTS${number}`, CodeText>;

export type Code = keyof typeof CODES;

/** An error without a place in the source. */
export function errorText(code: Code, ...values: readonly string[]): string {
  return `error ${code}: ${messageOf(code, values)}`;
}

/** The texts of a code, filled in, as sentences. */
export function messageOf(code: Code, values: readonly string[]): string {
  const { rule, mend } = CODES[code];
  const text = mend === "" ? rule : `${rule}. ${mend}.`;
  return text.replace(/\{(\d)\}/g, (_, index) => values[Number(index)] ?? "");
}
