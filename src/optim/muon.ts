// Muon (Jordan et al., 2024, "Muon: An optimizer for hidden layers in neural networks"): momentum
// whose direction is made orthogonal. A gradient matrix has a few large singular values and many
// small ones; Muon sets all of them to about 1, so that a step moves every direction alike. Five
// matrix iterations do it, without a singular value decomposition. It is for the matrices inside a
// model; embeddings, head, gains and biases go to AdamW (`grouped` in ./optimizer). The arithmetic
// is torch.optim.Muon's with its default `adjust_lr_fn`, but in float32 where PyTorch iterates in
// bfloat16. Left out: the scale that imitates AdamW's step sizes (Liu et al., 2025).

import { tf } from "../engine";
import { sumOfSquares } from "../ops";
import type { Grads, Params } from "../params";
import type { Optimizer, OptimizerState } from "./optimizer";

/** Jordan's coefficients: the steepest rise from 0, at the price of ending near 1 and not at 1. */
const [A, B, C] = [3.4445, -4.775, 2.0315];

/**
 * An orthogonal matrix near the given one: its singular vectors stay, and its singular values become
 * about 1 (0.7 to 1.2 after five iterations). With `X = G / ‖G‖`, repeat `X ← a·X + (b·XXᵀ +
 * c·(XXᵀ)²)·X`: each singular value s becomes `a·s + b·s³ + c·s⁵`, and the vectors never appear.
 * A tall matrix is transposed meanwhile, because XXᵀ is then the smaller product.
 *
 * @param matrix G, (rows, columns)
 * @param options `iterations`, 5; `eps`, the smallest norm that is divided by, 1e-7
 * @returns a new tensor of the same shape; the caller disposes it
 * @throws if G is no matrix
 */
export function newtonSchulz(
  matrix: tf.Tensor,
  { iterations = 5, eps = 1e-7 }: { iterations?: number; eps?: number } = {},
): tf.Tensor2D {
  if (matrix.rank !== 2)
    throw new Error(`newtonSchulz: expected a matrix, got shape [${matrix.shape}]`);
  const [rows, columns] = matrix.shape as [number, number];
  const isTall = rows > columns;
  return tf.tidy(() => {
    const norm = tf.sqrt(sumOfSquares(matrix));
    let x = tf.div(matrix, tf.maximum(norm, eps)) as tf.Tensor2D;
    if (isTall) x = tf.transpose(x);
    for (let i = 0; i < iterations; i++) {
      const gram = tf.matMul(x, x, false, true);
      const factor = tf.add<tf.Tensor2D>(tf.mul(gram, B), tf.mul(tf.matMul(gram, gram), C));
      x = tf.add(tf.mul(x, A), tf.matMul(factor, x));
    }
    return isTall ? tf.transpose(x) : x;
  });
}

/** Options of Muon, with Jordan's defaults. */
export interface MuonOptions {
  /** β: how much of the mean of the gradients is kept from step to step; 0.95. */
  momentum?: number;
  /** Whether the newest gradient counts once more (Nesterov's momentum); true. */
  nesterov?: boolean;
  /** Iterations of Newton–Schulz; 5. */
  iterations?: number;
  /** λ: how much of a weight is taken away, times the learning rate; 0. */
  weightDecay?: number;
  /** Which axis is a layer's outputs: 0 as PyTorch and LLaMA store it, 1 as GPT-2; 0. */
  outputAxis?: 0 | 1;
  /**
   * How many matrices stand side by side on the axis of outputs, by the parameter's name: 3 for
   * GPT-2's queries, keys and values, each of which is made orthogonal by itself. 1 if absent.
   */
  parts?: (name: string) => number;
}

/** Muon as an optimizer of the trainer. Its memory is `m.<name>` of each parameter. */
export function muon(options: MuonOptions = {}): Optimizer {
  return {
    compiles: true,
    init: muonInit,
    step: (params, grads, state, lr) => muonStep(params, grads, state, { lr, ...options }),
  };
}

/**
 * The running mean of every parameter's gradients, all zero. The caller disposes it (disposeParams).
 * @throws for a parameter that is no matrix
 */
export function muonInit(params: Params): OptimizerState {
  return tf.tidy(() => {
    const state: OptimizerState = {};
    for (const [name, parameter] of Object.entries(params)) {
      if (parameter.rank !== 2)
        throw new Error(`muon: expected matrices only, got ${name} of shape [${parameter.shape}]`);
      state[`m.${name}`] = tf.variable(tf.zerosLike(parameter), false);
    }
    return state;
  });
}

/**
 * One step of Muon, in place: `m ← βm + (1−β)g`, `u = βm + (1−β)g` (without Nesterov `u = m`), `p ←
 * p − lr·λ·p − lr·√max(1, outputs/inputs) · newtonSchulz(u)`. The root lets a layer that grows
 * wider change its output as much as a square one does.
 *
 * @param params matrices by name, changed in place
 * @param grads one gradient for each parameter, same names and shapes
 * @param state from muonInit, changed in place
 * @param options.lr the learning rate; a scalar tensor where it changes while the step is compiled
 */
export function muonStep(
  params: Params,
  grads: Grads,
  state: OptimizerState,
  options: MuonOptions & { lr: number | tf.Scalar },
): void {
  const { lr, momentum = 0.95, nesterov = true, iterations = 5, weightDecay = 0 } = options;
  const { outputAxis = 0, parts = () => 1 } = options;
  for (const name in params)
    tf.tidy(() => {
      const [p, g, m] = [params[name], grads[name], state[`m.${name}`]];
      if (g === undefined) throw new Error(`muonStep: expected a gradient for ${name}, got none`);
      const mean = (of: tf.Tensor) => tf.add(tf.mul(of, momentum), tf.mul(g, 1 - momentum));
      m.assign(mean(m));
      const direction = nesterov ? mean(m) : m;
      const pieces = tf.split(direction, parts(name), outputAxis);
      const [outputs, inputs] = outputAxis === 0 ? pieces[0].shape : [...pieces[0].shape].reverse();
      const turned = pieces.map((piece) => newtonSchulz(piece, { iterations }));
      const scale = Math.sqrt(Math.max(1, outputs / inputs));
      const step = tf.mul(tf.mul(tf.concat(turned, outputAxis), scale), lr);
      const decayed = weightDecay === 0 ? p : tf.mul(p, tf.sub(1, tf.mul(lr, weightDecay)));
      p.assign(tf.sub(decayed, step));
    });
}
