/* Instructions with which a process faults at the console's word. */

static inline __attribute__((always_inline, unused)) void victim_breakpoint(void) { __asm__ volatile("brk #0"); }
static inline __attribute__((always_inline, unused)) void victim_privileged(void) { __asm__ volatile("msr vbar_el1, xzr"); }
static inline __attribute__((always_inline, unused)) void victim_port(void) { __asm__ volatile("msr daifset, #2"); }
static inline __attribute__((always_inline, unused)) void victim_jump(u64 address) { __asm__ volatile("br %0" : : "r"(address) : "memory"); }
