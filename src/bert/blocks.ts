// BERT's layers are blocks of llm/transformer under other names: here is which is which. BERT keeps
// queries, keys and values apart, and its linear weights are (out, in).
import { tf } from "../engine";
import { layerParams, type Params } from "../params";
import type { BertConfig } from "./config";

/**
 * All layers as `transformerBlock` reads them. The model makes them by itself at every call; where
 * the parameters do not change, they can be made once and handed to it as `blocks`.
 * @returns one record for each layer, which the caller disposes
 */
export function bertBlocks(params: Params<tf.Tensor>, { nLayer }: BertConfig): Params<tf.Tensor>[] {
  return tf.tidy(() => Array.from({ length: nLayer }, (_, i) => blockOf(params, i)));
}

/**
 * One layer under the names of a block: queries, keys and values side by side, weights (in, out).
 * Gradients go through to BERT's own parameters.
 */
export function blockOf(params: Params<tf.Tensor>, i: number): Params<tf.Tensor> {
  const block: Params<tf.Tensor> = {};
  const layers = (...names: string[]) =>
    names.map((name) => layerParams(params, `bert.encoder.layer.${i}.${name}`));
  const weights = (name: string, from: [tf.Tensor, tf.Tensor | null][]) => {
    block[`${name}.weight`] = tf.transpose(
      tf.concat(
        from.map(([weight]) => weight),
        0,
      ),
    );
    block[`${name}.bias`] = tf.concat(
      from.map(([, bias]) => bias as tf.Tensor),
      0,
    );
  };
  const norm = (name: string, [[gain, bias]]: [tf.Tensor, tf.Tensor | null][]) => {
    block[`${name}.weight`] = tf.clone(gain);
    block[`${name}.bias`] = tf.clone(bias as tf.Tensor);
  };
  const own = "attention.self.";
  weights("attn.c_attn", layers(`${own}query`, `${own}key`, `${own}value`)); // C → 3C
  weights("attn.c_proj", layers("attention.output.dense")); // C → C
  norm("ln_1", layers("attention.output.LayerNorm"));
  weights("mlp.c_fc", layers("intermediate.dense")); // C → F
  weights("mlp.c_proj", layers("output.dense")); // F → C
  norm("ln_2", layers("output.LayerNorm"));
  return block;
}
