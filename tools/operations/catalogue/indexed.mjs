// Operations that choose by indices: gathering, scattering, one-hot, masks, searches.
import { Input } from "../draw.mjs";

/** @typedef {import("../draw.mjs").Draw} Draw */
/** @typedef {import("../cases.mjs").Entry} Entry */

/**
 * A tensor that is only moved: any numbers will do.
 * @param {Draw} d
 * @param {Parameters<Draw["tensor"]>[0]} [options]
 */
const movable = (d, options) => d.tensor({ largest: true, ...options });

/** Indices for gatherND and its kin: rows of the first K axes. */
function rows(/** @type {Draw} */ d, /** @type {number[]} */ shape) {
  const K = d.integer(1, shape.length);
  const batch = d.shape([1, 2], { most: 3 });
  const n = batch.reduce((a, b) => a * b, 1);
  const values = Array.from({ length: n }, () =>
    shape.slice(0, K).map((size) => d.integer(0, Math.max(0, size - 1))),
  );
  return { K, batch, indices: new Input([...batch, K], "int32", values.flat()) };
}

/** A list in which every row is another one, for scatters whose last writer is not defined. */
function distinct(/** @type {Draw} */ d, /** @type {number[]} */ shape, /** @type {number} */ K) {
  const cells = shape.slice(0, K).reduce((a, b) => a * b, 1);
  const all = d.shuffled(Array.from({ length: cells }, (_, i) => i));
  const chosen = all.slice(0, d.integer(1, Math.min(4, cells)));
  const values = chosen.flatMap((cell) => {
    const row = [];
    for (let k = K - 1, rest = cell; k >= 0; rest = Math.floor(rest / shape[k--]))
      row.unshift(rest % shape[k]);
    return row;
  });
  return { n: chosen.length, indices: new Input([chosen.length, K], "int32", values) };
}

/** Sorted rows, for searchSorted. */
function sorted(/** @type {Draw} */ d) {
  const dtypes = d.type(["float32", "int32"]);
  const style = d.pick(/** @type {const} */ (["plain", "ties"]));
  const rows = d.maybe(() => d.integer(1, 3));
  const lead = rows === undefined ? [] : [rows];
  const sequence = movable(d, { shape: [...lead, d.integer(1, 6)], dtypes, style, array: false });
  const n = sequence.shape[sequence.rank - 1];
  const values = /** @type {number[]} */ (sequence.values);
  for (let i = 0; i < values.length; i += n)
    values.splice(i, n, ...values.slice(i, i + n).sort((a, b) => a - b));
  const wanted = movable(d, { shape: [...lead, d.integer(1, 5)], dtypes, style, array: false });
  return [sequence, wanted];
}

/** @type {Record<string, Entry>} */
export const indexed = {
  gather: {
    draw: (d) => {
      const x = movable(d, { rank: [1, 6], empty: d.chance(0.3) });
      const axis = d.axis(x.rank);
      const at = axis < 0 ? axis + x.rank : axis;
      const wrong = d.chance(0.05) ? 2 : 0; // an index that is out of range
      const highest = Math.max(0, x.shape[at] - 1 + wrong);
      const batchDims = d.chance(0.4) ? d.integer(0, at) : 0;
      const shape = [
        ...x.shape.slice(0, batchDims),
        ...d.shape([batchDims > 0 ? 0 : 0, 2], { most: 3 }),
      ];
      const indices = d.integers(shape, wrong ? -1 : 0, highest);
      if (batchDims === 0 && d.chance(0.2) && at === 0) return [x, indices];
      return [x, indices, axis, ...(batchDims > 0 || d.chance(0.2) ? [batchDims] : [])];
    },
    sums: true,
  },
  gatherND: {
    draw: (d) => {
      const x = movable(d, { rank: [1, 6], empty: false });
      return [x, rows(d, x.shape).indices];
    },
    sums: true,
  },
  scatterND: {
    draw: (d) => {
      const shape = d.shape([1, 4], { empty: false });
      const { K, batch, indices } = rows(d, shape);
      const style = d.pick(/** @type {const} */ (["plain", "ties"]));
      return [indices, movable(d, { shape: [...batch, ...shape.slice(K)], style }), shape];
    },
    sums: true,
  },
  tensorScatterUpdate: {
    draw: (d) => {
      const x = movable(d, { rank: [1, 4], empty: false, array: false });
      const K = d.integer(1, x.rank);
      const { n, indices } = distinct(d, x.shape, K);
      const dtypes = /** @type {const} */ ([x.dtype]);
      const updates = movable(d, {
        shape: [n, ...x.shape.slice(K)],
        dtypes: /** @type {any} */ (dtypes),
      });
      return [x, indices, updates];
    },
  },
  sparseToDense: {
    draw: (d) => {
      const shape = d.shape([1, 4], { empty: false });
      const { n, indices } = distinct(d, shape, shape.length);
      const dtypes = d.type(["float32", "int32", "bool"]);
      const one = d.chance(0.2);
      const values = movable(d, { shape: one ? [] : [n], dtypes });
      const flat =
        shape.length === 1 && d.chance() ? new Input([n], "int32", indices.values) : indices;
      return [flat, values, shape, d.maybe(() => movable(d, { shape: [], dtypes }))];
    },
  },
  booleanMaskAsync: {
    draw: (d) => {
      const x = movable(d, { rank: [1, 4], empty: d.chance(0.2) });
      const axis = d.integer(0, x.rank - 1);
      const rank = d.integer(1, x.rank - axis);
      const mask = d.bools(x.shape.slice(axis, axis + rank));
      return [x, mask, ...(axis === 0 && d.chance() ? [] : [axis])];
    },
    gradients: false,
  },
  whereAsync: { draw: (d) => [d.bools(d.shape([1, 4]))] },
  setdiff1dAsync: {
    draw: (d) => {
      const dtypes = d.type(["float32", "int32"]);
      return [0, 1].map(() => movable(d, { rank: 1, dtypes, style: "ties", array: false }));
    },
    gradients: false,
  },
  oneHot: {
    draw: (d) => {
      const depth = d.integer(1, 6);
      const ids = d.integers(d.shape([0, 4]), 0, depth - 1);
      if (d.chance(0.2) && ids.size > 0) ids.values[0] = d.pick([-1, depth]);
      const [on, off] = d.pick([[], [], [1, 0], [5, -2], [2.5, 0.5]]);
      const dtype = d.pick(["float32", "int32", "bool", undefined]);
      return [ids, depth, on, off, ...(dtype ? [dtype] : [])];
    },
  },
  searchSorted: { draw: (d) => [...sorted(d), d.pick([undefined, "left", "right"])] },
  lowerBound: { draw: sorted },
  upperBound: { draw: sorted },
  unsortedSegmentSum: {
    draw: (d) => {
      const x = movable(d, { rank: [1, 4], style: d.pick(["plain", "ties"]) });
      const n = d.integer(1, 5);
      return [x, d.integers([x.shape[0]], d.chance(0.1) ? -1 : 0, n - 1), n];
    },
    sums: true,
  },
};
