// Fewer bits, fewer weights, smaller models: against slow specifications.
import fc from "fast-check";
import {
  bitsPerNumber,
  dequantizeMatrix,
  distillationLoss,
  gptq,
  groupMask,
  inputProducts,
  magnitudeMask,
  packFour,
  pruneNeurons,
  type QuantizeOptions,
  quantizeMatrix,
  unpackFour,
} from "llm/compress";
import { tf, useEngine } from "llm/engine";
import { type GPTConfig, gptLogits, initGPT } from "llm/gpt";
import { countParams, disposeParams } from "llm/params";
import { Random } from "llm/random";
import { beforeAll, describe, expect, it } from "vitest";

beforeAll(() => useEngine({ prefer: "wasm", quiet: true }));
const normals = (n: number, seed: number) => {
  const rng = new Random(seed);
  return Float32Array.from({ length: n }, () => rng.normal());
};

const options: fc.Arbitrary<QuantizeOptions> = fc.record({
  bits: fc.integer({ min: 2, max: 8 }),
  sharing: fc.constantFrom("matrix" as const, "row" as const, { group: 3 }, { group: 1 }),
  symmetric: fc.boolean(),
});

describe("quantizeMatrix", () => {
  it("takes the nearest level of each group, never more of them than there are", () => {
    fc.assert(
      fc.property(options, fc.integer({ min: 0, max: 99 }), (options, seed) => {
        const values = normals(4 * 6, seed);
        if (seed % 5 === 0) values.fill(0, 0, 6);
        const q = quantizeMatrix(values, [4, 6], options);
        const back = dequantizeMatrix(q);
        for (const [g, scale] of q.scales.entries()) {
          const at = g * q.group;
          const own = values.subarray(at, at + q.group);
          const levels = q.levels.subarray(at, at + q.group);
          // every number is within half a step, and the ends are reached
          for (const [i, x] of own.entries())
            expect(Math.abs(x - back[at + i])).toBeLessThanOrEqual(scale * 0.5001 + 1e-7);
          const span = Math.max(...levels, q.zeros[g]) - Math.min(...levels, q.zeros[g]);
          expect(span).toBeLessThan(2 ** options.bits);
          const [min, max] = [Math.min(0, ...own), Math.max(0, ...own)];
          const step = options.symmetric
            ? Math.max(-min, max) / (2 ** (options.bits - 1) - 1)
            : (max - min) / (2 ** options.bits - 1);
          if (step > 0) expect(scale).toBeCloseTo(step, 5);
        }
      }),
      { seed: 1 },
    );
  });

  it("keeps zero exactly zero, on both kinds of grid", () => {
    for (const symmetric of [true, false]) {
      const values = Float32Array.from([0, 3, -1, 0, 2.5, 0.1]);
      const back = dequantizeMatrix(quantizeMatrix(values, [1, 6], { bits: 3, symmetric }));
      expect([back[0], back[3]]).toEqual([0, 0]);
    }
  });

  it("a grid without symmetry is finer where numbers are on one side", () => {
    const values = normals(64, 4).map(Math.abs);
    const error = (symmetric: boolean) => {
      const back = dequantizeMatrix(quantizeMatrix(values, [1, 64], { bits: 4, symmetric }));
      return back.reduce((sum, x, i) => sum + (x - values[i]) ** 2, 0);
    };
    expect(error(false)).toBeLessThan(0.4 * error(true));
  });

  it("counts the bits of scales, too", () => {
    const of = (options: QuantizeOptions) =>
      bitsPerNumber(quantizeMatrix(normals(128, 1), [2, 64], options));
    expect(of({ bits: 4, sharing: { group: 32 } })).toBe(4.5);
    expect(of({ bits: 4, sharing: { group: 32 }, symmetric: false })).toBe(4.625);
    expect(of({ bits: 8 })).toBe(8.25);
    expect(of({ bits: 8, sharing: "matrix" })).toBe(8.125);
  });

  it.each<[QuantizeOptions, RegExp]>([
    [{ bits: 1 }, /expected 2 to 8 bits, got 1/],
    [{ bits: 4, sharing: { group: 4 } }, /a group that divides rows of 6, got 4/],
  ])("refuses %j", (options, message) => {
    expect(() => quantizeMatrix(normals(24, 1), [4, 6], options)).toThrow(message);
  });
  it("refuses numbers that are none, and too few", () => {
    expect(() => quantizeMatrix(new Float32Array(5), [2, 3], { bits: 4 })).toThrow(/2 × 3 numbers/);
    const broken = Float32Array.of(1, Number.NaN);
    expect(() => quantizeMatrix(broken, [1, 2], { bits: 4 })).toThrow(/finite numbers/);
  });

  it("packs two levels into a byte", () => {
    const signed = Int16Array.of(-8, 7, -1, 0, 3, -5);
    expect([...packFour(signed)]).toEqual([0x78, 0x0f, 0xb3]);
    expect(unpackFour(packFour(signed), true)).toEqual(signed);
    const unsigned = Int16Array.of(0, 15, 8, 7);
    expect(unpackFour(packFour(unsigned), false)).toEqual(unsigned);
    expect(() => packFour([1])).toThrow("an even number of levels, got 1");
  });
});

/** Solves A x = b by elimination. */
function solve(A: number[][], b: number[]): number[] {
  const n = b.length;
  const M = A.map((row, i) => [...row, b[i]]);
  for (let i = 0; i < n; i++) {
    const best = M.slice(i).reduce(
      (at, row, k) => (Math.abs(row[i]) > Math.abs(M[at][i]) ? i + k : at),
      i,
    );
    [M[i], M[best]] = [M[best], M[i]];
    for (let r = 0; r < n; r++)
      if (r !== i) {
        const by = M[r][i] / M[i][i];
        for (let c = i; c <= n; c++) M[r][c] -= by * M[i][c];
      }
  }
  return M.map((row, i) => row[n] / row[i]);
}

describe("gptq", () => {
  const [R, C, N] = [5, 8, 40];
  /** Inputs that go together, as those of a layer do. */
  const inputs = (() => {
    const [x, rng] = [normals(N * C, 7), new Random(8)];
    for (let n = 0; n < N; n++) {
      const common = 2 * rng.normal();
      for (let i = 0; i < C; i++) x[n * C + i] += common * (i % 3);
    }
    return x;
  })();
  const weights = normals(R * C, 9);
  const products = inputProducts(inputs, C);

  it("sums the products of inputs", () => {
    for (const [i, j] of [
      [0, 0],
      [2, 5],
      [7, 1],
    ]) {
      let sum = 0;
      for (let n = 0; n < N; n++) sum += inputs[n * C + i] * inputs[n * C + j];
      expect(products[i * C + j]).toBeCloseTo(sum, 6);
    }
  });

  it("after each rounding the rest is the best that it can be", () => {
    const damping = 0.01;
    const mean =
      Array.from({ length: C }, (_, i) => products[i * C + i]).reduce((a, b) => a + b) / C;
    const H = Array.from({ length: C }, (_, i) =>
      Array.from({ length: C }, (_, j) => products[i * C + j] + (i === j ? damping * mean : 0)),
    );
    const q = gptq(weights, [R, C], products, { bits: 3, damping });
    for (let r = 0; r < R; r++) {
      const w = [...weights.subarray(r * C, (r + 1) * C)];
      const scale = Math.max(...w.map(Math.abs)) / 3;
      const fixed: number[] = [];
      let rest = w;
      for (let i = 0; i < C; i++) {
        const level = Math.min(3, Math.max(-3, Math.round(rest[0] / scale))) + 0;
        expect([r, i, q.levels[r * C + i]]).toEqual([r, i, level]);
        fixed.push(level * scale);
        // least squares for what is left, given all that is fixed
        const left = Array.from({ length: C - i - 1 }, (_, k) => i + 1 + k);
        const moved = left.map((j) =>
          fixed.reduce((sum, value, k) => sum - H[j][k] * (value - w[k]), 0),
        );
        const change = solve(
          left.map((j) => left.map((k) => H[j][k])),
          moved,
        );
        rest = left.map((j, k) => w[j] + change[k]);
      }
    }
  });

  it("outputs change less than by rounding to the nearest", () => {
    const off = (back: Float32Array) => {
      let sum = 0;
      for (let n = 0; n < N; n++)
        for (let r = 0; r < R; r++) {
          let y = 0;
          for (let i = 0; i < C; i++)
            y += inputs[n * C + i] * (back[r * C + i] - weights[r * C + i]);
          sum += y * y;
        }
      return sum;
    };
    for (const options of [
      { bits: 3 },
      { bits: 4, sharing: { group: 4 } },
      { bits: 3, symmetric: false },
    ]) {
      const nearest = off(dequantizeMatrix(quantizeMatrix(weights, [R, C], options)));
      const fed = off(dequantizeMatrix(gptq(weights, [R, C], products, options)));
      expect(fed).toBeLessThan(0.7 * nearest);
    }
  });

  it("inputs that are never there do no harm, and others are refused", () => {
    const silent = inputs.map((x, i) => (i % C === 2 ? 0 : x));
    const q = gptq(weights, [R, C], inputProducts(silent, C), { bits: 4 });
    expect([...dequantizeMatrix(q)].every(Number.isFinite)).toBe(true);
    expect(() => gptq(weights, [R, C], products.slice(1), { bits: 4 })).toThrow(/8 × 8 products/);
    expect(() =>
      gptq(
        weights,
        [R, C],
        products.map((x) => -x),
        { bits: 4 },
      ),
    ).toThrow(/positive definite/);
    expect(() => gptq(weights, [R, C], products, { bits: 4, sharing: "matrix" })).toThrow(
      /within rows/,
    );
  });
});

describe("pruning", () => {
  it("leaves out the smallest", () => {
    const values = Float32Array.of(3, -0.1, 2, 0.2, -5, 0.1);
    expect([...magnitudeMask(values, 0.5)]).toEqual([1, 0, 1, 0, 1, 0]);
    expect([...magnitudeMask(values, 0)]).toEqual([1, 1, 1, 1, 1, 1]);
    expect([...groupMask(values, { keep: 1, of: 3 })]).toEqual([1, 0, 0, 0, 1, 0]);
    expect(() => groupMask(values, { keep: 2, of: 4 })).toThrow(/whole groups of 4/);
    expect(() => magnitudeMask(values, 2)).toThrow(/from 0 to 1, got 2/);
  });

  it("neurons that do nothing can go without a trace, and go first", () => {
    const config: GPTConfig = {
      ...{ family: "llama", vocabSize: 11, blockSize: 8, nLayer: 2, nHead: 2, nEmbd: 8, nInner: 8 },
      ...{ dropout: 0, bias: false },
    };
    const params = initGPT(config, { seed: 3 });
    for (const p of Object.values(params)) tf.tidy(() => p.assign(tf.mul(p, 5)));
    const idle = [
      [1, 4, 6],
      [0, 2, 7],
    ];
    for (const [layer, neurons] of idle.entries()) {
      const down = params[`model.layers.${layer}.mlp.down_proj.weight`];
      const keep = tf.tensor1d(Array.from({ length: 8 }, (_, i) => (neurons.includes(i) ? 0 : 1)));
      tf.tidy(() => down.assign(tf.mul(down, keep)));
      keep.dispose();
    }
    const before = tf.memory().numTensors;
    const small = pruneNeurons(params, config, 5);
    expect(small.config.nInner).toBe(5);
    expect(countParams(params) - countParams(small.params)).toBe(2 * 3 * 3 * 8);
    tf.tidy(() => {
      const ids = tf.tensor2d([[1, 5, 3, 9]], undefined, "int32");
      const a = gptLogits(params, config, ids).dataSync();
      const b = gptLogits(small.params, small.config, ids).dataSync();
      for (const [i, x] of a.entries()) expect(b[i]).toBeCloseTo(x, 4);
    });
    disposeParams(small.params);
    expect(tf.memory().numTensors).toBe(before);
    expect(() => pruneNeurons(params, config, 9)).toThrow(/1 to 8 neurons that stay, got 9/);
    expect(() => pruneNeurons(params, { ...config, family: "gpt2" }, 5)).toThrow(/LLaMA's family/);
    disposeParams(params);
  });
});

describe("distillationLoss", () => {
  const [N, V] = [3, 4];
  const numbers = (seed: number) => tf.tensor2d(normals(N * V, seed), [N, V]);

  it("is what the formula says", () => {
    tf.tidy(() => {
      const [student, teacher] = [numbers(1), numbers(2)];
      const targets = [2, 0, 3];
      const p = (row: number[], T: number) => {
        const e = row.map((z) => Math.exp(z / T));
        return e.map((x) => x / e.reduce((a, b) => a + b));
      };
      const [T, soft] = [2.5, 0.3];
      let expected = 0;
      for (const [n, target] of targets.entries()) {
        const [s, t] = [student.arraySync()[n], teacher.arraySync()[n]];
        const [ps, pt] = [p(s, T), p(t, T)];
        const kl = pt.reduce((sum, x, i) => sum + x * Math.log(x / ps[i]), 0);
        expected += (soft * T * T * kl - (1 - soft) * Math.log(p(s, 1)[target])) / N;
      }
      const loss = distillationLoss(student, teacher, tf.tensor1d(targets, "int32"), {
        temperature: T,
        soft,
      });
      expect(loss.dataSync()[0]).toBeCloseTo(expected, 5);
      expect(
        distillationLoss(teacher, teacher, tf.tensor1d(targets, "int32"), {
          soft: 1,
        }).dataSync()[0],
      ).toBeCloseTo(0, 6);
    });
  });

  it("options that make no sense are refused", () => {
    tf.tidy(() => {
      const [a, targets] = [numbers(1), tf.tensor1d([0, 1, 2], "int32")];
      expect(() => distillationLoss(a, a, targets, { temperature: 0 })).toThrow(/above 0, got 0/);
      expect(() => distillationLoss(a, a, targets, { soft: 2 })).toThrow(/from 0 to 1, got 2/);
      expect(() => distillationLoss(a, tf.zeros([2, V]), targets)).toThrow(/of one shape/);
    });
  });
});
