/**
 * What emitted TypeScript calls by name. Of two-word results the lower word is returned, the upper one is in `high`.
 * Most functions are a few instructions of inline Wasm, which know 64 bits; the rest is in Porffor's safe subset.
 * Porffor compiles only those that are called.
 */

/** A function of the rest of the lines. */
function plain(name: string, parameters: string, result: string, body: string): string {
  const list = parameters.split(" ").filter(Boolean);
  return `const ${name} = (${list.map((each) => `${each}: i32`).join(", ")}): ${result} => {\n  ${body}\n};`;
}

/** Instructions, parted by commas; \`%x\` gets the parameter or local x. */
function wasm(name: string, parameters: string, result: string, code: string, locals = ""): string {
  const list = parameters.split(" ").filter(Boolean);
  const lines = code.split(",").map((line) => line.trim().replace(/^%(\w+)$/, (_, x: string) => `local.get \${${x}}`));
  const declared = locals
    .split(" ")
    .filter(Boolean)
    .map((local) => `local ${local} i64`);
  const head = `const ${name} = (${list.map((each) => `${each}: i32`).join(", ")}): ${result} =>`;
  return `${head} Porffor.wasm\`\n${[...declared, ...lines].join("\n")}\`;`;
}

/** The 64 bits of two words. */
const pair = (low: string, high: string): string =>
  `%${low}, i64.extend_i32_u, %${high}, i64.extend_i32_u, i64.const 32, i64.shl, i64.or`;
const A = pair("al", "ah");
const B = pair("bl", "bh");
/** Leaves the 64 bits on the stack as a result of two words. */
const ANSWER =
  "local.set r, local.get r, i64.const 32, i64.shr_u, i32.wrap_i64, global.set high, local.get r, i32.wrap_i64";
const WIDE = "al ah bl bh";

const wideBinary = (name: string, code: string): string =>
  wasm(name, WIDE, "i32", `${A}, ${B}, ${code}, ${ANSWER}`, "r");
const wideTest = (name: string, code: string): string => wasm(name, WIDE, "boolean", `${A}, ${B}, ${code}`);
const wideCount = (name: string, code: string): string => wasm(name, "al ah", "i32", `${A}, ${code}, i32.wrap_i64`);
const binary = (name: string, code: string, result = "i32"): string => wasm(name, "a b", result, `%a, %b, ${code}`);

/** Each is named as in \`expressions.ts\`. */
export const RUNTIME: readonly string[] = [
  wasm("trap", "", "void", "unreachable"),
  binary("less_u32", "i32.lt_u", "boolean"),
  binary("lessOrEqual_u32", "i32.le_u", "boolean"),
  binary("divide_u32", "i32.div_u"),
  binary("remainder_u32", "i32.rem_u"),
  binary("rotl32", "i32.rotl"),
  wasm("clz32", "a", "i32", "%a, i32.clz"),
  wasm("ctz32", "a", "i32", "%a, i32.ctz"),
  wasm("popcount32", "a", "i32", "%a, i32.popcnt"),
  wasm(
    "high_u32",
    "a b",
    "i32",
    "%a, i64.extend_i32_u, %b, i64.extend_i32_u, i64.mul, i64.const 32, i64.shr_u, i32.wrap_i64",
  ),
  wasm(
    "high_i32",
    "a b",
    "i32",
    "%a, i64.extend_i32_s, %b, i64.extend_i32_s, i64.mul, i64.const 32, i64.shr_u, i32.wrap_i64",
  ),
  wideBinary("add64", "i64.add"),
  wideBinary("subtract64", "i64.sub"),
  wideBinary("multiply64", "i64.mul"),
  wideBinary("divide_u64", "i64.div_u"),
  wideBinary("remainder_u64", "i64.rem_u"),
  wideBinary("divideApart", "i64.div_s"),
  wideBinary("remainder_i64", "i64.rem_s"),
  wideTest("less_u64", "i64.lt_u"),
  wideTest("lessOrEqual_u64", "i64.le_u"),
  wideTest("less_i64", "i64.lt_s"),
  wideTest("lessOrEqual_i64", "i64.le_s"),
  wideCount("clz64", "i64.clz"),
  wideCount("ctz64", "i64.ctz"),
  wideCount("popcount64", "i64.popcnt"),
  ...[
    ["shiftLeftWithin", "i64.shl"],
    ["shiftRightWithin_u64", "i64.shr_u"],
    ["shiftRightWithin_i64", "i64.shr_s"],
    ["rotl64", "i64.rotl"],
  ].map(([name = "", code]) => wasm(name, "al ah n", "i32", `${A}, %n, i64.extend_i32_u, ${code}, ${ANSWER}`, "r")),
  // Of (ah:al) (bh:bl) the parts, from the lowest: t takes the second row's lower sum, u the carry of the first column.
  wasm(
    "mulHigh",
    WIDE,
    "i32",
    "%ah, i64.extend_i32_u, %bl, i64.extend_i32_u, i64.mul, " +
      "%al, i64.extend_i32_u, %bl, i64.extend_i32_u, i64.mul, i64.const 32, i64.shr_u, i64.add, local.set t, " +
      "%al, i64.extend_i32_u, %bh, i64.extend_i32_u, i64.mul, " +
      "local.get t, i32.wrap_i64, i64.extend_i32_u, i64.add, local.set u, " +
      "%ah, i64.extend_i32_u, %bh, i64.extend_i32_u, i64.mul, " +
      "local.get t, i64.const 32, i64.shr_u, i64.add, local.get u, i64.const 32, i64.shr_u, i64.add, " +
      ANSWER,
    "t u r",
  ),
  wasm("fill", "to value bytes", "void", "%to, %value, %bytes, memory.fill 0"),
  wasm("copy", "to from bytes", "void", "%to, %from, %bytes, memory.copy 0 0"),
  plain("divide_i32", "a b", "i32", "if (b == 0xffffffff) return (0 - a);\n  return (a / b);"),
  plain("remainder_i32", "a b", "i32", "if (b == 0xffffffff) return 0;\n  return (a % b);"),
  plain(
    "divide_i64",
    WIDE,
    "i32",
    "if (((bl & bh) == 0xffffffff)) return subtract64(0, 0, al, ah);\n  return divideApart(al, ah, bl, bh);",
  ),
  plain("shiftLeft_32", "a n", "i32", "if (less_u32(n, 32)) return (a << n);\n  return 0;"),
  plain("shiftRight_u32", "a n", "i32", "if (less_u32(n, 32)) return (a >>> n);\n  return 0;"),
  plain("shiftRight_i32", "a n", "i32", "if (less_u32(n, 32)) return (a >> n);\n  return (a >> 31);"),
  ...["shiftLeft_64", "shiftRight_u64", "shiftRight_i64"].map((name) => {
    const within = name === "shiftLeft_64" ? "shiftLeftWithin" : name.replace("_", "Within_");
    const beyond = name === "shiftRight_i64" ? "(ah >> 31)" : "0";
    const test = "((nh == 0) && less_u32(nl, 64)) as boolean";
    return plain(
      name,
      "al ah nl nh",
      "i32",
      `if (${test}) return ${within}(al, ah, nl);\n  high = ${beyond};\n  return ${beyond};`,
    );
  }),
  plain("byteSwap16", "a", "i32", "return ((a >>> 8) | ((a & 255) << 8));"),
  plain("byteSwap32", "a", "i32", "return ((a >>> 24) | ((a >>> 8) & 0xff00) | ((a << 8) & 0xff0000) | (a << 24));"),
  plain("byteSwap64", "al ah", "i32", "high = byteSwap32(al);\n  return byteSwap32(ah);"),
  plain(
    "index",
    "i length site",
    "i32",
    "if (less_u32(i, length)) return i;\n  fail(2, i, 0, length, 0, site);\n  return 0;",
  ),
  plain(
    "range",
    "from count length site",
    "void",
    "if (((lessOrEqual_u32(from, length) && lessOrEqual_u32(count, (length - from))) as boolean)) return;\n" +
      "  const end: i32 = (from + count);\n" +
      "  fail(7, end, (less_u32(end, from) as i32), length, 0, site);",
  ),
  plain("nonNull", "pointer site", "i32", "if (pointer == 0) fail(4, 0, 0, 0, 0, site);\n  return pointer;"),
  plain("divisor", "a site", "i32", "if (a == 0) fail(3, 0, 0, 0, 0, site);\n  return a;"),
  plain("divisor64", "al ah site", "void", "if ((al | ah) == 0) fail(3, 0, 0, 0, 0, site);"),
  plain("overflow", "site", "void", "fail(8, 0, 0, 0, 0, site);"),
  plain(
    "addChecked_u32",
    "a b site",
    "i32",
    "const c: i32 = (a + b);\n  if (less_u32(c, a)) overflow(site);\n  return c;",
  ),
  plain(
    "addChecked_i32",
    "a b site",
    "i32",
    "const c: i32 = (a + b);\n  if (((a ^ c) & (b ^ c)) < 0) overflow(site);\n  return c;",
  ),
  plain(
    "addChecked_u64",
    `${WIDE} site`,
    "i32",
    "const c: i32 = add64(al, ah, bl, bh);\n  const d: i32 = high;\n" +
      "  if (less_u64(c, d, al, ah)) overflow(site);\n  high = d;\n  return c;",
  ),
  plain(
    "addChecked_i64",
    `${WIDE} site`,
    "i32",
    "const c: i32 = add64(al, ah, bl, bh);\n  const d: i32 = high;\n" +
      "  if (((ah ^ d) & (bh ^ d)) < 0) overflow(site);\n  high = d;\n  return c;",
  ),
  plain("mulChecked_u32", "a b site", "i32", "if (high_u32(a, b) != 0) overflow(site);\n  return (a * b);"),
  plain(
    "mulChecked_i32",
    "a b site",
    "i32",
    "const c: i32 = (a * b);\n  if (high_i32(a, b) != (c >> 31)) overflow(site);\n  return c;",
  ),
  plain(
    "mulChecked_u64",
    `${WIDE} site`,
    "i32",
    "const c: i32 = mulHigh(al, ah, bl, bh);\n  if ((c | high) != 0) overflow(site);\n  return multiply64(al, ah, bl, bh);",
  ),
  // The signed product's upper half: each negative factor takes the other one away from the unsigned product's.
  plain(
    "mulChecked_i64",
    `${WIDE} site`,
    "i32",
    "let c: i32 = mulHigh(al, ah, bl, bh);\n  let d: i32 = high;\n" +
      "  if (ah < 0) { c = subtract64(c, d, bl, bh); d = high; }\n" +
      "  if (bh < 0) { c = subtract64(c, d, al, ah); d = high; }\n" +
      "  const e: i32 = multiply64(al, ah, bl, bh);\n" +
      "  const sign: i32 = (high >> 31);\n" +
      "  if ((((c ^ sign) | (d ^ sign)) != 0)) overflow(site);\n" +
      "  return e;",
  ),
];
