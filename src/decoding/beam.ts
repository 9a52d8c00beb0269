// Beam search with a GPT. All candidates are read again at every step, in one batch: clear, and for
// short texts fast enough; keeping keys and values for candidates that come and go is lesson 21
// (inference).
import { type BeamSearchOptions, beamSearch, type Hypothesis } from "../beamSearch";
import { tf } from "../engine";
import { type GPTConfig, gptLogits } from "../gpt";
import type { Params } from "../params";

/**
 * The most probable continuations of a text that a beam finds.
 * @param ids the prompt; with `maxLength` more tokens it must fit into blockSize
 * @returns up to `width` hypotheses, the best first
 * @throws if there is no room for so many tokens, or an option makes no sense
 */
export async function writeByBeam(
  params: Params,
  config: GPTConfig,
  ids: readonly number[],
  options: BeamSearchOptions,
): Promise<Hypothesis[]> {
  if (ids.length === 0 || ids.length + options.maxLength > config.blockSize)
    throw new Error(
      `writeByBeam: expected a prompt that fits into ${config.blockSize} tokens with ` +
        `${options.maxLength} more, got ${ids.length} tokens`,
    );
  return beamSearch(async (continuations) => {
    const [B, T] = [continuations.length, ids.length + continuations[0].length];
    const rows = continuations.flatMap((own) => [...ids, ...own]);
    const logProbabilities = tf.tidy(() => {
      const logits = gptLogits(params, config, tf.tensor2d(rows, [B, T], "int32")); // (B, T, V)
      const last = tf.slice(logits, [0, T - 1, 0], [B, 1, config.vocabSize]);
      return tf.logSoftmax(tf.reshape(last, [B, config.vocabSize]));
    });
    const numbers = await logProbabilities.data();
    logProbabilities.dispose();
    const V = config.vocabSize;
    return continuations.map((_, b) => numbers.subarray(b * V, (b + 1) * V));
  }, options);
}
