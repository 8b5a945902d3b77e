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
