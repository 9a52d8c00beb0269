// Vectors of texts by an encoder: of length 1, each beside its number of tokens.
import { modelFolder } from "llm/checkpoint";
import { tf, useEngine } from "llm/engine";
import { openEmbedder } from "llm/languageModel";
import { beforeAll, expect, test } from "vitest";

const isHere = modelFolder("minilm") !== undefined;
beforeAll(() => useEngine({ quiet: true }));

test.skipIf(!isHere)(
  `MiniLM's vectors${isHere ? "" : " (skipped: `npm run model minilm` fetches it)"}`,
  async () => {
    const before = tf.memory().numTensors;
    const embedder = openEmbedder();
    const all = await embedder.embed(["A cat sleeps.", "The kitten is asleep.", "Shares fell."]);
    const dot = (a: number, b: number) =>
      all[a].vector.reduce((sum, x, i) => sum + x * all[b].vector[i], 0);
    expect(embedder.dimensions).toBe(384);
    expect(all[0].vector.length).toBe(384);
    expect(dot(0, 0)).toBeCloseTo(1, 5);
    expect(dot(0, 1)).toBeGreaterThan(dot(0, 2) + 0.3);
    expect(all[0].tokens).toBe(6); // [CLS] a cat sleeps . [SEP]
    expect(await embedder.embed([])).toEqual([]);
    embedder.dispose();
    expect(tf.memory().numTensors).toBe(before);
  },
);

test("a folder without a model is refused", () => {
  expect(() => openEmbedder("/nowhere/at/all")).toThrow("expected a file, a folder or a model");
});
