// The graph of a small expression as a drawing, from the data structure itself: each value with
// what it is and its gradient, inputs on the left, the result on the right.
import { type Diagram, type DiagramEdge, type DiagramNode, diagram } from "../display";
import { Random } from "../random";
import { operations } from "./operations";
import { topologicalOrder, type Value } from "./value";

export interface GraphDrawingOptions {
  /** Write the gradients, as the last `backward` left them (default true). */
  gradients?: boolean;
  caption?: string;
}

const MOST = 24;
/** Arrangements that are tried until no arrow crosses a box. */
const ATTEMPTS = 400;
const number = (x: number): string => x.toFixed(2).replace("-", "−");

/**
 * A drawing of everything that `root` was computed from, for `plot`. For expressions of up to 24
 * values; name them with `named`.
 * @throws {Error} where the graph is larger
 */
export function graphDrawing(root: Value, options: GraphDrawingOptions = {}): Diagram {
  const { gradients = true, caption = "" } = options;
  const order = topologicalOrder(root);
  if (order.length > MOST)
    throw new Error(`graphDrawing: expected at most ${MOST} values, got ${order.length}`);
  const id = new Map(order.map((node, i) => [node, `v${i}`]));
  const nodeAt = (node: Value, at: [number, number]): DiagramNode => {
    const value = node.label === "" ? number(node.data) : `${node.label} = ${number(node.data)}`;
    const sign = node.op && operations[node.op].sign;
    return {
      id: id.get(node) as string,
      at,
      text: sign ? `${sign}\n${value}` : value,
      ...(gradients ? { note: `gradient ${number(node.gradient)}` } : {}),
      tone: node === root ? "loss" : node.op ? "plain" : "data",
      size: [gradients ? 104 : 74, 0],
    };
  };
  const alt = described(order, gradients);
  const columns = columnsOf(order);
  let fault: unknown;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const rows = rowsOf(order, columns, new Random(attempt), attempt === 0 ? 0 : 1);
    const nodes = order.map((v) => nodeAt(v, [columns.get(v) as number, rows.get(v) as number]));
    const edges = order.flatMap((node) => edgesTo(node, id, rows));
    try {
      return diagram({ alt, nodes, edges, caption, grid: [144, 84] });
    } catch (error) {
      fault = error; // arrows or boxes meet
    }
  }
  throw fault;
}

/** The arrows into a node: the upper input ends above the lower one. */
function edgesTo(node: Value, id: Map<Value, string>, rows: Map<Value, number>): DiagramEdge[] {
  const row = (k: number) => rows.get(node.inputs[k]) as number;
  const square = node.inputs.length === 2 && node.inputs[0] === node.inputs[1];
  return node.inputs.map((input, k) => {
    const upper = k === 0 ? node.inputs.length === 1 || row(0) <= row(1) : row(1) < row(0);
    const place = node.inputs.length === 1 ? 0.5 : upper ? 0.3 : 0.7;
    const start = square ? `right:${place}` : "right";
    return { from: `${id.get(input)}.${start}`, to: `${id.get(node)}.left:${place}` };
  });
}

/** Columns by the longest way from the inputs; an input stands just before its first use. */
function columnsOf(order: Value[]): Map<Value, number> {
  const column = new Map<Value, number>();
  for (const node of order)
    column.set(node, Math.max(-1, ...node.inputs.map((v) => column.get(v) as number)) + 1);
  for (const node of order) {
    const uses = order.filter((other) => other.inputs.includes(node));
    if (uses.length > 0 && node.op === undefined)
      column.set(node, Math.min(...uses.map((v) => column.get(v) as number)) - 1);
  }
  return column;
}

/** Rows: inputs one below the other, each result level with what it comes from, shaken a little. */
function rowsOf(order: Value[], column: Map<Value, number>, rng: Random, shake: number) {
  const row = new Map<Value, number>();
  const leaves = order.filter((node) => node.inputs.length === 0);
  const places = leaves.map((_, i) => i);
  if (shake > 0) rng.shuffle(places);
  for (const [i, leaf] of leaves.entries()) row.set(leaf, places[i]);
  for (const node of order) {
    if (node.inputs.length > 0) {
      const rows = node.inputs.map((v) => row.get(v) as number);
      const middle = rows.reduce((a, b) => a + b) / rows.length;
      row.set(node, middle + shake * 0.5 * (rng.integer(5) - 2));
    }
  }
  // No two within a row of each other in one column.
  for (const c of new Set(column.values())) {
    const those = order.filter((v) => column.get(v) === c);
    those.sort((a, b) => (row.get(a) as number) - (row.get(b) as number));
    for (let i = 1; i < those.length; i++) {
      const least = (row.get(those[i - 1]) as number) + 1;
      row.set(those[i], Math.max(least, row.get(those[i]) as number));
    }
  }
  return row;
}

function described(order: Value[], gradients: boolean): string {
  const name = (v: Value) => (v.label === "" ? number(v.data) : v.label);
  const parts = order.map((v) => {
    const from = v.op ? ` comes from ${v.inputs.map(name).join(" and ")} by ${v.op}` : " is put in";
    return `${name(v)}${from}, value ${number(v.data)}${gradients ? `, gradient ${number(v.gradient)}` : ""}`;
  });
  return `A graph of values, from the inputs to the result: ${parts.join("; ")}.`;
}
