import { defineConfig } from "vitest/config";

const isLong = process.env.SKYSCOPE_LONG === "1";
const kinds = isLong ? ["test", "long"] : ["test"];

function inFolders(...folders: string[]): string[] {
  return folders.flatMap((folder) => kinds.map((kind) => `${folder}/**/*.${kind}.ts`));
}

/** Tests named `*.long.ts` run only in `make test-long`. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "host",
          include: inFolders("compiler", "kernel", "boot", "drivers", "crypto", "codec", "scripts", "bench", "test"),
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "machine",
          include: inFolders("test-qemu"),
          globalSetup: ["test-qemu/images.ts"],
          testTimeout: isLong ? 1_800_000 : 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
