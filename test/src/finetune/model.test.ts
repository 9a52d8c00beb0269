// Heads against transformers' LlamaForSequenceClassification and LlamaForTokenClassification
// (test/fixtures/finetune.json), and what padding, the mask and the choice of a token do.
import { tf, useEngine } from "llm/engine";
import {
  entityScores,
  initHead,
  type LabelBatch,
  type LabelConfig,
  labelBatch,
  labelLogits,
  labelLoss,
  layerCount,
  layerOf,
  poolWeights,
  spansOf,
  splitParams,
  tagsOf,
  wordTokens,
} from "llm/finetune";
import { initGPT } from "llm/gpt";
import { disposeParams, lossAndGrads, type Params } from "llm/params";
import { beforeAll, describe, expect, test } from "vitest";
import { difference, engines, fixture, type Recorded, variables } from "../reference";

interface Case {
  params: Record<string, Recorded>;
  logits: Recorded;
  loss: number;
  scoreGrad: Recorded;
  firstGrad: Recorded;
}
const recorded = fixture<{
  ids: Recorded;
  tags: Recorded;
  classify: Case;
  tag: Case;
  names: Record<"actual" | "predicted", string[][]> & Record<"precision" | "recall" | "f1", number>;
}>("finetune");

const gpt = {
  ...{ family: "llama" as const, vocabSize: 11, blockSize: 16, nLayer: 2, nHead: 2, nKvHead: 1 },
  ...{ nEmbd: 8, nInner: 12, dropout: 0, bias: false },
};
const config: LabelConfig = {
  ...{ gpt, task: "classify", labels: ["a", "b", "c"], length: 5, pool: "last" },
  ...{ causal: true, mask: true, padId: 0 },
};
const texts = [
  [3, 7, 2, 9, 4],
  [5, 1],
  [8, 8, 6],
];

/** transformers has a head of its own and no bias for texts; ours is 0 then. */
const paramsOf = ({ params }: Case): Params => ({
  "score.bias": tf.variable(tf.zeros([3])),
  ...variables(params),
});
const numbers = (config: LabelConfig, params: Params, rows = texts): number[][] =>
  tf.tidy(
    () =>
      labelLogits(
        params,
        config,
        labelBatch(
          config,
          rows.map((ids) => ({ ids })),
        ),
      ).arraySync() as number[][],
  );

describe.each(engines)("on %s", (engine) => {
  beforeAll(() => useEngine({ prefer: engine, quiet: true }));

  test("labels of texts: logits, loss and gradients are transformers'", () => {
    const params = paramsOf(recorded.classify);
    const batch = labelBatch(
      config,
      texts.map((ids, i) => ({ ids, labels: [[2], [0], [1]][i] })),
    );
    expect(difference(labelLogits(params, config, batch), recorded.classify.logits)).toBeLessThan(
      1e-5,
    );
    const { loss, grads } = lossAndGrads(params, () => labelLoss(params, config, batch));
    expect(loss.dataSync()[0]).toBeCloseTo(recorded.classify.loss, 5);
    expect(difference(grads["score.weight"], recorded.classify.scoreGrad)).toBeLessThan(1e-5);
    const first = grads["model.layers.0.mlp.down_proj.weight"];
    expect(difference(first, recorded.classify.firstGrad)).toBeLessThan(1e-5);
    disposeParams(params);
  });

  test("tags of words: the same, and only words count", () => {
    const tagging: LabelConfig = { ...config, task: "tag" };
    const params = paramsOf(recorded.tag);
    const all = recorded.tags.values;
    const rows = texts.map((ids, b) => {
      const at = ids.map((_, t) => t).filter((t) => all[b * 5 + t] >= 0);
      return { ids, at, labels: at.map((t) => all[b * 5 + t]) };
    });
    const batch = labelBatch(tagging, rows);
    const logits = labelLogits(params, tagging, batch).arraySync() as number[][];
    texts.forEach((ids, b) => {
      for (let t = 0; t < ids.length; t++)
        for (let l = 0; l < 3; l++)
          expect(logits[b * 5 + t][l]).toBeCloseTo(
            recorded.tag.logits.values[(b * 5 + t) * 3 + l],
            4,
          );
    });
    const { loss, grads } = lossAndGrads(params, () => labelLoss(params, tagging, batch));
    expect(loss.dataSync()[0]).toBeCloseTo(recorded.tag.loss, 5);
    expect(difference(grads["score.weight"], recorded.tag.scoreGrad)).toBeLessThan(1e-5);
    disposeParams(params);
  });

  test("no tensor is left behind", () => {
    const params = { ...initGPT(gpt, { seed: 1 }), ...initHead(config, { seed: 1 }) };
    const before = tf.memory().numTensors;
    for (const pool of ["last", "first", "mean", "end"] as const)
      for (const causal of [true, false]) numbers({ ...config, pool, causal }, params);
    expect(tf.memory().numTensors).toBe(before);
    disposeParams(params);
  });
});

describe("padding and masks", () => {
  let params: Params;
  beforeAll(async () => {
    await useEngine({ prefer: "js", quiet: true });
    params = paramsOf(recorded.classify);
  });
  const near = (a: number[], b: number[]) => a.every((value, i) => Math.abs(value - b[i]) < 1e-4);

  test("with the last token or a mask, a longer row changes nothing", () => {
    for (const [pool, causal] of [
      ["last", true],
      ["mean", true],
      ["first", false],
      ["last", false],
    ] as const) {
      const one = { ...config, pool, causal };
      const [short] = numbers({ ...one, length: 2 }, params, [[5, 1]]);
      const [long] = numbers({ ...one, length: 9 }, params, [[5, 1]]);
      expect(near(short, long), `${pool}, causal ${causal}`).toBe(true);
    }
  });

  test("the end of a filled row depends on the row's length, most without a mask", () => {
    const at = (length: number, mask: boolean) =>
      numbers({ ...config, pool: "end", mask, length }, params, [[5, 1]])[0];
    expect(near(at(3, false), at(9, false))).toBe(false);
    expect(near(at(9, true), at(9, false))).toBe(false);
  });

  test("without a mask, an open attention reads what fills the row", () => {
    const at = (length: number) =>
      numbers({ ...config, causal: false, mask: false, length }, params, [[5, 1]])[0];
    expect(near(at(2), at(9))).toBe(false);
  });

  test("the first token sees nothing of the text under a causal mask, all of it without", () => {
    const first = (causal: boolean, rest: number) =>
      numbers({ ...config, pool: "first", causal }, params, [[5, 1, rest]])[0];
    expect(near(first(true, 2), first(true, 9))).toBe(true);
    expect(near(first(false, 2), first(false, 9))).toBe(false);
  });

  test("what is chosen of a row sums to 1", () => {
    expect(poolWeights("last", 2, 4)).toEqual([0, 1, 0, 0]);
    expect(poolWeights("first", 2, 4)).toEqual([1, 0, 0, 0]);
    expect(poolWeights("mean", 2, 4)).toEqual([0.5, 0.5, 0, 0]);
    expect(poolWeights("end", 2, 4)).toEqual([0, 0, 0, 1]);
    expect(() => poolWeights("last", 5, 4)).toThrow("a text of 1 to 4 tokens, got 5");
    expect(() => labelBatch({ ...config, length: 4 }, [{ ids: texts[0] }])).toThrow("at most 4");
    const batch: LabelBatch = labelBatch(config, [{ ids: [5, 1], labels: [2] }]);
    expect(batch.real.arraySync()).toEqual([[1, 1, 0, 0, 0]]);
    expect(Array.from(batch.targets.dataSync())).toEqual([2]);
  });
});

describe("frozen layers", () => {
  test("any record of parameters is cut by the numbers in its names", () => {
    expect(layerOf("model.layers.3.mlp.up_proj.weight")).toBe(3);
    expect(layerOf("transformer.h.11.ln_1.weight")).toBe(11);
    expect(layerOf("bert.encoder.layer.0.output")).toBe(0);
    expect(layerOf("model.norm.weight")).toBeUndefined();
    const llama = initGPT(gpt, { seed: 1 });
    const gpt2 = initGPT(
      { vocabSize: 5, blockSize: 4, nLayer: 3, nHead: 1, nEmbd: 2, dropout: 0, bias: true },
      { seed: 1 },
    );
    expect([layerCount(Object.keys(llama)), layerCount(Object.keys(gpt2))]).toEqual([2, 3]);
    for (const [params, norm] of [
      [llama, "model.norm.weight"],
      [gpt2, "transformer.ln_f.weight"],
    ] as const) {
      const { trained, frozen } = splitParams(params, 1);
      const top = layerCount(Object.keys(params)) - 1;
      expect(Object.keys(trained)).toContain(norm);
      expect(
        Object.keys(trained).every((n) => layerOf(n) === top || layerOf(n) === undefined),
      ).toBe(true);
      expect(Object.keys(frozen).some((name) => layerOf(name) === top)).toBe(false);
      expect(Object.keys({ ...trained, ...frozen }).sort()).toEqual(Object.keys(params).sort());
      expect(Object.keys(splitParams(params, "none").trained)).toEqual([]);
      expect(Object.keys(splitParams(params, 0).trained)).toEqual([]);
      expect(splitParams(params, "all").trained).toEqual(params);
      const named = splitParams(params, (name) => name === norm).trained;
      expect(Object.keys(named)).toEqual([norm]);
    }
    expect(() => splitParams(llama, 3)).toThrow("a number of blocks from 0 to 2, got 3");
    disposeParams({ ...llama, ...gpt2 });
  });
});

describe("names in sentences", () => {
  test("whole names are counted as seqeval counts them", () => {
    const { actual, predicted, precision, recall, f1 } = recorded.names;
    const scores = entityScores(actual, predicted);
    expect(scores.precision).toBeCloseTo(precision, 8);
    expect(scores.recall).toBeCloseTo(recall, 8);
    expect(scores.f1).toBeCloseTo(f1, 8);
    expect(entityScores([["O"]], [["O"]]).f1).toBe(0);
    expect(() => entityScores([["O"]], [])).toThrow("1 sentences that are tagged, got 0");
    expect(() => entityScores([["O"]], [["O", "O"]])).toThrow("1 tags in sentence 0, got 2");
  });

  test("tags and names are the same thing", () => {
    const tags = ["B-PER", "I-PER", "O", "B-LOC", "B-LOC"];
    const spans = [
      { kind: "PER", from: 0, to: 2 },
      { kind: "LOC", from: 3, to: 4 },
      { kind: "LOC", from: 4, to: 5 },
    ];
    expect(spansOf(tags)).toEqual(spans);
    expect(tagsOf(spans, 5)).toEqual(tags);
    expect(() => spansOf(["PER"])).toThrow('expected O, B-… or I-…, got "PER"');
    expect(() => tagsOf(spans, 4)).toThrow("a name within 4 words, got 4 to 5");
    expect(() => tagsOf([spans[0], spans[0]], 5)).toThrow("names side by side");
  });

  test("a word's tag is read at its last token, or its first", () => {
    const tokenizer = { encode: (text: string) => [...text].map((c) => c.charCodeAt(0)) };
    const { ids, at } = wordTokens(tokenizer, ["red", "ox"]);
    expect(String.fromCharCode(...ids)).toBe("red ox");
    expect(at).toEqual([2, 5]);
    expect(wordTokens(tokenizer, ["red", "ox"], "first").at).toEqual([0, 3]);
    expect(() => wordTokens(tokenizer, ["red", ""])).toThrow("a word without spaces");
  });
});
