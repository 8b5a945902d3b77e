/* The sanitizer's own functions for blocks of memory, counted: the linker leads the kernel here (--wrap). */

typedef unsigned long Size;

void host_noteWritten(Size bytes);
void *__real___asan_memset(void *to, int value, Size bytes);
void *__real___asan_memcpy(void *to, const void *from, Size bytes);
void *__real___asan_memmove(void *to, const void *from, Size bytes);

void *__wrap___asan_memset(void *to, int value, Size bytes) {
  host_noteWritten(bytes);
  return __real___asan_memset(to, value, bytes);
}

void *__wrap___asan_memcpy(void *to, const void *from, Size bytes) {
  host_noteWritten(bytes);
  return __real___asan_memcpy(to, from, bytes);
}

void *__wrap___asan_memmove(void *to, const void *from, Size bytes) {
  host_noteWritten(bytes);
  return __real___asan_memmove(to, from, bytes);
}
