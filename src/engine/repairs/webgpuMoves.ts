// Kernels of the WebGPU engine that only move values, or add rows: integers of 32 bits, any number
// of axes. tfjs's pass integers through float32 and stop at four or six axes.
import * as tf from "@tensorflow/tfjs-core";
import { checkIds } from "../ids";
import { type Commands, gpuCommands } from "../webgpu/backend";
import { gathered } from "../webgpu/gather";
import { padded } from "../webgpu/pad";
import { segmentSum } from "../webgpu/segments";
import { moved, stridesOf } from "../webgpu/strided";
import type { Repair } from "./repair";

export const commands = (): Commands => gpuCommands()!;
export const result = (info: tf.TensorInfo): tf.Tensor => info as never;
export const isWhole = (x: tf.Tensor): boolean => x.dtype !== "float32";

export const transpose: Repair = ({ x }, { perm }) => {
  if (!isWhole(x) && x.rank <= 6) return undefined;
  const strides = stridesOf(x.shape);
  const axes = perm as number[];
  const view = { x, offset: 0, strides: axes.map((axis) => strides[axis]) };
  return result(
    moved(
      commands(),
      view,
      axes.map((axis) => x.shape[axis]),
    ),
  );
};

export const reverse: Repair = ({ x }, { dims }) => {
  const axes = tf.util.parseAxisParam(dims, x.shape);
  const strides = stridesOf(x.shape);
  const offset = axes.reduce((sum, axis) => sum + (x.shape[axis] - 1) * strides[axis], 0);
  const turned = strides.map((s, axis) => (axes.includes(axis) ? -s : s));
  return result(moved(commands(), { x, offset, strides: turned }, x.shape));
};

export const pad: Repair = ({ x }, { paddings, constantValue }) =>
  isWhole(x) || x.rank > 4
    ? result(
        padded(
          commands(),
          x,
          paddings,
          x.dtype === "bool" ? Number(Boolean(constantValue)) : constantValue,
        ),
      )
    : undefined;

/** Integers in other places: by views, and by adding what is padded with zeros. */
export const slice: Repair = ({ x }, { begin, size }) => {
  if (!isWhole(x)) return undefined;
  const [from, sizes] = tf.slice_util.parseSliceParams(x, begin, size);
  tf.slice_util.assertParamsValid(x, from, sizes);
  const strides = stridesOf(x.shape);
  const offset = from.reduce((sum, at, axis) => sum + at * strides[axis], 0);
  return result(moved(commands(), { x, offset, strides }, sizes));
};
export const tile: Repair = ({ x }, { reps }) => {
  if (!isWhole(x) && x.rank <= 6) return undefined;
  const own = stridesOf(x.shape);
  const strides = own.flatMap((s) => [0, s]);
  const shape = x.shape.flatMap((n, axis) => [reps[axis], n]);
  return tf.tidy(() => {
    const info = moved(commands(), { x, offset: 0, strides }, shape);
    const wide = tf.engine().makeTensorFromTensorInfo(info);
    return tf.reshape(
      wide,
      x.shape.map((n, axis) => n * reps[axis]),
    );
  });
};
export const concat: Repair = (inputs, { axis }) => {
  const given = (Object.values(inputs) as tf.Tensor[]).filter((x) => x.size > 0);
  if (given.length === 0 || !given.every(isWhole)) return undefined;
  const [at] = tf.util.parseAxisParam(axis, given[0].shape);
  const total = given.reduce((sum, x) => sum + x.shape[at], 0);
  let before = 0;
  return tf.tidy(() =>
    given
      .map((x): tf.Tensor => {
        const start = before;
        before += x.shape[at];
        const sides = x.shape.map((_, i) => (i === at ? [start, total - before] : [0, 0]));
        return tf.pad(x, sides as [number, number][]);
      })
      .reduce((a, b) => (a.dtype === "bool" ? tf.logicalOr(a, b) : tf.add(a, b))),
  );
};
export const pack: Repair = (inputs, { axis }) => {
  const given = Object.values(inputs) as tf.Tensor[];
  if (!given.every(isWhole)) return undefined;
  return tf.tidy(() =>
    tf.concat(
      given.map((x) => tf.expandDims(x, axis)),
      axis,
    ),
  );
};
export const split: Repair = ({ x }, { numOrSizeSplits, axis }) => {
  if (!isWhole(x)) return undefined;
  const [at] = tf.util.parseAxisParam(axis, x.shape);
  const sizes = tf.backend_util.prepareSplitSize(x, numOrSizeSplits, at);
  let start = 0;
  return sizes.map((n) => {
    const begin = x.shape.map((_, i) => (i === at ? start : 0));
    start += n;
    return tf.slice(
      x,
      begin,
      x.shape.map((m, i) => (i === at ? n : m)),
    );
  });
};
export const unpack: Repair = ({ value }, { axis }) => {
  if (!isWhole(value)) return undefined;
  const [at] = tf.util.parseAxisParam(axis, value.shape);
  const parts = tf.tidy(() =>
    tf.split(value, value.shape[at], at).map((part) => tf.squeeze(part, [at])),
  );
  return parts;
};

/** With numbers out of range an error, where that is known without waiting for the GPU. */
export const gather: Repair = ({ x, indices }, { axis, batchDims = 0 }) => {
  const [at] = tf.util.parseAxisParam(axis, x.shape);
  const known = commands().listener ? undefined : commands().reads.knownValues(indices.dataId);
  if (known) checkIds(indices, x.shape[at], "gather", "indices", () => known);
  return result(gathered(commands(), { x, indices }, at, batchDims));
};

/** Beyond this many rows tfjs's own, whose order of sums is no order: chains are found by looking. */
const CHAINED = 1 << 15;
export const segments: Repair = ({ x, segmentIds }, { numSegments }) => {
  if (segmentIds.size > CHAINED && !isWhole(x)) return undefined;
  return tf.tidy(() => {
    const rows = tf.reshape(x, [segmentIds.size, -1]);
    const sums = segmentSum(commands(), rows, tf.reshape(segmentIds, [-1]), numSegments);
    const made = tf.engine().makeTensorFromTensorInfo(sums);
    return tf.reshape(made, [numSegments, ...x.shape.slice(segmentIds.rank)]);
  });
};
