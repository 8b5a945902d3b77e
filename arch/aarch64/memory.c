/* The functions that clang may call, for the kernel and for user programs on aarch64: eight bytes at a time. What is copied may
   have any address of normal memory (docs/decisions/0010). */

#define FOR_CLANG(name) __attribute__((used, noinline, visibility("hidden"), no_builtin(name)))

typedef u64 __attribute__((aligned(1), may_alias)) AnyU64;

FOR_CLANG("memcpy") void *memcpy(void *to, const void *from, u64 bytes) {
  u8 *target = to;
  const u8 *source = from;
  for (; bytes > 0 && ((u64)target & 7) != 0; bytes--) *target++ = *source++;
  for (; bytes >= 64; bytes -= 64, target += 64, source += 64) {
    const AnyU64 *s = (const AnyU64 *)source;
    u64 *t = (u64 *)target, a = s[0], b = s[1], c = s[2], d = s[3], e = s[4], f = s[5], g = s[6], h = s[7];
    t[0] = a, t[1] = b, t[2] = c, t[3] = d, t[4] = e, t[5] = f, t[6] = g, t[7] = h;
  }
  for (; bytes >= 8; bytes -= 8, target += 8, source += 8) *(u64 *)target = *(const AnyU64 *)source;
  while (bytes-- > 0) *target++ = *source++;
  return to;
}
FOR_CLANG("memset") void *memset(void *to, int value, u64 bytes) {
  u8 *target = to;
  u64 word = (u64)(u8)value * 0x0101010101010101ul;
  if (((u64)target & 7) == 0) {
    for (; bytes >= 64; bytes -= 64, target += 64) {
      u64 *t = (u64 *)target;
      t[0] = word, t[1] = word, t[2] = word, t[3] = word, t[4] = word, t[5] = word, t[6] = word, t[7] = word;
    }
    for (; bytes >= 8; bytes -= 8, target += 8) *(u64 *)target = word;
  }
  while (bytes-- > 0) *target++ = (u8)value;
  return to;
}
FOR_CLANG("memmove") void *memmove(void *to, const void *from, u64 bytes) {
  if ((u64)to - (u64)from >= bytes) return memcpy(to, from, bytes);
  u8 *target = (u8 *)to + bytes;
  const u8 *source = (const u8 *)from + bytes;
  while (bytes-- > 0) *--target = *--source;
  return to;
}
