/* The functions that clang may call, for the kernel and for user programs on x86_64. */

#define FOR_CLANG __attribute__((used, noinline, visibility("hidden")))

FOR_CLANG void *memcpy(void *to, const void *from, u64 bytes) {
  void *start = to;
  u64 words = bytes >> 3;
  bytes &= 7;
  __asm__ volatile("rep movsq" : "+D"(to), "+S"(from), "+c"(words) : : "memory");
  __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(bytes) : : "memory");
  return start;
}
FOR_CLANG void *memset(void *to, int value, u64 bytes) {
  void *start = to;
  u64 words = bytes >> 3;
  bytes &= 7;
  __asm__ volatile("rep stosq" : "+D"(to), "+c"(words) : "a"((u64)(u8)value * 0x0101010101010101ul) : "memory");
  __asm__ volatile("rep stosb" : "+D"(to), "+c"(bytes) : "a"(value) : "memory");
  return start;
}
FOR_CLANG void *memmove(void *to, const void *from, u64 bytes) {
  if ((u64)to - (u64)from >= bytes) return memcpy(to, from, bytes);
  u8 *target = (u8 *)to + bytes - 1;
  const u8 *source = (const u8 *)from + bytes - 1;
  __asm__ volatile("std\n\trep movsb\n\tcld" : "+D"(target), "+S"(source), "+c"(bytes) : : "memory");
  return to;
}
