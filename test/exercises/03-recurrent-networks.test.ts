// Checks of lesson 03 (recurrent networks). Numbers: PyTorch's own, recorded by
// test/fixtures/record/rnn.py.

import { readFileSync } from "node:fs";
import {
  type Draw,
  expectClose,
  expectFinite,
  expectShape,
  expectTrue,
  fail,
  isTensor,
  lesson,
  type Numbers,
} from "llm/course/kit";
import { tf } from "llm/engine";
import type { Layer, ReadOut, RnnWeights } from "llm/rnn";
import type * as answers from "../../solutions/03-recurrent-networks";
import { mutants } from "../mutants/03-recurrent-networks";

interface Recorded {
  shape: number[];
  values: number[];
}
const recorded = JSON.parse(readFileSync(new URL("../fixtures/rnn.json", import.meta.url), "utf8"));
const tensor = (r: Recorded) => tf.tensor(r.values, r.shape) as tf.Tensor as tf.Tensor2D;
const names = ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"] as const;
const pytorch = (kind: "rnn" | "lstm" | "gru") =>
  Object.fromEntries(
    names.map((n) => [n, tensor(recorded[kind].params[n])]),
  ) as unknown as RnnWeights;
/** The first step's inputs of the recorded sequences: x (2, 3), h and c (2, 4). */
const firstStep = () => ({
  x: tf
    .slice(tf.tensor3d(recorded.x.values, recorded.x.shape), [0, 0, 0], [-1, 1, -1])
    .reshape<tf.Tensor2D>([2, 3]) as tf.Tensor2D,
  h: tensor(recorded.h0),
  c: tensor(recorded.c0),
});

/** Close to `expected`, or told the sentence of the mistake whose result it equals. */
const judge = (
  actual: Numbers,
  expected: Numbers,
  mistakes: [Numbers, string][],
  message?: string,
  what?: string,
) => expectClose(actual, expected, { mistakes, message, what });

/**
 * Shapes that do not fit nearly always mean a weight that was not transposed. The message says so
 * before tfjs's own words.
 */
function transposed<R>(
  call: () => R,
  which = "weight_ih_l0 is (…H, I) and weight_hh_l0 (…H, H), so both",
): R {
  try {
    return call();
  } catch (error) {
    const told = error instanceof Error ? error.message.split("\n")[0] : "";
    if (/splits must evenly divide/.test(told))
      fail(`The cut goes along the columns, the second axis: tf.split(z, blocks, 1). (${told})`);
    if (!/inner shapes/.test(told)) throw error;
    fail(
      `A matrix product does not fit. ${which} must be transposed: tf.matMul(a, weight, false, true). (${told})`,
    );
  }
}

/** Weights of a cell of one unit whose matrices are 0, so that its gates are its biases. */
const onlyBiases = (bias_ih: number[], bias_hh = bias_ih.map(() => 0)): RnnWeights => ({
  weight_ih_l0: tf.zeros([bias_ih.length, 1]),
  weight_hh_l0: tf.zeros([bias_ih.length, 1]),
  bias_ih_l0: tf.tensor1d(bias_ih),
  bias_hh_l0: tf.tensor1d(bias_hh),
});
const one = (v: number) => tf.tensor2d([[v]]);
/** One step of a cell whose weights have G blocks of H rows, at all the inputs that it may meet. */
function cellCases<A extends unknown[]>(
  G: number,
  order: (x: tf.Tensor2D, h: tf.Tensor2D, c: tf.Tensor2D, w: RnnWeights) => A,
): Record<string, (d: Draw) => A> {
  const at = (
    d: Draw,
    { sizes = d.sizes(3), scale = 1, hold = (t: tf.Tensor) => t, zero = "" } = {},
  ): A => {
    const [B, I, H] = sizes;
    const made = (shape: number[], s: number) => d.normal(shape, s) as tf.Tensor2D;
    const state = (s: tf.Tensor2D) => (zero === "state" ? tf.zerosLike(s) : hold(s)) as tf.Tensor2D;
    const w: RnnWeights = {
      weight_ih_l0: hold(made([G * H, I], 0.6)),
      weight_hh_l0: hold(made([G * H, H], 0.6)),
      bias_ih_l0: hold(made([G * H], 0.6)),
      bias_hh_l0: hold(made([G * H], 0.6)),
    };
    return order(made([B, I], scale), state(made([B, H], 0.7)), state(made([B, H], 1.5)), w);
  };
  return {
    "one sequence": (d) => at(d, { sizes: [1, 3, 2] }),
    "several sequences": (d) => at(d),
    "more inputs than hidden numbers": (d) => at(d, { sizes: [3, 11, 5] }),
    "as many inputs as hidden numbers": (d) => at(d, { sizes: [6, 5, 5] }),
    "one input and one hidden number": (d) => at(d, { sizes: [5, 1, 1] }),
    "a state of zeros": (d) => at(d, { zero: "state" }),
    "inputs of zeros": (d) => at(d, { scale: 0 }),
    // Gates saturate, and e^−a, as the notebook writes σ, still fits float32.
    "large inputs": (d) => at(d, { scale: 12 }),
    "variables as weights and state": (d) => at(d, { hold: (t) => d.variable(t) }),
  };
}

const bptt = (d: Draw, T: number, k: number): [number[], number, number, number, number] => [
  d.list(T),
  d.number(-1.5, 1.5),
  d.number(-1.5, 1.5),
  d.number(-1, 1),
  k,
];
function zeroed<A extends unknown[]>(args: A, place: number): A {
  const copy: unknown[] = [...args];
  copy[place] = 0;
  return copy as A;
}

/** Gradients of a small model: tensors of 0 to 4 axes. */
const gradients = (d: Draw, scale = 1): Record<string, tf.Tensor> =>
  Object.fromEntries(
    [[], [5], d.sizes(2), d.sizes(3, 5), [2, 3, 1, 2]].map((shape, i) => [
      `layer${i}.weight`,
      d.normal(shape, scale),
    ]),
  );

/**
 * A layer, its read-out, ids and a state. Outputs depend on all inputs up to their time, and on it.
 */
function charCase(
  d: Draw,
  {
    B = d.integer(2, 4),
    T = d.integer(5, 8),
    V = d.pick([5, 6, 7]),
    from = 0,
    to = V,
    states = 1,
    scale = 1,
  }: {
    B?: number;
    T?: number;
    V?: number;
    from?: number;
    to?: number;
    states?: number;
    scale?: number;
  } = {},
): [Layer, ReadOut, tf.Tensor2D, tf.Tensor2D[]] {
  const H = d.pick([3, 9, 10]);
  const into = d.normal([V, H]) as tf.Tensor2D;
  const layer: Layer = (x, before) =>
    tf.tidy(() => {
      const [batch, time] = x.shape;
      const flat = x.reshape([batch * time, V]) as tf.Tensor2D;
      const inputs = tf.matMul(flat, into).reshape([batch, time, H]);
      const past = tf.addN(before).expandDims(1);
      const outputs = tf.tanh(tf.cumsum(inputs, 1).add(past)) as tf.Tensor3D;
      const last = tf.slice(outputs, [0, time - 1, 0], [batch, 1, H]).reshape([batch, H]);
      return { outputs, state: before.map((s, i) => last.add(s.mul(0.5 + i)) as tf.Tensor2D) };
    });
  const ids = tf.tidy(() => d.ids([B, T + 1], to - from).add(tf.scalar(from, "int32")));
  return [
    layer,
    { weight: d.normal([V, H], scale), bias: d.normal([V]) },
    ids as tf.Tensor2D,
    Array.from({ length: states }, () => d.normal([B, H], 0.5) as tf.Tensor2D),
  ];
}

const [OPEN, SHUT] = [20, -20]; // σ is 1 and 0 to eight digits

lesson<typeof answers>("03-recurrent-networks", mutants, (exercise) => {
  exercise(
    "rnnCell",
    (rnnCell) => {
      const { x, h } = firstStep();
      const w = pytorch("rnn");
      const got = transposed(() => rnnCell(x, h, w));
      expectShape(got, [2, 4], "the new state");
      expectFinite(got, undefined, "the new state");
      const small: RnnWeights = {
        weight_ih_l0: one(2),
        weight_hh_l0: one(-1),
        bias_ih_l0: tf.tensor1d([0.1]),
        bias_hh_l0: tf.tensor1d([0.25]),
      };
      const sum = 2 - 0.5 + 0.35; // one bias is not twice the other, or two mistakes would be one
      judge(
        rnnCell(one(1), one(0.5), small),
        [[Math.tanh(sum)]],
        [
          [[[1 / (1 + Math.exp(-sum))]], "That is σ(…): the plain network uses tanh, not sigmoid."],
          [[[sum]], "The tanh is missing: that is the sum itself."],
          [
            [[Math.tanh(sum + 0.5)]],
            "The result does not depend on the state h: is W_hh h in the sum?",
          ],
          [[[Math.tanh(sum - 0.25)]], "bias_hh_l0 is missing: there are two biases."],
          [[[Math.tanh(sum - 0.1)]], "bias_ih_l0 is missing: there are two biases."],
          [[[Math.tanh(sum - 0.15)]], "bias_ih_l0 is added twice, and bias_hh_l0 not at all."],
          [[[Math.tanh(sum + 0.15)]], "bias_hh_l0 is added twice, and bias_ih_l0 not at all."],
          [
            [[Math.tanh(2.1) + Math.tanh(-0.25)]],
            "Each share went through a tanh of its own: add them first, one tanh around the sum.",
          ],
          [[[Math.tanh(sum - 0.35)]], "Both biases, bias_ih_l0 and bias_hh_l0, are missing."],
        ],
        "x = 1, h = 0.5, weights 2 and −1, biases 0.1 and 0.25:",
      );
      const wrongSide = tf.tanh(
        tf
          .matMul<tf.Tensor>(x, w.weight_ih_l0, false, true)
          .add(w.bias_ih_l0)
          .add(tf.matMul<tf.Tensor>(h, w.weight_hh_l0))
          .add(w.bias_hh_l0),
      );
      judge(
        got,
        tensor(recorded.rnn.cellH),
        [
          [
            wrongSide,
            "weight_hh_l0 must be transposed too (a square matrix hides the mistake): tf.matMul(h, weight, false, true).",
          ],
        ],
        "With random weights it differs from PyTorch's nn.RNNCell.",
      );
    },
    {
      cases: cellCases(1, (x, h, _c, w) => [x, h, w]),
    },
  );

  exercise(
    "truncatedBptt",
    (truncatedBptt) => {
      const xs = [0.5, -1, 2, 0.3];
      const [w, u, h0] = [0.8, 0.7, 0.4];
      const T = xs.length;
      const h = [h0];
      for (const x of xs) h.push(Math.tanh(w * h[h.length - 1] + u * x));
      /** The answer, or the answer with one chosen mistake. */
      const back = (
        steps: number,
        o: {
          slope?: (v: number) => number;
          late?: number;
          factor?: number;
          ahead?: number;
          keep?: number;
        } = {},
      ) => {
        const { slope = (v) => 1 - v * v, late = 0, factor = w, ahead = 0, keep = 1 } = o;
        let [dw, du, delta] = [0, 0, 1];
        for (let t = T; t > Math.max(0, T - steps); t--) {
          const a = delta * slope(h[t]);
          dw = keep * dw + a * h[t - 1 + late];
          du = keep * du + a * (xs[t - 1 + ahead] ?? 0);
          delta = a * factor;
        }
        return [dw, du];
      };
      const call = (k: number) =>
        `truncatedBptt([${xs}], w = ${w}, u = ${u}, h0 = ${h0}, k = ${k})`;
      const ask = (k: number) => {
        const got = truncatedBptt(xs, w, u, h0, k);
        for (const field of ["h", "dw", "du"] as const) {
          expectTrue(
            typeof got[field] === "number",
            `The field ${field} should be a number, but is ${typeof got[field]}.`,
          );
          expectFinite(
            got[field],
            `${call(k)} reads beyond the ends of its arrays. xs[t − 1] is x_t, with t from ${T} down to 1; ${
              k > T
                ? "where k is larger than the number of steps, stop at t = 1."
                : "h needs h0 in front of it."
            }`,
            field,
          );
        }
        return got;
      };

      // forward: the state comes from the whole past, whatever k is
      const lastInputsOnly =
        "The whole of xs is read, from h0 on, whatever k is. Only the gradient is cut; " +
        "yours reads the last k inputs alone.";
      for (const k of [T, 2]) {
        let restarted = 0;
        let fromCut = h0;
        for (const x of xs.slice(T - k)) {
          restarted = Math.tanh(w * restarted + u * x);
          fromCut = Math.tanh(w * fromCut + u * x);
        }
        judge(
          ask(k).h,
          h[T],
          [
            [
              Math.tanh(u * xs[T - 1]),
              "Each step has to know the state before it: w·h_{t−1} is missing, or the state is reset at every step.",
            ],
            ...(k === T ? [] : [[fromCut, lastInputsOnly] as [number, string]]),
            [
              restarted,
              k === T
                ? "The state starts at zero: h_0 is the h0 that was given."
                : "The state starts again at zero: the whole of xs is read, from h0 on. Only the gradient is cut, and only at the last k steps.",
            ],
          ],
          "The state after the last step is wrong.",
          `h of ${call(k)}`,
        );
      }
      // backward, without a cut: exact, so central differences must agree
      const [full, cut, farther, nearer] = [back(T), back(2), back(3), back(1)];
      const check = (k: number, expected: number[], mistakes: [number[], string][]) => {
        const { dw, du } = ask(k);
        judge(
          [dw, du],
          expected,
          mistakes,
          `The gradient [dw, du] of ${call(k)} is wrong.`,
          "[dw, du]",
        );
      };
      /** The same sums, walked from t = 1 upwards. */
      const fromStart = (k: number) => {
        let [dw, du, delta] = [0, 0, 1];
        for (let t = 1; t <= Math.min(k, T); t++) {
          const a = delta * (1 - h[t] ** 2);
          dw += a * h[t - 1];
          du += a * xs[t - 1];
          delta = a * w;
        }
        return [dw, du];
      };
      /** The slope multiplied in after the sums. */
      const lateSlope = (k: number) => {
        let [dw, du, delta] = [0, 0, 1];
        for (let t = T; t > Math.max(0, T - k); t--) {
          dw += delta * h[t - 1];
          du += delta * xs[t - 1];
          delta *= w * (1 - h[t] ** 2);
        }
        return [dw, du];
      };
      const common = (k: number): [number[], string][] => [
        [
          back(k, { slope: () => 1 }),
          "The slope of tanh is missing: each step back multiplies δ by 1 − h_t².",
        ],
        [
          back(k, { late: 1 }),
          "dw grows by a·h_{t−1}: w was multiplied by the state *before* the step, not after it.",
        ],
        [
          back(k, { factor: 1 }),
          "δ goes back through w as well as through tanh: after each step δ = a·w, and yours leaves out the w.",
        ],
        [
          back(k, { slope: (v) => 1 - Math.tanh(v) ** 2 }),
          "h_t is already what came out of tanh: its slope is 1 − h_t², without another tanh.",
        ],
        [back(k, { ahead: 1 }), "du takes the wrong x: with x_1 in xs[0], x_t is xs[t − 1]."],
        [
          back(k, { keep: 0 }),
          "dw and du are set anew at each step. They are sums over the steps: dw += …, du += …",
        ],
        [
          fromStart(k),
          "Yours walks forward from t = 1. The gradient starts at the end, t = T, and walks back.",
        ],
        [
          lateSlope(k),
          "dw and du got δ itself. Multiply by the slope first, a = δ·(1 − h_t²), and add a·h_{t−1} and a·x_t.",
        ],
      ];
      const shares =
        "That is the last step's share alone. The same w and u act at every step, so their gradients are a sum over the steps.";
      check(T, full, [
        ...common(T),
        [nearer, shares],
        [cut, shares],
        [farther, `k = ${T} means all ${T} steps: yours stops one too early.`],
      ]);
      check(2, cut, [
        ...common(2),
        [
          full,
          "The gradient goes back through all steps. It must stop after k of them; the state before the cut is only a number.",
        ],
        [
          farther,
          "That is one step too many: with k = 2 the gradient goes through the last two steps, T and T − 1.",
        ],
        [nearer, shares],
      ]);
      check(1, nearer, [[cut, "That is one step too many: with k = 1 only the last step counts."]]);
      check(100, full, [[back(1), "k larger than the number of steps means: no cut."]]);
    },
    {
      cases: {
        "a single step": (d) => bptt(d, 1, d.integer(1, 3)),
        "k smaller than T": (d) => bptt(d, d.integer(5, 9), d.integer(1, 4)),
        "k near T": (d) => {
          const T = d.integer(5, 9);
          return bptt(d, T, T + d.integer(-1, 1));
        },
        "a long sequence and a long way back": (d) => bptt(d, d.integer(20, 30), d.integer(10, 19)),
        "a sequence of 300 steps": (d) => bptt(d, 300, d.integer(3, 9)),
        "a gradient that lives for 100 steps": (d) => [
          d.list(100, 0.01),
          1,
          1,
          d.number(-0.05, 0.05),
          d.integer(90, 100),
        ],
        "k far above T": (d) => bptt(d, d.integer(2, 7), 100),
        "w = 0": (d) => zeroed(bptt(d, 6, 4), 1),
        "u = 0": (d) => zeroed(bptt(d, 6, 4), 2),
        "h0 = 0": (d) => zeroed(bptt(d, 6, 4), 3),
        "inputs of 0": (d) => {
          const [xs, ...rest] = bptt(d, 6, 4);
          return [xs.map(() => 0), ...rest];
        },
      },
      repeats: 4,
      tolerance: { atol: 1e-7 },
    },
  );

  exercise(
    "clipByGlobalNorm",
    (clipByGlobalNorm) => {
      const run = (grads: Record<string, number[]>, maxNorm: number) => {
        const given = Object.fromEntries(
          Object.entries(grads).map(([name, g]) => [name, tf.tensor1d(g) as tf.Tensor]),
        );
        const got = clipByGlobalNorm(given, maxNorm);
        expectTrue(
          got !== null && typeof got === "object" && isTensor(got.norm),
          "The field norm should be a scalar tensor.",
        );
        for (const name of Object.keys(grads)) {
          expectTrue(
            isTensor(got.grads[name]),
            `grads has no tensor named ${name}: use the names that came in.`,
          );
          expectShape(got.grads[name], [grads[name].length], `grads.${name}`);
        }
        expectShape(got.norm, [], "norm");
        expectFinite(got.norm, undefined, "norm");
        return {
          all: Object.keys(grads).flatMap((name) => Array.from(got.grads[name].dataSync())),
          norm: got.norm,
        };
      };
      const long = { a: [3, 0], b: [4] };
      const first = run(long, 1);
      judge(
        first.norm,
        5,
        [
          [
            7,
            "The norms of the tensors do not add up, their squares do: √(3² + 4²) = 5, not 3 + 4.",
          ],
          [
            4,
            "That is the norm of the last tensor alone. One norm over all tensors together: √(3² + 0² + 4²) = 5.",
          ],
          [
            3,
            "That is the norm of the first tensor alone. One norm over all tensors together: √(3² + 0² + 4²) = 5.",
          ],
          [
            Math.sqrt(4.5 + 16),
            "Sum the squares of each tensor; the mean is smaller: √(3² + 0² + 4²) = 5.",
          ],
          [25, "The square root is missing: that is the squared norm."],
          [1, "norm is the length before clipping; the length after it cannot show an explosion."],
        ],
        "For { a: [3, 0], b: [4] }:",
        "norm",
      );
      judge(
        first.all,
        [0.6, 0, 0.8],
        [
          [
            [1, 0, 1],
            "It looks as if each tensor by itself (or each number by itself) was cut to the limit. That turns the step: 3 : 4 has become 1 : 1. One factor for all.",
          ],
          [[3, 0, 4], "Nothing was clipped, though the norm 5 is above the limit 1."],
          [
            [0.5, 0, 4 / 6],
            "The norm in the denominator has 1 added to it: a norm of 0 needs another way out (min with 1).",
          ],
        ],
        "For { a: [3, 0], b: [4] } and maxNorm 1, [a, b]:",
        "[a, b]",
      );
      judge(
        run({ a: [3, 4], b: [12] }, 5).all,
        [15 / 13, 20 / 13, 60 / 13],
        [
          [[3, 4, 5], "Each tensor by itself was cut to the limit. One factor for all."],
          [
            [3 / 13, 4 / 13, 12 / 13],
            "The norm of the result is 1: divide by the norm *and* multiply by maxNorm (is it used?).",
          ],
        ],
        "For { a: [3, 4], b: [12] } and maxNorm 5, [a, b]:",
        "[a, b]",
      );
      judge(
        run({ a: [0.3], b: [0.4] }, 1).all,
        [0.3, 0.4],
        [
          [
            [0.6, 0.8],
            "A gradient below the limit was made longer. Clipping only shortens: the factor is never above 1.",
          ],
        ],
        "For { a: [0.3], b: [0.4] } and maxNorm 1, below the limit, [a, b]:",
        "[a, b]",
      );
      const zero = run({ a: [0, 0] }, 1).all;
      expectFinite(
        zero,
        "A gradient of zeros has norm 0: 0 times anything should stay 0.",
        "the clipped gradient of zeros",
      );
      // a matrix and its bias: tensors of different shapes, as a real model has them
      const model = {
        weight: tf.tensor2d([
          [2, 4],
          [5, 6],
        ]),
        bias: tf.tensor1d([12]),
      }; // norm 15
      let mixed: ReturnType<typeof clipByGlobalNorm>;
      try {
        mixed = clipByGlobalNorm(model, 1.5);
      } catch (error) {
        fail(
          `It works for vectors, but stops for { weight: a matrix (2, 2), bias: a vector (1) }: a model's gradients have different shapes, so sum each one's squares first and then add these numbers. (${error instanceof Error ? error.message.split("\n")[0] : error})`,
        );
      }
      expectShape(mixed.grads.weight, [2, 2], "grads.weight");
      expectClose(mixed.norm, 15, {
        message:
          "For { weight: [[2, 4], [5, 6]], bias: [12] }: the norm of all five numbers together is 15.",
        what: "norm",
      });
      expectClose(
        mixed.grads.weight,
        [
          [0.2, 0.4],
          [0.5, 0.6],
        ],
        {
          message:
            "For { weight: [[2, 4], [5, 6]], bias: [12] } and maxNorm 1.5 the factor is 0.1.",
          what: "grads.weight",
        },
      );
    },
    {
      cases: {
        "one tensor": (d) => [{ weight: d.normal(d.sizes(2)) }, d.logarithmic(0.3, 3)],
        "tensors of 0 to 4 axes": (d) => [gradients(d), d.logarithmic(0.3, 3)],
        "a norm below the limit": (d) => [gradients(d, 0.1), d.number(20, 30)],
        "a norm of exactly the limit": () => [{ a: tf.tensor1d([3, 0]), b: tf.scalar(-4) }, 5],
        "gradients of zeros": (d) => [
          { a: tf.zeros(d.sizes(2)), b: tf.zeros([3]) },
          d.number(1, 2),
        ],
        "one tensor of zeros among others": (d) => [
          { ...gradients(d), frozen: tf.zeros([5]) },
          d.number(0.1, 1),
        ],
        "large gradients": (d) => [gradients(d, 1e4), d.number(1, 2)],
        "a limit below 1, and a norm between them": () => [
          { a: tf.tensor1d([0.3, 0]), b: tf.scalar(-0.4) },
          0.25,
        ],
        "matrices and biases of a model": (d) => [
          {
            "h.0.attn.c_attn.weight": d.normal([3, 9]),
            "h.0.attn.c_attn.bias": d.normal([9]),
            "ln_f.bias": d.normal([3]),
            weight_hh_l0: d.normal([3, 3]),
            bias_hh_l0: d.normal([3]),
          },
          d.number(0.1, 1),
        ],
        "small gradients": (d) => [gradients(d, 1e-4), d.number(1, 2)],
        variables: (d) => {
          const held = Object.entries(gradients(d)).map(([name, g]) => [name, d.variable(g)]);
          return [Object.fromEntries(held), d.number(0.5, 2)];
        },
      },
      gradients: false, // a clipped gradient is applied, and nothing is trained through it
    },
  );

  exercise(
    "lstmCell",
    (lstmCell) => {
      const { x, h, c } = firstStep();
      const w = pytorch("lstm");
      const ask = (...args: Parameters<typeof lstmCell>) => {
        const got = transposed(() => lstmCell(...args));
        expectTrue(
          Array.isArray(got) && got.length === 2 && got.every(isTensor),
          "lstmCell should return [h', c'], two tensors.",
        );
        const [B, H] = args[1][0].shape;
        expectShape(got[0], [B, H], "h'");
        expectShape(got[1], [B, H], "c'");
        expectFinite(got[0], undefined, "h'");
        expectFinite(got[1], undefined, "c'");
        return got.map((t) => t.dataSync()[0]);
      };
      ask(x, [h, c], w);
      const state = (): [tf.Tensor2D, tf.Tensor2D] => [one(0.1), one(0.8)];
      const order =
        "f belongs to the old c, i to the new g; the blocks of rows are in the order i, f, g, o.";

      // f = 1, i = 0: keep everything
      const [h1, c1] = ask(one(1), state(), onlyBiases([SHUT, OPEN, 0.5, OPEN]));
      const swapped = "It returned [c', h']: the order is [h', c'].";
      judge(
        c1,
        0.8,
        [
          [Math.tanh(0.8), swapped],
          [
            SHUT * 0.5 + OPEN * 0.8,
            "The gates are not between 0 and 1: i, f and o each go through the sigmoid σ, g through tanh.",
          ],
          [
            SHUT * Math.tanh(0.5) + OPEN * 0.8,
            "The gates are not between 0 and 1: i, f and o each go through the sigmoid σ.",
          ],
          [0.1, "state is [h, c], h first: yours takes the first one for c."],
          [
            Math.tanh(0.5),
            `With f = 1 and i = 0 the cell keeps its c and writes nothing, but yours did the opposite: ${order}`,
          ],
        ],
        `With f = 1 and i = 0 (by their biases) c' should be the old c, 0.8: ${order}`,
        "c'",
      );
      judge(
        h1,
        Math.tanh(0.8),
        [
          [0.8, "h' = o ⊙ tanh(c'): the tanh(c') is missing."],
          [
            Math.tanh(0.8) / (1 + Math.exp(-0.5)),
            "The third block is g and the last is o (order i, f, g, o): yours takes the third for o.",
          ],
        ],
        "With o = 1, h' should be tanh(c').",
        "h'",
      );
      // f = 0, i = 1: write the new
      const [h2, c2] = ask(one(1), state(), onlyBiases([OPEN, SHUT, 0.5, OPEN]));
      judge(
        c2,
        Math.tanh(0.5),
        [
          [
            1 / (1 + Math.exp(-0.5)),
            "g needs tanh, not sigmoid: what is written may be negative. Only i, f and o are gates.",
          ],
          [
            1,
            "The third block is g and the last is o (order i, f, g, o): yours takes the last for g.",
          ],
          [0.5, "g goes through tanh before it is written."],
        ],
        "With f = 0, i = 1 and z_g = 0.5, c' should be tanh(0.5).",
        "c'",
      );
      judge(
        h2,
        Math.tanh(Math.tanh(0.5)),
        [[Math.tanh(0.8), "h' shows the new c', not the c from before the step."]],
        "With o = 1, h' should be tanh(c'), of the new c'.",
        "h'",
      );
      // f = 1, i = 1: keep and add
      judge(
        ask(one(1), state(), onlyBiases([OPEN, OPEN, 0.5, OPEN]))[1],
        0.8 + Math.tanh(0.5),
        [
          [
            0.8,
            "i is a gate of its own, from the first block, and not 1 − f: an LSTM may keep the old and add to it.",
          ],
        ],
        "With f = 1 and i = 1, c' should be c + g = 0.8 + tanh(0.5).",
        "c'",
      );
      // o = 0: show nothing
      judge(
        ask(one(1), state(), onlyBiases([OPEN, SHUT, 0.5, SHUT]))[0],
        0,
        [],
        "With o = 0 (the fourth block), h' should be 0.",
        "h'",
      );

      const got = lstmCell(x, [h, c], w);
      const message =
        "With random weights it differs from PyTorch's nn.LSTMCell: are both weights transposed and both biases added?";
      expectClose(got[1], tensor(recorded.lstm.cellC), { what: "c'", message });
      expectClose(got[0], tensor(recorded.lstm.cellH), { what: "h'", message });
    },
    {
      cases: cellCases<Parameters<typeof answers.lstmCell>>(4, (x, h, c, w) => [x, [h, c], w]),
    },
  );

  exercise(
    "gruCell",
    (gruCell) => {
      const { x, h } = firstStep();
      const w = pytorch("gru");
      const got = transposed(() => gruCell(x, h, w));
      expectShape(got, [2, 4], "the new state");
      expectFinite(got, undefined, "the new state");
      const n = Math.tanh(0.5);
      const step = (r: number, z: number, bn = 0.5, bhn = 0) =>
        gruCell(one(1), one(0.8), onlyBiases([r, z, bn], [0, 0, bhn]));
      judge(
        step(OPEN, OPEN),
        [[0.8]],
        [
          [
            [[n]],
            "With z = 1 the state should stay as it is, but yours took the new one: z and 1 − z are the other way round.",
          ],
        ],
        "With z = 1 (by its bias) h' should be the old h, 0.8.",
      );
      judge(
        step(SHUT, OPEN),
        [[0.8]],
        [
          [
            [[n]],
            "With z = 1 and r = 0 the state should stay: are the blocks cut in the order r, z, n? Yours seems to use r in place of z.",
          ],
        ],
        "With z = 1 (by its bias) h' should be the old h, 0.8, whatever r is.",
      );
      judge(
        step(OPEN, SHUT),
        [[n]],
        [
          [[[1 / (1 + Math.exp(-0.5))]], "n needs tanh, not sigmoid: it is content, not a gate."],
          [
            [[n + 0.8]],
            "The whole old h came through, though z is 0: it should be multiplied by z.",
          ],
        ],
        "With z = 0, h' should be n = tanh(0.5).",
      );
      judge(
        step(OPEN, SHUT, 0.5, 1),
        [[Math.tanh(1.5)]],
        [],
        "With z = 0 and r = 1, n = tanh(b_in + b_hn) = tanh(0.5 + 1).",
      );
      judge(
        step(SHUT, SHUT, 0.5, 1),
        [[n]],
        [
          [
            [[Math.tanh(1.5)]],
            "The bias b_hn came through though r is 0. Either r does nothing in your cell, or it multiplies h before the product: PyTorch's r multiplies the state's whole share W_hn h + b_hn, bias_hh_l0 included.",
          ],
          [
            [[0]],
            "r = 0 wiped out everything: it multiplies only the state's share, not W_in x + b_in.",
          ],
        ],
        "With z = 0 and r = 0 the state's share must vanish: n = tanh(b_in) = tanh(0.5).",
      );
      expectClose(got, tensor(recorded.gru.cellH), {
        message:
          "With random weights it differs from PyTorch's nn.GRUCell: are both weights transposed and both biases added?",
      });
    },
    {
      cases: cellCases(3, (x, h, _c, w) => [x, h, w]),
    },
  );

  exercise(
    "charLoss",
    (charLoss, { reference }) => {
      // A layer whose output is its input plus the state, and whose state counts: everything it is
      // asked shows.
      const layer: Layer = (x, [s]) => ({
        outputs: x.add(s.reshape([s.shape[0], 1, -1])) as tf.Tensor3D,
        state: [s.add(1) as tf.Tensor2D],
      });
      const ids = tf.tensor2d(
        [
          [0, 1, 2, 0],
          [3, 3, 1, 2],
        ],
        [2, 4],
        "int32",
      );
      const V = 4;
      const zero = () => [tf.zeros([2, V]) as tf.Tensor2D];
      const flat: ReadOut = { weight: tf.zeros([V, V]), bias: tf.zeros([V]) };
      /** Calls charLoss; the words of tfjs about products that do not fit are translated. */
      const call = (l: Layer, readOut: ReadOut, state: tf.Tensor2D[]) =>
        transposed(() => charLoss(l, readOut, ids, state), "readOut.weight is (V, H), so it");
      const ask = (readOut: ReadOut, state = zero(), l: Layer = layer) => {
        let calls = 0;
        const counted: Layer = (...args) => {
          calls++;
          return l(...args);
        };
        const got = call(counted, readOut, state);
        expectTrue(
          calls === 1,
          `The layer was called ${calls} times: call it once, and take both outputs and state from that call.`,
        );
        expectTrue(isTensor(got.loss), "The field loss should be a scalar tensor.");
        expectShape(got.loss, [], "loss");
        expectFinite(got.loss, undefined, "loss");
        expectTrue(
          Array.isArray(got.state) &&
            got.state.length === state.length &&
            got.state.every(isTensor),
          `The field state should be the layer's whole state: an array of tensors, here of ${state.length} (an LSTM has two).`,
        );
        return got;
      };
      let seen: number[] = [];
      const spy: Layer = (x, s) => {
        seen = [...x.shape];
        return layer(x, s);
      };
      judge(
        ask(flat, zero(), spy).loss,
        Math.log(V),
        [
          [
            6 * Math.log(V),
            "The loss is the mean over the B·T predictions, and this is their sum.",
          ],
          [3 * Math.log(V), "The loss is the mean over all B·T predictions: divide by T too."],
          [
            Math.log(V) / V,
            "The mean is over the B·T predictions only: sum over the vocabulary first, then take the mean.",
          ],
          [-Math.log(V), "The minus sign is missing: ln of a probability is negative."],
          [
            Math.log2(V),
            "This is in bits. The loss should be in nats: use the natural logarithm, as tf.logSoftmax does.",
          ],
        ],
        "A read-out of zeros gives every character 1/V, so the loss is ln V = ln 4.",
        "loss",
      );
      expectTrue(
        seen[0] === 2 && seen[2] === V,
        `The layer was given inputs of shape (${seen.join(", ")}), expected (B, T, V) = (2, 3, 4).`,
      );

      // V and H are two numbers
      const narrow: Layer = (x, s) => ({
        outputs: tf.slice(x, [0, 0, 0], [-1, -1, 3]) as tf.Tensor3D,
        state: s.map((t) => t.clone()),
      });
      const checked: Layer = (x, s) => {
        expectTrue(
          x.shape[2] === V,
          `With V = 4 characters and H = 3 hidden numbers the inputs have shape (${x.shape.join(", ")}), expected (2, 3, 4): the vocabulary has readOut.bias.size characters, not weight.shape[1].`,
        );
        return narrow(x, s);
      };
      const H3: ReadOut = { weight: tf.zeros([V, 3]), bias: tf.zeros([V]) };
      // an LSTM's state is two tensors: all of them are handed on
      const two = [tf.zeros([2, 3]), tf.ones([2, 3])] as tf.Tensor2D[];
      const fewer = ask(H3, two, checked).loss;
      expectClose(fewer, Math.log(V), {
        message: "A read-out of zeros, with V = 4 and H = 3:",
        what: "loss",
      });

      // A read-out that predicts what the layer has just read, and one that predicts the successor
      const strong = (next: (k: number) => number): ReadOut => ({
        weight: tf.tidy(() =>
          tf
            .oneHot(
              tf.tensor1d(
                Array.from({ length: V }, (_, v) => next(v)),
                "int32",
              ),
              V,
            )
            .toFloat()
            .mul(5),
        ),
        bias: tf.tensor1d([0, 0.1, 0.2, 0.3]),
      });
      const echo = strong((v) => v);
      const weird = strong((v) => (v + 3) % V); // output v is high when the input was v − 1
      const shifted = (readOut: ReadOut, from: number, to: number) =>
        tf.tidy(() => {
          const part = (at: number) => tf.slice(ids, [0, at], [2, 3]).reshape([6]);
          const x = tf.oneHot(part(from) as tf.Tensor1D, V).toFloat();
          const logits = tf.matMul<tf.Tensor>(x, readOut.weight, false, true).add(readOut.bias);
          return -tf
            .logSoftmax(logits)
            .mul(tf.oneHot(part(to) as tf.Tensor1D, V))
            .sum(1)
            .mean()
            .dataSync()[0];
        });
      for (const readOut of [echo, weird])
        judge(
          ask(readOut).loss,
          shifted(readOut, 0, 1),
          [
            [
              shifted(readOut, 0, 0),
              "The model is asked for the character it has just read: the targets must be the ids one place later.",
            ],
            [
              shifted(readOut, 1, 1),
              "The model is asked for the character it has just read: the targets must be the ids one place later than the inputs.",
            ],
            [
              shifted({ ...readOut, bias: tf.zeros([V]) }, 0, 1),
              "readOut.bias is missing in the logits.",
            ],
            [
              shifted(readOut, 1, 0),
              "Shifted the wrong way: from each character yours predicts the one before it.",
            ],
          ],
          "The loss of a small model with known weights:",
          "loss",
        );

      const memory = tf.tensor2d([
        [2, 0, 0, 0],
        [0, 0, 3, 0],
      ]);
      judge(
        ask(echo, [memory]).loss,
        reference.charLoss(layer, echo, ids, [memory]).loss,
        [
          [
            ask(echo).loss,
            "The layer must start from the state it was given: the result is the same whatever the state.",
          ],
        ],
        "The loss with a state that is not zero:",
        "loss",
      );
      judge(
        ask(echo, [memory]).state[0],
        memory.add(1),
        [
          [
            memory,
            "state must be the layer's state after the last input: the one that came in was handed on.",
          ],
          [tf.ones([2, V]), "The layer must start from the state it was given, not from zeros."],
        ],
        "The returned state should be the layer's state after the last input.",
        "state",
      );
      const sure: ReadOut = { weight: echo.weight.mul(100) as tf.Tensor2D, bias: echo.bias };
      expectFinite(
        call(layer, sure, zero()).loss,
        "A model that is very sure gives some characters a probability that rounds to 0, and ln 0 is −∞: use tf.logSoftmax(logits), not the logarithm of softmax.",
        "the loss with large logits",
      );
    },
    {
      cases: {
        "one sequence of one pair": (d) => charCase(d, { B: 1, T: 1 }),
        "several sequences": (d) => charCase(d),
        "longer pieces": (d) => charCase(d, { T: d.integer(9, 12) }),
        "a vocabulary of 300, ids above 255": (d) => charCase(d, { V: 300, from: 200 }),
        "a piece without the last characters of the vocabulary": (d) => charCase(d, { to: 2 }),
        "the same character throughout": (d) => charCase(d, { to: 1 }),
        "a layer with a state of two tensors": (d) => charCase(d, { states: 2 }),
        "large logits": (d) => charCase(d, { scale: 100 }),
        "a state of zeros": (d) => {
          const [layer, readOut, ids, state] = charCase(d);
          return [layer, readOut, ids, state.map((s) => tf.zerosLike(s))];
        },
        "variables as read-out": (d) => {
          const [layer, { weight, bias }, ids, state] = charCase(d);
          return [layer, { weight: d.variable(weight), bias: d.variable(bias) }, ids, state];
        },
      },
    },
  );
});
