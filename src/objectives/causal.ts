// Causal language modelling, the objective of GPT (Radford et al., 2018): at every position, predict
// the token after it, and see nothing that comes later. Nothing is hidden by a special token: the
// mask alone does it.
import { type Example, inOrder, zeros } from "./example";

/**
 * Reads all tokens but the last and predicts all but the first, T − 1 predictions that count alike.
 * @param text T ids, at least two
 */
export function causalExample(text: readonly number[]): Example {
  if (text.length < 2)
    throw new Error(`causalExample: expected at least two tokens, got ${text.length}`);
  const T = text.length - 1;
  return {
    ids: text.slice(0, -1),
    positions: inOrder(T),
    blankPositions: zeros(T),
    targets: text.slice(1),
    weights: new Array<number>(T).fill(1 / T),
    prefix: 0,
  };
}
