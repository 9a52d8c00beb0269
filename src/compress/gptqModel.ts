// A whole model rounded with error feedback (Frantar et al., 2022): a text is read, what each matrix
// gets to read is collected, and ./gptq rounds the matrix so that its outputs stay near for these
// inputs. One block after another, so that a block is rounded for what it will really read: the
// outputs of blocks that are rounded already.
//
// Letters: B texts, T tokens, N = B·T, C width of what a matrix reads.
import { tf } from "../engine";
import { type GPTConfig, gptHidden } from "../gpt";
import type { Params } from "../params";
import { type GptqOptions, gptq } from "./gptq";
import { blockMatrices, type QuantizeModelOptions, type RoundedModel, roundModel } from "./model";
import { quantizeMatrix } from "./quantize";

/**
 * XᵀX of what every matrix in some blocks reads.
 * @param ids (B, T) int32: the text
 * @param options `blocks`: which ones, all if absent; `change`: what is counted in place of the
 *   inputs (N, C), for controls
 * @returns C·C numbers for each matrix, under its name without ".weight"; matrices that read the same
 *   share one array
 */
export function readProducts(
  params: Params,
  config: GPTConfig,
  ids: tf.Tensor2D,
  {
    blocks,
    change = (x) => x,
  }: { blocks?: number[]; change?: (x: tf.Tensor2D) => tf.Tensor2D } = {},
): Map<string, Float64Array> {
  const products = new Map<string, Float64Array>();
  const known = new Map<number, Float64Array>(); // by the id of the tensor that is read
  const wanted = (name: string) =>
    blocks === undefined || blocks.includes(Number(/\.layers\.(\d+)\./.exec(name)?.[1]));
  const mapInput = (name: string, x: tf.Tensor3D) => {
    if (!wanted(name)) return x;
    const own = known.get(x.id) ?? productsOf(x, change);
    known.set(x.id, own);
    products.set(name, own);
    return x;
  };
  // Blocks behind the last one that is asked for are not worked out.
  const nLayer = blocks === undefined ? config.nLayer : Math.max(...blocks) + 1;
  gptHidden(params, { ...config, nLayer }, ids, { mapInput }).dispose();
  return products;
}

function productsOf(x: tf.Tensor3D, change: (x: tf.Tensor2D) => tf.Tensor2D): Float64Array {
  const sums = tf.tidy(() => {
    const rows = change(tf.reshape(x, [-1, x.shape[2]])); // (N, C)
    return tf.matMul(rows, rows, true).dataSync();
  });
  return Float64Array.from(sums);
}

export interface GptqModelOptions extends GptqOptions, QuantizeModelOptions {
  /** False: all blocks at once, for what they read in the model that is not rounded. */
  oneByOne?: boolean;
  /** What is counted in place of the inputs (N, C) of a matrix; for controls. */
  change?: (x: tf.Tensor2D) => tf.Tensor2D;
}

/**
 * Rounds all matrices in the blocks with error feedback, and the embeddings to the nearest levels.
 * @param ids (B, T) int32: a text like those that the model will read
 */
export function gptqModel(
  params: Params,
  config: GPTConfig,
  ids: tf.Tensor2D,
  { oneByOne = true, change, embeddingBits = 8, ...options }: GptqModelOptions,
): RoundedModel {
  const all = new Set(blockMatrices(params));
  const layers = Array.from({ length: config.nLayer }, (_, layer) => layer);
  const embeddings = roundModel(params, (name, values, shape) =>
    all.has(name) || embeddingBits === 0
      ? undefined
      : quantizeMatrix(values, shape, { bits: embeddingBits }),
  );
  const result = embeddings.params;
  let { bytes } = embeddings;
  for (const blocks of oneByOne ? layers.map((layer) => [layer]) : [layers]) {
    const products = readProducts(result, config, ids, { blocks, change });
    for (const [name, own] of products) {
      const weight = `${name}.weight`;
      const one = roundModel({ [weight]: result[weight] }, (_, values, shape) =>
        gptq(values, shape, own, options),
      );
      tf.tidy(() => result[weight].assign(one.params[weight]));
      one.params[weight].dispose();
      bytes += one.bytes - 2 * result[weight].size;
    }
  }
  return { params: result, bytes };
}
