// Lesson 02 (a neural network by hand), reference answers.

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

export function localSlopes(op: Op, inputs: number[]): number[] {
  const [a, b] = inputs;
  if (op === "add") return [1, 1]; // a sum rises as fast as each of its terms
  if (op === "sub") return [1, -1];
  if (op === "mul") return [b, a]; // the slope in one factor is the other factor
  if (op === "tanh") return [1 - Math.tanh(a) ** 2]; // steepest, 1, at 0; nearly 0 where tanh is flat
  return [a > 0 ? 1 : 0]; // relu has no slope at 0 itself; 0 is the usual choice
}

export function backpropagate(nodes: GraphNode[]): number[] {
  const gradients: number[] = nodes.map(() => 0);
  gradients[nodes.length - 1] = 1; // the last node rises exactly as fast as itself
  // From the last to the first: when a node is visited, everything that uses it has been visited, so
  // its gradient is complete and can be passed on.
  for (let i = nodes.length - 1; i >= 0; i--) {
    const { op, inputs } = nodes[i];
    if (op === undefined) continue;
    const slopes = localSlopes(
      op,
      inputs.map((k) => nodes[k].value),
    );
    inputs.forEach((k, place) => {
      gradients[k] += gradients[i] * slopes[place]; // += : a value used twice acts in two ways at once
    });
  }
  return gradients;
}

export function forward(layers: LayerNumbers[], x: number[]): number[] {
  let values = x;
  layers.forEach(({ weights, biases }, l) => {
    const sums = weights.map((w, j) =>
      w.reduce((sum, weight, i) => sum + weight * values[i], biases[j]),
    );
    // Without the tanh between layers, all of them together would be one linear map. After the last
    // one it would keep every score between −1 and 1.
    values = l < layers.length - 1 ? sums.map(Math.tanh) : sums;
  });
  return values;
}

export function crossEntropyFromLogits(
  logits: number[],
  target: number,
): { loss: number; gradient: number[] } {
  const largest = Math.max(...logits);
  const shifted = logits.map((z) => z - largest); // the p stay the same, and no e^z exceeds 1
  const exps = shifted.map(Math.exp);
  const total = exps.reduce((a, b) => a + b, 0); // at least 1: the largest logit gives e^0
  return {
    loss: Math.log(total) - shifted[target], // −ln p, without computing a p that may round to 0
    gradient: exps.map((e, k) => e / total - (k === target ? 1 : 0)),
  };
}

export function momentumStep(
  parameters: number[],
  gradients: number[],
  velocity: number[],
  options: { lr: number; momentum: number },
): { parameters: number[]; velocity: number[] } {
  const { lr, momentum } = options;
  const next = velocity.map((v, i) => momentum * v + gradients[i]);
  // The new velocity: with the old one, the first step would not move at all.
  return { parameters: parameters.map((p, i) => p - lr * next[i]), velocity: next };
}

export function heInit(normals: number[][]): number[][] {
  const fanIn = normals[0].length; // inputs of a neuron, not the number of neurons
  // A sum of fanIn products has fanIn times the variance of one, hence the 1/fanIn; ReLU sets about
  // half of the sums to 0 and halves the mean square, hence the 2. The root, because the variance of
  // a scaled number grows with the square of the scale.
  const std = Math.sqrt(2 / fanIn);
  return normals.map((row) => row.map((z) => std * z));
}
