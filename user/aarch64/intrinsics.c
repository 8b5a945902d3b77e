/* What no TypeScript can say in a user program on aarch64: the system call. */

#define SVC(n) \
  case n:      \
    __asm__ volatile("svc %6" : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3), "+r"(x4), "+r"(x5) : "i"(n) : "memory"); \
    break;

/* `message`: badge, info, four words, as user/message.ts lays them out. The number is the instruction's own. */
static inline __attribute__((always_inline, unused)) void user_syscall(u64 number, u64 capabilities, u64 message) {
  u64 *m = (u64 *)message;
  register u64 x0 __asm__("x0") = capabilities;
  register u64 x1 __asm__("x1") = m[1];
  register u64 x2 __asm__("x2") = m[2];
  register u64 x3 __asm__("x3") = m[3];
  register u64 x4 __asm__("x4") = m[4];
  register u64 x5 __asm__("x5") = m[5];
  switch (number) {
    SVC(0) SVC(1) SVC(2) SVC(3) SVC(4) SVC(5) SVC(6) SVC(7) SVC(8) SVC(9) SVC(10)
    default:
      __asm__ volatile("svc #0xffff" : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3), "+r"(x4), "+r"(x5) : : "memory");
  }
  m[0] = x0;
  m[1] = x1;
  m[2] = x2;
  m[3] = x3;
  m[4] = x4;
  m[5] = x5;
}
static inline __attribute__((always_inline, unused)) void user_illegal(void) { __asm__ volatile("udf #0"); }
