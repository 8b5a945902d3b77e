/*
 * What no TypeScript can say of the simulated machine: the linker's marks, memory at a fixed address, and the sanitizer's
 * view of it. Linked to the harness, not compiled into the kernel.
 */

#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#define MARK(name) __attribute__((aligned(4096))) unsigned char name[64]

__attribute__((aligned(64))) unsigned char cpu_state[256];
MARK(kernel_text_start);
MARK(kernel_text_end);
MARK(kernel_rodata_start);
MARK(kernel_rodata_end);
MARK(kernel_data_start);
MARK(kernel_data_end);
MARK(kernel_epitaph);
MARK(kernel_stack_bottom);
MARK(kernel_stack_top);
MARK(overflow_stack_bottom);
MARK(kernel_lines_start);
MARK(syscall_entry);
MARK(syscall_entry_traced);
MARK(trap_stubs);
MARK(trap_vectors);
MARK(trap_vectors_traced);

/* The kernel's own variables: the build puts them into these sections. Neither has to be there. */
#define EDGE(name) extern __attribute__((weak)) unsigned char name[]
EDGE(__start_kernel_bss);
EDGE(__stop_kernel_bss);
EDGE(__start_kernel_data);
EDGE(__stop_kernel_data);

unsigned long host_statics(unsigned which) {
  switch (which) {
  case 0: return (unsigned long)__start_kernel_bss;
  case 1: return (unsigned long)__stop_kernel_bss;
  case 2: return (unsigned long)__start_kernel_data;
  default: return (unsigned long)__stop_kernel_data;
  }
}

/* Zeroed memory at an address of its own; nothing else may be there. */
void host_map(unsigned long address, unsigned long bytes) {
  int flags = MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE | MAP_NORESERVE;
  if (mmap((void *)address, bytes, PROT_READ | PROT_WRITE, flags, -1, 0) != (void *)address) {
    perror("the simulated machine has no memory");
    abort();
  }
}

/* The memory at `from` at a second address, as the keeper's address space has it. */
void host_alias(unsigned long address, unsigned long from, unsigned long bytes) {
  int flags = MREMAP_MAYMOVE | MREMAP_FIXED;
  if (mremap((void *)from, 0, bytes, flags, (void *)address) != (void *)address) {
    perror("the simulated machine has no second view of its memory");
    abort();
  }
}

typedef unsigned long Word;

/* Whether two ranges hold the same. Not memcmp: sanitizers watch that one, and between variables there is room of theirs. */
bool host_equal(unsigned long a, unsigned long b, unsigned long bytes) {
  const Word *x = (const Word *)a, *y = (const Word *)b;
  for (unsigned long at = 0; at < bytes / 8; at += 64) {
    Word difference = 0;
    for (unsigned long i = at; i < at + 64 && i < bytes / 8; i++) difference |= x[i] ^ y[i];
    if (difference != 0) return false;
  }
  return true;
}

unsigned long host_word(unsigned long address) { return *(const Word *)address; }

/* Whole words. */
void host_copy(unsigned long to, unsigned long from, unsigned long bytes) {
  Word *x = (Word *)to;
  const Word *y = (const Word *)from;
  for (unsigned long i = 0; i < bytes / 8; i++) x[i] = y[i];
}

/* Bytes that the kernel has cleared or copied, where the sanitizer watches it (written.c). */
static unsigned long written;

void host_noteWritten(unsigned long bytes) { written += bytes; }

/* And from now on anew. */
unsigned long host_takeWritten(void) {
  unsigned long bytes = written;
  written = 0;
  return bytes;
}

void host_putByte(unsigned char byte) { fputc(byte, stderr); }

/* Of programs that count lines: what was counted so far is written. */
__attribute__((weak)) void __gcov_dump(void);

__attribute__((noreturn)) void host_abort(void) {
  if (__gcov_dump != NULL) __gcov_dump();
  fflush(NULL);
  abort();
}

/* Whether what happens is to be told. */
bool host_isTalking(void) {
  static int talks = -1;
  if (talks < 0) talks = getenv("TALK") != NULL;
  return talks == 1;
}

/* Whether the input is to be told as a script. */
bool host_isScripting(void) {
  static int writes = -1;
  if (writes < 0) writes = getenv("SCRIPT") != NULL;
  return writes == 1;
}

/* A fuzzer tells what it has done, if it is linked. */
__attribute__((weak)) void fuzz_report(void);
__attribute__((destructor)) static void report(void) {
  if (fuzz_report != NULL) fuzz_report();
}
