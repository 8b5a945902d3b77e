import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { $ } from "zx";
import { ISO_PACKAGES, PACKAGES } from "./packages.ts";

/** What the project says of itself holds. */

interface Manifest {
  readonly version: string;
  readonly engines?: { readonly node: string };
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

const MANIFESTS = ["package.json", "compiler/package.json", "sdk/package.json"].map(
  (file) => JSON.parse(readFileSync(file, "utf8")) as Manifest,
);
const DEPENDENCIES = MANIFESTS.flatMap(({ dependencies, devDependencies }) =>
  Object.entries({ ...dependencies, ...devDependencies }),
);
const MAX_FILE_LINES = 700;

async function trackedFiles(): Promise<string[]> {
  return (await $`git ls-files`).stdout.trim().split("\n");
}

test("the kernel has the package's version", () => {
  const version = /VERSION: Bytes = "(.+)"/.exec(readFileSync("kernel/version.ts", "utf8"))?.[1];
  expect(version).toBe(MANIFESTS[0]?.version);
});

test.each(DEPENDENCIES)("%s has an exact version", (_name, version) => {
  expect(version).toMatch(/^\d+\.\d+\.\d+$/);
});

test("the lock file names no download addresses", () => {
  expect(readFileSync("package-lock.json", "utf8")).not.toContain('"resolved": "http');
});

test.each([...DEPENDENCIES.map(([name]) => name), ...[...PACKAGES, ...ISO_PACKAGES].map(({ name }) => name)])(
  "docs/dependencies.md says why %s is needed",
  (name) => {
    expect(readFileSync("docs/dependencies.md", "utf8")).toMatch(new RegExp(`^\\| \`${name}\` \\| .{20,}`, "m"));
  },
);

test("make help names every target", async () => {
  const targets = /^\.PHONY: (.*)$/m.exec(readFileSync("Makefile", "utf8"))?.[1]?.split(" ") ?? [];
  const { stdout } = await $`make help`;
  const named = [...stdout.matchAll(/^ {2}make (\S+) +\S/gm)].map(([, target]) => target);
  expect(named).toEqual(targets);
});

test("the README's layout names every folder", async () => {
  const tracked = (await trackedFiles()).filter((file) => file.includes("/") && !file.startsWith("."));
  const folders = [...new Set(tracked.map((file) => file.split("/")[0]))];
  const named = [...readFileSync("README.md", "utf8").matchAll(/^\| `([\w-]+)\/` \|/gm)].map(([, folder]) => folder);
  expect(named.sort()).toEqual(folders.sort());
});

test(`no file has more than ${MAX_FILE_LINES} lines`, async () => {
  const sources = (await trackedFiles()).filter((file) => /\.(?:ts|mjs|c|S|asm)$/.test(file));
  const long = sources.filter((file) => readFileSync(file, "utf8").split("\n").length - 1 > MAX_FILE_LINES);
  expect(long).toEqual([]);
});

const PAGES = [
  "README.md",
  ...readdirSync("docs", { recursive: true, encoding: "utf8" }).map((name) => `docs/${name}`),
];

test.each(PAGES.filter((name) => name.endsWith(".md")))("%s links to what exists", (page) => {
  const text = readFileSync(page, "utf8").replace(/^```[\s\S]*?^```$|`[^`\n]*`/gm, "");
  const links = [...text.matchAll(/\]\((?!\w+:|#)([^)#\s]+)/g)].map(([, link = ""]) => link);
  expect(links.filter((link) => !existsSync(join(dirname(page), link)))).toEqual([]);
});

test("docs/tour.md finds each function where it says", () => {
  const tour = readFileSync("docs/tour.md", "utf8").replaceAll("\n", " ");
  const named = [...tour.matchAll(/`(\w+)` in \[([^\]]+)\]\(\.\.\/([^)]+)\)/g)];
  expect(named.length).toBeGreaterThan(20);
  const missing = named.filter(([, name, title, file = ""]) => {
    const declaration = new RegExp(`^export (?:async )?(?:function|interface) ${name}\\b`, "m");
    return title !== file || !declaration.test(readFileSync(file, "utf8"));
  });
  expect(missing.map(([text]) => text)).toEqual([]);
});

test("both architectures have the same TypeScript files", async () => {
  const files = await trackedFiles();
  const filesOf = (arch: string) =>
    files.flatMap((file) => (file.startsWith(`arch/${arch}/`) && file.endsWith(".ts") ? [file.split("/")[2]] : []));
  expect(filesOf("aarch64")).toEqual(filesOf("x86_64"));
});
