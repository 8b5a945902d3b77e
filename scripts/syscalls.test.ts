import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { generate } from "./syscalls/generate.ts";
import { camel, readModel, snake } from "./syscalls/model.ts";

test("what is written from the table of system calls is up to date", async () => {
  const files = await generate();
  const stale = [...files].filter(([file, text]) => readFileSync(file, "utf8") !== text).map(([file]) => file);
  expect(stale).toEqual([]);
});

test("every operation has a handler whose comment names it", () => {
  const { calls } = readModel();
  const unnamed = calls.filter(({ file, object, operation }) => {
    const source = readFileSync(`kernel/object/${file}.ts`, "utf8");
    const comment = `\\* ${object}\\.${operation.name}[ .:;→][^/]*\\*/\nexport function ${operation.handler}\\(\\)`;
    return !new RegExp(comment).test(source);
  });
  expect(unnamed.map(({ id }) => id)).toEqual([]);
});

test("every error that a handler can answer stands in its row, if the handler is the file's only one", () => {
  const { calls } = readModel();
  const alone = calls.filter(({ file }) => calls.filter((call) => call.file === file).length === 1);
  expect(alone.length).toBeGreaterThan(0);
  for (const { file, errors, id } of alone) {
    const source = readFileSync(`kernel/object/${file}.ts`, "utf8");
    const answered = [...source.matchAll(/ErrorCode\.(\w+)/g)].map(([, name = ""]) => name);
    const own = new Set(["None", ...Object.keys(errors)]);
    expect([id, answered.filter((name) => !own.has(name))]).toEqual([id, []]);
  }
});

test.each([
  ["CNodeCopy", "cnodeCopy", "cnode_copy"],
  ["IoPortIn", "ioPortIn", "io_port_in"],
  ["Thread", "thread", "thread"],
  ["CNode", "cnode", "cnode"],
])("%s is %s in KTS and %s in C", (name, inKts, inC) => {
  expect([camel(name), snake(name)]).toEqual([inKts, inC]);
});
