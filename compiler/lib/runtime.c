/*
 * What emitted C calls by name. A C file gets the pieces (parted by blank lines) that it uses, in this order. In a
 * piece, T stands for the integer type at the end of the name that is used: kts_divide_i32 comes of kts_divide_T.
 * Debuggers do not see these functions: a failed check is at the line that asks for it.
 */

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long u64;
typedef signed char i8;
typedef signed short i16;
typedef signed int i32;
typedef signed long i64;
typedef u64 usize;

#define KTS_INLINE static inline __attribute__((always_inline, nodebug))

#define KTS_TEXT(text) ((struct Slice_u8){(u8 *)(text), sizeof(text) - 1})

__attribute__((cold, noinline, noreturn)) static void kts_fail(u32 kind, u64 a, u64 b, u32 site) {
  kts_panic(kind, (struct Slice_u8){}, a, b, site);
}

__attribute__((cold, noinline, noreturn)) static void kts_fail_text(u32 kind, struct Slice_u8 text, u32 site) {
  kts_panic(kind, text, 0, 0, site);
}

KTS_INLINE u32 kts_index(u32 index, u32 length, u32 site) {
  if (index >= length) kts_fail(2, index, length, site);
  return index;
}

KTS_INLINE void kts_range(u32 from, u32 count, u32 length, u32 site) {
  if (from > length || count > length - from) kts_fail(7, (u64)from + count, length, site);
}

KTS_INLINE void *kts_nonNull(void *pointer, u32 site) {
  if (pointer == nullptr) kts_fail(4, 0, 0, site);
  return pointer;
}

KTS_INLINE T kts_divisor_T(T divisor, u32 site) {
  if (divisor == 0) kts_fail(3, 0, 0, site);
  return divisor;
}

KTS_INLINE T kts_divide_T(T a, T b) { return b == -1 ? -a : a / b; }

KTS_INLINE T kts_remainder_T(T a, T b) { return b == -1 ? 0 : a % b; }

KTS_INLINE T kts_shiftLeft_T(T value, u64 amount) { return amount < 8 * sizeof(T) ? value << amount : 0; }

KTS_INLINE T kts_shiftRight_T(T value, u64 amount) { return amount < 8 * sizeof(T) ? value >> amount : 0; }

KTS_INLINE T kts_shiftRightSigned_T(T value, u64 amount) {
  return value >> (amount < 8 * sizeof(T) ? amount : 8 * sizeof(T) - 1);
}

KTS_INLINE T kts_addChecked_T(T a, T b, u32 site) {
  T sum;
  if (__builtin_add_overflow(a, b, &sum)) kts_fail(8, 0, 0, site);
  return sum;
}

KTS_INLINE T kts_mulChecked_T(T a, T b, u32 site) {
  T product;
  if (__builtin_mul_overflow(a, b, &product)) kts_fail(8, 0, 0, site);
  return product;
}

KTS_INLINE T kts_rotl_T(T value, u32 amount) {
  return value << (amount & (8 * sizeof(T) - 1)) | value >> (-amount & (8 * sizeof(T) - 1));
}

KTS_INLINE u32 kts_clz_T(T value) { return (u32)__builtin_clzg(value, (i32)(8 * sizeof(T))); }

KTS_INLINE u32 kts_ctz_T(T value) { return (u32)__builtin_ctzg(value, (i32)(8 * sizeof(T))); }

KTS_INLINE u32 kts_popcount_T(T value) { return (u32)__builtin_popcountg(value); }

KTS_INLINE T kts_byteSwap_T(T value) { return (T)(__builtin_bswap64(value) >> (64 - 8 * sizeof(T))); }

KTS_INLINE u64 kts_mulHigh(u64 a, u64 b) { return (u64)(((unsigned __int128)a * b) >> 64); }

KTS_INLINE T kts_valueBarrier_T(T value) {
  __asm__("" : "+r"(value));
  return value;
}

KTS_INLINE T kts_load_T(u64 address) {
  T value;
  __builtin_memcpy(&value, (void *)address, sizeof(T));
  return value;
}

KTS_INLINE void kts_store_T(u64 address, T value) { __builtin_memcpy((void *)address, &value, sizeof(T)); }

KTS_INLINE T kts_volatileLoad_T(u64 address) { return *(volatile T *)address; }

KTS_INLINE void kts_volatileStore_T(u64 address, T value) { *(volatile T *)address = value; }

KTS_INLINE T kts_atomicLoad_T(u64 address) { return __atomic_load_n((T *)address, __ATOMIC_SEQ_CST); }

KTS_INLINE void kts_atomicStore_T(u64 address, T value) { __atomic_store_n((T *)address, value, __ATOMIC_SEQ_CST); }

KTS_INLINE T kts_atomicAdd_T(u64 address, T value) {
  return __atomic_fetch_add((T *)address, value, __ATOMIC_SEQ_CST);
}

KTS_INLINE T kts_atomicExchange_T(u64 address, T value) {
  return __atomic_exchange_n((T *)address, value, __ATOMIC_SEQ_CST);
}

KTS_INLINE T kts_atomicCompareExchange_T(u64 address, T expected, T value) {
  __atomic_compare_exchange_n((T *)address, &expected, value, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
  return expected;
}

KTS_INLINE void kts_fillMemory(u64 address, u8 value, u64 bytes) { __builtin_memset((void *)address, value, bytes); }

KTS_INLINE void kts_copyMemory(u64 to, u64 from, u64 bytes) { __builtin_memmove((void *)to, (void *)from, bytes); }

KTS_INLINE void kts_compilerBarrier(void) { __asm__ volatile("" ::: "memory"); }

KTS_INLINE void kts_memoryBarrier(void) {
#ifdef __aarch64__
  __asm__ volatile("dmb ish" ::: "memory");
#else
  __asm__ volatile("mfence" ::: "memory");
#endif
}

KTS_INLINE void kts_deviceBarrier(void) {
#ifdef __aarch64__
  __asm__ volatile("dsb sy" ::: "memory");
#else
  __asm__ volatile("mfence" ::: "memory");
#endif
}

KTS_INLINE void kts_dmaBarrier(void) {
#ifdef __aarch64__
  __asm__ volatile("dmb osh" ::: "memory");
#else
  __asm__ volatile("mfence" ::: "memory");
#endif
}

KTS_INLINE struct Slice_u8 kts_siteFile(u32 site) {
  return site >> 16 < sizeof(kts_files) / sizeof(kts_files[0]) ? kts_files[site >> 16] : KTS_TEXT("?");
}

KTS_INLINE u32 kts_siteLine(u32 site) { return site & 0xffff; }
