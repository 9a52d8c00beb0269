// Operations that move values: shapes, slices, joins, paddings.
/** @typedef {import("../draw.mjs").Draw} Draw */
/** @typedef {import("../cases.mjs").Entry} Entry */

const flag = (/** @type {Draw} */ d) => d.maybe(() => d.chance());

/**
 * A tensor that is only moved: any numbers will do.
 * @param {Draw} d
 * @param {Parameters<Draw["tensor"]>[0]} [options]
 */
const movable = (d, options) => d.tensor({ largest: true, ...options });

/** @returns {Entry} */
const reverseOf = (/** @type {number} */ rank) => ({
  draw: (d) => [movable(d, { rank }), ...(rank > 1 ? [d.axes(rank)] : [])],
});

/** Where a slice begins and how long it is, along each axis. */
function cut(/** @type {Draw} */ d, /** @type {number[]} */ shape) {
  const begin = shape.map((n) => d.integer(0, n));
  const size = shape.map((n, i) => d.integer(0, n - begin[i]));
  const whole = d.chance() ? 0.5 : 0;
  shape.forEach((n, i) => {
    if (d.chance(whole)) [begin[i], size[i]] = [0, n];
  });
  return { begin, size };
}

/** @returns {Entry} */
const sliceOf = (/** @type {number} */ rank) => ({
  draw: (d) => {
    const x = movable(d, { rank });
    const { begin, size } = cut(d, x.shape);
    return rank === 1 ? [x, begin[0], size[0]] : [x, begin, size];
  },
});

/** Paddings of a rank; for rank 1 a pair. */
const paddings = (/** @type {Draw} */ d, /** @type {number} */ rank) =>
  Array.from({ length: rank }, () => [d.integer(0, 2), d.integer(0, 2)]);

/** @returns {Entry} */
const padOf = (/** @type {number} */ rank) => ({
  draw: (d) => {
    const pads = paddings(d, rank);
    return [movable(d, { rank }), rank === 1 ? pads[0] : pads, d.maybe(() => d.pick([0, 1, -2.5]))];
  },
});

/**
 * Tensors that differ along one axis only.
 * @param {Draw} d
 * @param {number} rank
 */
function parts(d, rank, mixed = true) {
  const axis = d.axis(rank);
  const shape = d.shape(rank);
  const types = /** @type {const} */ (["float32", "float32", "int32", "bool"]);
  const dtype = d.pick(types);
  const list = Array.from({ length: d.integer(1, 4) }, () => {
    const sizes = shape.slice();
    sizes.splice(axis, 1, d.integer(d.chance(0.1) ? 0 : 1, 4));
    return movable(d, { shape: sizes, dtypes: [mixed && d.chance(0.1) ? d.pick(types) : dtype] });
  });
  return { axis, list };
}

/** @returns {Entry} */
const concatOf = (/** @type {number} */ rank) => ({
  draw: (d) => {
    const { axis, list } = parts(d, rank);
    return rank === 1 ? [list] : [list, axis];
  },
});

/** @type {Record<string, Entry>} */
export const moves = {
  expandDims: {
    draw: (d) => {
      const x = movable(d);
      return [x, d.maybe(() => d.integer(-x.rank - 1, x.rank))];
    },
  },
  squeeze: {
    draw: (d) => {
      const shape = d.shape([0, 6]).map((n) => (d.chance() ? 1 : n));
      const ones = shape.flatMap((n, i) => (n === 1 && d.chance() ? [i] : []));
      const axes = ones.map((i) => (d.chance(0.3) ? i - shape.length : i));
      return [movable(d, { shape }), d.maybe(() => axes)];
    },
  },
  reshape: {
    draw: (d) => {
      const x = movable(d);
      const factors = d.shuffled(d.chance() ? x.shape : [x.size, 1]);
      const shape = d.chance(0.3) ? [x.size] : factors;
      if (x.size > 0 && shape.length > 0 && d.chance(0.4))
        shape[d.integer(0, shape.length - 1)] = -1;
      return [x, shape];
    },
  },
  transpose: {
    draw: (d) => {
      const x = movable(d, { rank: [0, 6] });
      const order = d.shuffled(x.shape.map((_, i) => i));
      return [x, d.maybe(() => order, 0.8), flag(d)];
    },
  },
  reverse: {
    draw: (d) => {
      const x = movable(d);
      return [x, d.axes(x.rank)];
    },
  },
  reverse1d: reverseOf(1),
  reverse2d: reverseOf(2),
  reverse3d: reverseOf(3),
  reverse4d: reverseOf(4),
  tile: {
    draw: (d) => {
      const x = movable(d);
      return [x, x.shape.map(() => d.integer(d.chance(0.05) ? 0 : 1, 3))];
    },
    sums: true,
  },
  pad: {
    draw: (d) => {
      const x = movable(d);
      return [x, paddings(d, x.rank), d.maybe(() => d.pick([0, 1, -2.5]))];
    },
  },
  pad1d: padOf(1),
  pad2d: padOf(2),
  pad3d: padOf(3),
  pad4d: padOf(4),
  mirrorPad: {
    draw: (d) => {
      const x = movable(d, { rank: [1, 4], empty: false });
      const mode = d.pick(["reflect", "symmetric"]);
      const most = (/** @type {number} */ n) =>
        d.integer(0, Math.min(3, n - (mode === "reflect" ? 1 : 0)));
      return [x, x.shape.map((n) => [most(n), most(n)]), mode];
    },
  },
  slice: {
    draw: (d) => {
      const x = movable(d, { rank: [1, 6] });
      const { begin, size } = cut(d, x.shape);
      const short = d.integer(1, x.rank);
      return d.pick([
        [x, begin, size],
        [x, begin.slice(0, short), size.slice(0, short)],
        [x, begin],
        [x, begin, size.map((n) => (d.chance() ? -1 : n))],
        [x, begin[0], size[0]],
        [x, begin[0]],
      ]);
    },
  },
  slice1d: sliceOf(1),
  slice2d: sliceOf(2),
  slice3d: sliceOf(3),
  slice4d: sliceOf(4),
  stridedSlice: {
    draw: (d) => {
      const x = movable(d, { rank: [1, 6] });
      const ends = () => x.shape.map((n) => d.integer(-n - 1, n + 1));
      const strides = x.shape.map(() => d.pick([1, 1, 2, 3, -1, -2]));
      const mask = () => (d.chance(0.4) ? d.integer(0, 2 ** x.rank - 1) : 0);
      const masks =
        d.maybe(
          () => [
            mask(),
            mask(),
            ...(d.chance(0.4)
              ? [d.chance(0.3) ? 2 ** d.integer(0, x.rank - 1) : 0, mask(), mask()]
              : []),
          ],
          0.6,
        ) ?? [];
      return [x, ends(), ends(), d.maybe(() => strides, 0.9), ...masks];
    },
  },
  split: {
    draw: (d) => {
      const shape = d.shape([1, 6]);
      const axis = d.axis(shape.length);
      const pieces = Array.from({ length: d.integer(1, 4) }, () =>
        d.integer(d.chance(0.1) ? 0 : 1, 3),
      );
      const equal = d.chance();
      const total = equal ? pieces.length * pieces[0] : pieces.reduce((a, b) => a + b, 0);
      shape.splice(axis, 1, total);
      const how = equal ? pieces.length : pieces.slice();
      if (!equal && d.chance(0.3)) /** @type {number[]} */ (how)[0] = -1;
      return [movable(d, { shape }), how, ...(axis === 0 && d.chance() ? [] : [axis])];
    },
  },
  stack: {
    draw: (d) => {
      const shape = d.shape([0, 5]);
      const dtypes = d.type(["float32", "float32", "int32", "bool"]);
      const list = Array.from({ length: d.integer(1, 4) }, () => movable(d, { shape, dtypes }));
      if (d.chance(0.1)) list.push(movable(d, { shape }));
      return [list, d.maybe(() => d.integer(-shape.length - 1, shape.length))];
    },
  },
  unstack: {
    draw: (d) => {
      const x = movable(d, { rank: [1, 6] });
      return [x, d.maybe(() => d.axis(x.rank))];
    },
  },
  concat: {
    draw: (d) => {
      const { axis, list } = parts(d, d.integer(1, 6));
      return [list, ...(axis === 0 && d.chance() ? [] : [axis])];
    },
  },
  concat1d: concatOf(1),
  concat2d: concatOf(2),
  concat3d: concatOf(3),
  concat4d: concatOf(4),
  meshgrid: {
    draw: (d) => {
      const list = Array.from({ length: d.integer(1, 2) }, () => movable(d, { rank: [0, 1] }));
      return [...list, ...(list.length === 2 ? [{ indexing: d.pick(["xy", "ij"]) }] : [])];
    },
    gradients: false,
  },
  diag: { draw: (d) => [movable(d, { rank: [1, 3], most: 3, array: false })] },
  batchToSpaceND: {
    draw: (d) => {
      const block = Array.from({ length: d.integer(1, 2) }, () => d.integer(1, 2));
      const space = block.map(() => d.integer(2, 4));
      const product = block.reduce((a, b) => a * b, 1);
      const shape = [product * d.integer(1, 2), ...space, ...d.shape([0, 1], { empty: false })];
      const crops = block.map(() => [d.integer(0, 1), d.integer(0, 1)]);
      return [movable(d, { shape }), block, crops];
    },
  },
  spaceToBatchND: {
    draw: (d) => {
      const block = Array.from({ length: d.integer(1, 2) }, () => d.integer(1, 2));
      const pads = block.map(() => [d.integer(0, 1), d.integer(0, 1)]);
      const space = block.map((b, i) => {
        const padded = b * d.integer(2, 3);
        return padded - pads[i][0] - pads[i][1];
      });
      const shape = [d.integer(1, 2), ...space.map((n) => Math.max(n, 0)), ...d.shape([0, 1])];
      return [movable(d, { shape }), block, pads];
    },
  },
  depthToSpace: {
    draw: (d) => {
      const block = d.integer(2, 3);
      const channels = block * block * d.integer(1, 2);
      const [B, H, W] = [d.integer(1, 2), d.integer(1, 3), d.integer(1, 3)];
      const format = d.pick(["NHWC", "NCHW", undefined]);
      const shape = format === "NCHW" ? [B, channels, H, W] : [B, H, W, channels];
      return [movable(d, { shape, dtypes: ["float32", "int32"] }), block, format];
    },
  },
};
