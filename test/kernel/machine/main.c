/* A harness that runs by itself: its two numbers are the words of the command line, its answer is the exit status. */

#include <stdlib.h>

unsigned harness_run(unsigned long seed, unsigned long rounds);

int main(int count, char **words) {
  return (int)harness_run(count > 1 ? strtoul(words[1], NULL, 10) : 1, count > 2 ? strtoul(words[2], NULL, 10) : 1);
}
