import { readFileSync } from "node:fs";
import { basename } from "node:path";
import type { Command } from "../main.ts";
import { print, working } from "../tool/console.ts";
import { EXIT_DATA, Failure } from "../tool/failure.ts";
import { readInput, writeOutput } from "../tool/files.ts";

export const trace: Command = {
  summary: "makes a page of a console's output: timeline and capability graph",
  help: `
  sila trace FILE|- [--out PAGE.html]

Reads what the console's commands trace dump and caps --tree have written, and makes one HTML page of it that needs
nothing else.

  FILE        what the console has printed; - reads standard input
  --out FILE  the page (default: trace.html)

Examples:
  sila run --exec "trace on; version; trace off; trace dump" > console.txt; sila trace console.txt
  npm run -s boot -- --icount --exec "trace on; mem; trace dump; caps --tree" | sila trace - --out mem.html
`,
  options: { out: "string" },
  mostArguments: 1,
  async run(given) {
    const file = given.at(0, "FILE");
    const mend = "sila run prints a console's output.";
    const text = file === "-" ? readFileSync(0, "utf8") : Buffer.from(readInput(file, mend)).toString("utf8");
    const title = file === "-" ? "Skyscope trace" : `Skyscope trace of ${basename(file)}`;
    // It reads the kernel's tables and the protocol's records: nobody else shall wait for that.
    const { pageOf } = await import("../trace/page.ts");
    const page = await working("drawing", () => pageOf(text, title));
    if (page === null) {
      throw new Failure(
        `${file}: it has no line of a trace or of capabilities. At the console, trace dump and caps --tree write them`,
        EXIT_DATA,
      );
    }
    const out = given.text("out") ?? "trace.html";
    writeOutput(out, page);
    print(out);
    return 0;
  },
};
