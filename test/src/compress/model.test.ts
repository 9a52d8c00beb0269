// Whole models: rounded, rounded with error feedback, with rounded inputs, trained under masks.
import {
  blockMatrices,
  channelSizes,
  compressTask,
  dequantizeMatrix,
  distillationLoss,
  gptq,
  gptqModel,
  inputProducts,
  inputSizes,
  magnitudeMask,
  maskedParams,
  quantizeMatrix,
  quantizeModel,
  readProducts,
  roundInput,
  roundModel,
  spreadWindows,
  weightReach,
  windowLosses,
} from "llm/compress";
import { tf, useEngine } from "llm/engine";
import { type GPTConfig, gptHidden, gptLogits, gptLoss, initGPT } from "llm/gpt";
import { countParams, disposeParams } from "llm/params";
import { Random } from "llm/random";
import { Trainer } from "llm/train";
import { beforeAll, describe, expect, it } from "vitest";

beforeAll(() => useEngine({ prefer: "wasm", quiet: true }));

const config: GPTConfig = {
  ...{ family: "llama", vocabSize: 23, blockSize: 16, nLayer: 2, nHead: 2, nEmbd: 12 },
  ...{ nInner: 20, dropout: 0, bias: false },
};
const model = (seed = 1) => ({ params: initGPT(config, { seed }), config });
const rng = new Random(5);
const ids = Int32Array.from({ length: 400 }, (_, i) => (i % 3 === 0 ? rng.integer(23) : i % 23));
const text = (rows: number, T = 10) => tf.tensor2d(ids.slice(0, rows * T), [rows, T], "int32");
const numbers = (x: tf.Tensor) => [...x.dataSync()];

describe("what a matrix reads", () => {
  it("is seen under its name, and what is returned takes its place", () => {
    const { params } = model();
    tf.tidy(() => {
      const names: string[] = [];
      const x = text(2);
      const plain = gptLogits(params, config, x);
      const seen = gptLogits(params, config, x, {
        mapInput: (name, h) => {
          names.push(name);
          expect(h.shape).toEqual([2, 10, params[`${name}.weight`].shape[1]]);
          return h;
        },
      });
      expect(numbers(seen)).toEqual(numbers(plain));
      expect(names.map((name) => `${name}.weight`).sort()).toEqual(blockMatrices(params).sort());
      const nothing = gptLogits(params, config, x, { mapInput: (_, h) => tf.zerosLike(h) });
      // Without any input the blocks add nothing: what is left are the embeddings.
      const empty = { ...params };
      for (const name of blockMatrices(params))
        empty[name] = tf.variable(tf.zerosLike(params[name]));
      expect(numbers(nothing)).toEqual(numbers(gptLogits(empty, config, x)));
      for (const name of blockMatrices(params)) empty[name].dispose();
    });
    disposeParams(params);
  });

  it("is refused for GPT-2's family", () => {
    const gpt2: GPTConfig = { ...config, family: "gpt2", nInner: undefined };
    const params = initGPT(gpt2, { seed: 1 });
    const x = text(1);
    expect(() => gptHidden(params, gpt2, x, { mapInput: (_, h) => h })).toThrow(/family llama/);
    tf.dispose([params, x]);
  });
});

describe("roundModel", () => {
  it("rounds what it is told to, leaves the rest, and counts bytes", () => {
    const { params } = model();
    const before = tf.memory().numTensors;
    const { params: rounded, bytes } = quantizeModel(params, { bits: 4 });
    let bits = 0;
    for (const [name, p] of Object.entries(params)) {
      const [old, now] = [numbers(p), numbers(rounded[name])];
      const isBlock = name.includes("layers") && p.rank === 2;
      const isEmbedding = name.includes("embed");
      if (!isBlock && !isEmbedding) expect(now).toEqual(old);
      else {
        const back = dequantizeMatrix(
          quantizeMatrix(Float32Array.from(old), p.shape as [number, number], {
            bits: isBlock ? 4 : 8,
          }),
        );
        expect(now).toEqual([...back]);
      }
      if (p.rank === 1) bits += 16 * p.size;
      else bits += p.size * (isBlock ? 4 : 8) + 16 * p.shape[0];
    }
    expect(bytes).toBeCloseTo(bits / 8, 6);
    disposeParams(rounded);
    expect(tf.memory().numTensors).toBe(before);
    const { params: same, bytes: halves } = roundModel(params, () => undefined);
    expect(halves).toBe(2 * countParams(params));
    disposeParams(same);
    disposeParams(params);
  });
});

describe("weightReach", () => {
  it("compares the largest weight with the others, in rows and in matrices", () => {
    const names = ["a", "b"].map((name) => `model.layers.0.${name}`);
    const params = {
      [names[0]]: tf.variable(
        tf.tensor2d([
          [3, 4],
          [1, 1],
        ]),
      ),
      [names[1]]: tf.variable(tf.tensor2d([[0, -2]])),
    };
    const rms = (...x: number[]) => Math.sqrt(x.reduce((s, v) => s + v * v, 0) / x.length);
    const rows = [4 / rms(3, 4), 1, 2 / rms(0, 2)].sort();
    const matrices = [4 / rms(3, 4, 1, 1), 2 / rms(0, 2)];
    const { row, farthestRow, matrix, farthestMatrix } = weightReach(params);
    expect(row).toBeCloseTo(rows[1], 6);
    expect(farthestRow).toBeCloseTo(rows[2], 6);
    expect(matrix).toBeCloseTo((matrices[0] + matrices[1]) / 2, 6);
    expect(farthestMatrix).toBeCloseTo(Math.max(...matrices), 6);
    disposeParams(params);
  });
});

describe("gptqModel", () => {
  it("collects XᵀX of what is really read, once for matrices that read the same", () => {
    const { params } = model();
    const x = text(3);
    const products = readProducts(params, config, x);
    const name = "model.layers.1.mlp.down_proj";
    let read = new Float32Array();
    const mapInput = (own: string, h: tf.Tensor3D) => {
      if (own === name) read = Float32Array.from(h.dataSync());
      return h;
    };
    gptHidden(params, config, x, { mapInput }).dispose();
    const right = inputProducts(read, 20);
    const got = products.get(name) as Float64Array;
    for (const [i, value] of right.entries()) expect(got[i]).toBeCloseTo(value, 4);
    const of = (part: string) => products.get(`model.layers.0.${part}`);
    expect(of("self_attn.q_proj")).toBe(of("self_attn.v_proj"));
    expect(of("self_attn.q_proj")).not.toBe(of("self_attn.o_proj"));
    expect(products.size).toBe(14);
    expect([...readProducts(params, config, x, { blocks: [0] }).keys()]).toHaveLength(7);
    tf.dispose([params, x]);
  });

  it("rounds each block for what it reads after the blocks before it are rounded", () => {
    const { params } = model();
    const x = text(8);
    const before = tf.memory().numTensors;
    const { params: rounded, bytes } = gptqModel(params, config, x, { bits: 3 });
    expect(bytes).toBeCloseTo(quantizeModel(params, { bits: 3 }).bytes, 6);
    // Block 1, worked out again from a model in which only block 0 is rounded.
    const half = { ...rounded };
    for (const name of blockMatrices(params))
      if (name.includes("layers.1.")) half[name] = params[name];
    const products = readProducts(half, config, x, { blocks: [1] });
    for (const [name, own] of products) {
      const p = params[`${name}.weight`];
      const right = gptq(p.dataSync() as Float32Array, p.shape as [number, number], own, {
        bits: 3,
      });
      expect(numbers(rounded[`${name}.weight`])).toEqual([...dequantizeMatrix(right)]);
    }
    disposeParams(rounded);
    expect(tf.memory().numTensors).toBeLessThanOrEqual(before + Object.keys(params).length);
    // Shuffled or identical inputs: with a diagonal Hessian it is plain rounding.
    const eye = (h: tf.Tensor2D) => tf.eye(h.shape[1]) as tf.Tensor2D;
    const plain = quantizeModel(params, { bits: 3 });
    const diagonal = gptqModel(params, config, x, { bits: 3, change: eye });
    for (const name of Object.keys(params))
      expect(numbers(diagonal.params[name])).toEqual(numbers(plain.params[name]));
    tf.dispose([params, x, plain.params, diagonal.params]);
  });
});

describe("inputs", () => {
  const wide = () =>
    tf.tensor2d([
      [0.1, -0.2, 8],
      [0.3, 0.1, -7],
      [0.02, 0.01, 0.5],
    ]);
  it("are rounded with a scale for all or for each token, and large channels may be kept", () => {
    tf.tidy(() => {
      const x = wide();
      const all = numbers(roundInput(x, { bits: 8, sharing: "all" }));
      for (const [i, value] of numbers(x).entries())
        expect(all[i]).toBeCloseTo(Math.round(value / (8 / 127)) * (8 / 127), 5);
      const token = numbers(roundInput(x, { bits: 8, sharing: "token" }));
      for (const [i, value] of numbers(x).entries()) {
        const scale = [8, 7, 0.5][Math.floor(i / 3)] / 127;
        expect(token[i]).toBeCloseTo(Math.round(value / scale) * scale, 5);
      }
      const kept = numbers(roundInput(x, { bits: 8, sharing: "token", keepFrom: 6 }));
      expect([2, 5, 8].map((i) => kept[i])).toEqual([2, 5, 8].map((i) => numbers(x)[i]));
      expect(Math.abs(kept[1] - -0.2)).toBeLessThan(0.001);
    });
  });
  it("are measured channel by channel", () => {
    const x = wide();
    const { largest, share } = channelSizes(x);
    x.dispose();
    expect([...largest].map((v) => Number(v.toFixed(2)))).toEqual([0.3, 0.2, 8]);
    expect([...share].map((v) => Number(v.toFixed(3)))).toEqual([0, 0, 0.667]);
    const { params } = model();
    const ids2 = text(2);
    const sizes = inputSizes(params, config, ids2, { count: 2 });
    expect(sizes).toHaveLength(8); // four kinds of inputs in two blocks
    for (const { top, median } of sizes) {
      expect(top).toHaveLength(2);
      expect(top[0].largest).toBeGreaterThanOrEqual(top[1].largest);
      expect(median).toBeLessThanOrEqual(top[1].largest);
    }
    tf.dispose([params, ids2]);
  });
});

describe("windows", () => {
  it("are spread evenly, and each has a loss of its own", () => {
    const windows = spreadWindows(ids, { count: 5, length: 9 });
    expect(windows.map((w) => w.length)).toEqual([10, 10, 10, 10, 10]);
    expect([windows[0].byteOffset, windows[4].byteOffset + 40]).toEqual([0, 4 * 400]);
    const own = model();
    const losses = windowLosses(own, windows);
    tf.tidy(() => {
      for (const [i, window] of windows.entries()) {
        const [a, b] = [window.slice(0, -1), window.slice(1)].map((part) =>
          tf.tensor2d(part, [1, 9], "int32"),
        );
        expect(losses[i]).toBeCloseTo(gptLoss(own.params, config, a, b).dataSync()[0], 6);
      }
    });
    expect(() => spreadWindows(ids.slice(0, 5), { count: 2, length: 9 })).toThrow(/at least 10/);
    disposeParams(own.params);
  });
});

describe("compressTask", () => {
  const shared = { train: ids, heldOut: ids.slice(0, 60), batchSize: 3, length: 8, seed: 2 };
  const settings = { steps: 6, maxLr: 1e-2, weightDecay: 0.1, seed: 1, compile: false };

  it("keeps masks, whatever the optimizer does", async () => {
    const own = model();
    const masks = Object.fromEntries(
      blockMatrices(own.params).map((name) => [
        name,
        magnitudeMask(own.params[name].dataSync() as Float32Array, 0.5),
      ]),
    );
    const task = compressTask({ model: own, masks, ...shared });
    const start = maskedParams(own.params, masks);
    const windows = spreadWindows(ids, { count: 3, length: 8 });
    const trainer = new Trainer({ task, settings: { ...settings, evalEvery: 6 } });
    const before = (await trainer.evaluate()).val;
    // the masked model, measured in another way
    const batch = task.batch(0) as { ids: tf.Tensor2D; targets: tf.Tensor2D };
    const [loss, right] = [
      task.loss(task.params, batch),
      gptLoss(start, config, batch.ids, batch.targets),
    ];
    expect(loss.dataSync()[0]).toBeCloseTo(right.dataSync()[0], 5);
    tf.dispose([batch, loss, right]);
    await trainer.run();
    const final = maskedParams(task.params, masks);
    for (const [name, mask] of Object.entries(masks)) {
      const after = numbers(final[name]);
      const old = numbers(own.params[name]);
      expect(after.every((w, i) => mask[i] === 1 || w === 0)).toBe(true);
      expect(after.some((w, i) => mask[i] === 1 && w !== old[i])).toBe(true);
    }
    expect((await trainer.evaluate()).val).toBeLessThan(before);
    expect(windowLosses({ params: final, config }, windows)).toHaveLength(3);
    trainer.dispose();
    tf.dispose([own.params, start, final]);
  });

  it("learns from a teacher, which stays as it is", async () => {
    const [teacher, student] = [model(7), model(8)];
    const old = numbers(teacher.params["model.norm.weight"]);
    const task = compressTask({
      ...{ model: student, ...shared },
      teacher: { ...teacher, temperature: 2, soft: 1 },
    });
    const batch = task.batch(0) as { ids: tf.Tensor2D; targets: tf.Tensor2D };
    const loss = task.loss(task.params, batch);
    const right = tf.tidy(() => {
      const [s, t] = [student, teacher].map(
        ({ params }) => gptLogits(params, config, batch.ids).reshape([24, 23]) as tf.Tensor2D,
      );
      return distillationLoss(s, t, batch.targets.flatten(), { temperature: 2, soft: 1 });
    });
    expect(loss.dataSync()[0]).toBeCloseTo(right.dataSync()[0], 5);
    tf.dispose([batch, loss, right]);
    const trainer = new Trainer({ task, settings: { ...settings, evalEvery: 6 } });
    const { history } = await trainer.run();
    expect(history.steps.at(-1)?.loss).toBeLessThan(history.steps[0].loss);
    trainer.dispose();
    expect(numbers(teacher.params["model.norm.weight"])).toEqual(old);
    expect(teacher.params["model.norm.weight"].trainable).toBe(true);
    tf.dispose([teacher.params, student.params]);
  });

  it("refuses a mask of another size", () => {
    const own = model();
    const masks = { "model.layers.0.mlp.up_proj.weight": new Uint8Array(3) };
    expect(() => compressTask({ model: own, masks, ...shared })).toThrow(
      /a mask of 240 for model.layers.0.mlp.up_proj.weight, got 3/,
    );
    disposeParams(own.params);
  });
});
