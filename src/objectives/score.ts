// How probable a model finds what was hidden, so that models of all objectives can be compared: the
// logarithm of p(hidden | visible), by the chain rule, the hidden tokens from left to right.
//
// - A causal model, T5's and GLM's say it in one row. A causal model sees only what stands to the
//   left. Both sides it can judge by Bayes: p(hidden | left, right) is proportional to
//   p(hidden, right | left), the probability of the blank and of all that follows it. That compares
//   candidates for one blank.
// - A masked model has no such number by itself. It is asked once for each hidden token, with those
//   to the left uncovered and those to the right still hidden: each answer is a distribution, so
//   their product is one too. (The pseudo-likelihood of Salazar et al., 2020, in which all other
//   tokens are visible, is not.)
//
// The length of a blank is given to all of them, so only tokens of the text compete.
import { tf } from "../engine";
import type { GPTConfig } from "../gpt";
import type { Params } from "../params";
import { layoutOf } from "./blanks";
import { batchOf, type Example, inOrder } from "./example";
import { objectiveLogits } from "./model";
import type { ObjectiveName } from "./objective";
import type { Span } from "./spans";
import type { BlankTokens } from "./tokens";

/** A model with what is needed to use it. */
export interface ObjectiveModel {
  name: ObjectiveName;
  config: GPTConfig;
  params: Params;
  tokens: BlankTokens;
}

/** A text and the stretches of it whose probability is asked for. */
export interface Hidden {
  text: readonly number[];
  spans: readonly Span[];
}

const ROWS = 64;

/**
 * ln p(hidden tokens | the rest) of each text.
 * @param options `andAfter`: of a causal model, the probability of everything from the first blank
 *   to the end of the text, which sees both sides of it; ignored by the others
 * @returns one number for each text, in nats, not above 0
 */
export function logProbabilities(
  model: ObjectiveModel,
  asked: readonly Hidden[],
  { andAfter = false }: { andAfter?: boolean } = {},
): number[] {
  const rows = asked.flatMap(({ text, spans }, item) =>
    scoredRows(model, text, spans, andAfter).map((row) => ({ ...row, item })),
  );
  const sums = asked.map(() => 0);
  for (let from = 0; from < rows.length; from += ROWS) {
    const some = rows.slice(from, from + ROWS);
    const logs = logsOf(model, some);
    some.forEach(({ item, at }, b) => {
      for (const position of at) sums[item] += logs[b][position];
    });
  }
  return sums;
}

/** The rows that together give the probability, and the positions that count in each. */
function scoredRows(
  { name, tokens }: ObjectiveModel,
  text: readonly number[],
  spans: readonly Span[],
  andAfter: boolean,
): { example: Example; at: number[] }[] {
  if (name === "causal" && andAfter) {
    const { example } = layoutOf(name, text, spans, tokens);
    const first = spans[0][0];
    return [
      { example: shifted(example), at: inOrder(text.length - first).map((i) => first - 1 + i) },
    ];
  }
  const { example, predictedAt } = layoutOf(name, text, spans, tokens);
  if (name === "causal") return [{ example: shifted(example), at: [...predictedAt.values()] }];
  if (name === "spans" || name === "blanks") return [{ example, at: [...predictedAt.values()] }];
  const hidden = [...predictedAt.keys()];
  return hidden.map((p, k) => {
    const still = new Set(hidden.slice(k)); // this one, and those to the right
    const ids = text.map((id, i) => (still.has(i) ? tokens.mask : id));
    return { example: { ...example, ids }, at: [p] };
  });
}

/** A causal row whose targets are the tokens that follow. */
const shifted = (example: Example): Example => ({
  ...example,
  targets: [...example.ids.slice(1), example.ids[0]], // the last is never asked for
});

/** ln p(target) at every position of the rows, among tokens of the text: (B, T). */
function logsOf(
  { params, config, tokens }: ObjectiveModel,
  rows: { example: Example }[],
): number[][] {
  return tf.tidy(() => {
    const batch = batchOf(
      rows.map(({ example }) => example),
      tokens.pad,
    );
    const [B, T] = batch.ids.shape;
    const scores = tf.slice(objectiveLogits(params, config, batch), [0, 0], [-1, tokens.textSize]);
    const chosen = tf.oneHot(batch.targets.flatten(), tokens.textSize); // zeros for special tokens
    const logs = tf.sum(tf.mul(tf.logSoftmax(scores), chosen), -1);
    return tf.reshape(logs, [B, T]).arraySync() as number[][];
  });
}

/** What the model expects at each of the given positions of one row: probabilities of the text's tokens. */
export function probabilitiesAt(
  { params, config, tokens }: ObjectiveModel,
  example: Example,
  positions: readonly number[],
): number[][] {
  return tf.tidy(() => {
    const batch = batchOf([example], tokens.pad);
    const scores = tf.slice(objectiveLogits(params, config, batch), [0, 0], [-1, tokens.textSize]);
    const wanted = tf.gather(scores, tf.tensor1d([...positions], "int32"));
    return tf.softmax(wanted).arraySync() as number[][];
  });
}
