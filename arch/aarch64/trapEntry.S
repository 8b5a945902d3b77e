// Exceptions and interrupts: saves every general register in the order of TrapFrame (trap.ts), and hands the frame
// to TypeScript. Interrupts stay off; the frame is what eret restores (Arm ARM, D1.10.2 exception vectors). The
// handlers tagged @scratch take X20 to X23 and may change every register.

#include "layout.h"

    .section .text.trapEntry, "ax", %progbits

// STP or LDP of X2 to X29 at the frame that a register names.
    .macro  each_pair instruction, frame
    \instruction x2, x3, [\frame, #TrapFrame_x2]
    \instruction x4, x5, [\frame, #TrapFrame_x4]
    \instruction x6, x7, [\frame, #TrapFrame_x6]
    \instruction x8, x9, [\frame, #TrapFrame_x8]
    \instruction x10, x11, [\frame, #TrapFrame_x10]
    \instruction x12, x13, [\frame, #TrapFrame_x12]
    \instruction x14, x15, [\frame, #TrapFrame_x14]
    \instruction x16, x17, [\frame, #TrapFrame_x16]
    \instruction x18, x19, [\frame, #TrapFrame_x18]
    \instruction x20, x21, [\frame, #TrapFrame_x20]
    \instruction x22, x23, [\frame, #TrapFrame_x22]
    \instruction x24, x25, [\frame, #TrapFrame_x24]
    \instruction x26, x27, [\frame, #TrapFrame_x26]
    \instruction x28, x29, [\frame, #TrapFrame_x28]
    .endm

// A stack pointer below the kernel stack has the bit KERNEL_STACK_SHIFT set, one inside has not: the stack is aligned
// to twice its size. The test needs one register and no memory: X0 and SP trade their values by additions.
    .macro  from_kernel number
    .balign 128
    sub     sp, sp, #TrapFrame_SIZE
    add     sp, sp, x0
    sub     x0, sp, x0
    tbnz    x0, #KERNEL_STACK_SHIFT, 1f
    sub     x0, sp, x0
    sub     sp, sp, x0
    str     x0, [sp, #TrapFrame_x0]
    str     x30, [sp, #TrapFrame_x30]
    add     x0, sp, #TrapFrame_SIZE
    str     x0, [sp, #TrapFrame_sp]
    mov     x0, #\number
    b       save_registers
1:  msr     tpidr_el1, x0               // the stack pointer less TrapFrame_SIZE
    sub     x0, sp, x0
    msr     tpidrro_el0, x0             // X0
    b       on_overflow_stack
    .endm

    .macro  from_elsewhere number
    .balign 128
    sub     sp, sp, #TrapFrame_SIZE
    str     x0, [sp, #TrapFrame_x0]
    str     x30, [sp, #TrapFrame_x30]
    mrs     x0, sp_el0
    str     x0, [sp, #TrapFrame_sp]
    mov     x0, #\number
    b       save_registers
    .endm

// In user mode SP_EL1 is the address of the current thread's frame. A supervisor call is an exception like others.
    .macro  from_user_sync call
    .balign 128
    stp     x0, x1, [sp, #TrapFrame_x0]
    mrs     x0, esr_el1
    lsr     x1, x0, #26                 // exception class
    cmp     x1, #0x15                   // SVC of AArch64
    b.eq    \call
    mov     x0, #8
    b       save_user
    .endm

    .macro  from_user number
    .balign 128
    stp     x0, x1, [sp, #TrapFrame_x0]
    mov     x0, #\number
    b       save_user
    .endm

    .macro  vectors call
    from_elsewhere 0                    // this level on SP_EL0: synchronous, IRQ, FIQ, SError
    from_elsewhere 1
    from_elsewhere 2
    from_elsewhere 3
    from_kernel 4                       // this level on SP_EL1
    from_kernel 5
    from_kernel 6
    from_kernel 7
    from_user_sync \call                // a lower level in AArch64: 8 to 11
    from_user 9
    from_user 10
    from_user 11
    from_elsewhere 12                   // a lower level in AArch32
    from_elsewhere 13
    from_elsewhere 14
    from_elsewhere 15
    .endm

    .balign 2048
    .globl  trap_vectors
trap_vectors:
    vectors save_call

// While there is a trace, VBAR names this table.
    .balign 2048
    .globl  trap_vectors_traced
trap_vectors_traced:
    vectors save_traced_call

    .balign 128
on_overflow_stack:
    ldr     x0, =overflow_stack_top
    mov     sp, x0
    sub     sp, sp, #TrapFrame_SIZE
    mrs     x0, tpidrro_el0
    str     x0, [sp, #TrapFrame_x0]
    str     x30, [sp, #TrapFrame_x30]
    mrs     x0, tpidr_el1
    add     x0, x0, #TrapFrame_SIZE
    str     x0, [sp, #TrapFrame_sp]
    mov     x0, #16                     // VECTOR_OVERFLOW in trap.ts
    b       save_registers

// On the stack: a TrapFrame with X0, X30 and SP already in it. X0: the vector.
save_registers:
    str     x0, [sp, #TrapFrame_vector]
    str     x1, [sp, #TrapFrame_x1]
    each_pair stp, sp
    mrs     x1, elr_el1
    mrs     x2, spsr_el1
    mrs     x3, esr_el1
    mrs     x4, far_el1
    stp     x1, x2, [sp, #TrapFrame_elr]
    stp     x3, x4, [sp, #TrapFrame_esr]
    stp     x29, x1, [sp, #TrapFrame_callerFrame]
    mov     x29, sp                     // backtraces go on in the interrupted place
    mov     x0, sp
    bl      handle_trap
    ldp     x1, x2, [sp, #TrapFrame_elr]
    msr     elr_el1, x1
    msr     spsr_el1, x2
    ldp     x0, x1, [sp, #TrapFrame_x0]
    each_pair ldp, sp
    ldr     x30, [sp, #TrapFrame_x30]
    add     sp, sp, #TrapFrame_SIZE
    eret

// X2 to X30, SP_EL0, ELR and SPSR into the frame at SP, which X22 names then; SP becomes the kernel's own. Uses X4 to X6.
    .macro  save_user_registers
    each_pair stp, sp
    mrs     x4, sp_el0
    mrs     x5, elr_el1
    mrs     x6, spsr_el1
    stp     x30, x4, [sp, #TrapFrame_x30]
    stp     x5, x6, [sp, #TrapFrame_elr]
    mov     x22, sp
    ldr     x4, =kernel_stack_top
    mov     sp, x4
    mov     x29, xzr                    // backtraces end here
    .endm

// X0: ESR, whose lower half is the number of the call; X0 and X1 are in the frame.
save_call:
    save_user_registers
    and     w23, w0, #0xffff
    ldp     x20, x21, [x22, #TrapFrame_x0]
    cbz     w23, 2f                     // SYSCALL_CALL
    cmp     w23, #SYSCALL_REPLY_RECV
    b.eq    3f
    cmp     w23, #SYSCALLS
    b.hs    4f
    bl      handle_syscall
    b       return_to_user
2:  bl      handle_call
    b       return_to_user
3:  bl      handle_reply_recv
    b       return_to_user
4:  bl      handle_unknown
    b       return_to_user

// As save_call.
save_traced_call:
    save_user_registers
    and     w23, w0, #0xffff
    ldp     x20, x21, [x22, #TrapFrame_x0]
    bl      handle_traced
    b       return_to_user

// X0: the vector; X0 and X1 are in the frame.
save_user:
    save_user_registers
    mrs     x1, esr_el1
    mrs     x2, far_el1
    stp     x1, x2, [x22, #TrapFrame_esr]
    str     x0, [x22, #TrapFrame_vector]
    mov     x20, x22
    bl      handle_user_trap

// Restores what `current` has saved; its frame is at offset 0 of its Thread.
return_to_user:
    ldr     x0, =cpu_state
    ldr     x0, [x0, #Cpu_current]
    mov     sp, x0
    ldp     x1, x2, [sp, #TrapFrame_elr]
    ldp     x30, x3, [sp, #TrapFrame_x30]
    msr     elr_el1, x1
    msr     spsr_el1, x2
    msr     sp_el0, x3
    each_pair ldp, sp
    ldp     x0, x1, [sp, #TrapFrame_x0]
    eret

// enter_user(): leaves the kernel's start for the first thread. Does not return.
    .globl  enter_user
enter_user:
    b       return_to_user

    .bss
    .balign 64
    .globl  cpu_state
cpu_state:
    .skip   Cpu_SIZE

    .section .text.captureRegisters, "ax", %progbits

// capture_registers(frame in X0): the caller's registers as a trap there would have saved them. Clobbers X1, X2.
    .globl  capture_registers
capture_registers:
    stp     x0, x1, [x0, #TrapFrame_x0]
    each_pair stp, x0
    mov     x1, sp
    stp     x30, x1, [x0, #TrapFrame_x30]
    mrs     x2, currentel
    stp     x30, x2, [x0, #TrapFrame_elr]
    stp     xzr, xzr, [x0, #TrapFrame_esr]
    ret

    .ltorg
