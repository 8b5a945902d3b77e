/* Messages of Skyscope's system calls for freestanding C on x86_64 and aarch64: registers, and the thread's buffer. */
#ifndef SKYSCOPE_MESSAGE_H
#define SKYSCOPE_MESSAGE_H

#include <stdint.h>

#define SKY_INLINE static inline __attribute__((always_inline, unused))

/* Where the first task's own buffer is. */
#define SKY_BUFFER ((struct sky_buffer *)0x110000)

struct sky_buffer {
  uint64_t words[64];
  /* Capabilities to send, and empty slots for those that arrive. */
  uint32_t sent[4];
  uint32_t slots[4];
};

struct sky_message {
  uint64_t badge;
  uint64_t info;
  uint64_t words[4];
  /* Of the thread that makes the call. */
  struct sky_buffer *buffer;
};

SKY_INLINE uint64_t sky_info(uint64_t label, unsigned length, unsigned caps) {
  return label << 16 | (uint64_t)caps << 8 | length;
}

/* The error of an answer, 0 for none. */
SKY_INLINE unsigned sky_error_of(const struct sky_message *message) {
  return message->info >> 63 ? (message->info >> 16) & 0xffff : 0;
}

/* What the error is about: the number of an argument, or the fate of a message. */
SKY_INLINE unsigned sky_detail_of(const struct sky_message *message) { return (message->info >> 32) & 0xffff; }

#if defined(__x86_64__)
SKY_INLINE void sky_syscall(unsigned number, uint32_t capability, uint32_t reply, struct sky_message *message) {
  uint64_t rax = number, rdi = (uint64_t)reply << 32 | capability, rsi = message->info, rdx = message->words[0];
  register uint64_t r8 __asm__("r8") = message->words[1];
  register uint64_t r9 __asm__("r9") = message->words[2];
  register uint64_t r10 __asm__("r10") = message->words[3];
  __asm__ volatile("syscall"
                   : "+a"(rax), "+D"(rdi), "+S"(rsi), "+d"(rdx), "+r"(r8), "+r"(r9), "+r"(r10)
                   :
                   : "rcx", "r11", "memory");
  *message = (struct sky_message){rdi, rsi, {rdx, r8, r9, r10}, message->buffer};
}
#elif defined(__aarch64__)
/* The number is the instruction's own: it has to be a constant. */
#define sky_syscall(number, capability, reply, message) \
  do { \
    struct sky_message *sky_m = (message); \
    register uint64_t x0 __asm__("x0") = (uint64_t)(reply) << 32 | (capability); \
    register uint64_t x1 __asm__("x1") = sky_m->info; \
    register uint64_t x2 __asm__("x2") = sky_m->words[0]; \
    register uint64_t x3 __asm__("x3") = sky_m->words[1]; \
    register uint64_t x4 __asm__("x4") = sky_m->words[2]; \
    register uint64_t x5 __asm__("x5") = sky_m->words[3]; \
    __asm__ volatile("svc %6" : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3), "+r"(x4), "+r"(x5) : "i"(number) : "memory"); \
    *sky_m = (struct sky_message){x0, x1, {x2, x3, x4, x5}, sky_m->buffer}; \
  } while (0)
#else
#error "Skyscope runs on x86_64 and aarch64"
#endif

#endif
