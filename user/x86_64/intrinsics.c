/* What no TypeScript can say in a user program on x86_64: the system call. */

/* `message`: badge, info, four words, as user/message.ts lays them out. */
static inline __attribute__((always_inline, unused)) void user_syscall(u64 number, u64 capabilities, u64 message) {
  u64 *m = (u64 *)message;
  u64 info = m[1], word0 = m[2];
  register u64 r8 __asm__("r8") = m[3];
  register u64 r9 __asm__("r9") = m[4];
  register u64 r10 __asm__("r10") = m[5];
  __asm__ volatile("syscall"
                   : "+a"(number), "+D"(capabilities), "+S"(info), "+d"(word0), "+r"(r8), "+r"(r9), "+r"(r10)
                   :
                   : "rcx", "r11", "memory");
  m[0] = capabilities;
  m[1] = info;
  m[2] = word0;
  m[3] = r8;
  m[4] = r9;
  m[5] = r10;
}
static inline __attribute__((always_inline, unused)) void user_illegal(void) { __asm__ volatile("ud2"); }
static inline __attribute__((always_inline, unused)) void user_privileged(void) { __asm__ volatile("hlt"); }
static inline __attribute__((always_inline, unused)) void user_port(void) { __asm__ volatile("outb %%al, $0x80" : : : "memory"); }
static inline __attribute__((always_inline, unused)) void user_jump(u64 address) { __asm__ volatile("jmp *%0" : : "r"(address) : "memory"); }
static inline __attribute__((always_inline, unused)) u64 user_fpu(u64 value) {
  __asm__ volatile(".byte 0x66, 0x48, 0x0f, 0x6e, 0xc0" : : "a"(value));
  return value;
}
static inline __attribute__((always_inline, unused)) u64 user_readFpu(void) {
  u64 value;
  __asm__ volatile(".byte 0x66, 0x48, 0x0f, 0x7e, 0xc0" : "=a"(value));
  return value;
}
