/* Plays the traces of standard input: of each its bytes, 32 bits, and then these; its hash goes to standard output. */

#include <stdio.h>

struct Slice {
  unsigned char *data;
  unsigned length;
};

void replay_begin(void);
unsigned replay_trace(struct Slice trace);

static unsigned char buffer[1 << 20];

int main(void) {
  unsigned length;
  replay_begin();
  while (fread(&length, sizeof length, 1, stdin) == 1) {
    if (length > sizeof buffer || fread(buffer, 1, length, stdin) != length) return 1;
    printf("%u\n", replay_trace((struct Slice){buffer, length}));
  }
  return 0;
}
