import fc from "fast-check";
import { tf, useEngine } from "llm/engine";
import {
  countParamsByPart,
  type GPTConfig,
  type GPTOptions,
  gptLogits,
  gptLoss,
  gptShapes,
  initGPT,
  isHiddenMatrix,
  validateGPTConfig,
} from "llm/gpt";
import { clear } from "llm/ops";
import { countParams, disposeParams, lossAndGrads, type Params } from "llm/params";
import { positionKinds } from "llm/position";
import { Random } from "llm/random";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  difference,
  engines,
  fixture,
  lossAndGradients,
  type Recorded,
  tensor,
  variables,
} from "./reference";

interface GPTFixture {
  config: GPTConfig;
  params: Record<string, Recorded>;
  ids: Recorded;
  targets: Recorded;
  hiddenStates: Recorded[];
  attentions: Recorded[];
  logits: Recorded;
  loss: number;
  grads: Record<string, Recorded>;
  short: { ids: Recorded; logits: Recorded };
}
const recorded = fixture<GPTFixture>("gpt");
const { config } = recorded;

// The reference computed in float64. float32 keeps 1.2e-7 of each number, and two layers add up
// some hundred products in a row: measured are 5e-7 on logits of size 3 and 2e-7 on gradients of
// size 0.03 to 0.6, on either engine. 1e-5 leaves room for other orders of summation, and the
// subtlest wrong formula tried (ε = 1e-6 in LayerNorm) is off by 1.2e-4.
const TOLERANCE = 1e-5;

const clearOps = {
  attention: clear.causalSelfAttention,
  layerNorm: clear.layerNorm,
  gelu: clear.gelu,
  crossEntropy: clear.softmaxCrossEntropy,
};
const paths: [string, GPTOptions][] = [
  ["fast ops", {}],
  ["clear ops", { ops: clearOps }],
  ["attention in view", { onAttention: () => {} }],
];

describe.each(engines)("GPT-2 against transformers, on %s", (engine) => {
  let params: Params;
  let ids: tf.Tensor2D;
  let targets: tf.Tensor2D;
  let tensors: number;
  beforeAll(async () => {
    await useEngine({ prefer: engine, quiet: true });
    params = variables(recorded.params);
    ids = tensor(recorded.ids, "int32");
    targets = tensor(recorded.targets, "int32");
  });
  beforeEach(() => {
    tensors = tf.memory().numTensors;
  });
  afterEach(() => expect(tf.memory().numTensors).toBe(tensors)); // no test leaves a tensor behind
  afterAll(() => tf.dispose([params, ids, targets]));

  it("has the same parameters", () => {
    const shapes = Object.fromEntries(
      Object.entries(recorded.params).map(([name, { shape }]) => [name, shape]),
    );
    expect(gptShapes(config)).toEqual(shapes);
    expect(Object.keys(gptShapes(config))).toEqual(Object.keys(shapes)); // in the same order
  });

  it.each(paths)("has the same hidden states in every layer, and logits: %s", (_, options) => {
    tf.tidy(() => {
      const hidden: number[] = [];
      const onHidden = (index: number, x: tf.Tensor3D) => {
        hidden[index] = difference(x, recorded.hiddenStates[Math.min(index, config.nLayer)]);
        // transformers reports the last block's output only after the last LayerNorm
        if (index === config.nLayer) hidden[index] = 0;
        if (index === config.nLayer + 1)
          hidden[index] = difference(x, recorded.hiddenStates[config.nLayer]);
      };
      const logits = gptLogits(params, config, ids, { ...options, onHidden });
      expect(difference(logits, recorded.logits)).toBeLessThan(TOLERANCE);
      expect(hidden).toHaveLength(config.nLayer + 2);
      for (const worst of hidden) expect(worst).toBeLessThan(TOLERANCE);
    });
  });

  it("has the same attention weights", () => {
    const seen: number[] = [];
    const onAttention = (layer: number, weights: tf.Tensor4D) => {
      seen[layer] = difference(weights, recorded.attentions[layer]);
    };
    gptLogits(params, config, ids, { onAttention }).dispose();
    expect(seen).toHaveLength(config.nLayer);
    for (const worst of seen) expect(worst).toBeLessThan(TOLERANCE);
  });

  it("reads sequences shorter than the block", () => {
    tf.tidy(() => {
      const logits = gptLogits(params, config, tensor(recorded.short.ids, "int32"));
      expect(difference(logits, recorded.short.logits)).toBeLessThan(TOLERANCE);
    });
  });

  it.each(paths)("has the same loss and gradients: %s", (_, options) => {
    tf.tidy(() => {
      const { value, grads } = lossAndGradients(
        () => gptLoss(params, config, ids, targets, options),
        params,
      );
      expect(Math.abs(value.dataSync()[0] - recorded.loss)).toBeLessThan(TOLERANCE);
      for (const [name, expected] of Object.entries(recorded.grads)) {
        expect(difference(grads[name], expected), name).toBeLessThan(TOLERANCE);
      }
    });
  });

  it("leaves nothing behind after a step with dropout", () => {
    const half = { ...config, dropout: 0.5 };
    const loss = () => gptLoss(params, half, ids, targets, { dropoutRng: new Random(1) });
    const { value, grads } = tf.variableGrads(loss, Object.values(params));
    tf.dispose([value, grads]);
  });
});

describe("initGPT", () => {
  const small: GPTConfig = {
    vocabSize: 65,
    blockSize: 16,
    nLayer: 3,
    nHead: 4,
    nEmbd: 64,
    dropout: 0,
    bias: true,
  };
  let params: Params;
  beforeAll(async () => {
    await useEngine({ quiet: true });
    params = initGPT(small, { seed: 42 });
  });
  afterAll(() => disposeParams(params));

  it("begins with a loss of about ln V", () => {
    const rng = new Random(1);
    const batch = () =>
      tf.tensor2d(
        Array.from({ length: 64 }, () => rng.integer(65)),
        [4, 16],
        "int32",
      );
    const loss = tf.tidy(() => gptLoss(params, small, batch(), batch()).dataSync()[0]);
    expect(Math.abs(loss - Math.log(65))).toBeLessThan(0.1);
  });

  it("draws weights with the standard deviations of GPT-2", () => {
    for (const [name, variable] of Object.entries(params)) {
      const values = Array.from(variable.dataSync() as Float32Array);
      if (variable.rank === 1) {
        expect(new Set(values), name).toEqual(new Set([name.endsWith(".bias") ? 0 : 1]));
        continue;
      }
      const std = name.endsWith("c_proj.weight") ? 0.02 / Math.sqrt(6) : 0.02;
      const measured = Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);
      expect(measured / std, name).toBeGreaterThan(0.9);
      expect(measured / std, name).toBeLessThan(1.1);
    }
  });

  it("depends on the seed only", () => {
    const [same, other, deeper] = [
      initGPT(small, { seed: 42 }),
      initGPT(small, { seed: 43 }),
      initGPT({ ...small, blockSize: 8, bias: false }, { seed: 42 }),
    ];
    const name = "transformer.h.1.mlp.c_fc.weight";
    expect(same[name].dataSync()).toEqual(params[name].dataSync());
    expect(other[name].dataSync()).not.toEqual(params[name].dataSync());
    expect(deeper[name].dataSync()).toEqual(params[name].dataSync()); // other tensors do not shift it
    for (const p of [same, other, deeper]) disposeParams(p);
  });

  it("is freed by disposeParams", () => {
    const before = tf.memory().numTensors;
    const p = initGPT(small, { seed: 1 });
    expect(tf.memory().numTensors).toBe(before + Object.keys(p).length);
    disposeParams(p);
    expect(tf.memory().numTensors).toBe(before);
  });

  it("never lets a future token change a past logit", () => {
    const token = fc.integer({ min: 0, max: 64 });
    const sequence = fc.array(token, { minLength: 2, maxLength: 16 });
    fc.assert(
      fc.property(sequence, fc.nat(), token, (text, place, other) => {
        const t = place % text.length;
        fc.pre(text[t] !== other);
        const changed = text.map((id, i) => (i === t ? other : id));
        const [a, b] = [text, changed].map((ids) =>
          tf.tidy(
            () =>
              gptLogits(params, small, tf.tensor2d(ids, [1, ids.length], "int32")).arraySync()[0],
          ),
        );
        for (let i = 0; i < t; i++)
          for (let v = 0; v < 65; v++) expect(Math.abs(a[i][v] - b[i][v])).toBeLessThan(1e-6);
        expect(a[t]).not.toEqual(b[t]);
      }),
      { numRuns: 25 },
    );
  });

  it("treats the sequences of a batch alike and apart", () => {
    tf.tidy(() => {
      const rows = [
        [1, 2, 3, 4],
        [9, 8, 7, 6],
      ];
      const both = gptLogits(params, small, tf.tensor2d(rows, [2, 4], "int32")).arraySync();
      for (const [b, row] of rows.entries()) {
        const alone = gptLogits(params, small, tf.tensor2d([row], [1, 4], "int32")).arraySync()[0];
        for (const [t, logits] of alone.entries()) {
          for (const [v, z] of logits.entries())
            expect(Math.abs(both[b][t][v] - z)).toBeLessThan(1e-6);
        }
      }
    });
  });

  it("drops only when it is given a Random, and only then differs", () => {
    tf.tidy(() => {
      const half = { ...small, dropout: 0.5 };
      const ids = tf.tensor2d([[1, 2, 3]], [1, 3], "int32");
      const logits = (dropoutRng?: Random) =>
        gptLogits(params, half, ids, { dropoutRng }).dataSync();
      expect(logits()).toEqual(gptLogits(params, small, ids).dataSync());
      expect(logits(new Random(1))).toEqual(logits(new Random(1)));
      expect(logits(new Random(1))).not.toEqual(logits(new Random(2)));
      expect(logits(new Random(1))).not.toEqual(logits());
    });
  });

  it("counts its parameters, the tied head once", () => {
    const [V, S, L, C] = [65, 16, 3, 64];
    const parts = {
      tokenEmbedding: V * C,
      positionEmbedding: S * C,
      attention: L * (4 * C * C + 4 * C),
      feedForward: L * (8 * C * C + 5 * C),
      layerNorm: (2 * L + 1) * 2 * C,
    };
    const total = Object.values(parts).reduce((a, b) => a + b);
    expect(countParamsByPart(params)).toEqual({ ...parts, total });
    expect(countParams(params)).toBe(total);
  });

  it("counts GPT-2 small as 124,439,808", () => {
    const gpt2 = {
      vocabSize: 50257,
      blockSize: 1024,
      nLayer: 12,
      nHead: 12,
      nEmbd: 768,
      dropout: 0.1,
      bias: true,
    };
    const sizes = Object.values(gptShapes(gpt2)).map((shape) => shape.reduce((a, b) => a * b));
    expect(sizes.reduce((a, b) => a + b)).toBe(124_439_808);
  });

  it("has no bias anywhere with bias: false, and still computes", () => {
    const p = initGPT({ ...small, bias: false }, { seed: 1 });
    expect(Object.keys(p).filter((name) => name.includes("bias"))).toEqual([]);
    expect(Object.keys(p)).toHaveLength(2 + 3 * 6 + 1);
    const ids = tf.tensor2d([[1, 2]], [1, 2], "int32");
    const { value, grads } = tf.variableGrads(
      () => gptLoss(p, { ...small, bias: false }, ids, ids),
      Object.values(p),
    );
    expect(Object.keys(grads)).toHaveLength(21);
    expect(Number.isFinite(value.dataSync()[0])).toBe(true);
    tf.dispose([value, grads, ids]);
    disposeParams(p);
  });

  it("says what is wrong with ids and targets", () => {
    tf.tidy(() => {
      const ids = (values: number[], dtype: "int32" | "float32" = "int32") =>
        tf.tensor2d(values, [1, values.length], dtype);
      const logits = (x: tf.Tensor2D) => () => gptLogits(params, small, x);
      expect(logits(ids(Array(17).fill(0)))).toThrow(
        "at most blockSize = 16 tokens in a sequence, got 17",
      );
      expect(logits(ids([1], "float32"))).toThrow(
        "expected int32 ids of shape [B, T], got float32 of shape [1,1]",
      );
      expect(logits(tf.tensor1d([1], "int32") as unknown as tf.Tensor2D)).toThrow(
        "got int32 of shape [1]",
      );
      expect(logits(ids([65]))).toThrow(/0 to 64, got 65/);
      expect(logits(ids([-1]))).toThrow(/0 to 64, got -1/);
      const { "transformer.wte.weight": _, ...rest } = params;
      expect(() => gptLogits(rest, small, ids([1]))).toThrow(
        'expected a parameter "transformer.wte.weight"',
      );
      expect(() => gptLoss(params, small, ids([1, 2]), ids([1]))).toThrow(
        "int32 targets of shape [1,2]",
      );
      expect(() => gptLoss(params, small, ids([1]), ids([65]))).toThrow(/0 to 64, got 65/);
    });
  });
});

describe("the choices of the speedrun board", () => {
  const base: GPTConfig = {
    ...{ vocabSize: 11, blockSize: 6, nLayer: 2, nHead: 2, nEmbd: 8, dropout: 0, bias: false },
    ...{ position: "rope", norm: "rmsNorm", normGain: false, qkNorm: true, activation: "relu2" },
    ...{ shortConv: 3, tied: false, embeddingNorm: true, zeroOutput: true },
  };
  const ids = () => tf.tensor2d([1, 2, 3, 4, 5, 6], [1, 6], "int32");
  beforeAll(() => useEngine({ quiet: true }));

  it("a model that begins with zeros gives every token the same score, and learns from there", () => {
    const params = initGPT(base, { seed: 1 });
    tf.tidy(() => {
      const { loss, grads } = lossAndGrads(params, () => gptLoss(params, base, ids(), ids()));
      expect(loss.dataSync()[0]).toBeCloseTo(Math.log(11), 5);
      expect(tf.max(tf.abs(grads["lm_head.weight"])).dataSync()[0]).toBeGreaterThan(0.01);
    });
    disposeParams(params);
  });

  it("fresh weights are as large as the configuration says", () => {
    const std = (name: string, config: GPTConfig) => {
      const params = initGPT(config, { seed: 1 });
      const values = Array.from(params[name].dataSync());
      disposeParams(params);
      return Math.sqrt(values.reduce((sum, x) => sum + x * x, 0) / values.length);
    };
    const wide: GPTConfig = { ...base, nEmbd: 64, vocabSize: 65, zeroOutput: false };
    const large: GPTConfig = { ...wide, initStd: { embeddings: 1, matrices: 0.05 } };
    const [table, reads] = ["transformer.wte.weight", "transformer.h.1.mlp.c_fc.weight"];
    const writes = "transformer.h.1.mlp.c_proj.weight";
    expect(std(table, wide)).toBeCloseTo(0.02, 3);
    expect(std(reads, wide)).toBeCloseTo(0.02, 3);
    expect(std(table, large)).toBeCloseTo(1, 1);
    expect(std(reads, large)).toBeCloseTo(0.05, 3);
    expect(std(writes, large)).toBe(std(writes, wide)); // 0.02 / √4, whatever the others are
    expect(std(writes, large)).toBeCloseTo(0.01, 3);
  });

  it("only the matrices inside the blocks are hidden ones", () => {
    const shapes = gptShapes(base);
    const hidden = Object.keys(shapes).filter((name) =>
      isHiddenMatrix(name, { rank: shapes[name].length }),
    );
    const parts = ["attn.c_attn", "attn.c_proj", "mlp.c_fc", "mlp.c_proj"];
    expect(hidden).toEqual(
      [0, 1].flatMap((i) => parts.map((part) => `transformer.h.${i}.${part}.weight`)),
    );
    const llama = { ...base, family: "llama", position: "rope" } as const;
    const { norm, activation, normGain, shortConv, embeddingNorm, zeroOutput, ...rest } = llama;
    const names = Object.entries(gptShapes(rest)).filter(([name, { length: rank }]) =>
      isHiddenMatrix(name, { rank }),
    );
    expect(names).toHaveLength(2 * 7);
  });

  it("a cap keeps logits within ±c and hardly changes small ones", () => {
    const config: GPTConfig = { ...base, zeroOutput: false };
    const params = initGPT(config, { seed: 1 });
    tf.tidy(() => {
      const scores = (logitCap?: number) =>
        gptLogits(params, { ...config, logitCap }, ids()).dataSync();
      const [free, wide] = [scores(), scores(50)];
      expect(Math.max(...free.map((x, i) => Math.abs(x - wide[i])))).toBeLessThan(1e-3);
      const head = params["lm_head.weight"];
      head.assign(tf.mul(head, 1e4));
      expect(Math.max(...scores(15).map(Math.abs))).toBeLessThanOrEqual(15);
    });
    disposeParams(params);
  });

  it("the family llama refuses what is GPT-2's only, and impossible numbers are named", () => {
    expect(() => validateGPTConfig({ ...base, family: "llama" })).toThrow(
      "no shortConv in the family",
    );
    expect(() => validateGPTConfig({ ...base, logitCap: 0 })).toThrow("logitCap above 0, got 0");
    expect(() => validateGPTConfig({ ...base, shortConv: 1 })).toThrow(
      "shortConv to be one of 2, 3",
    );
    expect(() => validateGPTConfig({ ...base, initStd: { matrices: 0 } })).toThrow(
      "initStd with embeddings and matrices above 0, got matrices 0",
    );
    expect(() => validateGPTConfig({ ...base, initStd: { heads: 1 } as object })).toThrow(
      "got heads 1",
    );
  });
});

describe("validateGPTConfig", () => {
  it("gives a good configuration back", () => expect(validateGPTConfig(config)).toBe(config));

  it("says everything that is wrong", () => {
    const bad = (change: object) => () => validateGPTConfig({ ...config, ...change });
    expect(bad({ nHead: 3 })).toThrow("nEmbd divisible by nHead, got nEmbd 8 and nHead 3");
    expect(bad({ nLayer: 0, vocabSize: 1.5 })).toThrow(
      "vocabSize a whole number of 1 or more, got 1.5; nLayer a whole number of 1 or more, got 0",
    );
    expect(bad({ dropout: 1 })).toThrow("dropout from 0 up to, but not including, 1, got 1");
    expect(bad({ bias: undefined })).toThrow("bias true or false, got undefined");
    expect(() => validateGPTConfig(undefined as unknown as GPTConfig)).toThrow("vocabSize");
    expect(() => initGPT({ ...config, nHead: 3 }, { seed: 1 })).toThrow("validateGPTConfig");
  });
});

describe.each(engines)("how positions enter, on %s", (engine) => {
  beforeAll(() => useEngine({ prefer: engine, quiet: true }));
  beforeEach(() => tf.engine().startScope());
  afterEach(() => tf.engine().endScope());

  const small: GPTConfig = {
    vocabSize: 11,
    blockSize: 6,
    nLayer: 2,
    nHead: 2,
    nEmbd: 8,
    dropout: 0,
    bias: true,
  };
  const ids = (row: number[]) => tf.tensor2d(row, [1, row.length], "int32");
  const last = (config: GPTConfig, row: number[]) => {
    const params = initGPT(config, { seed: 5 });
    // Larger than at the beginning of a training, so that order has an effect worth measuring.
    for (const value of Object.values(params)) if (value.rank > 1) value.assign(value.mul(20));
    const logits = gptLogits(params, config, ids(row));
    const at = logits.slice([0, row.length - 1, 0], [1, 1, -1]).dataSync();
    disposeParams(params);
    return at;
  };
  const apart = (a: ArrayLike<number>, b: ArrayLike<number>) =>
    Math.max(...Array.from(a, (x, i) => Math.abs(x - b[i])));

  it.each(positionKinds)(
    "%s: parameters, finite logits, a gradient for each parameter",
    (position) => {
      const config = { ...small, position };
      const params = initGPT(config, { seed: 1 });
      const names = Object.keys(params);
      expect(names).toEqual(Object.keys(gptShapes(config)));
      expect(names.includes("transformer.wpe.weight")).toBe(position === "learned");
      expect(names.includes("transformer.relative_attention_bias.weight")).toBe(position === "t5");
      const row = ids([1, 2, 3, 4, 5]);
      const loss = () => gptLoss(params, config, row, ids([2, 3, 4, 5, 6]));
      const { value, grads } = lossAndGradients(loss, params);
      expect(value.dataSync()[0]).toBeCloseTo(Math.log(11), 0);
      expect(Object.values(grads).filter((grad) => grad == null)).toEqual([]);
      disposeParams(params);
    },
  );

  it.each(positionKinds)("%s: whether one layer's last token knows the order", (position) => {
    const config = { ...small, nLayer: 1, position };
    const difference = apart(last(config, [1, 2, 3, 4]), last(config, [3, 1, 2, 4]));
    // Without positions, one causal layer sees a bag of tokens before the last.
    if (position === "none") expect(difference).toBeLessThan(1e-4);
    else expect(difference).toBeGreaterThan(1e-3);
  });

  it.each(["none", "t5", "alibi", "rope"] as const)(
    "%s: a text longer than blockSize is no error",
    (position) => {
      const config = { ...small, nLayer: 1, position };
      expect(last(config, [7, 7, 7, 7, 7, 7, 7, 7, 1, 2]).every(Number.isFinite)).toBe(true);
    },
  );
  it("learned positions end at blockSize", () => {
    expect(() => last(small, [1, 2, 3, 4, 5, 6, 7])).toThrow("at most blockSize = 6 tokens");
  });

  it.each(["none", "sinusoidal", "learned", "rope"] as const)(
    "%s: positions that are handed over are the places of the tokens",
    (position) => {
      const config = { ...small, position };
      const params = initGPT(config, { seed: 2 });
      const row = ids([1, 2, 3]);
      const positions = tf.tensor1d([0, 1, 2], "int32");
      const [plain, placed] = [{}, { positions }].map((options: GPTOptions) =>
        gptLogits(params, config, row, options).dataSync(),
      );
      expect(apart(plain, placed)).toBeLessThan(1e-6);
      disposeParams(params);
    },
  );
  it.each(["alibi", "t5"] as const)("%s: refuses what would ignore its bias", (position) => {
    const config = { ...small, position };
    const params = initGPT(config, { seed: 2 });
    const attention = clear.causalSelfAttention;
    expect(() => gptLogits(params, config, ids([1, 2]), { ops: { attention } })).toThrow(
      "expected ops.attention in blocks that are causal and nothing else",
    );
    const positions = tf.tensor1d([0, 1], "int32");
    expect(() => gptLogits(params, config, ids([1, 2]), { positions })).toThrow("KV cache");
    disposeParams(params);
  });
  it("t5: relativeMaxDistance moves the buckets of far tokens, and only those", () => {
    const near = { ...small, nLayer: 1, position: "t5" as const };
    const far = { ...near, relativeMaxDistance: 20 };
    const text = (T: number) => Array.from({ length: T }, (_, i) => (i * i) % 11);
    expect(apart(last(near, text(17)), last(far, text(17)))).toBe(0);
    expect(apart(last(near, text(40)), last(far, text(40)))).toBeGreaterThan(1e-3);
    expect(() => validateGPTConfig({ ...near, relativeMaxDistance: 16 })).toThrow(
      "relativeMaxDistance a whole number of 17 or more, got 16",
    );
  });
  it.each([
    { norm: "rmsNorm", activation: "swiglu" },
    { norm: "none" },
    { normPlacement: "post", activation: "relu" },
    { residual: false, activation: "relu2" },
  ] as const)("is made of other blocks too: %j", (design) => {
    const config = { ...small, ...design };
    const params = initGPT(config, { seed: 1 });
    expect(Object.keys(params)).toEqual(Object.keys(gptShapes(config)));
    const loss = () => gptLoss(params, config, ids([1, 2, 3]), ids([2, 3, 4]));
    const { value, grads } = lossAndGradients(loss, params);
    expect(value.dataSync()[0]).toBeCloseTo(Math.log(11), 0);
    for (const [name, grad] of Object.entries(grads))
      expect(tf.norm(grad).dataSync()[0], name).toBeGreaterThan(0);
    disposeParams(params);
  });
  it("refuses a kind that does not exist, and widths that have no pairs", () => {
    const wrong = (changes: object) => () => validateGPTConfig({ ...small, ...changes });
    expect(wrong({ position: "absolute" })).toThrow('got "absolute"');
    expect(wrong({ norm: "batchNorm" })).toThrow("norm to be one of layerNorm, rmsNorm, none");
    expect(wrong({ position: "rope", nHead: 8 })).toThrow("an even width of a head for rope");
    expect(wrong({ position: "sinusoidal", nEmbd: 7, nHead: 1 })).toThrow("an even nEmbd");
  });
});
