// What an optimizer is to the trainer: something that remembers (`init`) and something that moves
// the parameters (`step`). Its memory is a flat record of variables, so that a checkpoint saves it
// as it saves the parameters; everything it does is tensor operations, so that a step can be
// compiled. AdamW is in ./adamw; `grouped` gives parts of a model an optimizer or a learning rate
// of their own.

import { tf } from "../engine";
import type { Grads, Params } from "../params";

/**
 * What an optimizer remembers between steps, by name: scalars, and tensors shaped like parameters.
 */
export type OptimizerState = Params;

/** An optimizer with its options built in; only the learning rate changes from step to step. */
export interface Optimizer {
  /** The memory before the first step. The caller disposes it (disposeParams). */
  init(params: Params): OptimizerState;
  /**
   * One step, changing `params` and `state` in place.
   * @param grads one gradient for each parameter, under its name
   * @param lr the learning rate; a scalar tensor where the step is compiled
   */
  step(params: Params, grads: Grads, state: OptimizerState, lr: number | tf.Scalar): void;
  /** Whether `step` consists of tensor operations only, and so can be compiled. */
  readonly compiles: boolean;
}

/** Some of a model's parameters, and how they are trained. */
export interface ParamGroup {
  /** Comes before the names of the group's memory in a checkpoint. */
  name: string;
  /** Whether a parameter belongs here; it goes to the first group that takes it. */
  has: (name: string, parameter: tf.Variable) => boolean;
  optimizer: Optimizer;
  /** Multiplies the learning rate; default 1. */
  lrScale?: number;
}

/**
 * One optimizer made of several, each for its own group of parameters.
 *
 * @example matrices by one rule, everything else by AdamW at half the rate grouped([ { name:
 *   "matrices", has: (_, p) => p.rank === 2, optimizer: muon }, { name: "rest", has: () => true,
 *   optimizer: adamw(), lrScale: 0.5 }, ]);
 * @throws from `init` and `step` when a parameter belongs to no group
 */
export function grouped(groups: ParamGroup[]): Optimizer {
  if (new Set(groups.map(({ name }) => name)).size !== groups.length || groups.length === 0)
    throw new Error(
      `grouped: expected groups with different names, got ${groups.map(({ name }) => name).join(", ") || "none"}`,
    );
  /** The parameters of each group. */
  const members = (params: Params): Params[] => {
    const parts: Params[] = groups.map(() => ({}));
    for (const [name, parameter] of Object.entries(params)) {
      const at = groups.findIndex(({ has }) => has(name, parameter));
      if (at < 0)
        throw new Error(`grouped: expected a group for every parameter, got none for ${name}`);
      parts[at][name] = parameter;
    }
    return parts;
  };
  return {
    compiles: groups.every(({ optimizer }) => optimizer.compiles),
    init: (params) => {
      const state: OptimizerState = {};
      members(params).forEach((part, i) => {
        for (const [name, variable] of Object.entries(groups[i].optimizer.init(part)))
          state[`${groups[i].name}/${name}`] = variable;
      });
      return state;
    },
    step: (params, grads, state, lr) => {
      members(params).forEach((part, i) => {
        const { name, optimizer, lrScale = 1 } = groups[i];
        const own: OptimizerState = {};
        for (const key in state)
          if (key.startsWith(`${name}/`)) own[key.slice(name.length + 1)] = state[key];
        tf.tidy(() => {
          const scaled = typeof lr === "number" ? lr * lrScale : tf.mul<tf.Scalar>(lr, lrScale);
          optimizer.step(part, grads, own, scaled);
        });
      });
    },
  };
}
