import type { Platform } from "../../boot/deviceTree";

/** The devices of this machine, as the device tree tells them. */
export const platform: Platform = zeroed();
