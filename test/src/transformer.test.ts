import { tf, useEngine } from "llm/engine";
import { clear, dropout } from "llm/ops";
import { Random, randomNormal } from "llm/random";
import {
  type BlockOptions,
  type BlockSize,
  blockShapes,
  type Dropout,
  feedForward,
  initTransformer,
  selfAttention,
  shortConvolution,
  transformerBlock,
} from "llm/transformer";
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

interface BlockFixture {
  nHead: number;
  x: Recorded;
  params: Record<string, Recorded>;
  output: Recorded;
  lossWeights: Recorded;
  loss: number;
  grads: Record<string, Recorded>;
  gradX: Recorded;
}
const recorded = fixture<BlockFixture>("block");

// float32 keeps 1.2e-7 of each number; a block adds up some hundred products in a row, which stays
// under 1e-5.
const TOLERANCE = 1e-5;

/** Dropout as an option of a block. */
const dropping = (rate: number, seed: number): Dropout => {
  const rng = new Random(seed);
  return (x) => dropout(x, rate, rng);
};

const paths: [string, Partial<BlockOptions>][] = [
  ["fast ops", {}],
  ["visible attention", { onAttention: () => {} }],
  [
    "clear ops",
    { ops: { attention: clear.causalSelfAttention, layerNorm: clear.layerNorm, gelu: clear.gelu } },
  ],
  ["dropout of rate 0", { dropout: dropping(0, 0) }],
];

describe.each(engines)("transformerBlock on %s", (engine) => {
  let params: Record<string, tf.Variable>;
  let x: tf.Variable<tf.Rank.R3>;
  let tensors: number;
  beforeAll(async () => {
    await useEngine({ prefer: engine, quiet: true });
    params = variables(recorded.params);
    x = tf.tidy(() => tf.variable(tensor<tf.Tensor3D>(recorded.x)));
  });
  beforeEach(() => {
    tensors = tf.memory().numTensors;
  });
  afterEach(() => expect(tf.memory().numTensors).toBe(tensors)); // no test leaves a tensor behind
  afterAll(() => tf.dispose([params, x]));

  it.each(paths)("equals transformers' GPT2Block in output and every gradient: %s", (_, more) => {
    const options = { nHead: recorded.nHead, ...more };
    tf.tidy(() => {
      expect(difference(transformerBlock(x, params, "", options), recorded.output)).toBeLessThan(
        TOLERANCE,
      );
      const loss = () =>
        tf.sum(
          tf.mul(transformerBlock(x, params, "", options), tensor(recorded.lossWeights)),
        ) as tf.Scalar;
      const { grads } = lossAndGradients(loss, { ...params, x });
      for (const [name, expected] of Object.entries({ ...recorded.grads, x: recorded.gradX })) {
        expect(difference(grads[name], expected), name).toBeLessThan(TOLERANCE);
      }
    });
  });

  it("reads its parameters under a prefix", () => {
    tf.tidy(() => {
      const moved = Object.fromEntries(
        Object.entries(params).map(([name, v]) => [`h.3.${name}`, v]),
      );
      const output = transformerBlock(x, moved, "h.3.", { nHead: 2 });
      expect(difference(output, recorded.output)).toBeLessThan(TOLERANCE);
    });
  });

  it("without biases equals zero biases", () => {
    tf.tidy(() => {
      const isBias = (name: string) => name.endsWith(".bias");
      const all = Object.entries(params);
      const none = Object.fromEntries(all.filter(([name]) => !isBias(name)));
      const zero = Object.fromEntries(
        all.map(([name, v]) => [name, isBias(name) ? tf.zerosLike(v) : v]),
      );
      const expected = transformerBlock(x, zero, "", { nHead: 2 });
      const worst = tf.max(tf.abs(tf.sub(transformerBlock(x, none, "", { nHead: 2 }), expected)));
      expect(worst.dataSync()[0]).toBeLessThan(1e-6);
    });
  });

  it("shows attention weights that sum to 1 and never look ahead", () => {
    let seen: number[][][][] = [];
    tf.tidy(() => {
      selfAttention(x, params, "attn.", {
        nHead: 2,
        onAttention: (weights) => {
          expect(weights.shape).toEqual([2, 2, 6, 6]); // B H T T
          seen = weights.arraySync();
        },
      });
    });
    for (const row of seen.flat(1).map((square) => [...square.entries()])) {
      for (const [query, weights] of row) {
        expect(weights.reduce((sum, w) => sum + w)).toBeCloseTo(1, 5);
        for (const ahead of weights.slice(query + 1)) expect(ahead).toBe(0);
      }
    }
  });

  it("is the same to the last digit whether somebody looks or not", () => {
    tf.tidy(() => {
      for (const training of [false, true]) {
        const run = (onAttention?: () => void) => {
          const dropout = training ? dropping(0.5, 1) : undefined;
          return transformerBlock(x, params, "", { nHead: 2, dropout, onAttention }).dataSync();
        };
        expect([...run(() => {})]).toEqual([...run()]);
      }
    });
  });

  it("uses an injected attention, also when somebody looks or drops", () => {
    tf.tidy(() => {
      let calls = 0;
      let looks = 0;
      const attention = (qkv: tf.Tensor3D, nHead: number) => {
        calls++;
        return clear.causalSelfAttention(qkv, nHead);
      };
      transformerBlock(x, params, "", { nHead: 2, ops: { attention } });
      transformerBlock(x, params, "", { nHead: 2, ops: { attention }, onAttention: () => looks++ });
      transformerBlock(x, params, "", {
        nHead: 2,
        ops: { attention },
        dropout: dropping(0.5, 1),
      });
      expect([calls, looks]).toEqual([3, 1]);
    });
  });

  it("drops at random, the same for the same seed, and right on average", () => {
    tf.tidy(() => {
      const run = (seed: number, rate = 0.3) =>
        transformerBlock(x, params, "", { nHead: 2, dropout: dropping(rate, seed) });
      expect([...run(1).dataSync()]).toEqual([...run(1).dataSync()]);
      expect([...run(1).dataSync()]).not.toEqual([...run(2).dataSync()]);
      const ones = tf.ones([200, 50, 8]); // the bias alone: b₂ doubled or 0, b₂ on average
      const bias = randomNormal([8], { rng: new Random(4) });
      const flat = {
        "c_fc.weight": tf.zeros([8, 32]),
        "c_proj.weight": tf.zeros([32, 8]),
        "c_proj.bias": bias,
      };
      const mean = feedForward(ones, flat, "", { dropout: dropping(0.5, 3) })
        .mean([0, 1])
        .dataSync();
      for (const [i, b] of [...bias.dataSync()].entries())
        expect(Math.abs(mean[i] - b)).toBeLessThan(0.05 * Math.abs(b) + 0.01);
    });
  });

  it("drops attention weights too", () => {
    tf.tidy(() => {
      // c_proj is the identity and every value is 1, so without dropout each output is the sum of
      // the weights, 1
      const flat = {
        "c_attn.weight": tf.zeros([8, 24]),
        "c_attn.bias": tf.concat([tf.zeros([16]), tf.ones([8])]),
        "c_proj.weight": tf.eye(8),
      };
      const output = selfAttention(tf.zeros([1, 6, 8]), flat, "", {
        nHead: 2,
        dropout: dropping(0.5, 2),
      });
      // residual dropout leaves 0 or 2 × (some of the weights doubled): multiples of 4/(t+1) in row
      // t
      const rows = output.squeeze<tf.Tensor2D>([0]).arraySync();
      const shares = rows.map((row, t) => row.map((value) => (value * (t + 1)) / 4));
      for (const share of shares.flat()) expect(share).toBeCloseTo(Math.round(share), 4);
      expect(new Set(shares[5].map((share) => Math.round(share))).size).toBeGreaterThan(2);
    });
  });

  it("a short convolution mixes each channel with its own past, and begins as nothing", () => {
    tf.tidy(() => {
      const x = tf.tensor3d([1, 10, 2, 20, 3, 30], [1, 3, 2]);
      const kernel = tf.tensor2d([1, 0, 0.5, 2, 0, 0, 0, 1], [4, 2]); // longer than the text
      const expected = [[1, 0, 2 + 0.5, 20, 3 + 1, 40]];
      expect(Array.from(shortConvolution(x, kernel).dataSync())).toEqual(expected.flat());
      expect(() => shortConvolution(x, tf.ones([2, 3]))).toThrow(
        "expected a kernel (K, 2), got [2,3]",
      );
    });
    const size = { nEmbd: 8, bias: false };
    const options = { nHead: 2, shortConv: 3 };
    const params = initTransformer(blockShapes({ ...size, shortConv: 3 }), { seed: 1, depth: 1 });
    tf.tidy(() => {
      const x = randomNormal([2, 5, 8], { rng: new Random(2) }) as tf.Tensor3D;
      const [as, without] = [options, { nHead: 2 }].map((o) => transformerBlock(x, params, "", o));
      expect(tf.max(tf.abs(tf.sub(as, without))).dataSync()[0]).toBe(0);
      const kernel = params["attn.short_conv.weight"];
      kernel.assign(randomNormal([3, 24], { rng: new Random(3) }) as tf.Tensor2D);
      const later = tf.add(x, tf.tensor3d([0, 0, 0, 9, 0], [1, 5, 1])) as tf.Tensor3D;
      const [a, b] = [x, later].map((x) =>
        transformerBlock(x, params, "", options).slice([0, 0], [2, 3]),
      );
      expect(tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]).toBe(0); // nobody looks ahead
      expect(() => transformerBlock(x, params, "", { ...options, causal: false })).toThrow(
        "expected short convolutions in a causal block",
      );
    });
    tf.dispose(params);
  });

  it("normalised queries and keys do not change when their projections grow", () => {
    const options = { nHead: 2, qkNorm: true, normGain: false, norm: "rmsNorm" as const };
    const shapes = blockShapes({ nEmbd: 8, bias: false, ...options });
    expect(Object.keys(shapes).filter((name) => name.startsWith("ln_"))).toEqual([]);
    tf.tidy(() => {
      const rng = new Random(2);
      const params: Record<string, tf.Tensor> = {};
      for (const name in shapes) params[name] = randomNormal(shapes[name], { rng });
      const x = randomNormal([2, 5, 8], { rng }) as tf.Tensor3D;
      const factors = tf.concat([tf.fill([16], 50), tf.ones([8])]); // queries and keys, not values
      const qkv = "attn.c_attn.weight";
      const grown = { ...params, [qkv]: tf.mul(params[qkv], factors) };
      const changeWith = (qkNorm: boolean) => {
        const [a, b] = [params, grown].map((p) =>
          transformerBlock(x, p, "", { ...options, qkNorm }),
        );
        return tf.max(tf.abs(tf.sub(a, b))).dataSync()[0];
      };
      expect(changeWith(true)).toBeLessThan(1e-3);
      expect(changeWith(false)).toBeGreaterThan(0.1);
    });
  });

  it("gains of normalised queries and keys are of a head's width, and scale the scores", () => {
    const options = { nHead: 2, qkNorm: true };
    const shapes = blockShapes({ nEmbd: 8, bias: false, ...options });
    expect(shapes["attn.q_norm.weight"]).toEqual([4]);
    const params = initTransformer(shapes, { seed: 1, depth: 1 });
    tf.tidy(() => {
      const x = randomNormal([1, 5, 8], { rng: new Random(2) }) as tf.Tensor3D;
      const sharpest = () => {
        let most = 0;
        const onAttention = (weights: tf.Tensor4D) => {
          most = tf.mean(tf.max(weights, -1)).dataSync()[0];
        };
        transformerBlock(x, params, "", { ...options, onAttention });
        return most;
      };
      const before = sharpest();
      params["attn.q_norm.weight"].assign(tf.fill([4], 20));
      expect(sharpest()).toBeGreaterThan(before + 0.1);
    });
    tf.dispose(params);
  });

  it("says which parameter is missing", () => {
    const { "mlp.c_fc.weight": _, ...rest } = params;
    expect(() => transformerBlock(x, rest, "", { nHead: 2 })).toThrow('"mlp.c_fc.weight"');
    expect(() => transformerBlock(x, params, "", { nHead: 3 })).toThrow(/nHead/);
  });
});

interface LayerCase {
  kind: "encoder" | "decoder";
  normPlacement: "pre" | "post";
  activation: "gelu" | "relu";
  x: Recorded;
  mask: Recorded;
  context?: Recorded;
  params: Record<string, Recorded>;
  output: Recorded;
  lossWeights: Recorded;
  grads: Record<string, Recorded>;
  gradX: Recorded;
  gradContext?: Recorded;
}
const layers = fixture<{ nHead: number; cases: LayerCase[] }>("transformer");

describe.each(engines)("encoder and decoder layers on %s", (engine) => {
  beforeAll(() => useEngine({ prefer: engine, quiet: true }));
  beforeEach(() => tf.engine().startScope());
  afterEach(() => tf.engine().endScope());

  it.each(layers.cases)(
    "equals PyTorch's $kind layer, $normPlacement-norm with $activation, with every gradient",
    ({ kind, normPlacement, activation, ...r }) => {
      const params = variables(r.params);
      const x = tf.variable(tensor<tf.Tensor3D>(r.x));
      const context = r.context && tf.variable(tensor<tf.Tensor3D>(r.context));
      const [B, S] = r.mask.shape;
      const mask = tf.reshape(tensor(r.mask), [B, 1, 1, S]);
      const options: BlockOptions = {
        nHead: layers.nHead,
        normPlacement,
        activation,
        ...(kind === "encoder" ? { causal: false, mask } : { context, contextMask: mask }),
      };
      const output = () => transformerBlock(x, params, "", options);
      // What an encoder makes of padding is nobody's business.
      const counted = kind === "encoder" ? tf.reshape(mask, [B, S, 1]) : tf.scalar(1);
      expect(difference(tf.mul(output(), counted), r.output)).toBeLessThan(TOLERANCE);
      const loss = () => tf.sum(tf.mul(output(), tensor(r.lossWeights))) as tf.Scalar;
      const all = { ...params, x, ...(context && { context }) };
      const { grads } = lossAndGradients(loss, all);
      const expected = { ...r.grads, x: r.gradX, ...(context && { context: r.gradContext }) };
      for (const [name, grad] of Object.entries(expected))
        expect(difference(grads[name], grad as Recorded), name).toBeLessThan(TOLERANCE);
    },
  );

  const C = 8;
  const x = () => randomNormal([2, 5, C], { rng: new Random(1) }) as tf.Tensor3D;
  const blockOf = (size: Partial<BlockSize>) => {
    const shapes = blockShapes({ nEmbd: C, bias: true, ...size });
    return initTransformer(shapes, { seed: 3, depth: 1 });
  };

  it.each(["relu2", "swiglu"] as const)("%s equals its formula", (activation) => {
    const params = blockOf({ activation });
    const p = (name: string) => params[`mlp.${name}`];
    const inner = (name: string) =>
      tf.add(tf.matMul(x().reshape([10, C]), p(`${name}.weight`)), p(`${name}.bias`));
    const wide = inner("c_fc");
    const bent =
      activation === "relu2"
        ? tf.mul(tf.relu(wide), tf.relu(wide))
        : tf.mul(tf.mul(inner("c_gate"), tf.sigmoid(inner("c_gate"))), wide);
    const expected = tf.add(tf.matMul(bent, p("c_proj.weight")), p("c_proj.bias"));
    const actual = feedForward(x(), params, "mlp.", { activation }).reshape([10, C]);
    expect(tf.max(tf.abs(tf.sub(actual, expected))).dataSync()[0]).toBeLessThan(1e-6);
  });
  it("swiglu holds about as many numbers as the others", () => {
    const size = (activation: "gelu" | "swiglu") => {
      const shapes = blockShapes({ nEmbd: 96, bias: false, activation });
      return Object.values(shapes).reduce((sum, shape) => sum + tf.util.sizeFromShape(shape), 0);
    };
    expect(size("swiglu") / size("gelu")).toBeCloseTo(1, 2);
  });
  it.each(["layerNorm", "rmsNorm", "none"] as const)("a block with the norm %s", (norm) => {
    for (const normPlacement of ["pre", "post"] as const) {
      const params = blockOf({ norm });
      const names = Object.keys(params).filter((name) => name.startsWith("ln_"));
      expect(names.length).toBe({ layerNorm: 4, rmsNorm: 2, none: 0 }[norm]);
      const y = transformerBlock(x(), params, "", { nHead: 2, norm, normPlacement });
      const lengths = tf.mean(tf.square(y), -1).dataSync(); // of every position
      const normed = normPlacement === "post" && norm !== "none";
      for (const length of lengths)
        if (normed) expect(length).toBeCloseTo(1, 3);
        else expect(Math.abs(length - 1)).toBeGreaterThan(1e-3);
    }
  });
  it("without residuals the block forgets its input", () => {
    const params = blockOf({});
    const options = { nHead: 2 };
    const change = tf.sub(transformerBlock(x(), params, "", options), x());
    const alone = transformerBlock(x(), params, "", { ...options, residual: false });
    const size = (t: tf.Tensor) => tf.norm(t).dataSync()[0];
    expect(size(alone)).toBeLessThan(0.1 * size(x())); // small weights, and nothing is added
    expect(size(change)).toBeLessThan(0.1 * size(x()));
  });
  it("what a mask hides has no effect, and a causal block stays causal with it", () => {
    const params = blockOf({});
    for (const value of Object.values(params)) if (value.rank > 1) value.assign(value.mul(30));
    const mask = tf.tensor([1, 0, 1, 1, 1], [1, 1, 1, 5]);
    const changed = tf.add(x(), tf.oneHot(tf.tensor1d([1], "int32"), 5).reshape([1, 5, 1]));
    for (const causal of [true, false]) {
      const run = (input: tf.Tensor) =>
        transformerBlock(input as tf.Tensor3D, params, "", { nHead: 2, causal, mask });
      const apart = tf.max(tf.abs(tf.sub(run(changed), run(x()))), [0, 2]).dataSync();
      expect(apart[1]).toBeGreaterThan(0.1);
      for (const t of [0, 2, 3, 4]) expect(apart[t]).toBe(0);
    }
  });
  it("refuses a replaced attention where a mask would be lost", () => {
    const params = blockOf({});
    const options = { nHead: 2, causal: false, ops: { attention: clear.causalSelfAttention } };
    expect(() => transformerBlock(x(), params, "", options)).toThrow("ops.attention");
  });
});
