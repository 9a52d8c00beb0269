/** Plausible wrong answers to lesson 18 (RLHF), and the sentence that each must be told. */

import type { Mutants } from "llm/course/kit";
import { tf } from "llm/engine";
import * as right from "../../solutions/18-rlhf";

type Clipped = Parameters<typeof right.clippedLoss>;
type Penalty = Parameters<typeof right.penalisedRewards>[1];
type Discount = Parameters<typeof right.gae>[2];

/** Log-probabilities of ids at places of the logits, (B, T − 1) each. */
const shifted = (logits: tf.Tensor3D, ids: tf.Tensor2D, answer: tf.Tensor2D) => {
  const [B, T, V] = logits.shape;
  const next = tf.slice(ids, [0, 1], [B, T - 1]);
  const logProbs = tf.logSoftmax(tf.slice(logits, [0, 0, 0], [B, T - 1, V]));
  const chosen = tf.sum(tf.mul(logProbs, tf.oneHot(next, V)), -1);
  return { chosen, mask: tf.slice(answer, [0, 1], [B, T - 1]) };
};

export const mutants: Mutants<typeof import("../../solutions/18-rlhf")> = {
  preferenceLoss: [
    {
      name: "the sides exchanged",
      told: /wrong way round/,
      answer: (chosen, rejected) => right.preferenceLoss(rejected, chosen),
    },
    {
      name: "sigmoid without the logarithm",
      told: /without its logarithm/,
      answer: (chosen, rejected) =>
        tf.tidy(() => tf.neg(tf.mean(tf.sigmoid(tf.sub(chosen, rejected)))) as tf.Scalar),
    },
    {
      name: "a sum in place of the mean",
      told: /sum over the pairs/,
      answer: (chosen, rejected) =>
        tf.tidy(() => tf.sum(tf.softplus(tf.sub(rejected, chosen))) as tf.Scalar),
    },
    {
      name: "without the minus",
      told: /minus in front/,
      answer: (chosen, rejected) =>
        tf.tidy(() => tf.neg(right.preferenceLoss(chosen, rejected)) as tf.Scalar),
    },
    {
      name: "each reward judged by itself",
      told: /judged by itself/,
      answer: (chosen, rejected) =>
        tf.tidy(
          () => tf.mean(tf.add(tf.softplus(tf.neg(chosen)), tf.softplus(rejected))) as tf.Scalar,
        ),
    },
    {
      name: "the mean before the loss",
      told: /differences is taken first/,
      answer: (chosen, rejected) =>
        tf.tidy(() => tf.softplus(tf.mean(tf.sub(rejected, chosen))) as tf.Scalar),
    },
    {
      name: "the logarithm of a σ that overflows",
      told: /0 in float32/,
      answer: (chosen, rejected) =>
        tf.tidy(() => tf.neg(tf.mean(tf.log(tf.sigmoid(tf.sub(chosen, rejected))))) as tf.Scalar),
    },
  ],
  answerLogProbs: [
    {
      name: "the prompt counted",
      told: /prompt is counted/,
      answer: (logits, ids, answer) =>
        tf.tidy(() => {
          const first = tf.greater(tf.cumsum(answer, 1, false, true), 0); // up to the answer's end
          return right.answerLogProbs(logits, ids, tf.cast(first, "float32") as tf.Tensor2D);
        }),
    },
    {
      name: "prompt and padding counted",
      told: /mask is not used/,
      answer: (logits, ids) => right.answerLogProbs(logits, ids, tf.onesLike(ids) as tf.Tensor2D),
    },
    {
      name: "padding counted",
      told: /padding is counted/,
      answer: (logits, ids, answer) =>
        tf.tidy(() => {
          const begun = tf.greater(tf.cumsum(answer, 1), 0);
          return right.answerLogProbs(logits, ids, tf.cast(begun, "float32") as tf.Tensor2D);
        }),
    },
    {
      name: "not shifted",
      told: /comes at place t \+ 1/,
      answer: (logits, ids, answer) =>
        tf.tidy(() => {
          const chosen = tf.sum(tf.mul(tf.logSoftmax(logits), tf.oneHot(ids, logits.shape[2])), -1);
          return tf.sum(tf.mul(chosen, answer), 1) as tf.Tensor1D;
        }),
    },
    {
      name: "the mask left where it was",
      told: /mask has to move/,
      answer: (logits, ids, answer) =>
        tf.tidy(() => {
          const { chosen } = shifted(logits, ids, answer);
          const [B, T] = ids.shape;
          return tf.sum(tf.mul(chosen, tf.slice(answer, [0, 0], [B, T - 1])), 1) as tf.Tensor1D;
        }),
    },
    {
      name: "the mean over the answer",
      told: /mean over the answer/,
      answer: (logits, ids, answer) =>
        tf.tidy(() => {
          const { chosen, mask } = shifted(logits, ids, answer);
          const count = tf.maximum(tf.sum(mask, 1), 1);
          return tf.div(tf.sum(tf.mul(chosen, mask), 1), count) as tf.Tensor1D;
        }),
    },
    {
      name: "logits in place of log-probabilities",
      told: /logits themselves/,
      answer: (logits, ids, answer) =>
        tf.tidy(() => {
          const [B, T, V] = logits.shape;
          const next = tf.slice(ids, [0, 1], [B, T - 1]);
          const cut = tf.slice(logits, [0, 0, 0], [B, T - 1, V]);
          const chosen = tf.sum(tf.mul(cut, tf.oneHot(next, V)), -1);
          return tf.sum(tf.mul(chosen, tf.slice(answer, [0, 1], [B, T - 1])), 1) as tf.Tensor1D;
        }),
    },
    {
      name: "shifted the wrong way",
      told: /shift goes the wrong way/,
      answer: (logits, ids, answer) =>
        tf.tidy(() => {
          const [B, T, V] = logits.shape;
          const logProbs = tf.logSoftmax(tf.slice(logits, [0, 1, 0], [B, T - 1, V]));
          const own = tf.oneHot(tf.slice(ids, [0, 0], [B, T - 1]), V);
          const chosen = tf.sum(tf.mul(logProbs, own), -1);
          return tf.sum(tf.mul(chosen, tf.slice(answer, [0, 0], [B, T - 1])), 1) as tf.Tensor1D;
        }),
    },
    {
      name: "id 0 taken for padding",
      told: /taken for padding/,
      answer: (logits, ids, answer) =>
        tf.tidy(() => {
          const own = tf.mul(answer, tf.cast(tf.notEqual(ids, 0), "float32"));
          return right.answerLogProbs(logits, ids, own as tf.Tensor2D);
        }),
    },
  ],
  penalisedRewards: [
    {
      name: "KL of the wrong sign",
      told: /wrong sign/,
      answer: (score: number, { logProbs, reference, beta }: Penalty) =>
        right.penalisedRewards(score, { logProbs: reference, reference: logProbs, beta }),
    },
    {
      name: "the score at every token",
      told: /at every token/,
      answer: (score: number, { logProbs, reference, beta }: Penalty) =>
        logProbs.map((p, t) => score - beta * (p - reference[t])),
    },
    {
      name: "the score at the first token",
      told: /at the first token/,
      answer: (score: number, { logProbs, reference, beta }: Penalty) =>
        logProbs.map((p, t) => (t === 0 ? score : 0) - beta * (p - reference[t])),
    },
    {
      name: "no penalty at the last token",
      told: /replaces the penalty/,
      answer: (score: number, { logProbs, reference, beta }: Penalty) =>
        logProbs.map((p, t) => (t === logProbs.length - 1 ? score : -beta * (p - reference[t]))),
    },
    {
      name: "the reference trained along",
      told: /policy's own/,
      answer: (score: number, { logProbs, beta }: Penalty) =>
        right.penalisedRewards(score, { logProbs, reference: logProbs, beta }),
    },
    {
      name: "the whole penalty at the last token",
      told: /pays its own part/,
      answer: (score: number, { logProbs, reference, beta }: Penalty) => {
        const kl = logProbs.reduce((sum, p, t) => sum + p - reference[t], 0);
        return logProbs.map((_, t) => (t === logProbs.length - 1 ? score - beta * kl : 0));
      },
    },
    {
      name: "the score as one more token",
      told: /not a token of its own/,
      answer: (score: number, { logProbs, reference, beta }: Penalty) => [
        ...logProbs.map((p, t) => -beta * (p - reference[t])),
        score,
      ],
    },
    {
      name: "the distance without its sign",
      told: /without its sign/,
      answer: (score: number, { logProbs, reference, beta }: Penalty) => {
        const rewards = logProbs.map((p, t) => -beta * Math.abs(p - reference[t]));
        rewards[rewards.length - 1] += score;
        return rewards;
      },
    },
  ],
  gae: [
    {
      name: "the value of the next place left out",
      told: /next value is missing/,
      answer: (rewards: number[], values: number[], { gamma, lambda }: Discount) => {
        const advantages = rewards.map(() => 0);
        let next = 0;
        for (let t = rewards.length - 1; t >= 0; t--)
          next = advantages[t] = rewards[t] - values[t] + gamma * lambda * next;
        return { advantages, returns: advantages.map((a, t) => a + values[t]) };
      },
    },
    {
      name: "λ left out",
      told: /λ is left out/,
      answer: (rewards: number[], values: number[], { gamma }: Discount) =>
        right.gae(rewards, values, { gamma, lambda: 1 }),
    },
    {
      name: "γ left out of the sum",
      told: /γ belongs to the advantage/,
      answer: (rewards: number[], values: number[], { gamma, lambda }: Discount) => {
        const advantages = rewards.map(() => 0);
        let [nextValue, next] = [0, 0];
        for (let t = rewards.length - 1; t >= 0; t--) {
          next = advantages[t] = rewards[t] + gamma * nextValue - values[t] + lambda * next;
          nextValue = values[t];
        }
        return { advantages, returns: advantages.map((a, t) => a + values[t]) };
      },
    },
    {
      name: "only one step",
      told: /one step/,
      answer: (rewards: number[], values: number[], { gamma }: Discount) =>
        right.gae(rewards, values, { gamma, lambda: 0 }),
    },
    {
      name: "forwards",
      told: /from the last token/,
      answer: (rewards: number[], values: number[], { gamma, lambda }: Discount) => {
        const advantages: number[] = [];
        let before = 0;
        for (let t = 0; t < rewards.length; t++) {
          const delta = rewards[t] + gamma * (values[t + 1] ?? 0) - values[t];
          before = delta + gamma * lambda * before;
          advantages.push(before);
        }
        return { advantages, returns: advantages.map((a, t) => a + values[t]) };
      },
    },
    {
      name: "returns without the values",
      told: /advantages again/,
      answer: (rewards: number[], values: number[], options: Discount) => {
        const { advantages } = right.gae(rewards, values, options);
        return { advantages, returns: [...advantages] };
      },
    },
    {
      name: "a value behind the last token",
      told: /text has ended/,
      answer: (rewards: number[], values: number[], { gamma, lambda }: Discount) => {
        const advantages = rewards.map(() => 0);
        let [nextValue, next] = [values[values.length - 1], 0];
        for (let t = rewards.length - 1; t >= 0; t--) {
          next = advantages[t] = rewards[t] + gamma * nextValue - values[t] + gamma * lambda * next;
          nextValue = values[t];
        }
        return { advantages, returns: advantages.map((a, t) => a + values[t]) };
      },
    },
    {
      name: "γ left out before the next value",
      told: /next value too/,
      answer: (rewards: number[], values: number[], { gamma, lambda }: Discount) => {
        const advantages = rewards.map(() => 0);
        let [nextValue, next] = [0, 0];
        for (let t = rewards.length - 1; t >= 0; t--) {
          next = advantages[t] = rewards[t] + nextValue - values[t] + gamma * lambda * next;
          nextValue = values[t];
        }
        return { advantages, returns: advantages.map((a, t) => a + values[t]) };
      },
    },
    {
      name: "returns as sums of the rewards",
      told: /sums of the rewards/,
      answer: (rewards: number[], values: number[], options: Discount) => ({
        advantages: right.gae(rewards, values, options).advantages,
        returns: rewards.map((_, t) => rewards.slice(t).reduce((a, b) => a + b, 0)),
      }),
    },
  ],
  whiten: [
    {
      name: "not normalised",
      told: /as they were/,
      answer: (advantages: number[][]) => advantages.map((row) => [...row]),
    },
    {
      name: "the mean alone",
      told: /not divided/,
      answer: (advantages: number[][]) => {
        const all = advantages.flat();
        const mean = all.reduce((a, b) => a + b, 0) / all.length;
        return advantages.map((row) => row.map((a) => a - mean));
      },
    },
    {
      name: "NaN where all are equal",
      told: /all advantages are equal/,
      answer: (advantages: number[][]) => {
        const all = advantages.flat();
        const mean = all.reduce((a, b) => a + b, 0) / all.length;
        const variance = all.reduce((sum, a) => sum + (a - mean) ** 2, 0) / (all.length - 1);
        return advantages.map((row) => row.map((a) => (a - mean) / Math.sqrt(variance)));
      },
    },
    {
      name: "each answer by itself",
      told: /each answer by itself/,
      answer: (advantages: number[][]) => advantages.flatMap((row) => right.whiten([row])),
    },
    {
      name: "padding counted",
      told: /filled up with zeros/,
      answer: (advantages: number[][]) => {
        const longest = Math.max(...advantages.map((row) => row.length));
        const padded = advantages.map((row) => [...row, ...Array(longest - row.length).fill(0)]);
        return right.whiten(padded).map((row, b) => row.slice(0, advantages[b].length));
      },
    },
    {
      name: "the small number outside the root",
      told: /below the root, added/,
      answer: (advantages: number[][]) => {
        const all = advantages.flat();
        const mean = all.reduce((a, b) => a + b, 0) / all.length;
        const squares = all.reduce((sum, a) => sum + (a - mean) ** 2, 0);
        const deviation = Math.sqrt(squares / Math.max(1, all.length - 1)) + 1e-8;
        return advantages.map((row) => row.map((a) => (a - mean) / deviation));
      },
    },
    {
      name: "the mean of the rows' means",
      told: /that of the rows' means/,
      answer: (advantages: number[][]) => {
        const meanOf = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
        const all = advantages.flat();
        const mean = meanOf(advantages.map(meanOf));
        const variance =
          all.reduce((sum, a) => sum + (a - mean) ** 2, 0) / Math.max(1, all.length - 1);
        return advantages.map((row) => row.map((a) => (a - mean) / Math.sqrt(variance + 1e-8)));
      },
    },
    {
      name: "NaN for a single number",
      told: /a single number/,
      answer: (advantages: number[][]) => {
        const all = advantages.flat();
        const mean = all.reduce((a, b) => a + b, 0) / all.length;
        const variance = all.reduce((sum, a) => sum + (a - mean) ** 2, 0) / (all.length - 1);
        return advantages.map((row) => row.map((a) => (a - mean) / Math.sqrt(variance + 1e-8)));
      },
    },
  ],
  clippedLoss: [
    {
      name: "the larger of the two",
      told: /larger of the two/,
      answer: (...[logProbs, old, advantages, mask, { low, high }]: Clipped) =>
        tf.tidy(() => {
          const ratio = tf.exp(tf.sub(logProbs, old));
          const clipped = tf.clipByValue(ratio, 1 - low, 1 + high);
          const gain = tf.maximum(tf.mul(ratio, advantages), tf.mul(clipped, advantages));
          return tf.neg(tf.div(tf.sum(tf.mul(gain, mask)), tf.sum(mask))) as tf.Scalar;
        }),
    },
    {
      name: "only the clipped ratio",
      told: /clipped ratio alone/,
      answer: (...[logProbs, old, advantages, mask, { low, high }]: Clipped) =>
        tf.tidy(() => {
          const clipped = tf.clipByValue(tf.exp(tf.sub(logProbs, old)), 1 - low, 1 + high);
          const gain = tf.mul(clipped, advantages);
          return tf.neg(tf.div(tf.sum(tf.mul(gain, mask)), tf.sum(mask))) as tf.Scalar;
        }),
    },
    {
      name: "no clipping",
      told: /never clipped/,
      answer: (...[logProbs, old, advantages, mask]: Clipped) =>
        right.clippedLoss(logProbs, old, advantages, mask, { low: 1, high: 1e9 }),
    },
    {
      name: "the ratio upside down",
      told: /upside down/,
      answer: (...[logProbs, old, advantages, mask, clip]: Clipped) =>
        right.clippedLoss(old, logProbs, advantages, mask, clip),
    },
    {
      name: "padding counted in the mean",
      told: /divided by all places/,
      answer: (...[logProbs, old, advantages, mask, clip]: Clipped) =>
        tf.tidy(() => {
          const loss = right.clippedLoss(logProbs, old, advantages, mask, clip);
          return tf.mul(loss, tf.mean(mask)) as tf.Scalar;
        }),
    },
    {
      name: "the mask not used",
      told: /mask is not used/,
      answer: (...[logProbs, old, advantages, mask, clip]: Clipped) =>
        right.clippedLoss(logProbs, old, advantages, tf.onesLike(mask), clip),
    },
    {
      name: "without the minus",
      told: /minus/,
      answer: (...[logProbs, old, advantages, mask, clip]: Clipped) =>
        tf.tidy(
          () => tf.neg(right.clippedLoss(logProbs, old, advantages, mask, clip)) as tf.Scalar,
        ),
    },
    {
      name: "the mean of the texts' means",
      told: /mean of the texts' means/,
      answer: (...[logProbs, old, advantages, mask, { low, high }]: Clipped) =>
        tf.tidy(() => {
          const ratio = tf.exp(tf.sub(logProbs, old));
          const clipped = tf.clipByValue(ratio, 1 - low, 1 + high);
          const gain = tf.minimum(tf.mul(ratio, advantages), tf.mul(clipped, advantages));
          const own = tf.div(tf.sum(tf.mul(gain, mask), 1), tf.maximum(tf.sum(mask, 1), 1));
          return tf.neg(tf.mean(own)) as tf.Scalar;
        }),
    },
    {
      name: "the smaller ratio in place of the smaller product",
      told: /multiply first/,
      answer: (...[logProbs, old, advantages, mask, { low, high }]: Clipped) =>
        tf.tidy(() => {
          const ratio = tf.exp(tf.sub(logProbs, old));
          const gain = tf.mul(
            tf.minimum(ratio, tf.clipByValue(ratio, 1 - low, 1 + high)),
            advantages,
          );
          return tf.neg(tf.div(tf.sum(tf.mul(gain, mask)), tf.sum(mask))) as tf.Scalar;
        }),
    },
    {
      name: "low on both sides",
      told: /used on both sides/,
      answer: (...[logProbs, old, advantages, mask, { low }]: Clipped) =>
        right.clippedLoss(logProbs, old, advantages, mask, { low, high: low }),
    },
    {
      name: "the logarithm clipped",
      told: /logarithm of the ratio is clipped/,
      answer: (...[logProbs, old, advantages, mask, { low, high }]: Clipped) =>
        tf.tidy(() => {
          const log = tf.sub(logProbs, old);
          const clipped = tf.exp(tf.clipByValue(log, -low, high));
          const gain = tf.minimum(tf.mul(tf.exp(log), advantages), tf.mul(clipped, advantages));
          return tf.neg(tf.div(tf.sum(tf.mul(gain, mask)), tf.sum(mask))) as tf.Scalar;
        }),
    },
  ],
};
