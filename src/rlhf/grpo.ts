// Group relative policy optimization (Shao et al., 2024, "DeepSeekMath"): several answers to each
// prompt are compared with each other, so that no value head is needed. Its choices are options:
// division by the standard deviation or not, and a constant divisor (Liu et al., 2025, "Dr. GRPO");
// the mean over tokens, a higher upper limit of the clipping and no KL term (Yu et al., 2025, "DAPO").
// Left out: ratios of whole texts (GSPO), drawing again where all answers are equal.
//
// Letters: B texts, T places.
import { tf } from "../engine";
import { cloneParams } from "../params";
import type { Task } from "../train";
import { groupAdvantages } from "./advantages";
import { rowLogProbs } from "./logProbs";
import { type ClipRange, clippedSurrogate, klPerToken, type LossLevel, reduceLoss } from "./losses";
import { type PolicyBatch, type PolicyOptions, policyTask } from "./policy";
import { atAnswers } from "./rows";

export interface GRPOOptions extends PolicyOptions {
  /** What the KL term (k3) counts for; 0 leaves it out, and then no reference is read. */
  beta?: number;
  /** 0.2 on both sides; a larger `high` is "clip-higher". */
  clip?: ClipRange;
  /** Whether advantages are divided by the standard deviation of their group; true. */
  std?: boolean;
  /** "sequence", as published. */
  level?: LossLevel;
  /** The functions that it is made of; a learner's own can replace each. */
  parts?: Partial<GRPOParts>;
}

/** What GRPO is made of: see ./advantages and ./losses. */
export interface GRPOParts {
  groupAdvantages(rewards: number[], groupSize: number, options: { std: boolean }): number[];
  klPerToken(logProbs: tf.Tensor2D, reference: tf.Tensor2D): tf.Tensor2D;
  reduceLoss(
    losses: tf.Tensor2D,
    mask: tf.Tensor2D,
    options: { level: LossLevel; longest: number },
  ): tf.Scalar;
}

/**
 * The task. Metrics on held-out prompts: `reward`, the `measures`, `kl` in nats per text, `length`,
 * `stopped`.
 * @throws as soon as a reward is no finite number
 */
export function grpoTask(options: GRPOOptions): Task<PolicyBatch> {
  const { model, groupSize, beta = 0, std = true, level = "sequence", temperature = 1 } = options;
  const { clip = { low: 0.2, high: 0.2 }, maxNewTokens, promptLength } = options;
  if (!(beta >= 0)) throw new Error(`grpoTask: expected beta of 0 or more, got ${beta}`);
  if (!(groupSize >= 2))
    throw new Error(`grpoTask: expected groups of 2 answers or more, got ${groupSize}`);
  const length = promptLength + maxNewTokens;
  const parts: GRPOParts = { groupAdvantages, klPerToken, reduceLoss, ...options.parts };
  return policyTask(options, {
    kind: "grpo",
    params: cloneParams(model.params),
    numbers: { groupSize, beta, std, level, temperature, clip },
    fields: beta > 0 ? ["advantages", "reference"] : ["advantages"],
    async experience({ texts, rewards, reference }): Promise<Record<string, Float32Array>> {
      const advantages = parts.groupAdvantages(rewards, groupSize, { std });
      const rows = texts.map(({ answer }, b) => answer.map(() => advantages[b]));
      const spread = (rows: number[][]) => atAnswers(texts, rows, length);
      if (beta === 0) return { advantages: spread(rows) };
      return { advantages: spread(rows), reference: spread(await reference()) };
    },
    loss: (params, batch) =>
      tf.tidy(() => {
        const { mask, old, advantages, reference } = batch;
        const logProbs = rowLogProbs(params, model.config, batch, { temperature });
        const surrogate = clippedSurrogate(logProbs, old, advantages, clip);
        const penalty = () => tf.mul(parts.klPerToken(logProbs, reference), beta);
        const losses = beta > 0 ? tf.add(surrogate, penalty()) : surrogate;
        return parts.reduceLoss(losses as tf.Tensor2D, mask, { level, longest: maxNewTokens });
      }),
  });
}
