// Operations that work element by element, of one tensor and of two that are broadcast.
/** @typedef {import("../draw.mjs").Draw} Draw */
/** @typedef {import("../cases.mjs").Entry} Entry */

/**
 * One tensor of any type, and options.
 * @param {(d: Draw) => unknown[]} [options]
 * @param {Partial<Entry> & { from?: number, to?: number }} [rest]
 * @returns {Entry}
 */
const unary = (options = () => [], { from, to, ...rest } = {}) => ({
  draw: (d) => {
    const bounded = from !== undefined && d.chance(0.6);
    return [d.tensor({ rank: [0, 6], ...(bounded ? { from, to } : {}) }), ...options(d)];
  },
  ...rest,
});

/**
 * Two tensors, the one or the other broadcast; of one type, or of two.
 * @param {Partial<Entry> & { from?: number, to?: number, largest?: boolean,
 *   dtypes?: ("float32" | "int32" | "bool")[],
 *   style?: (d: Draw) => import("../draw.mjs").Style }} [options] `from` and `to` bound the second
 * @returns {Entry}
 */
const binary = ({
  from,
  to,
  dtypes = ["float32", "int32", "bool"],
  style,
  largest,
  ...rest
} = {}) => ({
  draw: (d) => {
    const shape = d.shape([0, 6]);
    const shapes = d.pair(shape);
    if (d.chance()) shapes[d.integer(0, 1)] = shape;
    const [p, q] = [d.pick(dtypes), d.pick(dtypes)];
    const bounds = from !== undefined && d.chance(0.6) ? { from, to } : {};
    return [
      d.tensor({ shape: shapes[0], dtypes: [p], style: style?.(d), largest }),
      d.tensor({
        shape: shapes[1],
        dtypes: [d.chance(0.7) ? p : q],
        style: style?.(d),
        largest,
        ...bounds,
      }),
    ];
  },
  ...rest,
});

/** Where a step depends on the last digit of a quotient: no very large and small numbers. */
const tame = (/** @type {Draw} */ d) =>
  d.pick(/** @type {const} */ (["plain", "plain", "ties", "mild"]));

/** @type {Record<string, Entry>} */
export const elementwise = {
  abs: unary(),
  acos: unary(undefined, { from: -0.9, to: 0.9 }),
  acosh: unary(undefined, { from: 1.1, to: 5 }),
  asin: unary(undefined, { from: -0.9, to: 0.9 }),
  asinh: unary(),
  atan: unary(),
  atanh: unary(undefined, { from: -0.9, to: 0.9 }),
  ceil: unary(undefined, { smooth: false }),
  clipByValue: unary((d) => {
    const low = d.pick([-1, 0, 0.5, -2.5, Number.NEGATIVE_INFINITY]);
    return [low, low + d.pick([0, 1, 2.5, Number.POSITIVE_INFINITY])];
  }),
  clone: unary(),
  cos: unary(),
  cosh: unary(),
  elu: unary(),
  erf: unary(),
  exp: unary(),
  expm1: unary(),
  floor: unary(undefined, { smooth: false }),
  isFinite: unary(),
  isInf: unary(),
  isNaN: unary(),
  leakyRelu: unary((d) => [d.maybe(() => d.pick([0, 0.1, 0.5, 2, -1]))]),
  log: unary(undefined, { from: 0.1, to: 5 }),
  log1p: unary(undefined, { from: -0.9, to: 5 }),
  logSigmoid: unary(),
  logicalNot: { draw: (d) => [d.tensor({ dtypes: ["bool"] })] },
  neg: unary(),
  onesLike: unary(),
  reciprocal: unary(undefined, { from: 0.2, to: 5 }),
  relu: unary(),
  relu6: unary(),
  round: unary(undefined, { smooth: false }),
  rsqrt: unary(undefined, { from: 0.1, to: 5 }),
  selu: unary(),
  sigmoid: unary(),
  sign: unary(undefined, { smooth: false }),
  sin: unary(),
  sinh: unary(),
  softplus: unary(),
  sqrt: unary(undefined, { from: 0.1, to: 5 }),
  square: unary(),
  step: unary((d) => [d.maybe(() => d.pick([0, 0.1, 0.5, 2, -1]))], { smooth: false }),
  tan: unary(undefined, { from: -1.3, to: 1.3 }),
  tanh: unary(),
  zerosLike: unary(),
  cast: {
    draw: (d) => {
      const x = d.tensor({ rank: [0, 6], largest: true });
      return [x, d.pick(["float32", "float32", "int32", "int32", "bool", "bool", "complex64"])];
    },
    smooth: false,
  },

  add: binary(),
  atan2: binary(),
  bitwiseAnd: {
    draw: (d) => {
      const shape = d.shape([0, 6]);
      return [0, 1].map(() => d.tensor({ shape, dtypes: ["int32"] }));
    },
  },
  div: binary({ from: 0.3, to: 3 }),
  divNoNan: binary({ from: 0.3, to: 3 }),
  equal: binary({ largest: true }),
  floorDiv: binary({ from: 0.3, to: 3, smooth: false, style: tame }),
  greater: binary({ largest: true }),
  greaterEqual: binary({ largest: true }),
  less: binary({ largest: true }),
  lessEqual: binary({ largest: true }),
  logicalAnd: binary({ dtypes: ["bool"] }),
  logicalOr: binary({ dtypes: ["bool"] }),
  logicalXor: binary({ dtypes: ["bool"] }),
  maximum: binary({ largest: true }),
  minimum: binary({ largest: true }),
  mod: binary({ from: 0.3, to: 3, smooth: false, style: tame }),
  mul: binary(),
  notEqual: binary({ largest: true }),
  pow: {
    draw: (d) => {
      const shape = d.shape([0, 6]);
      const [a, b] = d.pair(shape);
      const bounds = d.chance(0.6) ? { from: 0.2, to: 3 } : {};
      const dtypes = d.pick(/** @type {const} */ ([["float32"], ["int32"], undefined]));
      // 1 to the power of NaN is 1 in C and NaN in JavaScript: no edges
      const power = d.chance(0.8) ? { from: -2, to: 3 } : { style: /** @type {const} */ ("ties") };
      return [d.tensor({ shape: a, dtypes, ...bounds }), d.tensor({ shape: b, dtypes, ...power })];
    },
  },
  prelu: {
    draw: (d) => {
      const x = d.tensor();
      return [x, d.tensor({ shape: d.narrow(x.shape), from: -1, to: 2 })];
    },
  },
  squaredDifference: binary(),
  sub: binary(),
  where: {
    run: (tf, args) => tf.where(.../** @type {[any, any, any]} */ (args)),
    draw: (d) => {
      const shape = d.shape([0, 6]);
      const condition = d.bools(d.chance(0.6) ? shape : d.narrow(shape));
      const dtypes = d.pick(
        /** @type {const} */ ([["float32"], ["float32"], ["int32"], ["bool"], undefined]),
      );
      const [a, b] = [shape, d.chance(0.7) ? shape : d.narrow(shape)];
      return [condition, ...d.shuffled([a, b]).map((s) => d.tensor({ shape: s, dtypes }))];
    },
  },
  addN: {
    draw: (d) => {
      const shape = d.shape([0, 6]);
      const dtypes = d.type(["float32", "float32", "int32"]);
      return [Array.from({ length: d.integer(1, 4) }, () => d.tensor({ shape, dtypes }))];
    },
    sums: true,
  },
  broadcastTo: {
    draw: (d) => {
      const shape = d.shape([0, 6]);
      return [d.tensor({ shape: d.narrow(shape) }), shape];
    },
    sums: true,
  },
  broadcastArgs: {
    draw: (d) => {
      const shape = d.shape([0, 4]);
      const sizes = [d.narrow(shape), d.narrow(shape)];
      return sizes
        .map((s) => d.tensor({ shape: [s.length], dtypes: ["int32"] }))
        .map((x, i) => {
          x.values = sizes[i];
          return x;
        });
    },
  },
  ensureShape: {
    draw: (d) => {
      const x = d.tensor({ array: false });
      return [x, x.shape.map((n) => (d.chance(0.2) ? null : n))];
    },
  },
};
