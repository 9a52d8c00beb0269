// The graph of a small expression as a drawing, from the data structure itself: each value with
// what it is and its gradient, from the inputs to the result.
import { type Diagram, type DiagramEdge, type DiagramNode, diagram } from "../display";
import { Random } from "../random";
import { type Layout, layoutOf, type Place } from "./layout";
import { operations } from "./operations";
import { topologicalOrder, type Value } from "./value";

export interface GraphDrawingOptions {
  /** Write the gradients, as the last `backward` left them (default true). */
  gradients?: boolean;
  caption?: string;
}

const MOST = 24;
/** Beginnings of the layout, of which the best is drawn. */
const ATTEMPTS = 60;
/** From left to right as long as the layers fit on a page; deeper graphs from top to bottom. */
const LEVEL = { most: 5, grid: [148, 86] as [number, number], half: 0.45 };
const UPRIGHT = { grid: [130, 116] as [number, number], half: 0.38 };

/** 2.00, −0.25, 4.6e+9, ∞. */
function number(x: number): string {
  const size = Math.abs(x);
  const text = size < 1e4 ? x.toFixed(2) : Number.isFinite(x) ? x.toExponential(1) : `${x}`;
  return text.replace("Infinity", "∞").replace("-", "−");
}

/**
 * A drawing of everything that `root` was computed from, for `plot`. For expressions of up to 24
 * values; name them with `named`.
 * @throws {Error} where the graph is larger, or too wide for a page
 */
export function graphDrawing(root: Value, options: GraphDrawingOptions = {}): Diagram {
  const { gradients = true, caption = "" } = options;
  const order = topologicalOrder(root);
  if (order.length > MOST)
    throw new Error(`graphDrawing: expected at most ${MOST} values, got ${order.length}`);
  const layouts = Array.from({ length: ATTEMPTS }, (_, i) => layoutOf(order, new Random(i)));
  const level = layouts[0].layers <= LEVEL.most;
  layouts.sort((a, b) => (level ? a.cost - b.cost : a.breadth - b.breadth || a.cost - b.cost));
  const alt = described(order, gradients);
  const { grid } = level ? LEVEL : UPRIGHT;
  for (const layout of layouts) {
    const nodes = nodesOf(order, layout, level, gradients);
    try {
      return diagram({ alt, nodes, edges: edgesOf(order, layout, level), caption, grid });
    } catch {} // too wide, or something overlaps: the next one
  }
  throw new Error(
    `graphDrawing: expected a graph that fits on a page, got one of ${order.length} values that ` +
      "does not: try a shorter formula",
  );
}

function nodesOf(order: Value[], layout: Layout, level: boolean, gradients: boolean) {
  const texts = order.map((v) => {
    const value = v.label === "" ? number(v.data) : `${v.label} = ${number(v.data)}`;
    return { value, note: `gradient ${number(v.gradient)}`, sign: v.op && operations[v.op].sign };
  });
  // All of one width: an arrow that leaves a narrow box steeply would cross a wide neighbour.
  const letters = Math.max(...texts.map(({ value, note }) => Math.max(value.length, note.length)));
  const width = gradients ? Math.max(100, 14 + 6.6 * letters) : 14 + 8 * letters;
  return order.map((v, i): DiagramNode => {
    const { layer, place } = layout.places.get(v) as Place;
    const { value, note, sign } = texts[i];
    return {
      id: `v${i}`,
      at: level ? [layer, place] : [place, layer],
      text: sign ? `${sign}\n${value}` : value,
      ...(gradients ? { note } : {}),
      tone: i === order.length - 1 ? "loss" : v.op ? "plain" : "data",
      size: [width, 0],
    };
  });
}

/** The arrows; of two into one value, the upper (or left) one ends above (or left of) the other. */
function edgesOf(order: Value[], { places, bends }: Layout, level: boolean): DiagramEdge[] {
  const id = new Map(order.map((v, i) => [v, `v${i}`]));
  const [out, into] = level ? ["right", "left"] : ["bottom", "top"];
  const { half } = level ? LEVEL : UPRIGHT;
  return order.flatMap((v) => {
    const ways = bends.get(v) as Place[][];
    const last = v.inputs.map((input, k) => ways[k][ways[k].length - 1] ?? places.get(input)!);
    return v.inputs.map((input, k): DiagramEdge => {
      const [own, other] = [last[k].place, last[1 - k]?.place];
      const second = own > other || (own === other && k === 1);
      const share = v.inputs.length === 1 ? 0.5 : second ? 0.7 : 0.3;
      const twice = v.inputs.length === 2 && v.inputs[0] === v.inputs[1];
      const via = ways[k].flatMap(({ layer, place }) =>
        [layer - half, layer + half].map((at): [number, number] =>
          level ? [at, place] : [place, at],
        ),
      );
      return {
        from: `${id.get(input)}.${out}${twice ? `:${share}` : ""}`,
        to: `${id.get(v)}.${into}:${share}`,
        ...(via.length > 0 ? { via } : {}),
      };
    });
  });
}

function described(order: Value[], gradients: boolean): string {
  const name = (v: Value) => (v.label === "" ? number(v.data) : v.label);
  const parts = order.map((v) => {
    const from = v.op ? ` comes from ${v.inputs.map(name).join(" and ")} by ${v.op}` : " is put in";
    return `${name(v)}${from}, value ${number(v.data)}${gradients ? `, gradient ${number(v.gradient)}` : ""}`;
  });
  return `A graph of values, from the inputs to the result: ${parts.join("; ")}.`;
}
