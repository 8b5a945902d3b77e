/* Calls what bench/host/crypto.ts counts: driver NAME KEY SIGNATURE MESSAGE, files each. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct Slice {
  unsigned char *data;
  unsigned length;
};

_Bool kts_host_verify(void *state, struct Slice key, struct Slice signature, struct Slice context, struct Slice message);
void kts_host_startPure(void *state, struct Slice key, struct Slice signature, struct Slice context, struct Slice message);
unsigned char kts_host_step(void *state);
void kts_host_sha512(struct Slice message, struct Slice digest);
void kts_host_permute(unsigned long long *lanes);

void kts_panic(unsigned kind, struct Slice text, unsigned long a, unsigned long b, unsigned site) {
  fprintf(stderr, "panic %u %.*s %lu %lu %u\n", kind, (int)text.length, text.data, a, b, site);
  abort();
}

static struct Slice contents(const char *name) {
  FILE *file = fopen(name, "rb");
  if (file == NULL) exit(2);
  struct Slice slice = {malloc(1 << 20), 0};
  slice.length = (unsigned)fread(slice.data, 1, 1 << 20, file);
  fclose(file);
  return slice;
}

int main(int count, char **values) {
  if (count != 5) return 2;
  struct Slice key = contents(values[2]), signature = contents(values[3]), message = contents(values[4]);
  struct Slice none = {message.data, 0};
  static _Alignas(64) unsigned char state[96 * 1024];
  if (strcmp(values[1], "verify") == 0) return kts_host_verify(state, key, signature, none, message) ? 0 : 1;
  if (strcmp(values[1], "step") == 0) {
    unsigned char verdict = 0;
    /* The longest context makes the longest step of hashing; all steps are done before the verdict, Invalid here. */
    kts_host_startPure(state, key, signature, (struct Slice){message.data, 255}, message);
    while (verdict == 0) verdict = kts_host_step(state);
    return verdict == 2 ? 0 : 1;
  }
  if (strcmp(values[1], "sha512") == 0) {
    static unsigned char digest[64];
    kts_host_sha512(message, (struct Slice){digest, sizeof digest});
    return 0;
  }
  if (strcmp(values[1], "permute") == 0) {
    static unsigned long long lanes[25];
    kts_host_permute(lanes);
    return 0;
  }
  return 2;
}
