// Drawings of mechanisms: boxes, arrows with the shapes of the tensors on them, groups. The author
// gives places on a grid and says what an arrow joins; sizes, routes and words are worked out here,
// and a drawing in which something overlaps is refused. It is one picture in the colours of the
// page, light or dark, with its description for those who do not see it.
import { type Box, SIZE } from "../geometry";
import { sentence } from "../label";
import { toneColors, wrap } from "../style";
import { at, element, filled, svgPage, svgText } from "../xml";
import { faultOf, type PlacedGroup } from "./check";
import { mathText, mathWidth, plainText } from "./mathText";
import type { DiagramGroup, DiagramNode, DiagramOptions, Tone } from "./options";
import { type PlacedEdge, type Point, placeEdge } from "./routes";
import { drawNode, middleOf, NOTE, type PlacedNode, placeNode, tooWide } from "./shapes";

/** A drawing made by `diagram`. Show it with `plot`. */
export interface Diagram {
  kind: "diagram";
  alt: string;
  title: string;
  caption: string;
  width: number;
  height: number;
  /** A whole picture. */
  svg: string;
}

/** The column of a notebook. */
export const WIDEST = 760;
const LEAST_FOR_WORDS = 560;
const MARGIN = 14;
const GROUP = { pad: 12, title: 24 };
const CAPTION_LINE = 19;
const LEAST_ALT = 20;

/**
 * A drawing of a mechanism, for `plot`. Places are columns and rows, parts allowed.
 *
 *     plot(diagram({
 *       alt: "The input x_t and the last state h_{t−1} enter the cell; it gives the state h_t.",
 *       nodes: [
 *         { id: "x", at: [0, 1], text: "x_t", tone: "data" },
 *         { id: "cell", at: [1, 1], text: "cell", note: "W, U, b", tone: "weights" },
 *         { id: "h", at: [2, 1], text: "h_t", tone: "state" },
 *       ],
 *       edges: [
 *         { from: "x", to: "cell", label: "(B, I)" },
 *         { from: "cell", to: "h", label: "(B, H)" },
 *         { from: "cell.top", to: "cell", route: "loop", label: "h_{t−1}", tone: "state" },
 *       ],
 *     }));
 *
 * @throws {Error} without a description of at least 20 characters; where an id is used twice or
 *   names no node; where boxes, words or arrows overlap; where the drawing is wider than 760 pixels
 */
export function diagram(options: DiagramOptions): Diagram {
  const { edges = [], grid = [130, 80], title = "", caption = "" } = options;
  const alt = sentence(options.alt);
  if (alt.length < LEAST_ALT)
    throw new Error(
      `diagram: expected alt, a description of at least ${LEAST_ALT} characters, got "${alt}"`,
    );
  const nodes = placeNodes(options.nodes, grid);
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const arrows = edges.map((edge) => placeEdge(edge, byId, grid));
  const groups = placeGroups(options.groups ?? [], byId, arrows);
  const fault = faultOf(nodes, arrows, groups);
  if (fault) throw new Error(`diagram: ${fault}`);

  const bounds = around([
    ...nodes.map(({ box }) => box),
    ...groups.map(({ box }) => box),
    ...arrows.flatMap(({ sampled, labelBox }) => [
      ...sampled.map(dot),
      ...(labelBox ? [labelBox] : []),
    ]),
  ]);
  const drawn = [
    ...groups.map((group, i) => drawGroup(group, options.groups?.[i].tone)),
    ...arrows.map(drawArrow),
    ...nodes.map(drawNode),
    ...arrows.map(drawLabel),
  ].join("");
  const page = pageOf(bounds, drawn, {
    title: sentence(title, 200),
    caption: sentence(caption),
    legend: options.legend ? tonesOf(options) : [],
    alt: plainText(alt),
  });
  if (page.width > WIDEST)
    throw new Error(
      `diagram: expected at most ${WIDEST} pixels in width, got ${page.width}: ` +
        "fewer columns, shorter texts, or a smaller grid",
    );
  return {
    kind: "diagram",
    alt: plainText(alt),
    title: sentence(title, 200),
    caption: sentence(caption),
    ...page,
  };
}

function placeNodes(given: readonly DiagramNode[], grid: [number, number]): PlacedNode[] {
  if (given.length === 0) throw new Error("diagram: expected at least one node, got none");
  const seen = new Set<string>();
  return given.map((node) => {
    if (seen.has(node.id))
      throw new Error(`diagram: expected ids of one node each, got two "${node.id}"`);
    seen.add(node.id);
    const placed = placeNode(node, grid);
    const fault = tooWide(placed);
    if (fault) throw new Error(`diagram: ${fault}`);
    return placed;
  });
}

const dot = ([x, y]: Point): Box => ({ left: x - 2, right: x + 2, top: y - 2, bottom: y + 2 });

function around(boxes: Box[]): Box {
  return {
    left: Math.min(...boxes.map((box) => box.left)),
    right: Math.max(...boxes.map((box) => box.right)),
    top: Math.min(...boxes.map((box) => box.top)),
    bottom: Math.max(...boxes.map((box) => box.bottom)),
  };
}

/** A group holds its nodes, the arrows among them, and the groups within it. */
function placeGroups(
  given: readonly DiagramGroup[],
  nodes: Map<string, PlacedNode>,
  arrows: PlacedEdge[],
): PlacedGroup[] {
  const placed = new Map<DiagramGroup, PlacedGroup>();
  for (const group of [...given].sort((a, b) => a.nodes.length - b.nodes.length)) {
    const members = group.nodes.map((id) => {
      const node = nodes.get(id);
      if (node) return node.box;
      throw new Error(`diagram: expected nodes in the group "${group.title}", got "${id}"`);
    });
    const within = [...placed]
      .filter(([other]) => other.nodes.every((id) => group.nodes.includes(id)))
      .map(([, { box }]) => box);
    const inner = arrows.filter(({ ids }) => ids.every((id) => group.nodes.includes(id)));
    const paths = inner.flatMap(({ sampled, labelBox }) => [
      ...sampled.map(dot),
      ...(labelBox ? [labelBox] : []),
    ]);
    placed.set(group, placeGroup(group, around([...members, ...within, ...paths])));
  }
  // Outer groups are drawn first.
  return given.map((group) => placed.get(group) as PlacedGroup);
}

function placeGroup({ title, times, nodes }: DiagramGroup, inner: Box): PlacedGroup {
  const [wide, right] = [mathWidth(title, NOTE), times ? mathWidth(times, NOTE) + 10 : 0];
  const missing = Math.max(0, wide + right + 4 - (inner.right - inner.left));
  const box = {
    left: inner.left - GROUP.pad - missing / 2,
    right: inner.right + GROUP.pad + missing / 2,
    top: inner.top - GROUP.title - 4,
    bottom: inner.bottom + GROUP.pad,
  };
  const y = { top: box.top + 4, bottom: box.top + 4 + 17 };
  const left = { left: box.left + 9, right: box.left + 9 + wide, ...y };
  const words: PlacedGroup["words"] = [{ text: title, box: left, anchor: "start" }];
  if (times)
    words.push({
      text: times,
      box: { left: box.right - 9 - mathWidth(times, NOTE), right: box.right - 9, ...y },
      anchor: "end",
    });
  return { title, nodes, box, words };
}

function drawGroup({ box, words }: PlacedGroup, tone: Tone = "plain"): string {
  const size = { width: box.right - box.left, height: box.bottom - box.top };
  const paint = { fill: toneColors[tone], "fill-opacity": 0.07, stroke: toneColors[tone] };
  const frame = { x: box.left, y: box.top, ...size, rx: 9, "stroke-dasharray": "5 4", ...paint };
  const titles = words.map(({ text, box: place, anchor }) =>
    mathText(text, anchor === "start" ? place.left : place.right, middleOf(place).y, {
      size: NOTE,
      anchor,
      bold: true,
    }),
  );
  return element("rect", frame) + titles.join("");
}

const HEAD = { length: 8, half: 4 };
const CORNER = 9;

function drawArrow({ points, curved, sampled, arrow = true, dashed, tone = "plain" }: PlacedEdge) {
  const color = toneColors[tone];
  const tip = points[points.length - 1];
  // The direction of the last pixels: a curve bends until its end.
  const before = curved ? sampled[sampled.length - 4] : points[points.length - 2];
  const length = Math.hypot(tip[0] - before[0], tip[1] - before[1]) || 1;
  const [ux, uy] = [(tip[0] - before[0]) / length, (tip[1] - before[1]) / length];
  const neck: Point = [tip[0] - ux * HEAD.length, tip[1] - uy * HEAD.length];
  const stop: Point = arrow
    ? [tip[0] - ux * (HEAD.length - 2), tip[1] - uy * (HEAD.length - 2)]
    : tip;
  const whole = [...points.slice(0, -1), stop];
  const line = {
    d: curved
      ? `M${at(...whole[0])}C${whole
          .slice(1)
          .map((p) => at(...p))
          .join(" ")}`
      : rounded(whole),
    fill: "none",
    stroke: color,
    "stroke-width": 1.8,
    ...(dashed ? { "stroke-dasharray": "6 4" } : {}),
  };
  const side = (s: number) => at(neck[0] - uy * HEAD.half * s, neck[1] + ux * HEAD.half * s);
  const head = arrow
    ? element("path", { d: `M${at(...tip)}L${side(1)}L${side(-1)}z`, fill: color })
    : "";
  return element("path", line) + head;
}

/** Lines with round corners. */
function rounded(points: Point[]): string {
  return points
    .map((point, i) => {
      if (i === 0) return `M${at(...point)}`;
      const next = points[i + 1];
      if (next === undefined) return `L${at(...point)}`;
      const towards = (other: Point): Point => {
        const [dx, dy] = [other[0] - point[0], other[1] - point[1]];
        const far = Math.hypot(dx, dy) || 1;
        const r = Math.min(CORNER, far / 2);
        return [point[0] + (dx / far) * r, point[1] + (dy / far) * r];
      };
      return `L${at(...towards(points[i - 1]))}Q${at(...point)} ${at(...towards(next))}`;
    })
    .join("");
}

function drawLabel({ label, labelBox }: PlacedEdge): string {
  if (!label || !labelBox) return "";
  const { x, y } = middleOf(labelBox);
  return mathText(sentence(label), x, y, { size: NOTE });
}

const MEANINGS: Record<Tone, string> = {
  data: "data",
  weights: "learned",
  state: "remembered",
  loss: "loss and gradients",
  words: "text and tokens",
  plain: "",
};

function tonesOf({ nodes, edges = [], groups = [] }: DiagramOptions): Tone[] {
  const used = new Set([...nodes, ...edges, ...groups].map(({ tone }) => tone));
  return (Object.keys(MEANINGS) as Tone[]).filter((tone) => used.has(tone) && MEANINGS[tone]);
}

interface Words {
  title: string;
  caption: string;
  legend: Tone[];
  alt: string;
}

/** The drawing in the middle of its page; title above, legend and caption below. */
function pageOf(bounds: Box, drawn: string, { title, caption, legend, alt }: Words) {
  const wide = bounds.right - bounds.left + 2 * MARGIN;
  const width = Math.ceil(Math.max(wide, title || caption ? LEAST_FOR_WORDS : 0));
  const top = title === "" ? MARGIN : 38;
  const tall = bounds.bottom - bounds.top;
  const lines = wrap(caption, width - 2 * MARGIN, SIZE.caption);
  let below = top + tall + MARGIN;
  const shift = `translate(${at((width - wide) / 2 + MARGIN - bounds.left, top - bounds.top)})`;
  const body = [
    svgText(title, {
      x: MARGIN,
      y: 24,
      "font-size": SIZE.title,
      "font-weight": 600,
      ...filled("ink"),
    }),
    element("g", { transform: shift }, drawn),
  ];
  if (legend.length > 0) {
    body.push(drawLegend(legend, below + 8));
    below += 24;
  }
  for (const [i, line] of lines.entries()) {
    const place = { x: MARGIN, y: below + 14 + i * CAPTION_LINE, "font-size": SIZE.caption };
    body.push(svgText(line, { ...place, ...filled("ink") }));
  }
  const height = Math.ceil(below + (lines.length > 0 ? lines.length * CAPTION_LINE + 8 : 0));
  return { width, height, svg: svgPage(width, height, alt, body.join("")) };
}

function drawLegend(tones: Tone[], y: number): string {
  let x = MARGIN;
  return tones
    .map((tone) => {
      const paint = { fill: toneColors[tone], "fill-opacity": 0.16, stroke: toneColors[tone] };
      const sample = element("rect", { x, y: y - 6, width: 16, height: 12, rx: 3, ...paint });
      const style = { size: NOTE, anchor: "start" as const };
      const text = mathText(MEANINGS[tone], x + 22, y, style);
      x += 22 + mathWidth(MEANINGS[tone], NOTE) + 18;
      return sample + text;
    })
    .join("");
}
