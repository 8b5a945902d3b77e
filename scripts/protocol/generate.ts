import { inOurForm } from "../syscalls/generate.ts";
import { docsFiles } from "./docs.ts";
import { entriesFiles, marshalFiles } from "./marshal.ts";
import { readProtocol } from "./model.ts";

/** Everything that is written from the records of protocol/, by file. */
export async function generate(): Promise<Map<string, string>> {
  const records = readProtocol();
  const formatted = await Promise.all(
    Object.entries({ ...marshalFiles(records), ...entriesFiles(records) }).map(
      async ([file, text]) => [file, await inOurForm(file, text)] as const,
    ),
  );
  return new Map([...formatted, ...Object.entries(docsFiles(records))]);
}
