// Writing translations with a trained encoder–decoder: the likeliest character at every step for
// many texts at once, or a beam for one.
import { beamSearch, type Hypothesis } from "../beamSearch";
import { tf } from "../engine";
import type { Params } from "../params";
import { decode, encode, type Seq2SeqConfig } from "../seq2seq";
import type { Pair } from "./pairs";
import { BEGIN, END, PAD, type PairVocabulary } from "./vocabulary";

/** What a translation needs. */
export interface Translator {
  params: Params<tf.Tensor>;
  config: Seq2SeqConfig;
  vocabulary: PairVocabulary;
}

/**
 * Translates greedily: the likeliest character at every step.
 * @param sources any number of texts; they are read and written together
 * @returns their translations, cut off at `blockSize` characters if they do not end
 */
export function translate(model: Translator, sources: string[]): string[] {
  const { params, config, vocabulary } = model;
  if (sources.length === 0) return [];
  return tf.tidy(() => {
    const context = encode(
      params,
      config,
      vocabulary.rows(sources.map((s) => vocabulary.encode(s))),
    );
    const targets = sources.map(() => [BEGIN]);
    const ended = sources.map(() => false);
    while (targets[0].length < config.blockSize && ended.includes(false)) {
      const next = tf.tidy(() => lastLogits(model, targets, context).argMax(-1).dataSync());
      targets.forEach((row, b) => {
        row.push(ended[b] ? PAD : next[b]);
        ended[b] ||= next[b] === END;
      });
    }
    return targets.map((row) => vocabulary.decode(row.slice(1)));
  });
}

/**
 * ln p of the next token after each of some beginnings of a translation.
 * @param beginnings ids without the begin token, of any lengths; at first one empty list
 * @returns for each beginning a row of V numbers
 */
export function nextLogProbabilities(
  model: Translator,
  source: string,
  beginnings: number[][],
): number[][] {
  const { params, config, vocabulary } = model;
  return tf.tidy(() => {
    const ids = vocabulary.encode(source);
    const context = encode(params, config, vocabulary.rows(beginnings.map(() => ids)));
    const targets = vocabulary.rows(beginnings.map((row) => [BEGIN, ...row]));
    const all = tf.logSoftmax(decode(params, config, targets, context)); // (B, T, V)
    const rows = all.arraySync() as number[][][];
    // What is filled up behind a shorter beginning comes after its last token, which cannot see it.
    return beginnings.map(({ length }, b) => rows[b][length]);
  });
}

/**
 * The share of tokens that are right when the decoder is given the right beginning every time, as in
 * training (teacher forcing); ends count as tokens.
 */
export function forcedAccuracy(model: Translator, pairs: Pair[]): number {
  const { params, config, vocabulary } = model;
  return tf.tidy(() => {
    const { source, target } = vocabulary.batch(pairs);
    const T = target.shape[1] - 1;
    const given = tf.slice(target, [0, 0], [pairs.length, T]);
    const wanted = tf.slice(target, [0, 1], [pairs.length, T]);
    const logits = decode(params, config, given, encode(params, config, source));
    const counts = tf.cast(tf.notEqual(wanted, PAD), "float32");
    const right = tf.cast(tf.equal(tf.argMax(logits, -1), wanted), "float32");
    return tf.div(tf.sum(tf.mul(right, counts)), tf.sum(counts)).dataSync()[0];
  });
}

/**
 * Translates one text by beam search.
 * @param options `width` of the beam; `lengthPenalty` as in `beamSearch`
 * @returns up to `width` translations, the best first
 */
export async function translateByBeam(
  model: Translator,
  source: string,
  { width, lengthPenalty }: { width: number; lengthPenalty?: number },
): Promise<(Hypothesis & { text: string })[]> {
  const { params, config, vocabulary } = model;
  const one = tf.tidy(() => encode(params, config, vocabulary.rows([vocabulary.encode(source)])));
  try {
    const next = (rows: number[][]) =>
      tf.tidy(() => {
        const B = rows.length;
        const context = tf.tile(one.context, [B, 1, 1]);
        const mask = tf.tile(one.mask, [B, 1, 1, 1]);
        const targets = rows.map((ids) => [BEGIN, ...ids]);
        const ln = tf.logSoftmax(lastLogits(model, targets, { context, mask }));
        return ln.arraySync() as number[][];
      });
    const maxLength = config.blockSize - 1;
    const found = await beamSearch(next, { width, maxLength, endId: END, lengthPenalty });
    return found.map((hypothesis) => ({ ...hypothesis, text: vocabulary.decode(hypothesis.ids) }));
  } finally {
    tf.dispose([one.context, one.mask]);
  }
}

/**
 * Where the decoder looks while it writes a given translation: the alignment.
 * @returns for each block of the decoder and each of its heads a matrix, one row for each character
 *   of the target and its end, one column for each character of the source
 */
export function alignment(model: Translator, source: string, target: string): number[][][][] {
  const { params, config, vocabulary } = model;
  const layers: number[][][][] = [];
  tf.tidy(() => {
    const context = encode(params, config, vocabulary.rows([vocabulary.encode(source)]));
    const ids = vocabulary.rows([[BEGIN, ...vocabulary.encode(target)]]);
    decode(params, config, ids, context, {
      onCrossAttention: (_, weights) => layers.push((weights.arraySync() as number[][][][])[0]),
    });
  });
  return layers;
}

/** The scores of the next character after rows of one length: (B, V). */
function lastLogits(
  { params, config, vocabulary }: Translator,
  targets: number[][],
  context: ReturnType<typeof encode>,
): tf.Tensor2D {
  const [B, T] = [targets.length, targets[0].length];
  const logits = decode(params, config, vocabulary.rows(targets), context);
  return logits.slice([0, T - 1, 0], [B, 1, -1]).reshape([B, config.vocabSize]);
}
