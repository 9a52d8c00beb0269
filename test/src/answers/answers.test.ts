// Prompts with answers: what the loss counts, what is trained and what stays as it is.
import { answerLoss, answerRows, answerTask, type PromptAnswer } from "llm/answers";
import { tf, useEngine } from "llm/engine";
import { type GPTConfig, gptLogits, initGPT } from "llm/gpt";
import { disposeParams, fingerprint, isFrozen, type Params } from "llm/params";
import { Random } from "llm/random";
import { PolicyWriter } from "llm/rlhf";
import { Trainer } from "llm/train";
import { afterAll, beforeAll, expect, test } from "vitest";

const config: GPTConfig = {
  ...{ vocabSize: 13, blockSize: 12, nLayer: 1, nHead: 2, nEmbd: 8, dropout: 0, bias: false },
  family: "llama",
};
const STOP = 12;
const shape = { length: 8, answerLength: 4 };
const texts: PromptAnswer[] = [
  { prompt: [1, 2, 3], answer: [4, 5] },
  { prompt: [2], answer: [3, 3, 1, STOP] },
  { prompt: [5, 0], answer: [STOP] },
];
let params: Params;
beforeAll(async () => {
  await useEngine({ prefer: "wasm", quiet: true });
  params = initGPT(config, { seed: 5 });
});
afterAll(() => disposeParams(params));

/** −ln p of each token of an answer, from the logits of the one text, without padding. */
function surprises(params: Params, { prompt, answer }: PromptAnswer): number[] {
  const ids = [...prompt, ...answer];
  const p = tf.tidy(() =>
    tf.softmax(gptLogits(params, config, tf.tensor2d([ids], undefined, "int32"))).arraySync(),
  );
  return answer.map((id, i) => -Math.log(p[0][prompt.length - 1 + i][id]));
}
const slowMean = (params: Params) => {
  const all = texts.flatMap((text) => surprises(params, text));
  return all.reduce((a, b) => a + b) / all.length;
};

test("the loss is the mean over the answers' tokens, and nothing else", () => {
  const rows = answerRows(texts, shape);
  expect(tf.tidy(() => answerLoss(params, config, rows).dataSync()[0])).toBeCloseTo(
    slowMean(params),
    5,
  );
  tf.dispose(rows);
});

test("texts that are empty or too long are refused", () => {
  expect(() => answerRows([{ prompt: [1], answer: [] }], shape)).toThrow(/1 and 0 in text 0/);
  expect(() => answerRows([{ prompt: [1], answer: [1, 2, 3, 4, 5] }], shape)).toThrow(
    /at most 8 ids with an answer of at most 4, got 1 and 5/,
  );
});

const draw = (rng: Random): PromptAnswer => ({ prompt: [rng.integer(6)], answer: [3, STOP] });
const options = { draw, heldOut: texts, batchSize: 2, seed: 1 };

test("a copy learns the answers; the model stays as it is, and held-out loss is over tokens", async () => {
  const before = [fingerprint(params), tf.memory().numTensors];
  const task = answerTask({ model: { params, config }, ...options, length: 8 });
  const settings = { steps: 60, maxLr: 3e-2, minLr: 1e-3, warmupSteps: 0, evalEvery: 60 };
  const trainer = new Trainer({ task, settings });
  const { history } = await trainer.run();
  expect(history.evals[0].metrics.val).toBeCloseTo(slowMean(params), 4);
  expect(history.evals.at(-1)?.metrics.val).toBeCloseTo(slowMean(task.params), 4);
  const writing = { promptLength: 1, maxNewTokens: 4, stopIds: [STOP], model: { params, config } };
  const writer = new PolicyWriter(writing, task.params, 2);
  const [text] = await writer.write([[4]], new Random(1), { temperature: 0 });
  expect([text.answer, text.stopped]).toEqual([[3, STOP], true]);
  writer.dispose();
  trainer.dispose();
  expect([fingerprint(params), tf.memory().numTensors]).toEqual(before);
});

test("a part is trained in its place, the rest is frozen until the end", async () => {
  const model = initGPT(config, { seed: 6 });
  const [name] = Object.keys(model).filter((name) => name.endsWith("down_proj.weight"));
  const { [name]: one, ...others } = model;
  const before = [fingerprint(others), fingerprint({ one })];
  const task = answerTask({
    ...{ model: { params: model, config }, trained: { [name]: one }, ...options, ...shape },
  });
  expect(Object.keys(model).filter((n) => !isFrozen(model[n]))).toEqual([name]);
  const trainer = new Trainer({ task, settings: { steps: 3, maxLr: 1e-2, evalEvery: 3 } });
  await trainer.run();
  trainer.dispose();
  expect(fingerprint(others)).toBe(before[0]);
  expect(fingerprint({ one })).not.toBe(before[1]);
  expect(Object.values(model).some(isFrozen)).toBe(false);
  disposeParams(model);
});

test("what is trained has to be the model's", () => {
  const strange = initGPT(config, { seed: 7 });
  const [name] = Object.keys(strange);
  expect(() =>
    answerTask({
      ...{ model: { params, config }, trained: { [name]: strange[name] }, ...options, ...shape },
    }),
  ).toThrow(`answerTask: expected parameters of the model, got another ${name}`);
  disposeParams(strange);
});
