import { readFileSync } from "node:fs";
import { tf, useEngine } from "llm/engine";
import { Random, randomNormal } from "llm/random";
import { type CellKind, cells, gruCell, initRnn, lstmCell, type RnnWeights, rnnCell, runRnn } from "llm/rnn";
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
type Fixture = { x: Recorded; h0: Recorded; c0: Recorded; lossWeights: Recorded } & Record<CellKind, Layer>;
const fixture: Fixture = JSON.parse(readFileSync(new URL("../fixtures/rnn.json", import.meta.url), "utf8"));
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
  return Math.max(...Array.from(a, (v, k) => Math.abs(v - e[k]) / Math.max(1, Math.abs(e[k]))));
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
    const [h, c] = lstmCell(x0(), [tensor(fixture.h0), tensor(fixture.c0)], weightsOf(fixture.lstm));
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

  it("fast and clear agree at odd sizes, also through the last state", () => {
    const rng = new Random(7);
    const w = initRnn(kind, { inputSize: 3, hiddenSize: 7, rng });
    const x = randomNormal([3, 9, 3], { rng });
    const loss = (cell?: (typeof cells)[CellKind]) => (x: tf.Tensor) => {
      const { outputs, state } = runRnn(kind, w, x as tf.Tensor3D, { cell });
      return tf.addN([outputs.square().sum(), ...state.map((s) => s.sum())]);
    };
    expect(difference(tf.grad(loss())(x), tf.grad(loss(cells[kind]))(x))).toBeLessThan(1e-5);
    const [a, b] = [loss(), loss(cells[kind])].map((f) => tf.variableGrads(() => f(x) as tf.Scalar).grads);
    for (const name of Object.keys(b)) expect(difference(a[name], b[name])).toBeLessThan(1e-5);
  });
});
