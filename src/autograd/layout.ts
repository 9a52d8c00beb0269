// Places for the values of a graph, so that it can be drawn without arrows through boxes: layers by
// the longest way from the inputs, arrows over several layers kept free of boxes by bends, and
// values near to what they come from (after Sugiyama, Tagawa and Toda, 1981). Random beginnings, of
// which the one with the fewest crossings is taken.
import type { Random } from "../random";
import type { Value } from "./value";

/** Where a value stands: its layer, from 0 for the first, and its place within the layer. */
export interface Place {
  layer: number;
  place: number;
}

export interface Layout {
  places: Map<Value, Place>;
  /** For each value its arrows, in the order of its inputs: the bends on the way. */
  bends: Map<Value, Place[][]>;
  layers: number;
  /** From the first to the last place. */
  breadth: number;
  /** Crossing arrows, and how far arrows lead sideways: less is better. */
  cost: number;
}

/** A value, or a bend of an arrow that passes this layer. */
interface Item extends Place {
  bend: boolean;
  before: Item[];
  after: Item[];
}

const SWEEPS = 8;
const distance = (a: Item, b: Item): number =>
  a.bend && b.bend ? 0.3 : a.bend || b.bend ? 0.64 : 1;
const mean = (list: Item[]): number =>
  list.reduce((sum, { place }) => sum + place, 0) / list.length;

/** @param order all values of the graph, each after its inputs */
export function layoutOf(order: readonly Value[], rng: Random): Layout {
  const layer = layersOf(order);
  const items = new Map<Value, Item>();
  const bends = new Map<Value, Item[][]>();
  const layers: Item[][] = [];
  const add = (at: number, bend: boolean): Item => {
    const item: Item = { layer: at, place: 0, bend, before: [], after: [] };
    layers[at] ??= [];
    layers[at].push(item);
    return item;
  };
  const join = (from: Item, to: Item): Item => {
    from.after.push(to);
    to.before.push(from);
    return to;
  };
  for (const value of order) items.set(value, add(layer.get(value) as number, false));
  for (const value of order) {
    const to = items.get(value) as Item;
    const ways = value.inputs.map((input) => {
      let last = items.get(input) as Item;
      const way: Item[] = [];
      for (let at = last.layer + 1; at < to.layer; at++) {
        last = join(last, add(at, true));
        way.push(last);
      }
      join(last, to);
      return way;
    });
    bends.set(value, ways);
  }
  for (const list of layers) spread(rng.shuffle(list), (_, i) => i);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    for (const list of layers) settle(list, "before");
    for (const list of [...layers].reverse()) settle(list, "after");
  }
  const all = layers.flat();
  const first = Math.min(...all.map(({ place }) => place));
  for (const item of all) item.place -= first;
  return {
    places: items,
    bends,
    layers: layers.length,
    breadth: Math.max(...all.map(({ place }) => place)),
    cost: costOf(layers) + 0.5 * turned(order, items),
  };
}

/** The layer of a value is one more than that of its latest input; inputs stand before their use. */
function layersOf(order: readonly Value[]): Map<Value, number> {
  const layer = new Map<Value, number>();
  const of = (value: Value) => layer.get(value) as number;
  for (const value of order) layer.set(value, Math.max(-1, ...value.inputs.map(of)) + 1);
  for (const value of order) {
    const uses = order.filter(({ inputs }) => inputs.includes(value));
    if (value.op === undefined && uses.length > 0) layer.set(value, Math.min(...uses.map(of)) - 1);
  }
  return layer;
}

/** Moves the items of a layer towards their neighbours in the layer before, or in the one after. */
function settle(list: Item[], side: "before" | "after"): void {
  const wanted = new Map(
    list.map((item) => [item, item[side].length > 0 ? mean(item[side]) : item.place]),
  );
  list.sort((a, b) => (wanted.get(a) as number) - (wanted.get(b) as number));
  spread(list, (item) => wanted.get(item) as number);
}

/** Gives places as near to the wanted ones as the distances allow, in the order of the list. */
function spread(list: Item[], wanted: (item: Item, i: number) => number): void {
  const aims = list.map(wanted);
  for (const [i, item] of list.entries()) {
    const least =
      i === 0 ? Number.NEGATIVE_INFINITY : list[i - 1].place + distance(list[i - 1], item);
    item.place = Math.max(aims[i], least);
  }
  const shift = list.reduce((sum, { place }, i) => sum + place - aims[i], 0) / list.length;
  for (const item of list) item.place -= shift;
}

/** How many pairs of inputs stand the other way round. */
const turned = (order: readonly Value[], places: Map<Value, Place>): number =>
  order.filter(({ inputs }) => {
    const [a, b] = inputs.map((input) => places.get(input) as Place);
    return b !== undefined && a.place > b.place;
  }).length;

function costOf(layers: Item[][]): number {
  let cost = 0;
  for (const list of layers) {
    const arrows = list.flatMap((from) => from.after.map((to) => ({ from, to })));
    for (const [i, a] of arrows.entries()) {
      cost += Math.abs(a.from.place - a.to.place);
      for (const b of arrows.slice(i + 1))
        if ((a.from.place - b.from.place) * (a.to.place - b.to.place) < 0) cost += 3;
    }
  }
  return cost;
}
