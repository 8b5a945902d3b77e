/* System calls of Skyscope for freestanding C. Written by make syscalls from kernel/syscall/table.ts. */
#ifndef SKYSCOPE_H
#define SKYSCOPE_H

#include "message.h"

enum sky_cap_type {
  SKY_CAP_NULL = 0,
  SKY_CAP_UNTYPED = 1,
  SKY_CAP_CNODE = 2,
  SKY_CAP_THREAD = 3,
  SKY_CAP_SCHED_CONTEXT = 4,
  SKY_CAP_SCHED_CONTROL = 5,
  SKY_CAP_ENDPOINT = 6,
  SKY_CAP_NOTIFICATION = 7,
  SKY_CAP_REPLY = 8,
  SKY_CAP_ADDRESS_SPACE = 9,
  SKY_CAP_REGION = 10,
  SKY_CAP_IMAGE = 11,
  SKY_CAP_TIMER = 12,
  SKY_CAP_IRQ_CONTROL = 13,
  SKY_CAP_IRQ_HANDLER = 14,
  SKY_CAP_IO_PORT = 15,
  SKY_CAP_INSPECT = 16,
  SKY_CAP_TRACE_CONTROL = 17,
  SKY_CAP_POWER_CONTROL = 18,
  SKY_CAP_VERIFIER = 19,
  SKY_CAP_PROCESS = 20,
  SKY_CAP_PROCESS_CONTROL = 21,
  SKY_CAP_TRUST_CONTROL = 22,
};

enum sky_error {
  SKY_NONE = 0,
  SKY_INVALID_ARGUMENT = 1, /* An argument has a value that is never allowed; the detail tells which argument. */
  SKY_INVALID_CAPABILITY = 2, /* A capability argument is of the wrong type or null; the detail tells which argument. */
  SKY_ILLEGAL_OPERATION = 3, /* The capability has no such operation, or not the right for it. */
  SKY_RANGE_ERROR = 4, /* An argument lies outside its range; the detail tells which argument. */
  SKY_ALIGNMENT_ERROR = 5, /* An address or size is not aligned; the detail tells which argument. */
  SKY_FAILED_LOOKUP = 6, /* The capability address leads nowhere. */
  SKY_TRUNCATED_MESSAGE = 7, /* The message has too few words or capabilities. */
  SKY_DELETE_FIRST = 8, /* The place is taken: a slot, an address, a binding. */
  SKY_REVOKE_FIRST = 9, /* The capability has descendants. */
  SKY_NOT_ENOUGH_MEMORY = 10, /* The Untyped, the pool or the table of identifiers has no room. */
  SKY_QUEUE_FULL = 11, /* The endpoint takes no more messages now. */
  SKY_GONE = 12, /* The other side no longer exists; the detail tells what became of the message. */
  SKY_REFUSED = 13, /* The receiver refuses such senders. */
  SKY_POLICY = 14, /* The system's policy forbids it. */
  SKY_BUSY = 15, /* Not now: something else has to end first. */
};

enum sky_syscall {
  SKY_SYSCALL_CALL = 0,
  SKY_SYSCALL_SEND = 1,
  SKY_SYSCALL_NB_SEND = 2,
  SKY_SYSCALL_RECV = 3,
  SKY_SYSCALL_NB_RECV = 4,
  SKY_SYSCALL_REPLY_RECV = 5,
  SKY_SYSCALL_REPLY = 6,
  SKY_SYSCALL_WAIT = 7,
  SKY_SYSCALL_POLL = 8,
  SKY_SYSCALL_YIELD = 9,
  SKY_SYSCALL_DEBUG_WRITE = 10,
};

enum sky_invocation {
  SKY_INVOKE_UNTYPED_RETYPE = 0,
  SKY_INVOKE_CNODE_COPY = 1,
  SKY_INVOKE_CNODE_MINT = 2,
  SKY_INVOKE_CNODE_MOVE = 3,
  SKY_INVOKE_CNODE_DELETE = 4,
  SKY_INVOKE_CNODE_REVOKE = 5,
  SKY_INVOKE_CNODE_ROTATE = 6,
  SKY_INVOKE_THREAD_CONFIGURE = 7,
  SKY_INVOKE_THREAD_READ_REGISTERS = 8,
  SKY_INVOKE_THREAD_WRITE_REGISTERS = 9,
  SKY_INVOKE_THREAD_SET_PRIORITY = 10,
  SKY_INVOKE_THREAD_SET_AFFINITY = 11,
  SKY_INVOKE_THREAD_RESUME = 12,
  SKY_INVOKE_THREAD_SUSPEND = 13,
  SKY_INVOKE_THREAD_BIND_NOTIFICATION = 14,
  SKY_INVOKE_THREAD_SET_FAULT_HANDLER = 15,
  SKY_INVOKE_THREAD_SET_TLS = 16,
  SKY_INVOKE_SCHED_CONTEXT_BIND = 17,
  SKY_INVOKE_SCHED_CONTEXT_UNBIND = 18,
  SKY_INVOKE_SCHED_CONTEXT_CONSUMED = 19,
  SKY_INVOKE_SCHED_CONTROL_CONFIGURE = 20,
  SKY_INVOKE_ADDRESS_SPACE_MAP = 21,
  SKY_INVOKE_ADDRESS_SPACE_UNMAP = 22,
  SKY_INVOKE_ADDRESS_SPACE_PROTECT = 23,
  SKY_INVOKE_ADDRESS_SPACE_TRANSLATE = 24,
  SKY_INVOKE_REGION_ZERO = 25,
  SKY_INVOKE_REGION_ADDRESS = 26,
  SKY_INVOKE_TIMER_ARM = 27,
  SKY_INVOKE_TIMER_CANCEL = 28,
  SKY_INVOKE_TIMER_NOW = 29,
  SKY_INVOKE_IRQ_CONTROL_CLAIM = 30,
  SKY_INVOKE_IRQ_HANDLER_SET_NOTIFICATION = 31,
  SKY_INVOKE_IRQ_HANDLER_ACKNOWLEDGE = 32,
  SKY_INVOKE_IO_PORT_IN = 33,
  SKY_INVOKE_IO_PORT_OUT = 34,
  SKY_INVOKE_INSPECT_SYSTEM = 35,
  SKY_INVOKE_INSPECT_VERSION = 36,
  SKY_INVOKE_INSPECT_LOG = 37,
  SKY_INVOKE_INSPECT_LINE = 38,
  SKY_INVOKE_INSPECT_SLOTS = 39,
  SKY_INVOKE_INSPECT_PROCESS = 40,
  SKY_INVOKE_INSPECT_PROCESS_SLOTS = 41,
  SKY_INVOKE_INSPECT_THREAD = 42,
  SKY_INVOKE_TRACE_CONTROL_START = 43,
  SKY_INVOKE_TRACE_CONTROL_STOP = 44,
  SKY_INVOKE_TRACE_CONTROL_READ = 45,
  SKY_INVOKE_POWER_CONTROL_POWER_OFF = 46,
  SKY_INVOKE_POWER_CONTROL_REBOOT = 47,
  SKY_INVOKE_VERIFIER_BEGIN = 48,
  SKY_INVOKE_VERIFIER_STEP = 49,
  SKY_INVOKE_PROCESS_STEP = 50,
  SKY_INVOKE_PROCESS_START = 51,
  SKY_INVOKE_PROCESS_TERMINATE = 52,
  SKY_INVOKE_PROCESS_EXIT = 53,
  SKY_INVOKE_PROCESS_STATUS = 54,
  SKY_INVOKE_PROCESS_READ_EPITAPH = 55,
  SKY_INVOKE_PROCESS_SET_NOTIFICATION = 56,
  SKY_INVOKE_PROCESS_ALLOCATE_MEMORY_REGION = 57,
  SKY_INVOKE_PROCESS_CREATE_ENDPOINT = 58,
  SKY_INVOKE_PROCESS_CONTROL_CREATE = 59,
  SKY_INVOKE_TRUST_CONTROL_BEGIN = 60,
};

/* The slots of the first task. */
enum sky_slot {
  SKY_SLOT_CNODE = 1,
  SKY_SLOT_SPACE = 2,
  SKY_SLOT_THREAD = 3,
  SKY_SLOT_CONTEXT = 4,
  SKY_SLOT_SCHED_CONTROL = 5,
  SKY_SLOT_POWER_CONTROL = 6,
  SKY_SLOT_IMAGE = 7,
  SKY_SLOT_DATA = 8,
  SKY_SLOT_STACK = 9,
  SKY_SLOT_BUFFER = 10,
  SKY_SLOT_INFO = 11,
  SKY_SLOT_IRQ_CONTROL = 12,
  SKY_SLOT_IO_PORT = 13,
  SKY_SLOT_INSPECT = 14,
  SKY_SLOT_TRACE_CONTROL = 15,
  SKY_SLOT_FIRST_UNTYPED = 16,
  SKY_SLOT_FIRST_DEVICE = 768,
  SKY_SLOT_FIRST_MODULE = 896,
  SKY_SLOT_PROCESS_CONTROL = 1000,
  SKY_SLOT_TRUST_CONTROL = 1001,
  SKY_SLOT_SCREEN_MEMORY = 1002,
  SKY_SLOT_SCREEN = 1003,
};

/* A Call on a capability of the kernel; the answer is in the message then. */
SKY_INLINE enum sky_error sky_invoke(struct sky_message *message, uint32_t capability, enum sky_invocation label, unsigned length, unsigned caps) {
  message->info = sky_info(label, length, caps);
  sky_syscall(SKY_SYSCALL_CALL, capability, 0, message);
  return (enum sky_error)sky_error_of(message);
}

/* Untyped.Retype: makes `count` objects in consecutive empty slots. */
SKY_INLINE enum sky_error sky_untyped_retype(struct sky_message *message, uint32_t untyped, enum sky_cap_type type, uint64_t size, uint64_t count, uint64_t slot, uint64_t attributes, uint32_t cnode) {
  message->words[0] = type;
  message->words[1] = size;
  message->words[2] = count;
  message->words[3] = slot;
  message->buffer->words[4] = attributes;
  message->buffer->sent[0] = cnode;
  return sky_invoke(message, untyped, SKY_INVOKE_UNTYPED_RETYPE, 5, 1);
}

/* CNode.Copy: a child of the source, with no more than these rights. */
SKY_INLINE enum sky_error sky_cnode_copy(struct sky_message *message, uint32_t cnode, uint64_t slot, uint64_t rights, uint32_t source) {
  message->words[0] = slot;
  message->words[1] = rights;
  message->buffer->sent[0] = source;
  return sky_invoke(message, cnode, SKY_INVOKE_CNODE_COPY, 2, 1);
}

/* CNode.Mint: the same with a badge, a narrower range of ports, or (flag 1) to be used once. */
SKY_INLINE enum sky_error sky_cnode_mint(struct sky_message *message, uint32_t cnode, uint64_t slot, uint64_t rights, uint64_t badge, uint64_t flags, uint32_t source) {
  message->words[0] = slot;
  message->words[1] = rights;
  message->words[2] = badge;
  message->words[3] = flags;
  message->buffer->sent[0] = source;
  return sky_invoke(message, cnode, SKY_INVOKE_CNODE_MINT, 4, 1);
}

/* CNode.Move: the capability itself to another slot. */
SKY_INLINE enum sky_error sky_cnode_move(struct sky_message *message, uint32_t cnode, uint64_t slot, uint32_t source) {
  message->words[0] = slot;
  message->buffer->sent[0] = source;
  return sky_invoke(message, cnode, SKY_INVOKE_CNODE_MOVE, 1, 1);
}

/* CNode.Delete: empties the slot; an object dies with its last capability. */
SKY_INLINE enum sky_error sky_cnode_delete(struct sky_message *message, uint32_t cnode, uint64_t slot) {
  message->words[0] = slot;
  return sky_invoke(message, cnode, SKY_INVOKE_CNODE_DELETE, 1, 0);
}

/* CNode.Revoke: deletes everything that was derived from the capability, the newest first; should the capability itself go with it, in a CNode of what was derived, the rest stays with its parent. */
SKY_INLINE enum sky_error sky_cnode_revoke(struct sky_message *message, uint32_t cnode, uint64_t slot) {
  message->words[0] = slot;
  return sky_invoke(message, cnode, SKY_INVOKE_CNODE_REVOKE, 1, 0);
}

/* CNode.Rotate: what is in the first slot goes to the second, and that to the third. */
SKY_INLINE enum sky_error sky_cnode_rotate(struct sky_message *message, uint32_t cnode, uint64_t first, uint64_t second, uint64_t third) {
  message->words[0] = first;
  message->words[1] = second;
  message->words[2] = third;
  return sky_invoke(message, cnode, SKY_INVOKE_CNODE_ROTATE, 3, 0);
}

/* Thread.Configure: gives it what it may name and see, and its message buffer: `offset` bytes into the Region. */
SKY_INLINE enum sky_error sky_thread_configure(struct sky_message *message, uint32_t thread, uint64_t offset, uint32_t cspace, uint32_t space, uint32_t region) {
  message->words[0] = offset;
  message->buffer->sent[0] = cspace;
  message->buffer->sent[1] = space;
  message->buffer->sent[2] = region;
  return sky_invoke(message, thread, SKY_INVOKE_THREAD_CONFIGURE, 1, 3);
}

/* Thread.ReadRegisters: up to four registers. */
SKY_INLINE enum sky_error sky_thread_read_registers(struct sky_message *message, uint32_t thread, uint64_t first) {
  message->words[0] = first;
  return sky_invoke(message, thread, SKY_INVOKE_THREAD_READ_REGISTERS, 1, 0);
}

/* Thread.WriteRegisters: one register of a thread that is stopped. */
SKY_INLINE enum sky_error sky_thread_write_registers(struct sky_message *message, uint32_t thread, uint64_t index, uint64_t value) {
  message->words[0] = index;
  message->words[1] = value;
  return sky_invoke(message, thread, SKY_INVOKE_THREAD_WRITE_REGISTERS, 2, 0);
}

/* Thread.SetPriority: neither above the caller's ceiling. */
SKY_INLINE enum sky_error sky_thread_set_priority(struct sky_message *message, uint32_t thread, uint64_t priority, uint64_t ceiling) {
  message->words[0] = priority;
  message->words[1] = ceiling;
  return sky_invoke(message, thread, SKY_INVOKE_THREAD_SET_PRIORITY, 2, 0);
}

/* Thread.SetAffinity: the processor that it runs on. */
SKY_INLINE enum sky_error sky_thread_set_affinity(struct sky_message *message, uint32_t thread, uint64_t cpu) {
  message->words[0] = cpu;
  return sky_invoke(message, thread, SKY_INVOKE_THREAD_SET_AFFINITY, 1, 0);
}

/* Thread.Resume: a stopped thread goes on. */
SKY_INLINE enum sky_error sky_thread_resume(struct sky_message *message, uint32_t thread) {
  return sky_invoke(message, thread, SKY_INVOKE_THREAD_RESUME, 0, 0);
}

/* Thread.Suspend: stops it; what it waited for is given up. */
SKY_INLINE enum sky_error sky_thread_suspend(struct sky_message *message, uint32_t thread) {
  return sky_invoke(message, thread, SKY_INVOKE_THREAD_SUSPEND, 0, 0);
}

/* Thread.BindNotification: signals end its Recv. */
SKY_INLINE enum sky_error sky_thread_bind_notification(struct sky_message *message, uint32_t thread, uint32_t notification) {
  message->buffer->sent[0] = notification;
  return sky_invoke(message, thread, SKY_INVOKE_THREAD_BIND_NOTIFICATION, 0, 1);
}

/* Thread.SetFaultHandler: its faults are calls to this endpoint. */
SKY_INLINE enum sky_error sky_thread_set_fault_handler(struct sky_message *message, uint32_t thread, uint32_t endpoint) {
  message->buffer->sent[0] = endpoint;
  return sky_invoke(message, thread, SKY_INVOKE_THREAD_SET_FAULT_HANDLER, 0, 1);
}

/* Thread.SetTls: the thread pointer. */
SKY_INLINE enum sky_error sky_thread_set_tls(struct sky_message *message, uint32_t thread, uint64_t address) {
  message->words[0] = address;
  return sky_invoke(message, thread, SKY_INVOKE_THREAD_SET_TLS, 1, 0);
}

/* SchedContext.Bind: the thread may run. */
SKY_INLINE enum sky_error sky_sched_context_bind(struct sky_message *message, uint32_t sched_context, uint32_t thread) {
  message->buffer->sent[0] = thread;
  return sky_invoke(message, sched_context, SKY_INVOKE_SCHED_CONTEXT_BIND, 0, 1);
}

/* SchedContext.Unbind: its thread does not run any more. */
SKY_INLINE enum sky_error sky_sched_context_unbind(struct sky_message *message, uint32_t sched_context) {
  return sky_invoke(message, sched_context, SKY_INVOKE_SCHED_CONTEXT_UNBIND, 0, 0);
}

/* SchedContext.Consumed: time used since it was made. */
SKY_INLINE enum sky_error sky_sched_context_consumed(struct sky_message *message, uint32_t sched_context) {
  return sky_invoke(message, sched_context, SKY_INVOKE_SCHED_CONTEXT_CONSUMED, 0, 0);
}

/* SchedControl.Configure: budget and period; a budget of 0 is no limit. */
SKY_INLINE enum sky_error sky_sched_control_configure(struct sky_message *message, uint32_t sched_control, uint64_t budget, uint64_t period, uint32_t context) {
  message->words[0] = budget;
  message->words[1] = period;
  message->buffer->sent[0] = context;
  return sky_invoke(message, sched_control, SKY_INVOKE_SCHED_CONTROL_CONFIGURE, 2, 1);
}

/* AddressSpace.Map: the next pages of the capability, as many as one call may. */
SKY_INLINE enum sky_error sky_address_space_map(struct sky_message *message, uint32_t address_space, uint64_t address, uint64_t pages, uint64_t rights, uint32_t region) {
  message->words[0] = address;
  message->words[1] = pages;
  message->words[2] = rights;
  message->buffer->sent[0] = region;
  return sky_invoke(message, address_space, SKY_INVOKE_ADDRESS_SPACE_MAP, 3, 1);
}

/* AddressSpace.Unmap: the last pages of the capability, as many as one call may. */
SKY_INLINE enum sky_error sky_address_space_unmap(struct sky_message *message, uint32_t address_space, uint32_t region) {
  message->buffer->sent[0] = region;
  return sky_invoke(message, address_space, SKY_INVOKE_ADDRESS_SPACE_UNMAP, 0, 1);
}

/* AddressSpace.Protect: takes the right to write from pages of the mapping. */
SKY_INLINE enum sky_error sky_address_space_protect(struct sky_message *message, uint32_t address_space, uint64_t first, uint64_t pages, uint64_t rights, uint32_t region) {
  message->words[0] = first;
  message->words[1] = pages;
  message->words[2] = rights;
  message->buffer->sent[0] = region;
  return sky_invoke(message, address_space, SKY_INVOKE_ADDRESS_SPACE_PROTECT, 3, 1);
}

/* AddressSpace.Translate: 0: not mapped, 1: to be read, 3: to be read and written. */
SKY_INLINE enum sky_error sky_address_space_translate(struct sky_message *message, uint32_t address_space, uint64_t address) {
  message->words[0] = address;
  return sky_invoke(message, address_space, SKY_INVOKE_ADDRESS_SPACE_TRANSLATE, 1, 0);
}

/* Region.Zero: clears the next 128 KiB of a new Region. */
SKY_INLINE enum sky_error sky_region_zero(struct sky_message *message, uint32_t region) {
  return sky_invoke(message, region, SKY_INVOKE_REGION_ZERO, 0, 0);
}

/* Region.Address: the physical address, to be told to a device. */
SKY_INLINE enum sky_error sky_region_address(struct sky_message *message, uint32_t region) {
  return sky_invoke(message, region, SKY_INVOKE_REGION_ADDRESS, 0, 0);
}

/* Timer.Arm: at this uptime the notification gets its badge's bits. */
SKY_INLINE enum sky_error sky_timer_arm(struct sky_message *message, uint32_t timer, uint64_t at, uint32_t notification) {
  message->words[0] = at;
  message->buffer->sent[0] = notification;
  return sky_invoke(message, timer, SKY_INVOKE_TIMER_ARM, 1, 1);
}

/* Timer.Cancel: harmless when it is not armed. */
SKY_INLINE enum sky_error sky_timer_cancel(struct sky_message *message, uint32_t timer) {
  return sky_invoke(message, timer, SKY_INVOKE_TIMER_CANCEL, 0, 0);
}

/* Timer.Now: the uptime, by which Arm counts. */
SKY_INLINE enum sky_error sky_timer_now(struct sky_message *message, uint32_t timer) {
  return sky_invoke(message, timer, SKY_INVOKE_TIMER_NOW, 0, 0);
}

/* IrqControl.Claim: the one IrqHandler of a line, as a child of this capability. */
SKY_INLINE enum sky_error sky_irq_control_claim(struct sky_message *message, uint32_t irq_control, uint64_t line, uint64_t slot, uint32_t cnode) {
  message->words[0] = line;
  message->words[1] = slot;
  message->buffer->sent[0] = cnode;
  return sky_invoke(message, irq_control, SKY_INVOKE_IRQ_CONTROL_CLAIM, 2, 1);
}

/* IrqHandler.SetNotification: gets its badge's bits with every interrupt from now on. */
SKY_INLINE enum sky_error sky_irq_handler_set_notification(struct sky_message *message, uint32_t irq_handler, uint32_t notification) {
  message->buffer->sent[0] = notification;
  return sky_invoke(message, irq_handler, SKY_INVOKE_IRQ_HANDLER_SET_NOTIFICATION, 0, 1);
}

/* IrqHandler.Acknowledge: the device has been served, the next interrupt may come. */
SKY_INLINE enum sky_error sky_irq_handler_acknowledge(struct sky_message *message, uint32_t irq_handler) {
  return sky_invoke(message, irq_handler, SKY_INVOKE_IRQ_HANDLER_ACKNOWLEDGE, 0, 0);
}

/* IoPort.In: reads 1, 2 or 4 bytes. */
SKY_INLINE enum sky_error sky_io_port_in(struct sky_message *message, uint32_t io_port, uint64_t bytes, uint64_t port) {
  message->words[0] = bytes;
  message->words[1] = port;
  return sky_invoke(message, io_port, SKY_INVOKE_IO_PORT_IN, 2, 0);
}

/* IoPort.Out: writes 1, 2 or 4 bytes. */
SKY_INLINE enum sky_error sky_io_port_out(struct sky_message *message, uint32_t io_port, uint64_t bytes, uint64_t port, uint64_t value) {
  message->words[0] = bytes;
  message->words[1] = port;
  message->words[2] = value;
  return sky_invoke(message, io_port, SKY_INVOKE_IO_PORT_OUT, 3, 0);
}

/* Inspect.System: memory is free in Untypeds above their watermarks. */
SKY_INLINE enum sky_error sky_inspect_system(struct sky_message *message, uint32_t inspect) {
  return sky_invoke(message, inspect, SKY_INVOKE_INSPECT_SYSTEM, 0, 0);
}

/* Inspect.Version: name, version, architecture and build as text. */
SKY_INLINE enum sky_error sky_inspect_version(struct sky_message *message, uint32_t inspect) {
  return sky_invoke(message, inspect, SKY_INVOKE_INSPECT_VERSION, 0, 0);
}

/* Inspect.Log: the log from a position on, at first 0; what has been overwritten is left out. */
SKY_INLINE enum sky_error sky_inspect_log(struct sky_message *message, uint32_t inspect, uint64_t position) {
  message->words[0] = position;
  return sky_invoke(message, inspect, SKY_INVOKE_INSPECT_LOG, 1, 0);
}

/* Inspect.Line: whether somebody has claimed it, and how many interrupts have come. */
SKY_INLINE enum sky_error sky_inspect_line(struct sky_message *message, uint32_t inspect, uint64_t line) {
  message->words[0] = line;
  return sky_invoke(message, inspect, SKY_INVOKE_INSPECT_LINE, 1, 0);
}

/* Inspect.Slots: the capabilities of a CNode, three words each; `next` is 0 at the end. */
SKY_INLINE enum sky_error sky_inspect_slots(struct sky_message *message, uint32_t inspect, uint64_t first, uint32_t cnode) {
  message->words[0] = first;
  message->buffer->sent[0] = cnode;
  return sky_invoke(message, inspect, SKY_INVOKE_INSPECT_SLOTS, 1, 1);
}

/* Inspect.Process: the next process from a number on, at first 0, with its name and state; numbers are those of address spaces. */
SKY_INLINE enum sky_error sky_inspect_process(struct sky_message *message, uint32_t inspect, uint64_t first) {
  message->words[0] = first;
  return sky_invoke(message, inspect, SKY_INVOKE_INSPECT_PROCESS, 1, 0);
}

/* Inspect.ProcessSlots: the same as Slots, of a process's root CNode. */
SKY_INLINE enum sky_error sky_inspect_process_slots(struct sky_message *message, uint32_t inspect, uint64_t first, uint64_t process) {
  message->words[0] = first;
  message->words[1] = process;
  return sky_invoke(message, inspect, SKY_INVOKE_INSPECT_PROCESS_SLOTS, 2, 0);
}

/* Inspect.Thread: what a thread does, and has used. */
SKY_INLINE enum sky_error sky_inspect_thread(struct sky_message *message, uint32_t inspect, uint32_t thread) {
  message->buffer->sent[0] = thread;
  return sky_invoke(message, inspect, SKY_INVOKE_INSPECT_THREAD, 0, 1);
}

/* TraceControl.Start: empties the ring, and records these kinds of events from now on, a bit each. */
SKY_INLINE enum sky_error sky_trace_control_start(struct sky_message *message, uint32_t trace_control, uint64_t events) {
  message->words[0] = events;
  return sky_invoke(message, trace_control, SKY_INVOKE_TRACE_CONTROL_START, 1, 0);
}

/* TraceControl.Stop: what has been recorded stays to be read. */
SKY_INLINE enum sky_error sky_trace_control_stop(struct sky_message *message, uint32_t trace_control) {
  return sky_invoke(message, trace_control, SKY_INVOKE_TRACE_CONTROL_STOP, 0, 0);
}

/* TraceControl.Read: records from a position on, at first 0, four words each; what has been overwritten is left out. */
SKY_INLINE enum sky_error sky_trace_control_read(struct sky_message *message, uint32_t trace_control, uint64_t position) {
  message->words[0] = position;
  return sky_invoke(message, trace_control, SKY_INVOKE_TRACE_CONTROL_READ, 1, 0);
}

/* PowerControl.PowerOff: the status, 0 to 15, is for the emulator's runner. */
SKY_INLINE enum sky_error sky_power_control_power_off(struct sky_message *message, uint32_t power_control, uint64_t status) {
  message->words[0] = status;
  return sky_invoke(message, power_control, SKY_INVOKE_POWER_CONTROL_POWER_OFF, 1, 0);
}

/* PowerControl.Reboot: starts the machine again. */
SKY_INLINE enum sky_error sky_power_control_reboot(struct sky_message *message, uint32_t power_control) {
  return sky_invoke(message, power_control, SKY_INVOKE_POWER_CONTROL_REBOOT, 0, 0);
}

/* Verifier.Begin: from headers and uncompressed binary, which are copied before they are looked at; the Image takes all of the Untyped. */
SKY_INLINE enum sky_error sky_verifier_begin(struct sky_message *message, uint32_t verifier, uint64_t headers_bytes, uint64_t binary_bytes, uint32_t headers, uint32_t binary, uint32_t memory) {
  message->words[0] = headers_bytes;
  message->words[1] = binary_bytes;
  message->buffer->sent[0] = headers;
  message->buffer->sent[1] = binary;
  message->buffer->sent[2] = memory;
  return sky_invoke(message, verifier, SKY_INVOKE_VERIFIER_BEGIN, 2, 3);
}

/* Verifier.Step: at most 20,000 instructions; the Image's capability goes to the slot when it is sealed. */
SKY_INLINE enum sky_error sky_verifier_step(struct sky_message *message, uint32_t verifier, uint64_t slot, uint32_t cnode) {
  message->words[0] = slot;
  message->buffer->sent[0] = cnode;
  return sky_invoke(message, verifier, SKY_INVOKE_VERIFIER_STEP, 1, 1);
}

/* Process.Step: maps and fills the next pages of one that was created. */
SKY_INLINE enum sky_error sky_process_step(struct sky_message *message, uint32_t process) {
  return sky_invoke(message, process, SKY_INVOKE_PROCESS_STEP, 0, 0);
}

/* Process.Start: runs it, unless the trust set has an objection now. */
SKY_INLINE enum sky_error sky_process_start(struct sky_message *message, uint32_t process) {
  return sky_invoke(message, process, SKY_INVOKE_PROCESS_START, 0, 0);
}

/* Process.Terminate: ends it and deletes all that was made from its budget; restarts. */
SKY_INLINE enum sky_error sky_process_terminate(struct sky_message *message, uint32_t process) {
  return sky_invoke(message, process, SKY_INVOKE_PROCESS_TERMINATE, 0, 0);
}

/* Process.Exit: by its own capability: its first thread stops, and its creator is told. */
SKY_INLINE enum sky_error sky_process_exit(struct sky_message *message, uint32_t process, uint64_t code) {
  message->words[0] = code;
  return sky_invoke(message, process, SKY_INVOKE_PROCESS_EXIT, 1, 0);
}

/* Process.Status: its state, why it ended, its exit code or the kind of fault, and the fault's address. */
SKY_INLINE enum sky_error sky_process_status(struct sky_message *message, uint32_t process) {
  return sky_invoke(message, process, SKY_INVOKE_PROCESS_STATUS, 0, 0);
}

/* Process.ReadEpitaph: up to four registers of the first thread, as they were at the end. */
SKY_INLINE enum sky_error sky_process_read_epitaph(struct sky_message *message, uint32_t process, uint64_t first) {
  message->words[0] = first;
  return sky_invoke(message, process, SKY_INVOKE_PROCESS_READ_EPITAPH, 1, 0);
}

/* Process.SetNotification: gets its badge's bits when the process ends. */
SKY_INLINE enum sky_error sky_process_set_notification(struct sky_message *message, uint32_t process, uint32_t notification) {
  message->buffer->sent[0] = notification;
  return sky_invoke(message, process, SKY_INVOKE_PROCESS_SET_NOTIFICATION, 0, 1);
}

/* Process.AllocateMemoryRegion: a Region from the process's budget, to be zeroed before it is mapped. */
SKY_INLINE enum sky_error sky_process_allocate_memory_region(struct sky_message *message, uint32_t process, uint64_t bytes, uint64_t attributes, uint64_t slot, uint32_t cnode) {
  message->words[0] = bytes;
  message->words[1] = attributes;
  message->words[2] = slot;
  message->buffer->sent[0] = cnode;
  return sky_invoke(message, process, SKY_INVOKE_PROCESS_ALLOCATE_MEMORY_REGION, 3, 1);
}

/* Process.CreateEndpoint: an Endpoint from the process's budget. */
SKY_INLINE enum sky_error sky_process_create_endpoint(struct sky_message *message, uint32_t process, uint64_t policy, uint64_t slot, uint32_t cnode) {
  message->words[0] = policy;
  message->words[1] = slot;
  message->buffer->sent[0] = cnode;
  return sky_invoke(message, process, SKY_INVOKE_PROCESS_CREATE_ENDPOINT, 2, 1);
}

/* ProcessControl.Create: a process from a sealed Image; the endowment has the parameters in slot 1, and behind it a capability or nothing for each entry of the manifest. */
SKY_INLINE enum sky_error sky_process_control_create(struct sky_message *message, uint32_t process_control, uint64_t owner0, uint64_t owner1, uint64_t owner2, uint64_t owner3, uint64_t name0, uint64_t name1, uint64_t name2, uint64_t name3, uint32_t process, uint32_t image, uint32_t budget, uint32_t endowment) {
  message->words[0] = owner0;
  message->words[1] = owner1;
  message->words[2] = owner2;
  message->words[3] = owner3;
  message->buffer->words[4] = name0;
  message->buffer->words[5] = name1;
  message->buffer->words[6] = name2;
  message->buffer->words[7] = name3;
  message->buffer->sent[0] = process;
  message->buffer->sent[1] = image;
  message->buffer->sent[2] = budget;
  message->buffer->sent[3] = endowment;
  return sky_invoke(message, process_control, SKY_INVOKE_PROCESS_CONTROL_CREATE, 8, 4);
}

/* TrustControl.Begin: one that enough roots of the present one have signed; the Verifier's Step reads it. */
SKY_INLINE enum sky_error sky_trust_control_begin(struct sky_message *message, uint32_t trust_control, uint64_t bytes, uint32_t set, uint32_t verifier) {
  message->words[0] = bytes;
  message->buffer->sent[0] = set;
  message->buffer->sent[1] = verifier;
  return sky_invoke(message, trust_control, SKY_INVOKE_TRUST_CONTROL_BEGIN, 1, 2);
}

#endif
