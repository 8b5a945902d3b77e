/** What watches the kernel in this build: nothing. */

/** The kernel is entered: by system call `number`, or by a trap; `info` says what for. @inline */
export function enterKernel(number: u32, info: u64): void {}

/** The kernel is about to be left. @inline */
export function leaveKernel(): void {}

/** A long operation lets interrupts in, or goes on after that. @inline */
export function splitPath(): void {}

/** The kernel is about to sleep until the next interrupt. @inline */
export function fallAsleep(): void {}

/** A call has been served, or a step of a long one: all invariants hold. @inline */
export function checkState(): void {}

/** Users' page tables have changed. @inline */
export function watchTables(): void {}

/** Before the machine is switched off. @inline */
export function endWatch(): void {}
