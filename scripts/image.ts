import type { Arch } from "./architecture.ts";

/** What can be built: a flavour chooses the configuration (`@build/…`) and what the image adds (`@image/…`). */

export const FLAVOURS = ["debug", "release", "bench", "meter"] as const;
export type Flavour = (typeof FLAVOURS)[number];

export interface ImageSpec {
  readonly arch: Arch;
  readonly flavour: Flavour;
  /** A folder for `@image` other than the flavour's own, with where the result goes. */
  readonly custom?: { readonly image: string; readonly out: string };
}

export interface ImageSources {
  readonly config: string;
  /** Has `commands.ts` and, where that needs C or assembly, `intrinsics.c`. */
  readonly image: string;
  readonly optimization: "O0" | "Os";
  readonly out: string;
}

/** The debug image is not optimized, so that a debugger finds every variable and every line. */
const SOURCES: Readonly<Record<Flavour, Omit<ImageSources, "out">>> = {
  debug: { config: "kernel/build/debug", image: "kernel/image/default", optimization: "O0" },
  release: { config: "kernel/build/release", image: "kernel/image/default", optimization: "Os" },
  meter: { config: "kernel/build/meter", image: "kernel/image/default", optimization: "Os" },
  bench: { config: "kernel/build/bench", image: "bench/kernel", optimization: "Os" },
};

export function isFlavour(name: string): name is Flavour {
  return name in SOURCES;
}

export function sourcesOf(spec: ImageSpec): ImageSources {
  return { ...SOURCES[spec.flavour], out: `build/${spec.arch}/${spec.flavour}`, ...spec.custom };
}
