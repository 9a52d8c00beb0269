// Convolutions, pools and normalisation.
/** @typedef {import("../draw.mjs").Draw} Draw */
/** @typedef {import("../cases.mjs").Entry} Entry */

const plain = /** @type {const} */ ({ style: "plain" });
const floats = (/** @type {Draw} */ d, /** @type {number[]} */ shape) =>
  d.floats({ shape, ...plain });

/**
 * A convolution or pool over so many axes: image, filter, strides, padding, dilation, rounding.
 * @param {Draw} d
 * @param {number} axes
 * @param {{ dilated?: boolean, explicit?: boolean, stepped?: boolean }} [options]
 */
function window(d, axes, { dilated = true, explicit = true, stepped = true } = {}) {
  const size = Array.from({ length: axes }, () => d.integer(1, 3));
  const dilation = d.chance(dilated ? 0.3 : 0)
    ? size.map(() => d.integer(1, 2))
    : size.map(() => 1);
  const isDilated = dilation.some((n) => n > 1);
  const strides = size.map(() => (isDilated || !stepped ? 1 : d.integer(1, 3)));
  const pad = d.pick(
    /** @type {unknown[]} */ (["valid", "same", ...(explicit ? [d.integer(0, 1)] : [])]),
  );
  const space = size.map((n, i) => (n - 1) * dilation[i] + d.integer(1, 4));
  const rounding = typeof pad === "number" ? "floor" : undefined;
  const short = (/** @type {number[]} */ list) =>
    list.every((n) => n === list[0]) && d.chance() ? list[0] : list;
  return { size, dilation, strides, pad, space, rounding, isDilated, short };
}

const lead = (/** @type {Draw} */ d) => d.maybe(() => [d.integer(1, 3)], 0.75) ?? [];

/** @returns {Entry} */
const pool = (/** @type {number} */ axes) => ({
  draw: (d) => {
    const w = window(d, axes, { dilated: false });
    const x = floats(d, [...lead(d), ...w.space, d.integer(1, 5)]);
    if (d.chance(0.3)) {
      x.values = x.values.map((v) => Math.round(Number(v)));
      x.style = "ties";
    }
    return [x, w.short(w.size), w.short(w.strides), w.pad, w.rounding];
  },
  sums: true,
});

/** @returns {Entry} */
const conv2d = (/** @type {boolean} */ depthwise) => ({
  draw: (d) => {
    const w = window(d, 2);
    const [C, O] = [d.integer(1, 5), d.integer(1, depthwise ? 3 : 5)];
    const format = d.pick(["NHWC", undefined, ...(depthwise ? [] : ["NCHW"])]);
    const batch = format === "NCHW" ? [d.integer(1, 2)] : lead(d);
    const x = floats(d, format === "NCHW" ? [...batch, C, ...w.space] : [...batch, ...w.space, C]);
    return [
      x,
      floats(d, [...w.size, C, O]),
      w.short(w.strides),
      w.pad,
      format,
      w.isDilated ? w.short(w.dilation) : d.maybe(() => 1),
      w.rounding,
    ];
  },
  sums: true,
});

/** @returns {Entry} */
const fused = (/** @type {boolean} */ depthwise) => ({
  draw: (d) => {
    const w = window(d, 2);
    const [C, O] = [d.integer(1, 5), d.integer(1, depthwise ? 3 : 5)];
    const out = depthwise ? C * O : O;
    const activation = d.pick([...ACTIVATIONS, undefined]);
    return [
      {
        x: floats(d, [...lead(d), ...w.space, C]),
        filter: floats(d, [...w.size, C, O]),
        strides: w.short(w.strides),
        pad: w.pad,
        ...(w.rounding && { dimRoundingMode: w.rounding }),
        ...(w.isDilated && { dilations: w.short(w.dilation) }),
        ...(d.chance() && { bias: floats(d, [out]) }),
        ...(activation && { activation }),
        ...(activation === "prelu" && { preluActivationWeights: floats(d, [1, 1, out]) }),
        ...(activation === "leakyrelu" && { leakyreluAlpha: 0.3 }),
      },
    ];
  },
  sums: true,
});
const ACTIVATIONS = ["linear", "relu", "relu6", "elu", "sigmoid", "prelu", "leakyrelu"];

/**
 * @param {number} [rank]
 * @returns {Entry}
 */
const batchNorm = (rank) => ({
  draw: (d) => {
    const shape = d.shape(rank ?? [2, 4]);
    const C = shape[shape.length - 1];
    const full = d.chance(0.2);
    const of = (/** @type {object} */ options = plain) =>
      d.floats({ shape: full ? shape : [C], ...options });
    return [
      floats(d, shape),
      of(),
      of({ from: 0.2, to: 2 }),
      d.maybe(of),
      d.maybe(of),
      d.maybe(() => d.pick([1e-3, 1e-5, 0.1])),
    ];
  },
  sums: true,
});

/** @type {Record<string, Entry>} */
export const layers = {
  avgPool: pool(2),
  maxPool: pool(2),
  avgPool3d: pool(3),
  maxPool3d: pool(3),
  maxPoolWithArgmax: {
    draw: (d) => {
      const w = window(d, 2, { dilated: false, explicit: false });
      const x = floats(d, [d.integer(1, 2), ...w.space, d.integer(1, 3)]);
      return [x, w.short(w.size), w.short(w.strides), w.pad, d.maybe(() => d.chance())];
    },
    sums: true,
  },
  pool: {
    draw: (d) => {
      const w = window(d, 2);
      const x = floats(d, [...lead(d), ...w.space, d.integer(1, 3)]);
      return [
        x,
        w.short(w.size),
        d.pick(["avg", "max"]),
        w.pad,
        w.isDilated ? w.short(w.dilation) : undefined,
        w.short(w.strides),
        w.rounding,
      ];
    },
    sums: true,
  },
  conv1d: {
    draw: (d) => {
      const w = window(d, 1);
      const [C, O] = [d.integer(1, 4), d.integer(1, 4)];
      return [
        floats(d, [...lead(d), ...w.space, C]),
        floats(d, [...w.size, C, O]),
        w.strides[0],
        w.pad,
        d.maybe(() => "NWC"),
        w.isDilated ? w.dilation[0] : undefined,
        w.rounding,
      ];
    },
    sums: true,
  },
  conv2d: conv2d(false),
  depthwiseConv2d: conv2d(true),
  "fused.conv2d": fused(false),
  "fused.depthwiseConv2d": fused(true),
  conv2dTranspose: {
    draw: (d) => {
      const w = window(d, 2, { dilated: false, explicit: false });
      const [C, O] = [d.integer(1, 4), d.integer(1, 4)];
      const batch = lead(d);
      const out = w.space.map((n, i) =>
        w.pad === "same" ? n * w.strides[i] : (n - 1) * w.strides[i] + w.size[i],
      );
      return [
        floats(d, [...batch, ...w.space, C]),
        floats(d, [...w.size, O, C]),
        [...batch, ...out, O],
        w.short(w.strides),
        w.pad,
      ];
    },
    sums: true,
  },
  conv3d: {
    draw: (d) => {
      const w = window(d, 3, { explicit: false });
      const [C, O] = [d.integer(1, 3), d.integer(1, 3)];
      return [
        floats(d, [...lead(d), ...w.space, C]),
        floats(d, [...w.size, C, O]),
        w.short(w.strides),
        w.pad,
        d.maybe(() => "NDHWC"),
        w.isDilated ? w.dilation : undefined,
      ];
    },
    sums: true,
  },
  conv3dTranspose: {
    draw: (d) => {
      const w = window(d, 3, { dilated: false, explicit: false });
      const [C, O] = [d.integer(1, 3), d.integer(1, 3)];
      const batch = lead(d);
      const out = w.space.map((n, i) =>
        w.pad === "same" ? n * w.strides[i] : (n - 1) * w.strides[i] + w.size[i],
      );
      return [
        floats(d, [...batch, ...w.space, C]),
        floats(d, [...w.size, O, C]),
        [...batch, ...out, O],
        w.short(w.strides),
        w.pad,
      ];
    },
    sums: true,
  },
  separableConv2d: {
    draw: (d) => {
      const w = window(d, 2, { explicit: false });
      const [C, M, O] = [d.integer(1, 3), d.integer(1, 3), d.integer(1, 3)];
      return [
        floats(d, [...lead(d), ...w.space, C]),
        floats(d, [...w.size, C, M]),
        floats(d, [1, 1, C * M, O]),
        w.short(w.strides),
        w.pad,
        w.isDilated ? w.short(w.dilation) : undefined,
        d.maybe(() => "NHWC"),
      ];
    },
    sums: true,
  },
  dilation2d: {
    draw: (d) => {
      const w = window(d, 2, { explicit: false });
      const C = d.integer(1, 3);
      return [
        floats(d, [...lead(d), ...w.space, C]),
        floats(d, [...w.size, C]),
        w.short(w.strides),
        w.pad,
        w.isDilated ? w.short(w.dilation) : undefined,
        d.maybe(() => "NHWC"),
      ];
    },
    sums: true,
  },
  batchNorm: batchNorm(),
  batchNorm2d: batchNorm(2),
  batchNorm3d: batchNorm(3),
  batchNorm4d: batchNorm(4),
  localResponseNormalization: {
    draw: (d) => {
      const x = floats(d, d.shape([3, 4]));
      return [
        x,
        d.maybe(() => d.integer(0, 4)),
        d.maybe(() => d.pick([1, 2])),
        d.maybe(() => d.pick([1, 0.1])),
        d.maybe(() => d.pick([0.5, 0.75, 1])),
      ];
    },
    sums: true,
  },
};
