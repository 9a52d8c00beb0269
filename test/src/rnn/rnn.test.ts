import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkpointFile, saveCheckpoint } from "llm/checkpoint";
import { ownArrays, tf, useEngine } from "llm/engine";
import { Random, randomNormal } from "llm/random";
import {
  addingTask,
  type CellKind,
  CharRnn,
  cells,
  charLoss,
  copyTask,
  gruCell,
  initRnn,
  lstmCell,
  memoryBias,
  type RnnWeights,
  rnnCell,
  runRnn,
  sequenceModel,
} from "llm/rnn";
import { CharTokenizer } from "llm/tokenizer";
import { loadCharRnn, trainCharRnn, trainTask } from "llm/trainRnn";
import { beforeAll, describe, expect, it } from "vitest";

interface Recorded {
  shape: number[];
  values: number[];
}
interface Layer {
  params: Record<keyof RnnWeights, Recorded>;
  grads: Record<keyof RnnWeights, Recorded>;
  output: Recorded;
  hLast: Recorded;
  cLast?: Recorded;
  gradX: Recorded;
  gradH0: Recorded;
  gradC0?: Recorded;
  cellH: Recorded;
  cellC?: Recorded;
  loss: number;
}
type Fixture = { x: Recorded; h0: Recorded; c0: Recorded; lossWeights: Recorded } & Record<
  CellKind,
  Layer
>;
const fixture: Fixture = JSON.parse(
  readFileSync(new URL("../../fixtures/rnn.json", import.meta.url), "utf8"),
);
const kinds: CellKind[] = ["rnn", "lstm", "gru"];
const names = ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"] as const;

const tensor = <T extends tf.Tensor>(r: Recorded) => tf.tensor(r.values, r.shape) as T;
const weightsOf = (layer: Layer) =>
  Object.fromEntries(names.map((n) => [n, tensor(layer.params[n])])) as unknown as RnnWeights;

/** Largest difference, absolute for small numbers and relative for large ones. */
function difference(actual: tf.Tensor, expected: Recorded | tf.Tensor): number {
  expect(actual.shape).toEqual(expected.shape);
  const a = actual.dataSync();
  const e = "values" in expected ? expected.values : (expected as tf.Tensor).dataSync();
  return Array.from(a, (v, k) => Math.abs(v - e[k]) / Math.max(1, Math.abs(e[k]))).reduce((x, y) =>
    x > y || Number.isNaN(x) ? x : y,
  );
}

beforeAll(() => useEngine({ quiet: true }));

describe("the cells equal PyTorch's", () => {
  const x0 = () =>
    tf.slice(tensor<tf.Tensor3D>(fixture.x), [0, 0, 0], [-1, 1, -1]).squeeze([1]) as tf.Tensor2D;
  it("rnnCell and gruCell", () => {
    for (const [kind, cell] of [
      ["rnn", rnnCell],
      ["gru", gruCell],
    ] as const)
      expect(
        difference(cell(x0(), tensor(fixture.h0), weightsOf(fixture[kind])), fixture[kind].cellH),
      ).toBeLessThan(1e-5);
  });
  it("lstmCell", () => {
    const [h, c] = lstmCell(
      x0(),
      [tensor(fixture.h0), tensor(fixture.c0)],
      weightsOf(fixture.lstm),
    );
    expect(difference(h, fixture.lstm.cellH)).toBeLessThan(1e-5);
    expect(difference(c, fixture.lstm.cellC!)).toBeLessThan(1e-5);
  });
});

describe.each(kinds)("a layer of kind %s", (kind) => {
  for (const version of ["fast", "clear"] as const)
    it(`${version}: outputs, last state and all gradients equal PyTorch's`, () => {
      const layer = fixture[kind];
      const cell = version === "clear" ? cells[kind] : undefined;
      const state0 = [fixture.h0, ...(kind === "lstm" ? [fixture.c0] : [])].map((r) =>
        tensor<tf.Tensor2D>(r),
      );
      const w = weightsOf(layer);
      const { outputs, state } = runRnn(kind, w, tensor(fixture.x), { state: state0, cell });
      expect(difference(outputs, layer.output)).toBeLessThan(1e-5);
      expect(difference(state[0], layer.hLast)).toBeLessThan(1e-5);
      if (kind === "lstm") expect(difference(state[1], layer.cLast!)).toBeLessThan(1e-5);
      const loss = (
        x: tf.Tensor,
        ih: tf.Tensor,
        hh: tf.Tensor,
        bih: tf.Tensor,
        bhh: tf.Tensor,
        ...s: tf.Tensor[]
      ) =>
        runRnn(
          kind,
          { weight_ih_l0: ih, weight_hh_l0: hh, bias_ih_l0: bih, bias_hh_l0: bhh },
          x as tf.Tensor3D,
          {
            state: s as tf.Tensor2D[],
            cell,
          },
        )
          .outputs.mul(tensor(fixture.lossWeights))
          .sum();
      const args = [tensor(fixture.x), ...names.map((n) => w[n]), ...state0];
      expect(loss(...(args as Parameters<typeof loss>)).dataSync()[0]).toBeCloseTo(layer.loss, 4);
      const [gradX, ...rest] = tf.grads(loss as never)(args);
      const expected = [
        ...names.map((n) => layer.grads[n]),
        layer.gradH0,
        ...(layer.gradC0 ? [layer.gradC0] : []),
      ];
      expect(difference(gradX, layer.gradX)).toBeLessThan(1e-5);
      expected.forEach((e, k) => {
        expect(difference(rest[k], e)).toBeLessThan(1e-5);
      });
    });

  // Units in fours or not; one row, more than the kernels' matrix product takes at once (96); more
  // than 256 summands.
  it.each([
    { B: 3, T: 9, H: 7 },
    { B: 1, T: 1, H: 1 },
    { B: 1, T: 3, H: 5 },
    { B: 98, T: 2, H: 4 },
    { B: 5, T: 3, H: 130 },
    { B: 2, T: 2, H: 258 },
  ])("fast and clear agree at odd sizes, also through the last state: %o", ({ B, T, H }) => {
    const rng = new Random(7);
    const w = initRnn(kind, { inputSize: 3, hiddenSize: H, rng });
    const x = randomNormal([B, T, 3], { rng });
    const loss = (cell?: (typeof cells)[CellKind]) => (x: tf.Tensor) => {
      const { outputs, state } = runRnn(kind, w, x as tf.Tensor3D, { cell });
      return tf.addN([outputs.square().sum(), ...state.map((s) => s.sum())]);
    };
    expect(difference(tf.grad(loss())(x), tf.grad(loss(cells[kind]))(x))).toBeLessThan(1e-5);
    const [a, b] = [loss(), loss(cells[kind])].map(
      (f) => tf.variableGrads(() => f(x) as tf.Scalar).grads,
    );
    for (const name of Object.keys(b)) expect(difference(a[name], b[name])).toBeLessThan(1e-5);
  });
});

describe("the scan", () => {
  it("several layers on one tape: each way back has its own forward values", () => {
    const rng = new Random(11);
    const layers = kinds.map((kind) => ({
      kind,
      w: initRnn(kind, { inputSize: 6, hiddenSize: 6, rng }),
    }));
    const x = randomNormal([2, 5, 6], { rng });
    const through = (clear: boolean) => (x: tf.Tensor) =>
      layers
        .reduce(
          (h, { kind, w }) => runRnn(kind, w, h, { cell: clear ? cells[kind] : undefined }).outputs,
          x as tf.Tensor3D,
        )
        .square()
        .sum();
    expect(difference(tf.grad(through(false))(x), tf.grad(through(true))(x))).toBeLessThan(1e-5);
  });
  it("the same call gives the same bits, whatever ran before", () => {
    const w = initRnn("gru", { inputSize: 4, hiddenSize: 9, rng: new Random(1) });
    const other = initRnn("lstm", { inputSize: 4, hiddenSize: 20, rng: new Random(2) });
    const x = randomNormal([3, 6, 4], { rng: new Random(3) }) as tf.Tensor3D;
    const run = () => {
      const loss = (x: tf.Tensor) =>
        runRnn("gru", w, x as tf.Tensor3D)
          .outputs.square()
          .sum();
      const { value, grad } = tf.valueAndGrad(loss)(x);
      return [value, grad].map((t) => [...t.dataSync()]);
    };
    const first = run();
    tf.grad((x) => runRnn("lstm", other, x as tf.Tensor3D).outputs.sum())(x);
    expect(run()).toEqual(first);
  });
  it("small states keep their digits, and so do sensitivities of 1e-20", () => {
    const H = 4;
    const w = {
      weight_ih_l0: tf.eye(H),
      weight_hh_l0: tf.eye(H).mul(0.5),
      bias_ih_l0: tf.zeros([H]),
      bias_hh_l0: tf.zeros([H]),
    };
    const tiny = 1e-9;
    const x = tf.concat([tf.fill([1, 1, H], tiny), tf.zeros([1, 66, H])], 1) as tf.Tensor3D;
    const last = (x: tf.Tensor) => runRnn("rnn", w, x as tf.Tensor3D).state[0];
    expect(last(x).dataSync()[0] / (tiny * 0.5 ** 66)).toBeCloseTo(1, 5); // tanh of so little is the identity
    const felt = tf
      .grad((x) => last(x).sum())(x)
      .dataSync();
    expect(felt[0] / 0.5 ** 66).toBeCloseTo(1, 5); // 1.4e-20
  });
  it("a gradient that has vanished is 0 and not a denormal number; NaN stays NaN", () => {
    for (const kind of kinds) {
      const w = initRnn(kind, { inputSize: 2, hiddenSize: 4, rng: new Random(1) });
      w.weight_hh_l0.assign(tf.zeros(w.weight_hh_l0.shape)); // an LSTM and a GRU keep about half at each step
      const slopes = (x: tf.Tensor) =>
        tf
          .grad((x) =>
            runRnn(kind, w, x as tf.Tensor3D)
              .state.at(-1)!
              .sum(),
          )(x)
          .dataSync();
      const felt = slopes(tf.zeros([1, 300, 2]));
      expect(Math.abs(felt[felt.length - 1])).toBeGreaterThan(1e-3);
      expect(felt.every((v) => v === 0 || Math.abs(v) > 2 ** -126)).toBe(true);
      expect(felt[0]).toBe(0);
      expect(slopes(tf.fill([1, 2, 2], Number.NaN)).every(Number.isNaN)).toBe(true);
    }
  });
});

describe("the kernels' own memory", () => {
  it("arrays that do not overlap, where the kernels can load four numbers at once; it grows", () => {
    const arrays = ownArrays("test", [3, 0, 100_000, 17]);
    expect(arrays.map((a) => a.length)).toEqual([3, 0, 100_000, 17]);
    arrays.forEach((a, k) => {
      expect(a.byteOffset).toBeGreaterThan(0);
      expect(a.byteOffset % 64).toBe(0);
      if (k > 0)
        expect(a.byteOffset).toBeGreaterThanOrEqual(
          arrays[k - 1].byteOffset + 4 * arrays[k - 1].length,
        );
    });
    const size = arrays[0].buffer.byteLength;
    expect(ownArrays("test", [10])[0].buffer.byteLength).toBe(size); // kept, not made anew
  });
  it("what does not fit is a sentence", () => {
    expect(() => ownArrays("scan", [2 ** 30])).toThrow(
      /scan: out of memory \(4096 MiB of work space\)\. Use a smaller batch/,
    );
    expect(ownArrays("scan", [4])[0].length).toBe(4); // and the next call works
  });
});

describe("initRnn", () => {
  it("draws from U(±1/√H), like PyTorch, and the same for the same seed", () => {
    const make = () => initRnn("gru", { inputSize: 3, hiddenSize: 16, rng: new Random(1) });
    const w = make();
    for (const name of names) {
      const values = w[name].dataSync();
      expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(1 / 4);
      expect([...values]).toEqual([...make()[name].dataSync()]);
    }
    expect(Math.max(...w.weight_hh_l0.dataSync().map(Math.abs))).toBeGreaterThan(0.24);
  });
  it("opens the gate that keeps: f of the LSTM, z of the GRU, and no other", () => {
    for (const kind of ["lstm", "gru"] as const) {
      const H = 4;
      const w = initRnn(kind, {
        inputSize: 2,
        hiddenSize: H,
        rng: new Random(1),
        forgetBias: [1, 2, 3, 4],
      });
      const plain = initRnn(kind, { inputSize: 2, hiddenSize: H, rng: new Random(1) });
      const sum = (p: RnnWeights, k: number) =>
        p.bias_ih_l0.dataSync()[k] + p.bias_hh_l0.dataSync()[k];
      for (let k = 0; k < w.bias_ih_l0.size; k++)
        expect(sum(w, k)).toBeCloseTo(k >= H && k < 2 * H ? k - H + 1 : sum(plain, k), 6);
    }
    expect(() =>
      initRnn("rnn", { inputSize: 1, hiddenSize: 1, rng: new Random(1), forgetBias: 1 }),
    ).toThrow(/no gates/);
  });
  it("memoryBias gives memories of up to the longest wanted", () => {
    const spans = memoryBias(8, 50).map((b) => 1 + Math.exp(b)); // a gate σ(b) keeps for 1 + e^b steps
    expect(spans[7]).toBeCloseTo(50, 6);
    expect(Math.min(...spans)).toBeGreaterThanOrEqual(2);
  });
});

describe("runRnn", () => {
  it("read in two pieces with the state handed on, the outputs are those of one piece", () => {
    for (const kind of kinds) {
      const rng = new Random(5);
      const w = initRnn(kind, { inputSize: 2, hiddenSize: 3, rng });
      const x = randomNormal([2, 7, 2], { rng }) as tf.Tensor3D;
      const a = runRnn(kind, w, tf.slice(x, [0, 0, 0], [2, 4, 2]));
      const b = runRnn(kind, w, tf.slice(x, [0, 4, 0], [2, 3, 2]), { state: a.state });
      expect(
        difference(tf.concat([a.outputs, b.outputs], 1), runRnn(kind, w, x).outputs),
      ).toBeLessThan(1e-6);
    }
  });
  it("leaves only its results behind, with gradients too", () => {
    for (const kind of kinds) {
      const w = initRnn(kind, { inputSize: 2, hiddenSize: 3, rng: new Random(1) });
      const x = tf.ones([2, 5, 2]) as tf.Tensor3D;
      const before = tf.memory().numTensors;
      for (const cell of [undefined, cells[kind]]) {
        const { outputs, state } = runRnn(kind, w, x, { cell });
        tf.dispose([outputs, ...state]);
        const { value, grads } = tf.variableGrads(
          () => runRnn(kind, w, x, { cell }).outputs.sum() as tf.Scalar,
        );
        tf.dispose([value, grads as never]);
        expect(tf.memory().numTensors).toBe(before);
      }
    }
  });
  it("names the sizes that do not fit", () => {
    const w = initRnn("lstm", { inputSize: 2, hiddenSize: 3, rng: new Random(1) });
    expect(() => runRnn("gru", w, tf.zeros([1, 2, 2]))).toThrow(/expected weights of 3 gate/);
    expect(() => runRnn("lstm", w, tf.zeros([1, 2, 5]))).toThrow(/inputs of width 2, got/);
  });
});

describe("the tasks", () => {
  it("adding: two marks, one in each half, and their sum; answering 1 scores the baseline", () => {
    const task = addingTask(11);
    const { x, y } = task.batch(4000, new Random(1));
    const rows = x.arraySync();
    rows.slice(0, 50).forEach((row, b) => {
      const marked = row.flatMap(([, mark], t) => (mark === 1 ? [t] : []));
      expect(marked.length).toBe(2);
      expect(marked[0]).toBeLessThan(5);
      expect(marked[1]).toBeGreaterThanOrEqual(5);
      expect(y.arraySync()[b][0]).toBeCloseTo(row[marked[0]][0] + row[marked[1]][0], 5);
    });
    expect(Math.abs(task.score(tf.ones([4000, 1, 1]), y) - task.baseline)).toBeLessThan(0.01);
  });
  it("copy: symbols, pause, 'now' just before the answer", () => {
    const task = copyTask(4, { symbols: 3, length: 2 });
    const { x, y } = task.batch(1, new Random(1));
    const ids = x.argMax(-1).arraySync() as number[][];
    expect(ids[0]).toEqual([...y.arraySync()[0], 3, 3, 3, 4, 3, 3]);
    const right = tf.oneHot(y, 3).toFloat() as tf.Tensor3D;
    expect(task.score(right, y)).toBe(1);
    expect(task.loss(tf.zeros([1, 2, 3]), y).dataSync()[0]).toBeCloseTo(Math.log(3), 5);
  });
  it("attention in the comparison does not look ahead", () => {
    const model = sequenceModel("attention", {
      inputSize: 2,
      outputSize: 1,
      hiddenSize: 8,
      maxLength: 6,
      rng: new Random(1),
    });
    const x = randomNormal([1, 6, 2], { rng: new Random(2) }) as tf.Tensor3D;
    const slopes = tf.grad((x) =>
      tf.slice(model.forward(x as tf.Tensor3D, 3), [0, 0, 0], [1, 1, 1]).sum(),
    )(x);
    const perStep = slopes.abs().sum(2).arraySync() as number[][]; // the answer of step 3 of 0…5
    expect(perStep[0].map((v) => v > 0)).toEqual([true, true, true, true, false, false]);
  });
  it("training: a GRU learns to add over 10 steps, repeatably, and leaves no tensors", async () => {
    const before = tf.memory().numTensors;
    const run = () =>
      trainTask({
        kind: "gru",
        task: addingTask(10),
        seed: 2,
        steps: 200,
        hiddenSize: 16,
        lr: 0.02,
        forgetBias: memoryBias(16, 10),
        others: [addingTask(10), addingTask(8)],
      });
    const result = await run();
    expect(result.passed).toBe(true);
    expect(result.otherScores[0]).toBe(result.score); // the same task, the same examples
    expect(result.otherScores[1]).not.toBe(result.score);
    expect(result.parameters).toBe(3 * 16 * (2 + 16 + 2) + 17);
    expect(result.losses.slice(0, 5)).toEqual((await run()).losses.slice(0, 5));
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe("the character model", () => {
  const ids = Int32Array.from({ length: 600 }, (_, k) => [0, 1, 2, 1][k % 4]);
  it("charLoss is ln V for a read-out of zeros", () => {
    const readOut = { weight: tf.zeros([5, 3]), bias: tf.zeros([5]) };
    const { loss } = charLoss(
      (x, s) => ({ outputs: tf.zeros([x.shape[0], x.shape[1], 3]), state: s }),
      readOut,
      tf.zeros([2, 4], "int32"),
      [],
    );
    expect(loss.dataSync()[0]).toBeCloseTo(Math.log(5), 5);
  });
  it("learns a pattern of period four, which a bigram cannot, and leaves nothing behind", async () => {
    const before = tf.memory().numTensors;
    const { model, losses, val } = await trainCharRnn({
      trainIds: ids,
      valIds: ids.slice(0, 100),
      vocabSize: 3,
      hiddenSize: 8,
      batchSize: 4,
      chunk: 10,
      steps: 120,
      lr: 0.02,
      seed: 1,
    });
    expect(losses[0]).toBeGreaterThan(0.9);
    expect(val).toBeLessThan(0.2); // after 1 both 0 and 2 follow: a bigram stays at ½ ln 2 = 0.35
    expect(model.sample([0, 1, 2, 1], { length: 6, temperature: 0.2, rng: new Random(1) })).toEqual(
      [0, 1, 2, 1, 0, 1],
    );
    expect(() => model.sample([], { length: 1, rng: new Random(1) })).toThrow(
      /prompt of at least one/,
    );
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
  it("gives the log-probabilities that its loss is made of", () => {
    const model = new CharRnn({ kind: "gru", vocabSize: 3, hiddenSize: 5, rng: new Random(3) });
    const before = tf.memory().numTensors;
    const text = ids.slice(0, 40);
    const logs = model.logProbabilities(text);
    expect(logs.length).toBe(40);
    const sums = logs.map((row) => row.reduce((sum, l) => sum + Math.exp(l), 0));
    for (const sum of sums) expect(sum).toBeCloseTo(1, 5);
    let loss = 0;
    for (let t = 0; t + 1 < text.length; t++) loss -= logs[t][text[t + 1]] / (text.length - 1);
    expect(loss).toBeCloseTo(model.evaluate(text), 5);
    expect(tf.memory().numTensors).toBe(before);
    expect(() => model.logProbabilities([])).toThrow(/at least one character/);
    model.dispose();
  });
  it("is loaded from a checkpoint with its tokenizer", async () => {
    const folder = mkdtempSync(join(tmpdir(), "llm-char-rnn-"));
    const tokenizer = CharTokenizer.train("abc");
    const model = new CharRnn({ kind: "lstm", vocabSize: 3, hiddenSize: 4, rng: new Random(5) });
    const described = { kind: "lstm", vocabSize: 3, hiddenSize: 4 };
    const save = (kind: string, letters = tokenizer) =>
      saveCheckpoint(
        folder,
        { params: model.params },
        { kind, model: described, tokenizer: letters.toJSON(), step: 1 },
      );
    await save("char-rnn");
    const loaded = loadCharRnn(join(folder, checkpointFile));
    expect(loaded.tokenizer.encode("cab")).toEqual([2, 0, 1]);
    expect(loaded.model.evaluate(ids)).toBeCloseTo(model.evaluate(ids), 6);
    loaded.model.dispose();
    await save("gpt");
    expect(() => loadCharRnn(join(folder, checkpointFile))).toThrow(/kind "char-rnn".*got "gpt"/);
    await save("char-rnn", CharTokenizer.train("abcd"));
    expect(() => loadCharRnn(join(folder, checkpointFile))).toThrow(/3 characters.*got one of 4/);
    model.dispose();
    rmSync(folder, { recursive: true });
  });
  it("says when the text is too short", async () => {
    await expect(
      trainCharRnn({
        trainIds: ids.slice(0, 50),
        valIds: ids,
        vocabSize: 3,
        batchSize: 4,
        chunk: 20,
        steps: 1,
        seed: 1,
      }),
    ).rejects.toThrow(/expected more than 4 × 20 characters, got 50/);
  });
});
