// A recurrent layer over a sequence: initial weights, and the loop over time in its clear and its
// fast version. One layer, one direction, batch first: (B, T, I) → (B, T, H), as
// torch.nn.LSTM(batch_first=True).

import { tf } from "../engine";
import { type Random, randomUniform } from "../random";
import { type Cell, type CellKind, GATES, type RnnState, type RnnWeights } from "./cells";
import { scan } from "./scan";

/** Weights that can be trained; a flat record with PyTorch's names. */
export type RnnParams = { [name in keyof RnnWeights]: tf.Variable };

/**
 * New weights for a recurrent layer, PyTorch's way: every number from U(−1/√H, 1/√H).
 *
 * @param o.forgetBias bias of the gate that keeps the old state (LSTM's f, GRU's z), replacing the
 *   random one: with b the gate starts at σ(b), 0.73 for 1 (Gers et al. 2000; Jozefowicz et al.
 *   2015). An array gives one value per unit.
 */
export function initRnn(
  kind: CellKind,
  o: { inputSize: number; hiddenSize: number; rng: Random; forgetBias?: number | number[] },
): RnnParams {
  const { inputSize: I, hiddenSize: H, rng, forgetBias } = o;
  if (!(I >= 1 && H >= 1))
    throw new Error(`initRnn: expected sizes of at least 1, got inputSize ${I}, hiddenSize ${H}`);
  if (forgetBias !== undefined && kind === "rnn")
    throw new Error(
      "initRnn: expected kind lstm or gru with forgetBias, got rnn, which has no gates",
    );
  const GH = GATES[kind] * H;
  const bound = 1 / Math.sqrt(H);
  const uniform = (...shape: number[]) => randomUniform(shape, { rng, min: -bound, max: bound });
  return tf.tidy(() => {
    const init = {
      weight_ih_l0: uniform(GH, I),
      weight_hh_l0: uniform(GH, H),
      bias_ih_l0: uniform(GH),
      bias_hh_l0: uniform(GH),
    };
    if (forgetBias !== undefined) {
      const block = (values: ArrayLike<number>, to: (k: number) => number) =>
        tf.tensor1d(Float32Array.from(values, (v, j) => (Math.floor(j / H) === 1 ? to(j - H) : v))); // f and z are both block 1
      init.bias_ih_l0 = block(init.bias_ih_l0.dataSync(), (k) =>
        typeof forgetBias === "number" ? forgetBias : forgetBias[k],
      );
      init.bias_hh_l0 = block(init.bias_hh_l0.dataSync(), () => 0);
    }
    return Object.fromEntries(
      Object.entries(init).map(([name, t]) => [name, tf.keep(tf.variable(t))]),
    ) as unknown as RnnParams;
  });
}

/**
 * Values for `forgetBias` that give the units memories of different length at the start, from 2 to
 * `longest` steps. A gate that starts at σ(b) forgets a share 1 − σ(b) = 1/τ each step, so b = ln(τ
 * − 1) (Tallec & Ollivier 2018, evenly spread).
 */
export function memoryBias(hiddenSize: number, longest: number): number[] {
  if (!(longest >= 2))
    throw new Error(`memoryBias: expected a longest memory of at least 2 steps, got ${longest}`);
  return Array.from({ length: hiddenSize }, (_, k) =>
    Math.log(1 + ((k + 1) / hiddenSize) * (longest - 2)),
  );
}

/** A state of zeros: [h], or [h, c] for an LSTM. */
export function zeroState(kind: CellKind, batch: number, hiddenSize: number): RnnState {
  return Array.from(
    { length: kind === "lstm" ? 2 : 1 },
    () => tf.zeros([batch, hiddenSize]) as tf.Tensor2D,
  );
}

/**
 * Runs a recurrent layer over sequences. Differentiable in the weights, the inputs and the first
 * state.
 *
 * @param x (B, T, I)
 * @param o.state the first state (zeros); it is read, not disposed
 * @param o.cell a cell to run step by step with tf ops instead of the fast scan: the clear version
 * @returns outputs (B, T, H), h after every step, and the last state. The caller disposes both.
 */
export function runRnn(
  kind: CellKind,
  w: RnnWeights,
  x: tf.Tensor3D,
  o: { state?: RnnState; cell?: Cell } = {},
): { outputs: tf.Tensor3D; state: RnnState } {
  const [B, T, I] = x.shape;
  const [GH, H] = w.weight_hh_l0.shape;
  if (GH !== GATES[kind] * H || w.weight_ih_l0.shape[1] !== I)
    throw new Error(
      `runRnn: expected weights of ${GATES[kind]} gate(s) and inputs of width ${w.weight_ih_l0.shape[1]}, got weight_hh_l0 of shape [${GH}, ${H}] and inputs of width ${I}`,
    );
  return tf.tidy(() => {
    const first = o.state ?? zeroState(kind, B, H);
    if (o.cell) return stepByStep(o.cell, w, x, first);
    // W_ih x_t does not wait for the step before: one product for all T.
    const fromInput = tf
      .matMul(x.reshape<tf.Tensor2D>([B * T, I]), w.weight_ih_l0 as tf.Tensor2D, false, true)
      .add(w.bias_ih_l0);
    const s0 = first.length === 1 ? first[0] : tf.concat2d(first, 1);
    const states = scan(
      kind,
      fromInput.reshape([B, T, GH]),
      w.weight_hh_l0 as tf.Tensor2D,
      w.bias_hh_l0 as tf.Tensor1D,
      s0,
    );
    const at = (t: number, n: number, part: number) =>
      tf.slice(states, [0, t, part * H], [B, n, H]);
    return {
      outputs: at(1, T, 0),
      state: first.map((_, part) => at(T, 1, part).reshape<tf.Tensor2D>([B, H])),
    };
  });
}

/**
 * The loop as one would write it first. `cells.lstm` and a learner's own cell have the right type.
 */
export function stepByStep(
  cell: Cell,
  w: RnnWeights,
  x: tf.Tensor3D,
  first: RnnState,
): { outputs: tf.Tensor3D; state: RnnState } {
  let state = first;
  const outputs: tf.Tensor2D[] = [];
  for (const xt of tf.unstack(x, 1) as tf.Tensor2D[]) {
    state = cell(xt, state, w);
    outputs.push(state[0]);
  }
  return { outputs: tf.stack(outputs, 1) as tf.Tensor3D, state };
}
