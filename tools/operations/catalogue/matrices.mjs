// Products of matrices and tensors, and linear algebra.
import { Input } from "../draw.mjs";

/** @typedef {import("../draw.mjs").Draw} Draw */
/** @typedef {import("../cases.mjs").Entry} Entry */

/** Sums of very large numbers depend on their order: none of those. */
const tame = (/** @type {Draw} */ d) =>
  d.pick(/** @type {const} */ (["plain", "plain", "plain", "ties", "mild"]));

/** @typedef {readonly import("../draw.mjs").Numeric[]} Dtypes */
const types = (/** @type {Draw} */ d) =>
  d.pick(
    /** @type {Dtypes[]} */ ([
      ["float32"],
      ["float32"],
      ["float32"],
      ["int32"],
      ["float32", "int32"],
    ]),
  );

/**
 * Two matrices that fit, with batches that are broadcast, and the flags.
 * @param {Draw} d
 * @param {{ dtypes?: Dtypes, batch?: [number, number] }} [options]
 */
function factors(d, { dtypes = types(d), batch = [0, 4] } = {}) {
  const lead = d.shape(batch, { most: 3 });
  const [M, K, N] = d.shape(3, { most: 6 });
  const [ta, tb] = [d.chance(), d.chance()];
  const of = (/** @type {number[]} */ ...matrix) => {
    const shape = [...(d.chance(0.6) ? lead : d.narrow(lead)), ...matrix];
    return d.tensor({ shape, dtypes, style: tame(d) });
  };
  return { a: of(...(ta ? [K, M] : [M, K])), b: of(...(tb ? [N, K] : [K, N])), ta, tb, M, N };
}

/** An equation for one or two tensors, with sizes for its letters. */
function equation(/** @type {Draw} */ d) {
  const letters = d.shuffled([..."abcdijk"]).slice(0, d.integer(1, 5));
  const size = Object.fromEntries(letters.map((l) => [l, d.integer(d.chance(0.03) ? 0 : 1, 4)]));
  const terms = Array.from({ length: d.chance(0.25) ? 1 : 2 }, () =>
    d.shuffled(letters.filter(() => d.chance(0.7))),
  );
  const used = letters.filter((l) => terms.some((term) => term.includes(l)));
  const result = d.shuffled(used.filter(() => d.chance(0.6)));
  const comma = d.chance(0.2) ? ", " : ",";
  const text = `${terms.map((term) => term.join("")).join(comma)}->${result.join("")}`;
  const dtypes = d.pick(/** @type {Dtypes[]} */ ([["float32"], ["float32"], ["int32"]]));
  return [
    text,
    ...terms.map((term) => d.tensor({ shape: term.map((l) => size[l]), dtypes, style: tame(d) })),
  ];
}

/** @type {Record<string, Entry>} */
export const matrices = {
  matMul: {
    draw: (d) => {
      const { a, b, ta, tb } = factors(d);
      return !ta && !tb && d.chance() ? [a, b] : [a, b, ta, tb];
    },
    sums: true,
  },
  "fused.matMul": {
    draw: (d) => {
      const dtypes = types(d);
      const { a, b, ta, tb, M, N } = factors(d, { dtypes, batch: [0, 3] });
      const activation = d.pick([
        undefined,
        "linear",
        "relu",
        "relu6",
        "elu",
        "sigmoid",
        "prelu",
        "leakyrelu",
      ]);
      const bias = d.maybe(() =>
        d.tensor({ shape: d.pick([[N], [N], [1, N], []]), dtypes, style: "plain" }),
      );
      const weights = d.tensor({ shape: d.pick([[N], [], [M, N]]), dtypes, style: "plain" });
      return [
        {
          a,
          b,
          transposeA: ta,
          transposeB: tb,
          ...(bias && { bias }),
          ...(activation && { activation }),
          ...(activation === "prelu" && { preluActivationWeights: weights }),
          ...(activation === "leakyrelu" && d.chance() && { leakyreluAlpha: 0.3 }),
        },
      ];
    },
    sums: true,
  },
  dot: {
    draw: (d) => {
      const [M, K, N] = d.shape(3);
      const dtypes = types(d);
      const of = (/** @type {number[]} */ shape) => d.tensor({ shape, dtypes, style: tame(d) });
      return [of(d.pick([[K], [M, K]])), of(d.pick([[K], [K, N]]))];
    },
    sums: true,
  },
  outerProduct: {
    draw: (d) => {
      const dtypes = types(d);
      return [0, 1].map(() => d.tensor({ rank: 1, dtypes, style: tame(d) }));
    },
    sums: true,
  },
  einsum: { draw: equation, sums: true },
  "linalg.bandPart": {
    draw: (d) => {
      const x = d.tensor({ rank: [2, 6], empty: d.chance(0.3) });
      const [M, N] = x.shape.slice(-2);
      return [x, d.integer(-1, M), d.integer(-1, N)];
    },
  },
  "linalg.gramSchmidt": {
    draw: (d) => {
      const n = d.integer(1, 4);
      const dtypes = /** @type {const} */ (["float32"]);
      const vectors = d.floats({ shape: [n, n + d.integer(0, 2)], style: "plain", array: false });
      const rows = () =>
        Array.from({ length: n }, () =>
          d.tensor({ shape: [n + 1], dtypes, style: "plain", array: false }),
        );
      return [d.chance() ? vectors : rows()];
    },
    tolerance: 1e-3,
    sums: true,
  },
  // Column signs and degenerate columns are a matter of rounding: matrices of full rank only.
  "linalg.qr": {
    draw: (d) => {
      const [M, N] = [d.integer(1, 4), d.integer(1, 4)];
      const batch = d.shape([0, 1], { empty: false, most: 2 });
      const x = d.floats({ shape: [...batch, M, N], style: "plain", array: false });
      return [x, d.maybe(() => d.chance())];
    },
    tolerance: 1e-3,
    sums: true,
    gradients: false,
  },
  movingAverage: {
    draw: (d) => {
      const shape = d.shape([0, 3]);
      const of = () => d.floats({ shape, style: "plain", array: false });
      return d.chance() ? [of(), of(), 0.9, undefined, false] : [of(), of(), 0.9, d.integer(1, 9)];
    },
    gradients: false,
  },
  basicLSTMCell: {
    draw: (d) => {
      const [B, I, H] = [d.integer(1, 3), d.integer(1, 3), d.integer(1, 3)];
      const of = (/** @type {number[]} */ ...shape) =>
        d.floats({ shape, style: "plain", array: false });
      return [d.pick([0, 1]), of(I + H, 4 * H), of(4 * H), of(B, I), of(B, H), of(B, H)];
    },
    sums: true,
  },
  multiRNNCell: {
    draw: (d) => {
      const [B, H] = [d.integer(1, 3), d.integer(1, 3)];
      const of = (/** @type {number[]} */ ...shape) =>
        d.floats({ shape, style: "plain", array: false });
      const cells = Array.from({ length: d.integer(1, 2) }, () => ({
        forgetBias: new Input([], "float32", [1]),
        kernel: of(2 * H, 4 * H),
        bias: of(4 * H),
      }));
      return [cells, of(B, H), cells.map(() => of(B, H)), cells.map(() => of(B, H))];
    },
    run: (tf, [cells, data, c, h]) =>
      tf.multiRNNCell(
        cells.map(
          (/** @type {any} */ { forgetBias, kernel, bias }) =>
            (/** @type {any} */ x, /** @type {any} */ c, /** @type {any} */ h) =>
              tf.basicLSTMCell(forgetBias, kernel, bias, x, c, h),
        ),
        data,
        c,
        h,
      ),
    sums: true,
  },
};
