/* What no TypeScript can say: single instructions of x86_64. */

#define INSTRUCTION static inline __attribute__((always_inline, unused))

INSTRUCTION void cpu_out8(u16 port, u8 value) { __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port)); }
INSTRUCTION void cpu_out16(u16 port, u16 value) { __asm__ volatile("outw %0, %1" : : "a"(value), "Nd"(port)); }
INSTRUCTION void cpu_out32(u16 port, u32 value) { __asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port)); }
INSTRUCTION u8 cpu_in8(u16 port) {
  u8 value;
  __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
  return value;
}
INSTRUCTION u16 cpu_in16(u16 port) {
  u16 value;
  __asm__ volatile("inw %1, %0" : "=a"(value) : "Nd"(port));
  return value;
}
INSTRUCTION u32 cpu_in32(u16 port) {
  u32 value;
  __asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
  return value;
}
INSTRUCTION u64 cpu_readMsr(u32 index) {
  u32 low, high;
  __asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(index));
  return ((u64)high << 32) | low;
}
INSTRUCTION void cpu_writeMsr(u32 index, u64 value) {
  __asm__ volatile("wrmsr" : : "c"(index), "a"((u32)value), "d"((u32)(value >> 32)) : "memory");
}
/* RDI and RCX change. */
INSTRUCTION void cpu_clearPages(u64 address, u64 bytes) {
  u64 words = bytes >> 3;
  __asm__ volatile("rep stosq" : "+D"(address), "+c"(words) : "a"(0) : "memory");
}
INSTRUCTION u64 cpu_readCr2(void) {
  u64 value;
  __asm__ volatile("mov %%cr2, %0" : "=r"(value));
  return value;
}
INSTRUCTION u64 cpu_readCr3(void) {
  u64 value;
  __asm__ volatile("mov %%cr3, %0" : "=r"(value));
  return value;
}
INSTRUCTION void cpu_writeCr3(u64 value) { __asm__ volatile("mov %0, %%cr3" : : "r"(value) : "memory"); }
INSTRUCTION u64 cpu_readCr0(void) {
  u64 value;
  __asm__ volatile("mov %%cr0, %0" : "=r"(value));
  return value;
}
INSTRUCTION void cpu_writeCr0(u64 value) { __asm__ volatile("mov %0, %%cr0" : : "r"(value) : "memory"); }
INSTRUCTION void cpu_xsetbv(u64 value) {
  __asm__ volatile("xsetbv" : : "c"(0), "a"((u32)value), "d"((u32)(value >> 32)));
}
INSTRUCTION void cpu_xsave(u64 area) { __asm__ volatile("xsave64 (%0)" : : "r"(area), "a"(-1), "d"(-1) : "memory"); }
INSTRUCTION void cpu_xrstor(u64 area) { __asm__ volatile("xrstor64 (%0)" : : "r"(area), "a"(-1), "d"(-1) : "memory"); }
/* STI takes effect after the next instruction: the interrupt comes before CLI. */
INSTRUCTION void cpu_interruptWindow(void) { __asm__ volatile("sti; nop; cli" : : : "memory"); }
INSTRUCTION u64 cpu_readCr4(void) {
  u64 value;
  __asm__ volatile("mov %%cr4, %0" : "=r"(value));
  return value;
}
INSTRUCTION void cpu_writeCr4(u64 value) { __asm__ volatile("mov %0, %%cr4" : : "r"(value) : "memory"); }
INSTRUCTION void cpu_flushPage(u64 address) { __asm__ volatile("invlpg (%0)" : : "r"(address) : "memory"); }
INSTRUCTION u64 cpu_readTsc(void) {
  u32 low, high;
  __asm__ volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory");
  return ((u64)high << 32) | low;
}
/* CPUID (leaf, 0): `which` 0 EAX, 1 EBX, 2 ECX, 3 EDX. */
INSTRUCTION u32 cpu_cpuid(u32 leaf, u32 which) {
  u32 r[4];
  __asm__ volatile("cpuid" : "=a"(r[0]), "=b"(r[1]), "=c"(r[2]), "=d"(r[3]) : "a"(leaf), "c"(0));
  return r[which & 3];
}
INSTRUCTION void cpu_enableInterrupts(void) { __asm__ volatile("sti" : : : "memory"); }
INSTRUCTION void cpu_disableInterrupts(void) { __asm__ volatile("cli" : : : "memory"); }
/* STI takes effect after the next instruction (SDM volume 2): no interrupt can slip in before HLT. */
INSTRUCTION void cpu_waitForInterrupt(void) { __asm__ volatile("sti; hlt; cli" : : : "memory"); }
INSTRUCTION __attribute__((noreturn)) void cpu_halt(void) {
  for (;;) __asm__ volatile("cli; hlt" : : : "memory");
}
INSTRUCTION void cpu_pause(void) { __asm__ volatile("pause"); }
INSTRUCTION void cpu_loadIdt(u64 pointer) { __asm__ volatile("lidt (%0)" : : "r"(pointer) : "memory"); }
/* Loads the GDT, the data segments, CS by a far return, and the task register. */
INSTRUCTION void cpu_loadGdt(u64 pointer, u16 code, u16 data, u16 task) {
  __asm__ volatile(
      "lgdt (%0)\n\t"
      "pushq %1\n\t"
      "leaq 1f(%%rip), %%rax\n\t"
      "pushq %%rax\n\t"
      "lretq\n"
      "1:\tmovw %w2, %%ds\n\tmovw %w2, %%es\n\tmovw %w2, %%ss\n\t"
      "xorl %%eax, %%eax\n\tmovw %%ax, %%fs\n\tmovw %%ax, %%gs\n\t"
      "ltr %w3"
      : : "r"(pointer), "r"((u64)code), "r"((u32)data), "r"((u32)task) : "rax", "memory");
}
/* With an empty IDT no exception can be delivered, which resets the machine (SDM volume 3, 6.15, double fault). */
INSTRUCTION __attribute__((noreturn)) void cpu_tripleFault(void) {
  static const u8 empty[10];
  __asm__ volatile("lidt %0\n\tud2" : : "m"(empty));
  __builtin_unreachable();
}

/* Deliberate faults, for the console's `fault KIND`. */
INSTRUCTION void cpu_invalidOpcode(void) { __asm__ volatile("ud2"); }
INSTRUCTION void cpu_breakpoint(void) { __asm__ volatile("int3"); }
INSTRUCTION void cpu_divideByZero(void) {
  __asm__ volatile("xorl %%edx, %%edx\n\txorl %%ecx, %%ecx\n\tmovl $1, %%eax\n\tdivl %%ecx" : : : "eax", "ecx", "edx");
}
INSTRUCTION void cpu_singleStep(void) { __asm__ volatile("pushfq\n\torq $0x100, (%%rsp)\n\tpopfq\n\tnop" : : : "memory", "cc"); }
INSTRUCTION void cpu_overflowStack(void) { __asm__ volatile("1:\tpushq %%rax\n\tjmp 1b" : : : "memory"); }
INSTRUCTION void cpu_jumpTo(u64 address) { __asm__ volatile("jmp *%0" : : "r"(address) : "memory"); }
INSTRUCTION void cpu_selectSegment(u16 selector) { __asm__ volatile("movw %0, %%fs" : : "r"(selector) : "memory"); }
