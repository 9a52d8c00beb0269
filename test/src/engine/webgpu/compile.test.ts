// Compiled functions on the WebGPU engine: the same values and losses as uncompiled, one submission
// a call, nothing left; and what a trace cannot capture is an error that says so (docs/compile.md).
import {
  CompileError,
  canCompile,
  compile,
  type GpuCounts,
  gpuCounts,
  tf,
  useEngine,
} from "llm/engine";
import { type GPTConfig, gptLoss, initGPT } from "llm/gpt";
import { DropoutKey, dropout } from "llm/ops";
import { adamwInit, adamwStep } from "llm/optim";
import { disposeParams, lossAndGrads, type Params } from "llm/params";
import { afterAll, describe, expect, test } from "vitest";
import { softwareGpu } from "../softwareGpu";

const here = await softwareGpu("compile");
afterAll(() => useEngine({ prefer: "wasm", quiet: true }));
const gpu = () => gpuCounts() as GpuCounts;

const config: GPTConfig = {
  vocabSize: 11,
  blockSize: 6,
  nLayer: 1,
  nHead: 2,
  nEmbd: 8,
  dropout: 0,
  bias: true,
};

/** Losses of training steps with a schedule; what a step did to the counts. */
function train(steps: number, compiled: boolean) {
  const params = initGPT(config, { seed: 1 });
  const state = adamwInit(params);
  const plain = (p: Params, s: Params, ids: tf.Tensor2D, targets: tf.Tensor2D, lr: tf.Scalar) => {
    const { loss, grads } = lossAndGrads(p, () => gptLoss(p, config, ids, targets));
    adamwStep(p, grads, s as never, { lr, weightDecay: 0.1 });
    return loss;
  };
  const step = compiled ? compile(plain) : plain;
  const row = (i: number) =>
    tf.tensor2d(
      Array.from({ length: 12 }, (_, j) => ((i + j) * 7 + 3) % 11),
      [2, 6],
      "int32",
    );
  const counts: GpuCounts[] = [];
  const held: { tensors: number; buffers: number }[] = [];
  const losses = Array.from({ length: steps }, (_, i) => {
    const [value] = tf.tidy(() =>
      step(params, state, row(i), row(i + 1), tf.scalar(1e-2 / (1 + i))).dataSync(),
    );
    counts.push(gpu());
    held.push({ tensors: tf.memory().numTensors, buffers: gpu().buffers });
    return value;
  });
  if (compiled) (step as typeof step & { dispose(): void }).dispose();
  disposeParams(params);
  disposeParams(state);
  return { losses, counts, held };
}

describe.skipIf(!here)("compile on webgpu", () => {
  test("32 training steps: uncompiled's losses, one submission per step, and nothing is left", () => {
    expect(canCompile()).toBe(true);
    const before = { tensors: tf.memory().numTensors, buffers: gpu().buffers };
    const { losses } = train(32, false);
    const compiled = train(32, true);
    expect(Math.max(...losses.map((l, i) => Math.abs(l - compiled.losses[i])))).toBeLessThan(1e-5);
    const [a, b] = [compiled.counts[19], compiled.counts[20]];
    expect(b.submissions - a.submissions).toBe(2); // the step, and the read of the loss
    expect([b.reads - a.reads, b.bytesRead - a.bytesRead]).toEqual([1, 4]);
    expect(b.bytesWritten - a.bytesWritten).toBe(2 * 12 * 4 + 4); // ids, targets, learning rate
    expect(compiled.held[31]).toEqual(compiled.held[3]);
    expect({ tensors: tf.memory().numTensors, buffers: gpu().buffers }).toEqual(before);
  }, 120_000);

  test("variables may exchange their values, and be replaced between calls", () => {
    const [a, b] = [tf.variable(tf.tensor1d([1, 2])), tf.variable(tf.tensor1d([3, 4]))];
    const swap = compile(() => {
      const old = a.clone();
      a.assign(b.clone());
      b.assign(old);
    });
    const values = () => [a, b].map((v) => Array.from(v.dataSync()));
    swap();
    expect(values()).toEqual([
      [3, 4],
      [1, 2],
    ]);
    for (let i = 0; i < 3; i++) swap();
    expect(values()[0]).toEqual([1, 2]);
    tf.tidy(() => a.assign(tf.tensor1d([7, 8])));
    const copy = a.clone();
    swap();
    expect(values()).toEqual([
      [3, 4],
      [7, 8],
    ]);
    expect(Array.from(copy.dataSync())).toEqual([7, 8]);
    swap.dispose();
    tf.dispose([a, b, copy]);
  });

  test("dropout with a DropoutKey: other values at every step, the same for the same step", () => {
    const f = compile((x: tf.Tensor, step: tf.Scalar) => dropout(x, 0.25, new DropoutKey(7, step)));
    const x = tf.ones([40, 50]);
    const masks = [1, 2, 1].map((i) =>
      tf.tidy(() => Array.from(f(x, tf.scalar(i, "int32")).dataSync())),
    );
    expect(masks[2]).toEqual(masks[0]);
    expect(masks[1]).not.toEqual(masks[0]);
    const dropped = masks[0].filter((v) => v === 0).length / 2000;
    expect(Math.abs(dropped - 0.25)).toBeLessThan(0.05);
    f.dispose();
    x.dispose();
  });

  test("token ids are checked at every call", () => {
    const f = compile((table: tf.Tensor2D, ids: tf.Tensor1D) => {
      const loss = () => tf.sum(tf.gather(table, ids)) as tf.Scalar;
      return loss();
    });
    const table = tf.ones([4, 3]) as tf.Tensor2D;
    const read = (list: number[]) =>
      tf.tidy(() => f(table, tf.tensor1d(list, "int32")).dataSync()[0]);
    expect([read([0, 3]), read([1, 1]), read([2, 0])]).toEqual([6, 6, 6]);
    f.dispose();
    table.dispose();
  });

  describe("is an error", () => {
    const x = tf.tensor1d([1, 2, 3]); // made while the tests are collected, on whichever engine
    const outside = tf.tensor1d([1, 1, 1]);
    let count = 0;
    const cases: [string, () => (x: tf.Tensor1D) => unknown, RegExp][] = [
      ["dataSync", () => (x) => tf.mul(x, x.dataSync()[0]), /values of a tensor are read/],
      ["a tensor as a number", () => (x) => (Number(x) > 1 ? x : tf.neg(x)), /used as a number/],
      ["Math.random", () => (x) => tf.mul(x, Math.random()), /Math.random would be drawn once/],
      ["a tensor from outside", () => (x) => tf.mul(x, outside), /made outside/],
      ["a variable made inside", () => () => tf.variable(tf.scalar(1)).clone(), /makes a variable/],
      ["something kept", () => (x) => void tf.keep(tf.neg(x)), /keeps 1 tensor/],
      ["an argument disposed", () => (x) => x.dispose(), /disposes one of its arguments/],
      ["an async function", () => async (x) => tf.neg(x), /is async/],
      ["a number", () => (x) => tf.mul(x, ++count), /changes between calls: 1 became 2/],
      ["an if", () => (x) => (++count % 2 ? tf.neg(x) : tf.exp(x)), /does other operations/],
    ];
    test.each(cases)("%s", (_, make, message) => {
      count = 0;
      const { numTensors } = tf.memory();
      const f = compile(make() as (x: tf.Tensor1D) => tf.Tensor);
      const call = () => tf.tidy(() => void f(x));
      expect(() => {
        for (let i = 0; i < 3; i++) call();
      }).toThrow(message);
      if (count === 0) expect(() => call()).toThrow(CompileError);
      f.dispose();
      expect(Array.from(outside.dataSync())).toEqual([1, 1, 1]);
      if (!/keeps/.test(message.source)) expect(tf.memory().numTensors).toBe(numTensors);
      expect(Array.from(x.dataSync())).toEqual([1, 2, 3]);
    });
  });
});
