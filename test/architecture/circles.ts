/**
 * The circles of a directed graph, one for each knot of nodes that reach one another, each as its nodes in order.
 * Tarjan, "Depth-first search and linear graph algorithms" (1972).
 */
export function circlesOf(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const order = new Map<string, number>();
  const open: string[] = [];
  const circles: string[][] = [];

  const visit = (node: string): number => {
    const place = order.size;
    let low = place;
    order.set(node, place);
    open.push(node);
    for (const next of graph.get(node) ?? []) {
      if (!order.has(next)) low = Math.min(low, visit(next));
      else if (open.includes(next)) low = Math.min(low, order.get(next) ?? low);
    }
    if (low === place) close(node);
    return low;
  };

  const close = (node: string): void => {
    const knot = open.splice(open.indexOf(node));
    if (knot.length > 1 || graph.get(node)?.includes(node)) circles.push(knot);
  };

  for (const node of graph.keys()) if (!order.has(node)) visit(node);
  return circles;
}
