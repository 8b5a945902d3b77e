// Decompresses the file of its first argument into as many bytes as its second says, and a missing byte fails. What is
// measured is kts_host_run, see zstd.ts.
#include <stdio.h>
#include <stdlib.h>

struct Slice {
  unsigned char *data;
  unsigned length;
};

unsigned long kts_host_decoder_bytes(void);
void kts_host_start_into(void *decoder, struct Slice region);
unsigned kts_host_run(void *decoder, struct Slice input, unsigned long snapshot[4]);

_Noreturn void kts_panic(unsigned kind, struct Slice text, unsigned long a, unsigned long b, unsigned site) { abort(); }

int main(int count, char **arguments) {
  if (count != 3) return 2;
  FILE *file = fopen(arguments[1], "rb");
  if (file == NULL || fseek(file, 0, SEEK_END) != 0) return 2;
  struct Slice input = {.length = (unsigned)ftell(file)};
  struct Slice region = {.length = (unsigned)strtoul(arguments[2], NULL, 10)};
  input.data = malloc(input.length);
  region.data = malloc(region.length);
  void *decoder = calloc(1, kts_host_decoder_bytes());
  rewind(file);
  if (fread(input.data, 1, input.length, file) != input.length) return 2;
  unsigned long snapshot[4];
  kts_host_start_into(decoder, region);
  const unsigned status = kts_host_run(decoder, input, snapshot);
  return status == 0 && snapshot[3] == region.length ? 0 : 1;
}
