// Lesson 02 (a neural network by hand). Replace each `notDoneYet(…)` with your answer, save, and run
// the check in the notebook (or `npm run check 02`). You may call the functions you have finished
// from the later ones.
//
// All exercises are on plain numbers and arrays of them; no tensors are needed.

import { notDoneYet } from "llm/course/exercise";

/** The operations that the first two exercises know. */
export type Op = "add" | "sub" | "mul" | "tanh" | "relu";

/** A node of a graph: a number that was put in (no `op`), or the result of an operation. */
export interface GraphNode {
  op?: Op;
  /** Indices of the nodes that it was computed from, all smaller than its own. */
  inputs: number[];
  value: number;
}

/** One layer of a network: `weights[j]` and `biases[j]` belong to neuron j. */
export interface LayerNumbers {
  weights: number[][];
  biases: number[];
}

/**
 * The slopes of one operation: how fast its result changes with each of its inputs.
 *
 *     add   a + b    →  [1, 1]
 *     sub   a − b    →  [1, −1]
 *     mul   a · b    →  [b, a]
 *     tanh  tanh(x)  →  [1 − tanh(x)²]
 *     relu  max(0, x) → [1] where x > 0, and [0] elsewhere (also at 0)
 *
 * @param op one of the five
 * @param inputs two numbers for add, sub and mul; one for tanh and relu
 * @returns one slope per input, in the same order
 * @example localSlopes("mul", [2, -3]) → [-3, 2]
 * @points 2 @minutes 8 @difficulty 1
 */
export function localSlopes(op: Op, inputs: number[]): number[] {
  return notDoneYet("localSlopes", op, inputs);
}

/**
 * Backpropagation: the gradient of the last node of a graph with respect to every node.
 *
 * The last node has gradient 1. Go through the list from the last node to the first. A node with an
 * operation hands to each of its inputs
 *
 *     its own gradient × its slope in that input        (see localSlopes)
 *
 * and an input *adds up* everything that it is handed. The same input may occur twice in `inputs`,
 * as in x · x. Nodes that the last node does not depend on have gradient 0.
 *
 * @param nodes at least one; every node stands after its inputs
 * @returns one gradient per node, in the same order
 * @example x = 3, y = x · x: backpropagate([{ inputs: [], value: 3 },
 *   { op: "mul", inputs: [0, 0], value: 9 }]) → [6, 1]
 * @points 4 @minutes 15 @difficulty 4
 */
export function backpropagate(nodes: GraphNode[]): number[] {
  return notDoneYet("backpropagate", nodes);
}

/**
 * What a network computes, layer after layer. Neuron j of a layer computes
 *
 *     tanh(b_j + Σ_i w_ji · x_i)
 *
 * from the numbers x of the layer before it (the first layer gets the input). The *last* layer leaves
 * out the tanh, so that a score may be any number.
 *
 * @param layers at least one
 * @param x as many numbers as the first layer has weights per neuron
 * @returns one number per neuron of the last layer
 * @example
 * // a single layer is the last
 * forward([{ weights: [[1, 2]], biases: [0.5] }], [3, 4]) → [11.5]
 * @points 3 @minutes 12 @difficulty 2
 */
export function forward(layers: LayerNumbers[], x: number[]): number[] {
  return notDoneYet("forward", layers, x);
}

/**
 * Cross-entropy of one example from its logits z_0 … z_(K−1), and the gradient with respect to them:
 *
 *     p_k         = e^z_k / Σ_m e^z_m           (softmax)
 *     loss        = −ln p_target                (in nats)
 *     gradient_k  = p_k − (1 where k is the target, and 0 elsewhere)
 *
 * Logits may be in the thousands, positive or negative, and the loss must still be right: subtract the
 * largest logit from all of them first, and do not take the logarithm of a p that may be 0.
 *
 * @param logits K numbers
 * @param target the right class, from 0 to K − 1
 * @example crossEntropyFromLogits([0, 0], 1) → { loss: 0.6931…, gradient: [0.5, -0.5] }
 * @points 4 @minutes 15 @difficulty 3
 */
export function crossEntropyFromLogits(
  logits: number[],
  target: number,
): { loss: number; gradient: number[] } {
  return notDoneYet("crossEntropyFromLogits", logits, target);
}

/**
 * One step of gradient descent with momentum, for each parameter p, gradient g and velocity v:
 *
 *     v ← momentum · v + g
 *     p ← p − lr · v          (with the new v)
 *
 * The arguments stay as they are; the results are new arrays.
 *
 * @param parameters n numbers
 * @param gradients n numbers
 * @param velocity n numbers: what the step before returned, zeros at first
 * @param options lr, the learning rate; momentum, how much of the velocity is kept
 * @example momentumStep([1], [2], [10], { lr: 0.1, momentum: 0.9 })
 *   → { parameters: [-0.1], velocity: [11] }
 * @points 2 @minutes 8 @difficulty 2
 */
export function momentumStep(
  parameters: number[],
  gradients: number[],
  velocity: number[],
  options: { lr: number; momentum: number },
): { parameters: number[]; velocity: number[] } {
  return notDoneYet("momentumStep", parameters, gradients, velocity, options);
}

/**
 * Starting weights for a layer of ReLU neurons (He and others, 2015): normal random numbers with the
 * standard deviation
 *
 *     √(2 / fanIn)
 *
 * where fanIn is the number of inputs of each neuron. The random numbers are passed in, with standard
 * deviation 1, so that the result can be checked; your function only scales them.
 *
 * @param normals one row per neuron, one column per input of the layer
 * @returns a new table of the same shape
 * @example heInit([[1, -1]]) → [[1, -1]]                  // 2 inputs: √(2/2) = 1
 * @example heInit([[1, 0, 0, 0, 0, 0, 0, -2]]) → [[0.5, 0, 0, 0, 0, 0, 0, -1]]
 * @points 2 @minutes 6 @difficulty 2
 */
export function heInit(normals: number[][]): number[][] {
  return notDoneYet("heInit", normals);
}
