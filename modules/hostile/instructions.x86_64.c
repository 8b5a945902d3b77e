/* Instructions that a module must not execute. */

static inline __attribute__((always_inline, unused)) void hostile_privileged(void) { __asm__ volatile("hlt"); }
static inline __attribute__((always_inline, unused)) void hostile_mask(void) { __asm__ volatile("cli"); }
static inline __attribute__((always_inline, unused)) void hostile_port(void) { __asm__ volatile("outb %%al, $0xf4" : : : "memory"); }
static inline __attribute__((always_inline, unused)) void hostile_jump(u64 address) { __asm__ volatile("jmp *%0" : : "r"(address) : "memory"); }
