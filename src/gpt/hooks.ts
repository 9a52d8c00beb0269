// The names under which a GPT shows what it computes, those of TransformerLens (Nanda & Bloom,
// 2022), so that tutorials and papers that name them can be followed here. What a hook is, and what
// each one sees, is in llm/transformer's hooks; using them is llm/interpret.
import type { tf } from "../engine";
import { type Hooks, withListener } from "../transformer";
import type { GPTConfig } from "./config";
import type { GPTOptions } from "./options";

/** What stands before the names of a layer's hooks. */
export const blockName = (layer: number): string => `blocks.${layer}.`;

/**
 * The names of all hooks of a model, in the order in which they are called. Letters: B batch, H heads
 * (K of keys and values where they are fewer), T time, D width of a head, C channels, F width of the
 * feed-forward network.
 *
 *     hook_embed, hook_pos_embed                      (B, T, C)      tokens; positions, if learned
 *     blocks.i.hook_resid_pre · mid · post            (B, T, C)      the residual stream
 *     blocks.i.ln1 · ln2 .hook_normalized             (B, T, C)      what a sublayer reads
 *     blocks.i.attn.hook_q · k · v                    (B, H, T, D)   projections (k, v: K heads)
 *     blocks.i.attn.hook_rot_q · rot_k                (B, H, T, D)   after RoPE, if there is any
 *     blocks.i.attn.hook_attn_scores                  (B, H, T, T)   before mask and softmax
 *     blocks.i.attn.hook_pattern                      (B, H, T, T)   the attention weights
 *     blocks.i.attn.hook_z                            (B, H, T, D)   what each head has read
 *     blocks.i.attn.hook_result                       (B, H, T, C)   what each head writes
 *     blocks.i.hook_attn_out, blocks.i.hook_mlp_out   (B, T, C)      what is added to the stream
 *     blocks.i.mlp.hook_pre · hook_post               (B, T, F)      before, after the activation
 *     blocks.i.mlp.hook_pre_linear                    (B, T, F)      the other factor of SwiGLU
 *     ln_final.hook_normalized                        (B, T, C)      what the head reads
 *
 * Experts show no `mlp.hook_…`. In a post-norm model, `ln1` and `ln2` follow what they normalise.
 */
export function hookNames(config: GPTConfig): string[] {
  const { nLayer, family, position = "learned" } = config;
  const llama = family === "llama";
  const added = !llama && (position === "learned" || position === "sinusoidal");
  const blocks = Array.from({ length: nLayer }, (_, i) =>
    blockHookNames(config).map((name) => blockName(i) + name),
  );
  return [
    "hook_embed",
    ...(added ? ["hook_pos_embed"] : []),
    ...blocks.flat(),
    "ln_final.hook_normalized",
  ];
}

function blockHookNames(config: GPTConfig): string[] {
  const { family, position, normPlacement = "pre", activation } = config;
  const llama = family === "llama";
  const attention = [
    ...(["hook_q", "hook_k", "hook_v"] as const),
    ...(llama || position === "rope" ? ["hook_rot_q", "hook_rot_k"] : []),
    ...(["hook_attn_scores", "hook_pattern", "hook_z", "hook_result"] as const),
  ].map((name) => `attn.${name}`);
  const inner = llama
    ? ["mlp.hook_pre", "mlp.hook_pre_linear", "mlp.hook_post"]
    : activation === "swiglu"
      ? ["mlp.hook_pre_linear", "mlp.hook_pre", "mlp.hook_post"]
      : ["mlp.hook_pre", "mlp.hook_post"];
  const sublayer = (norm: string, within: string[], out: string) =>
    normPlacement === "post"
      ? [...within, out, `${norm}.hook_normalized`]
      : [`${norm}.hook_normalized`, ...within, out];
  return [
    "hook_resid_pre",
    ...sublayer("ln1", attention, "hook_attn_out"),
    "hook_resid_mid",
    ...sublayer("ln2", config.experts ? [] : inner, "hook_mlp_out"),
    "hook_resid_post",
  ];
}

/**
 * The hooks of a pass, `onAttention` and `onHidden` among them.
 * @throws if a hook has a name that the model has not got
 */
export function allHooks(
  config: GPTConfig,
  { hooks: given, onAttention, onHidden }: GPTOptions,
): Hooks | undefined {
  if (!given && !onAttention && !onHidden) return undefined;
  const names = hookNames(config);
  const unknown = Object.keys(given ?? {}).filter((name) => !names.includes(name));
  if (unknown.length > 0)
    throw new Error(
      `gptHidden: expected hooks under names of the model (hookNames lists them), got ${unknown.join(", ")}`,
    );
  let hooks = given;
  const hidden = (name: string, index: number) => {
    const listener = onHidden && ((x: tf.Tensor) => onHidden(index, x as tf.Tensor3D));
    hooks = withListener(hooks, name, listener);
  };
  hidden("blocks.0.hook_resid_pre", 0);
  for (let i = 0; i < config.nLayer; i++) {
    const look = onAttention && ((w: tf.Tensor) => onAttention(i, w as tf.Tensor4D));
    hooks = withListener(hooks, `${blockName(i)}attn.hook_pattern`, look);
    hidden(`${blockName(i)}hook_resid_post`, i + 1);
  }
  hidden("ln_final.hook_normalized", config.nLayer + 1);
  return hooks;
}
