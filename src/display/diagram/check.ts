// What makes a drawing unreadable, found before anyone sees it: boxes and words that overlap,
// arrows through boxes or words, a drawing wider than a notebook.
import type { Box } from "../geometry";
import type { PlacedEdge } from "./routes";
import type { PlacedNode } from "./shapes";

export interface PlacedGroup {
  title: string;
  nodes: readonly string[];
  box: Box;
  words: { text: string; box: Box; anchor: "start" | "end" }[];
}

/** Boxes may touch by this much, in pixels. */
const TOUCH = 1;

interface Named {
  name: string;
  box: Box;
}

/** @returns a sentence for the first fault, or undefined */
export function faultOf(
  nodes: PlacedNode[],
  edges: PlacedEdge[],
  groups: PlacedGroup[],
): string | undefined {
  const words: Named[] = [
    ...edges.flatMap(({ label, ids, labelBox }) =>
      labelBox ? [{ name: `the label "${label}" (${ids.join(" → ")})`, box: labelBox }] : [],
    ),
    ...groups.flatMap((group) =>
      group.words.map(({ text, box }) => ({ name: `the title "${text}"`, box })),
    ),
  ];
  const all = [...nodes.map(({ id, box }) => ({ name: `"${id}"`, box })), ...words];
  for (const [i, a] of all.entries())
    for (const b of all.slice(i + 1)) {
      const by = overlap(a.box, b.box);
      if (by) return `expected ${a.name} and ${b.name} apart, got an overlap of ${by} pixels`;
    }
  for (const edge of edges) {
    const through = crossed(edge, nodes, words);
    if (through)
      return `expected the arrow ${edge.ids.join(" → ")} to keep clear of ${through}, got a crossing`;
  }
  for (const group of groups)
    for (const { id, box } of nodes)
      if (!group.nodes.includes(id) && overlap(box, group.box))
        return `expected "${id}" outside the group "${group.title}", got an overlap`;
  return undefined;
}

function overlap(a: Box, b: Box): string | undefined {
  const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const tall = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  if (wide <= TOUCH || tall <= TOUCH) return undefined;
  return `${Math.round(wide)} × ${Math.round(tall)}`;
}

function crossed(edge: PlacedEdge, nodes: PlacedNode[], words: Named[]): string | undefined {
  const inside = (box: Box, room: number) =>
    edge.sampled.some(
      ([x, y]) =>
        x > box.left + room && x < box.right - room && y > box.top + room && y < box.bottom - room,
    );
  const node = nodes.find(({ box, kind }) => inside(box, kind === "circle" ? 3 : TOUCH));
  if (node) return `"${node.id}"`;
  return words.find(({ box }) => inside(box, TOUCH))?.name;
}
