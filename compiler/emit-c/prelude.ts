/** The C that every unit starts with: integer types, checks, and the library's functions. No header is used. */

const WIDTHS = [32, 64] as const;
const HELPER = "static inline __attribute__((always_inline, artificial, unused))";
const COLD = "static __attribute__((cold, noinline, noreturn, unused))";

export const TYPEDEFS = `typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long u64;
typedef signed char i8;
typedef signed short i16;
typedef signed int i32;
typedef signed long i64;
typedef u64 usize;
void *memcpy(void *, const void *, u64);
void *memmove(void *, const void *, u64);
void *memset(void *, int, u64);
struct Slice_u8 { u8 *data; u32 length; };`;

/** \`panicKind\` is the type of kts_panic's first parameter where the program defines it. */
export function checks(panicKind: string): string {
  return `${COLD} void kts_fail(u32 kind, u64 a, u64 b, u32 site) {
  kts_panic((${panicKind})kind, (struct Slice_u8){ (u8 *)"", 0 }, a, b, site);
}
${COLD} void kts_fail_text(u32 kind, const char *text, u32 length, u32 site) {
  kts_panic((${panicKind})kind, (struct Slice_u8){ (u8 *)text, length }, 0, 0, site);
}
${HELPER} u32 kts_index(u32 index, u32 length, u32 site) {
  if (__builtin_expect(index >= length, 0)) kts_fail(2, index, length, site);
  return index;
}
${HELPER} void *kts_non_null(void *pointer, u32 site) {
  if (__builtin_expect(pointer == 0, 0)) kts_fail(4, 0, 0, site);
  return pointer;
}
${HELPER} void kts_range(u32 from, u32 count, u32 length, u32 site) {
  if (__builtin_expect(from > length || count > length - from, 0)) kts_fail(7, (u64)from + count, length, site);
}
${WIDTHS.map(arithmetic).join("")}${MEMORY}`;
}

function arithmetic(width: number): string {
  const u = `u${width}`;
  const i = `i${width}`;
  const divisions = [u, i].map((type) => {
    const overflow = type === i ? `if (b == -1) return ` : "";
    const zero = `if (__builtin_expect(b == 0, 0)) kts_fail(3, 0, 0, site);`;
    return `${HELPER} ${type} kts_divide_${type}(${type} a, ${type} b, u32 site) { ${zero} ${overflow && `${overflow}(${i})(0 - (${u})a);`} return a / b; }
${HELPER} ${type} kts_remainder_${type}(${type} a, ${type} b, u32 site) { ${zero} ${overflow && `${overflow}0;`} return a % b; }
${HELPER} ${type} kts_addChecked_${type}(${type} a, ${type} b, u32 site) { ${type} r; if (__builtin_add_overflow(a, b, &r)) kts_fail(8, 0, 0, site); return r; }
${HELPER} ${type} kts_mulChecked_${type}(${type} a, ${type} b, u32 site) { ${type} r; if (__builtin_mul_overflow(a, b, &r)) kts_fail(8, 0, 0, site); return r; }
${HELPER} ${type} kts_shiftLeft_${type}(${type} a, ${u} n) { return n < ${width} ? (${type})((${u})a << n) : 0; }
`;
  });
  const suffix = width === 32 ? "" : "l";
  return `${divisions.join("")}${HELPER} ${u} kts_shiftRight_${u}(${u} a, ${u} n) { return n < ${width} ? a >> n : 0; }
${HELPER} ${i} kts_shiftRight_${i}(${i} a, ${u} n) { return a >> (n < ${width} ? n : ${width - 1}); }
${HELPER} ${u} kts_rotl${width}(${u} a, u32 n) { return (a << (n & ${width - 1})) | (a >> (-n & ${width - 1})); }
${HELPER} u32 kts_clz${width}(${u} a) { return a == 0 ? ${width} : (u32)__builtin_clz${suffix}(a); }
${HELPER} u32 kts_ctz${width}(${u} a) { return a == 0 ? ${width} : (u32)__builtin_ctz${suffix}(a); }
${HELPER} u32 kts_popcount${width}(${u} a) { return (u32)__builtin_popcount${suffix}(a); }
${HELPER} ${u} kts_valueBarrier${width}(${u} a) { __asm__("" : "+r"(a)); return a; }
${HELPER} ${u} kts_byteSwap${width}(${u} a) { return __builtin_bswap${width}(a); }
${HELPER} ${u} kts_atomicLoad${width}(u64 p) { return __atomic_load_n((${u} *)p, __ATOMIC_SEQ_CST); }
${HELPER} void kts_atomicStore${width}(u64 p, ${u} v) { __atomic_store_n((${u} *)p, v, __ATOMIC_SEQ_CST); }
${HELPER} ${u} kts_atomicAdd${width}(u64 p, ${u} v) { return __atomic_fetch_add((${u} *)p, v, __ATOMIC_SEQ_CST); }
${HELPER} ${u} kts_atomicExchange${width}(u64 p, ${u} v) { return __atomic_exchange_n((${u} *)p, v, __ATOMIC_SEQ_CST); }
${HELPER} ${u} kts_atomicCompareExchange${width}(u64 p, ${u} e, ${u} v) {
  __atomic_compare_exchange_n((${u} *)p, &e, v, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
  return e;
}
`;
}

const MEMORY = `${HELPER} u16 kts_byteSwap16(u16 a) { return __builtin_bswap16(a); }
${HELPER} u64 kts_mulHigh(u64 a, u64 b) { return (u64)(((unsigned __int128)a * b) >> 64); }
${[8, 16, 32, 64]
  .map(
    (
      width,
    ) => `${HELPER} u${width} kts_load${width}(u64 p) { u${width} v; __builtin_memcpy(&v, (void *)p, sizeof v); return v; }
${HELPER} void kts_store${width}(u64 p, u${width} v) { __builtin_memcpy((void *)p, &v, sizeof v); }
${HELPER} u${width} kts_volatileLoad${width}(u64 p) { return *(volatile u${width} *)p; }
${HELPER} void kts_volatileStore${width}(u64 p, u${width} v) { *(volatile u${width} *)p = v; }
`,
  )
  .join("")}${HELPER} void kts_fillMemory(u64 p, u8 v, u64 n) { __builtin_memset((void *)p, v, n); }
${HELPER} void kts_copyMemory(u64 to, u64 from, u64 n) { __builtin_memmove((void *)to, (void *)from, n); }
${HELPER} void kts_compilerBarrier(void) { __asm__ volatile("" ::: "memory"); }
#if defined(__aarch64__)
${HELPER} void kts_memoryBarrier(void) { __asm__ volatile("dmb ish" ::: "memory"); }
${HELPER} void kts_deviceBarrier(void) { __asm__ volatile("dsb sy" ::: "memory"); }
${HELPER} void kts_dmaBarrier(void) { __asm__ volatile("dmb osh" ::: "memory"); }
#else
${HELPER} void kts_memoryBarrier(void) { __asm__ volatile("mfence" ::: "memory"); }
${HELPER} void kts_deviceBarrier(void) { __asm__ volatile("mfence" ::: "memory"); }
${HELPER} void kts_dmaBarrier(void) { __asm__ volatile("" ::: "memory"); }
#endif
`;
