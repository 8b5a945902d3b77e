// Runs the programs of one batch on the host: every step of every program, on the state that the step before left.
// Prints a line a step: program, step, kind, line, a, b, hash of the panic's text, hash of the panicking file's
// path, result, hash of the state; numbers in hexadecimal. Kind 255 is no panic; from 100 on, a signal.
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

// The entries of the programs, see host-runner.ts. No program has 0 steps.
uint32_t fuzz_steps(uint32_t program);
uint64_t fuzz_run(uint32_t program, uint32_t step);
uint64_t fuzz_hash(uint32_t program);

enum { NO_PANIC = 255, TRAPPED = 100, FAULTED = 101, TIMED_OUT = 102 };

// Longer than any program takes, also under the sanitizers.
static const unsigned SECONDS_A_STEP = 5;

static sigjmp_buf before_step;
static struct {
  uint32_t kind, line;
  uint64_t text, a, b, path;
} panicked;

// Called by the programs' `kts_panic`.
_Noreturn void fuzz_panicked(uint32_t kind, uint64_t text, uint64_t a, uint64_t b, uint64_t path, uint32_t line) {
  panicked.kind = kind;
  panicked.line = line;
  panicked.text = text;
  panicked.a = a;
  panicked.b = b;
  panicked.path = path;
  siglongjmp(before_step, 1);
}

static void on_signal(int number) {
  memset(&panicked, 0, sizeof panicked);
  panicked.kind = number == SIGALRM ? TIMED_OUT : number == SIGSEGV || number == SIGBUS ? FAULTED : TRAPPED;
  siglongjmp(before_step, 1);
}

static void print_step(uint32_t program, uint32_t step, uint64_t bits, uint64_t hash) {
  printf("%x %x %x %x %llx %llx %llx %llx %llx %llx\n", program, step, panicked.kind, panicked.line,
         (unsigned long long)panicked.a, (unsigned long long)panicked.b, (unsigned long long)panicked.text,
         (unsigned long long)panicked.path, (unsigned long long)bits, (unsigned long long)hash);
}

int main(void) {
  static char stack[1 << 16];
  sigaltstack(&(stack_t){.ss_sp = stack, .ss_size = sizeof stack}, NULL);
  struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_NODEFER | SA_ONSTACK};
  const int signals[] = {SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGALRM, SIGABRT};
  for (unsigned i = 0; i < sizeof signals / sizeof *signals; i++) sigaction(signals[i], &action, NULL);
  for (volatile uint32_t program = 0; fuzz_steps(program) > 0; program++) {
    for (volatile uint32_t step = 0; step < fuzz_steps(program); step++) {
      volatile uint64_t bits = 0;
      memset(&panicked, 0, sizeof panicked);
      panicked.kind = NO_PANIC;
      alarm(SECONDS_A_STEP);
      if (sigsetjmp(before_step, 0) == 0) bits = fuzz_run(program, step);
      volatile uint64_t hash = 0;
      // A program whose pointers went wild may fault here, too.
      if (sigsetjmp(before_step, 0) == 0) hash = fuzz_hash(program);
      print_step(program, step, bits, hash);
    }
  }
  return 0;
}
