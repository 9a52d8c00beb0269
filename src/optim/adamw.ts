// AdamW (Loshchilov & Hutter, 2019; Adam: Kingma & Ba, 2015), PyTorch's form of it: the weight
// decay acts on the weights and never enters the moments, ε stands outside the root, both moments
// are corrected for starting at zero. Everything is tensors and the arguments are all that changes
// between steps, so that the step can be compiled. On wasm and native one kernel does all of it for
// a parameter (ops/adamw.ts); the lines below are the clear version, which is what is compiled and
// what runs elsewhere. Not here: parameter groups (./optimizer), amsgrad.

import { tf } from "../engine";
import { adamwInPlace, adamwValues, canUpdateInPlace } from "../ops";
import type { Grads, Params } from "../params";
import type { Optimizer, OptimizerState } from "./optimizer";

/** Options of AdamW, with PyTorch's defaults. */
export interface AdamWOptions {
  /** β₁: how much of the mean of the gradients is kept from step to step; 0.9. */
  beta1?: number;
  /** β₂: the same for the mean of their squares; 0.999. */
  beta2?: number;
  /** ε: added to the root of the squares; 1e-8. */
  eps?: number;
  /** λ: how much of a weight is taken away, times the learning rate; 0.01. */
  weightDecay?: number;
}

/**
 * AdamW as an optimizer of the trainer. Its memory: `step`, and `m.<name>` and `v.<name>` of each
 * parameter.
 */
export function adamw(options: AdamWOptions = {}): Optimizer {
  return {
    compiles: true,
    init: adamwInit,
    step: (params, grads, state, lr) => adamwStep(params, grads, state, { lr, ...options }),
  };
}

/**
 * Both moments of every parameter, all zero, and the step count 0. The caller disposes them
 * (disposeParams).
 */
export function adamwInit(params: Params): OptimizerState {
  return tf.tidy(() => {
    const state: OptimizerState = { step: tf.variable(tf.scalar(0), false) };
    for (const name in params) {
      state[`m.${name}`] = tf.variable(tf.zerosLike(params[name]), false);
      state[`v.${name}`] = tf.variable(tf.zerosLike(params[name]), false);
    }
    return state;
  });
}

/**
 * One AdamW step, in place. With t counted from 1: `m ← β₁m + (1−β₁)g`, `v ← β₂v + (1−β₂)g²`, `p ←
 * p − lr·λ·p − lr · m̂ / (√v̂ + ε)`, where `m̂ = m/(1−β₁ᵗ)` and `v̂ = v/(1−β₂ᵗ)`. The decay λ
 * touches only parameters of rank 2 and more: matrices and embeddings. Biases and normalisation
 * gains are one-dimensional, and pulling a gain of 1 towards 0 is not shrinking a weight, it is
 * switching a channel off.
 *
 * @param params parameters by name, changed in place
 * @param grads one gradient for each parameter, same names and shapes
 * @param state from adamwInit, changed in place
 * @param options.lr the learning rate; a scalar tensor where it changes while the step is compiled
 */
export function adamwStep(
  params: Params,
  grads: Grads,
  state: OptimizerState,
  options: AdamWOptions & { lr: number | tf.Scalar },
): void {
  const { lr, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, weightDecay = 0.01 } = options;
  for (const name in params)
    if (grads[name] === undefined)
      throw new Error(`adamwStep: expected a gradient for ${name}, got none`);
  const decayOf = (p: tf.Tensor) => (p.rank >= 2 ? weightDecay : 0);
  if (typeof lr === "number" && canUpdateInPlace()) {
    const step = state.step.dataSync()[0] + 1;
    const done = Object.keys(params).filter((name) => {
      const [p, m, v] = [params[name], state[`m.${name}`], state[`v.${name}`]];
      return adamwInPlace(p, grads[name], m, v, {
        lr,
        beta1,
        beta2,
        eps,
        weightDecay: decayOf(p),
        step,
      });
    });
    params = omit(params, done);
  }
  tf.tidy(() => {
    const step = tf.add(state.step, 1);
    state.step.assign(step);
    const correction2 = tf.sqrt(oneMinusPower(beta2, step));
    const stepSize = tf.div(tf.mul(lr, correction2), oneMinusPower(beta1, step));
    // √v/c + ε = (√v + cε)/c, and the 1/c is part of stepSize
    const scaledEps = tf.mul(correction2, eps);
    for (const name in params)
      tf.tidy(() => {
        const [p, g, m, v] = [params[name], grads[name], state[`m.${name}`], state[`v.${name}`]];
        const left = () => (decayOf(p) === 0 ? tf.scalar(1) : tf.sub(1, tf.mul(lr, decayOf(p))));
        const numbers = () => tf.stack([stepSize, scaledEps, left()]);
        const values = adamwValues({ param: p, grad: g, m, v }, numbers, { beta1, beta2 });
        if (values) {
          [p, m, v].forEach((variable, i) => {
            variable.assign(values[i]);
          });
          return;
        }
        m.assign(tf.add(tf.mul(m, beta1), tf.mul(g, 1 - beta1)));
        v.assign(tf.add(tf.mul(v, beta2), tf.mul(tf.mul(g, g), 1 - beta2)));
        const decayed = decayOf(p) === 0 ? p : tf.mul(p, tf.sub(1, tf.mul(lr, decayOf(p))));
        p.assign(tf.sub(decayed, tf.mul(stepSize, tf.div(m, tf.add(tf.sqrt(v), scaledEps)))));
      });
  });
}

/** The parameters that no kernel has updated. */
function omit(params: Params, names: string[]): Params {
  const done = new Set(names);
  return Object.fromEntries(Object.entries(params).filter(([name]) => !done.has(name)));
}

/**
 * AdamW of one parameter as a function that changes nothing: what lesson 12 (training) asks for.
 * `step` counts from 1.
 */
export type ParameterUpdate = (
  parameter: tf.Tensor,
  gradient: tf.Tensor,
  m: tf.Tensor,
  v: tf.Tensor,
  step: number,
  options: { lr: number; beta1: number; beta2: number; eps: number; weightDecay: number },
) => { parameter: tf.Tensor; m: tf.Tensor; v: tf.Tensor };

/**
 * Makes an optimizer of the update of one parameter: the way in which the trainer runs what a
 * learner wrote. The update may look at numbers, so it is not compiled.
 */
export function perParameter(
  update: ParameterUpdate,
  { beta1 = 0.9, beta2 = 0.999, eps = 1e-8, weightDecay = 0.01 }: AdamWOptions = {},
): Optimizer {
  return {
    compiles: false,
    init: adamwInit,
    step: (params, grads, state, lr) =>
      tf.tidy(() => {
        const rate = typeof lr === "number" ? lr : lr.dataSync()[0];
        state.step.assign(tf.add(state.step, 1));
        const step = state.step.dataSync()[0];
        for (const name in params)
          tf.tidy(() => {
            const [m, v] = [state[`m.${name}`], state[`v.${name}`]];
            const options = { lr: rate, beta1, beta2, eps, weightDecay };
            const next = update(params[name], grads[name], m, v, step, options);
            params[name].assign(next.parameter);
            m.assign(next.m);
            v.assign(next.v);
          });
      }),
  };
}

/**
 * 1 − βᵗ. In 32 bits 1 − 0.999 is wrong in the fifth digit; −expm1(t ln β), with ln β taken in 64,
 * is not.
 */
function oneMinusPower(beta: number, t: tf.Tensor): tf.Tensor {
  if (beta === 0) return tf.onesLike(t);
  return tf.neg(tf.expm1(tf.mul(t, Math.log(beta))));
}
