// Beam search with a GPT. All candidates are read again at every step, in one batch: clear, and for
// short texts fast enough; keeping keys and values for candidates that come and go is lesson 21
// (inference).
import { type BeamSearchOptions, beamSearch, type Hypothesis } from "../beamSearch";
import { tf } from "../engine";
import { type GPTConfig, gptLogits } from "../gpt";
import type { Params } from "../params";

/** As `BeamSearchOptions`; without `endId`, no token ends a text and all have `maxLength` tokens. */
export type GPTBeamOptions = Omit<BeamSearchOptions, "endId"> & { endId?: number };

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
  { endId, ...options }: GPTBeamOptions,
): Promise<Hypothesis[]> {
  if (ids.length === 0 || ids.length + options.maxLength > config.blockSize)
    throw new Error(
      `writeByBeam: expected a prompt that fits into ${config.blockSize} tokens with ` +
        `${options.maxLength} more, got ${ids.length} tokens`,
    );
  const V = config.vocabSize;
  return beamSearch(
    async (continuations) => {
      const [B, T] = [continuations.length, ids.length + continuations[0].length];
      const rows = continuations.flatMap((own) => [...ids, ...own]);
      const logProbabilities = tf.tidy(() => {
        const logits = gptLogits(params, config, tf.tensor2d(rows, [B, T], "int32")); // (B, T, V)
        const last = tf.slice(logits, [0, T - 1, 0], [B, 1, V]);
        return tf.logSoftmax(tf.reshape(last, [B, V]));
      });
      const numbers = await logProbabilities.data();
      logProbabilities.dispose();
      const rowOf = (b: number) => numbers.subarray(b * V, (b + 1) * V);
      if (endId !== undefined) return continuations.map((_, b) => rowOf(b));
      return continuations.map((_, b) => Float32Array.of(...rowOf(b), -Infinity)); // never the end
    },
    { ...options, endId: endId ?? V },
  );
}
