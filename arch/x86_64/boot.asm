; From the loader to the kernel's first TypeScript function.
;
;   multiboot2 (GRUB) ─┐
;                      ├─▶ protected mode, paging off ─▶ CPU check ─▶ long mode ─▶ higher half ─▶ arch_start
;   PVH (qemu -kernel) ┘
;
; Both loaders enter in 32-bit protected mode with flat segments, paging and interrupts off (multiboot2
; specification 3.3; Xen's PVH document, "State at entry"). Nothing else is relied upon, not even the stack.

%include "layout.inc"

extern arch_start

WINDOW_PML4_INDEX equ (WINDOW_BASE >> 39) & 511
KERNEL_PML4_INDEX equ (KERNEL_BASE >> 39) & 511
KERNEL_PDPT_INDEX equ (KERNEL_BASE >> 30) & 511

PAGE_PRESENT equ 1
PAGE_WRITABLE equ 2
PAGE_LARGE equ 0x80

; ---- headers ----
section .multiboot2 progbits alloc noexec nowrite align=8
multiboot2_header:
    dd 0xe85250d6, 0, multiboot2_header_end - multiboot2_header
    dd 0x100000000 - (0xe85250d6 + (multiboot2_header_end - multiboot2_header))
    dw 5, 1                             ; a framebuffer, if the loader can
    dd 20, 1024, 768, 32
    align 8, db 0
    dw 0, 0
    dd 8
multiboot2_header_end:

section .note.Xen note alloc noexec nowrite align=4
    dd 4, 4, 18                         ; XEN_ELFNOTE_PHYS32_ENTRY
    db "Xen", 0
    dd pvh_entry

; ---- 32-bit code ----
section .boot32 progbits alloc exec nowrite align=16
bits 32

; EBX holds the loader's record in both cases.
global multiboot2_entry
multiboot2_entry:
    mov ebp, LOADER_MULTIBOOT2
    jmp enter

pvh_entry:
    mov ebp, LOADER_PVH

enter:
    rdtsc
    mov [entry_counter], eax
    mov [entry_counter + 4], edx
    cli
    cld
    mov esp, boot_stack_top
    mov [loader_record], ebx
    call check_cpu
    call build_tables
    mov eax, 0x20                       ; PAE alone: firmware may have left 57-bit addresses on (SDM volume 3, 2.5)
    mov cr4, eax
    mov eax, boot_pml4
    mov cr3, eax
    mov ecx, 0xc0000080                 ; IA32_EFER: SCE, LME, NXE
    rdmsr
    or eax, 0x901
    wrmsr
    mov eax, 0x80050033                 ; PG, AM, WP, NE, ET, MP, PE
    mov cr0, eax
    lgdt [boot_gdt_pointer]
    jmp 8:enter_long_mode

; Identity, window and kernel share one set of 2 MiB tables over the first 4 GiB.
; Clobbers EAX, ECX, EDI.
build_tables:
    mov edi, boot_tables
    mov ecx, (boot_tables_end - boot_tables) / 4
    xor eax, eax
    rep stosd
    mov eax, boot_pdpt + PAGE_PRESENT + PAGE_WRITABLE
    mov [boot_pml4], eax
    mov [boot_pml4 + 8 * WINDOW_PML4_INDEX], eax
    mov dword [boot_pml4 + 8 * KERNEL_PML4_INDEX], boot_kernel_pdpt + PAGE_PRESENT + PAGE_WRITABLE
    mov dword [boot_kernel_pdpt + 8 * KERNEL_PDPT_INDEX], boot_directories + PAGE_PRESENT + PAGE_WRITABLE
    mov eax, boot_directories + PAGE_PRESENT + PAGE_WRITABLE
    mov edi, boot_pdpt
    mov ecx, 4
.directory:
    mov [edi], eax
    add eax, 4096
    add edi, 8
    loop .directory
    mov eax, PAGE_PRESENT + PAGE_WRITABLE + PAGE_LARGE
    mov edi, boot_directories
    mov ecx, 4 * 512
.page:
    mov [edi], eax
    add eax, 0x200000
    add edi, 8
    loop .page
    ret

; Every feature that the kernel's code is compiled for or that its protection needs. Says on the serial line what
; is missing, leaves the emulator with the status of a panic, and halts. Clobbers all but EBP and ESP.
check_cpu:
    xor edi, edi                        ; whether something is missing
    mov eax, 0x80000000
    cpuid
    mov [highest_extended], eax
    xor eax, eax
    cpuid
    mov [highest_basic], eax
    mov esi, features
.next:
    mov eax, [esi]
    cmp eax, 0
    je .done
    mov edx, [highest_basic]
    test eax, eax
    jns .compare
    mov edx, [highest_extended]
.compare:
    cmp eax, edx
    ja .missing
    xor ecx, ecx
    cpuid
    mov [cpuid_registers], eax
    mov [cpuid_registers + 4], ebx
    mov [cpuid_registers + 8], ecx
    mov [cpuid_registers + 12], edx
    mov ecx, [esi + 4]
    mov eax, [cpuid_registers + ecx]
    mov ecx, [esi + 8]
    bt eax, ecx
    jc .present
.missing:
    test edi, edi
    jnz .name
    mov edi, 1
    push esi
    call init_serial
    mov esi, cpu_text
    call print
    pop esi
.name:
    push esi
    mov esi, [esi + 12]
    call print
    pop esi
.present:
    add esi, 16
    jmp .next
.done:
    test edi, edi
    jnz .refuse
    ret
.refuse:
    mov esi, mend_text
    call print
    mov al, EXIT_BASE + EXIT_STATUS_PANIC
    out EXIT_PORT, al
.halt:
    hlt
    jmp .halt

; The first serial port: 115,200 baud, 8 bits, no parity (as drivers/ns16550.ts). Clobbers EAX, EDX, ESI.
init_serial:
    mov esi, serial_settings
    xor edx, edx
.next:
    mov dh, 0x03
    mov dl, [esi]
    test dl, dl
    jz .end
    mov al, [esi + 1]
    out dx, al
    add esi, 2
    jmp .next
.end:
    ret

; Writes the text at ESI to the first serial port. Clobbers AL, DX, ESI.
print:
    mov dx, 0x3fd
.wait:
    in al, dx
    test al, 0x20
    jz .wait
    lodsb
    test al, al
    jz .end
    mov dx, 0x3f8
    out dx, al
    jmp print
.end:
    ret

; ---- 64-bit code, still at its low address ----
bits 64
enter_long_mode:
    mov eax, 16
    mov ds, eax
    mov es, eax
    mov ss, eax
    xor eax, eax
    mov fs, eax
    mov gs, eax
    mov rsp, kernel_stack_top
    xor esi, esi
    mov esi, [loader_record]
    mov rdx, [entry_counter]
    mov edi, ebp
    xor ebp, ebp                        ; backtraces end here
    mov rax, arch_start
    call rax
    ud2

; ---- data ----
section .boot.data progbits alloc noexec write align=16
boot_gdt:
    dq 0, 0x00af9a000000ffff, 0x00cf92000000ffff
boot_gdt_pointer:
    dw $ - boot_gdt - 1
    dd boot_gdt

; Low half of the port, value: divisor latch on, divisor 1, 8 bits, FIFOs on and emptied, DTR and RTS.
serial_settings:
    db 0xfb, 0x83, 0xf8, 1, 0xf9, 0, 0xfb, 0x03, 0xfa, 0x07, 0xfc, 0x03, 0

; leaf, offset of the register in `cpuid_registers`, bit, name (SDM volume 2, CPUID)
features:
    dd 1, 8, 22, name_movbe
    dd 1, 8, 23, name_popcnt
    dd 7, 4, 0, name_fsgsbase
    dd 7, 4, 3, name_bmi1
    dd 7, 4, 7, name_smep
    dd 7, 4, 8, name_bmi2
    dd 7, 4, 20, name_smap
    dd 7, 8, 2, name_umip
    dd 0x80000001, 8, 5, name_lzcnt
    dd 0x80000001, 12, 20, name_nx
    dd 0x80000001, 12, 29, name_lm
    dd 0
name_movbe: db " MOVBE", 0
name_popcnt: db " POPCNT", 0
name_fsgsbase: db " FSGSBASE", 0
name_bmi1: db " BMI1", 0
name_smep: db " SMEP", 0
name_bmi2: db " BMI2", 0
name_smap: db " SMAP", 0
name_umip: db " UMIP", 0
name_lzcnt: db " LZCNT", 0
name_nx: db " NX", 0
name_lm: db " LM", 0
cpu_text: db 13, 10, "PANIC: this CPU lacks", 0
mend_text: db 13, 10, "Skyscope needs an x86-64-v3 CPU with SMEP, SMAP and UMIP; in QEMU take -cpu max", 13, 10, 0

section .boot.bss nobits alloc noexec write align=4096
boot_tables:
boot_pml4: resb 4096
boot_pdpt: resb 4096
boot_kernel_pdpt: resb 4096
boot_directories: resb 4 * 4096
boot_tables_end:
entry_counter: resq 1
loader_record: resd 1
highest_basic: resd 1
highest_extended: resd 1
cpuid_registers: resd 4
    alignb 16
    resb 512
boot_stack_top:

section .stack nobits alloc noexec write align=4096
global kernel_stack_bottom
kernel_stack_guard: resb 4096
kernel_stack_bottom: resb KERNEL_STACK_SIZE
global kernel_stack_top
kernel_stack_top:
