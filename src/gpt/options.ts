// What can be asked of a pass through the model besides its result.
import type { tf } from "../engine";
import type { Routing } from "../moe";
import type { DropoutSource } from "../ops";
import type { BlockOps, Hooks, Prefix } from "../transformer";

/** The functions the model is made of; a learner's own can replace each. */
export interface GPTOps extends BlockOps {
  /** Mean cross-entropy in nats of logits (N, V) and targets (N). */
  crossEntropy: (logits: tf.Tensor2D, targets: tf.Tensor1D) => tf.Scalar;
}

export interface GPTOptions {
  /** Turns dropout on (rate `config.dropout`), drawing from here: for training only. */
  dropoutRng?: DropoutSource;
  /** Replacements; where there is none, the operation of llm/ops is used. */
  ops?: Partial<GPTOps>;
  /**
   * The place of each token in the text, (T) int32; 0 … T − 1 if absent. With a KV cache
   * (llm/inference), ids are only the new tokens.
   */
  positions?: tf.Tensor1D;
  /**
   * Attention in place of the model's own: queries (B, H, T, D) and keys and values (B, K, T, D) of a
   * layer, positions already in them, and a prefix (K, P, D) where the parameters have one, to
   * (B, T, H·D). The KV cache comes in here.
   */
  mixHeads?: (
    layer: number,
    q: tf.Tensor4D,
    k: tf.Tensor4D,
    v: tf.Tensor4D,
    prefix?: Prefix,
  ) => tf.Tensor3D;
  /**
   * What a matrix reads, (B, T, width), under the matrix's name without ".weight": seen, and replaced
   * by what is returned. In the family llama alone, and not inside experts.
   */
  mapInput?: (name: string, x: tf.Tensor3D) => tf.Tensor3D;
  /** Sees what each layer's router of experts has chosen, for N = B·T tokens. */
  onRouting?: (layer: number, routing: Routing) => void;
  /**
   * Functions that see, or replace, what is computed on the way, under TransformerLens's names
   * (`hookNames` lists a model's). Beside `mixHeads`, nothing is seen of scores and pattern.
   */
  hooks?: Hooks;
  /**
   * Sees each layer's attention weights (B, H, T, T): a listener at `blocks.i.attn.hook_pattern`.
   * What the listeners see lives only during the call.
   */
  onAttention?: (layer: number, weights: tf.Tensor4D) => void;
  /**
   * Sees the residual stream (B, T, C): 0 after the embeddings, i after block i, nLayer + 1 after
   * the last norm. A listener at `blocks.0.hook_resid_pre`, `blocks.i.hook_resid_post` and
   * `ln_final.hook_normalized`.
   */
  onHidden?: (index: number, hidden: tf.Tensor3D) => void;
}
