import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { COMMON_ERRORS } from "../kernel/syscall/table.ts";
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

test("every error that a handler can answer stands in its row", () => {
  const missing = readModel().calls.flatMap(({ id, file, operation, errors }) => {
    const listed = new Set(["None", ...Object.keys(errors), ...Object.keys(COMMON_ERRORS)]);
    return [...errorsOf(file, operation.handler)].filter((name) => !listed.has(name)).map((name) => `${id}: ${name}`);
  });
  expect(missing).toEqual([]);
});

test("no row has an error that its handler cannot answer", () => {
  const stale = readModel().calls.flatMap(({ id, file, operation }) => {
    const answered = errorsOf(file, operation.handler);
    if (id === "CNodeCopy") answered.add("Busy");
    return Object.keys(operation.errors ?? {})
      .filter((name) => !answered.has(name))
      .map((name) => `${id}: ${name}`);
  });
  expect(stale).toEqual([]);
});

/** The errors that the handler names, or a function that it calls, in its own file and in those that say why not: of copies, and of objects that are made. */
function errorsOf(file: string, handler: string): Set<string> {
  const functions = new Map(
    ["kernel/cap/derive.ts", "kernel/object/untyped.ts", `kernel/object/${file}.ts`].flatMap((path) =>
      functionsIn(readFileSync(path, "utf8")),
    ),
  );
  const [names, errors] = [[handler], new Set<string>()];
  for (const name of names) {
    // That a Region is not zeroed concerns Copy alone: the others check it themselves, or take no Region.
    const body = (functions.get(name) ?? "").replace(name === "whyNoCopy" ? "ErrorCode.Busy" : "", "");
    for (const [, error = ""] of body.matchAll(/ErrorCode\.(\w+)/g)) errors.add(error);
    const called = [...body.matchAll(/(\w+)\(/g)].map(([, callee = ""]) => callee);
    names.push(...called.filter((callee) => functions.has(callee) && !names.includes(callee)));
  }
  return errors;
}

function functionsIn(source: string): [string, string][] {
  const functions = source.matchAll(/^(?:export )?function (\w+)\([\s\S]*?^\}$/gm);
  return [...functions].map(([body, name = ""]) => [name, body]);
}

test.each([
  ["CNodeCopy", "cnodeCopy", "cnode_copy"],
  ["IoPortIn", "ioPortIn", "io_port_in"],
  ["Thread", "thread", "thread"],
  ["CNode", "cnode", "cnode"],
])("%s is %s in KTS and %s in C", (name, inKts, inC) => {
  expect([camel(name), snake(name)]).toEqual([inKts, inC]);
});
