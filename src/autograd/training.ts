// Training a small network of scalar values to tell two classes of points apart. This loop is the
// one that lesson 02 (a neural network by hand) writes out; models on tensors are trained by the
// loop in llm/train, which this one is not meant to replace.
import type { Points } from "../data";
import { Random } from "../random";
import { logisticLoss, type MarginLoss } from "./losses";
import {
  type Activation,
  createMlp,
  type Initialisation,
  type Layer,
  type LayerNumbers,
  mlp,
  numbersOf,
  parametersOf,
} from "./network";
import { emptyMemory, type RuleName, rules } from "./optimizers";
import { Value } from "./value";

export interface ClassifierOptions {
  /** Decides the weights at the start and the order of the points. */
  seed: number;
  /** Neurons of the hidden layers; none makes a linear model. Default [8, 8]. */
  hidden?: number[];
  /** Of the hidden layers; default tanh. "linear" makes the whole network linear. */
  activation?: Activation;
  init?: Initialisation;
  loss?: MarginLoss;
  rule?: RuleName;
  steps?: number;
  /** Points of one step. */
  batchSize?: number;
  /** Learning rate of the first step; it falls on a straight line to zero at the end. */
  lr?: number;
  /** Called before the first step and after each one. */
  onStep?: (step: number, network: Layer[], loss: number) => void;
}

/** A trained network, with the loss of every batch. */
export interface Trained {
  network: Layer[];
  losses: number[];
}

/** The mean loss of some points, as a value: its `backward` gives all gradients. */
export function batchLoss(
  network: Layer[],
  { points, targets }: Points,
  loss: MarginLoss = logisticLoss,
): Value {
  const all = points.map((point, i) => loss(mlp(network, point)[0], targets[i]));
  return all.reduce((sum, one) => sum.add(one)).div(all.length);
}

/** Forward, backward, one step of the rule, `steps` times. */
export function trainClassifier(data: Points, options: ClassifierOptions): Trained {
  const { seed, hidden = [8, 8], activation, init, loss = logisticLoss } = options;
  const { rule = "Adam", steps = 400, batchSize = 32, lr = 0.1, onStep } = options;
  const rng = new Random(seed).fork("weights");
  const network = createMlp([2, ...hidden, 1], { rng, activation, init });
  const parameters = parametersOf(network);
  const draws = new Random(seed).fork("batches");
  let memory = emptyMemory(parameters.length);
  const losses: number[] = [];
  onStep?.(0, network, Number.NaN);
  for (let step = 1; step <= steps; step++) {
    const chosen = Array.from({ length: batchSize }, () => draws.integer(data.points.length));
    const batch = {
      points: chosen.map((i) => data.points[i]),
      targets: chosen.map((i) => data.targets[i]),
    };
    const mean = batchLoss(network, batch, loss);
    mean.backward();
    const gradients = parameters.map((p) => p.gradient);
    const next = rules[rule](
      parameters.map((p) => p.data),
      gradients,
      memory,
      { lr: lr * (1 - (step - 1) / steps) },
    );
    parameters.forEach((p, i) => {
      p.data = next.parameters[i];
    });
    memory = next.memory;
    losses.push(mean.data);
    onStep?.(step, network, mean.data);
  }
  return { network, losses };
}

/** The network's score of one point, from plain numbers: positive for class +1. */
export function scoreOf(layers: readonly LayerNumbers[], point: readonly number[]): number {
  const act = { tanh: Math.tanh, linear: (x: number) => x, relu: (x: number) => Math.max(0, x) };
  const all = { ...act, sigmoid: (x: number) => new Value(x).sigmoid().data };
  return layers.reduce(
    (x: readonly number[], { weights, biases, activation }) =>
      weights.map((w, j) => all[activation](w.reduce((s, v, i) => s + v * x[i], biases[j]))),
    point,
  )[0];
}

/** The share of points on the right side. A score of exactly 0 is on neither. */
export function accuracyOf(network: Layer[], { points, targets }: Points): number {
  const numbers = numbersOf(network);
  const right = points.filter((point, i) => scoreOf(numbers, point) * targets[i] > 0);
  return right.length / points.length;
}
