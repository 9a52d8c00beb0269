// Lesson 02 (a neural network by hand): judges the learner, the solutions and the mutants.

import { type Draw, expectClose, expectFinite, expectTrue, lesson } from "llm/course/kit";
import type * as answers from "../../solutions/02-neural-network-by-hand";
import { mutants } from "../mutants/02-neural-network-by-hand";

type GraphNode = answers.GraphNode;
type LayerNumbers = answers.LayerNumbers;
const OPS = ["add", "sub", "mul", "tanh", "relu"] as const;

const put = (value: number): GraphNode => ({ inputs: [], value });
/** The value of an operation on nodes of the list so far. */
function result(nodes: GraphNode[], op: answers.Op, inputs: number[]): GraphNode {
  const [a, b] = inputs.map((k) => nodes[k].value);
  const values = { add: a + b, sub: a - b, mul: a * b, tanh: Math.tanh(a), relu: Math.max(0, a) };
  return { op, inputs, value: values[op] };
}
/** A random graph in which every operation may use any node before it, also twice. */
function graph(d: Draw, leaves: number, steps: number, ops: readonly answers.Op[] = OPS) {
  const nodes = d.list(leaves).map(put);
  for (let i = 0; i < steps; i++) {
    const op = d.pick(ops);
    const inputs = [d.integer(0, nodes.length - 1)];
    if (op !== "tanh" && op !== "relu") inputs.push(d.integer(0, nodes.length - 1));
    nodes.push(result(nodes, op, inputs));
  }
  return nodes;
}
/** A network with layers of these sizes. */
const network = (d: Draw, sizes: number[], scale = 1): LayerNumbers[] =>
  sizes
    .slice(1)
    .map((n, i) => ({ weights: d.table(n, sizes[i], scale), biases: d.list(n, scale) }));
const steps = (d: Draw, n: number, size = 1): Parameters<typeof answers.momentumStep> => [
  d.list(n),
  d.list(n, size),
  d.list(n, size),
  { lr: d.number(0.01, 0.5), momentum: d.number(0.2, 0.95) },
];

lesson<typeof answers>("02-neural-network-by-hand", mutants, (exercise) => {
  exercise(
    "localSlopes",
    (localSlopes) => {
      const ask = (op: answers.Op, inputs: number[], expected: number[], options: object) =>
        expectClose(localSlopes(op, inputs), expected, {
          what: `the slopes of ${op} at [${inputs}]`,
          ...options,
        });
      ask("add", [2, -3], [1, 1], {
        mistakes: [
          [
            [2, -3],
            "These are the inputs. A sum rises by exactly as much as one of its terms does.",
          ],
          [
            [-3, 2],
            "These are the slopes of a product. Those of a sum do not depend on its terms.",
          ],
        ],
      });
      ask("sub", [2, -3], [1, -1], {
        mistakes: [
          [[1, 1], "If b grows, a − b falls: its second slope is negative."],
          [[-1, 1], "The signs are the wrong way round: a − b rises with a and falls with b."],
          [[1, 3], "The slope of a − b in b is −1, whatever b is; this is −b."],
        ],
      });
      ask("mul", [2, -3], [-3, 2], {
        mistakes: [
          [[2, -3], "The slope of a · b in a is the *other* factor, b."],
          [[-6, -6], "This is the value of the product, not its slopes."],
          [
            [-1, -1],
            "This is the sum of the factors. Each slope of a · b is the other factor alone.",
          ],
          [
            [-1, 1],
            "This belongs to a sum or a difference. Each slope of a · b is the other factor.",
          ],
        ],
      });
      const t = Math.tanh(0.5);
      ask("tanh", [0.5], [1 - t * t], {
        mistakes: [
          [[1 - t], "The tanh is not squared: the slope is 1 − tanh(x)²."],
          [[0.75], "This is 1 − x². The slope is 1 − tanh(x)²: take the tanh of the input first."],
          [[t * (1 - t)], "This is the slope of the sigmoid in terms of its value, y(1 − y)."],
          [[t], "This is the value, tanh(x), not its slope."],
        ],
      });
      ask("relu", [0.5], [1], {
        mistakes: [
          [[0.5], "This is the value of relu. Where x > 0 it rises as fast as x: slope 1."],
        ],
      });
      ask("relu", [-0.5], [0], { message: "Below 0, relu is flat: its slope is 0." });
      ask("relu", [0], [0], {
        message: "At 0 itself the slope of relu is taken as 0: x > 0, not x ≥ 0.",
      });
    },
    {
      cases: {
        "a sum": (d) => ["add", d.list(2, 3)],
        "a difference": (d) => ["sub", d.list(2, 3)],
        "a product": (d) => ["mul", d.list(2, 3)],
        "a product with 0": (d) => ["mul", [0, d.number(1, 2)]],
        tanh: (d) => ["tanh", d.list(1)],
        "tanh where it is flat": (d) => ["tanh", [d.number(20, 800)]],
        "relu above 0": (d) => ["relu", [d.number(0.1, 9)]],
        "relu below 0": (d) => ["relu", [d.number(-9, -0.1)]],
        "relu at 0": () => ["relu", [0]],
      },
    },
  );

  exercise(
    "backpropagate",
    (backpropagate) => {
      const product: GraphNode[] = [put(2), put(-3), { op: "mul", inputs: [0, 1], value: -6 }];
      expectClose(backpropagate(product), [-3, 2, 1], {
        what: "the gradients of a · b at a = 2, b = −3",
        mistakes: [
          [[0, 0, 0], "All gradients are 0: the last node has to start with gradient 1."],
          [[0, 0, 1], "Nothing was handed on to the inputs."],
          [[2, -3, 1], "The slope of a · b in a is the other factor, b."],
          [[-2, 3, 1], "Only the last node starts with gradient 1. All others start at 0."],
          [
            [1, 0, 1],
            "The slopes were taken at the places of the inputs, 0 and 1, instead of at their values, " +
              "nodes[0].value and nodes[1].value.",
          ],
          [[-3, 0, 1], "Only the first of the two inputs was handed something. Both have a slope."],
          [
            [18, -12, 1],
            "The slopes were multiplied by the *value* of the node. It hands on its *gradient* × slope.",
          ],
          [[18, -12, -6], "The last node has gradient 1, not its own value."],
        ],
        message: "The last node has gradient 1, and a product hands each factor the other one.",
      });
      // (a·b + c)·f: a value passes through several nodes.
      const chain = [put(2), put(-3), put(10), put(-2)];
      chain.push(result(chain, "mul", [0, 1]));
      chain.push(result(chain, "add", [4, 2]));
      chain.push(result(chain, "mul", [5, 3]));
      expectClose(backpropagate(chain), [6, -4, -2, 4, -2, -2, 1], {
        what: "the gradients of (a·b + c)·f at a = 2, b = −3, c = 10, f = −2",
        mistakes: [
          [
            [0, 0, 0, 4, 0, -2, 1],
            "Only the inputs of the last node have a gradient. Go from the last node to the first: a " +
              "node can hand on only what it has already been handed.",
          ],
          [
            [-3, 2, 1, 4, 1, -2, 1],
            "The local slopes were not multiplied by the gradient of the node that hands them on: that " +
              "is the chain rule.",
          ],
          [
            [-5, 0, -1, 5, -1, -1, 1],
            "The gradient of the node and its slope were added. The chain rule multiplies them.",
          ],
        ],
        message: "Each node hands on: its own gradient × its slope in that input.",
      });
      const square: GraphNode[] = [put(3), { op: "mul", inputs: [0, 0], value: 9 }];
      expectClose(backpropagate(square), [6, 1], {
        what: "the gradients of x · x at x = 3",
        mistakes: [
          [
            [3, 1],
            "x is used twice, in both factors: it is handed 3 twice, and only one of the two was " +
              "kept. What a node is handed has to add up: use +=, once for each place in `inputs`.",
          ],
          [[0, 1], "Node 1 handed on nothing. Does the loop visit every node, down to the first?"],
        ],
        message: "x · x hands x its gradient twice, once for each factor; both add up.",
      });
      // x + tanh(x): used by two different nodes.
      const branch = [put(0.5)];
      branch.push(result(branch, "tanh", [0]));
      branch.push(result(branch, "add", [0, 1]));
      const slope = 1 - Math.tanh(0.5) ** 2;
      expectClose(backpropagate(branch), [1 + slope, 1, 1], {
        what: "the gradients of x + tanh(x) at x = 0.5",
        mistakes: [
          [
            [slope, 1, 1],
            "x acts on the result in two ways, and the second gradient replaced the first. Gradients " +
              "that a node is handed add up: use +=.",
          ],
          [
            [1 + (1 - Math.tanh(Math.tanh(0.5)) ** 2), 1, 1],
            "The slope of tanh was taken at the value of the node itself. localSlopes wants the values " +
              "of its inputs, nodes[k].value for each k of `inputs`.",
          ],
          [[1, 1, 1], "Only one of the two ways from x to the result was counted; both add up."],
        ],
      });
      // s · t with t = s · s and s = x · x: s must wait for t, whichever of the two stands first.
      for (const places of [
        [1, 2],
        [2, 1],
      ]) {
        const waits = [put(2)];
        waits.push(result(waits, "mul", [0, 0]));
        waits.push(result(waits, "mul", [1, 1]));
        waits.push(result(waits, "mul", places));
        expectClose(backpropagate(waits), [192, 48, 4, 1], {
          what: `the gradients of x, s = x · x, t = s · s and ${places[0] === 1 ? "s · t" : "t · s"} at x = 2`,
          mistakes: [
            [
              [64, 48, 4, 1],
              "s handed on its gradient before t had handed s its share, so x got too little. Go through " +
                "the list from its end to its beginning: then a gradient is complete when it is handed on.",
            ],
            [
              [384, 48, 4, 1],
              "s was visited several times and handed on its whole gradient each time, so x got some of it " +
                "again. Visit each node once, from the end of the list to its beginning.",
            ],
          ],
          message:
            "A node hands on its gradient once, when everything that uses it has been visited.",
        });
      }
      const unused = [put(1), put(2)];
      expectClose(backpropagate(unused), [0, 1], {
        what: "the gradients of the node b = 2, with a = 1 that it does not use",
        message: "A node that the last one does not depend on has gradient 0.",
      });
    },
    {
      cases: {
        "one number": (d) => [graph(d, 1, 0)],
        "sums only": (d) => [graph(d, 3, 6, ["add", "sub"])],
        "products only": (d) => [graph(d, 3, 5, ["mul"])],
        "one number in a chain of tanh": (d) => {
          const nodes = [put(d.number(-1, 1))];
          for (let i = 0; i < 6; i++) nodes.push(result(nodes, "tanh", [i]));
          return [nodes];
        },
        "relu at and below 0": (d) => {
          const nodes = [put(0), put(-1), put(d.number(1, 2))];
          for (let i = 0; i < 3; i++) nodes.push(result(nodes, "relu", [i]));
          nodes.push(result(nodes, "add", [3, 4]));
          nodes.push(result(nodes, "add", [5, 6]));
          return [nodes];
        },
        "all operations, nodes used several times": (d) => [graph(d, 3, 12)],
        "each value used by the next two": (d) => {
          const nodes = d.list(2).map(put);
          for (let i = 0; i < 7; i++) {
            const two = d.integer(0, 1) === 0 ? [i, i + 1] : [i + 1, i];
            nodes.push(result(nodes, d.pick(["add", "sub", "mul"] as const), two));
          }
          return [nodes];
        },
        "numbers between the operations": (d) => {
          const nodes = graph(d, 2, 3);
          nodes.push(put(d.number(1, 2)));
          nodes.push(result(nodes, "mul", [nodes.length - 2, nodes.length - 1]));
          nodes.push(result(nodes, "add", [nodes.length - 1, 0]));
          return [nodes];
        },
        "a long chain": (d) => {
          const nodes = [put(d.number(-1, 1))];
          for (let i = 0; i < 300; i++) nodes.push(result(nodes, "add", [i, 0]));
          return [nodes];
        },
      },
    },
  );

  exercise(
    "forward",
    (forward) => {
      expectClose(forward([{ weights: [[0.1, 0.2]], biases: [0.5] }], [3, 4]), [1.6], {
        what: "the output of one layer, 0.1·3 + 0.2·4 + 0.5",
        mistakes: [
          [[Math.tanh(1.6)], "The last layer leaves out the tanh, and a single layer is the last."],
          [[1.1], "The bias is missing: the sum starts with b_j."],
          [[Math.tanh(1.1)], "The bias is missing, and the last layer leaves out the tanh."],
          [
            [0.5 + 0.1 * Math.tanh(3) + 0.2 * Math.tanh(4)],
            "The input went through tanh. Only the sums of the layers before the last one do.",
          ],
        ],
        message: "Each neuron adds its bias and its weights times the inputs.",
      });
      const two: LayerNumbers[] = [
        {
          weights: [
            [1, -1],
            [0.5, 2],
          ],
          biases: [0.25, -1.2],
        },
        { weights: [[2, -3]], biases: [1] },
      ];
      const x = [0.5, 0.3];
      const h = [0.45, -0.35];
      const [s, t] = h.map(Math.tanh);
      const [u, v] = h.map((z) => 1 / (1 + Math.exp(-z)));
      expectClose(forward(two, x), [1 + 2 * s - 3 * t], {
        what: "the output of a network with two layers",
        mistakes: [
          [
            [1 + 2 * h[0] - 3 * h[1]],
            "The tanh after the first layer is missing. Without it, two layers are one linear map.",
          ],
          [[1 + 2 * h[0]], "This is the result with relu. The activation of this network is tanh."],
          [
            [Math.tanh(1 + 2 * s - 3 * t)],
            "The last layer leaves out the tanh, so that a score may be any number.",
          ],
          [
            [1 + 2 * Math.tanh(0.2) - 3 * Math.tanh(0.85)],
            "The biases of the first layer are missing.",
          ],
          [
            [1 + 2 * (Math.tanh(0.2) + 0.25) - 3 * (Math.tanh(0.85) - 1.2)],
            "The bias belongs inside the tanh: tanh(b + Σ w·x).",
          ],
          [
            [1 + 2 * Math.tanh(0.9) - 3 * Math.tanh(-1.1)],
            "The weights are read by columns. weights[j] are those of neuron j, one for each input.",
          ],
          [[2 * s - 3 * t], "The bias of the last layer is missing."],
          [
            [1 + 2 * u - 3 * v],
            "This is the result with the sigmoid. This network's curve is tanh.",
          ],
          [
            [Math.tanh(1 + 2 * h[0] - 3 * h[1])],
            "The tanh is in the wrong layer: the last one leaves it out, all others have it.",
          ],
          [
            [1 + 2 * s - 3 * Math.tanh(1.1)],
            "The first bias was used for every neuron. Neuron j adds its own, biases[j].",
          ],
        ],
        message:
          "tanh(b_j + Σ_i w_ji · x_i) in every layer but the last, which leaves out the tanh.",
      });
    },
    {
      cases: {
        "one layer": (d) => [network(d, [3, 2]), d.list(3)],
        "one input, one neuron": (d) => [network(d, [1, 1]), d.list(1)],
        "two layers": (d) => [network(d, [2, 5, 1]), d.list(2)],
        "three layers of different widths": (d) => [network(d, [3, 7, 2, 4]), d.list(3)],
        "six layers": (d) => [network(d, [2, 3, 3, 3, 3, 3, 2]), d.list(2)],
        "weights of zeros": (d) => [network(d, [3, 4, 2], 0), d.list(3)],
        "large weights": (d) => [network(d, [3, 4, 2], 50), d.list(3)],
      },
    },
  );

  exercise(
    "crossEntropyFromLogits",
    (crossEntropyFromLogits, { reference }) => {
      const z = [2, -1, 0.5];
      const exps = z.map(Math.exp);
      const total = exps.reduce((a, b) => a + b, 0);
      const p = exps.map((e) => e / total);
      const right = reference.crossEntropyFromLogits(z, 2);
      const got = crossEntropyFromLogits(z, 2);
      expectClose(got.loss, right.loss, {
        what: "the loss of logits [2, −1, 0.5] with target 2",
        mistakes: [
          [-right.loss, "The minus is missing: −ln p."],
          [right.loss / Math.LN2, "This is in bits: use the natural logarithm."],
          [p[2], "This is p of the target: the loss is −ln p."],
          [1 - p[2], "This is 1 − p of the target: the loss is −ln p."],
          [Math.log(total) - z[1], "This is the loss of class 1. Classes are counted from 0."],
          [
            Math.log(total) - z[0],
            "This is the loss of class 0, the likeliest. The target is class 2.",
          ],
          [Math.log(total), "ln Σ e^z alone: the logit of the target has to be subtracted."],
          [-z[2], "This is the logit itself: the softmax is missing."],
          [-p.reduce((s, q) => s + Math.log(q), 0), "Only the p of the target counts."],
          [
            Math.log(total) - 2 - z[2],
            "The largest logit was subtracted in the sum, but not from the logit of the target.",
          ],
        ],
        message: "The loss is −ln p of the target, with p = softmax of the logits.",
      });
      expectClose(got.gradient, right.gradient, {
        what: "the gradient for logits [2, −1, 0.5] with target 2",
        mistakes: [
          [p, "These are the p themselves: 1 has to be subtracted at the target."],
          [p.map((q, k) => (k === 2 ? 1 : 0) - q), "The sign is reversed: p − 1 at the target."],
          [p.map((q) => q - 1), "1 is subtracted at the target only, not everywhere."],
          [
            p.map((_, k) => (k === 2 ? p[2] - 1 : 0)),
            "The other logits have a gradient too: raising one of them lowers the p of the target.",
          ],
          [
            p.map((_, k) => (k === 2 ? -1 / p[2] : 0)),
            "This is the gradient with respect to p, not to z.",
          ],
        ],
        message: "The gradient is p, minus 1 at the target.",
      });
      const large = crossEntropyFromLogits([1000, 0], 0);
      expectFinite(
        [large.loss, ...large.gradient],
        "e^1000 overflows: subtract the largest logit from all of them first.",
        "loss and gradient for logits [1000, 0]",
      );
      const high = crossEntropyFromLogits([2000, 0, 0], 0);
      expectFinite(
        [high.loss, ...high.gradient],
        "e^z still overflows. Is the *largest* logit subtracted, and not their mean or another one?",
        "loss and gradient for logits [2000, 0, 0]",
      );
      const low = crossEntropyFromLogits([-1000, -1001], 0);
      expectFinite(
        [low.loss, ...low.gradient],
        "Subtract the largest logit whatever its sign: with 0 in its place, every e^−1000 is 0.",
        "loss and gradient for logits [−1000, −1001]",
      );
      const sentence =
        "The target was thought impossible (p = e^−2000, which rounds to 0). Stay with logarithms: " +
        "the loss is ln Σ e^(z − largest) − (z_target − largest).";
      const impossible = crossEntropyFromLogits([1000, -1000], 1).loss;
      expectFinite(impossible, sentence, "the loss of logits [1000, −1000] with target 1");
      expectClose(impossible, 2000, {
        what: "the loss of logits [1000, −1000] with target 1",
        message: sentence,
      });
    },
    {
      cases: {
        "two classes": (d) => [d.list(2), d.id(2)],
        "several classes": (d) => {
          const K = d.integer(3, 9);
          return [d.list(K, 2), d.id(K)];
        },
        "one class": (d) => [d.list(1), 0],
        "equal logits": (d) => [Array(5).fill(d.number(-3, 3)), 3],
        "logits in the thousands": (d) => [d.list(4, 1000), d.id(4)],
        "logits all very negative": (d) => [d.list(4).map((z) => z - 5000), d.id(4)],
        "300 classes": (d) => [d.list(300), 290],
      },
    },
  );

  exercise(
    "momentumStep",
    (momentumStep) => {
      const options = { lr: 0.2, momentum: 0.9 };
      const { parameters, velocity } = momentumStep([1, 5], [2, -1], [10, 0], options);
      expectClose(velocity, [11, -1], {
        what: "the velocity after [10, 0] with gradients [2, −1], momentum 0.9",
        mistakes: [
          [
            [9.2, -0.1],
            "The gradient was multiplied by 1 − momentum: that is an average. Here v ← momentum · v + g.",
          ],
          [[12, -1], "The old velocity was not multiplied by momentum."],
          [[4, -1], "lr and momentum are exchanged: v ← momentum · v + g, then p ← p − lr · v."],
          [[10, 0], "This is the old velocity: return the new one."],
          [
            [9.4, -0.2],
            "The learning rate belongs to the parameters: v ← momentum · v + g, then p ← p − lr · v.",
          ],
          [[2, -1], "The old velocity is forgotten: v ← momentum · v + g."],
          [[11.8, -0.9], "momentum multiplies the old velocity, not the gradient."],
          [
            [10.8, -0.9],
            "momentum multiplies the old velocity only, not its sum with the gradient.",
          ],
          [
            [7, 1],
            "The sign of the gradient is wrong: v ← momentum · v + g. The minus comes with lr · v.",
          ],
          [
            [8.6, 0.2],
            "This is another form, with −lr · g in the velocity. Here v ← momentum · v + g, then " +
              "p ← p − lr · v.",
          ],
        ],
        message: "v ← momentum · v + g, for each parameter.",
      });
      expectClose(parameters, [-1.2, 5.2], {
        what: "the parameters [1, 5] after the step with lr 0.2",
        mistakes: [
          [[3.2, 4.8], "The step goes uphill: p − lr · v."],
          [[-1, 5], "The old velocity was used: the step takes the new one."],
          [[0.6, 5.2], "This is a step of plain gradient descent: it takes v, not g."],
          [[-10, 6], "The learning rate is missing: p − lr · v."],
          [[0.78, 5.02], "The step was multiplied by 1 − momentum as well: it is lr · v alone."],
          [[-1.6, 5.4], "The gradient was added to the new velocity, which holds it already."],
          [[-0.98, 5.18], "The velocity was multiplied by momentum once more: the step is lr · v."],
          [
            [-1.38, 5.38],
            "This is Nesterov's form, which adds the gradient once more. The step here is lr · v alone.",
          ],
        ],
        message: "p ← p − lr · v, with the new v.",
      });
      const plain = momentumStep([1], [2], [10], { lr: 0.5, momentum: 0 });
      expectClose(plain.parameters, [0], {
        what: "the parameter with momentum 0",
        message: "With momentum 0 this is plain gradient descent. Is 0 taken for a missing option?",
      });
    },
    {
      cases: {
        "one parameter": (d) => steps(d, 1),
        "several parameters": (d) => steps(d, d.integer(4, 9)),
        "no velocity yet": (d) => {
          const [p, g, v, o] = steps(d, 5);
          return [p, g, v.map(() => 0), o];
        },
        "momentum 0": (d) => {
          const [p, g, v, o] = steps(d, 5);
          return [p, g, v, { ...o, momentum: 0 }];
        },
        "gradients of zeros": (d) => {
          const [p, g, v, o] = steps(d, 5);
          return [p, g.map(() => 0), v, o];
        },
        "large gradients": (d) => steps(d, 5, 1e4),
      },
    },
  );

  exercise(
    "heInit",
    (heInit) => {
      const rows = [
        [1, 0, 0, 0, 0, 0, 0, -2],
        [0, 3, 0, 0, -1, 0, 0, 0],
        [1, 1, 1, 1, 1, 1, 1, 1],
      ];
      const times = (s: number) => rows.map((row) => row.map((z) => s * z));
      expectClose(heInit(rows), times(0.5), {
        what: "weights of 3 neurons with 8 inputs",
        mistakes: [
          [
            times(2 / 8),
            "This is the variance, 2 / fanIn. Scale by its root, the standard deviation.",
          ],
          [
            times(Math.sqrt(1 / 8)),
            "This is √(1/fanIn). ReLU halves the mean square, so it takes √(2/fanIn).",
          ],
          [
            times(Math.sqrt(2 / 3)),
            "fanIn is the number of inputs of a neuron (columns), not of neurons (rows).",
          ],
          [
            times(Math.sqrt(2 / 11)),
            "This is Xavier's √(2 / (fanIn + fanOut)). He's has fanIn alone.",
          ],
          [
            times(Math.sqrt(2 / 24)),
            "fanIn is the length of one row, not the number of all weights.",
          ],
          [times(1 / 8), "This is 1 / fanIn. The standard deviation is √(2 / fanIn)."],
          [
            times(Math.sqrt(8 / 2)),
            "The fraction is upside down: √(2 / fanIn) falls with more inputs.",
          ],
          [
            times(Math.sqrt(6 / 8)),
            "√(6/fanIn) is the limit for uniform random numbers. These are normal: √(2/fanIn).",
          ],
          [
            rows.map((row) => {
              const size = Math.sqrt(row.reduce((sum, z) => sum + z * z, 0) / row.length);
              return row.map((z) => (0.5 * z) / size);
            }),
            "The rows were brought to mean square 1 first. The numbers are given as they should be: only " +
              "scale them.",
          ],
          [rows, "The numbers are not scaled."],
        ],
        message: "Multiply each number by √(2 / fanIn).",
      });
      const table = Array.from({ length: 40 }, (_, j) =>
        Array.from({ length: 50 }, (_, i) => Math.sin(1 + 7 * i + 31 * j) * Math.SQRT2),
      );
      const mean =
        heInit(table)
          .flat()
          .reduce((s, w) => s + w * w, 0) / 2000;
      expectTrue(
        Math.abs(mean - 0.04) < 0.004,
        `With 50 inputs the mean square of the weights should be about 2/50 = 0.04, got ${mean}.`,
      );
    },
    {
      cases: {
        "one neuron": (d) => [d.table(1, d.pick([3, 5, 9]))],
        "one input": (d) => [d.table(d.pick([3, 5]), 1)],
        "more inputs than neurons": (d) => [d.table(3, 11)],
        "more neurons than inputs": (d) => [d.table(11, 3)],
        zeros: () => [[[0, 0, 0]]],
      },
    },
  );
});
