/*
 * What emitted C calls by name. A program gets only the pieces (parted by blank lines) that it uses, in this
 * order; in a piece, T stands for the integer type at the end of the name that the program uses.
 */

#define KTS_INLINE static inline __attribute__((always_inline, nodebug))

#define KTS_FAILED __attribute__((cold, noinline, noreturn)) static void

#define KTS_TEXT(text) ((struct Slice_u8){(u8 *)(text), sizeof(text) - 1})

KTS_FAILED kts_assert_failed(struct Slice_u8 text, u32 site) { kts_panic(1, text, 0, 0, site); }

KTS_FAILED kts_index_failed(u32 index, u32 length, u32 site) { kts_panic(2, (struct Slice_u8){}, index, length, site); }

KTS_FAILED kts_divide_failed(u32 site) { kts_panic(3, (struct Slice_u8){}, 0, 0, site); }

KTS_FAILED kts_null_failed(u32 site) { kts_panic(4, (struct Slice_u8){}, 0, 0, site); }

KTS_FAILED kts_unreachable_failed(u64 value, u32 site) { kts_panic(5, (struct Slice_u8){}, value, 0, site); }

KTS_FAILED kts_enum_failed(u32 value, u32 site) { kts_panic(6, (struct Slice_u8){}, value, 0, site); }

KTS_FAILED kts_range_failed(u64 end, u32 length, u32 site) { kts_panic(7, (struct Slice_u8){}, end, length, site); }

KTS_FAILED kts_overflow_failed(u64 a, u64 b, u32 site) { kts_panic(8, (struct Slice_u8){}, a, b, site); }

KTS_INLINE u32 kts_index(u32 index, u32 length, u32 site) {
  if (index >= length) kts_index_failed(index, length, site);
  return index;
}

KTS_INLINE void *kts_nonNull(void *pointer, u32 site) {
  if (pointer == nullptr) kts_null_failed(site);
  return pointer;
}

KTS_INLINE T kts_divisor_T(T divisor, u32 site) {
  if (divisor == 0) kts_divide_failed(site);
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
  if (__builtin_add_overflow(a, b, &sum)) kts_overflow_failed((u64)a, (u64)b, site);
  return sum;
}

KTS_INLINE T kts_mulChecked_T(T a, T b, u32 site) {
  T product;
  if (__builtin_mul_overflow(a, b, &product)) kts_overflow_failed((u64)a, (u64)b, site);
  return product;
}

KTS_INLINE u64 kts_mulHigh(u64 a, u64 b) { return (u64)(((unsigned __int128)a * b) >> 64); }

KTS_INLINE T kts_valueBarrier_T(T value) {
  __asm__("" : "+r"(value));
  return value;
}

KTS_INLINE T kts_compareExchange_T(u64 address, T expected, T value) {
  __atomic_compare_exchange_n((T *)address, &expected, value, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
  return expected;
}

#ifdef __aarch64__
#define KTS_BARRIER_DEVICE "dsb sy"
#define KTS_BARRIER_DMA "dmb osh"
#else
#define KTS_BARRIER_DEVICE "mfence"
#define KTS_BARRIER_DMA "mfence"
#endif

KTS_INLINE struct Slice_u8 kts_siteFile(u32 site) {
  return site >> 16 < sizeof(kts_files) / sizeof(kts_files[0]) ? kts_files[site >> 16] : KTS_TEXT("");
}
