// Losses and advantages give TRL's numbers and gradients (test/fixtures/record/rlhf.py).
import { tf, useEngine } from "llm/engine";
import {
  bradleyTerryLoss,
  clippedSurrogate,
  clippedValueLoss,
  dpoLoss,
  gae,
  groupAdvantages,
  klPerToken,
  penalisedRewards,
  reduceLoss,
  sumOfRows,
  whiten,
} from "llm/rlhf";
import { beforeAll, describe, expect, it } from "vitest";
import { difference, engines, fixture, type Recorded, tensor } from "../reference";

interface Fixture {
  ppo: Record<string, Recorded> & {
    numbers: Record<"beta" | "gamma" | "lambda" | "clip" | "valueRange" | "valueWeight", number>;
    loss: number;
    policyLoss: number;
    valueLoss: number;
  };
  grpo: Record<string, Recorded> & {
    cases: Record<
      string,
      { beta: number; low: number; high: number; loss: number; gradNew: Recorded }
    >;
  };
  dpo: Record<string, Recorded> & {
    beta: number;
    loss: number;
    reward: Record<string, Recorded> & { loss: number };
  };
}

const { ppo, grpo, dpo } = fixture<Fixture>("rlhf");

/** The numbers of each row, without the padding. */
function rowsOf({ shape, values }: Recorded, mask: Recorded): number[][] {
  const [B, T] = shape;
  return Array.from({ length: B }, (_, b) =>
    values.slice(b * T, (b + 1) * T).filter((_, t) => mask.values[b * T + t] === 1),
  );
}

const expectNear = (actual: number[], expected: ArrayLike<number>) => {
  expect(actual).toHaveLength(expected.length);
  for (const [i, value] of actual.entries()) expect(value).toBeCloseTo(expected[i], 6);
};

describe("advantages", () => {
  const at = (name: string) => rowsOf(ppo[name], ppo.mask);
  const { beta, gamma, lambda } = ppo.numbers;
  const rewards = at("old").map((logProbs, b) =>
    penalisedRewards(ppo.scores.values[b], { logProbs, reference: at("reference")[b], beta }),
  );
  const estimates = rewards.map((row, b) => gae(row, at("oldValues")[b], { gamma, lambda }));

  it("PPO's are TRL's: rewards with the KL penalty, GAE, returns, whitened", () => {
    expectNear(rewards.flat(), at("rewards").flat());
    expectNear(
      estimates.flatMap(({ advantages }) => advantages),
      at("advantages").flat(),
    );
    expectNear(
      estimates.flatMap(({ returns }) => returns),
      at("returns").flat(),
    );
    expectNear(whiten(estimates.map(({ advantages }) => advantages)).flat(), at("whitened").flat());
  });

  it("GAE is the sum that defines it", () => {
    const [rewards, values] = [
      [1, -2, 0.5, 3],
      [0.2, 0.4, -1, 2],
    ];
    const [gamma, lambda] = [0.9, 0.7];
    const next = (t: number) => (t < 3 ? values[t + 1] : 0);
    const delta = (t: number) => rewards[t] + gamma * next(t) - values[t];
    const slow = rewards.map((_, t) =>
      rewards.slice(t).reduce((sum, _, l) => sum + (gamma * lambda) ** l * delta(t + l), 0),
    );
    expectNear(gae(rewards, values, { gamma, lambda }).advantages, slow);
    // λ = 1: the rewards that follow, minus the value; λ = 0: one step.
    expectNear(gae(rewards, values, { lambda: 1 }).advantages, [2.3, 1.1, 4.5, 1]);
    expectNear(gae(rewards, values, { lambda: 0, gamma }).advantages, [0, 1, 2, 3].map(delta));
  });

  it("where all are equal, they are 0 and no NaN", () => {
    expect(whiten([[2, 2], [2]])).toEqual([[0, 0], [0]]);
    expect(whiten([[7]])).toEqual([[0]]);
    expect(groupAdvantages([1, 1, 0, 0], 2)).toEqual([0, 0, 0, 0]);
  });

  it("GRPO's are TRL's, with the standard deviation and without", () => {
    const { values } = grpo.rewards;
    expectNear(groupAdvantages(values, 2), grpo.advantages.values);
    expectNear(groupAdvantages(values, 2, { std: false }), grpo.centred.values);
  });

  it("says what is wrong with its arguments", () => {
    expect(() => groupAdvantages([1, 2, 3], 2)).toThrow("got 3 rewards in groups of 2");
    expect(() => groupAdvantages([1, 2], 1)).toThrow("groups of 2 or more");
    expect(() => gae([1, 2], [1])).toThrow("gae: expected 2 values, got 1");
  });
});

describe.each(engines)("losses on %s", (prefer) => {
  beforeAll(async () => {
    await useEngine({ prefer, quiet: true });
  });
  const t = (recorded: Recorded) => tensor<tf.Tensor2D>(recorded);

  it("PPO's loss and its gradients are TRL's", () => {
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const { clip, valueRange, valueWeight } = ppo.numbers;
      const mask = t(ppo.mask);
      const loss = (logProbs: tf.Tensor2D, values: tf.Tensor2D) => {
        const clipRange = { low: clip, high: clip };
        const surrogate = clippedSurrogate(logProbs, t(ppo.old), t(ppo.whitened), clipRange);
        const state = { old: t(ppo.oldValues), returns: t(ppo.returns), mask, range: valueRange };
        const valueLoss = clippedValueLoss(values, state);
        const policyLoss = reduceLoss(surrogate, mask, { level: "token" });
        expect(policyLoss.dataSync()[0]).toBeCloseTo(ppo.policyLoss, 5);
        expect(valueLoss.dataSync()[0]).toBeCloseTo(ppo.valueLoss, 5);
        return tf.add(policyLoss, tf.mul(valueLoss, valueWeight)) as tf.Scalar;
      };
      const { value, grads } = tf.valueAndGrads((a, b) => loss(a as tf.Tensor2D, b as tf.Tensor2D))(
        [t(ppo.new), t(ppo.values)],
      );
      expect(value.dataSync()[0]).toBeCloseTo(ppo.loss, 5);
      expect(difference(grads[0], ppo.gradNew)).toBeLessThan(1e-5);
      expect(difference(grads[1], ppo.gradValues)).toBeLessThan(1e-5);
    });
    expect(tf.memory().numTensors).toBe(before);
  });

  it.each([
    ["published", "sequence"],
    ["noKL", "sequence"],
    ["tokens", "token"],
    ["constant", "constant"],
  ] as const)("GRPO's loss and its gradient are TRL's: %s", (name, level) => {
    tf.tidy(() => {
      const { beta, low, high, loss: expected, gradNew } = grpo.cases[name];
      const [mask, old, reference] = [t(grpo.mask), t(grpo.old), t(grpo.reference)];
      const advantages = tf.mul(tf.reshape(tensor(grpo.advantages), [4, 1]), mask) as tf.Tensor2D;
      const { value, grad } = tf.valueAndGrad((x) => {
        const surrogate = clippedSurrogate(x as tf.Tensor2D, old, advantages, { low, high });
        const kl = tf.mul(klPerToken(x as tf.Tensor2D, reference), beta);
        const losses = (beta > 0 ? tf.add(surrogate, kl) : surrogate) as tf.Tensor2D;
        return reduceLoss(losses, mask, { level });
      })(t(grpo.new));
      expect(value.dataSync()[0]).toBeCloseTo(expected, 5);
      expect(difference(grad, gradNew)).toBeLessThan(1e-5);
    });
  });

  it("DPO's and the reward model's loss and gradients are TRL's", () => {
    tf.tidy(() => {
      const mask = t(dpo.mask);
      const pair = (x: tf.Tensor2D) => {
        const [chosen, rejected] = tf.split(sumOfRows(x, mask), 2) as [tf.Tensor1D, tf.Tensor1D];
        return { chosen, rejected };
      };
      const { value, grad } = tf.valueAndGrad((x) =>
        dpoLoss(pair(x as tf.Tensor2D), pair(t(dpo.reference)), { beta: dpo.beta }),
      )(t(dpo.new));
      expect(value.dataSync()[0]).toBeCloseTo(dpo.loss, 5);
      expect(difference(grad, dpo.gradNew)).toBeLessThan(1e-5);
      const { reward } = dpo;
      const both = tf.valueAndGrads((a, b) => bradleyTerryLoss(a as tf.Tensor1D, b as tf.Tensor1D))(
        [tensor(reward.chosen), tensor(reward.rejected)],
      );
      expect(both.value.dataSync()[0]).toBeCloseTo(reward.loss, 5);
      expect(difference(both.grads[0], reward.gradChosen)).toBeLessThan(1e-5);
      expect(difference(both.grads[1], reward.gradRejected)).toBeLessThan(1e-5);
    });
  });

  it("the three estimates of the KL divergence", () => {
    tf.tidy(() => {
      const [p, q] = [tf.tensor2d([[-1, -2]]), tf.tensor2d([[-1.5, -1]])];
      expectNear([...klPerToken(p, q, "k1").dataSync()], [0.5, -1]);
      expectNear([...klPerToken(p, q, "k2").dataSync()], [0.125, 0.5]);
      expectNear([...klPerToken(p, q).dataSync()], [Math.exp(-0.5) - 0.5, Math.E - 2]);
    });
  });
});
