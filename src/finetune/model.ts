// A GPT with labels in place of words: the hidden states of a text, one of them chosen (or each
// word's), and a linear head on it. Names and shapes are those of Hugging Face's
// LlamaForSequenceClassification and LlamaForTokenClassification (`score`), the choice of the last
// token is GPT-1's (Radford et al., 2018, section 3.2): under a causal mask no other has seen it all.
//
// Letters: B texts, T tokens of a row, C channels, L labels.
import { maskedSoftmax, mergeHeads, scaledScores } from "../attention";
import { padRows } from "../data";
import { tf } from "../engine";
import { type GPTConfig, type GPTOptions, gptHidden, repeatHeads, slidingMask } from "../gpt";
import { softmaxCrossEntropy } from "../ops";
import type { Params } from "../params";
import { Random, randomNormal } from "../random";
import { dense } from "../transformer";

/**
 * Whose hidden state stands for the text: its last token, its first, the mean of all, or the last
 * place of the row, whether that is filled up or not (a mistake, which lesson 15 (fine-tuning)
 * measures).
 */
export type Pool = "last" | "first" | "mean" | "end";

/** What a model with labels is. */
export interface LabelConfig {
  gpt: GPTConfig;
  /** One label for a text, or one for each word. */
  task: "classify" | "tag";
  labels: string[];
  /** T: longer texts lose their end. */
  length: number;
  pool: Pool;
  /** Whether a token sees only what is before it. */
  causal: boolean;
  /** Whether what fills a row is hidden. */
  mask: boolean;
  padId: number;
}

/** Texts as ids; `at` says for each label which token it is read from: only for tagging. */
export interface LabelRow {
  ids: readonly number[];
  at?: readonly number[];
  /** The numbers of the labels: one for a text, one for each word. */
  labels?: readonly number[];
}

/** A batch; the caller disposes it. */
export type LabelBatch = {
  ids: tf.Tensor2D; // (B, T) int32
  /** (B, T): 1 where a row has a token, 0 where it is filled up. */
  real: tf.Tensor2D;
  /** (B, T): classify: what each hidden state counts for, 1 in all; tag: 1 where a label is read. */
  pick: tf.Tensor2D;
  /** classify: (B); tag: (B, T), 0 where no label is read. int32 */
  targets: tf.Tensor;
};

/** The head's parameters: `score.weight` (L, C), normal with deviation 0.02, and `score.bias`, 0. */
export function initHead({ gpt, labels }: LabelConfig, { seed }: { seed: number }): Params {
  const rng = new Random(seed).fork("score");
  return tf.tidy(() => ({
    "score.weight": tf.keep(
      tf.variable(randomNormal([labels.length, gpt.nEmbd], { rng, std: 0.02 })),
    ),
    "score.bias": tf.keep(tf.variable(tf.zeros([labels.length]))),
  }));
}

/**
 * What each place of a row counts for when one hidden state is made of all: a row that sums to 1.
 * @param length n: how many tokens the text has
 * @param T the length of the row
 * @returns T numbers
 */
export function poolWeights(pool: Pool, length: number, T: number): number[] {
  if (!(length >= 1 && length <= T))
    throw new Error(`poolWeights: expected a text of 1 to ${T} tokens, got ${length}`);
  const chosen = { last: length - 1, first: 0, mean: -1, end: T - 1 }[pool];
  return Array.from({ length: T }, (_, t) =>
    pool === "mean" ? (t < length ? 1 / length : 0) : t === chosen ? 1 : 0,
  );
}

/**
 * Rows of one length as tensors.
 * @throws if a row is empty or longer than `length`
 */
export function labelBatch(config: LabelConfig, rows: readonly LabelRow[]): LabelBatch {
  const { length: T, padId, pool, task } = config;
  const float = { fill: 0, length: T, dtype: "float32" } as const;
  const places = (row: LabelRow, value: (i: number) => number) => {
    const all = new Array<number>(T).fill(0);
    for (const [i, t] of (row.at ?? []).entries()) all[t] = value(i);
    return all;
  };
  const isTag = task === "tag";
  return {
    ids: padRows(
      rows.map(({ ids }) => ids),
      { fill: padId, length: T },
    ),
    real: padRows(
      rows.map(({ ids }) => ids.map(() => 1)),
      float,
    ),
    pick: padRows(
      rows.map((row) => (isTag ? places(row, () => 1) : poolWeights(pool, row.ids.length, T))),
      float,
    ),
    targets: isTag
      ? padRows(
          rows.map((row) => places(row, (i) => row.labels?.[i] ?? 0)),
          { fill: 0, length: T },
        )
      : tf.tensor1d(
          rows.map(({ labels }) => labels?.[0] ?? 0),
          "int32",
        ),
  };
}

/**
 * Attention in which who sees whom is given, for `GPTOptions.mixHeads`.
 * @param visible (B or 1, 1, T, T): true where the row's position may see the column's
 */
export function attentionUnder(visible: tf.Tensor4D): NonNullable<GPTOptions["mixHeads"]> {
  return (_layer, q, k, v) =>
    tf.tidy(() => {
      const [keys, values] = [k, v].map((x) => repeatHeads(x, q.shape[1] / k.shape[1]));
      const weights = maskedSoftmax(scaledScores(q, keys), visible) as tf.Tensor4D;
      return mergeHeads(tf.matMul(weights, values)); // (B, T, H·D)
    });
}

/** Who sees whom, or undefined where the model's own causal attention says the same. */
function visibility({ causal, mask, pool, task }: LabelConfig, { real }: LabelBatch) {
  const [B, T] = real.shape;
  // Filled up behind: under a causal mask no token before sees it, and only "end" reads from it.
  if (causal && (!mask || pool !== "end" || task === "tag")) return undefined;
  const keys = tf.cast(tf.reshape(real, [B, 1, 1, T]), "bool");
  const open = mask ? keys : tf.onesLike(keys);
  return (causal ? tf.logicalAnd(open, slidingMask(T)) : open) as tf.Tensor4D;
}

/**
 * The scores of the labels.
 * @param params the model's and the head's
 * @returns classify: (B, L); tag: (B·T, L); the caller disposes them
 */
export function labelLogits(params: Params, config: LabelConfig, batch: LabelBatch): tf.Tensor2D {
  return tf.tidy(() => {
    const visible = visibility(config, batch);
    const mixHeads = visible && attentionUnder(visible);
    const hidden = gptHidden(params, config.gpt, batch.ids, { mixHeads }); // (B, T, C)
    const [B, T, C] = hidden.shape;
    const chosen =
      config.task === "tag"
        ? tf.reshape(hidden, [B * T, C])
        : tf.reshape(tf.matMul(tf.reshape(batch.pick, [B, 1, T]), hidden), [B, C]);
    return dense(chosen as tf.Tensor2D, params, "score"); // (B or B·T, L)
  });
}

/** The mean of −ln p(label), in nats: per text, or per word. */
export function labelLoss(params: Params, config: LabelConfig, batch: LabelBatch): tf.Scalar {
  return tf.tidy(() => {
    const logits = labelLogits(params, config, batch);
    const targets = tf.reshape(batch.targets, [-1]) as tf.Tensor1D;
    if (config.task === "classify") return softmaxCrossEntropy(logits, targets);
    return softmaxCrossEntropy(logits, targets, tf.reshape(batch.pick, [-1]) as tf.Tensor1D);
  });
}
