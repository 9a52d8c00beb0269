// The models of the course as scorers: each says ln p of every token of a text. A GPT reads windows
// that overlap, a recurrent network and a counting model read from beginning to end.
import { tf } from "../engine";
import { type GPTConfig, gptLogits } from "../gpt";
import type { CountingModel } from "../ngram";
import type { Params } from "../params";
import type { CharRnn } from "../rnn";
import { type ScoredWindow, type Scorer, stridedWindows } from "./perplexity";

/** Windows that are computed at once. */
const BATCH = 32;

/** A counting model. */
export const countingScorer =
  (model: CountingModel): Scorer =>
  (ids) =>
    Float64Array.from({ length: Math.max(0, ids.length - 1) }, (_, i) =>
      Math.log(model.probability(ids, ids[i + 1], i + 1)),
    );

/** A recurrent character model, which reads a text from a state of zeros. */
export const rnnScorer =
  (model: CharRnn): Scorer =>
  (ids) => {
    const read = Array.from(ids).slice(0, -1);
    if (read.length === 0) return new Float64Array(0);
    return Float64Array.from(model.logProbabilities(read), (row, i) => row[ids[i + 1]]);
  };

/**
 * A GPT.
 * @param options.stride how far apart its windows begin; half a window unless given. Smaller: more
 *   context for each token, more windows
 */
export function gptScorer(
  { params, config }: { params: Params; config: GPTConfig },
  { stride = Math.max(1, config.blockSize >> 1) }: { stride?: number } = {},
): Scorer {
  return (ids) => {
    const logProbs = new Float64Array(Math.max(0, ids.length - 1));
    const windows = stridedWindows(ids.length, { blockSize: config.blockSize, stride });
    for (let at = 0; at < windows.length; ) {
      const length = windows[at].end - windows[at].start;
      let to = at + 1;
      while (to < windows.length && to - at < BATCH && lengthOf(windows[to]) === length) to++;
      scoreWindows({ params, config }, ids, windows.slice(at, to), logProbs);
      at = to;
    }
    return logProbs;
  };
}

const lengthOf = ({ start, end }: ScoredWindow): number => end - start;

/** Puts ln p of what windows of one length predict into `logProbs`. */
function scoreWindows(
  { params, config }: { params: Params; config: GPTConfig },
  ids: ArrayLike<number>,
  windows: ScoredWindow[],
  logProbs: Float64Array,
): void {
  const [B, T] = [windows.length, lengthOf(windows[0])];
  const read = new Int32Array(B * T);
  const wanted = new Int32Array(B * T);
  windows.forEach(({ start }, b) => {
    for (let t = 0; t < T; t++) {
      read[b * T + t] = ids[start + t];
      wanted[b * T + t] = ids[start + t + 1];
    }
  });
  const values = tf.tidy(() => {
    const logs = tf.logSoftmax(gptLogits(params, config, tf.tensor2d(read, [B, T], "int32")));
    const V = config.vocabSize;
    const places = Int32Array.from(wanted, (id, i) => i * V + id);
    return tf.gather(tf.reshape(logs, [-1]), tf.tensor1d(places, "int32")).dataSync();
  });
  windows.forEach(({ start, end, from }, b) => {
    for (let i = from; i <= end; i++) logProbs[i - 1] = values[b * T + i - start - 1];
  });
}
