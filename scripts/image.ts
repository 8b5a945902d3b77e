import { ARCHITECTURES, type Arch } from "./architecture.ts";

/** What can be built: a flavour chooses the kernel's configuration (`@build/…`), and how kernel and services are compiled. */

export const FLAVOURS = ["debug", "release", "bench", "meter"] as const;
export type Flavour = (typeof FLAVOURS)[number];

/** What compiles the kernel; services and modules are compiled by C in any case. */
export const COMPILERS = ["c", "porffor"] as const;
export type Compiler = (typeof COMPILERS)[number];

export interface ImageSpec {
  readonly arch: Arch;
  readonly flavour: Flavour;
  /** C unless said. */
  readonly compiler?: Compiler;
}

export interface ImageSources {
  readonly config: string;
  readonly optimization: "O0" | "Os";
  readonly out: string;
}

/** The debug image is not optimized, so that a debugger finds every variable and every line. */
const SOURCES: Readonly<Record<Flavour, Omit<ImageSources, "out">>> = {
  debug: { config: "kernel/build/debug", optimization: "O0" },
  release: { config: "kernel/build/release", optimization: "Os" },
  meter: { config: "kernel/build/meter", optimization: "Os" },
  bench: { config: "kernel/build/bench", optimization: "Os" },
};

/** The boot modules of an image, in their order: the first one is the first task. Each has its folder in services/. */
export function servicesOf(arch: Arch): readonly string[] {
  return [
    "init",
    "serial",
    ...ARCHITECTURES[arch].drivers,
    "console",
    "service-directory",
    "module-repository",
    "deep-compression",
    "module-manager",
  ];
}
/** Modules that every image has in its repository. Each has its folder in modules/. */
export const MODULES = ["hello", "kv", "logging", "requester", "hostile"] as const;
/** In an image's folder: the archive of its boot modules. */
export const BOOT_ARCHIVE = "boot.cpio";
/** The same, signed with other keys than the development ones. */
export const PRODUCTION_ARCHIVE = "production.cpio";

export function isFlavour(name: string): name is Flavour {
  return name in SOURCES;
}

export function isCompiler(name: string): name is Compiler {
  return (COMPILERS as readonly string[]).includes(name);
}

export function sourcesOf({ arch, flavour, compiler = "c" }: ImageSpec): ImageSources {
  return { ...SOURCES[flavour], out: `build/${arch}/${flavour}${compiler === "c" ? "" : `-${compiler}`}` };
}

/** Where the programs of its boot archive are: images whose programs are compiled alike share them. */
export function programsOf({ arch, flavour }: ImageSpec): string {
  return `build/${arch}/programs-${SOURCES[flavour].optimization === "O0" ? "O0" : "O2"}`;
}
