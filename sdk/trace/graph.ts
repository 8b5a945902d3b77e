import { instance } from "@viz-js/viz";
import type { Capability, Holder } from "./capabilities.ts";

/**
 * The capability graph as SVG: processes, what they hold, and by which rights. Objects that one process alone holds, and that
 * every process has, are counted in its box and not drawn.
 */

/** What the kernel makes of each process (kernel/object/processSlots.ts). */
const LAST_OWN_SLOT = 15;

interface Held {
  readonly holder: Holder;
  readonly capability: Capability;
}

export async function drawGraph(holders: readonly Holder[]): Promise<string> {
  const viz = await instance();
  const svg = viz.renderString(graphOf(holders), { format: "svg" });
  return svg.slice(svg.indexOf("<svg"));
}

/** In Graphviz's language. */
export function graphOf(holders: readonly Holder[]): string {
  const objects = objectsOf(holders);
  const drawn = [...objects].filter(([, held]) => isDrawn(held));
  const lines = [
    "digraph capabilities {",
    '  graph [rankdir=LR, fontname="sans-serif", bgcolor=transparent]',
    '  node [fontname="sans-serif", fontsize=11, style=filled, fillcolor=white, margin="0.2,0.06"]',
    '  edge [fontname="sans-serif", fontsize=9, color="#667788"]',
  ];
  for (const { pid, name, capabilities } of holders) {
    const own = capabilities.filter((each) => !isDrawn(objects.get(idOf(each)) ?? [])).length;
    const label = `${name}\\npid ${pid}, ${own} of its own`;
    lines.push(`  p${pid} [shape=box, fillcolor="#dbe9f6", label=${quoted(label)}]`);
  }
  for (const [i, [, held]] of drawn.entries()) {
    const { type, object } = (held[0] as Held).capability;
    lines.push(`  o${i} [shape=ellipse, label=${quoted(titleOf(type, object))}]`);
    for (const { holder, capability } of held) {
      lines.push(`  p${holder.pid} -> o${i} [label=${quoted(labelOf(capability))}]`);
    }
  }
  return [...lines, "}"].join("\n");
}

const idOf = ({ type, object }: Capability): string => `${type} ${object}`;

function objectsOf(holders: readonly Holder[]): Map<string, Held[]> {
  const objects = new Map<string, Held[]>();
  for (const holder of holders) {
    for (const capability of holder.capabilities) {
      const held = objects.get(idOf(capability)) ?? [];
      objects.set(idOf(capability), [...held, { holder, capability }]);
    }
  }
  return objects;
}

function isDrawn(held: readonly Held[]): boolean {
  const holders = new Set(held.map(({ holder }) => holder.pid));
  return holders.size > 1 || held.some(({ capability }) => capability.slot > LAST_OWN_SLOT);
}

function labelOf({ rights, type, data, slot }: Capability): string {
  const badge = type === "Endpoint" && data !== 0n ? `, badge ${data}` : "";
  return `${rights.join(" ") || "no rights"}${badge}, slot ${slot}`;
}

/** Some types have no object. */
function titleOf(type: string, object: bigint): string {
  return object === 0n ? type : `${type}\\n0x${object.toString(16)}`;
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '\\"')}"`;
}
