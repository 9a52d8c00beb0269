// Proximal policy optimization of a language model (Schulman et al., 2017; Ziegler et al., 2019;
// Ouyang et al., 2022): a reward for whole texts, a KL penalty at every token, a value head that
// says what to expect, generalised advantage estimation, and the clipped objective. Numbers and
// formulas follow TRL's PPOTrainer (until version 0.24), but for the value head, which here shares
// the policy's network. Left out: a KL coefficient that adapts, a value model of its own.
//
// Letters: B texts, T places, C channels.
import { type Compiled, canCompile, compile, tf } from "../engine";
import { type GPTConfig, gptHead, gptHidden, tokenLogProbs } from "../gpt";
import { cloneParams, type Params } from "../params";
import type { Task } from "../train";
import { gae, penalisedRewards, whiten } from "./advantages";
import { type ClipRange, clippedSurrogate, clippedValueLoss, reduceLoss } from "./losses";
import { type PolicyBatch, type PolicyOptions, policyTask } from "./policy";
import { atAnswers, ofAnswers, rowArrays } from "./rows";

export interface PPOOptions extends Omit<PolicyOptions, "groupSize"> {
  /** β of the KL penalty, in units of reward per nat. */
  beta: number;
  /** 0.2 on both sides. */
  clip?: ClipRange;
  /** Of values, around the old ones: 0.2. */
  valueRange?: number;
  /** What the loss of the values counts for: 0.1. */
  valueWeight?: number;
  /** γ and λ of the advantages: 1 and 0.95. */
  gamma?: number;
  lambda?: number;
  /** The functions that it is made of; a learner's own can replace each. */
  parts?: Partial<PPOParts>;
}

/** What PPO is made of: see ./advantages, and below for the loss. */
export interface PPOParts {
  penalisedRewards: typeof penalisedRewards;
  gae(
    rewards: number[],
    values: number[],
    options: { gamma: number; lambda: number },
  ): ReturnType<typeof gae>;
  whiten(advantages: number[][]): number[][];
  policyLoss: typeof clippedPolicyLoss;
}

/** The clipped objective as a loss: the mean over all tokens of all answers (`mask` is 1 there). */
export const clippedPolicyLoss = (
  logProbs: tf.Tensor2D,
  old: tf.Tensor2D,
  advantages: tf.Tensor2D,
  mask: tf.Tensor2D,
  clip: ClipRange,
): tf.Scalar =>
  tf.tidy(() =>
    reduceLoss(clippedSurrogate(logProbs, old, advantages, clip), mask, { level: "token" }),
  );

const VALUE = "value";

/** A copy of a GPT with a value head that says 0. */
export function initValuePolicy({ params, config }: { params: Params; config: GPTConfig }): Params {
  const zeros = (shape: number[]) => tf.tidy(() => tf.variable(tf.zeros(shape)));
  const head = {
    [`${VALUE}.weight`]: zeros([1, config.nEmbd]),
    [`${VALUE}.bias`]: zeros([1]),
  };
  return { ...cloneParams(params), ...head };
}

/** The value of each place from hidden states (B, T, C): (B, T). */
export function valuesOf(params: Params, hidden: tf.Tensor3D): tf.Tensor2D {
  return tf.tidy(() => {
    const [B, T, C] = hidden.shape;
    const weight = params[`${VALUE}.weight`] as tf.Tensor as tf.Tensor2D;
    const values = tf.matMul(tf.reshape(hidden, [B * T, C]), weight, false, true);
    return tf.reshape(tf.add(values, params[`${VALUE}.bias`]), [B, T]);
  });
}

/**
 * The task. Metrics on held-out prompts: `reward` (without the penalty), the `measures`, `kl` in nats
 * per text, `length`, `stopped`.
 * @throws as soon as a reward is no finite number
 */
export function ppoTask(options: PPOOptions): Task<PolicyBatch> {
  const { model, beta, temperature = 1, gamma = 1, lambda = 0.95 } = options;
  const { clip = { low: 0.2, high: 0.2 }, valueRange = 0.2, valueWeight = 0.1 } = options;
  const { config } = model;
  const own = { penalisedRewards, gae, whiten, policyLoss: clippedPolicyLoss, ...options.parts };
  if (!(beta >= 0)) throw new Error(`ppoTask: expected beta of 0 or more, got ${beta}`);
  const params = initValuePolicy(model);
  const read = (ids: tf.Tensor2D) =>
    tf.tidy(() => valuesOf(params, gptHidden(params, config, ids)));
  const readValues: typeof read & Partial<Compiled> =
    (options.compiled ?? canCompile()) ? compile(read, { name: "values" }) : read;

  return policyTask(
    { ...options, groupSize: 1 },
    {
      kind: "ppo",
      params,
      numbers: { beta, temperature, gamma, lambda, clip, valueRange, valueWeight },
      fields: ["advantages", "values", "returns"],
      async experience({ texts, rewards, reference }) {
        const length = options.promptLength + options.maxNewTokens;
        const shape: [number, number] = [texts.length, length];
        const ids = tf.tensor2d(Int32Array.from(rowArrays(texts, length).ids), shape, "int32");
        const predicted = readValues(ids);
        const values = ofAnswers(texts, await predicted.data(), length);
        tf.dispose([ids, predicted]);
        const known = await reference();
        const estimates = texts.map(({ logProbs }, b) => {
          const given = { logProbs, reference: known[b], beta };
          return own.gae(own.penalisedRewards(rewards[b], given), values[b], { gamma, lambda });
        });
        const spread = (rows: number[][]) => atAnswers(texts, rows, length);
        return {
          advantages: spread(own.whiten(estimates.map(({ advantages }) => advantages))),
          values: spread(values),
          returns: spread(estimates.map(({ returns }) => returns)),
        };
      },
      loss: (params, { ids, targets, mask, old, advantages, values, returns }) =>
        tf.tidy(() => {
          const hidden = gptHidden(params, config, ids); // (B, T, C)
          const flat = tf.reshape(targets, [-1]) as tf.Tensor1D;
          const chosen = tokenLogProbs(gptHead(params, hidden, config), flat, { temperature });
          const logProbs = tf.reshape(chosen, ids.shape) as tf.Tensor2D;
          const state = { old: values, returns, mask, range: valueRange };
          const valueLoss = clippedValueLoss(valuesOf(params, hidden), state);
          const policyLoss = own.policyLoss(logProbs, old, advantages, mask, clip);
          return tf.add(policyLoss, tf.mul(valueLoss, valueWeight)) as tf.Scalar;
        }),
      dispose: () => readValues.dispose?.(),
    },
  );
}
