import { CapType } from "../../../kernel/cap/capability";
import { SLOT_CNODE, SLOT_FIRST_UNTYPED, SLOT_POWER_CONTROL } from "../../../kernel/initSlots";
import { ErrorCode } from "../../../kernel/ipc/messageInfo";
import { initInfo } from "../../../user/initInfo";
import { debugWrite, type Message } from "../../../user/message";
import { powerControlPowerOff } from "../../../user/stubs/powerControl";
import { regionAddress } from "../../../user/stubs/region";
import { untypedRetype } from "../../../user/stubs/untyped";

/** On a machine with memory on both sides of 4 GiB: what a device with 32 bits of address cannot reach is not for DMA. */

const REGION = 300;
const DMA = 0x200n;
const LIMIT = 0x1_0000_0000n;

/** @entry program_start */
export function main(address: u64): void {
  const message = local<Message>();
  const info = initInfo(address);
  let low: u32 = 0;
  let high: u32 = 0;
  let failed: u32 = 0;
  for (let i: u32 = 0; i < u32(info.untypedCount); i++) {
    if (info.untypeds[i].size < 12n) continue;
    const slot = SLOT_FIRST_UNTYPED + i;
    const error = untypedRetype(message, slot, CapType.Region, 1n, 1n, u64(REGION + i), DMA, SLOT_CNODE);
    if (u64(info.untypeds[i].start) >= LIMIT) {
      high++;
      if (error !== u32(ErrorCode.RangeError)) failed++;
      continue;
    }
    low++;
    if (error !== 0 || regionAddress(message, REGION + i) !== 0) failed++;
    if (message.words[0] !== u64(info.untypeds[i].start)) failed++;
  }
  const isOk = low > 0 && high > 0 && failed === 0;
  debugWrite(isOk ? "only memory below the limit is for DMA\n" : "the limit does not hold\n");
  powerControlPowerOff(message, SLOT_POWER_CONTROL, isOk ? 0n : 1n);
}
