import { expect, test } from "vitest";
import { encodeLines, mergeRows } from "./lines.ts";

const ROWS = [
  { offset: 0, site: 0, name: "start" },
  { offset: 16, site: 0x0001_000a, name: "kernelMain" },
  { offset: 32, site: 0x0001_000b, name: "kernelMain" },
];

test("rows that repeat the one before are dropped", () => {
  const repeated = ROWS.flatMap((row) => [row, { ...row, offset: row.offset + 4 }]);
  expect(mergeRows(repeated)).toEqual(ROWS);
});

test("the same line in another function is a row of its own", () => {
  const rows = [
    { offset: 0, site: 7, name: "outer" },
    { offset: 4, site: 7, name: "inlined" },
  ];
  expect(mergeRows(rows)).toEqual(rows);
});

test("the table is a header, rows, and names that are stored once", () => {
  const table = encodeLines(ROWS);
  const words = Array.from({ length: 13 }, (_, i) => table.readUInt32LE(i * 4));
  const names = "start\0kernelMain\0";
  expect(words.slice(0, 4)).toEqual([0x4c4e4553, 3, names.length, 0]);
  expect(words.slice(4)).toEqual([0, 0, 0, 16, 0x1000a, 6, 32, 0x1000b, 6]);
  expect(table.subarray(13 * 4).toString()).toBe(names);
});
