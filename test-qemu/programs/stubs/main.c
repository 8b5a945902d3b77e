/* A first user task in C: asks the kernel by the stubs of user/c, and prints the checks that have failed. */
#include "user/c/skyscope.h"

static unsigned failures;

static void print(const char *text) {
  struct sky_message message = {.buffer = SKY_BUFFER};
  for (; *text != 0; text++) {
    message.words[0] = (unsigned char)*text;
    message.info = sky_info(0, 1, 0);
    sky_syscall(SKY_SYSCALL_DEBUG_WRITE, 0, 0, &message);
  }
}

static void check(int condition, const char *what) {
  if (condition) return;
  failures++;
  print("failed: ");
  print(what);
  print("\n");
}

void program_start(uint64_t info) {
  struct sky_message m = {.buffer = SKY_BUFFER};
  const uint64_t *untypeds = (const uint64_t *)info;
  const uint32_t first = 100, second = 101;
  check(untypeds[1] > 0, "the kernel has told of memory");

  check(sky_inspect_system(&m, SKY_SLOT_INSPECT) == SKY_NONE && m.words[0] > 0, "uptime");
  const uint64_t free = m.words[2];

  /* Five words: the last one goes by the buffer. */
  check(sky_untyped_retype(&m, SKY_SLOT_FIRST_UNTYPED, SKY_CAP_NOTIFICATION, 0, 2, first, 0, SKY_SLOT_CNODE) == SKY_NONE, "retype");
  check(sky_inspect_system(&m, SKY_SLOT_INSPECT) == SKY_NONE && free - m.words[2] == 128, "two notifications are taken");
  check(sky_untyped_retype(&m, SKY_SLOT_FIRST_UNTYPED, SKY_CAP_REGION, 1, 1, second + 1, 0x8000, SKY_SLOT_CNODE) == SKY_INVALID_ARGUMENT, "the fifth word arrives");
  check(sky_detail_of(&m) == 4, "the error names it");

  m.info = sky_info(0, 0, 0);
  sky_syscall(SKY_SYSCALL_SEND, first, 0, &m);
  check(sky_error_of(&m) == 0, "signal");
  sky_syscall(SKY_SYSCALL_POLL, first, 0, &m);
  check(sky_error_of(&m) == 0 && m.badge == 1, "its bit");

  check(sky_cnode_copy(&m, SKY_SLOT_CNODE, second, 7, first) == SKY_DELETE_FIRST, "a slot that is taken");
  check(sky_detail_of(&m) == 0, "the error names the slot");
  check(sky_cnode_delete(&m, SKY_SLOT_CNODE, first) == SKY_NONE && sky_cnode_delete(&m, SKY_SLOT_CNODE, second) == SKY_NONE, "delete");
  check(sky_inspect_system(&m, SKY_SLOT_INSPECT) == SKY_NONE && m.words[2] == free, "all memory is back");

  print(failures == 0 ? "the stubs hold\n" : "the stubs fail\n");
  sky_power_control_power_off(&m, SKY_SLOT_POWER_CONTROL, failures == 0 ? 0 : 1);
}
