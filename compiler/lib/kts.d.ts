/// <reference no-default-lib="true"/>
/**
 * The ambient library of Kernel TypeScript: everything that a KTS file may use without an import.
 *
 * Integers are *flavours*: the tag is optional, so literals and arithmetic results assign, and two
 * flavours do not mix. What tsc cannot see (the width of an arithmetic result, `u32 < u64`, truthiness,
 * brands in operators) the KTS checker rejects; docs/language.md is the contract.
 */

// ---- what tsc itself insists on under noLib ----
interface Array<T> {
  readonly length: number;
  [index: number]: T;
}
interface ReadonlyArray<T> {
  readonly length: number;
  readonly [index: number]: T;
}
interface Boolean {}
interface Function {}
interface CallableFunction {}
interface NewableFunction {}
interface IArguments {}
interface Number {}
interface Object {}
interface RegExp {}
interface BigInt {}
interface Symbol {}
/** A string literal is a constant `Bytes`: its UTF-8. */
interface String {
  readonly length: number;
  readonly [index: number]: u8;
}

// ---- integers ----
declare const width: unique symbol;
declare const brand: unique symbol;
interface Width<W extends string> {
  readonly [width]?: W;
}
/** `type PhysAddr = u64 & Brand<"PhysAddr">`: `as PhysAddr` puts the brand on, `u64(x)` takes it off. */
interface Brand<B extends string> {
  readonly [brand]?: B;
}
type u8 = number & Width<"u8">;
type u16 = number & Width<"u8" | "u16">;
type u32 = number & Width<"u8" | "u16" | "u32">;
type i8 = number & Width<"i8">;
type i16 = number & Width<"i8" | "i16">;
type i32 = number & Width<"i8" | "i16" | "i32">;
type u64 = bigint & Width<"u64">;
type i64 = bigint & Width<"i64">;
type usize = u64;

/**
 * Conversions: wrap (narrowing) or extend by the sign of the source (widening). They drop a brand, take
 * booleans (0, 1) and enums, and never change sign and width in one step.
 */
declare function u8(x: number | bigint | boolean): u8;
declare function u16(x: number | bigint | boolean): u16;
declare function u32(x: number | bigint | boolean): u32;
declare function i8(x: number | bigint | boolean): i8;
declare function i16(x: number | bigint | boolean): i16;
declare function i32(x: number | bigint | boolean): i32;
declare function u64(x: number | bigint | boolean): u64;
declare function i64(x: number | bigint | boolean): i64;
declare function usize(x: number | bigint | boolean): usize;

/** The member of const enum `E` whose value is `x`; panics when there is none. */
declare function toEnum<E>(x: number): E;
/** Whether const enum `E` has a member of value `x`. */
declare function isEnum<E>(x: number): boolean;

// ---- structs, arrays, slices ----
declare const structName: unique symbol;
/** The optional tag makes structs nominal and still lets a static be initialised by a literal. */
interface Struct<Name extends string> {
  readonly [structName]?: Name;
}
declare const inline: unique symbol;
/** The struct itself as a field or element instead of a pointer to it. */
type Inline<T> = T & { readonly [inline]?: true };
declare const fixed: unique symbol;
/** N elements in place; indices are u8, u16 or u32 and checked. */
interface FixedArray<T, N extends number> {
  readonly length: N;
  [index: number]: T;
  readonly [fixed]?: (x: T) => T;
}
/** Pointer and length; indices are u8, u16 or u32 and checked. */
interface Slice<T> {
  readonly length: u32;
  [index: number]: T;
  readonly [fixed]?: (x: T) => T;
}
type Bytes = Slice<u8>;
declare const user: unique symbol;
/** A user task's claim about its memory: only the copy functions turn it into data, and they can fail. */
interface UserPtr<T> {
  readonly [user]: T;
}

/** The initial value of a static: all bytes zero. */
declare function zeroed<T>(): T;
/** Zeroed stack storage; it may be passed down, never stored or returned. */
declare function local<T>(): T;
/** Copies a whole struct, or a whole FixedArray of the same type; the two may be the same, never overlap in part. */
declare function copyStruct<T>(to: T, from: T): void;
/** `count` elements from `from`; panics when they do not lie within `array`. */
declare function sliceOf<T>(array: FixedArray<T, number>, from: u32, count: u32): Slice<T>;
/** A part of a slice; panics when it does not lie within `slice`. */
declare function subslice<T>(slice: Slice<T>, from: u32, count: u32): Slice<T>;
/** Bytes that struct or array type T occupies. */
declare function sizeOf<T>(): u64;

// ---- panics ----
declare function assert(condition: boolean, text: string): asserts condition;
declare function panic(text: string): never;
/** The `default` of an exhaustive switch: `default: unreachable(state);` */
declare function unreachable(x: never): never;
/** The source file and line of a panic's site number, as the panic entry receives it. */
declare function siteFile(site: u32): Bytes;
declare function siteLine(site: u32): u32;

// ---- arithmetic ----
/** Sums and products that panic instead of wrapping, for sizes and counts that a user supplied and decode checked. */
declare function addChecked<T extends number | bigint>(a: T, b: T): T;
declare function mulChecked<T extends number | bigint>(a: T, b: T): T;
declare function rotl32(x: u32, n: u32): u32;
declare function rotl64(x: u64, n: u32): u64;
/** Leading and trailing zeros; of 0 the width. */
declare function clz32(x: u32): u32;
declare function clz64(x: u64): u32;
declare function ctz32(x: u32): u32;
declare function ctz64(x: u64): u32;
declare function popcount32(x: u32): u32;
declare function popcount64(x: u64): u32;
declare function byteSwap16(x: u16): u16;
declare function byteSwap32(x: u32): u32;
declare function byteSwap64(x: u64): u64;
/** The upper 64 bits of the 128-bit product. */
declare function mulHigh(a: u64, b: u64): u64;
/** The same value, of which the C compiler knows nothing: keeps constant-time code constant-time. */
declare function valueBarrier32(x: u32): u32;
declare function valueBarrier64(x: u64): u64;

// ---- unsafe: only in a file that starts with `/** @unsafe reason */` ----
/** The struct, array or other object at `address`. */
declare function cast<T>(address: u64): T;
/** A slice over memory that the caller vouches for. */
declare function castSlice<T>(address: u64, count: u32): Slice<T>;
/** The address of a struct, array or slice's first element. */
declare function addressOf(x: object): u64;
/** The address of a function, for tables that hardware or assembly reads. */
declare function addressOfFunction(f: Function): u64;
declare function load8(address: u64): u8;
declare function load16(address: u64): u16;
declare function load32(address: u64): u32;
declare function load64(address: u64): u64;
declare function store8(address: u64, value: u8): void;
declare function store16(address: u64, value: u16): void;
declare function store32(address: u64, value: u32): void;
declare function store64(address: u64, value: u64): void;
declare function volatileLoad8(address: u64): u8;
declare function volatileLoad16(address: u64): u16;
declare function volatileLoad32(address: u64): u32;
declare function volatileLoad64(address: u64): u64;
declare function volatileStore8(address: u64, value: u8): void;
declare function volatileStore16(address: u64, value: u16): void;
declare function volatileStore32(address: u64, value: u32): void;
declare function volatileStore64(address: u64, value: u64): void;
/** Sequentially consistent; each answers the value before. */
declare function atomicLoad32(address: u64): u32;
declare function atomicLoad64(address: u64): u64;
declare function atomicStore32(address: u64, value: u32): void;
declare function atomicStore64(address: u64, value: u64): void;
declare function atomicAdd32(address: u64, value: u32): u32;
declare function atomicAdd64(address: u64, value: u64): u64;
declare function atomicExchange32(address: u64, value: u32): u32;
declare function atomicExchange64(address: u64, value: u64): u64;
declare function atomicCompareExchange32(address: u64, expected: u32, value: u32): u32;
declare function atomicCompareExchange64(address: u64, expected: u64, value: u64): u64;
declare function fillMemory(address: u64, value: u8, bytes: u64): void;
declare function copyMemory(to: u64, from: u64, bytes: u64): void;
/** Orders the C compiler, memory between CPUs, device accesses, and device accesses against DMA memory. */
declare function compilerBarrier(): void;
declare function memoryBarrier(): void;
declare function deviceBarrier(): void;
declare function dmaBarrier(): void;
