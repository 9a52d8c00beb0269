// Repairs that more than one engine needs.
import * as tf from "@tensorflow/tfjs-core";
import { INT32 } from "./numbers";
import { type Attributes, EngineRefusal, type Inputs, type Repair, run, sizeOf } from "./repair";

const INFINITY = Number.POSITIVE_INFINITY;

/**
 * A reduction over no elements gives the value that changes nothing: 0 for a sum, −∞ for a maximum;
 * NaN for a mean. js gives NaN for max and min, false for all, 0 for mean; wasm whatever lies in
 * memory, or "divide by zero".
 */
export const emptyReduction: Repair = ({ x }, attrs, kernelName) => {
  if (x.size > 0) return undefined;
  const axes = tf.util.parseAxisParam(attrs.axis ?? attrs.reductionIndices, x.shape);
  const shape = x.shape.flatMap((n, i) => (axes.includes(i) ? (attrs.keepDims ? [1] : []) : [n]));
  const whole = x.dtype === "int32";
  const values: Record<string, number> = {
    Sum: 0,
    Any: 0,
    All: 1,
    Prod: 1,
    Mean: Number.NaN,
    Max: whole ? INT32.least : -INFINITY,
    Min: whole ? INT32.most : INFINITY,
  };
  const dtype = kernelName === "Mean" ? "float32" : x.dtype;
  return tf.fill(shape, values[kernelName], dtype);
};

/** The place of the largest or smallest along no elements: there is none. */
export const emptyChoice: Repair = ({ x }, { axis }, kernelName) => {
  if (x.size > 0) return undefined;
  const [at] = tf.util.parseAxisParam(axis, x.shape);
  const rest = x.shape.filter((_, i) => i !== at);
  if (x.shape[at] > 0) return tf.zeros(rest, "int32"); // "divide by zero" on wasm
  const name = kernelName === "ArgMax" ? "argMax" : "argMin";
  throw new Error(
    `${name}: expected at least one element along axis ${at}, got shape [${x.shape}]`,
  );
};

/**
 * The place of the first of the largest or smallest; NaN is taken for the smallest or largest. In
 * tfjs it wins on js and wasm where it comes first, and elsewhere on native.
 */
export const choice: Repair = ({ x }, { axis }, kernelName) => {
  if (x.dtype !== "float32") return undefined;
  const [at] = tf.util.parseAxisParam(axis, x.shape);
  const [outer, n, inner] = [x.shape.slice(0, at), x.shape[at], x.shape.slice(at + 1)];
  const step = sizeOf(inner);
  const worst = kernelName === "ArgMax" ? -INFINITY : INFINITY;
  const values = x.dataSync();
  const places = new Int32Array(sizeOf(outer) * step);
  for (let i = 0; i < places.length; i++) {
    const from = Math.floor(i / step) * n * step + (i % step);
    let best = worst;
    for (let k = 0; k < n; k++) {
      const v = values[from + k * step];
      if (kernelName === "ArgMax" ? v > best : v < best) {
        best = v;
        places[i] = k;
      }
    }
  }
  return tf.tensor(places, [...outer, ...inner], "int32");
};

/** Of integers it goes by way of float32, which has 24 bits: on js and wasm. */
export const abs: Repair = ({ x }) =>
  x.dtype === "int32" ? tf.tidy(() => tf.maximum(x, tf.neg(x))) : undefined;

/**
 * A slice with strides: for each axis the places that are taken. js and wasm look at the wrong axes
 * where one place of an axis is taken (x[1, ::2]), and fail for some slices without elements.
 */
export const stridedSlice: Repair = ({ x }, attrs) => {
  const { finalShape, isSimpleSlice, begin, end, strides } = tf.slice_util.sliceInfo(
    x.shape,
    attrs.begin,
    attrs.end,
    attrs.strides,
    attrs.beginMask,
    attrs.endMask,
    attrs.ellipsisMask,
    attrs.newAxisMask,
    attrs.shrinkAxisMask,
  );
  const shape = finalShape.map((n) => Math.max(n, 0));
  if (sizeOf(shape) === 0) return tf.zeros(shape, x.dtype);
  if (isSimpleSlice) return undefined;
  return tf.tidy(() => {
    let y = x;
    strides.forEach((stride, axis) => {
      if (stride === 1 && begin[axis] === 0 && end[axis] === x.shape[axis]) return;
      const n = Math.ceil((end[axis] - begin[axis]) / stride);
      const places = Int32Array.from({ length: n }, (_, i) => begin[axis] + i * stride);
      y = tf.gather(y, tf.tensor1d(places, "int32"), axis);
    });
    return tf.reshape(y, shape);
  });
};

/** A gather without elements: js divides by zero, and wasm reads what is not there. */
export const emptyGather: Repair = ({ x, indices }, { axis, batchDims = 0 }) => {
  if (x.size > 0 && indices.size > 0) return undefined;
  const [at] = tf.util.parseAxisParam(axis, x.shape);
  const shape = [
    ...x.shape.slice(0, at),
    ...indices.shape.slice(batchDims),
    ...x.shape.slice(at + 1),
  ];
  return sizeOf(shape) === 0 ? tf.zeros(shape, x.dtype) : undefined;
};

/**
 * A choice without elements: tf.where leaves a shape as it is where it should be repeated no times,
 * and the kernel then reads the longest of them.
 */
export const emptySelect: Repair = ({ condition, t, e }) => {
  if (condition.size > 0 && t.size > 0 && e.size > 0) return undefined;
  const shapes = [condition, t, e].map((x) => x.shape);
  const shape = shapes.reduce((a, b) => tf.broadcast_util.assertAndGetBroadcastShape(a, b));
  return tf.zeros(shape, t.dtype);
};

/**
 * Other values than 1 and 0, other types than int32: by the plain kernel. wasm writes 4 bytes of a
 * float32 as an int32 (1.4e-45 for 1), and 4 bytes for a bool; js writes numbers into bools.
 */
export const oneHot: Repair = (inputs, attrs) => {
  const { onValue, offValue, dtype } = attrs;
  if (onValue === 1 && offValue === 0 && dtype === "int32") return undefined;
  return tf.tidy(() => {
    const ones = run("OneHot", inputs, { ...attrs, onValue: 1, offValue: 0, dtype: "int32" });
    const [on, off] = [onValue, offValue].map((v) => tf.scalar(value(v, dtype), dtype));
    return tf.where(tf.cast(ones, "bool"), on, off);
  });
};

/** A number as a value of a type. */
function value(x: number, dtype: tf.DataType): number | boolean {
  if (dtype === "bool") return x !== 0;
  return dtype === "int32" ? Math.trunc(x) : x;
}

/** Numbers that are not 0 and 1, in a tensor of bools: js and wasm keep their last byte. */
export const boolConstant: Repair = (inputs, attrs, kernelName) => {
  const name = kernelName === "Fill" ? "value" : "constantValue";
  const dtype = kernelName === "Fill" ? attrs.dtype : inputs.x.dtype;
  if (dtype !== "bool" || [0, 1].includes(attrs[name])) return undefined;
  return run(kernelName, inputs, { ...attrs, [name]: Number(Boolean(attrs[name])) });
};

/**
 * x where it is not negative, and αx elsewhere. wasm takes an α that is broadcast from the wrong
 * places; native computes relu(x) + α (x − |x|) / 2, which is NaN for infinite numbers.
 */
export const prelu: Repair = ({ x, alpha }) =>
  tf.tidy(() => tf.where(tf.less(x, 0), tf.mul(alpha, x), x));

/** Channels second: by moving them. js has no "NCHW", and wasm leaves tensors behind. */
export const depthToSpace: Repair = ({ x }, attrs) => {
  if (attrs.dataFormat !== "NCHW") return undefined;
  return tf.tidy(() => {
    const last = tf.transpose(x, [0, 2, 3, 1]);
    const y = run("DepthToSpace", { x: last }, { ...attrs, dataFormat: "NHWC" });
    return tf.transpose(y, [0, 3, 1, 2]);
  });
};

const ACTIVATIONS: Record<
  string,
  (x: tf.Tensor, alpha: number, weights: tf.Tensor | undefined) => tf.Tensor
> = {
  linear: (x) => x,
  relu: tf.relu,
  relu6: tf.relu6,
  elu: tf.elu,
  sigmoid: tf.sigmoid,
  leakyrelu: (x, alpha) => tf.leakyRelu(x, alpha),
  prelu: (x, _, weights) => tf.prelu(x, weights!),
};

/** What follows a product or a convolution in a fused layer. */
export function activated(
  y: tf.Tensor,
  { bias, activation = "linear", leakyreluAlpha = 0.2, preluActivationWeights }: Attributes,
): tf.Tensor {
  const z = bias ? tf.add(y, bias) : y;
  return ACTIVATIONS[activation](z, leakyreluAlpha, preluActivationWeights);
}

/** A fused kernel as what it is fused of. */
export function unfused(kernelName: string, inputs: Inputs, attrs: Attributes): tf.Tensor {
  const { bias, preluActivationWeights, ...factors } = inputs;
  const { activation, leakyreluAlpha, ...rest } = attrs;
  const layer = { bias, activation, leakyreluAlpha, preluActivationWeights };
  return tf.tidy(() => activated(run(kernelName, factors, rest), layer));
}

/** They call their convolutions directly, past ./convolutions. */
export const fusedConvolution: Repair = (inputs, attrs, kernelName) =>
  unfused(kernelName === "FusedConv2D" ? "Conv2D" : "DepthwiseConv2dNative", inputs, attrs);

export const COMPLEX: Record<string, string> = {
  Complex: "tf.complex",
  ComplexAbs: "tf.abs of complex numbers",
  FFT: "tf.fft",
  IFFT: "tf.ifft",
  Imag: "tf.imag",
  Real: "tf.real",
};

/** No complex numbers: wasm has no place for them in its memory, and on WebGPU they are left out. */
export const noComplex: Repair = (_, __, kernelName) => {
  throw new EngineRefusal(
    COMPLEX[kernelName],
    "there are no complex numbers",
    'await useEngine({ prefer: "js" })',
  );
};
export const castComplex: Repair = ({ x }, { dtype }) => {
  if (dtype !== "complex64" && x.dtype !== "complex64") return undefined;
  throw new EngineRefusal(
    "tf.cast to complex64",
    "there are no complex numbers",
    'await useEngine({ prefer: "js" })',
  );
};
