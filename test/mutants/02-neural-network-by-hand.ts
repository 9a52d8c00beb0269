/** Plausible wrong answers to lesson 02 (a neural network by hand), and what each must be told. */

import type { Mutants } from "llm/course/kit";
import * as right from "../../solutions/02-neural-network-by-hand";

type GraphNode = right.GraphNode;
type LayerNumbers = right.LayerNumbers;

/** backpropagate with one part exchanged. */
const walk =
  (change: {
    first?: number;
    forwards?: boolean;
    collect?: (old: number, handed: number) => number;
    chain?: (gradient: number, slope: number) => number;
  }) =>
  (nodes: GraphNode[]): number[] => {
    const { collect = (a, b) => a + b, chain = (g, s) => g * s } = change;
    const gradients = nodes.map(() => 0);
    gradients[nodes.length - 1] = change.first ?? 1;
    const order = nodes.map((_, i) => i);
    if (!change.forwards) order.reverse();
    for (const i of order) {
      const { op, inputs } = nodes[i];
      if (op === undefined) continue;
      const slopes = right.localSlopes(
        op,
        inputs.map((k) => nodes[k].value),
      );
      inputs.forEach((k, place) => {
        gradients[k] = collect(gradients[k], chain(gradients[i], slopes[place]));
      });
    }
    return gradients;
  };

/** backpropagate that follows the arrows from the last node breadth first, each node once. */
const breadthFirst = (nodes: GraphNode[]): number[] => {
  const gradients = nodes.map(() => 0);
  gradients[nodes.length - 1] = 1;
  const order = [nodes.length - 1];
  for (let at = 0; at < order.length; at++) {
    const i = order[at];
    const { op, inputs } = nodes[i];
    if (op === undefined) continue;
    const values = inputs.map((k) => nodes[k].value);
    const slopes = right.localSlopes(op, values);
    inputs.forEach((k, place) => {
      gradients[k] += gradients[i] * slopes[place];
      if (!order.includes(k)) order.push(k);
    });
  }
  return gradients;
};

/** forward with one part exchanged. */
const through =
  (change: { hidden?: (s: number) => number; last?: (s: number) => number; bias?: number }) =>
  (layers: LayerNumbers[], x: number[]): number[] =>
    layers.reduce((values, { weights, biases }, l) => {
      const act = l < layers.length - 1 ? (change.hidden ?? Math.tanh) : change.last;
      const sums = weights.map((w, j) =>
        w.reduce((sum, v, i) => sum + v * values[i], (change.bias ?? 1) * biases[j]),
      );
      return act ? sums.map(act) : sums;
    }, x);

const softmax = (z: number[], largest = Math.max(...z)) => {
  const exps = z.map((v) => Math.exp(v - largest));
  const total = exps.reduce((a, b) => a + b, 0);
  return exps.map((e) => e / total);
};

export const mutants: Mutants<typeof import("../../solutions/02-neural-network-by-hand")> = {
  localSlopes: [
    {
      name: "a product hands each factor itself",
      told: /other\* factor/,
      answer: (op, inputs) => (op === "mul" ? inputs.slice() : right.localSlopes(op, inputs)),
    },
    {
      name: "a difference like a sum",
      told: /second slope is negative/,
      answer: (op, inputs) => (op === "sub" ? [1, 1] : right.localSlopes(op, inputs)),
    },
    {
      name: "tanh of an input that is taken for the output",
      told: /1 − x²/,
      answer: (op, inputs) =>
        op === "tanh" ? [1 - inputs[0] ** 2] : right.localSlopes(op, inputs),
    },
    {
      name: "tanh not squared",
      told: /not squared/,
      answer: (op, inputs) =>
        op === "tanh" ? [1 - Math.tanh(inputs[0])] : right.localSlopes(op, inputs),
    },
    {
      name: "relu with slope 1 at 0",
      told: /At 0 itself/,
      answer: (op, inputs) =>
        op === "relu" ? [inputs[0] >= 0 ? 1 : 0] : right.localSlopes(op, inputs),
    },
  ],
  backpropagate: [
    {
      name: "replaces instead of adding",
      told: /add up/,
      answer: walk({ collect: (_, handed) => handed }),
    },
    {
      name: "from the first node to the last",
      told: /From the last node|from the last node/,
      answer: walk({ forwards: true }),
    },
    {
      name: "local slopes without the chain rule",
      told: /chain rule/,
      answer: walk({ chain: (_, slope) => slope }),
    },
    {
      name: "no gradient to start with",
      told: /start with gradient 1/,
      answer: walk({ first: 0 }),
    },
    {
      name: "starts with the value of the last node",
      told: /not its own value/,
      answer: (nodes) => walk({ first: nodes[nodes.length - 1].value })(nodes),
    },
    { name: "breadth first", told: /before t had handed s its share/, answer: breadthFirst },
  ],
  forward: [
    { name: "no tanh anywhere", told: /one linear map/, answer: through({ hidden: (s) => s }) },
    {
      name: "tanh after the last layer",
      told: /leaves out the tanh/,
      answer: through({ last: Math.tanh }),
    },
    { name: "no biases", told: /bias is missing/, answer: through({ bias: 0 }) },
    {
      name: "weights read by columns",
      told: /by columns/,
      answer: (layers, x) =>
        right.forward(
          layers.map(({ weights, biases }) => ({
            biases,
            weights: weights.map((row, j) => row.map((w, i) => weights[i]?.[j] ?? w)),
          })),
          x,
        ),
    },
  ],
  crossEntropyFromLogits: [
    {
      name: "exp of the raw logits",
      told: /overflows/,
      answer: (z, target) => {
        const p = softmax(z, 0);
        return {
          loss: -Math.log(p[target]),
          gradient: p.map((q, k) => q - (k === target ? 1 : 0)),
        };
      },
    },
    {
      name: "logarithm of a p that rounds to 0",
      told: /impossible/,
      answer: (z, target) => {
        const { gradient } = right.crossEntropyFromLogits(z, target);
        return { loss: -Math.log(softmax(z)[target]), gradient };
      },
    },
    {
      name: "gradient with the sign reversed",
      told: /sign is reversed/,
      answer: (z, target) => {
        const { loss, gradient } = right.crossEntropyFromLogits(z, target);
        return { loss, gradient: gradient.map((g) => -g) };
      },
    },
    {
      name: "gradient at the target only",
      told: /other logits have a gradient too/,
      answer: (z, target) => {
        const { loss, gradient } = right.crossEntropyFromLogits(z, target);
        return { loss, gradient: gradient.map((g, k) => (k === target ? g : 0)) };
      },
    },
    {
      name: "largest subtracted in the sum only",
      told: /not from the logit of the target/,
      answer: (z, target) => {
        const { loss, gradient } = right.crossEntropyFromLogits(z, target);
        return { loss: loss - Math.max(...z), gradient };
      },
    },
  ],
  momentumStep: [
    {
      name: "uses the old velocity",
      told: /old velocity was used/,
      answer: (p, g, v, { lr, momentum }) => ({
        parameters: p.map((x, i) => x - lr * v[i]),
        velocity: v.map((x, i) => momentum * x + g[i]),
      }),
    },
    {
      name: "averages the gradients",
      told: /that is an average/,
      answer: (p, g, v, { lr, momentum }) => {
        const velocity = v.map((x, i) => momentum * x + (1 - momentum) * g[i]);
        return { parameters: p.map((x, i) => x - lr * velocity[i]), velocity };
      },
    },
    {
      name: "uphill",
      told: /uphill/,
      answer: (p, g, v, { lr, momentum }) => {
        const velocity = v.map((x, i) => momentum * x + g[i]);
        return { parameters: p.map((x, i) => x + lr * velocity[i]), velocity };
      },
    },
    {
      name: "momentum 0 replaced by a default",
      told: /missing option/,
      answer: (p, g, v, { lr, momentum }) =>
        right.momentumStep(p, g, v, { lr, momentum: momentum || 0.9 }),
    },
  ],
  heInit: [
    {
      name: "the variance instead of its root",
      told: /its root/,
      answer: (normals) => normals.map((row) => row.map((z) => (z * 2) / row.length)),
    },
    {
      name: "neurons instead of inputs",
      told: /not of neurons/,
      answer: (normals) => normals.map((row) => row.map((z) => z * Math.sqrt(2 / normals.length))),
    },
    {
      name: "Xavier's",
      told: /Xavier/,
      answer: (normals) =>
        normals.map((row) => row.map((z) => z * Math.sqrt(2 / (row.length + normals.length)))),
    },
    {
      name: "without the 2 for ReLU",
      told: /√\(1\/fanIn\)/,
      answer: (normals) => normals.map((row) => row.map((z) => z / Math.sqrt(row.length))),
    },
  ],
};
