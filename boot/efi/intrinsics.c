/* What no TypeScript can say of UEFI: calling one of its functions, which are known by address alone (UEFI 2.10, 2.3.6.4). */

static inline __attribute__((always_inline, unused)) u64 efi_call(u64 function, u64 a, u64 b, u64 c, u64 d, u64 e) {
  return ((u64(*)(u64, u64, u64, u64, u64))function)(a, b, c, d, e);
}
