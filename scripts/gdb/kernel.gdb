# Settings for the kernel; scripts/debug.ts loads this before it connects.
set confirm off
set pagination off
set print pretty on
set print elements 64
set disassembly-flavor intel
# Function arguments in a backtrace may be structs: their names and scalars are enough.
set print frame-arguments scalars
