/** Cycles of a directed graph, for recursion and for folders that import each other. */

export interface Edge<Node, Site> {
  readonly to: Node;
  readonly site: Site;
}

/** Calls `found` with each path that leads back to its own start, and the edge that closes it. */
export function findCycles<Node, Site>(
  edges: ReadonlyMap<Node, readonly Edge<Node, Site>[]>,
  found: (path: readonly Node[], site: Site) => void,
): void {
  const done = new Set<Node>();
  const path: Node[] = [];
  const visit = (node: Node): void => {
    path.push(node);
    for (const { to, site } of edges.get(node) ?? []) {
      const start = path.indexOf(to);
      if (start >= 0) found(path.slice(start), site);
      else if (!done.has(to)) visit(to);
    }
    path.pop();
    done.add(node);
  };
  for (const node of edges.keys()) if (!done.has(node)) visit(node);
}
