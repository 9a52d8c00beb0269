// Convolutions and pools by their definition: for every place of the filter, which cells of the
// image lie under it. One loop serves any number of axes, the values and both gradients. Everything
// is a sum of products x[i, c] w[t, c, k] for an output y[o, k]: cell i of the image lies under
// place t of the filter for output o (Dumoulin & Visin, 2016, "A guide to convolution arithmetic
// for deep learning", arXiv:1603.07285). Which kernels need this, and when, is in ./convolutions.
import type { TypedArray } from "@tensorflow/tfjs-core";
import { sizeOf } from "./repair";

/** One axis of an image and the filter on it. */
export interface Axis {
  size: number;
  filter: number;
  stride: number;
  dilation: number;
  /** Zeros before the first cell. */
  before: number;
  out: number;
}

/** How the filter goes over the image, one number for each axis. */
export interface Steps {
  filter: number[];
  strides: number[];
  dilations: number[];
  /** A number or pairs: zeros before and after. */
  pad: "valid" | "same" | number | [number, number][];
  rounding?: "floor" | "round" | "ceil";
}

/**
 * Where the filter stands along each axis of an image.
 * @param caller for the message
 * @throws Error where it fits nowhere
 */
export function axesOf(caller: string, space: number[], steps: Steps): Axis[] {
  const { filter, strides, dilations, pad, rounding = "floor" } = steps;
  return space.map((size, i) => {
    const [stride, dilation] = [strides[i], dilations[i]];
    const extent = (filter[i] - 1) * dilation + 1;
    let [before, out] = [0, Math.ceil((size - extent + 1) / stride)]; // "valid"
    if (pad === "same") {
      out = Math.ceil(size / stride);
      before = Math.floor(Math.max((out - 1) * stride + extent - size, 0) / 2);
    } else if (pad !== "valid") {
      const [first, last] = typeof pad === "number" ? [pad, pad] : pad[i];
      before = first;
      out = Math[rounding]((size - extent + first + last) / stride) + 1;
    }
    if (out < 1)
      throw new Error(
        `${caller}: expected a filter that fits into the image, ` +
          `got ${filter.join(" × ")} for ${space.join(" × ")}`,
      );
    return { size, filter: filter[i], stride, dilation, before, out };
  });
}

/** For every output cell and every place of the filter the cell of the image; −1: outside. */
function cellsUnder(axes: Axis[]): Int32Array {
  let cells: number[] = [0];
  let shape = [1, 1]; // outputs, places
  for (const { size, filter, stride, dilation, before, out } of axes) {
    const next = new Array<number>(shape[0] * out * shape[1] * filter);
    for (let o = 0; o < shape[0]; o++)
      for (let p = 0; p < out; p++)
        for (let t = 0; t < shape[1]; t++)
          for (let f = 0; f < filter; f++) {
            const outer = cells[o * shape[1] + t];
            const at = p * stride - before + f * dilation;
            const inside = outer >= 0 && at >= 0 && at < size;
            next[((o * out + p) * shape[1] + t) * filter + f] = inside ? outer * size + at : -1;
          }
    cells = next;
    shape = [shape[0] * out, shape[1] * filter];
  }
  return Int32Array.from(cells);
}

export interface Convolution {
  axes: Axis[];
  batch: number;
  /** Channels in; and of each of them, or of all together, out. */
  C: number;
  K: number;
  /** Each channel has its own filters. */
  depthwise: boolean;
}

/** Adds up all products for one of the three, from the other two. */
export function convolve(
  { axes, batch, C, K, depthwise }: Convolution,
  wanted: "x" | "w" | "y",
  parts: { x?: TypedArray; w?: TypedArray; y?: TypedArray },
): Float32Array {
  const cells = cellsUnder(axes);
  const [I, O] = [sizeOf(axes.map((a) => a.size)), sizeOf(axes.map((a) => a.out))];
  const T = sizeOf(axes.map((a) => a.filter));
  const channels = depthwise ? C * K : K;
  const sizes = { x: batch * I * C, w: T * C * K, y: batch * O * channels };
  const sums = new Float64Array(sizes[wanted]);
  const { x = sums, w = sums, y = sums } = parts;
  for (let b = 0; b < batch; b++)
    for (let o = 0; o < O; o++)
      for (let t = 0; t < T; t++) {
        const cell = cells[o * T + t];
        if (cell < 0) continue;
        for (let c = 0; c < C; c++) {
          const atX = (b * I + cell) * C + c;
          const atW = (t * C + c) * K;
          const atY = (b * O + o) * channels + (depthwise ? c * K : 0);
          if (wanted === "y") for (let k = 0; k < K; k++) sums[atY + k] += x[atX] * w[atW + k];
          else if (wanted === "x") for (let k = 0; k < K; k++) sums[atX] += y[atY + k] * w[atW + k];
          else for (let k = 0; k < K; k++) sums[atW + k] += x[atX] * y[atY + k];
        }
      }
  return Float32Array.from(sums);
}

export interface Pool {
  axes: Axis[];
  batch: number;
  C: number;
}

/**
 * Calls back for each window of each channel, with the cells that lie inside of the image.
 * @param caller for the message
 * @throws Error where none does
 */
export function forWindows(
  caller: string,
  { axes, batch, C }: Pool,
  visit: (y: number, xs: number[]) => void,
): void {
  const cells = cellsUnder(axes);
  const [I, O] = [sizeOf(axes.map((a) => a.size)), sizeOf(axes.map((a) => a.out))];
  const T = sizeOf(axes.map((a) => a.filter));
  for (let b = 0; b < batch; b++)
    for (let o = 0; o < O; o++) {
      const inside = Array.from(cells.subarray(o * T, o * T + T)).filter((cell) => cell >= 0);
      if (inside.length === 0)
        throw new Error(
          `${caller}: expected a padding smaller than the filter, got windows without cells`,
        );
      for (let c = 0; c < C; c++)
        visit(
          (b * O + o) * C + c,
          inside.map((cell) => (b * I + cell) * C + c),
        );
    }
}

/** The first of the largest, or the first NaN. */
export function largest(x: TypedArray, places: number[]): number {
  let best = places[0];
  for (const at of places) {
    if (Number.isNaN(x[at])) return at;
    if (x[at] > x[best]) best = at;
  }
  return best;
}
