// A reward model: a GPT that gives a text one number, learnt from pairs of which one text was
// preferred (Christiano et al., 2017; Stiennon et al., 2020). The head is a vector over the hidden
// state at the last token, named `score.weight` as in Hugging Face's models for classification.
// Differences of rewards mean something, rewards themselves do not: `standardised` gives them a zero
// and a unit.
//
// Letters: B texts, T places, C channels.
import { drawnInPasses } from "../data";
import { type Compiled, compile, tf } from "../engine";
import { type GPTConfig, gptHidden } from "../gpt";
import { cloneParams, disposeParams, type Params, paramsDigest } from "../params";
import { Random, randomNormal } from "../random";
import type { Task } from "../train";
import { inChunks } from "./logProbs";
import { bradleyTerryLoss } from "./losses";
import type { StartModel } from "./model";
import type { Pair } from "./preferences";
import { type Text, type TokenRows, textRows } from "./rows";

/** Gives each text a number. */
export type Reward = (texts: readonly Text[]) => number[] | Promise<number[]>;

const HEAD = "score.weight";

/** A copy of a GPT with a head for one number, drawn with a standard deviation of 1/√C. */
export function initRewardModel({ params, config }: StartModel, { seed }: { seed: number }) {
  const C = config.nEmbd;
  const rng = new Random(seed).fork(HEAD);
  const head = tf.tidy(() => tf.variable(randomNormal([1, C], { rng, std: C ** -0.5 })));
  return { ...cloneParams(params), [HEAD]: head };
}

/**
 * The reward of each row: the head's product with the hidden state at the last token.
 * @returns (B); the caller disposes it
 */
export function scoreRows(
  params: Params,
  config: GPTConfig,
  { ids, last }: Pick<TokenRows, "ids" | "last">,
): tf.Tensor1D {
  return tf.tidy(() => {
    const hidden = gptHidden(params, config, ids); // (B, T, C)
    const at = tf.sum(tf.mul(hidden, tf.expandDims(last, -1)), 1); // (B, C)
    return tf.reshape(tf.matMul(at as tf.Tensor2D, params[HEAD] as tf.Tensor2D, false, true), [-1]);
  });
}

export interface ScorerOptions {
  /** How many texts are read at once, and how many ids a row has: of one shape. */
  rows: number;
  length: number;
  compiled?: boolean;
}

/** A reward model as a function of texts; `dispose` frees the program, not the parameters. */
export function rewardScorer(
  params: Params,
  config: GPTConfig,
  { rows, length, compiled = false }: ScorerOptions,
): Reward & { dispose(): void } {
  const read = (ids: tf.Tensor2D, last: tf.Tensor2D) => scoreRows(params, config, { ids, last });
  const program: typeof read & Partial<Compiled> = compiled
    ? compile(read, { name: "reward model" })
    : read;
  const score: Reward = (texts) =>
    inChunks(texts, rows, async (chunk) => {
      const tensors = textRows(chunk, length);
      const scores = program(tensors.ids, tensors.last);
      const values = Array.from(await scores.data());
      tf.dispose([scores, tensors]);
      return values;
    });
  return Object.assign(score, { dispose: () => program.dispose?.() });
}

/** The same reward with mean 0 and standard deviation 1 on given texts. */
export async function standardised(reward: Reward, texts: readonly Text[]): Promise<Reward> {
  const scores = await reward(texts);
  const mean = scores.reduce((a, b) => a + b, 0) / scores.length;
  const std = Math.sqrt(scores.reduce((sum, s) => sum + (s - mean) ** 2, 0) / scores.length);
  if (!(std > 0))
    throw new Error(`standardised: expected different scores, got ${scores.length} times ${mean}`);
  return async (texts) => (await reward(texts)).map((score) => (score - mean) / std);
}

/** Pairs side by side. */
export type PairBatch = Record<`${"chosen" | "rejected"}${"Ids" | "Last"}`, tf.Tensor2D>;

export interface RewardTaskOptions {
  model: StartModel;
  pairs: readonly Pair[];
  heldOut: readonly Pair[];
  /** Pairs of one step. */
  batchSize: number;
  /** T, at least the longest text. */
  length: number;
  seed: number;
  /** The loss of a batch of pairs, from the rewards (B) of both sides; Bradley and Terry's. */
  loss?: typeof bradleyTerryLoss;
}

/** The pairs of a batch: every pair once in an order of its own for each pass over the data. */
export function pairsOfBatch(
  pairs: readonly Pair[],
  index: number,
  options: { batchSize: number; seed: number },
): Pair[] {
  return drawnInPasses(pairs.length, index, options).map((i) => pairs[i]);
}

/**
 * Learning a reward from preferences. Metrics: `accuracy`, the share of held-out pairs in which the
 * preferred text gets more (ties count half), and `val`, their mean loss in nats.
 * @throws if there are no pairs, or a text has no answer or is too long
 */
export function rewardTask({
  model,
  pairs,
  heldOut,
  loss = bradleyTerryLoss,
  ...options
}: RewardTaskOptions): Task<PairBatch> {
  const { batchSize, length, seed } = options;
  if (pairs.length === 0 || heldOut.length === 0)
    throw new Error(
      `rewardTask: expected pairs to learn from and to measure with, got ${pairs.length} ` +
        `and ${heldOut.length}`,
    );
  const params: Params = initRewardModel(model, { seed });
  const rowsOf = (pairs: readonly Pair[]): PairBatch => {
    const sides = { chosen: pairTexts(pairs, "chosen"), rejected: pairTexts(pairs, "rejected") };
    const [a, b] = [textRows(sides.chosen, length), textRows(sides.rejected, length)];
    tf.dispose([a.targets, a.mask, b.targets, b.mask]);
    return { chosenIds: a.ids, chosenLast: a.last, rejectedIds: b.ids, rejectedLast: b.last };
  };
  /** Both sides in one pass, (2B), the chosen ones first. */
  const scores = (params: Params, batch: PairBatch) =>
    scoreRows(params, model.config, {
      ids: tf.concat([batch.chosenIds, batch.rejectedIds]),
      last: tf.concat([batch.chosenLast, batch.rejectedLast]),
    });
  const sides = (params: Params, batch: PairBatch) =>
    tf.split(scores(params, batch), 2) as [tf.Tensor1D, tf.Tensor1D];
  return {
    params,
    primary: { name: "accuracy", better: "higher", baselines: { guessing: 0.5 } },
    batch: (index) => rowsOf(pairsOfBatch(pairs, index, { batchSize, seed })),
    loss: (params, batch) => tf.tidy(() => loss(...sides(params, batch))),
    evaluate: async (limit, tools) => {
      const some = heldOut.slice(0, limit);
      const gaps = await inChunks(some, batchSize, async (chunk, start) => {
        await tools.pause(start, some.length);
        const batch = rowsOf(chunk);
        const difference = tf.tidy(() => tf.sub(...sides(params, batch)));
        const values = Array.from(await difference.data());
        tf.dispose([difference, batch]);
        return values;
      });
      return {
        accuracy: mean(gaps.map((gap) => (gap > 0 ? 1 : gap === 0 ? 0.5 : 0))),
        val: mean(gaps.map((gap) => Math.log1p(Math.exp(-gap)))),
      };
    },
    describe: () => ({
      kind: "reward",
      model: model.config,
      tokenizer: model.tokenizer?.toJSON(),
      data: { name: "preferences", sha256: paramsDigest(model.params, pairs) },
    }),
    dispose: () => disposeParams(params),
  };
}

/** One side of pairs, as texts. */
export const pairTexts = (pairs: readonly Pair[], side: "chosen" | "rejected"): Text[] =>
  pairs.map((pair) => ({ prompt: pair.prompt, answer: pair[side] }));

const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
