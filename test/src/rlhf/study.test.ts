// The three stages, in small: a policy that learns to write reviews, preferences, a reward model.
import { tf, useEngine } from "llm/engine";
import { type GPTConfig, initGPT } from "llm/gpt";
import { disposeParams } from "llm/params";
import { Random } from "llm/random";
import { drawReview, learnReviews, learnReward, praiseReward, reviewPairs } from "llm/rlhf";
import { BpeTokenizer } from "llm/tokenizer";
import { beforeAll, expect, it } from "vitest";

beforeAll(async () => {
  await useEngine({ prefer: "wasm", quiet: true });
});

it("the stages of RLHF follow one another, and leave no tensor behind", async () => {
  const before = tf.memory().numTensors;
  const reviews = Array.from({ length: 300 }, (_, i) => drawReview(new Random(1).fork(i)));
  const tokenizer = BpeTokenizer.train(reviews, {
    ...{ vocabSize: 400, pattern: "smollm", special: ["<|endoftext|>"] },
  });
  const config: GPTConfig = {
    ...{ vocabSize: tokenizer.vocabSize, blockSize: 40, nLayer: 1, nHead: 2, nEmbd: 24 },
    ...{ dropout: 0, bias: false, family: "llama" },
  };
  const base = { params: initGPT(config, { seed: 2 }), config, tokenizer };
  const start = await learnReviews(base, { seed: 3, steps: 60, batchSize: 8 });
  const made = await reviewPairs(start, { count: 24, noise: 0, seed: 4, rows: 8 });
  expect(made.texts).toHaveLength(48);
  expect(made.pairs.length + made.heldOut.length).toBeGreaterThan(10);
  for (const { chosen, rejected } of [...made.pairs, ...made.heldOut])
    expect(praiseReward(tokenizer.decode(chosen))).toBeGreaterThan(
      praiseReward(tokenizer.decode(rejected)),
    );
  const learnt = await learnReward(start, { ...made, seed: 5, steps: 8, rows: 8 });
  const scores = await learnt.reward(made.texts.slice(0, 32));
  expect(scores.reduce((a, b) => a + b, 0) / 32).toBeCloseTo(0, 4);
  expect(learnt.accuracy).toBeGreaterThanOrEqual(0);
  learnt.dispose();
  disposeParams(start.params);
  disposeParams(base.params);
  expect(tf.memory().numTensors).toBe(before);
});
