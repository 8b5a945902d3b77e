/* Instructions with which the conformance tests try what a user must not do, or may. */

static inline __attribute__((always_inline, unused)) void test_privileged(void) { __asm__ volatile("msr vbar_el1, xzr"); }
static inline __attribute__((always_inline, unused)) void test_port(void) { __asm__ volatile("msr daifset, #2"); }
static inline __attribute__((always_inline, unused)) void test_jump(u64 address) { __asm__ volatile("br %0" : : "r"(address) : "memory"); }
static inline __attribute__((always_inline, unused)) u64 test_fpu(u64 value) {
  __asm__ volatile(".arch_extension fp\n\tfmov d0, %0" : : "r"(value));
  return value;
}
static inline __attribute__((always_inline, unused)) u64 test_readFpu(void) {
  u64 value;
  __asm__ volatile(".arch_extension fp\n\tfmov %0, d0" : "=r"(value));
  return value;
}
/* The word at the thread pointer. */
static inline __attribute__((always_inline, unused)) u64 test_readTls(void) {
  u64 value;
  __asm__ volatile("mrs %0, tpidr_el0\n\tldr %0, [%0]" : "=r"(value) : : "memory");
  return value;
}
