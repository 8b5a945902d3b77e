import { type NameOfThread, numbered, readTrace, type TraceEvent } from "../../scripts/traceLines.ts";
import { type Holder, readHolders, threadNames } from "./capabilities.ts";
import { escaped } from "./escape.ts";
import { drawGraph } from "./graph.ts";
import { drawTimeline } from "./timeline.ts";

/** One HTML page, which needs nothing else, of what a console's output has of a trace and of capabilities. */

const STYLE = `
body { font: 14px/1.4 sans-serif; margin: 2em; color: #223; background: #fff; }
h1 { font-size: 1.4em; } h2 { font-size: 1.1em; margin-top: 2em; }
.scroll { overflow-x: auto; border: 1px solid #ccd; padding: 4px; }
table { border-collapse: collapse; } td, th { padding: 2px 10px; text-align: left; } tr:nth-child(even) { background: #f4f6f9; }
td.number { text-align: right; font-variant-numeric: tabular-nums; } td.what { white-space: pre-wrap; }
.timeline text { font: 11px sans-serif; fill: #334; } .timeline .tick { stroke: #e2e6ec; text-anchor: middle; stroke-width: 1; }
.timeline text.tick { stroke: none; fill: #667; } .timeline .lane { stroke: #ccd4dd; } .timeline text.name { font-weight: bold; }
.kernel { fill: #48617d; } .user { fill: #a9cbe8; } .message { stroke: #c2571a; fill: none; } .head { fill: #c2571a; }
.fault { fill: #c01f2e; } .irq { fill: #7a5ba8; }
.key span { display: inline-block; width: 1.2em; height: 0.8em; margin: 0 0.4em 0 1.2em; }`;

const KEY =
  '<p class="key"><span style="background:#48617d"></span>the kernel, for this thread or idle' +
  '<span style="background:#a9cbe8"></span>the thread itself<span style="background:#c2571a"></span>a message</p>';

/** Null when there is nothing to show. */
export async function pageOf(console: string, title: string): Promise<string | null> {
  const holders = readHolders(console);
  const nameOf = numbered(threadNames(holders));
  const events = readTrace(console, nameOf);
  if (events.length === 0 && holders.length === 0) return null;
  const parts = [
    "<!DOCTYPE html>",
    `<html lang="en"><head><meta charset="utf-8"><title>${escaped(title)}</title><style>${STYLE}</style></head><body>`,
    `<h1>${escaped(title)}</h1>`,
    ...(events.length === 0 ? [] : timelinePart(events, nameOf)),
    ...(holders.length === 0 ? [] : await graphPart(holders)),
    "</body></html>",
  ];
  return `${parts.join("\n")}\n`;
}

function timelinePart(events: readonly TraceEvent[], nameOf: NameOfThread): readonly string[] {
  return [
    "<h2>Timeline</h2>",
    "<p>Counts since the first event: nanoseconds, which are instructions when the machine ran with <code>--icount</code>.</p>",
    KEY,
    `<div class="scroll">${drawTimeline(events, nameOf)}</div>`,
    "<h2>Messages</h2>",
    table(
      events.filter(({ kind }) => kind === "Ipc"),
      events,
      nameOf,
    ),
    `<details><summary>All ${events.length} events</summary>`,
    table(events, events, nameOf),
    "</details>",
  ];
}

/** When, who, what, and how long since the event before. */
function table(shown: readonly TraceEvent[], all: readonly TraceEvent[], nameOf: NameOfThread): string {
  const first = all[0]?.time ?? 0n;
  const rows = shown.map((event) => {
    const before = all[all.indexOf(event) - 1]?.time ?? event.time;
    const numbers = [event.time - first, event.time - before].map(
      (n) => `<td class="number">${n.toLocaleString("en-US")}</td>`,
    );
    return `<tr>${numbers.join("")}<td>${escaped(nameOf(event.thread))}</td><td class="what">${escaped(event.text)}</td></tr>`;
  });
  const head = "<tr><th>at</th><th>since the event before</th><th>who</th><th>what</th></tr>";
  return `<table>${head}${rows.join("\n")}</table>`;
}

async function graphPart(holders: readonly Holder[]): Promise<readonly string[]> {
  const rows = holders.flatMap(({ name, capabilities }) =>
    capabilities.map(({ slot, type, rights, level, object, data }) => {
      const cells = [
        name,
        String(slot),
        type,
        rights.join(" "),
        `0x${object.toString(16)}`,
        `0x${data.toString(16)}`,
        String(level),
      ];
      return `<tr>${cells.map((cell) => `<td>${escaped(cell)}</td>`).join("")}</tr>`;
    }),
  );
  const head =
    "<tr><th>who</th><th>slot</th><th>what</th><th>rights</th><th>object</th><th>data</th><th>level</th></tr>";
  return [
    "<h2>Capabilities</h2>",
    `<div class="scroll">${await drawGraph(holders)}</div>`,
    `<details><summary>All ${rows.length}</summary><table>${head}${rows.join("\n")}</table></details>`,
  ];
}
