/* Instructions that a module must not execute. */

static inline __attribute__((always_inline, unused)) void hostile_privileged(void) { __asm__ volatile("msr vbar_el1, xzr"); }
static inline __attribute__((always_inline, unused)) void hostile_mask(void) { __asm__ volatile("msr daifset, #15"); }
static inline __attribute__((always_inline, unused)) void hostile_port(void) { __asm__ volatile("msr ttbr0_el1, xzr"); }
static inline __attribute__((always_inline, unused)) void hostile_jump(u64 address) { __asm__ volatile("br %0" : : "r"(address) : "memory"); }
