import { expect, test } from "vitest";
import { ARCHITECTURES } from "./architecture.ts";

test("the exit device's codes and the kernel's statuses", () => {
  const { decodeExit } = ARCHITECTURES.x86_64;
  expect([33, 35, 37].map(decodeExit)).toEqual([0, 1, 2]);
  expect([0, 1, 2, 31, 34].map(decodeExit)).toEqual([null, null, null, null, null]);
});

test("semihosting says the status itself", () => {
  expect([0, 1, 2].map(ARCHITECTURES.aarch64.decodeExit)).toEqual([0, 1, 2]);
});
