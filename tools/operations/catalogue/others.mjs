// Complex numbers and spectra, text, sparse and ragged tensors, and the methods of tensors that no
// function has the name of.
import { Input } from "../draw.mjs";

/** @typedef {import("../draw.mjs").Draw} Draw */
/** @typedef {import("../cases.mjs").Entry} Entry */

/**
 * @param {(d: Draw) => unknown[]} draw
 * @returns {Entry}
 */
const noGradient = (draw) => ({ draw, gradients: false });

/**
 * A method of a tensor.
 * @param {(d: Draw) => unknown[]} draw
 * @param {(x: any, ...rest: any[]) => unknown} call
 * @returns {Entry}
 */
const method = (draw, call) => ({ draw, run: (_, [x, ...rest]) => call(x, ...rest) });
const any = (/** @type {Draw} */ d) => [d.tensor({ array: false })];

/** @returns {Entry} */
const asRank = (/** @type {number} */ rank) => ({
  draw: (d) => {
    const shape = d.shape(rank);
    return [d.tensor({ shape: d.shuffled(shape), array: false }), shape];
  },
  run: (_, [x, shape]) => x[`as${rank}D`](...shape),
});

/** @returns {Entry} */
const resized = (/** @type {string} */ name) => ({
  draw: (d) => [
    d.floats({ shape: [d.integer(1, 4), d.integer(1, 4), 2], style: "plain", array: false }),
    [d.integer(1, 5), d.integer(1, 5)],
    ...d.pick([[], [true], [false, true]]),
  ],
  run: (_, [x, ...rest]) => x[name](...rest),
  sums: true,
});

const rowsOf = (/** @type {Draw} */ d) => [...d.shape([0, 2], { empty: false }), d.integer(1, 8)];
const spectral = { tolerance: 1e-4, sums: true, gradients: false };

/** 0 and the sums of the first one, two, … numbers. */
function sums(/** @type {number[]} */ list) {
  const found = [0];
  for (const n of list) found.push(found[found.length - 1] + n);
  return found;
}

/** Sorted rows and values of a sparse matrix. */
function sparse(/** @type {Draw} */ d) {
  const [R, C] = [d.integer(1, 4), d.integer(1, 4)];
  const cells = Array.from({ length: R * C }, (_, i) => i).filter(() => d.chance(0.4));
  const indices = cells.flatMap((i) => [Math.floor(i / C), i % C]);
  return { R, C, n: cells.length, indices: new Input([cells.length, 2], "int32", indices) };
}

/** @returns {Entry} */
const segments = () =>
  noGradient((d) => {
    const data = d.tensor({
      rank: [2, 3],
      dtypes: ["float32", "int32"],
      style: "plain",
      empty: false,
    });
    const n = d.integer(1, 5);
    const ids = Array.from({ length: n }, () => d.integer(0, 3)).sort();
    return [data, d.integers([n], 0, data.shape[0] - 1), new Input([n], "int32", ids)];
  });

/** @type {Record<string, Entry>} */
export const others = {
  real: noGradient((d) => [d.complex(d.shape([0, 3]))]),
  imag: noGradient((d) => [d.complex(d.shape([0, 3]))]),
  fft: { draw: (d) => [d.complex(rowsOf(d))], ...spectral },
  ifft: { draw: (d) => [d.complex(rowsOf(d))], ...spectral },
  rfft: {
    draw: (d) => [
      d.floats({ shape: rowsOf(d), style: "plain", array: false }),
      d.maybe(() => d.integer(1, 9)),
    ],
    ...spectral,
  },
  irfft: {
    draw: (d) => [d.complex([...d.shape([0, 1], { empty: false }), d.integer(2, 5)])],
    ...spectral,
  },
  "spectral.fft": { draw: (d) => [d.complex(rowsOf(d))], ...spectral },
  "spectral.ifft": { draw: (d) => [d.complex(rowsOf(d))], ...spectral },
  "spectral.rfft": {
    draw: (d) => [d.floats({ shape: rowsOf(d), style: "plain", array: false })],
    ...spectral,
  },
  "spectral.irfft": { draw: (d) => [d.complex([d.integer(1, 2), d.integer(2, 5)])], ...spectral },
  "signal.stft": {
    draw: (d) => [
      d.floats({ shape: [d.integer(4, 16)], style: "plain", array: false }),
      d.integer(2, 4),
      d.integer(1, 3),
      d.maybe(() => 4),
    ],
    ...spectral,
  },

  "string.staticRegexReplace": noGradient((d) => [
    d.strings(d.shape([0, 2])),
    d.pick(["a", "[, ]+"]),
    d.pick(["", "-"]),
    d.maybe(() => d.chance()),
  ]),
  "string.stringNGrams": noGradient((d) => {
    const rows = [d.integer(0, 4), d.integer(0, 3)];
    const n = rows[0] + rows[1];
    return [
      d.strings([n]),
      new Input([3], "int32", [0, rows[0], n]),
      "|",
      d.pick([[2], [1, 3]]),
      d.pick(["", "<"]),
      d.pick(["", ">"]),
      d.pick([0, -1, 1]),
      d.chance(),
    ];
  }),
  "string.stringSplit": noGradient((d) => [
    d.strings([d.integer(0, 3)]),
    d.pick([",", " ", ""]),
    d.maybe(() => d.chance()),
  ]),
  "string.stringToHashBucketFast": noGradient((d) => [
    d.strings(d.shape([0, 2])),
    d.integer(1, 99),
  ]),

  "sparse.sparseFillEmptyRows": noGradient((d) => {
    const { R, C, n, indices } = sparse(d);
    const values = d.tensor({ shape: [n], dtypes: ["float32", "int32"], array: false });
    const dtypes = /** @type {any} */ ([values.dtype]);
    return [
      indices,
      values,
      new Input([2], "int32", [R, C]),
      d.tensor({ shape: [], dtypes, style: "plain", array: false }),
    ];
  }),
  "sparse.sparseReshape": noGradient((d) => {
    const { R, C, indices } = sparse(d);
    const to = d.pick([[R * C], [C, R], [-1, R], [1, R, -1]]);
    return [indices, new Input([2], "int32", [R, C]), new Input([to.length], "int32", to)];
  }),
  "sparse.sparseSegmentMean": segments(),
  "sparse.sparseSegmentSum": segments(),

  raggedRange: noGradient((d) => {
    const n = d.integer(1, 4);
    return [d.integers([n], -3, 3), d.integers([n], 0, 6), d.integers([n], 1, 3)];
  }),
  raggedGather: noGradient((d) => {
    const lengths = Array.from({ length: d.integer(1, 4) }, () => d.integer(0, 3));
    const splits = sums(lengths);
    const values = d.floats({ shape: [splits[lengths.length]], array: false });
    const indices = d.integers(d.shape([1, 2], { empty: false }), 0, lengths.length - 1);
    return [[new Input([splits.length], "int32", splits)], values, indices, indices.rank + 1];
  }),
  raggedTensorToTensor: noGradient((d) => {
    const lengths = Array.from({ length: d.integer(1, 4) }, () => d.integer(0, 3));
    const splits = sums(lengths);
    const values = d.floats({ shape: [splits[lengths.length]], array: false });
    const size = new Input([2], "int32", [lengths.length, 4]);
    return [
      size,
      values,
      d.floats({ shape: [], style: "plain", array: false }),
      [new Input([splits.length], "int32", splits)],
      ["ROW_SPLITS"],
    ];
  }),

  "Tensor.as1D": method(any, (x) => x.as1D()),
  "Tensor.as2D": asRank(2),
  "Tensor.as3D": asRank(3),
  "Tensor.as4D": asRank(4),
  "Tensor.as5D": asRank(5),
  "Tensor.asScalar": method(
    (d) => [d.tensor({ shape: d.pick([[], [1], [1, 1]]), array: false })],
    (x) => x.asScalar(),
  ),
  "Tensor.asType": {
    ...method(
      (d) => [...any(d), d.pick(["float32", "int32", "bool"])],
      (x, type) => x.asType(type),
    ),
    smooth: false,
  },
  "Tensor.concat": method(
    (d) => {
      const x = d.tensor({ rank: [1, 4], array: false, dtypes: ["float32"] });
      const more = () => d.tensor({ shape: x.shape, array: false, dtypes: ["float32"] });
      return [x, d.chance() ? more() : [more(), more()], d.maybe(() => d.axis(x.rank))];
    },
    (x, others, axis) => x.concat(others, axis),
  ),
  "Tensor.flatten": method(any, (x) => x.flatten()),
  "Tensor.reshapeAs": method(
    (d) => {
      const x = d.tensor({ array: false });
      return [x, d.tensor({ shape: d.shuffled(x.shape), array: false })];
    },
    (x, like) => x.reshapeAs(like),
  ),
  "Tensor.stack": method(
    (d) => {
      const x = d.tensor({ rank: [0, 4], array: false, dtypes: ["float32"] });
      const more = () => d.tensor({ shape: x.shape, array: false, dtypes: ["float32"] });
      return [x, d.chance() ? more() : [more(), more()], d.maybe(() => d.integer(0, x.rank))];
    },
    (x, others, axis) => x.stack(others, axis),
  ),
  "Tensor.toBool": method(any, (x) => x.toBool()),
  "Tensor.toFloat": method(any, (x) => x.toFloat()),
  "Tensor.toInt": { ...method(any, (x) => x.toInt()), smooth: false },
  "Tensor.where": method(
    (d) => {
      const x = d.tensor({ array: false });
      return [x, d.bools(x.shape), d.tensor({ shape: x.shape, array: false })];
    },
    (x, condition, other) => x.where(condition, other),
  ),
  "Tensor.resizeBilinear": resized("resizeBilinear"),
  "Tensor.resizeNearestNeighbor": resized("resizeNearestNeighbor"),
  "Tensor.arraySync": { draw: any, run: (_, [x]) => JSON.stringify(x.arraySync()) },
  "Tensor.bufferSync": { draw: any, run: (_, [x]) => x.bufferSync().toTensor(), gradients: false },
  "Tensor.array": { draw: any, run: async (_, [x]) => JSON.stringify(await x.array()) },
  "Tensor.data": { draw: any, run: async (_, [x]) => JSON.stringify(Array.from(await x.data())) },
  "Tensor.buffer": {
    draw: any,
    run: async (_, [x]) => (await x.buffer()).toTensor(),
    gradients: false,
  },
  "Tensor.bytes": { draw: any, run: async (_, [x]) => (await x.bytes()).join(" ") },
  "Tensor.toString": { draw: any, run: (_, [x]) => x.toString() },
  "Tensor.variable": {
    draw: any,
    run: (_, [x]) => {
      const variable = x.variable();
      const value = variable.clone();
      variable.dispose();
      return value;
    },
    gradients: false,
  },
};
