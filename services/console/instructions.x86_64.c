/* Instructions with which a process faults at the console's word. */

static inline __attribute__((always_inline, unused)) void victim_breakpoint(void) { __asm__ volatile("int3"); }
static inline __attribute__((always_inline, unused)) void victim_privileged(void) { __asm__ volatile("hlt"); }
static inline __attribute__((always_inline, unused)) void victim_port(void) { __asm__ volatile("outb %%al, $0x80" : : : "memory"); }
static inline __attribute__((always_inline, unused)) void victim_jump(u64 address) { __asm__ volatile("jmp *%0" : : "r"(address) : "memory"); }
