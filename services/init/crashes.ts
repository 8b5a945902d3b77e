/**
 * How often a service has crashed, and when it is made again:
 *
 *   crash within a minute   1st       2nd     3rd      4th      5th      6th
 *   waits                   not       50 ms   100 ms   200 ms   400 ms   for ever
 *
 * What it was ended by others for does not count.
 */

export const MAX_CRASHES = 5;
const WINDOW_NS = 60_000_000_000n;
const FIRST_WAIT_NS = 50_000_000n;
export const GIVE_UP = 0xffff_ffff_ffff_ffffn;

export interface Crashes extends Struct<"Crashes"> {
  count: u32;
  /** When the last ones were, in uptime. */
  readonly at: FixedArray<u64, typeof MAX_CRASHES>;
}

/** Notes a crash at uptime `now`; answers how many nanoseconds to wait before the service is made again, or GIVE_UP. */
export function noteCrash(crashes: Crashes, now: u64): u64 {
  let kept: u32 = 0;
  for (let i: u32 = 0; i < crashes.count; i++) {
    const at = crashes.at[i];
    if (now - at >= WINDOW_NS) continue;
    crashes.at[kept] = at;
    kept++;
  }
  crashes.count = kept;
  if (kept === MAX_CRASHES) return GIVE_UP;
  crashes.at[kept] = now;
  crashes.count = kept + 1;
  return kept === 0 ? 0n : FIRST_WAIT_NS << u64(kept - 1);
}
