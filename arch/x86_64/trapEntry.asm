; Exceptions and interrupts: saves every general register in the order of TrapFrame (trap.ts), and hands the frame
; to TypeScript. Interrupts stay off; the frame is what iretq restores.

%include "layout.inc"

extern handle_trap

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
    mov rbp, rsp
    mov rdi, rsp
    call handle_trap
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

; capture_registers(frame in RDI): the caller's registers as a trap there would have saved them. Clobbers RAX.
global capture_registers
capture_registers:
    mov [rdi + TrapFrame_rax], rax
    mov [rdi + TrapFrame_rbx], rbx
    mov [rdi + TrapFrame_rcx], rcx
    mov [rdi + TrapFrame_rdx], rdx
    mov [rdi + TrapFrame_rsi], rsi
    mov [rdi + TrapFrame_rdi], rdi
    mov [rdi + TrapFrame_rbp], rbp
    mov [rdi + TrapFrame_r8], r8
    mov [rdi + TrapFrame_r9], r9
    mov [rdi + TrapFrame_r10], r10
    mov [rdi + TrapFrame_r11], r11
    mov [rdi + TrapFrame_r12], r12
    mov [rdi + TrapFrame_r13], r13
    mov [rdi + TrapFrame_r14], r14
    mov [rdi + TrapFrame_r15], r15
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
