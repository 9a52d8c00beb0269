import { tf, useEngine } from "llm/engine";
import { clear, dropout } from "llm/ops";
import { Random, randomNormal } from "llm/random";
import {
  type BlockOptions,
  type Dropout,
  feedForward,
  selfAttention,
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

  it("says which parameter is missing", () => {
    const { "mlp.c_fc.weight": _, ...rest } = params;
    expect(() => transformerBlock(x, rest, "", { nHead: 2 })).toThrow('"mlp.c_fc.weight"');
    expect(() => transformerBlock(x, params, "", { nHead: 3 })).toThrow(/nHead/);
  });
});
