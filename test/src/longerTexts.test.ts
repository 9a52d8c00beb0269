// The models of lesson 07 (positions): what is measured, and that longer windows end where the
// shorter ones do.
import { tf, useEngine } from "llm/engine";
import { gptLoss } from "llm/gpt";
import {
  createCharGPT,
  disposeCharGPT,
  type Encoding,
  encodings,
  measureLengths,
  paired,
  stretchEnds,
  trainCharGPT,
} from "llm/longerTexts";
import { beforeAll, describe, expect, it } from "vitest";

/** A text of five characters in which each depends on the one before it. */
const text = Int32Array.from({ length: 3000 }, (_, i) => (i * i + (i >> 2)) % 5);
const small = { vocabSize: 5, seed: 3 };

beforeAll(() => useEngine({ prefer: "wasm", quiet: true }));

describe("measureLengths", () => {
  it("is gptLoss over the last characters of each stretch", () => {
    const model = createCharGPT("alibi", { ...small, nLayer: 1 });
    const ids = text.slice(0, 21);
    const [[short], [long]] = measureLengths(model, ids, {
      ...{ lengths: [8, 20], stretches: 1, predicted: 8 },
    });
    const whole = tf.tidy(() => {
      const read = tf.tensor2d(Array.from(ids.slice(12, 20)), [1, 8], "int32");
      const targets = tf.tensor2d(Array.from(ids.slice(13, 21)), [1, 8], "int32");
      return gptLoss(model.params, model.config, read, targets).dataSync()[0];
    });
    expect(short).toBeCloseTo(whole, 5);
    expect(long).not.toBeCloseTo(whole, 5); // more to look at
    disposeCharGPT(model);
  });
  it("hands every window to `rewrite`, and predicts the same characters", () => {
    const model = createCharGPT("none", { ...small, nLayer: 1 });
    const lengths: number[] = [];
    const rewrite = (window: Int32Array) => {
      lengths.push(window.length);
      return window;
    };
    const options = { lengths: [16, 32], stretches: 3 };
    const plain = measureLengths(model, text, options);
    expect(measureLengths(model, text, { ...options, rewrite })).toEqual(plain);
    expect(lengths).toEqual([16, 16, 16, 32, 32, 32]);
    disposeCharGPT(model);
  });
  it("spreads the stretches from the first place where they fit to the last", () => {
    expect(stretchEnds(21, 20, 1)).toEqual([20]);
    expect(stretchEnds(100, 20, 3)).toEqual([20, 59, 99]);
  });
  it("refuses windows shorter than what is predicted, or longer than the text", () => {
    const model = createCharGPT("none", { ...small, nLayer: 1 });
    for (const lengths of [[8], [16, 5000]])
      expect(() => measureLengths(model, text, { lengths, stretches: 2 })).toThrow(
        "measureLengths: expected windows of 16 to 2999 characters",
      );
    disposeCharGPT(model);
  });
});

describe("trainCharGPT", () => {
  it.each(Object.keys(encodings) as Encoding[])("lowers the loss: %s", async (encoding) => {
    const model = createCharGPT(encoding, { ...small, nLayer: 1 });
    const losses: number[] = [];
    await trainCharGPT(model, text, {
      ...{ seed: 1, steps: 20, charactersPerStep: 128 },
      onStep: (_, loss) => losses.push(loss),
    });
    expect(losses).toHaveLength(20);
    expect(losses[19]).toBeLessThan(losses[0] - 0.1);
    disposeCharGPT(model);
  });
  it("leaves the rows of a learned table that no window reaches as they were drawn", async () => {
    const model = createCharGPT("learned", { ...small, nLayer: 1 });
    const table = model.params["transformer.wpe.weight"];
    const rows = (from: number, to: number) =>
      Array.from(table.dataSync().slice(from * 64, to * 64));
    const [first, later] = [rows(0, 64), rows(64, 512)];
    await trainCharGPT(model, text, { seed: 1, steps: 3, charactersPerStep: 128 });
    expect(rows(0, 64)).not.toEqual(first);
    expect(rows(64, 512)).toEqual(later);
    disposeCharGPT(model);
  });
});

it("paired is the mean difference with its standard error", () => {
  const { mean, error } = paired([2, 4, 6, 4], [1, 1, 1, 1]);
  expect(mean).toBeCloseTo(3, 10);
  expect(error).toBeCloseTo(Math.sqrt(8 / 3 / 4), 10);
  expect(() => paired([1], [1])).toThrow("paired: expected two lists of equal length");
});
