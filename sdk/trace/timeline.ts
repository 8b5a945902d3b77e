import { scaleLinear } from "d3-scale";
import type { NameOfThread, TraceEvent } from "../../scripts/traceLines.ts";
import { escaped } from "./escape.ts";

/**
 * The timeline as SVG: a lane for each thread, dark where the kernel works for it, light where it runs itself, an arrow for
 * each message.
 */

const LANE = 34;
const BAR = 16;
const LEFT = 170;
const TOP = 34;
const LEAST_WIDTH = 1000;
/** Of the drawing, for each event. */
const EVENT_WIDTH = 7;
const TICK_WIDTH = 110;

/** What the processor does from one event to the next, and for whom. */
export interface Span {
  readonly thread: bigint;
  readonly from: bigint;
  readonly to: bigint;
  readonly isKernel: boolean;
  readonly text: string;
}

export function spansOf(events: readonly TraceEvent[]): Span[] {
  const spans: Span[] = [];
  let open: TraceEvent | null = null;
  for (const event of events) {
    const begins = event.kind === "Entry" || event.kind === "Exit";
    if (!begins && event.kind !== "Fault" && event.kind !== "Irq") continue;
    if (open !== null) spans.push(spanOf(open, event.time));
    // Behind an entry the kernel works, behind an exit runs the thread that goes on; who runs behind others is not known.
    open = begins ? event : null;
  }
  return spans;
}

function spanOf({ thread, time, kind, text }: TraceEvent, to: bigint): Span {
  return { thread, from: time, to, isKernel: kind === "Entry", text: text.trim() };
}

export function drawTimeline(events: readonly TraceEvent[], nameOf: NameOfThread): string {
  const threads = [...new Set(events.flatMap(({ thread, to }) => (to === null ? [thread] : [thread, to])))];
  const laneOf = new Map(threads.map((thread, i) => [thread, TOP + i * LANE + LANE / 2]));
  const [first, last] = [events[0]?.time ?? 0n, events.at(-1)?.time ?? 1n];
  const width = Math.max(LEAST_WIDTH, events.length * EVENT_WIDTH);
  const scale = scaleLinear([0, Math.max(1, Number(last - first))], [LEFT, LEFT + width]);
  const x = (time: bigint): number => Math.round(scale(Number(time - first)) * 10) / 10;
  const y = (thread: bigint): number => laneOf.get(thread) ?? 0;
  const height = TOP + threads.length * LANE + 8;
  const parts = [
    ...scale.ticks(Math.floor(width / TICK_WIDTH)).map((tick) => tickAt(scale(tick), tick, height)),
    ...threads.map((thread) => lane(y(thread), nameOf(thread), LEFT + width)),
    ...spansOf(events).map((span) => bar(span, x(span.from), x(span.to), y(span.thread))),
    ...events.map((event) => mark(event, x(event.time), y)),
  ];
  const size = `width="${LEFT + width + 20}" height="${height}" viewBox="0 0 ${LEFT + width + 20} ${height}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" class="timeline" ${size}>${ARROW}${parts.join("")}</svg>`;
}

const ARROW =
  '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="6" markerHeight="6" orient="auto">' +
  '<path d="M0 0 8 4 0 8z" class="head"/></marker></defs>';

function tickAt(at: number, tick: number, height: number): string {
  const place = Math.round(at * 10) / 10;
  const label = tick.toLocaleString("en-US");
  return `<path class="tick" d="M${place} ${TOP - 6}V${height}"/><text class="tick" x="${place}" y="${TOP - 12}">${label}</text>`;
}

function lane(at: number, name: string, end: number): string {
  return `<path class="lane" d="M${LEFT} ${at}H${end}"/><text class="name" x="8" y="${at + 4}">${escaped(name)}</text>`;
}

function bar(span: Span, from: number, to: number, at: number): string {
  const width = Math.max(0.5, to - from);
  const title = `${span.isKernel ? "kernel: " : "runs: "}${span.text}, ${span.to - span.from}`;
  const shape = `x="${from}" y="${at - BAR / 2}" width="${width.toFixed(1)}" height="${BAR}"`;
  return `<rect class="${span.isKernel ? "kernel" : "user"}" ${shape}><title>${escaped(title)}</title></rect>`;
}

function mark({ kind, thread, to, text }: TraceEvent, at: number, y: (thread: bigint) => number): string {
  const title = `<title>${escaped(text.trim())}</title>`;
  if (kind === "Ipc" && to !== null && to !== thread) {
    return `<path class="message" d="M${at} ${y(thread)}L${at} ${y(to)}" marker-end="url(#arrow)">${title}</path>`;
  }
  if (kind === "Fault") return `<circle class="fault" cx="${at}" cy="${y(thread)}" r="5">${title}</circle>`;
  return kind === "Irq" ? `<circle class="irq" cx="${at}" cy="${y(thread)}" r="3">${title}</circle>` : "";
}
