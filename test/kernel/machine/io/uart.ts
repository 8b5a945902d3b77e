/** The console of the simulated machine is the harness's own. */

/** @extern host_putByte */
export declare function putByte(byte: u8): void;
