/* Instructions with which the conformance tests try what a user must not do, or may. */

static inline __attribute__((always_inline, unused)) void test_privileged(void) { __asm__ volatile("hlt"); }
static inline __attribute__((always_inline, unused)) void test_port(void) { __asm__ volatile("outb %%al, $0x80" : : : "memory"); }
static inline __attribute__((always_inline, unused)) void test_jump(u64 address) { __asm__ volatile("jmp *%0" : : "r"(address) : "memory"); }
static inline __attribute__((always_inline, unused)) u64 test_fpu(u64 value) {
  __asm__ volatile(".byte 0x66, 0x48, 0x0f, 0x6e, 0xc0" : : "a"(value));
  return value;
}
static inline __attribute__((always_inline, unused)) u64 test_readFpu(void) {
  u64 value;
  __asm__ volatile(".byte 0x66, 0x48, 0x0f, 0x7e, 0xc0" : "=a"(value));
  return value;
}
/* The word at the thread pointer. */
static inline __attribute__((always_inline, unused)) u64 test_readTls(void) {
  u64 value;
  __asm__ volatile("movq %%fs:0, %0" : "=r"(value));
  return value;
}
