/**
 * Where the kernel lies that went through Porffor. Its code has addresses of 32 bits: the image's own, whose top bit is set, and
 * those of the first 2 GiB of memory, through the window.
 *
 *   KERNEL_BASE ── text ── +4 MiB constants ── +5 MiB statics, data, stack
 */

const IMAGE = 0x8000_0000;
const IMAGE_HIGH = 0xffff_ffffn;

/** What the compiler must know; the upper word is that of WINDOW_BASE on both architectures. */
export const PORFFOR_PLACES = {
  constants: IMAGE + 0x40_0000,
  statics: IMAGE + 0x50_0000,
  windowHigh: 0xffff_8000,
} as const;

/** What the linker must know. */
export const PLACE_OPTIONS = (["constants", "statics"] as const).map((name) => {
  const address = (IMAGE_HIGH << 32n) | BigInt(PORFFOR_PLACES[name]);
  return `--defsym=${name}_place=0x${address.toString(16)}`;
});
