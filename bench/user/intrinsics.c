/* A thousand instructions, by which the benchmarks calibrate the counter. */
static inline void bench_nops(void) { __asm__ volatile(".rept 1000\n\tnop\n\t.endr"); }
