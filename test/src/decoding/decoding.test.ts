// Beam search with a GPT against all continuations tried one by one; what of the base model's text is
// held out, against its own split of tokens.
import { baseDocuments, baseText, loadBaseModel } from "llm/baseModel";
import { splitText } from "llm/data";
import { baseParts, bookPassages, writeByBeam } from "llm/decoding";
import { tf, useEngine } from "llm/engine";
import { gptLogits, initGPT } from "llm/gpt";
import { disposeParams } from "llm/params";
import { describe, expect, it } from "vitest";

await useEngine({ quiet: true });

const config = {
  blockSize: 8,
  nLayer: 1,
  nHead: 1,
  nEmbd: 8,
  vocabSize: 5,
  dropout: 0,
  bias: true,
};

describe("writeByBeam", () => {
  it("finds the most probable of all texts where the beam is wide enough", async () => {
    const params = initGPT(config, { seed: 4 });
    const rowsOf = (ids: number[]) =>
      tf.tidy(() =>
        tf.logSoftmax(gptLogits(params, config, tf.tensor2d([ids], [1, ids.length], "int32"))),
      );
    let [best, bestIds] = [-Infinity, [0]];
    for (let code = 0; code < 125; code++) {
      const ids = [Math.floor(code / 25), Math.floor(code / 5) % 5, code % 5];
      const logs = rowsOf([2, ...ids]);
      const all = logs.arraySync() as number[][][];
      logs.dispose();
      const sum = ids.reduce((total, id, i) => total + all[0][i][id], 0);
      if (sum > best) [best, bestIds] = [sum, ids];
    }
    const options = { width: 25, maxLength: 3, lengthPenalty: 0 };
    const before = tf.memory().numTensors;
    const [found] = await writeByBeam(params, config, [2], options);
    expect(tf.memory().numTensors).toBe(before);
    expect(found.ids).toEqual(bestIds);
    expect(found.logProbability).toBeCloseTo(best, 4);
    await expect(writeByBeam(params, config, [2, 2], { ...options, maxLength: 7 })).rejects.toThrow(
      /fits into 8 tokens/,
    );
    disposeParams(params);
  });
});

describe("baseParts", () => {
  it("holds out only what the base model has not been trained on", () => {
    const { params, tokenizer } = loadBaseModel();
    disposeParams(params);
    const parts = baseParts();
    expect(parts.book.heldOut.length).toBeGreaterThan(40);
    expect(parts.scripted.heldOut.length).toBeGreaterThan(300);
    const text = baseText(baseDocuments());
    const read = tokenizer.decode(splitText(tokenizer.encodeText(text)).train);
    expect(read.length / text.length).toBeLessThan(0.91); // where held-out documents begin
    for (const passage of parts.book.heldOut)
      expect(read.includes(passage.slice(0, 120)), passage.slice(0, 60)).toBe(false);
    const [{ prompt, rest }] = bookPassages(parts, tokenizer, { prompt: 8, rest: 16 });
    expect([prompt.length, rest.length]).toEqual([8, 16]);
    expect(parts.book.heldOut[0].startsWith(tokenizer.decode([...prompt, ...rest]))).toBe(true);
  });
});
