import { expect, test } from "vitest";
import { cryptoCosts } from "../../bench/host/crypto.ts";

test("no step of a verification exceeds 20,000 instructions, and all of it 2.5 million, by callgrind's count", async () => {
  const costs = await cryptoCosts();
  console.log(costs);
  expect(costs.longestStep).toBeLessThanOrEqual(20_000);
  expect(costs.verify).toBeLessThanOrEqual(2_500_000);
  expect(costs.permutation).toBeLessThanOrEqual(4_900);
  expect(costs.sha512PerByte).toBeLessThanOrEqual(20);
});
