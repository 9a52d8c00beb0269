// What a model costs, counted from its configuration before it exists: parameters, floating-point
// operations, memory. Tests hold the counts to what is measured: to the tensors of a model, to the
// products that a pass makes, to the buffers of a KV cache.
//
// Not counted: what is small beside the products (norms, activations, softmax, rotations), and the
// activations that training keeps for the backward pass, which depend on how it is computed.
import { type GPTConfig, type HeadSizes, headsOf } from "./config";
import { gptShapes } from "./params";

const product = (shape: number[]) => shape.reduce((a, b) => a * b, 1);

/** The tables in which rows are looked up: no product, and so no operations. */
const isTable = (name: string) => /\.(wte|wpe|embed_tokens|relative_attention_bias)\./.test(name);

/** How many parameters a model has. */
export interface ParameterCount {
  /** All; a tied head counts once. */
  total: number;
  /** Those that take part in one token: of experts only the chosen ones. */
  active: number;
}

/** @throws if the configuration is impossible */
export function countParameters(config: GPTConfig): ParameterCount {
  let [total, active] = [0, 0];
  for (const [name, shape] of Object.entries(gptShapes(config))) {
    total += product(shape);
    active += product(shape) * shareOf(name, config);
  }
  return { total, active };
}

/** How much of a parameter takes part in one token: of an expert k / E, on average. */
const shareOf = (name: string, { experts }: GPTConfig) =>
  experts && name.includes(".experts.") ? experts.perToken / experts.count : 1;

/**
 * Floating-point operations of a forward pass: 2 for each multiplication and addition of its matrix
 * products. A backward pass costs twice as many (Kaplan et al., 2020, section 2.1).
 *
 * A token costs 2 for each weight that it meets, the head included, and 4 T · H · D in each layer for
 * the scores and the sum of values: the whole square of T × T is counted, as a product computes it,
 * although a causal mask hides half of it.
 * @param options B texts of T tokens each
 */
export function forwardFlops(config: GPTConfig, { B = 1, T }: { B?: number; T: number }): number {
  const { H, D } = headsOf(config);
  let perToken = 4 * T * H * D * config.nLayer;
  let hasHead = false;
  for (const [name, shape] of Object.entries(gptShapes(config))) {
    if (shape.length !== 2 || isTable(name)) continue;
    hasHead ||= name.startsWith("lm_head.");
    perToken += 2 * product(shape) * shareOf(name, config);
  }
  if (!hasHead) perToken += 2 * config.vocabSize * config.nEmbd; // the embeddings again
  return B * T * perToken;
}

/**
 * Bytes of a KV cache: keys and values of K heads, D wide, for every layer and position.
 * @param options `tokens`, how many positions; `bytes` of one number, 4 for float32
 */
export function kvCacheBytes(
  config: HeadSizes & Pick<GPTConfig, "nLayer">,
  { tokens, bytes = 4 }: { tokens: number; bytes?: number },
): number {
  const { K, D } = headsOf(config);
  return 2 * config.nLayer * K * D * tokens * bytes;
}

/**
 * Bytes that training with AdamW keeps from step to step: each parameter, its gradient and the two
 * running means, in float32: 16 bytes per parameter. The activations of a step come on top.
 */
export function trainingBytes(config: GPTConfig) {
  const parameters = 4 * countParameters(config).total;
  const [gradients, moments] = [parameters, 2 * parameters];
  return { parameters, gradients, moments, total: parameters + gradients + moments };
}
