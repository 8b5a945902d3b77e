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
/* Breakpoint, single step and the debug registers. */
#define TEST static inline __attribute__((always_inline, unused))

TEST void test_breakpoint(void) { __asm__ volatile("int3"); }
TEST void test_debugRegister(void) { __asm__ volatile("movq %%dr7, %%rax" : : : "rax"); }
/* To the kernel's own segments; there it would find a breakpoint. */
TEST void test_trapReturn(void) {
  __asm__ volatile(
      "pushq $0x10\n\tpushq %%rsp\n\tpushfq\n\tpushq $0x08\n\tleaq 1f(%%rip), %%rax\n\tpushq %%rax\n\tiretq\n1:\tint3"
      : : : "rax", "memory");
}
TEST u64 test_divideByZero(void) {
  u64 quotient = 1;
  __asm__ volatile("xorl %%edx, %%edx\n\tdivq %1" : "+a"(quotient) : "r"(0ul) : "rdx");
  return quotient;
}
TEST void test_push(void) { __asm__ volatile("pushq %%rax" : : : "memory"); }
/* I/O privilege level 3: POPF does not take it from a user. */
TEST void test_raisePrivilege(void) { __asm__ volatile("pushfq\n\torq $0x3000, (%%rsp)\n\tpopfq" : : : "memory", "cc"); }

#define PRIVILEGED(n, text) \
  case n:                   \
    __asm__ volatile(text : : "a"(0ul), "c"(0ul), "d"(0ul) : "memory"); \
    break;

TEST u64 test_privilegedCount(void) { return 38; }
TEST void test_privilegedOf(u64 index) {
  switch (index) {
    PRIVILEGED(0, "cli")
    PRIVILEGED(1, "sti")
    PRIVILEGED(2, "inb $0x60, %%al")
    PRIVILEGED(3, "outb %%al, $0xf4")
    PRIVILEGED(4, "inw %%dx, %%ax")
    PRIVILEGED(5, "rdmsr")
    PRIVILEGED(6, "wrmsr")
    PRIVILEGED(7, "movq %%cr0, %%rax")
    PRIVILEGED(8, "movq %%rax, %%cr0")
    PRIVILEGED(9, "movq %%cr2, %%rax")
    PRIVILEGED(10, "movq %%cr3, %%rax")
    PRIVILEGED(11, "movq %%rax, %%cr3")
    PRIVILEGED(12, "movq %%cr4, %%rax")
    PRIVILEGED(13, "movq %%cr8, %%rax")
    PRIVILEGED(14, "lgdt (%%rsp)")
    PRIVILEGED(15, "lidt (%%rsp)")
    PRIVILEGED(16, "ltr %%ax")
    PRIVILEGED(17, "lldt %%ax")
    PRIVILEGED(18, "invlpg (%%rsp)")
    PRIVILEGED(19, "swapgs")
    PRIVILEGED(20, "sysretq")
    PRIVILEGED(21, "clts")
    PRIVILEGED(22, "wbinvd")
    PRIVILEGED(23, "invd")
    PRIVILEGED(24, "lmsw %%ax")
    PRIVILEGED(25, "rdpmc")
    PRIVILEGED(26, "int $0x80")
    PRIVILEGED(27, "int $14")
    PRIVILEGED(28, "int $32")
    PRIVILEGED(29, "sgdt -16(%%rsp)")
    PRIVILEGED(30, "sidt -16(%%rsp)")
    PRIVILEGED(31, "sldt %%ax")
    PRIVILEGED(32, "str %%ax")
    PRIVILEGED(33, "smsw %%ax")
    PRIVILEGED(34, ".byte 0x0f, 0x01, 0xd1")         /* xsetbv */
    PRIVILEGED(35, ".byte 0xf3, 0x48, 0x0f, 0xae, 0xd0") /* wrfsbase */
    PRIVILEGED(36, ".byte 0x0f, 0x01, 0xcb")         /* stac */
    /* A far jump to the kernel's code segment. */
    PRIVILEGED(37, "pushq $0x08\n\tleaq 1f(%%rip), %%rax\n\tpushq %%rax\n\trex64 ljmp *(%%rsp)\n1:\tint3")
    default:
      break;
  }
}

/* A word that is not at a multiple of its size, with AC set; 16 bytes that have to be. */
TEST u64 test_unalignedCount(void) { return 2; }
TEST void test_unaligned(u64 index) {
  if (index == 0) {
    __asm__ volatile(
        "pushfq\n\torq $0x40000, (%%rsp)\n\tpopfq\n\tmovq 1(%%rsp), %%rax\n\tpushfq\n\tandq $~0x40000, (%%rsp)\n\tpopfq"
        : : : "rax", "memory", "cc");
  } else {
    /* movaps 1(%rax), %xmm0 */
    __asm__ volatile("movq %%rsp, %%rax\n\tandq $~15, %%rax\n\t.byte 0x0f, 0x28, 0x40, 0x01" : : : "rax", "memory");
  }
}

/* DF, NT and AC, set in a system call: what they are afterwards. */
#define USER_FLAGS "0x44400"
TEST u64 test_userFlags(void) { return 0x44400; }
TEST u64 test_callWithFlags(u64 capability, u64 info) {
  u64 number = 2, after;
  __asm__ volatile(
      "pushfq\n\torq $" USER_FLAGS ", (%%rsp)\n\tpopfq\n\tsyscall\n\tpushfq\n\tpopq %%rbx\n\t"
      "pushfq\n\tandq $~" USER_FLAGS ", (%%rsp)\n\tpopfq"
      : "=b"(after), "+a"(number), "+D"(capability), "+S"(info)
      :
      : "rcx", "rdx", "r8", "r9", "r10", "r11", "memory", "cc");
  return after & 0x44400;
}
