// Ways from the beginning of a model into its later layers: the first layer's values, the embeddings.
import { tf, useEngine } from "llm/engine";
import { type GPTConfig, gptHidden, gptLogits, gptLoss, initGPT, validateGPTConfig } from "llm/gpt";
import { generate, KVCache } from "llm/inference";
import { expectPlainGPT2 } from "llm/parallel/tensorParallel";
import { disposeParams, lossAndGrads, type Params } from "llm/params";
import { Random } from "llm/random";
import { PagedGPT } from "llm/runtime";
import { afterEach, beforeAll, describe, expect, it } from "vitest";

beforeAll(() => useEngine({ quiet: true }));

const base: GPTConfig = {
  ...{ vocabSize: 7, blockSize: 8, nLayer: 3, nHead: 1, nEmbd: 4, dropout: 0, bias: false },
  ...{
    position: "none",
    norm: "none",
    activation: "relu",
    initStd: { embeddings: 1, matrices: 1 },
  },
};
const conv: GPTConfig = { ...base, embeddingConv: 3 };
const all: GPTConfig = { ...base, valueResidual: true, embeddingSkip: true, embeddingConv: 3 };
const both: GPTConfig = { ...base, valueResidual: true, embeddingSkip: true };
const text = [3, 1, 4, 1, 5];
let params: Params;
afterEach(() => disposeParams(params));

/** Fresh parameters, with weights of the paths that are not those of the beginning. */
function drawn(config: GPTConfig, seed = 2): Params {
  const fresh = initGPT(config, { seed });
  for (const [name, x] of Object.entries(fresh))
    if (/value_mix|embedding_skip/.test(name))
      tf.tidy(() => x.assign(tf.tensor1d(name.includes("h.1") ? [0.7, 1.6] : [1.2, 0.5])));
    else if (name === "transformer.short_conv.weight")
      tf.tidy(() => x.assign(tf.add(x, tf.mul(tf.range(1, 13).reshape([3, 4]), 0.1))));
  return fresh;
}

type Row = number[];
const add = (a: Row, b: Row) => a.map((x, i) => x + b[i]);
const scale = (a: Row, s: number) => a.map((x) => x * s);

/** The hidden states by loops over plain numbers: no norms, one head, no positions. */
function slowHidden(config: GPTConfig, ids: number[]): Row[] {
  const matrix = (name: string) => params[name].arraySync() as Row[];
  const times = (x: Row, w: Row[]) => w[0].map((_, j) => x.reduce((s, a, i) => s + a * w[i][j], 0));
  const table = matrix("transformer.wte.weight");
  const kernel = config.embeddingConv
    ? matrix("transformer.short_conv.weight")
    : [table[0].map(() => 1)];
  const embeddings = ids.map((_, t) =>
    kernel.slice(0, t + 1).reduce<Row>(
      (sum, weights, back) =>
        add(
          sum,
          table[ids[t - back]].map((x, c) => x * weights[c]),
        ),
      table[0].map(() => 0),
    ),
  );
  let x = embeddings;
  let firstValues: Row[] = [];
  for (let i = 0; i < config.nLayer; i++) {
    const h = `transformer.h.${i}.`;
    if (config.embeddingSkip && i > 0) {
      const [a, b] = params[`${h}embedding_skip.weight`].arraySync() as Row;
      x = x.map((row, t) => add(scale(row, a), scale(embeddings[t], b - 1)));
    }
    const C = config.nEmbd;
    const qkv = x.map((row) => times(row, matrix(`${h}attn.c_attn.weight`)));
    const [q, k, v] = [0, 1, 2].map((part) => qkv.map((row) => row.slice(part * C, part * C + C)));
    if (i === 0) firstValues = v;
    let values = v;
    if (config.valueResidual && i > 0) {
      const [a, b] = params[`${h}attn.value_mix.weight`].arraySync() as Row;
      values = v.map((row, t) => scale(add(scale(row, a), scale(firstValues[t], b)), 0.5));
    }
    const attended = q.map((query, t) => {
      const scores = k.slice(0, t + 1).map((key) => {
        const dot = query.reduce((s, a, j) => s + a * key[j], 0);
        return Math.exp(dot / Math.sqrt(C));
      });
      const total = scores.reduce((a, b) => a + b);
      return values
        .slice(0, t + 1)
        .reduce((sum, row, s) => add(sum, scale(row, scores[s] / total)), Array(C).fill(0));
    });
    x = x.map((row, t) => add(row, times(attended[t], matrix(`${h}attn.c_proj.weight`))));
    x = x.map((row) => {
      const wide = times(row, matrix(`${h}mlp.c_fc.weight`)).map((a) => Math.max(0, a));
      return add(row, times(wide, matrix(`${h}mlp.c_proj.weight`)));
    });
  }
  return x;
}

const assign = (name: string, weights: number[]) =>
  tf.tidy(() => params[name].assign(tf.tensor1d(weights)));
const input = (ids = text) => tf.tensor2d([ids], undefined, "int32");

describe("values of the first layer, and a skip from the embeddings", () => {
  it.each([
    ["neither", base],
    ["values", { ...base, valueResidual: true }],
    ["skip", { ...base, embeddingSkip: true }],
    ["both", both],
    ["a convolution over the embeddings", conv],
    ["all three", all],
  ])("%s: the hidden states are those of loops over numbers", (_, config) => {
    params = drawn(config);
    const hidden = tf.tidy(() => gptHidden(params, config, input()).arraySync()[0]);
    for (const [t, row] of slowHidden(config, text).entries())
      for (const [c, x] of row.entries()) expect(hidden[t][c]).toBeCloseTo(x, 3);
  });

  it("a fresh skip changes nothing, and fresh values are the mean of both layers' values", () => {
    params = initGPT(both, { seed: 2 });
    const { valueResidual, embeddingSkip, ...plain } = both;
    const of = (config: GPTConfig) =>
      tf.tidy(() => Array.from(gptLogits(params, config, input()).dataSync()));
    expect(of({ ...plain, embeddingSkip })).toEqual(of(plain));
    const fresh = initGPT(conv, { seed: 2 });
    const convolved = tf.tidy(() => Array.from(gptLogits(fresh, conv, input()).dataSync()));
    expect(convolved).toEqual(of(plain));
    disposeParams(fresh);
    const names = Object.keys(params).filter((name) => /value_mix|skip/.test(name));
    expect(names.length).toBe(4);
    for (const name of names) expect(Array.from(params[name].dataSync())).toEqual([1, 1]);
    for (const [t, row] of slowHidden(both, text).entries()) {
      const hidden = tf.tidy(() => gptHidden(params, both, input()).arraySync()[0][t]);
      for (const [c, x] of row.entries()) expect(hidden[c]).toBeCloseTo(x, 3);
    }
  });

  it("gradients of the weights are finite differences, and no tensor is left", () => {
    params = drawn(both);
    const loss = () => gptLoss(params, both, input(), input([1, 4, 1, 5, 2]));
    const value = () => tf.tidy(() => loss().dataSync()[0]);
    value();
    const before = tf.memory().numTensors;
    const { loss: first, grads } = tf.tidy(() => lossAndGrads(params, loss));
    for (const name of Object.keys(params).filter((one) => /value_mix|skip/.test(one))) {
      const [weights, found] = [params[name].dataSync().slice(), grads[name].dataSync()];
      for (const i of [0, 1]) {
        const at = (change: number) => {
          assign(
            name,
            [...weights].map((x, j) => (j === i ? x + change : x)),
          );
          return value();
        };
        expect(found[i]).toBeCloseTo((at(1e-2) - at(-1e-2)) / 2e-2, 2);
      }
      assign(name, [...weights]);
    }
    tf.dispose([first, grads]);
    tf.dispose(tf.tidy(() => gptLogits(params, both, input())));
    expect(tf.memory().numTensors).toBe(before);
  });

  /** Every token from the whole text before it. */
  const likeliest = (config: GPTConfig, ids: number[], length: number): number[] => {
    if (ids.length === length) return ids;
    const logits = tf.tidy(() => gptLogits(params, config, input(ids)).arraySync()[0]);
    const last = logits[ids.length - 1];
    return likeliest(config, [...ids, last.indexOf(Math.max(...last))], length);
  };

  it("a KV cache writes the same text", async () => {
    params = drawn(both);
    const options = { maxNewTokens: 6, temperature: 0, rng: new Random(1) };
    const written = await generate(params, both, [3, 1], options);
    expect(written).toEqual(likeliest(both, [3, 1], 8));
  });

  it("a convolution over the embeddings is read again for every token, in place of a cache", async () => {
    params = drawn(all);
    expect(() => validateGPTConfig({ ...base, embeddingConv: 1 })).toThrow(
      "embeddingConv from 2 to 8",
    );
    expect(() => new KVCache(params, all)).toThrow("got embeddingConv 3");
    const written = await generate(params, all, [3, 1], {
      maxNewTokens: 6,
      temperature: 0,
      rng: new Random(1),
    });
    expect(written).toEqual(likeliest(all, [3, 1], 8));
  });

  it("is refused where it would be ignored", async () => {
    params = drawn(both);
    for (const key of ["valueResidual", "embeddingSkip", "embeddingConv"]) {
      const config = {
        ...base,
        position: "learned",
        norm: "layerNorm",
        activation: "gelu",
        [key]: key === "embeddingConv" ? 3 : true,
      } as GPTConfig;
      expect(() => expectPlainGPT2("here", config)).toThrow("here: expected a GPT-2");
      const { norm, activation, initStd, ...llama } = config;
      expect(() => validateGPTConfig({ ...llama, family: "llama", position: "rope" })).toThrow(
        `no ${key} in the family llama`,
      );
      await expect(PagedGPT.fromParams(params, config)).rejects.toThrow(
        "PagedGPT: expected a model",
      );
    }
  });
});
