import type { Arch } from "./architecture.ts";

/** What can be built: a flavour chooses the configuration (`@build/…`) and what the image adds (`@image/…`). */

export const FLAVOURS = ["debug", "release", "bench"] as const;
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
  readonly out: string;
}

const SOURCES: Readonly<Record<Flavour, { readonly config: string; readonly image: string }>> = {
  debug: { config: "kernel/build/debug", image: "kernel/image/default" },
  release: { config: "kernel/build/release", image: "kernel/image/default" },
  bench: { config: "kernel/build/release", image: "bench/kernel" },
};

export function isFlavour(name: string): name is Flavour {
  return name in SOURCES;
}

export function sourcesOf(spec: ImageSpec): ImageSources {
  const { config, image } = SOURCES[spec.flavour];
  const out = `build/${spec.arch}/${spec.flavour}`;
  return { config, image, out, ...spec.custom };
}
