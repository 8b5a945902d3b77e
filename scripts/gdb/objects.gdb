# The kernel's objects for people. Each command takes a pointer to a Slot, a Thread or an Endpoint: an expression without
# spaces, for gdb takes what stands behind one for the next argument. scripts/gdb.ts sets $is_arm. `current` is the thread whose system call or turn it is.

macro define current (*(struct Thread **) &cpu_state)

define cap
  set $k_slot = (struct Slot *) ($arg0)
  if $k_slot->word == 0
    printf "null\n"
  else
    output (enum CapType) ($k_slot->word & 0x1f)
    printf ": object %#lx, rights %d, flags %#x, data %#lx, level %d\n", (long) $k_slot->word >> 16, \
      (int) ($k_slot->word >> 5) & 7, (int) ($k_slot->word >> 8) & 0xff, $k_slot->data, (int) $k_slot->next & 0xff
  end
end
document cap
cap SLOT: the capability in a slot: type, object, rights (1 read, 2 write, 4 grant), flags, data, level in the derivation tree.
end

define cnode
  set $k_node = (struct Slot *) ($arg0)
  set $k_base = (struct Slot *) ((long) $k_node->word >> 16)
  set $k_slots = (unsigned long) $k_node->data
  set $k_index = (unsigned long) 0
  while $k_index < $k_slots
    if $k_base[$k_index].word != 0
      printf "%6lu  ", $k_index
      cap (&$k_base[$k_index])
    end
    set $k_index = $k_index + 1
  end
end
document cnode
cnode SLOT: what is in the CNode behind a capability, a line for each slot that is not null.
end

define cspace
  set $k_root = (struct Slot *) ($arg0)
  cnode $k_root
  set $k_rootbase = (struct Slot *) ((long) $k_root->word >> 16)
  set $k_rootslots = (unsigned long) $k_root->data
  set $k_at = (unsigned long) 0
  while $k_at < $k_rootslots
    set $k_inner = &$k_rootbase[$k_at]
    if ($k_inner->word & 0x1f) == CapType_CNode && ($k_inner->word >> 16) != ($k_root->word >> 16)
      printf "in %lu:\n", $k_at
      cnode $k_inner
    end
    set $k_at = $k_at + 1
  end
end
document cspace
cspace SLOT: the CSpace whose root CNode the capability in SLOT names, and the CNodes in it: cspace &current->cspace.
end

define captree
  set $k_top = (struct Slot *) ($arg0)
  cap $k_top
  set $k_level = (int) $k_top->next & 0xff
  set $k_next = (struct Slot *) ((long) $k_top->next >> 16)
  while $k_next != 0 && (((int) $k_next->next >> 8) & 0xff) > $k_level
    set $k_pad = ((int) $k_next->next & 0xff) - $k_level
    while $k_pad > 0
      printf "  "
      set $k_pad = $k_pad - 1
    end
    cap $k_next
    set $k_next = (struct Slot *) ((long) $k_next->next >> 16)
  end
end
document captree
captree SLOT: the capability in SLOT and all that was derived from it, deeper ones further to the right.
end

define thread-info
  set $k_thread = (struct Thread *) ($arg0)
  printf "thread %#lx: ", (long) $k_thread
  output $k_thread->state
  printf ", priority %d of at most %d, pc ", $k_thread->priority, $k_thread->maxPriority
  if $is_arm
    printf "%#lx\n", (long) $k_thread->frame.elr
  else
    printf "%#lx\n", (long) $k_thread->frame.rip
  end
  if $k_thread->endpoint != 0
    printf "  endpoint %#lx, badge %lu\n", (long) $k_thread->endpoint, $k_thread->badge
  end
  if $k_thread->notification != 0
    printf "  waits for notification %#lx\n", (long) $k_thread->notification
  end
  if $k_thread->reply != 0
    printf "  is answered by reply %#lx\n", (long) $k_thread->reply
  end
  if $k_thread->schedContext == 0
    printf "  has no scheduling context: it does not run\n"
  end
  if $k_thread->isFaulted
    printf "  has faulted: "
    output $k_thread->faultKind
    printf " at %#lx\n", $k_thread->faultAddress
  end
  if $k_thread->process != 0
    printf "  first of process %#lx \"%s\": ", (long) $k_thread->process, (char *) &$k_thread->process->name
    output $k_thread->process->state
    printf "\n"
  end
end
document thread-info
thread-info THREAD: a thread's state, priority, program counter, and what it waits for: thread-info current.
end

define endpoint
  set $k_endpoint = (struct Endpoint *) ($arg0)
  printf "endpoint %#lx: ", (long) $k_endpoint
  output $k_endpoint->state
  printf ", %u of %u places used\n", $k_endpoint->used, $k_endpoint->depth
  set $k_waiter = $k_endpoint->waiters.head
  while $k_waiter != 0
    printf "  "
    thread-info $k_waiter
    set $k_waiter = $k_waiter->next
  end
end
document endpoint
endpoint ENDPOINT: an endpoint's state, its places, and the threads in its queue.
end

# The page table $k_table3 (the root) to $k_table0 and what is below it: runs of pages with the same rights. Arguments are
# text, read anew at each use, so that each level has variables of its own.
define space-table
  set $k_entry$arg0 = 0
  while $k_entry$arg0 < ($arg0 == 3 ? 256 : 512)
    set $k_word = ((unsigned long *) ($k_table$arg0 + $k_window))[$k_entry$arg0]
    if $k_word & 1
      set $k_va = $k_from$arg0 + ((unsigned long) $k_entry$arg0 << (12 + 9 * $arg0))
      set $k_page = $k_word & 0xfffffffff000
      if $arg0 == 0 || ($is_arm ? ($k_word & 2) == 0 : ($k_word & 0x80) != 0)
        space-leaf (1<<(12+9*$arg0))
      else
        if $arg0 == 3
          set $k_table2 = $k_page
          set $k_from2 = $k_va
          space-table 2
        end
        if $arg0 == 2
          set $k_table1 = $k_page
          set $k_from1 = $k_va
          space-table 1
        end
        if $arg0 == 1
          set $k_table0 = $k_page
          set $k_from0 = $k_va
          space-table 0
        end
      end
    end
    set $k_entry$arg0 = $k_entry$arg0 + 1
  end
end

# A page of $arg0 bytes at $k_va, whose entry is $k_word.
define space-leaf
  if $is_arm
    set $k_writes = ($k_word & 0x80) == 0
    set $k_executes = (($k_word >> 54) & 1) == 0
  else
    set $k_writes = ($k_word & 2) != 0
    set $k_executes = (($k_word >> 63) & 1) == 0
  end
  set $k_rights = 4 + 2 * $k_writes + $k_executes
  if $k_va != $k_run_end || $k_rights != $k_run_rights || $k_page != $k_run_page + ($k_run_end - $k_run_start)
    space-run
    set $k_run_start = $k_va
    set $k_run_page = $k_page
    set $k_run_rights = $k_rights
  end
  set $k_run_end = $k_va + $arg0
end

define space-run
  if $k_run_end != $k_run_start
    printf "  %#14lx to %#14lx at %#lx: read", $k_run_start, $k_run_end, $k_run_page
    if $k_run_rights & 2
      printf ", write"
    end
    if $k_run_rights & 1
      printf ", execute"
    end
    printf "\n"
  end
end

define space
  set $k_slot = (struct Slot *) ($arg0)
  set $k_space = (struct AddressSpace *) ((long) $k_slot->word >> 16)
  set $k_window = (unsigned long) $k_space + 4096 - $k_space->root
  set $k_run_start = (unsigned long) 0
  set $k_run_end = (unsigned long) 0
  set $k_run_rights = 0
  set $k_run_page = (unsigned long) 0
  printf "address space %u: %u of %u tables are free\n", $k_space->id, $k_space->freeCount, $k_space->poolPages
  set $k_table3 = $k_space->root
  set $k_from3 = (unsigned long) 0
  space-table 3
  space-run
end
document space
space SLOT: what users may reach in the address space that the capability in SLOT names: runs of pages, where they lie in
memory, and their rights: space &current->space.
end
