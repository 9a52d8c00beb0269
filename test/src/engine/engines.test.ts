// What must hold on every engine alike: training steps leak nothing, and from the same weights and
// batches the losses are the same. Tolerance: 1e-4 nats over 50 steps. A sum in another order is
// off by about 1e-7 of itself; 50 updates carry that into the weights and let it grow (measured:
// 2e-6). A wrong formula shows as 1e-2 and more within 10 steps.
import type { Batch } from "llm/data";
import { canCompile, compile, type EngineName, tf, useEngine } from "llm/engine";
import { type GPTConfig, gptLoss, initGPT } from "llm/gpt";
import { adamw, clipByGlobalNorm } from "llm/optim";
import { disposeParams, type Params } from "llm/params";
import { Random } from "llm/random";
import { trainStep } from "llm/train";
import { afterAll, describe, expect, test } from "vitest";

const engines: [label: string, engine: EngineName, compiled: boolean][] = [
  ["js", "js", false],
  ["wasm", "wasm", false],
  ["native, eager", "native", false],
  ["native, compiled", "native", true],
];
const here: typeof engines = [];
for (const [label, prefer, compiled] of engines)
  if ((await useEngine({ prefer, quiet: true })).name === prefer && (!compiled || canCompile()))
    here.push([label, prefer, compiled]);
afterAll(() => useEngine({ prefer: "wasm", quiet: true }));

/** Training of a small GPT with a schedule and clipping, on the current engine. */
function training(
  config: GPTConfig,
  { compiled, accumulate }: { compiled: boolean; accumulate: number },
) {
  const params = initGPT(config, { seed: 1 });
  const optimizer = adamw({ weightDecay: 0.1 });
  const state = optimizer.init(params);
  const rng = new Random(2);
  const { blockSize: T, vocabSize: V } = config;
  const loss = (p: Params, { ids, targets }: Batch) => gptLoss(p, config, ids, targets);
  const plain = (p: typeof params, s: typeof state, batches: Batch[], lr: tf.Scalar | number) =>
    trainStep(p, s, batches, { loss, clip: clipByGlobalNorm, optimizer }, { lr, maxNorm: 0.5 });
  const program = compile(plain);
  const batch = () => {
    const row = Int32Array.from({ length: 4 * (T + 1) }, (_, j) => (j * 3 + rng.integer(3)) % V);
    const all = tf.tensor2d(row, [4, T + 1], "int32");
    return { ids: all.slice([0, 0], [4, T]), targets: all.slice([0, 1], [4, T]) } as never;
  };
  return {
    /** One step; its loss. */
    step: (i: number): number =>
      tf.tidy(() => {
        const batches = Array.from({ length: accumulate }, batch);
        const lr = 1e-2 / (1 + (i % 50));
        const result = compiled
          ? program(params, state, batches, tf.scalar(lr))
          : plain(params, state, batches, lr);
        return result.loss.dataSync()[0];
      }),
    dispose: () => {
      program.dispose();
      disposeParams(params);
      disposeParams(state);
    },
  };
}

/** tfjs's counts, and TensorFlow's own where there is one: handles that tfjs knows nothing of. */
function counts(): Record<string, number> {
  const { numTensors, numDataBuffers, numBytes } = tf.memory();
  const { binding } = tf.backend() as unknown as { binding?: { getNumOfTensors(): number } };
  return { numTensors, numDataBuffers, numBytes, handles: binding?.getNumOfTensors() ?? 0 };
}

/** Bytes of wasm memory, which only ever grows. */
const wasmBytes = () =>
  (tf.backend() as unknown as { wasm?: { HEAPU8: Uint8Array } }).wasm?.HEAPU8.byteLength;

const small: GPTConfig = {
  vocabSize: 17,
  blockSize: 8,
  nLayer: 2,
  nHead: 2,
  nEmbd: 16,
  dropout: 0,
  bias: true,
};
const tiny: GPTConfig = { ...small, vocabSize: 5, blockSize: 3, nLayer: 1, nEmbd: 4 };

test("the losses of 50 steps agree to 1e-4 on all engines", async () => {
  const losses: number[][] = [];
  for (const [, prefer, compiled] of here) {
    await useEngine({ prefer, quiet: true });
    const run = training(small, { compiled, accumulate: 2 });
    losses.push(Array.from({ length: 50 }, (_, i) => run.step(i)));
    run.dispose();
  }
  const [js] = losses;
  expect(js[49]).toBeLessThan(js[0] - 0.3);
  losses.forEach((other, k) => {
    const difference = Math.max(...other.map((loss, i) => Math.abs(loss - js[i])));
    expect(difference, `${here[k][0]} against js`).toBeLessThan(1e-4);
  });
}, 120_000);

describe.each(here)("%s", (_, prefer, compiled) => {
  test("1,000 training steps leave every count where it was, and disposing leaves nothing", async () => {
    await useEngine({ prefer, quiet: true });
    const before = counts();
    const run = training(tiny, { compiled, accumulate: 1 });
    for (let i = 0; i < 3; i++) run.step(i);
    const [after3, bytes] = [counts(), wasmBytes()];
    for (let i = 3; i < 1003; i++) run.step(i);
    expect(counts()).toEqual(after3);
    expect(wasmBytes()).toBe(bytes);
    run.dispose();
    expect(counts()).toEqual(before);
  }, 120_000);
});
