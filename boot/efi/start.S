// The EFI application for aarch64 from both ends: its headers, its first and its last instructions.
//
//   firmware ──▶ efi_start: own addresses ──▶ efi_main ──▶ efi_enterKernel: caches, MMU off ──▶ boot.S
//
// Linked at 0 as a position-independent ELF file, then cut to the bytes that the headers describe: the distance from
// `head` is the offset in the file and in memory alike (PE Format, "Optional Header" and "Section Table").

#define AARCH64 0xaa64
#define EXECUTABLE_LARGE_ADDRESSES 0x22
#define PE32_PLUS 0x20b
#define EFI_APPLICATION 10
#define SECTION_TEXT 0x60000020        // code, executed, read
#define SECTION_CONSTANTS 0x40000040   // data, read
#define SECTION_DATA 0xc0000040        // data, read, written
#define RELATIVE 1027                  // R_AARCH64_RELATIVE: the base plus the addend

    .section .head, "a", %progbits
head:
    .ascii  "MZ"
    .skip   58
    .long   pe_header - head
pe_header:
    .ascii  "PE\0\0"
    .short  AARCH64, 3
    .long   0, 0, 0
    .short  section_table - optional_header, EXECUTABLE_LARGE_ADDRESSES
optional_header:
    .short  PE32_PLUS, 0
    .long   text_bytes, data_file_bytes, 0
    .long   efi_start - head, text_start - head
    .quad   0
    .long   4096, 512                   // alignment in memory, in the file
    .long   0, 0, 0, 0
    .long   loader_end - head, text_start - head, 0
    .short  EFI_APPLICATION, 0
    .quad   0, 0, 0, 0
    .long   0, 6                        // directories, all empty: efi_start relocates
    .skip   6 * 8
section_table:
    .ascii  ".text\0\0\0"
    .long   text_bytes, text_start - head, text_bytes, text_start - head, 0, 0, 0, SECTION_TEXT
    .ascii  ".rodata\0"
    .long   rodata_bytes, rodata_start - head, rodata_bytes, rodata_start - head, 0, 0, 0, SECTION_CONSTANTS
    .ascii  ".data\0\0\0"
    .long   data_bytes, data_start - head, data_file_bytes, data_start - head, 0, 0, 0, SECTION_DATA

// X0 this image's handle, X1 the system table; answers a status in X0.
    .section .text.efi_start, "ax", %progbits
    .globl  efi_start
efi_start:
    stp     x29, x30, [sp, #-16]!
    mov     x29, sp
    adrp    x2, head
    add     x2, x2, :lo12:head
    adrp    x3, relocations_start
    add     x3, x3, :lo12:relocations_start
    adrp    x4, relocations_end
    add     x4, x4, :lo12:relocations_end
1:  cmp     x3, x4
    b.hs    2f
    ldp     x5, x6, [x3], #16           // offset, type
    ldr     x7, [x3], #8                // addend
    cmp     x6, #RELATIVE
    b.ne    3f
    add     x7, x7, x2
    str     x7, [x2, x5]
    b       1b
2:  bl      efi_main
    ldp     x29, x30, [sp], #16
    ret
3:  brk     #0                          // the build lets no other type pass

// X0 device tree, X1 kernel, X2 its bytes in memory: enters it as the arm64 boot protocol wants it (Linux,
// Documentation/arch/arm64/booting.rst), with the MMU and the caches off at the level at hand, and all of the image in
// memory. What a cache may fetch of it again until they are off is what memory holds: boot.S writes only zeros without
// them, over zeros, and the tables, whose lines it drops.
    .section .text.efi_enterKernel, "ax", %progbits
    .balign 64
    .globl  efi_enterKernel
efi_enterKernel:
    msr     daifset, #0xf
    mrs     x3, ctr_el0
    ubfx    x3, x3, #16, #4             // DminLine: log2 of the words of a line
    mov     x4, #4
    lsl     x3, x4, x3
    add     x2, x1, x2
    mov     x4, x1
1:  dc      civac, x4
    add     x4, x4, x3
    cmp     x4, x2
    b.lo    1b
    adr     x4, efi_enterKernel         // these instructions are fetched from memory, too
    adr     x2, enter_kernel_end
    sub     x5, x3, #1
    bic     x4, x4, x5
2:  dc      cvac, x4
    add     x4, x4, x3
    cmp     x4, x2
    b.lo    2b
    dsb     sy
    mrs     x4, currentel
    cmp     x4, #(2 << 2)
    b.eq    3f
    mov     x4, #0x0800                 // SCTLR_EL1: only what must be one
    movk    x4, #0x30d0, lsl #16
    msr     sctlr_el1, x4
    b       4f
3:  mov     x4, #0x0830                 // SCTLR_EL2 likewise
    movk    x4, #0x30c5, lsl #16
    msr     sctlr_el2, x4
4:  isb
    ic      iallu
    dsb     sy
    isb
    mov     x4, x1
    mov     x1, xzr
    mov     x2, xzr
    mov     x3, xzr
    br      x4
enter_kernel_end:
