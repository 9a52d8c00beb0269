// Muon against PyTorch (fixtures/muon.json), what Newton–Schulz does to singular values, and Muon in
// a group, compiled and resumed.
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { canCompile, tf } from "llm/engine";
import { isHiddenMatrix } from "llm/gpt";
import {
  adamw,
  grouped,
  muon,
  muonInit,
  muonStep,
  newtonSchulz,
  warmupStableDecay,
} from "llm/optim";
import { disposeParams } from "llm/params";
import { presets, pretrain, resumePretraining } from "llm/pretrain";
import { describe, expect, it } from "vitest";
import recorded from "../../fixtures/muon.json";
import { type Recorded, tensor, variables, withoutLeaks } from "./recorded";

withoutLeaks();

/** The largest difference. */
const apart = (actual: tf.Tensor, { shape, values }: Recorded): number => {
  expect(actual.shape).toEqual(shape);
  return Math.max(...Array.from(actual.dataSync(), (x, i) => Math.abs(x - values[i])));
};

describe("newtonSchulz", () => {
  it.each(Object.keys(recorded.matrices) as (keyof typeof recorded.matrices)[])(
    "gives PyTorch's numbers, matrix %s; bfloat16 is near",
    (name) =>
      tf.tidy(() => {
        const own = newtonSchulz(tensor(recorded.matrices[name]));
        // of a matrix of rank one, the iteration lifts what rounding has added to the zeros
        const lifted = name === "rankOne";
        expect(apart(own, recorded.orthogonal[name])).toBeLessThan(lifted ? 1e-3 : 1e-4);
        if (!lifted) expect(apart(own, recorded.bfloat16[name])).toBeLessThan(0.05);
      }),
  );

  it("maps each singular value by the polynomial and keeps the vectors: diagonal matrices", () => {
    const value = fc.double({ min: 0.05, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.array(value, { minLength: 2, maxLength: 5 }), (sizes) =>
        tf.tidy(() => {
          const norm = Math.hypot(...sizes);
          const expected = sizes.map((s) => {
            let x = s / norm;
            for (let i = 0; i < 5; i++) x = 3.4445 * x - 4.775 * x ** 3 + 2.0315 * x ** 5;
            return x;
          });
          const out = newtonSchulz(tf.diag(tf.tensor1d(sizes))).arraySync();
          out.forEach((row, r) => {
            row.forEach((x, c) => {
              expect(x).toBeCloseTo(r === c ? expected[r] : 0, 3);
            });
          });
        }),
      ),
      { numRuns: 10 },
    );
  });

  it("refuses what is no matrix, and a zero gradient stays zero", () => {
    const vector = tf.tensor1d([1]);
    expect(() => newtonSchulz(vector)).toThrow("expected a matrix, got shape [1]");
    vector.dispose();
    const zeros = tf.tidy(() => Array.from(newtonSchulz(tf.zeros([2, 3])).dataSync(), Math.abs));
    expect(zeros).toEqual(new Array(6).fill(0));
  });
});

describe("muon", () => {
  const { initial, grads, lr, runs } = recorded;
  const gradients = (step: number, transposed = false) =>
    Object.fromEntries(
      Object.entries(grads).map(([name, all]) => {
        const g = tensor(all).gather([step]).squeeze([0]);
        return [name, transposed ? tf.transpose(g) : g];
      }),
    );

  it.each(runs.map((run) => [JSON.stringify(run.settings), run] as const))(
    "gives PyTorch's parameters over 20 steps, %s",
    (_, { settings, after }) => {
      const params = variables(initial);
      const state = muonInit(params);
      for (let step = 0; step < 20; step++)
        tf.tidy(() => muonStep(params, gradients(step), state, { lr, ...settings }));
      for (const name of Object.keys(initial) as (keyof typeof initial)[])
        expect(apart(params[name], after[name]), name).toBeLessThan(1e-4);
      tf.dispose([params, state]);
    },
  );

  it("does the same for matrices stored as inputs × outputs", () => {
    const [{ settings, after }] = runs;
    const stored = variables(initial);
    const params = tf.tidy(() =>
      Object.fromEntries(
        Object.entries(stored).map(([name, p]) => [name, tf.variable(tf.transpose(p))]),
      ),
    );
    const state = muonInit(params);
    for (let step = 0; step < 20; step++)
      tf.tidy(() => {
        const options = { lr: tf.scalar(lr), ...settings, outputAxis: 1 as const };
        muonStep(params, gradients(step, true), state, options);
      });
    tf.tidy(() => {
      for (const name of Object.keys(initial) as (keyof typeof initial)[])
        expect(apart(tf.transpose(params[name]), after[name]), name).toBeLessThan(1e-4);
    });
    tf.dispose([stored, params, state]);
  });

  it("makes each part of a fused matrix orthogonal by itself", () => {
    const params = tf.tidy(() => ({ w: tf.variable(tf.zeros([3, 6])) }));
    const state = muonInit(params);
    const g = tf.tensor2d([5, 1, 2, 0, 3, 1, 0, 4, 1, 1, 0, 2, 1, 0, 3, 2, 1, 5], [3, 6]);
    const optimizer = muon({ outputAxis: 1, parts: () => 2 });
    optimizer.step(params, { w: g }, state, 1);
    tf.tidy(() => {
      const [a, b] = tf.split(g, 2, 1).map((part) => newtonSchulz(part));
      const expected = tf.neg(tf.concat([a, b], 1));
      expect(tf.max(tf.abs(tf.sub(params.w, expected))).dataSync()[0]).toBeLessThan(1e-5);
    });
    tf.dispose([params, state, g]);
  });

  it("names what is no matrix, and what has no gradient", () => {
    const params = tf.tidy(() => ({ gain: tf.variable(tf.ones([2])) }));
    expect(() => muonInit(params)).toThrow("expected matrices only, got gain of shape [2]");
    disposeParams(params);
    const matrix = tf.tidy(() => ({ w: tf.variable(tf.ones([2, 2])) }));
    const state = muonInit(matrix);
    expect(() => muonStep(matrix, {}, state, { lr: 1 })).toThrow("expected a gradient for w");
    tf.dispose([matrix, state]);
  });
});

describe("muon in a run", () => {
  const optimizer = () =>
    grouped([
      {
        name: "matrices",
        has: isHiddenMatrix,
        optimizer: muon({ outputAxis: 1, parts: (name) => (name.includes("c_attn") ? 3 : 1) }),
        lrScale: 5,
      },
      { name: "rest", has: () => true, optimizer: adamw() },
    ]);
  const text = "the quick brown fox jumps over the lazy dog. ".repeat(60);
  const settings = {
    ...presets.smoke,
    model: { ...presets.smoke.model, nLayer: 1, nEmbd: 16, blockSize: 8 },
    ...{ steps: 12, batchSize: 4, evalEvery: 12, checkpointEvery: 5, sampleLength: 0 },
  };
  const losses = async (compile: boolean) => {
    const trainer = pretrain({ text, settings: { ...settings, compile }, optimizer: optimizer() });
    const { history } = await trainer.run();
    trainer.dispose();
    return history.steps.map(({ loss }) => loss);
  };

  it("goes on from a checkpoint with the same losses", async () => {
    const whole = await losses(false);
    const dir = join(mkdtempSync(join(tmpdir(), "muon-")), "run");
    const uncompiled = { ...settings, compile: false };
    const first = pretrain({ text, settings: uncompiled, dir, optimizer: optimizer() });
    await first.run({ steps: 7 });
    first.dispose();
    const second = resumePretraining(dir, { text, optimizer: optimizer() });
    const { history } = await second.run();
    second.dispose();
    expect(history.steps.map(({ loss }) => loss)).toEqual(whole);
    expect(whole[11]).toBeLessThan(whole[0]);
  });

  it("compiles, with the same losses to rounding", async () => {
    if (!canCompile()) return;
    const [written, compiled] = [await losses(false), await losses(true)];
    written.forEach((loss, i) => {
      expect(Math.abs(loss - compiled[i])).toBeLessThan(1e-3);
    });
  });
});

describe("warmupStableDecay", () => {
  const schedule = { maxLr: 1, minLr: 0.2, warmupSteps: 9, totalSteps: 109 };
  it("rises, stays, falls along a straight line and stays at the bottom", () => {
    const rate = warmupStableDecay({ stable: 0.5 });
    const at = [0, 9, 59, 84, 109, 500].map((step) => rate(step, schedule));
    [0.1, 1, 1, 0.6, 0.2, 0.2].forEach((x, i) => {
      expect(at[i]).toBeCloseTo(x, 12);
    });
    expect(warmupStableDecay()(59, schedule)).toBeCloseTo(0.6, 12);
    expect(() => warmupStableDecay({ stable: 1 })).toThrow("expected stable from 0 up to 1, got 1");
  });
});
