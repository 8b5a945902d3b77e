; Exceptions and interrupts: saves every general register in the order of TrapFrame (trap.ts), and hands the frame
; to TypeScript. Interrupts stay off; the frame is what iretq restores. The handlers tagged @scratch take R12 to R15
; and may change every register.

%include "layout.inc"

extern handle_trap
extern handle_user_trap
extern handle_syscall
extern handle_unknown
extern handle_call
extern handle_reply_recv
extern handle_traced
extern kernel_stack_top

; Stores each register into its field of the frame at the first one: store rsp, rax, rbx.
%macro store 2-*
%xdefine %%frame %1
%rep %0 - 1
%rotate 1
    mov [%%frame + TrapFrame_ %+ %1], %1
%endrep
%endmacro

; Loads each register from its field: load rsp, rax, rbx.
%macro load 2-*
%xdefine %%frame %1
%rep %0 - 1
%rotate 1
    mov %1, [%%frame + TrapFrame_ %+ %1]
%endrep
%endmacro

; What IRETQ itself does not restore, from the frame at RSP, and back.
%macro return_by_iretq 0
    add rsp, TrapFrame_r15
    pop r15
    pop r14
    pop r13
    pop r12
    pop r11
    pop r10
    pop r9
    pop r8
    pop rbp
    pop rdi
    pop rsi
    pop rdx
    pop rcx
    pop rbx
    pop rax
    add rsp, 16
    iretq
%endmacro

section .text.trapEntry progbits alloc exec nowrite align=16

; One stub a vector, 16 bytes each, so that the IDT needs no table of addresses. Vectors 8, 10 to 14, 17, 21, 29 and
; 30 push an error code (SDM volume 3, 6.13); the others get 0.
global trap_stubs
trap_stubs:
%assign vector 0
%rep 256
    align 16
%if vector == 8 || (vector >= 10 && vector <= 14) || vector == 17 || vector == 21 || vector == 29 || vector == 30
%else
    push qword 0
%endif
    push qword vector
    jmp near save_registers
%assign vector vector + 1
%endrep

; On the stack: SS, RSP, RFLAGS, CS, RIP, error code, vector. Clobbers nothing that iretq and the pops do not restore.
; The last two pushes are a frame record of the interrupted place, so that backtraces go on there.
    align 16
save_registers:
    push rax
    push rbx
    push rcx
    push rdx
    push rsi
    push rdi
    push rbp
    push r8
    push r9
    push r10
    push r11
    push r12
    push r13
    push r14
    push r15
    push qword [rsp + TrapFrame_rip - TrapFrame_r15]
    push rbp
    cld
    clac
    test byte [rsp + TrapFrame_cs], 3
    jnz from_user
    mov rbp, rsp
    mov rdi, rsp
    call handle_trap
    return_by_iretq

; A trap of a user thread: the frame is in its Thread (TSS.RSP0), or on a stack of the vector's own.
    align 16
from_user:
    mov r12, rsp
    mov rsp, kernel_stack_top
    xor ebp, ebp                        ; backtraces end here
    call handle_user_trap
    jmp return_to_user

; SYSCALL leaves RIP in RCX, RFLAGS in R11 and the user's stack in RSP; interrupts are off (SFMASK). RIP is canonical
; for SYSRET: the last page of the lower half is never mapped, and other ways into the frame change `vector`.
%macro save_call 0
    mov [rel cpu_state + Cpu_scratch], rsp
    mov rsp, [rel cpu_state + Cpu_current]
    mov [rsp + TrapFrame_rip], rcx
    mov rcx, [rel cpu_state + Cpu_scratch]
    mov [rsp + TrapFrame_rflags], r11
    mov [rsp + TrapFrame_rsp], rcx
    mov qword [rsp + TrapFrame_vector], VECTOR_SYSCALL
    store rsp, rdi, rsi, rdx, r8, r9, r10, rax, rbx, rbp, r12, r13, r14, r15
    mov r12, rdi
    mov r13, rsi
    mov r14, rsp
    mov rsp, kernel_stack_top
    xor ebp, ebp                        ; backtraces end here
%endmacro

    align 16
global syscall_entry
syscall_entry:
    save_call
    test eax, eax                       ; SYSCALL_CALL
    jz .call
    cmp eax, SYSCALL_REPLY_RECV
    je .reply_recv
    cmp eax, SYSCALLS
    jae .unknown
    mov r15d, eax
    call handle_syscall
    jmp return_to_user
.unknown:
    call handle_unknown
    jmp return_to_user
.call:
    call handle_call
    jmp return_to_user
.reply_recv:
    call handle_reply_recv
    jmp return_to_user

; While there is a trace, LSTAR names this entry.
    align 16
global syscall_entry_traced
syscall_entry_traced:
    save_call
    mov r15d, eax
    call handle_traced

; Restores what `current` has saved; its frame is at offset 0 of its Thread.
return_to_user:
    mov rsp, [rel cpu_state + Cpu_current]
    cmp qword [rsp + TrapFrame_vector], VECTOR_SYSCALL
    jne .whole
    load rsp, rdi, rsi, rdx, r8, r9, r10, rax, rbx, rbp, r12, r13, r14, r15
    mov rcx, [rsp + TrapFrame_rip]
    mov r11, [rsp + TrapFrame_rflags]
    mov rsp, [rsp + TrapFrame_rsp]
    o64 sysret
.whole:
    return_by_iretq

; enter_user(): leaves the kernel's start for the first thread. Does not return.
global enter_user
enter_user:
    jmp return_to_user

section .bss
align 64
global cpu_state
cpu_state: resb Cpu_SIZE

section .text.captureRegisters progbits alloc exec nowrite align=16

; capture_registers(frame in RDI): the caller's registers as a trap there would have saved them. Clobbers RAX.
global capture_registers
capture_registers:
    store rdi, rax, rbx, rcx, rdx, rsi, rdi, rbp, r8, r9, r10, r11, r12, r13, r14, r15
    mov rax, [rsp]
    mov [rdi + TrapFrame_rip], rax
    lea rax, [rsp + 8]
    mov [rdi + TrapFrame_rsp], rax
    pushfq
    pop rax
    mov [rdi + TrapFrame_rflags], rax
    xor eax, eax
    mov ax, cs
    mov [rdi + TrapFrame_cs], rax
    mov ax, ss
    mov [rdi + TrapFrame_ss], rax
    ret
