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
/* Breakpoint, debug registers, and instructions of the levels above. */
#define TEST static inline __attribute__((always_inline, unused))

TEST void test_breakpoint(void) { __asm__ volatile("brk #0"); }
TEST void test_debugRegister(void) { __asm__ volatile("msr mdscr_el1, xzr"); }
TEST void test_trapReturn(void) { __asm__ volatile("eret"); }
TEST u64 test_divideByZero(void) {
  u64 quotient;
  __asm__ volatile("udiv %0, %1, xzr" : "=r"(quotient) : "r"(7ul));
  return quotient;
}
TEST void test_push(void) { __asm__ volatile("str xzr, [sp, #-16]!" : : : "memory"); }
/* The flags have nothing of the kind: all that there are. */
TEST void test_raisePrivilege(void) { __asm__ volatile("msr nzcv, %0" : : "r"(~0ul) : "cc"); }

#define PRIVILEGED(n, text) \
  case n:                   \
    __asm__ volatile(text : : : "x9", "memory"); \
    break;

TEST u64 test_privilegedCount(void) { return 28; }
TEST void test_privilegedOf(u64 index) {
  switch (index) {
    PRIVILEGED(0, "msr daifset, #15")
    PRIVILEGED(1, "msr daifclr, #15")
    PRIVILEGED(2, "mrs x9, daif")
    PRIVILEGED(3, "mrs x9, sctlr_el1")
    PRIVILEGED(4, "msr sctlr_el1, xzr")
    PRIVILEGED(5, "mrs x9, ttbr0_el1")
    PRIVILEGED(6, "msr ttbr0_el1, xzr")
    PRIVILEGED(7, "msr ttbr1_el1, xzr")
    PRIVILEGED(8, "msr tcr_el1, xzr")
    PRIVILEGED(9, "msr mair_el1, xzr")
    PRIVILEGED(10, "mrs x9, vbar_el1")
    PRIVILEGED(11, "msr vbar_el1, xzr")
    PRIVILEGED(12, "mrs x9, elr_el1")
    PRIVILEGED(13, "msr spsr_el1, xzr")
    PRIVILEGED(14, "msr sp_el0, xzr")
    PRIVILEGED(15, "mrs x9, esr_el1")
    PRIVILEGED(16, "mrs x9, far_el1")
    PRIVILEGED(17, "msr tpidr_el1, xzr")
    PRIVILEGED(18, "msr cpacr_el1, xzr")
    PRIVILEGED(19, "msr spsel, #1")
    PRIVILEGED(20, "tlbi vmalle1")
    PRIVILEGED(21, "ic iallu")
    PRIVILEGED(22, "dc isw, xzr")
    PRIVILEGED(23, "at s1e1r, xzr")
    PRIVILEGED(24, "hvc #0")
    PRIVILEGED(25, "mrs x9, currentel")
    PRIVILEGED(26, "msr cntkctl_el1, xzr")
    PRIVILEGED(27, "msr pmuserenr_el0, xzr")
    default:
      break;
  }
}

/* An exclusive access, the stack pointer, the program counter. */
TEST u64 test_unalignedCount(void) { return 3; }
TEST void test_unaligned(u64 index) {
  if (index == 0) __asm__ volatile("add x9, sp, #1\n\tldaxr x9, [x9]" : : : "x9", "memory");
  else if (index == 1) __asm__ volatile("mov x9, sp\n\tadd x9, x9, #8\n\tmov sp, x9\n\tldr x10, [sp]\n\tsub x9, x9, #8\n\tmov sp, x9" : : : "x9", "x10", "memory");
  else __asm__ volatile("adr x9, .\n\tadd x9, x9, #2\n\tbr x9" : : : "x9");
}

/* N, Z, C and V, set in a system call: what they are afterwards. */
TEST u64 test_userFlags(void) { return 0xf0000000; }
TEST u64 test_callWithFlags(u64 capability, u64 info) {
  register u64 x0 __asm__("x0") = capability;
  register u64 x1 __asm__("x1") = info;
  u64 after = 0xf0000000;
  __asm__ volatile("msr nzcv, %0\n\tsvc #2\n\tmrs %0, nzcv"
                   : "+&r"(after), "+r"(x0), "+r"(x1)
                   :
                   : "x2", "x3", "x4", "x5", "memory", "cc");
  return after;
}
