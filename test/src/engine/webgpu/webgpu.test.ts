// The WebGPU engine on a software GPU: training gives js's losses, nothing is left in memory, values
// are read in place, and a script that ends ends. What is said of speed are counts: times on a
// software GPU say nothing about a real one.
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import fc from "fast-check";
import { type GpuCounts, gpuCounts, tf, useEngine } from "llm/engine";
import { type GPTConfig, gptLoss, initGPT } from "llm/gpt";
import { adamwInit, adamwStep } from "llm/optim";
import { disposeParams, lossAndGrads } from "llm/params";
import { Random, randomNormal } from "llm/random";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { softwareGpu } from "../softwareGpu";

const here = await softwareGpu("its own tests");
afterAll(() => useEngine({ prefer: "wasm", quiet: true }));

const config: GPTConfig = {
  vocabSize: 17,
  blockSize: 8,
  nLayer: 2,
  nHead: 2,
  nEmbd: 16,
  dropout: 0,
  bias: true,
};
const gpu = () => gpuCounts() as GpuCounts;

/** Training of a small GPT on the current engine; `step` gives its loss. */
function training() {
  const params = initGPT(config, { seed: 1 });
  const state = adamwInit(params);
  const row = (shift: number) =>
    tf.tensor2d(
      Array.from({ length: 32 }, (_, i) => ((i + shift) * 7 + 3) % 17),
      [4, 8],
      "int32",
    );
  const [ids, targets] = [row(0), row(1)];
  return {
    step: (): tf.Scalar =>
      tf.tidy(() => {
        const { loss, grads } = lossAndGrads(params, () => gptLoss(params, config, ids, targets));
        adamwStep(params, grads, state, { lr: 1e-2, weightDecay: 0.1 });
        return loss;
      }),
    dispose: () => {
      disposeParams(params);
      disposeParams(state);
      tf.dispose([ids, targets]);
    },
  };
}
const read = (x: tf.Tensor): number => {
  const [value] = x.dataSync();
  x.dispose();
  return value;
};

describe.skipIf(!here)("webgpu", () => {
  beforeAll(() => useEngine({ prefer: "webgpu", quiet: true }));

  test("20 training steps have js's losses to 1e-5", async () => {
    const losses: number[][] = [];
    for (const prefer of ["js", "webgpu"] as const) {
      await useEngine({ prefer, quiet: true });
      const run = training();
      losses.push(Array.from({ length: 20 }, () => read(run.step())));
      run.dispose();
    }
    const [js, webgpu] = losses;
    expect(js[19]).toBeLessThan(js[0] - 0.5);
    expect(Math.max(...js.map((loss, i) => Math.abs(loss - webgpu[i])))).toBeLessThan(1e-5);
  }, 120_000);

  test("a step reads nothing unless asked, and leaves no tensor and no buffer", () => {
    // What the pool keeps depends on where steps and submissions meet: it is compared separately.
    const held = () => {
      const { numTensors, numDataBuffers, numBytes } = tf.memory();
      return { numTensors, numDataBuffers, numBytes, buffers: gpu().buffers };
    };
    const before = held();
    const run = training();
    for (let i = 0; i < 10; i++) run.step().dispose();
    const [middle, counts] = [held(), gpu()];
    for (let i = 0; i < 30; i++) run.step().dispose();
    const after = gpu();
    expect(held()).toEqual(middle);
    expect(after.bytes).toBeLessThan(1.05 * counts.bytes);
    expect(after.reads).toBe(counts.reads);
    const perStep = (key: keyof GpuCounts) => (after[key] - counts[key]) / 30;
    expect(perStep("dispatches")).toBeLessThan(470);
    expect(perStep("submissions")).toBeLessThanOrEqual(2);
    expect(perStep("bytesWritten")).toBeLessThan(20_000);
    expect(read(run.step())).toBeGreaterThan(0);
    expect(gpu().reads).toBe(counts.reads + 1);
    expect(gpu().bytesRead - after.bytesRead).toBe(4);
    run.dispose();
    expect(held()).toEqual(before);
  }, 120_000);

  test("values are read in place and by promise alike, after other operations and between them", async () => {
    const x = tf.tensor2d([1, 2, 3, 4], [2, 2]);
    const y = tf.add(tf.matMul(x, x), 1);
    expect(Array.from(y.dataSync())).toEqual([8, 11, 16, 23]);
    const [first, second] = [tf.mul(y, 2), tf.sub(y, 1)];
    const values = await Promise.all([first.data(), second.data()]);
    expect(values.map((v) => Array.from(v))).toEqual([
      [16, 22, 32, 46],
      [7, 10, 15, 22],
    ]);
    const bools = tf.greater(y, 10);
    expect([bools.dtype, Array.from(bools.dataSync())]).toEqual(["bool", [0, 1, 1, 1]]);
    tf.dispose([x, y, first, second, bools]);
  });

  test("token ids are checked without asking the GPU", () => {
    const { reads } = gpu();
    const ids = tf.tensor1d([3, 1, 2], "int32");
    const rows = tf.gather(tf.eye(4), ids);
    expect(Array.from(ids.dataSync())).toEqual([3, 1, 2]);
    expect(gpu().reads).toBe(reads);
    expect(Array.from(rows.dataSync()).slice(0, 4)).toEqual([0, 0, 0, 1]);
    const wrong = tf.tensor1d([4], "int32");
    expect(() => tf.gather(tf.eye(4), wrong)).toThrow(
      "gather: expected indices from 0 to 3, got 4",
    );
    tf.dispose([ids, rows, wrong]);
  });

  test("matrix products, whatever the sizes and the batches (fast-check)", async () => {
    const size = fc.integer({ min: 1, max: 70 });
    const cases = fc.sample(
      fc.record({ M: size, N: size, K: size, ta: fc.boolean(), tb: fc.boolean(), B: fc.nat(2) }),
      { numRuns: 30, seed: 1 },
    );
    const all = () =>
      cases.map(({ M, N, K, ta, tb, B }, seed) =>
        tf.tidy(() => {
          const rng = new Random(seed);
          const batch = B > 0 ? [B] : [];
          const a = randomNormal([...batch, ...(ta ? [K, M] : [M, K])], { rng });
          const b = randomNormal(tb ? [N, K] : [K, N], { rng });
          return Array.from(tf.matMul(a, b, ta, tb).dataSync());
        }),
      );
    const webgpu = all();
    await useEngine({ prefer: "js", quiet: true });
    const js = all();
    await useEngine({ prefer: "webgpu", quiet: true });
    js.forEach((values, k) => {
      const worst = Math.max(...values.map((v, i) => Math.abs(v - webgpu[k][i])));
      expect(worst, JSON.stringify(cases[k])).toBeLessThan(1e-5 * Math.sqrt(cases[k].K + 1) * 3);
    });
  });

  test("sin, cos and tan have 24 bits, for any angle", () => {
    const rng = new Random(1);
    const angles = Float32Array.from({ length: 2000 }, (_, i) =>
      i < 1500 ? 8192 * (2 * rng.uniform() - 1) : Math.fround(10 ** (4 + 33 * rng.uniform())),
    );
    tf.tidy(() => {
      const x = tf.tensor1d(angles);
      for (const [name, exact] of [
        ["sin", Math.sin],
        ["cos", Math.cos],
      ] as const) {
        const values = tf[name](x).dataSync();
        const worst = Math.max(...angles.map((a, i) => Math.abs(values[i] - exact(a))));
        expect(worst, name).toBeLessThan(3e-7);
      }
    });
  });

  test("rows with the same number are added in their order", () => {
    tf.tidy(() => {
      const rng = new Random(2);
      const n = 300;
      const ids = Int32Array.from({ length: n }, () => rng.integer(7));
      const x = Float32Array.from({ length: 3 * n }, () => rng.uniform() * 1e3);
      const expected = new Float32Array(7 * 3);
      ids.forEach((id, i) => {
        for (let c = 0; c < 3; c++)
          expected[3 * id + c] = Math.fround(expected[3 * id + c] + x[3 * i + c]);
      });
      const sums = tf.unsortedSegmentSum(tf.tensor2d(x, [n, 3]), tf.tensor1d(ids, "int32"), 7);
      expect(Array.from(sums.dataSync())).toEqual(Array.from(expected));
    });
  });

  test("softmax: masks of −∞ are exactly 0, and a row of them only is NaN", () => {
    const far = Number.NEGATIVE_INFINITY;
    const rows = [
      [0, far, Math.log(3)],
      [far, far, far],
      [1, Number.NaN, 2],
      [1e30, 1e30, -1e30],
    ];
    const y = tf.tidy(() => Array.from(tf.softmax(tf.tensor2d(rows)).dataSync()));
    const [nan, half] = [Number.NaN, 0.5];
    const expected = [0.25, 0, 0.75, nan, nan, nan, nan, nan, nan, half, half, 0];
    expected.forEach((v, i) => {
      if (Number.isNaN(v)) expect(y[i]).toBeNaN();
      else expect(y[i]).toBeCloseTo(v, 6);
    });
    expect(y[1]).toBe(0);
    const long = Float32Array.from({ length: 1000 }, (_, i) => (i * 7919) % 13);
    const sum = long.reduce((a, v) => a + Math.exp(v), 0);
    const values = tf.tidy(() => tf.softmax(tf.tensor1d(long)).dataSync());
    expect(Math.max(...long.map((v, i) => Math.abs(values[i] - Math.exp(v) / sum)))).toBeLessThan(
      1e-8,
    );
  });

  test("a sum of more tensors than a shader may have", () => {
    tf.tidy(() => {
      const list = Array.from({ length: 23 }, (_, i) => tf.tensor1d([i, 2 * i, 1]));
      expect(Array.from(tf.addN(list).dataSync())).toEqual([253, 506, 23]);
      const whole = list.map((x) => tf.cast(x, "int32"));
      expect(Array.from(tf.addN(whole).dataSync())).toEqual([253, 506, 23]);
      const wide = tf.concat(list);
      expect([wide.shape, tf.sum(wide).dataSync()[0]]).toEqual([[69], 253 + 506 + 23]);
    });
  });

  test("a step in place leaves alone what shares a variable's values", () => {
    const params = { w: tf.variable(tf.tensor1d([1, 2, 3])) };
    const copy = params.w.clone();
    const state = adamwInit(params);
    const grads = { w: tf.tensor1d([1, -1, 0]) };
    for (let i = 0; i < 2; i++) adamwStep(params, grads, state, { lr: 0.1 });
    expect(Array.from(copy.dataSync())).toEqual([1, 2, 3]);
    const w = params.w.dataSync();
    [0.8, 2.2, 3].forEach((v, i) => {
      expect(w[i]).toBeCloseTo(v, 5);
    });
    tf.dispose([copy, grads.w]);
    disposeParams(params);
    disposeParams(state);
  });

  test("out of memory is a sentence, and the engine goes on", () => {
    expect(() => tf.tidy(() => tf.broadcastTo(tf.ones([1, 1]), [30_000, 30_000]))).toThrow(
      /the GPU is out of memory .* goes on from its last checkpoint/,
    );
    expect(read(tf.sum(tf.ones([5])))).toBe(5);
  });
});

/** What a script prints, which must end by itself with status 0. */
function script(code: string, env: Record<string, string> = {}): string {
  const head = "const { tf, useEngine } = require('llm/engine'); (async () => {";
  return execFileSync(process.execPath, ["-e", `${head} ${code} })();`], {
    cwd: join(__dirname, "../../../.."),
    encoding: "utf8",
    timeout: 60_000,
    env: { ...process.env, LLM_ENGINE: "", LLM_WEBGPU_FALLBACK: "1", ...env },
  });
}

describe.skipIf(!here)("a process on webgpu", () => {
  test("ends when its script ends, also in the middle of work", () => {
    const printed = script(`
      const { description } = await useEngine({ prefer: "webgpu", quiet: true });
      const x = tf.ones([64, 64]);
      for (let i = 0; i < 50; i++) tf.matMul(x, x);
      void x.add(1).data();
      console.log(description);`);
    expect(printed).toMatch(/^engine: webgpu \(SwiftShader.*, software\)\n$/);
  });

  test("ends at process.exit while values are on their way", () => {
    const printed = script(`
      await useEngine({ prefer: "webgpu", quiet: true });
      void tf.ones([512, 512]).matMul(tf.ones([512, 512])).data();
      console.log("done");
      process.exit(0);`);
    expect(printed).toBe("done\n");
  });

  test("says that the device is lost", () => {
    const printed = script(`
      await useEngine({ prefer: "webgpu", quiet: true });
      const x = tf.ones([2]).add(1);
      tf.backend().device.destroy();
      try { x.dataSync(); } catch (error) { console.log(error.message); }
      await new Promise((done) => setTimeout(done, 10));
      try { x.mul(2); } catch (error) { console.log(error.message); }`);
    const [first, second] = printed.split("\n");
    expect(first).toMatch(/the GPU's device was lost \(it does not answer\)/);
    expect(second).toMatch(/the GPU's device was lost \(.*\).*from its last checkpoint/);
  });

  test("does not take a software adapter unless asked to, and says why", () => {
    const printed = script(
      `const engine = await useEngine({ prefer: "webgpu", quiet: true });
      console.log(engine.name, engine.reasons[0]);`,
      { LLM_WEBGPU_FALLBACK: "" },
    );
    expect(printed).toMatch(
      /^(native|wasm) webgpu: (no GPU that|there is no (Vulkan driver|GPU, only))/,
    );
  });
});
