import { describe, expect, test } from "vitest";
import { ARCHES } from "../scripts/architecture.ts";
import { boot, run } from "./console.ts";

const RECORD = /^\[ *\d+\.\d{6}\] (debug|info|warn|error) /gm;

function levelsIn(text: string): Set<string> {
  return new Set([...text.matchAll(RECORD)].map(([, level = ""]) => level));
}

describe.each(ARCHES)("%s", (arch) => {
  test("without a choice the console shows info and above", async () => {
    const machine = await boot({ arch });
    expect(levelsIn(machine.output)).toEqual(new Set(["info", "warn"]));
  });

  test("loglevel=debug shows everything", async () => {
    const machine = await boot({ arch, words: ["loglevel=debug"] });
    expect(levelsIn(machine.output)).toEqual(new Set(["debug", "info", "warn"]));
  });

  // The one warning: the image is signed with development keys.
  test.each([
    ["warn", ["warn"]],
    ["error", []],
  ])("loglevel=%s hides what is less", async (level, shown) => {
    const machine = await boot({ arch, words: [`loglevel=${level}`] });
    expect(levelsIn(machine.output)).toEqual(new Set(shown));
  });

  test("the ring keeps every level, whatever the console shows", async () => {
    const machine = await boot({ arch, words: ["loglevel=error"] });
    expect(levelsIn(await run(machine, "log"))).toEqual(new Set(["debug", "info", "warn"]));
  });

  test("time stamps never go back", async () => {
    const machine = await boot({ arch });
    const log = await run(machine, "log");
    const stamps = [...log.matchAll(/^\[ *(\d+\.\d{6})\]/gm)].map(([, stamp]) => Number(stamp));
    expect(stamps.length).toBeGreaterThan(3);
    expect(stamps).toEqual([...stamps].sort((a, b) => a - b));
  });
});
