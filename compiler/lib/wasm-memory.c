/*
 * What wasm2c's C calls by name, for a kernel whose memory is the machine's. A word with the top bit is an address of the
 * kernel's image, 2 GiB below the top; one without is of the window to physical memory, which begins at WINDOW_BASE.
 */

typedef signed char s8;
typedef signed short s16;
typedef signed int s32;
typedef signed long s64;

#define INLINE static inline __attribute__((always_inline, unused))
#define UNREACHABLE __builtin_trap()
#define FUNC_PROLOGUE
#define FUNC_EPILOGUE

INLINE void *at(u32 word) { return (void *)((u64)(s64)(s32)word | WINDOW_BASE); }

#define LOAD(name, stored, extended, result)                                                                            \
  INLINE result name(u64 word) {                                                                                       \
    stored value;                                                                                                      \
    __builtin_memcpy(&value, at((u32)word), sizeof value);                                                             \
    return (result)(extended)value;                                                                                    \
  }
#define STORE(name, stored, given)                                                                                     \
  INLINE void name(u64 word, given value) {                                                                            \
    stored narrow = (stored)value;                                                                                     \
    __builtin_memcpy(at((u32)word), &narrow, sizeof narrow);                                                           \
  }

LOAD(i32_load, u32, u32, u32)
LOAD(i64_load, u64, u64, u64)
LOAD(i32_load8_s, s8, s32, u32)
LOAD(i32_load8_u, u8, u32, u32)
LOAD(i32_load16_s, s16, s32, u32)
LOAD(i32_load16_u, u16, u32, u32)
LOAD(i64_load8_s, s8, s64, u64)
LOAD(i64_load8_u, u8, u64, u64)
LOAD(i64_load16_s, s16, s64, u64)
LOAD(i64_load16_u, u16, u64, u64)
LOAD(i64_load32_s, s32, s64, u64)
LOAD(i64_load32_u, u32, u64, u64)
STORE(i32_store, u32, u32)
STORE(i64_store, u64, u64)
STORE(i32_store8, u8, u32)
STORE(i32_store16, u16, u32)
STORE(i64_store8, u8, u64)
STORE(i64_store16, u16, u64)
STORE(i64_store32, u32, u64)

INLINE void memory_fill(u32 to, u32 value, u32 bytes) { __builtin_memset(at(to), (int)value, bytes); }
INLINE void memory_copy(u32 to, u32 from, u32 bytes) { __builtin_memmove(at(to), at(from), bytes); }

/* Division by 0 does not come here: the program has looked. */
#define DIV_U(a, b) ((a) / (b))
#define REM_U(a, b) ((a) % (b))
#define I32_DIV_S(a, b) ((u32)((s32)(a) / (s32)(b)))
#define I64_DIV_S(a, b) ((u64)((s64)(a) / (s64)(b)))
#define I32_REM_S(a, b) ((s32)(b) == -1 ? 0 : (u32)((s32)(a) % (s32)(b)))
#define I64_REM_S(a, b) ((s64)(b) == -1 ? 0 : (u64)((s64)(a) % (s64)(b)))

#define I32_ROTL(a, n) ((a) << ((n) & 31) | (a) >> (-(n) & 31))
#define I64_ROTL(a, n) ((a) << ((n) & 63) | (a) >> (-(n) & 63))
#define I32_ROTR(a, n) ((a) >> ((n) & 31) | (a) << (-(n) & 31))
#define I64_ROTR(a, n) ((a) >> ((n) & 63) | (a) << (-(n) & 63))
#define I32_CLZ(a) ((u32)__builtin_clzg((u32)(a), 32))
#define I64_CLZ(a) ((u64)__builtin_clzg((u64)(a), 64))
#define I32_CTZ(a) ((u32)__builtin_ctzg((u32)(a), 32))
#define I64_CTZ(a) ((u64)__builtin_ctzg((u64)(a), 64))
#define I32_POPCNT(a) ((u32)__builtin_popcountg((u32)(a)))
#define I64_POPCNT(a) ((u64)__builtin_popcountg((u64)(a)))
