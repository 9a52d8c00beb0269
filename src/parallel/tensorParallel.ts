// Tensor parallelism: every matrix of a block is divided among the workers, and all of them work on
// the same tokens (Megatron-LM: Shoeybi et al., 2019, arXiv:1909.08053, section 3). The first matrix
// of a pair is cut into columns, so that each worker has some of the heads, or some of the hidden
// units, whole; the second into rows, so that each worker gives a summand of the result. One
// all-reduce adds them up. Forward that is two all-reduces for each block, after attention and after
// the feed-forward network; backward two more, for the gradients of what went into each.
// Norms and embeddings are on all workers alike. Left out: dividing the embeddings and the head, and
// what is exchangeable in a block (llm/transformer has the whole one).

import { tf } from "../engine";
import { addedParts, type GPTConfig, gptHead } from "../gpt";
import { softmaxCrossEntropy } from "../ops";
import { layerParams, type Params } from "../params";
import { embedTokens, feedForward, finalNorm, normalised, selfAttention } from "../transformer";
import { sumOverGroup } from "./flat";
import type { Group } from "./group";

/**
 * Megatron's f, where workers begin to compute different things from the same x. Forward it does
 * nothing; backward it adds up the gradients, each of which knows one worker's part only.
 */
export function enterParallel<T extends tf.Tensor>(group: Group, x: T): T {
  return tf.customGrad((x) => ({
    value: tf.clone(x as tf.Tensor),
    gradFunc: (dy: tf.Tensor) => [sumOverGroup(group, dy)],
  }))(x) as T;
}

/**
 * Megatron's g, where their summands come together. Forward it adds them up; backward it does
 * nothing, since the gradient of a sum is the gradient of each summand.
 */
export function leaveParallel<T extends tf.Tensor>(group: Group, x: T): T {
  return tf.customGrad((x) => ({
    value: sumOverGroup(group, x as tf.Tensor),
    gradFunc: (dy: tf.Tensor) => [dy],
  }))(x) as T;
}

/** How a parameter is divided: by its last axis, by its first, or not at all. */
type Cut = "columns" | "heads" | "rows" | "whole";

/** Of `c_attn`, queries, keys and values are each cut into columns: a worker gets whole heads. */
function cutOf(name: string): Cut {
  if (/\.attn\.c_attn\./.test(name)) return "heads";
  if (/\.mlp\.c_(fc|gate)\./.test(name)) return "columns";
  return /\.c_proj\.weight$/.test(name) ? "rows" : "whole";
}

/**
 * A worker's part of the parameters of a GPT: H/N heads and F/N hidden units of every block. What is
 * not divided is copied.
 * @param params of the whole model (the family "gpt2"), or gradients under the same names
 * @returns new tensors under the same names; the caller disposes them
 * @throws unless heads and hidden units can be divided among N workers
 */
export function shardGPT(
  params: Params<tf.Tensor>,
  { nHead, family = "gpt2" }: Pick<GPTConfig, "nHead" | "family">,
  { rank, size: N }: Pick<Group, "rank" | "size">,
): Params<tf.Tensor> {
  if (nHead % N !== 0 || family !== "gpt2")
    throw new Error(
      `shardGPT: expected a GPT-2 with heads for ${N} workers alike, got ${nHead} heads, ${family}`,
    );
  const part = (x: tf.Tensor, axis: number, name: string) => {
    if (x.shape.at(axis)! % N !== 0)
      throw new Error(`shardGPT: expected ${name} to be divisible by ${N}, got (${x.shape})`);
    return tf.split(x, N, axis)[rank];
  };
  const shard = (name: string, p: tf.Tensor) =>
    ({
      whole: () => tf.clone(p),
      columns: () => part(p, -1, name),
      rows: () => part(p, 0, name),
      heads: () =>
        tf.concat(
          tf.split(p, 3, -1).map((x) => part(x, -1, name)),
          -1,
        ),
    })[cutOf(name)]();
  return tf.tidy(() =>
    Object.fromEntries(Object.entries(params).map(([name, p]) => [name, shard(name, p)])),
  );
}

/**
 * One pre-norm block of GPT-2 with this worker's part of its parameters. The result is that of the
 * whole block, on all ranks.
 * @param x (B, T, C), the same on all ranks
 * @param params as from `shardGPT`, under `prefix`
 * @param options `nHead` of the whole block
 * @returns (B, T, C)
 */
export function tensorParallelBlock(
  group: Group,
  x: tf.Tensor3D,
  params: Params<tf.Tensor>,
  prefix: string,
  { nHead }: { nHead: number },
): tf.Tensor3D {
  const norm = (x: tf.Tensor3D, name: string) =>
    enterParallel(group, normalised(x, params, prefix + name, {}));
  // The bias after the sum is added once, not by every worker.
  const joined = (partial: tf.Tensor3D, name: string) => {
    const [, bias] = layerParams(params, prefix + name);
    const sum = leaveParallel(group, partial);
    return bias ? tf.add<tf.Tensor3D>(sum, bias) : sum;
  };
  const own = withoutBias(params, prefix, ["attn.c_proj", "mlp.c_proj"]);
  return tf.tidy(() => {
    const heads = { nHead: nHead / group.size };
    const mixed = selfAttention(norm(x, "ln_1"), own, `${prefix}attn.`, heads);
    const h = tf.add<tf.Tensor3D>(x, joined(mixed, "attn.c_proj"));
    const wide = feedForward(norm(h, "ln_2"), own, `${prefix}mlp.`);
    return tf.add<tf.Tensor3D>(h, joined(wide, "mlp.c_proj"));
  });
}

function withoutBias(params: Params<tf.Tensor>, prefix: string, layers: string[]) {
  const left = { ...params };
  for (const layer of layers) delete left[`${prefix}${layer}.bias`];
  return left;
}

/**
 * The loss of a GPT whose blocks are divided among the workers: `gptLoss` of the whole model, on all
 * ranks. Gradients of divided parameters are this worker's part; those of the others are whole.
 * @param params as from `shardGPT`; variables, if gradients are wanted
 * @param ids (B, T) int32; `targets` the same shape, what follows each position
 * @returns scalar, in nats per token; the caller disposes it
 */
export function tensorParallelLoss(
  group: Group,
  params: Params,
  config: GPTConfig,
  { ids, targets }: { ids: tf.Tensor2D; targets: tf.Tensor2D },
): tf.Scalar {
  const { nLayer, nHead, blockSize } = expectPlainGPT2("tensorParallelLoss", config);
  return tf.tidy(() => {
    const names = { tokens: "transformer.wte", places: "transformer.wpe" };
    let x = embedTokens(ids, params, { ...names, blockSize, position: "learned" });
    for (let layer = 0; layer < nLayer; layer++)
      x = tensorParallelBlock(group, x, params, `transformer.h.${layer}.`, { nHead });
    const logits = gptHead(params, finalNorm(x, params, "transformer.ln_f", {}), config);
    return softmaxCrossEntropy(logits, targets.flatten());
  });
}

/** What is divided here is GPT-2 as it was. @throws for every other design */
export function expectPlainGPT2(caller: string, config: GPTConfig): GPTConfig {
  const { family = "gpt2", position = "learned", dropout, norm, activation } = config;
  const { normPlacement = "pre", residual = true, normGain = true } = config;
  const plain =
    normGain &&
    addedParts.every((key) => !config[key]) &&
    family === "gpt2" &&
    position === "learned" &&
    (norm ?? "layerNorm") === "layerNorm" &&
    (activation ?? "gelu") === "gelu" &&
    normPlacement === "pre" &&
    residual &&
    dropout === 0;
  if (!plain)
    throw new Error(
      `${caller}: expected a GPT-2 with learned positions and without dropout, got ${JSON.stringify(config)}`,
    );
  return config;
}
