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
  // ---- KTS2100: memory ----
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
  KTS3008: {
    rule: "A `switch` is over an integer, a boolean or an enum",
    mend: "Compare texts byte by byte in a function",
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
    rule: "`{0}` is not a type of the language",
    mend: "Name the width, struct or enum that is meant",
  },
  KTS3016: {
    rule: "The only union is `T | null` of a struct, an array or another pointer",
    mend: "Use an enum to tell cases apart",
  },
  KTS3017: {
    rule: "`as` only puts a brand on an integer",
    mend: "Convert by `u32(x)`, `toEnum<E>(x)` or, in an unsafe file, `cast<T>(address)`",
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
    rule: "A `case` is a constant",
    mend: "Use `if` for what is only known at run time",
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
    rule: "A struct has fields that are always there: no methods, no optional or indexed members, one declaration",
    mend: "Write `name: Type;` for each field, `| null` where it may be absent",
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

  // ---- KTS9000 ----
  KTS9001: {
    rule: "{0}",
    mend: "",
  },
} as const satisfies Record<`KTS${number}`, CodeText>;

export type Code = keyof typeof CODES;
