/* What no TypeScript can say: single instructions of aarch64. */

#define INSTRUCTION static inline __attribute__((always_inline, unused))

#define READ(name, register)                                   \
  INSTRUCTION u64 cpu_read_##name(void) {                      \
    u64 value;                                                 \
    __asm__ volatile("mrs %0, " register : "=r"(value) : : "memory"); \
    return value;                                              \
  }
#define WRITE(name, register)                                                                  \
  INSTRUCTION void cpu_write_##name(u64 value) {                                               \
    __asm__ volatile("msr " register ", %0\n\tisb" : : "r"(value) : "memory");                 \
  }

READ(pmccntr, "pmccntr_el0")
READ(cntvct, "cntvct_el0")
READ(cntfrq, "cntfrq_el0")
READ(mmfr0, "id_aa64mmfr0_el1")
READ(mmfr1, "id_aa64mmfr1_el1")
READ(tcr, "tcr_el1")
READ(sctlr, "sctlr_el1")
READ(ttbr1, "ttbr1_el1")
READ(spsr, "spsr_el1")
WRITE(vbar, "vbar_el1")
WRITE(tcr, "tcr_el1")
WRITE(sctlr, "sctlr_el1")
WRITE(ttbr0, "ttbr0_el1")
WRITE(ttbr1, "ttbr1_el1")
WRITE(cntv_cval, "cntv_cval_el0")
WRITE(cntv_ctl, "cntv_ctl_el0")
/* GIC v3 CPU interface registers by their encodings (IHI 0069, 12.2). */
READ(icc_iar1, "S3_0_C12_C12_0")
WRITE(icc_eoir1, "S3_0_C12_C12_1")
WRITE(icc_sre, "S3_0_C12_C12_5")
WRITE(icc_igrpen1, "S3_0_C12_C12_7")
WRITE(icc_pmr, "S3_0_C4_C6_0")

/* MSR PAN, #1, as a number because the base architecture has no name for it (C6.2.250). */
INSTRUCTION void cpu_denyUserAccess(void) { __asm__ volatile(".inst 0xd500419f" : : : "memory"); }
INSTRUCTION void cpu_flushTlb(void) { __asm__ volatile("dsb ishst\n\ttlbi vmalle1\n\tdsb ish\n\tisb" : : : "memory"); }
INSTRUCTION void cpu_publishTables(void) { __asm__ volatile("dsb ishst\n\tisb" : : : "memory"); }
WRITE(cpacr, "cpacr_el1")
INSTRUCTION void cpu_write_tpidr_el0(u64 value) { __asm__ volatile("msr tpidr_el0, %0" : : "r"(value)); }
/* By address and identifier, and by identifier (C5.5): seen by this processor before the next instruction. */
INSTRUCTION void cpu_flushUserPage(u64 operand) {
  __asm__ volatile("dsb ishst\n\ttlbi vae1is, %0\n\tdsb ish\n\tisb" : : "r"(operand) : "memory");
}
INSTRUCTION void cpu_flushUserSpace(u64 operand) {
  __asm__ volatile("dsb ishst\n\ttlbi aside1is, %0\n\tdsb ish\n\tisb" : : "r"(operand) : "memory");
}
/* Walks of the lower half again (EPD0), 16-bit identifiers (AS). */
INSTRUCTION void cpu_enableLowerHalf(void) {
  u64 value;
  __asm__ volatile("mrs %0, tcr_el1\n\tbic %0, %0, #0x80\n\torr %0, %0, #0x1000000000\n\tmsr tcr_el1, %0\n\tisb\n\ttlbi vmalle1\n\tdsb ish\n\tisb"
                   : "=&r"(value) : : "memory");
}
/* Data to the point of unification, line by line (DminLine of CTR_EL0, D13.2.34), then no old instructions (B2.4.4). */
INSTRUCTION void cpu_publishCode(u64 address, u64 bytes) {
  u64 type;
  __asm__("mrs %0, ctr_el0" : "=r"(type));
  u64 line = 4ul << ((type >> 16) & 15);
  for (u64 at = address & ~(line - 1); at < address + bytes; at += line)
    __asm__ volatile("dc cvau, %0" : : "r"(at) : "memory");
  __asm__ volatile("dsb ish\n\tic iallu\n\tdsb ish\n\tisb" : : : "memory");
}
/* Blocks of cache lines where the processor lets us (DC ZVA, C6.2.71; DCZID_EL0, D13.2.39), else pairs of words. */
INSTRUCTION void cpu_clearPages(u64 address, u64 bytes) {
  u64 id, end = address + bytes;
  __asm__("mrs %0, dczid_el0" : "=r"(id));
  u64 block = 4ul << (id & 15);
  if (id & 16) {
    for (; address < end; address += 64)
      __asm__ volatile("stp xzr, xzr, [%0]\n\tstp xzr, xzr, [%0, #16]\n\tstp xzr, xzr, [%0, #32]\n\tstp xzr, xzr, [%0, #48]"
                       : : "r"(address) : "memory");
    return;
  }
  /* 32 of 64 bytes, the usual size, at a time; a page is a multiple of that. */
  for (; block == 64 && address < end;)
    __asm__ volatile(".rept 32\n\tdc zva, %0\n\tadd %0, %0, #64\n\t.endr" : "+r"(address) : : "memory");
  for (; address < end; address += block) __asm__ volatile("dc zva, %0" : : "r"(address) : "memory");
}
/* V0 to V31, FPCR, FPSR: the kernel itself is compiled without them. */
INSTRUCTION void cpu_saveFpu(u64 area) {
  u64 value;
  __asm__ volatile(
      ".arch_extension fp\n\t.arch_extension simd\n\t"
      "stp q0, q1, [%1]\n\tstp q2, q3, [%1, #32]\n\tstp q4, q5, [%1, #64]\n\tstp q6, q7, [%1, #96]\n\t"
      "stp q8, q9, [%1, #128]\n\tstp q10, q11, [%1, #160]\n\tstp q12, q13, [%1, #192]\n\tstp q14, q15, [%1, #224]\n\t"
      "stp q16, q17, [%1, #256]\n\tstp q18, q19, [%1, #288]\n\tstp q20, q21, [%1, #320]\n\tstp q22, q23, [%1, #352]\n\t"
      "stp q24, q25, [%1, #384]\n\tstp q26, q27, [%1, #416]\n\tstp q28, q29, [%1, #448]\n\tstp q30, q31, [%1, #480]\n\t"
      "mrs %0, fpcr\n\tstr %0, [%1, #512]\n\tmrs %0, fpsr\n\tstr %0, [%1, #520]"
      : "=&r"(value) : "r"(area) : "memory");
}
INSTRUCTION void cpu_restoreFpu(u64 area) {
  u64 value;
  __asm__ volatile(
      ".arch_extension fp\n\t.arch_extension simd\n\t"
      "ldp q0, q1, [%1]\n\tldp q2, q3, [%1, #32]\n\tldp q4, q5, [%1, #64]\n\tldp q6, q7, [%1, #96]\n\t"
      "ldp q8, q9, [%1, #128]\n\tldp q10, q11, [%1, #160]\n\tldp q12, q13, [%1, #192]\n\tldp q14, q15, [%1, #224]\n\t"
      "ldp q16, q17, [%1, #256]\n\tldp q18, q19, [%1, #288]\n\tldp q20, q21, [%1, #320]\n\tldp q22, q23, [%1, #352]\n\t"
      "ldp q24, q25, [%1, #384]\n\tldp q26, q27, [%1, #416]\n\tldp q28, q29, [%1, #448]\n\tldp q30, q31, [%1, #480]\n\t"
      "ldr %0, [%1, #512]\n\tmsr fpcr, %0\n\tldr %0, [%1, #520]\n\tmsr fpsr, %0"
      : "=&r"(value) : "r"(area) : "memory");
}
INSTRUCTION void cpu_interruptWindow(void) { __asm__ volatile("msr daifclr, #2\n\tisb\n\tmsr daifset, #2" : : : "memory"); }
INSTRUCTION void cpu_enableInterrupts(void) { __asm__ volatile("msr daifclr, #2" : : : "memory"); }
INSTRUCTION void cpu_disableInterrupts(void) { __asm__ volatile("msr daifset, #2" : : : "memory"); }
/* WFI wakes on a masked interrupt, which is then taken in the gap (D1.16.2). */
INSTRUCTION void cpu_waitForInterrupt(void) {
  __asm__ volatile("dsb sy\n\twfi\n\tmsr daifclr, #2\n\tisb\n\tmsr daifset, #2" : : : "memory");
}
INSTRUCTION __attribute__((noreturn)) void cpu_halt(void) {
  for (;;) __asm__ volatile("msr daifset, #0xf\n\twfi" : : : "memory");
}
INSTRUCTION u64 cpu_hypervisorCall(u64 function) {
  register u64 x0 __asm__("x0") = function;
  __asm__ volatile("hvc #0" : "+r"(x0) : : "x1", "x2", "x3", "memory");
  return x0;
}
INSTRUCTION u64 cpu_secureCall(u64 function) {
  register u64 x0 __asm__("x0") = function;
  __asm__ volatile("smc #0" : "+r"(x0) : : "x1", "x2", "x3", "memory");
  return x0;
}
INSTRUCTION void cpu_semihosting(u64 operation, u64 block) {
  register u64 x0 __asm__("x0") = operation;
  register u64 x1 __asm__("x1") = block;
  __asm__ volatile("hlt #0xf000" : "+r"(x0) : "r"(x1) : "memory");
}

/* Deliberate faults, for the console's `fault KIND`. */
INSTRUCTION void cpu_invalidOpcode(void) { __asm__ volatile("udf #0"); }
INSTRUCTION void cpu_breakpoint(void) { __asm__ volatile("brk #1"); }
INSTRUCTION void cpu_overflowStack(void) { __asm__ volatile("1:\tstr xzr, [sp, #-16]!\n\tb 1b" : : : "memory"); }
INSTRUCTION void cpu_jumpTo(u64 address) { __asm__ volatile("br %0" : : "r"(address) : "memory"); }
INSTRUCTION void cpu_loadUnaligned(u64 address) {
  __asm__ volatile("ldxr %0, [%0]\n\tclrex" : "+r"(address) : : "memory");
}
