// Operations that make tensors: of given values, of patterns, of seeded random numbers.
import { Input } from "../draw.mjs";

/** @typedef {import("../draw.mjs").Draw} Draw */
/** @typedef {import("../cases.mjs").Entry} Entry */

const dtype = (/** @type {Draw} */ d) => d.maybe(() => d.pick(["float32", "int32", "bool"]));

/** @returns {Entry} */
const shaped = (
  /** @type {(d: Draw) => unknown[]} */ rest,
  /** @type {Partial<Entry>} */ more = {},
) => ({
  draw: (d) => [d.shape([0, 6]), ...rest(d)],
  ...more,
});

/**
 * Values as nested arrays, or flat with a shape, of a rank.
 * @param {number} [rank]
 * @returns {Entry}
 */
const tensorOf = (rank) => ({
  draw: (d) => {
    const x = d.tensor({ rank: rank ?? [0, 6], array: false });
    const type = d.maybe(() => x.dtype) ?? (x.dtype === "int32" ? "int32" : undefined);
    const values = x.dtype === "bool" ? x.values.map(Boolean) : x.values;
    const typed =
      x.dtype === "int32"
        ? Int32Array.from(/** @type {number[]} */ (x.values))
        : Float32Array.from(/** @type {number[]} */ (x.values));
    const nested = x.size > 0 || x.rank === 1 ? x.nested() : undefined;
    if (rank === 0) return [x.nested(), type];
    const flat = [d.chance(0.3) && x.dtype !== "bool" ? typed : values, x.shape, type];
    if (rank === 1) return [d.chance() ? values : typed, x.dtype === "bool" ? "bool" : type];
    return nested !== undefined && d.chance() ? [nested, undefined, type] : flat;
  },
  run: undefined,
});

/** @type {Record<string, Entry>} */
export const makers = {
  complex: {
    draw: (d) => {
      const shape = d.shape([0, 4]);
      return [0, 1].map(() => d.floats({ shape, array: false }));
    },
    gradients: false,
  },
  eye: {
    draw: (d) => [
      d.integer(0, 4),
      d.maybe(() => d.integer(0, 4)),
      d.maybe(() => d.shape([1, 3], { most: 2 })),
      dtype(d),
    ],
  },
  fill: shaped((d) => [d.pick([0, 1, -2, 2.5, 16777217]), dtype(d)]),
  ones: shaped((d) => [d.maybe(() => d.pick(["float32", "int32", "bool", "complex64"]))]),
  zeros: shaped((d) => [d.maybe(() => d.pick(["float32", "int32", "bool", "complex64"]))]),
  linspace: { sums: true, draw: (d) => [d.number(-3, 3), d.number(-3, 3), d.integer(1, 9)] },
  range: {
    sums: true,
    draw: (d) => {
      const integer = d.chance();
      const step = integer ? d.integer(1, 3) : d.number(0.1, 1);
      const [from, to] = [d.integer(-4, 4), d.integer(-9, 9)];
      return [
        from,
        to,
        d.maybe(() => (to < from ? -step : step)),
        integer ? d.maybe(() => d.pick(["int32", "float32"])) : undefined,
      ];
    },
  },
  scalar: tensorOf(0),
  tensor: tensorOf(),
  tensor1d: tensorOf(1),
  tensor2d: tensorOf(2),
  tensor3d: tensorOf(3),
  tensor4d: tensorOf(4),
  tensor5d: tensorOf(5),
  tensor6d: tensorOf(6),
  buffer: {
    draw: (d) => [d.tensor({ array: false })],
    run: (tf, [x]) => {
      const buffer = tf.buffer(x.shape, x.dtype);
      x.bufferSync().values.forEach((/** @type {number} */ v, /** @type {number} */ i) => {
        buffer.set(v, ...buffer.indexToLoc(i));
      });
      return buffer.toTensor();
    },
    gradients: false,
  },
  variable: {
    draw: (d) => [d.tensor({ array: false })],
    run: (tf, [x]) => {
      const variable = tf.variable(x);
      variable.assign(tf.reshape(tf.reshape(x, [-1]), x.shape));
      const value = variable.clone();
      variable.dispose();
      return value;
    },
    gradients: false,
  },
  cosineWindow: { draw: (d) => [d.integer(1, 9), 0.5, 0.5] },
  "signal.hammingWindow": { draw: (d) => [d.integer(1, 9)] },
  "signal.hannWindow": { draw: (d) => [d.integer(1, 9)] },
  "signal.frame": {
    draw: (d) => [
      d.floats({ shape: [d.integer(1, 12)], array: false }),
      d.integer(1, 5),
      d.integer(1, 4),
      d.maybe(() => d.chance()),
      d.maybe(() => 2),
    ],
  },

  dropout: {
    draw: (d) => {
      const x = d.floats();
      return [
        x,
        d.pick([0, 0.25, 0.9]),
        d.maybe(() => x.shape.map((n) => (d.chance() ? 1 : n)), 0.3),
        d.integer(1, 99),
      ];
    },
  },
  rand: shaped((d) => [() => 2.5, d.maybe(() => d.pick(["float32", "int32", "bool"]))]),
  randomGamma: shaped((d) => [
    2,
    d.maybe(() => 1.5),
    d.maybe(() => d.pick(["float32", "int32"])),
    d.integer(1, 99),
  ]),
  randomNormal: shaped((d) => [
    d.integer(-2, 2),
    d.integer(1, 3),
    d.maybe(() => d.pick(["float32", "int32"])),
    d.integer(1, 99),
  ]),
  randomStandardNormal: shaped((d) => [
    d.maybe(() => d.pick(["float32", "int32"])),
    d.integer(1, 99),
  ]),
  randomUniform: shaped((d) => [
    -3,
    4,
    d.maybe(() => d.pick(["float32", "int32", "bool"])),
    d.integer(1, 99),
  ]),
  randomUniformInt: shaped((d) => [-3, 4, d.integer(1, 99)]),
  truncatedNormal: shaped((d) => [
    d.integer(-2, 2),
    d.integer(1, 3),
    d.maybe(() => d.pick(["float32", "int32"])),
    d.integer(1, 99),
  ]),
  // Which number is drawn is the engine's choice: one class has all the probability.
  multinomial: {
    draw: (d) => {
      const classes = d.integer(2, 5);
      const batch = d.shape([0, 1], { empty: false });
      const normalized = d.chance();
      const rows = Array.from({ length: batch[0] ?? 1 }, () => {
        const sure = d.integer(0, classes - 1);
        return Array.from(
          { length: classes },
          (_, i) => Number(i === sure) * (normalized ? 1 : 200),
        );
      });
      const logits = new Input([...batch, classes], "float32", rows.flat());
      return [logits, d.integer(1, 4), d.integer(1, 99), normalized];
    },
    gradients: false,
  },
};
