// The real MiniLM, where `npm run model minilm` has fetched it: the vectors of sentence-transformers.
import { disposeBert, embedTexts, type LoadedBert, loadBert } from "llm/bert";
import { modelFolder } from "llm/checkpoint";
import { tf, useEngine } from "llm/engine";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { difference, engines, fixture, type Recorded } from "../reference";

interface MiniLMFixture {
  sentences: string[];
  long: string;
  vectors: Recorded;
}
const { sentences, long, vectors } = fixture<MiniLMFixture>("minilm");
const folder = modelFolder("minilm");
if (!folder)
  console.log("the real MiniLM skipped: it is not in models/ (npm run model minilm, 84 MB)");

// js computes 22 million parameters too slowly for a test.
describe.skipIf(!folder).each(engines.filter((name) => name !== "js"))("MiniLM on %s", (engine) => {
  let bert: LoadedBert;
  beforeAll(async () => {
    await useEngine({ prefer: engine, quiet: true });
    bert = loadBert(folder as string);
  });
  afterAll(() => disposeBert(bert));

  it("gives the vectors that the package itself gives, also of a text that is too long", async () => {
    const before = tf.memory().numTensors;
    const ours = await embedTexts(bert, [...sentences, long.repeat(80)]);
    expect(tf.memory().numTensors).toBe(before);
    expect(ours.length).toBe(21);
    for (const [i, vector] of ours.entries()) {
      const [start, end] = [i * 384, (i + 1) * 384];
      const expected = { shape: [384], values: vectors.values.slice(start, end) };
      expect(tf.tidy(() => difference(tf.tensor1d(vector), expected))).toBeLessThan(2e-6);
    }
  });
  it("finds the sentence that says the same in other words", async () => {
    const ours = await embedTexts(bert, sentences);
    const nearness = tf.tidy(() => {
      const rows = tf.stack(ours.map((vector) => tf.tensor1d(vector))) as tf.Tensor2D;
      return tf.matMul(rows, rows, false, true).arraySync() as number[][];
    });
    const nearest = (i: number) => {
      const others = nearness[i].map((x, j) => (i === j ? -1 : x));
      return others.indexOf(Math.max(...others));
    };
    for (const a of [0, 2, 6]) expect([nearest(a), nearest(a + 1)]).toEqual([a + 1, a]);
  });
});
