// How well a model predicts a text, window by window: two models are compared on the same windows, so
// that what makes a window hard for both drops out of their difference.
import { tf } from "../engine";
import { type GPTConfig, type GPTOptions, gptLoss } from "../gpt";
import type { Params } from "../params";

/**
 * Windows spread evenly over a text.
 * @returns `count` times length + 1 ids: the last one is only predicted
 */
export function spreadWindows(
  ids: Int32Array,
  { count, length }: { count: number; length: number },
): Int32Array[] {
  const room = ids.length - length - 1;
  if (room < 0)
    throw new Error(`spreadWindows: expected at least ${length + 1} tokens, got ${ids.length}`);
  return Array.from({ length: count }, (_, i) => {
    const start = Math.floor((i * room) / Math.max(1, count - 1));
    return ids.subarray(start, start + length + 1);
  });
}

/**
 * The loss on each window, in nats per token.
 * @param options what is seen or replaced inside the model
 */
export const windowLosses = (
  { params, config }: { params: Params; config: GPTConfig },
  windows: readonly Int32Array[],
  options: GPTOptions = {},
): number[] =>
  windows.map((window) =>
    tf.tidy(() => {
      const [ids, targets] = [window.subarray(0, -1), window.subarray(1)].map((part) =>
        tf.tensor2d(part, [1, part.length], "int32"),
      );
      return gptLoss(params, config, ids, targets, options).dataSync()[0];
    }),
  );
