// From the loader to the kernel's first TypeScript function.
//
//   Linux boot protocol: EL1 or EL2, MMU off, X0 = device tree ──▶ EL1 ──▶ MMU and caches on ──▶ higher half ──▶ arch_start
//
// Loaded on any 2 MiB boundary; nothing before `in_higher_half` uses a linked address (Linux,
// Documentation/arch/arm64/booting.rst). Section names are those of the Arm ARM (DDI 0487).

#include "layout.h"

#define BLOCK_NORMAL (0x701 | (ATTRIBUTE_NORMAL << 2))  // valid, inner shareable, accessed
#define BLOCK_DEVICE ((0x401 | (ATTRIBUTE_DEVICE << 2)) | (3 << 53))
#define TABLE 3
// Blocks of 2 MiB that the stub maps for the image.
#define IMAGE_BLOCKS 16

    .section .head, "ax", %progbits
    .globl image_header
image_header:
    b       enter
    .long   0
    .quad   0                           // text offset: a 2 MiB boundary
    .quad   kernel_image_bytes          // with .bss, so that the loader puts nothing there
    .quad   0xa                         // little-endian, 4 KiB pages, anywhere in memory
    .quad   0, 0, 0
    .ascii  "ARM\x64"
    .long   0

// X19 device tree, X20 physical address of the image, X21 counter at entry, X22 physical minus linked address.
enter:
    msr     daifset, #0xf
    mov     x1, #0x45                   // PMCR_EL0: enable, reset the cycle counter, 64 bits
    msr     pmcr_el0, x1
    mov     x1, #0x80000000
    msr     pmcntenset_el0, x1
    mov     x1, #0x08000000             // count at EL2 too
    msr     pmccfiltr_el0, x1
    isb
    mrs     x21, pmccntr_el0
    mov     x19, x0
    adr     x20, image_header
    ldr     x1, =image_header
    sub     x22, x20, x1
    mrs     x1, currentel
    cmp     x1, #(2 << 2)
    b.ne    at_el1

// EL2 gives EL1 all that it could trap (D13.2.48 HCR_EL2 and following), and leaves.
    mov     x1, #(1 << 31)              // EL1 is AArch64
    msr     hcr_el2, x1
    mrs     x1, cnthctl_el2
    orr     x1, x1, #3
    msr     cnthctl_el2, x1
    msr     cntvoff_el2, xzr
    mov     x1, #0x33ff
    msr     cptr_el2, x1
    msr     hstr_el2, xzr
    mrs     x1, pmcr_el0
    ubfx    x1, x1, #11, #5             // all event counters to EL1
    msr     mdcr_el2, x1
    mrs     x1, midr_el1
    msr     vpidr_el2, x1
    mrs     x1, mpidr_el1
    msr     vmpidr_el2, x1
    mrs     x1, id_aa64pfr0_el1
    ubfx    x1, x1, #24, #4
    cbz     x1, 1f
    mov     x1, #0xf                    // GIC v3 registers for EL1
    msr     S3_4_C12_C9_5, x1
    isb
    msr     S3_4_C12_C11_0, xzr
1:  mov     x1, #0x0800
    movk    x1, #0x30d0, lsl #16        // SCTLR_EL1: only what must be one
    msr     sctlr_el1, x1
    mov     x1, #0x3c5                  // EL1 with its own stack pointer, all masked
    msr     spsr_el2, x1
    adr     x1, at_el1
    msr     elr_el2, x1
    eret

at_el1:
// The memory that TypeScript expects to be zero, and the tables.
    ldr     x1, =kernel_bss_start
    ldr     x2, =kernel_bss_end
    add     x1, x1, x22
    add     x2, x2, x22
1:  stp     xzr, xzr, [x1], #16
    cmp     x1, x2
    b.lo    1b
    ldr     x23, =boot_identity_l0
    add     x23, x23, x22
    ldr     x24, =boot_kernel_l0
    add     x24, x24, x22

// Identity: the 1 GiB in which this code runs.
    add     x1, x23, #4096
    orr     x2, x1, #TABLE
    ubfx    x3, x20, #39, #9
    str     x2, [x23, x3, lsl #3]
    ubfx    x3, x20, #30, #9
    and     x4, x20, #0xffffffffc0000000
    mov     x5, #BLOCK_NORMAL
    orr     x4, x4, x5
    str     x4, [x1, x3, lsl #3]

// Window: 1 GiB of devices, then memory, as far as the first frames and the device tree can be.
    add     x1, x24, #4096
    orr     x2, x1, #TABLE
    str     x2, [x24, #(256 * 8)]
    ldr     x4, =BLOCK_DEVICE
    str     x4, [x1]
    mov     x3, #1
    mov     x5, #BLOCK_NORMAL
2:  orr     x4, x5, x3, lsl #30
    str     x4, [x1, x3, lsl #3]
    add     x3, x3, #1
    cmp     x3, #16
    b.lo    2b

// Kernel: 2 MiB blocks from KERNEL_BASE + IMAGE_OFFSET.
    add     x1, x24, #8192
    orr     x2, x1, #TABLE
    str     x2, [x24, #(511 * 8)]
    add     x3, x24, #12288
    orr     x2, x3, #TABLE
    str     x2, [x1, #(510 * 8)]
    orr     x4, x20, x5
    add     x3, x3, #8
    mov     x6, #IMAGE_BLOCKS
3:  str     x4, [x3], #8
    add     x4, x4, #0x200000
    subs    x6, x6, #1
    b.ne    3b

// What the caches may still hold of the tables is older than what has just been written (B2.4.8).
    mov     x1, x23
    add     x2, x24, #16384
4:  dc      ivac, x1
    add     x1, x1, #16
    cmp     x1, x2
    b.lo    4b
    dsb     sy

    ldr     x1, =MEMORY_ATTRIBUTES
    msr     mair_el1, x1
    mrs     x2, id_aa64mmfr0_el1
    and     x2, x2, #0xf                // physical address size, at most 48 bits
    cmp     x2, #5
    mov     x3, #5
    csel    x2, x2, x3, ls
    ldr     x1, =0xb5103510             // both halves: 48 bits, 4 KiB, write-back tables, inner shareable
    orr     x1, x1, x2, lsl #32
    msr     tcr_el1, x1
    msr     ttbr0_el1, x23
    msr     ttbr1_el1, x24
    ic      iallu
    tlbi    vmalle1
    dsb     sy
    isb
    mrs     x1, sctlr_el1
    mov     x2, #0x100d                 // MMU, data and instruction caches, stack alignment
    orr     x1, x1, x2
    bic     x1, x1, #(1 << 23)          // exceptions set PAN
    msr     sctlr_el1, x1
    isb
    ldr     x1, =in_higher_half
    br      x1

in_higher_half:
    ldr     x1, =kernel_stack_top
    mov     sp, x1
    mov     x29, xzr                    // backtraces end here
    mov     x30, xzr
    mov     x0, x19
    mov     x1, x20
    mov     x2, x21
    bl      arch_start
    brk     #0

    .ltorg

    .section .boot.bss, "aw", %nobits
    .balign 4096
boot_identity_l0:
    .skip   2 * 4096
boot_kernel_l0:
    .skip   4 * 4096

    .bss
    .balign 16
    .globl  overflow_stack_bottom
overflow_stack_bottom:
    .skip   TRAP_STACK_SIZE
    .globl  overflow_stack_top
overflow_stack_top:

    .section .stack, "aw", %nobits
    .balign 2 * KERNEL_STACK_SIZE
    .globl  kernel_stack_bottom
kernel_stack_bottom:
    .skip   KERNEL_STACK_SIZE
    .globl  kernel_stack_top
kernel_stack_top:
