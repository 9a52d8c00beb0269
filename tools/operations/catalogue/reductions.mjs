// Operations over axes: sums and their kin, scans, choices of the largest, softmax, norms.
/** @typedef {import("../draw.mjs").Draw} Draw */
/** @typedef {import("../draw.mjs").Input} Input */
/** @typedef {import("../cases.mjs").Entry} Entry */
/** @typedef {import("../draw.mjs").Numeric} Numeric */

/** Sums of very large numbers depend on their order: none of those. */
const tame = (/** @type {Draw} */ d) =>
  d.pick(/** @type {const} */ (["plain", "plain", "plain", "ties", "mild"]));

/**
 * @param {Partial<Entry> & { dtypes?: Numeric[] }} [options]
 * @returns {Entry}
 */
const overAxes = ({ dtypes, ...rest } = {}) => ({
  draw: (d) => {
    const x = d.tensor({ rank: [0, 6], dtypes, style: tame(d) });
    return [x, d.axes(x.rank), d.maybe(() => d.chance())];
  },
  sums: true,
  ...rest,
});

/**
 * @param {(x: Input, d: Draw) => unknown[]} options
 * @param {Partial<Entry> & { dtypes?: Numeric[], rank?: [number, number] }} [rest]
 * @returns {Entry}
 */
const along = (options, { dtypes, rank = [1, 6], ...rest } = {}) => ({
  draw: (d) => {
    const x = d.tensor({ rank, dtypes, style: tame(d) });
    return [x, ...options(x, d)];
  },
  sums: true,
  ...rest,
});

const flag = (/** @type {Draw} */ d) => d.maybe(() => d.chance());

/** @type {Record<string, Entry>} */
export const reductions = {
  all: overAxes({ dtypes: ["bool"] }),
  any: overAxes({ dtypes: ["bool"] }),
  euclideanNorm: overAxes(),
  logSumExp: overAxes(),
  max: overAxes(),
  mean: overAxes(),
  min: overAxes(),
  moments: overAxes(),
  prod: overAxes(),
  sum: overAxes(),
  norm: along(
    (x, d) => {
      const ord = d.pick([
        "euclidean",
        "fro",
        1,
        2,
        Number.POSITIVE_INFINITY,
        Number.NEGATIVE_INFINITY,
        undefined,
      ]);
      const one = d.axis(x.rank);
      const two = x.rank > 1 ? d.shuffled([0, 1]).map((i) => i - (d.chance() ? x.rank : 0)) : one;
      return [ord, d.pick([undefined, one, one, two]), flag(d)];
    },
    { dtypes: ["float32", "float32", "int32"] },
  ),
  argMax: along((x, d) => [d.maybe(() => d.axis(x.rank), 0.8)], { gradients: false }),
  argMin: along((x, d) => [d.maybe(() => d.axis(x.rank), 0.8)], { gradients: false }),
  cumprod: along((x, d) => [d.maybe(() => d.axis(x.rank), 0.8), flag(d), flag(d)]),
  cumsum: along((x, d) => [d.maybe(() => d.axis(x.rank), 0.8), flag(d), flag(d)]),
  softmax: along((_, d) => [d.maybe(() => -1)]),
  logSoftmax: along((x, d) => [d.maybe(() => d.pick([-1, x.rank - 1]))]),
  topk: {
    draw: (d) => {
      // where NaN comes in the order is not defined
      const style = d.pick(/** @type {const} */ (["plain", "ties"]));
      const x = d.tensor({ rank: [1, 4], style, empty: false });
      const last = x.shape[x.rank - 1];
      return [x, d.pick([undefined, 1, last, d.integer(0, last)]), d.pick([undefined, true])];
    },
  },
  unique: {
    draw: (d) => {
      const x = d.tensor({ rank: [1, 4], style: d.pick(["ties", "plain"]), empty: d.chance(0.3) });
      return [x, d.maybe(() => d.axis(x.rank), x.rank > 1 ? 1 : 0.5)];
    },
    gradients: false,
  },
  bincount: {
    draw: (d) => {
      const shape = d.chance(0.7) ? [d.integer(0, 9)] : d.shape([0, 3]);
      const weights = d.chance() ? d.floats({ shape, style: "plain" }) : d.floats({ shape: [0] });
      return [d.integers(shape, 0, 6), weights, d.integer(1, 8)];
    },
  },
  denseBincount: {
    draw: (d) => {
      const shape = d.chance() ? [d.integer(0, 9)] : [d.integer(1, 3), d.integer(0, 5)];
      const weights = d.chance() ? d.floats({ shape, style: "plain" }) : d.floats({ shape: [0] });
      return [d.integers(shape, 0, 6), weights, d.integer(1, 8), flag(d)];
    },
  },
  "math.confusionMatrix": {
    draw: (d) => {
      const [n, classes] = [d.integer(1, 6), d.integer(2, 4)];
      return [...[0, 1].map(() => d.integers([n], 0, classes - 1)), classes];
    },
  },
  inTopKAsync: {
    draw: (d) => {
      const shape = d.shape([2, 3], { empty: false });
      const classes = shape[shape.length - 1];
      const targets = d.integers(shape.slice(0, -1), 0, classes - 1);
      return [
        d.floats({ shape, style: d.pick(["plain", "ties"]) }),
        targets,
        d.maybe(() => d.integer(1, classes)),
      ];
    },
    gradients: false,
  },
};
