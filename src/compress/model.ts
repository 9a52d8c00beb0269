// A whole model with rounded matrices: which matrices there are, what becomes of each, and how many
// bytes the model then takes. The rounded numbers are kept as float32, so that every kernel of the
// course can multiply them: this measures what rounding costs in quality, not what it saves in time.
import { tf } from "../engine";
import { cloneParams, type Params } from "../params";
import { quantile } from "../statistics";
import {
  bitsPerNumber,
  dequantizeMatrix,
  type QuantizedMatrix,
  type QuantizeOptions,
  quantizeMatrix,
} from "./quantize";

/** The names of all matrices inside the blocks: not those of embeddings or of a head. */
export const blockMatrices = (params: Params<tf.Tensor>): string[] =>
  Object.keys(params).filter((name) => name.includes(".layers.") && params[name].rank === 2);

/** What becomes of a matrix: levels, or nothing, and then it stays as it is. */
export type Rounding = (
  name: string,
  values: Float32Array,
  shape: [number, number],
) => QuantizedMatrix | undefined;

/** A model that has been rounded. */
export interface RoundedModel {
  /** Parameters of their own, float32, which the caller disposes. */
  params: Params;
  /** Of a file: levels and scales of what is rounded, two bytes (float16) for every other number. */
  bytes: number;
}

/**
 * Rounds the matrices of a model.
 * @example
 * roundModel(params, (name, values, shape) =>
 *   name.includes("mlp") ? quantizeMatrix(values, shape, { bits: 4 }) : undefined);
 */
export function roundModel(params: Params<tf.Tensor>, rounding: Rounding): RoundedModel {
  let bytes = 0;
  const copy = cloneParams(params);
  for (const [name, parameter] of Object.entries(copy)) {
    const { shape, size, rank } = parameter;
    const values = rank === 2 ? (parameter.dataSync() as Float32Array) : undefined;
    const rounded = values && rounding(name, values, shape as [number, number]);
    bytes += rounded ? (size * bitsPerNumber(rounded)) / 8 : 2 * size;
    if (rounded) tf.tidy(() => parameter.assign(tf.tensor(dequantizeMatrix(rounded), shape)));
  }
  return { params: copy, bytes };
}

export interface QuantizeModelOptions extends QuantizeOptions {
  /** Bits of the embeddings, a scale for each token; 8 if absent, 0 leaves them as they are. */
  embeddingBits?: number;
}

/** Rounds all matrices in the blocks to the nearest levels, and the embeddings. */
export function quantizeModel(
  params: Params<tf.Tensor>,
  { embeddingBits = 8, ...options }: QuantizeModelOptions,
): RoundedModel {
  const blocks = new Set(blockMatrices(params));
  return roundModel(params, (name, values, shape) => {
    if (blocks.has(name)) return quantizeMatrix(values, shape, options);
    return embeddingBits > 0 ? quantizeMatrix(values, shape, { bits: embeddingBits }) : undefined;
  });
}

/** How far the largest weights lie from the others: max |w| by the root of the mean square. */
export interface WeightReach {
  /** The median over all rows, and the farthest row. */
  row: number;
  farthestRow: number;
  /** The median over all matrices, and the farthest. */
  matrix: number;
  farthestMatrix: number;
}

/** How far the largest weights in the blocks reach, in rows and in whole matrices. */
export function weightReach(params: Params<tf.Tensor>): WeightReach {
  const reach = (w: Float32Array) => {
    let [most, squares] = [0, 0];
    for (const x of w) {
      most = Math.max(most, Math.abs(x));
      squares += x * x;
    }
    return squares === 0 ? 0 : most / Math.sqrt(squares / w.length);
  };
  const [rows, matrices]: number[][] = [[], []];
  for (const name of blockMatrices(params)) {
    const [R, C] = params[name].shape;
    const values = params[name].dataSync() as Float32Array;
    matrices.push(reach(values));
    for (let r = 0; r < R; r++) rows.push(reach(values.subarray(r * C, (r + 1) * C)));
  }
  const [row, farthestRow] = [quantile(rows, 0.5), quantile(rows, 1)];
  return {
    row,
    farthestRow,
    matrix: quantile(matrices, 0.5),
    farthestMatrix: quantile(matrices, 1),
  };
}
