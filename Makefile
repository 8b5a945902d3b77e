# Skyscope. `make help` lists the targets; scripts/ holds what they do.

ARCH ?= x86_64
FLAVOUR ?= debug
PROGRAMS ?= 500
RUNS ?= 100000
SECONDS ?= 60
TSX := node --import tsx
# For targets that otherwise take both.
ONE_ARCH = $(if $(filter-out file,$(origin ARCH)),--arch $(ARCH))
NPM_STAMP := node_modules/.package-lock.json

.DEFAULT_GOAL := help
.PHONY: help setup build qemu iso gdb test test-long bench bench-check size syscalls protocol trace fuzz soak coverage fuzz-compiler fuzz-codec mutate-kernel mutate-fuzz format clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile
	@echo "ARCH=x86_64 (the default) or ARCH=aarch64 chooses the machine; bench and size take both without it."

setup: build/setup ## install what is missing: npm packages, and as root Debian's

build: setup ## build the kernel: ARCH=, FLAVOUR=debug|release|bench
	@$(TSX) scripts/build-image.ts --arch $(ARCH) --flavour $(FLAVOUR)

qemu: setup ## boot the kernel in QEMU, with its console here; GDB=1 waits for make gdb elsewhere, COMPILER=porffor
	@$(TSX) scripts/boot.ts --arch $(ARCH) --flavour $(FLAVOUR) --repository repository $(if $(GDB),--gdb) $(if $(COMPILER),--compiler $(COMPILER))

iso: setup build/setup-iso ## write what a machine boots from: an ISO for BIOS and UEFI, with ARCH=aarch64 a disk for UEFI; FLAVOUR=release unless said
	@$(TSX) scripts/build-iso.ts --arch $(ARCH) $(if $(filter-out file,$(origin FLAVOUR)),--flavour $(FLAVOUR))

gdb: setup ## debug the kernel in its TypeScript source, and the service or module that TASK= names
	@$(TSX) scripts/debug.ts --arch $(ARCH) --flavour $(FLAVOUR) $(if $(TASK),--task $(TASK))

test: setup build/setup-iso ## everything that has to hold before a change is done
	@$(TSX) scripts/test.ts

test-long: setup build/setup-iso ## the nightly run: make test, and what is too long for it
	@$(TSX) scripts/test.ts --long

bench: setup ## count instructions against the anchors: ARCH=, KERNEL=1, CRYPTO=1, LOAD=1 choose, KEEP=name keeps the figures
	@$(TSX) bench/bench.ts $(ONE_ARCH) $(if $(KERNEL),--only kernel) $(if $(CRYPTO),--only crypto) $(if $(LOAD),--only load) $(if $(KEEP),--keep $(KEEP))

bench-check: setup ## which figures of the last make bench are worse than the kept ones
	@$(TSX) bench/check.ts

size: setup ## bytes of the kernel, worst stack of each entry, unsafe files, lines of kernel and compiler
	@$(TSX) scripts/size.ts $(ONE_ARCH)

syscalls: setup ## write what follows from the table of system calls: dispatch, stubs, docs
	@$(TSX) scripts/syscalls.ts

protocol: setup ## write what follows from the records of protocol/: marshalling, docs
	@$(TSX) scripts/protocol.ts

trace: setup ## tell the trace in a console's output: make trace < output
	@$(TSX) scripts/trace.ts

fuzz: setup ## SECONDS=60 of hostile calls at the kernels on the host: ARCH=, SEED= choose, KEEP=name keeps the counters
	@$(TSX) scripts/fuzz-kernel.ts --seconds $(SECONDS) $(ONE_ARCH) $(if $(SEED),--seed $(SEED)) $(if $(KEEP),--keep $(KEEP))

soak: setup ## SECONDS=60 of requests, random loads and kills on each machine: ARCH=, SEED= choose
	@$(TSX) scripts/soak.ts --seconds $(SECONDS) $(ONE_ARCH) $(if $(SEED),--seed $(SEED))

coverage: setup ## which lines of the kernel SECONDS=60 of fuzzing reach
	@$(TSX) scripts/coverage-kernel.ts --seconds $(SECONDS)

fuzz-compiler: setup ## PROGRAMS=20000 random programs through the compiler and its reference: BACK=c|porffor chooses
	@$(TSX) scripts/fuzz-compiler.ts --programs $(PROGRAMS) $(if $(BACK),--back $(BACK))

fuzz-codec: setup ## RUNS=100000 mutated inputs through TARGET=, a parser of untrusted bytes, or through each
	@$(TSX) scripts/fuzz-codec.ts --runs $(RUNS) $(if $(TARGET),--target $(TARGET))

mutate-kernel: setup ## take the kernel's rules away one at a time, and see who notices: ARCH=, ONLY=I12 chooses
	@$(TSX) scripts/mutate-kernel.ts --arch $(ARCH) $(if $(ONLY),--only '$(ONLY)')

mutate-fuzz: setup ## the same, and how long the fuzzer takes to notice: ONLY=I12 chooses
	@$(TSX) scripts/mutate-fuzz.ts --arch $(ARCH) $(if $(ONLY),--only '$(ONLY)')

format: setup ## put every file into Biome's form
	@node_modules/.bin/biome check --write .

clean: ## remove everything that was built
	rm -rf build

$(NPM_STAMP): package-lock.json
	@node scripts/check-node.mjs
	npm ci
	@touch $@

build/setup: $(NPM_STAMP) scripts/system.ts scripts/packages.ts
	@$(TSX) scripts/setup.ts

build/setup-iso: $(NPM_STAMP) scripts/system.ts scripts/packages.ts
	@$(TSX) scripts/setup.ts --iso
