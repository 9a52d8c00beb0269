// The kernels of convolution and pooling, which each engine has wrong, or has not, in other cases.
// There they are computed by the definition (./windows), on the values, in JavaScript:
//
//   js, wasm, native   a number as padding counts rows and columns with the height of the filter
//                      and the first stride: wrong shapes where these are not square
//   js, wasm           3D: "same" with strides beyond the filter begins outside of the image; the
//                      gradient of avgPool divides by cells that lie outside, where TensorFlow
//                      counts only those inside
//   wasm               no kernel for the gradients of filters and of depthwise convolutions; the
//                      gradients of maxPool and the values of the 3D kernels are wrong; "same" with
//                      strides beyond the filter gives zeros; "NCHW" is missing; what has no cells
//                      ends the process
//   webgpu             as wasm
//   native             unequal strides: wrong, or garbage, from the second image on; maxPool3d with
//                      "same" and strides beyond the filter, and its gradient where two are equal;
//                      no "NCHW", no numbers as padding for pools and depthwise convolutions, no
//                      maxPoolWithArgmax
import * as tf from "@tensorflow/tfjs-core";
import {
  type Attributes,
  type Backend,
  type Inputs,
  type Repair,
  type Result,
  run,
  sizeOf,
} from "./repair";
import { type Axis, axesOf, convolve, forWindows, largest } from "./windows";

const list = (value: number | number[] | undefined, n: number): number[] =>
  Array.isArray(value) ? value : new Array<number>(n).fill(value ?? 1);

/** The function behind a kernel, for messages: Conv2DBackpropInput → conv2d. */
const callerOf = (kernelName: string): string =>
  `${kernelName[0].toLowerCase()}${kernelName.slice(1)}`
    .replace(/(Backprop|Grad|Native).*$/, "")
    .replace(/([23])D$/, "$1d");

/** Which kernels there are: how many axes, and which of the three is wanted. */
const convolutions: Record<string, [axes: number, wanted: "x" | "w" | "y"]> = {
  Conv2D: [2, "y"],
  Conv2DBackpropInput: [2, "x"],
  Conv2DBackpropFilter: [2, "w"],
  DepthwiseConv2dNative: [2, "y"],
  DepthwiseConv2dNativeBackpropInput: [2, "x"],
  DepthwiseConv2dNativeBackpropFilter: [2, "w"],
  Conv3D: [3, "y"],
  Conv3DBackpropInputV2: [3, "x"],
  Conv3DBackpropFilterV2: [3, "w"],
};
const pools: Record<string, number> = {
  AvgPool: 2,
  AvgPoolGrad: 2,
  MaxPool: 2,
  MaxPoolGrad: 2,
  MaxPoolWithArgmax: 2,
  AvgPool3D: 3,
  AvgPool3DGrad: 3,
  MaxPool3D: 3,
  MaxPool3DGrad: 3,
};
export const convolutionKernels = [...Object.keys(convolutions), ...Object.keys(pools)];

const isFirst = (attrs: Attributes) => /^NC/.test(attrs.dataFormat ?? "");

/** The channels of a tensor (B, C, …) last, or of (B, …, C) second. */
function moveChannels(x: tf.Tensor, last: boolean): tf.Tensor {
  const space = x.shape.map((_, i) => i).slice(2);
  const back = [0, x.rank - 1, ...space.map((i) => i - 1)];
  return tf.transpose(x, last ? [0, ...space, 1] : back);
}

/** The axes of a call, the channels last. */
function placed(kernelName: string, inputs: Inputs, attrs: Attributes): Axis[] {
  const n = pools[kernelName] ?? convolutions[kernelName][0];
  const image = (inputs.x ?? inputs.input)?.shape ?? (attrs.inputShape as number[]);
  const sizes = inputs.filter?.shape ?? attrs.filterShape ?? list(attrs.filterSize, n);
  const filter: number[] = sizes.slice(0, n);
  const { pad } = attrs;
  return axesOf(callerOf(kernelName), image.slice(1, 1 + n), {
    filter,
    strides: list(attrs.strides ?? filter, n),
    dilations: list(attrs.dilations, n),
    pad: Array.isArray(pad) && pad.length > n ? pad.slice(1, 1 + n) : pad,
    rounding: attrs.dimRoundingMode,
  });
}

/** A kernel of convolution by the definition, with the channels last. */
function convolved(kernelName: string, axes: Axis[], inputs: Inputs, attrs: Attributes): tf.Tensor {
  const [n, wanted] = convolutions[kernelName];
  const depthwise = kernelName.startsWith("Depthwise");
  const { x, filter, dy } = inputs;
  const xShape = x?.shape ?? (attrs.inputShape as number[]);
  const wShape = filter?.shape ?? (attrs.filterShape as number[]);
  const [C, K] = wShape.slice(n);
  const shape = {
    x: xShape,
    w: wShape,
    y: [xShape[0], ...axes.map((a) => a.out), depthwise ? C * K : K],
  }[wanted];
  const parts = { x: x?.dataSync(), w: filter?.dataSync(), y: dy?.dataSync() };
  const sums = convolve({ axes, batch: xShape[0], C, K, depthwise }, wanted, parts);
  return tf.tensor(sums, shape);
}

/** A kernel of pooling by the definition, with the channels last. */
function pooling(kernelName: string, axes: Axis[], inputs: Inputs, attrs: Attributes): Result {
  const n = pools[kernelName];
  const x = inputs.x ?? inputs.input;
  const [batch, C] = [x.shape[0], x.shape[n + 1]];
  const shape = [batch, ...axes.map((a) => a.out), C];
  const values = x.dataSync();
  const dy = inputs.dy?.dataSync();
  const isMax = kernelName.startsWith("Max");
  const result = new Float32Array(dy ? values.length : sizeOf(shape));
  const places = new Int32Array(kernelName === "MaxPoolWithArgmax" ? result.length : 0);
  const perImage = sizeOf(x.shape.slice(1));
  forWindows(callerOf(kernelName), { axes, batch, C }, (y, xs) => {
    if (isMax) {
      const best = largest(values, xs);
      if (dy) result[best] += dy[y];
      else result[y] = values[best];
      if (places.length) places[y] = attrs.includeBatchInIndex ? best : best % perImage;
    } else if (dy) for (const at of xs) result[at] += dy[y] / xs.length;
    else result[y] = xs.reduce((sum, at) => sum + values[at], 0) / xs.length;
  });
  const value = tf.tensor(result, dy ? x.shape : shape);
  return places.length ? [value, tf.tensor(places, shape, "int32")] : value;
}

/** Whether the engine's own kernel is right. */
type IsRight = (kernelName: string, inputs: Inputs, attrs: Attributes, axes: Axis[]) => boolean;

const isPlain = (inputs: Inputs, { pad }: Attributes) =>
  Object.values(inputs).every((x) => x.size > 0) && (pad === "valid" || pad === "same");

/** "same" with a stride beyond the filter gives zeros. */
const plain2d: IsRight = (kernelName, inputs, attrs, axes) =>
  /^(Conv2D|DepthwiseConv2dNative|Conv2DBackpropInput|MaxPool|AvgPool)$/.test(kernelName) &&
  isPlain(inputs, attrs) &&
  (attrs.pad === "valid" ||
    axes.every(({ stride, filter, dilation }) => stride <= (filter - 1) * dilation + 1));

const right: Record<Backend, IsRight> = {
  cpu: (kernelName, _, { pad }) =>
    /^(Conv2D|Depthwise|MaxPool(Grad|WithArgmax)?$|AvgPool$)/.test(kernelName) &&
    typeof pad !== "number",
  wasm: plain2d,
  webgpu: plain2d,
  // unequal strides read beyond the image, from the second image on
  tensorflow: (kernelName, inputs, attrs, axes) =>
    !/^MaxPool(WithArgmax|3D)/.test(kernelName) &&
    isPlain(inputs, attrs) &&
    axes.every(({ stride }) => stride === axes[0].stride),
};

/** The repair of all kernels of `convolutionKernels`. */
export const convolution: Repair = (inputs, attrs, kernelName) => {
  const backend = tf.getBackend() as Backend;
  if (isFirst(attrs)) return tf.tidy(() => channelsLast(inputs, attrs, kernelName));
  const axes = placed(kernelName, inputs, attrs); // also where the stock kernel would not look
  if (right[backend](kernelName, inputs, attrs, axes)) return undefined;
  return kernelName in pools
    ? pooling(kernelName, axes, inputs, attrs)
    : convolved(kernelName, axes, inputs, attrs);
};

/** The same with the channels last, and back. */
function channelsLast(inputs: Inputs, attrs: Attributes, kernelName: string): tf.Tensor {
  const { x, dy, filter } = inputs;
  const last = (t: tf.Tensor | undefined) => t && moveChannels(t, true);
  const given = { x: last(x), dy: last(dy), filter };
  const defined = Object.entries(given).filter(([, t]) => t !== undefined);
  const shape = attrs.inputShape as number[] | undefined;
  const inputShape = shape && [shape[0], ...shape.slice(2), shape[1]];
  const y = run(kernelName, Object.fromEntries(defined), {
    ...attrs,
    ...(inputShape && { inputShape }),
    dataFormat: attrs.dataFormat.length === 4 ? "NHWC" : "NDHWC",
  });
  return kernelName.endsWith("BackpropFilter") || kernelName.endsWith("FilterV2")
    ? y
    : moveChannels(y, false);
}
