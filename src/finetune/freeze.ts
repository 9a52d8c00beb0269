// Which parameters of a model are trained, and which stay as they are. Fine-tuning everything costs
// the gradient of everything; training the last blocks alone stops the backward pass where the frozen
// ones begin (Howard and Ruder, 2018, unfreeze from the top; Lee et al., 2019, "What Would Elsa Do?",
// a quarter of the layers gives nine tenths of the quality). Works with the record of any model, as
// long as the names of its layers have their number: `model.layers.3.`, `transformer.h.3.`.
import type { tf } from "../engine";
import type { Params } from "../params";

/**
 * What is trained besides the head: "none" of the model, "all", so many of its last blocks with the
 * norm behind them, or the parameters of these names.
 */
export type Trained = "none" | "all" | number | ((name: string) => boolean);

/** The number of the block that a parameter belongs to, or undefined. */
export function layerOf(name: string): number | undefined {
  const found = /(?:^|\.)(?:layers|h|layer|block)\.(\d+)\./.exec(name);
  return found ? Number(found[1]) : undefined;
}

/** How many numbered blocks a record has. */
export const layerCount = (names: readonly string[]): number =>
  Math.max(-1, ...names.map((name) => layerOf(name) ?? -1)) + 1;

/**
 * A record in two: what is trained, and what is not. The tensors are the same ones, nothing is copied.
 * @throws if a number asks for more blocks than there are
 * @example splitParams(params, 2).trained // the last two blocks and the last norm
 */
export function splitParams<T extends tf.Tensor>(
  params: Params<T>,
  trained: Trained,
): { trained: Params<T>; frozen: Params<T> } {
  const isTrained = ruleOf(Object.keys(params), trained);
  const part = (wanted: boolean) =>
    Object.fromEntries(
      Object.entries(params).filter(([name]) => isTrained(name) === wanted),
    ) as Params<T>;
  return { trained: part(true), frozen: part(false) };
}

function ruleOf(names: readonly string[], trained: Trained): (name: string) => boolean {
  if (typeof trained === "function") return trained;
  if (trained === "none" || trained === "all") return () => trained === "all";
  const count = layerCount(names);
  if (!Number.isInteger(trained) || trained < 0 || trained > count)
    throw new Error(
      `splitParams: expected a number of blocks from 0 to ${count}, got ${JSON.stringify(trained)}`,
    );
  const isNorm = (name: string) => /(?:^|\.)(?:norm|ln_f)\./.test(name);
  return (name) => {
    const layer = layerOf(name);
    return layer === undefined ? trained > 0 && isNorm(name) : layer >= count - trained;
  };
}
