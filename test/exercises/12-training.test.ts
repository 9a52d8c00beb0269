// Lesson 12 (training): judges the learner, the solutions and the mutants.

import {
  type Draw,
  expectClose,
  expectEqual,
  expectFinite,
  expectShape,
  expectTrue,
  fail,
  lesson,
} from "llm/course/kit";
import { tf } from "llm/engine";
import type * as answers from "../../solutions/12-training";
import optim from "../fixtures/optim.json";
import { mutants } from "../mutants/12-training";

const first = (t: tf.Tensor) => t.dataSync()[0];
const recorded = (t: { shape: number[]; values: number[] }) => tf.tensor(t.values, t.shape);

/** What known mistakes give, and their sentences. */
type Wrong<V> = [gives: V, sentence: string][];

/** Logits and right answers, ids from `from` to `to` − 1. */
function predictions(
  d: Draw,
  {
    N = d.pick([5, 6, 7]),
    V = d.pick([9, 10, 11]),
    from = 0,
    to = V,
    scale = 2,
  }: { N?: number; V?: number; from?: number; to?: number; scale?: number } = {},
): [tf.Tensor2D, tf.Tensor1D] {
  const targets = tf.tidy(() => d.ids([N], to - from).add(tf.scalar(from, "int32")));
  return [d.normal([N, V], scale) as tf.Tensor2D, targets as tf.Tensor1D];
}

/** A text of ids and where its windows begin. */
function windows(
  d: Draw,
  { B = d.integer(3, 6), T = d.pick([5, 6, 7, 9]), from = 0, limit = 100 } = {},
): [Int32Array, number[], number] {
  const length = d.integer(30, 60);
  const ids = Int32Array.from({ length }, () => from + d.id(limit - from));
  return [ids, Array.from({ length: B }, () => d.integer(0, length - T - 1)), T];
}

type Moments = Parameters<typeof answers.adamw>;
/** A parameter, its gradient and moments, in the middle of a training. */
function moments(d: Draw, shape: number[], change: Partial<Moments[5]> = {}, scale = 1): Moments {
  const options = {
    lr: d.logarithmic(1e-3, 0.3),
    beta1: d.number(0.5, 0.95),
    beta2: d.number(0.7, 0.999),
    eps: d.logarithmic(1e-8, 1e-3),
    weightDecay: d.number(0.01, 0.6),
    ...change,
  };
  const v = tf.tidy(() => tf.square(d.normal(shape, scale)).add(0.01 * scale * scale));
  const m = d.normal(shape, 0.5 * scale);
  return [d.normal(shape), d.normal(shape, scale), m, v, d.integer(1, 40), options];
}
const late = (d: Draw, step: number): Moments => {
  const [p, g, m, v, , options] = moments(d, d.sizes(2));
  return [p, g, m, v, step, options];
};

type Rates = Parameters<typeof answers.warmupCosine>[1];
/** A step, chosen by the steps of the warm-up and of the whole, and rates of no fixed ratio. */
function rate(
  d: Draw,
  choose: (warmupSteps: number, totalSteps: number) => number,
  change: Partial<Rates> = {},
): [number, Rates] {
  const warmupSteps = d.integer(3, 30);
  const maxLr = d.logarithmic(1e-4, 1);
  const options = {
    maxLr,
    minLr: maxLr * d.number(0.01, 0.9),
    warmupSteps,
    totalSteps: warmupSteps + d.integer(5, 200),
    ...change,
  };
  return [choose(options.warmupSteps, options.totalSteps), options];
}

/** The float32 number whose bits are these: the upper and the lower 16. */
const fromBits = (upper: number, lower: number): number =>
  new Float32Array(Uint32Array.of(upper * 0x10000 + lower).buffer)[0];

lesson<typeof answers>("12-training", mutants, (exercise) => {
  exercise(
    "crossEntropy",
    (crossEntropy, { reference }) => {
      const logits = tf.tensor2d([
        [2, 1, 0.1, 0.4],
        [0, 3, -1, 1],
        [1, -1, 0.5, 2],
      ]);
      const targets = tf.tensor1d([0, 2, 3], "int32");
      const p = tf.softmax(logits);
      const chosen = (x: tf.Tensor) => tf.sum(tf.mul(x, tf.oneHot(targets, 4)), 1);
      const columns = tf.transpose(tf.softmax(tf.transpose(logits)));
      const loss = crossEntropy(logits, targets);
      const right = first(reference.crossEntropy(logits, targets));
      const mean = (x: tf.Tensor) => first(tf.mean(x));
      expectClose(loss, right, {
        what: "the loss of logits (3, 4) with targets [0, 2, 3]",
        mistakes: [
          [-right, "The minus in front is missing: a loss is positive."],
          [3 * right, "This is the sum over the N predictions; the loss is their mean."],
          [
            right / 4,
            "The loss is V times too small: the mean goes over the N predictions, not over the " +
              "vocabulary too.",
          ],
          [right / Math.LN2, "This is in bits: use the natural logarithm."],
          [right / Math.LN10, "This is a logarithm to base 10: use the natural one."],
          [
            -mean(chosen(logits)),
            "These are the raw logits of the right answers: the softmax is missing (subtract ln Σ e^z).",
          ],
          [
            mean(tf.logSumExp(logits, 1)),
            "ln Σ e^z alone: the logit of the right answer is missing.",
          ],
          [Math.exp(right), "This is the perplexity, e^loss: the loss itself is asked for."],
          [
            -mean(chosen(p)),
            "These are the probabilities themselves: their logarithms are missing.",
          ],
          [1 - mean(chosen(p)), "This is 1 − p. The loss takes −ln p of the right answer."],
          [
            -Math.log(mean(chosen(p))),
            "The logarithm of the mean probability: take the logarithms first, then their mean.",
          ],
          [
            -mean(tf.log(chosen(columns))),
            "The softmax went down the columns: it goes over the V logits of a row, axis 1.",
          ],
          [-mean(tf.log(p)), "This is the mean over all tokens: only the right answers count."],
          [-first(chosen(tf.log(p))), "Only the first row was looked at."],
          [
            mean(tf.square(tf.sub(p, tf.oneHot(targets, 4)))),
            "This is a squared error. The loss is −ln p of the right answer.",
          ],
          [right / 2, "This is half of the loss."],
          [
            first(reference.crossEntropy(tf.div(logits, 2), targets)),
            "The logits were divided by 2 first. Take them as they are: there is no temperature here.",
          ],
        ],
        message: "Pick ln p of the right answer in each row, average, and put a minus in front.",
      });
      const large = tf.tensor2d([[1000, 0]]);
      expectFinite(
        crossEntropy(large, tf.tensor1d([0], "int32")),
        "Large logits overflow: subtract the largest logit of a row first, or use tf.logSumExp.",
      );
      const apart = tf.tensor2d([
        [1000, 0],
        [-1000, -1000],
      ]);
      expectFinite(
        crossEntropy(apart, tf.tensor1d([0, 1], "int32")),
        "Subtract from each row its own largest logit, tf.max(logits, 1, true): with the largest of " +
          "all rows, 1000, the row [−1000, −1000] becomes [−2000, −2000], and the logarithm of its sum " +
          "of e^z is −Infinity.",
      );
      const impossible = crossEntropy(tf.tensor2d([[200, 0]]), tf.tensor1d([1], "int32"));
      const sentence =
        "A token that the model thought impossible (p = e^−200) costs 200 nats: stay with logarithms, " +
        "z − ln Σ e^z, instead of taking the logarithm of a probability.";
      expectFinite(impossible, sentence);
      const epsilons = [1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15, 1e-16, 1e-20];
      expectClose(impossible, 200, {
        what: "the loss of logits [[200, 0]] with target 1",
        mistakes: epsilons.map((e): [number, string] => [-Math.log(e), sentence]),
      });
    },
    {
      cases: {
        "one prediction": (d) => predictions(d, { N: 1 }),
        "several predictions": (d) => predictions(d),
        "more predictions than tokens": (d) => predictions(d, { N: 40, V: 3 }),
        "a vocabulary of two": (d) => predictions(d, { V: 2 }),
        "a vocabulary of 300, ids above 255": (d) => predictions(d, { V: 300, from: 256 }),
        "logits of zeros": (d) => predictions(d, { scale: 0 }),
        "logits of hundreds": (d) => predictions(d, { scale: 300 }),
        "rows of logits that are far apart": (d) => {
          const [logits, targets] = predictions(d, { N: 6 });
          const far = tf.tidy(() => logits.add(tf.linspace(-5000, 5000, 6).expandDims(1)));
          return [far as tf.Tensor2D, targets];
        },
        "the same answer for all": (d) => predictions(d, { from: 2, to: 3 }),
        "a variable": (d) => {
          const [logits, targets] = predictions(d);
          return [d.variable(logits), targets];
        },
      },
    },
  );

  exercise(
    "getBatch",
    (getBatch) => {
      const ids = Int32Array.from({ length: 60 }, (_, i) => 100 + ((i * 17) % 60)); // all different
      const starts = [3, 0, 41, 12];
      const T = 8;
      const rows = (at: (start: number, t: number) => number, from = starts) =>
        from.map((start) => Array.from({ length: T }, (_, t) => ids[at(start, t)] ?? 0));
      const [right, next] = [rows((s, t) => s + t), rows((s, t) => s + t + 1)];
      const { inputs, targets } = getBatch(ids, starts, T);
      for (const [name, got] of Object.entries({ inputs, targets })) {
        expectTrue(
          got.length === 4,
          `${name} has ${got.length} rows, expected one for each of the 4 starts.`,
        );
        const single = Array.from(got).find((row) => typeof row === "number");
        if (single !== undefined)
          fail(
            `A row of ${name} is the number ${single}, expected 8 tokens: one for every position.`,
          );
        const short = got.find((row) => row.length !== T);
        if (short !== undefined)
          fail(
            `A row of ${name} has ${short.length} tokens, expected blockSize = 8.` +
              (name === "targets" && short.length === T - 1
                ? " The last position needs a target too: the token after the window."
                : ""),
          );
      }
      const asTable = (list: ArrayLike<number>[]) => list.map((row) => Array.from(row));
      const sorted = [...starts].sort((a, b) => a - b);
      const exchanged =
        "inputs and targets are exchanged: the targets are one token later in the text.";
      expectClose(asTable(inputs), right, {
        what: "inputs",
        mistakes: [
          [next, exchanged],
          [
            rows((s, t) => s + t, sorted),
            "The windows come in the order of starts: do not sort them.",
          ],
          [
            starts.map((_, b) => Array.from(ids.slice(b * T, b * T + T))),
            "The windows follow one another: window b begins at starts[b], not at b · blockSize.",
          ],
          [
            rows((_, t) => starts[0] + t),
            "All rows are the first window: row b begins at starts[b].",
          ],
          [
            rows((_, t) => starts[3] + t),
            "All rows are the last window: row b begins at starts[b].",
          ],
          [rows((s, t) => s + T - 1 - t), "The tokens of a window are in reverse order."],
        ],
        message: "Row b of inputs is ids[starts[b]] and the blockSize − 1 tokens after it.",
      });
      expectClose(asTable(targets), next, {
        what: "targets",
        mistakes: [
          [
            right,
            "The targets are the same tokens as the inputs: the model would learn to copy what it sees.",
          ],
          [
            rows((s, t) => Math.max(0, s + t - 1)),
            "The target of each position is the token *before* it: the model would learn to write " +
              "backwards.",
          ],
          [
            rows((s, t) => s + t + T),
            "The targets are the next block: position t must be answered by position t + 1, not " +
              "t + blockSize.",
          ],
          [
            rows((s, t) => s + t + 2),
            "The targets are two tokens later; they should be one token later.",
          ],
          [
            rows((s, t) => s + ((t + 1) % T)),
            "The last target of a window is its first token; it should be the token after the window.",
          ],
          [
            rows((s, t) => (t < T - 1 ? s + t + 1 : -1)),
            "The last target of a window is 0; it should be the token after the window.",
          ],
          [
            rows((s) => s + T),
            "All targets of a window are the token after the window; each position has a target of its own.",
          ],
        ],
        message: "The target of a position is the token that follows it in the text.",
      });
    },
    {
      cases: {
        "one window": (d) => windows(d, { B: 1 }),
        "several windows, in any order": (d) => windows(d),
        "windows of one token": (d) => windows(d, { T: 1 }),
        "ids above 255": (d) => windows(d, { from: 250, limit: 400 }),
        "ids above 65,535": (d) => windows(d, { from: 65_000, limit: 3_000_000 }),
        "the same start twice": (d) => {
          const [ids, starts, T] = windows(d);
          return [ids, [...starts, starts[0], starts[0]], T];
        },
        "the first and the last window": (d) => {
          const [ids, , T] = windows(d);
          return [ids, [ids.length - T - 1, 0], T];
        },
        "a window of the whole text": (d) => {
          const [ids] = windows(d);
          return [ids, [0], ids.length - 1];
        },
        "no window": (d) => {
          const [ids, , T] = windows(d);
          return [ids, [], T];
        },
      },
      tolerance: { atol: 0, rtol: 0 },
    },
  );

  exercise(
    "adamw",
    (adamw) => {
      // One number of each: everything can be computed by hand, and every mistake leads elsewhere.
      const o = { lr: 0.1, beta1: 0.9, beta2: 0.99, eps: 1e-8, weightDecay: 0 };
      const vector = (x: number) => tf.tensor1d([x]);
      const matrix = (x: number) => tf.tensor2d([[x]]);
      const start = adamw(vector(1), vector(0.5), vector(0), vector(0), 1, o);
      for (const part of ["parameter", "m", "v"] as const) {
        expectShape(start[part], [1], part);
        expectFinite(start[part], undefined, part);
      }
      const uncorrected =
        "Return the uncorrected m' and v': the next step applies its own correction. Here m' = 0.05, " +
        "v' = 0.0025.";
      expectClose(start.m, [0.05], {
        what: "m'",
        mistakes: [
          [[0.5], uncorrected],
          [[0.45], "β₁ and 1 − β₁ have changed places: m' = β₁·m + (1 − β₁)·g."],
          [[0.005], "This is computed with β₂: m' = β₁·m + (1 − β₁)·g."],
          [[0], "m' is the old m: return the new one."],
        ],
        message: "m' = β₁·m + (1 − β₁)·g",
      });
      expectClose(start.v, [0.0025], {
        what: "v'",
        mistakes: [
          [[0.25], uncorrected],
          [[0.005], "v' is a mean of the squares of the gradients: g·g is missing."],
          [[0.2475], "β₂ and 1 − β₂ have changed places: v' = β₂·v + (1 − β₂)·g²."],
          [[0.025], "This is computed with β₁: v' = β₂·v + (1 − β₂)·g²."],
          [[0], "v' is the old v: return the new one."],
        ],
        message: "v' = β₂·v + (1 − β₂)·g²: a mean of squares.",
      });
      const lr = 0.5;
      const by = (m: number, v: number, step: number) =>
        (lr * (m / (1 - 0.9 ** step))) / Math.sqrt(v / (1 - 0.999 ** step));
      const later = adamw(vector(1), vector(0.5), vector(0.2), vector(0.09), 3, {
        ...o,
        lr,
        beta2: 0.999,
      });
      expectClose(later.m, [0.23], {
        what: "m' with m = 0.2, g = 0.5, β₁ = 0.9",
        message: "m' = β₁·m + (1 − β₁)·g",
      });
      const [m, v] = [0.23, 0.09016];
      expectClose(later.v, [v], {
        what: "v' with v = 0.09, g = 0.5, β₂ = 0.999",
        mistakes: [
          [[0.0916], "β₂ is that of the options, here 0.999, and not a number written out."],
        ],
        message: "v' = β₂·v + (1 − β₂)·g²",
      });
      const root = Math.sqrt(v / (1 - 0.999 ** 3));
      const mHat = m / (1 - 0.9 ** 3);
      const moved = by(m, v, 3);
      const steps = (sentence: string, by: number): [number[], string] => [[1 - by], sentence];
      expectClose(later.parameter, [1 - moved], {
        what: "p' of p = 1 with lr = 0.5, m' = 0.23, v' = 0.09016, at step 3",
        mistakes: [
          steps("The step goes uphill: a positive gradient must make p smaller.", -moved),
          steps("The bias correction is missing.", (lr * m) / Math.sqrt(v)),
          steps(
            "The bias correction of v is missing: v̂ = v' / (1 − β₂^step).",
            (lr * mHat) / Math.sqrt(v),
          ),
          steps("The bias correction of m is missing: m̂ = m' / (1 − β₁^step).", (lr * m) / root),
          steps("The correction counts one step too few: step is counted from 1.", by(m, v, 2)),
          steps("The correction counts one step too many: step is counted from 1.", by(m, v, 4)),
          steps("The correction is that of step 1 in every step: β^step.", by(m, v, 1)),
          steps(
            "The root over v̂ is missing: p' = p − lr · m̂ / (√v̂ + ε).",
            (lr * mHat) / (root * root),
          ),
          steps("The learning rate is missing.", moved / lr),
          steps("The step uses g itself; it should use m̂.", (lr * 0.5) / root),
          steps(
            "The step uses the old m; m̂ comes from the new one, m'.",
            (lr * 0.2) / 0.271 / root,
          ),
          steps(
            "The corrections multiply by 1 − β^step; they should divide by it.",
            (lr * m * 0.271) / Math.sqrt(v * (1 - 0.999 ** 3)),
          ),
        ],
        message: "p' = p − lr · m̂ / (√v̂ + ε), with m̂ = m'/(1 − β₁³) and v̂ = v'/(1 − β₂³)",
      });

      const tiny = adamw(vector(1), vector(1e-6), vector(0), vector(0), 1, { ...o, eps: 1e-6 });
      expectClose(tiny.parameter, [0.95], {
        what: "p' for g = 1e-6 and ε = 1e-6",
        mistakes: [
          [
            [1 - (0.1 * 1e-6) / Math.sqrt(1e-12 + 1e-6)],
            "ε is inside the root, √(v̂ + ε); add it after the root is taken, √v̂ + ε.",
          ],
          [[1 - 0.1 / Math.SQRT2], "ε² is inside the root; add ε after the root is taken, √v̂ + ε."],
          [[0.9], "ε is not used, or it is much smaller than the options say."],
        ],
        message: "ε of the options is added to the root of the corrected mean: √v̂ + ε.",
      });

      const decay = { ...o, weightDecay: 0.5 };
      const quiet = adamw(matrix(4), matrix(0), matrix(0), matrix(0), 1, decay).parameter;
      expectClose(quiet, [[3.8]], {
        what: "p' of a matrix with p = 4, g = 0, lr = 0.1, λ = 0.5",
        mistakes: [
          [[[4]], "A matrix did not decay: with gradient 0, p' = p·(1 − lr·λ)."],
          [[[2]], "The decay is lr·λ·p, not λ·p."],
          [[[4.2]], "The decay makes the parameter larger; it should be subtracted."],
          [[[3.95]], "The decay is lr·λ·p: the parameter itself is missing."],
          [
            [[3.9]],
            "The decay went into the gradient, where Adam divides it by its own size, and every weight " +
              "loses about lr. It must act on the parameter directly: p' = 4·(1 − lr·λ).",
          ],
        ],
        message: "The decay acts on the parameter directly: p' = p·(1 − lr·λ).",
      });
      const both = adamw(matrix(2), matrix(0.5), matrix(0), matrix(0), 1, decay);
      expectClose(both.m, [[0.05]], {
        what: "m'",
        mistakes: [[[[0.15]], "The decay went into the gradient, and so into m'."]],
      });
      expectClose(both.parameter, [[1.8]], {
        what: "p' of p = 2, g = 0.5 with a decay of λ = 0.5",
        mistakes: [
          [
            [[1.805]],
            "The decay uses the parameter after the step; it should use the old one, p·(1 − lr·λ).",
          ],
        ],
        message: "p' = p − lr·λ·p − lr·m̂/(√v̂ + ε)",
      });
      expectClose(adamw(vector(2), vector(0), vector(0), vector(0), 1, decay).parameter, [2], {
        what: "p' of a parameter of one axis",
        mistakes: [[[1.9], "A parameter with one axis (a bias, a gain) must not decay."]],
      });
      const cube = (x: number) => tf.tensor3d([[[x]]]);
      expectClose(adamw(cube(2), cube(0), cube(0), cube(0), 1, decay).parameter, [[[1.9]]], {
        what: "p' of a parameter of three axes",
        mistakes: [
          [[[[2]]], "Every parameter with two or more axes decays: rank ≥ 2, not rank 2 alone."],
        ],
      });

      tf.tidy(() => {
        const { settings, lr, initial, grads, after } = optim.adamw;
        for (const name of ["weight", "bias"] as const) {
          let now = { parameter: recorded(initial[name]), m: tf.tensor(0), v: tf.tensor(0) };
          now.m = tf.zerosLike(now.parameter);
          now.v = tf.zerosLike(now.parameter);
          const all = recorded(grads[name]);
          for (let i = 0; i < 10; i++) {
            const gradient = tf.reshape(tf.slice(all, i, 1), now.parameter.shape);
            now = adamw(now.parameter, gradient, now.m, now.v, i + 1, { ...settings, lr: lr[i] });
          }
          expectClose(now.parameter, recorded(after["10"][name]), {
            what: `PyTorch's AdamW after 10 steps on a ${name}`,
          });
        }
      });
    },
    {
      cases: {
        "a matrix": (d) => moments(d, d.sizes(2)),
        "a vector, which does not decay": (d) => moments(d, [d.pick([5, 6, 7])]),
        "a scalar": (d) => moments(d, []),
        "four axes": (d) => moments(d, [2, 3, 5, 1]),
        "the first step": (d) => {
          const [p, g, m, v, , o] = moments(d, d.sizes(2));
          return [p, g, tf.zerosLike(m), tf.zerosLike(v), 1, o];
        },
        "a late step": (d) => late(d, 5000),
        "no decay": (d) => moments(d, d.sizes(2), { weightDecay: 0 }),
        "β₁ = 0": (d) => moments(d, d.sizes(2), { beta1: 0 }),
        "β₂ = 0": (d) => moments(d, d.sizes(2), { beta2: 0 }),
        "ε = 0": (d) => moments(d, d.sizes(2), { eps: 0 }),
        "ε = 0 and a first gradient of 1e-9": (d) => {
          const [p, g, m, v, , o] = moments(d, d.sizes(2), { eps: 0 }, 1e-9);
          return [p, g, tf.zerosLike(m), tf.zerosLike(v), 1, o];
        },
        "a large ε": (d) => moments(d, d.sizes(2), { eps: 0.3 }),
        "a learning rate of 0": (d) => moments(d, d.sizes(2), { lr: 0 }),
        "gradients of zeros": (d) => {
          const [p, g, ...rest] = moments(d, d.sizes(2));
          return [p, tf.zerosLike(g), ...rest];
        },
        "large gradients": (d) => moments(d, d.sizes(2), {}, 1000),
        "small gradients": (d) => moments(d, d.sizes(2), {}, 1e-5),
        variables: (d) => {
          const [p, g, m, v, step, o] = moments(d, d.sizes(2));
          return [d.variable(p), g, d.variable(m), d.variable(v), step, o];
        },
      },
      gradients: false, // a step is taken, and nothing is trained through it
      tolerance: { atol: 1e-6 },
    },
  );

  exercise(
    "warmupCosine",
    (warmupCosine) => {
      const o = { maxLr: 1, minLr: 0.1, warmupSteps: 4, totalSteps: 14 };
      const rates = Array.from({ length: 20 }, (_, step) => warmupCosine(step, o));
      expectFinite(rates, undefined, "the list of rates");
      // Each mistake as a rate for every step.
      const list = (up: (s: number) => number, down: (p: number) => number, end = 0.1) =>
        Array.from({ length: 20 }, (_, s) => (s < 4 ? up(s) : s < 14 ? down((s - 4) / 10) : end));
      const up = (s: number) => (s + 1) / 5;
      const down = (p: number) => 0.1 + (0.9 * (1 + Math.cos(Math.PI * p))) / 2;
      const after = (s: number) => down((s - 4) / 10);
      const all = (f: (s: number) => number) => Array.from({ length: 20 }, (_, s) => f(s));
      expectClose(rates, list(up, down), {
        what: "the list of rates of steps 0 … 19",
        atol: 1e-6,
        mistakes: [
          [
            list((s) => s / 4, down),
            "In the first step the rate is 0, and the step is wasted: use step + 1.",
          ],
          [
            list((s) => s / 5, down),
            "In the first step the rate is 0, and the step is wasted: use step + 1.",
          ],
          [
            list((s) => (s + 1) / 4, down),
            "The warm-up is divided by warmupSteps; divide by warmupSteps + 1.",
          ],
          [list(() => 1, down), "The warm-up is missing: the rate must rise over the first steps."],
          [
            all((s) => (s < 14 ? 0.1 + (0.9 * (1 + Math.cos((Math.PI * s) / 14))) / 2 : 0.1)),
            "The warm-up is missing: the rate must rise over the first steps.",
          ],
          [
            list((s) => 0.1 + 0.9 * up(s), down),
            "The warm-up rises from minLr; it should rise from 0, maxLr·(step + 1)/(warmupSteps + 1).",
          ],
          [
            all((s) =>
              s < 4 ? up(s) : s < 14 ? 0.1 + (0.9 * (1 + Math.cos((Math.PI * s) / 14))) / 2 : 0.1,
            ),
            "Right after the warm-up the rate is maxLr: p counts from the end of the warm-up.",
          ],
          [
            all((s) =>
              s < 4
                ? up(s)
                : s < 14
                  ? 0.1 + (0.9 * (1 + Math.cos((Math.PI * (s - 4)) / 14))) / 2
                  : 0.1,
            ),
            "p runs from 0 to 1 over the totalSteps − warmupSteps steps after the warm-up.",
          ],
          [
            list(up, (p) => 0.1 + 1 + Math.cos(Math.PI * p)),
            "1 + cos(π·p) runs from 2 to 0: halve it.",
          ],
          [
            list(up, (p) => 0.1 + 0.9 * (1 + Math.cos(Math.PI * p))),
            "1 + cos(π·p) runs from 2 to 0: halve it.",
          ],
          [
            list(up, (p) => 0.1 + (1 + Math.cos(Math.PI * p)) / 2),
            "The rate rises above maxLr: minLr + (maxLr − minLr)·…, and minLr was not subtracted.",
          ],
          [
            list(up, (p) => 1 - 0.9 * p),
            "This falls in a straight line; it should fall along a cosine.",
          ],
          [list(up, () => 1), "After the warm-up the rate stays at maxLr: the cosine is missing."],
          [
            list(up, () => 1, 1),
            "After the warm-up the rate stays at maxLr: the cosine is missing.",
          ],
          [
            list(up, (p) => (1 + Math.cos(Math.PI * p)) / 2, 0),
            "The rate falls to 0; it should end at minLr = 0.1.",
          ],
          [
            list(up, (p) => (1 + Math.cos(Math.PI * p)) / 2),
            "The rate falls to 0; it should end at minLr = 0.1.",
          ],
          [list(up, down, 0), "After the last step the rate is 0; it should stay at minLr = 0.1."],
          [
            list(up, down, 1),
            "After the last step the rate is maxLr; it should stay at minLr = 0.1.",
          ],
          [
            all((s) => (s < 4 ? up(s) : after(s))),
            "The rate stays at minLr after the last step; a cosine that goes on would rise again.",
          ],
          [
            list(up, (p) => 0.1 + (0.9 * (1 - Math.cos(Math.PI * p))) / 2),
            "The cosine runs upwards: 1 + cos(π·p), with a plus.",
          ],
          [
            list(up, (p) => 0.1 + (0.9 * (1 + Math.sin(Math.PI * p))) / 2),
            "This is a sine: a cosine begins at its top.",
          ],
          [
            list(up, (p) => 0.1 + 0.9 * Math.cos((Math.PI * p) / 2)),
            "This is a quarter of a cosine, from 1 to 0; use half of one, (1 + cos(π·p))/2.",
          ],
          [
            list(up, (p) => 0.1 + (0.9 * (1 + Math.cos(2 * Math.PI * p))) / 2),
            "This is a whole cosine, down and up again; use half of one, cos(π·p).",
          ],
          [
            list(up, (p) => 0.1 + (0.9 * (1 + Math.cos(180 * p))) / 2),
            "Math.cos takes radians: use π instead of 180.",
          ],
          [list(up, (p) => 0.1 + (0.9 * (1 + Math.cos(p))) / 2), "The π is missing in cos(π·p)."],
          [list(up, (p) => 0.1 ** p), "This falls exponentially; it should fall along a cosine."],
          [
            all((s) => (s < 1 ? 0 : s < 5 ? up(s - 1) : s < 15 ? after(s - 1) : 0.1)),
            "Everything comes one step late: steps are counted from 0.",
          ],
        ],
        message:
          "Up: maxLr·(step + 1)/(warmupSteps + 1). Down: p runs from 0 to 1 over the " +
          "totalSteps − warmupSteps steps after the warm-up. Then flat, at minLr.",
      });
    },
    {
      cases: {
        "a step of the warm-up": (d) => rate(d, (w) => d.integer(0, w - 1)),
        "the first step": (d) => rate(d, () => 0),
        "the last step of the warm-up": (d) => rate(d, (w) => w - 1),
        "the first step after the warm-up": (d) => rate(d, (w) => w),
        "a step on the way down": (d) => rate(d, (w, n) => d.integer(w + 1, n - 1)),
        "the last step": (d) => rate(d, (_, n) => n - 1),
        "the step after the last": (d) => rate(d, (_, n) => n),
        "a step long after the end": (d) => rate(d, (_, n) => 3 * n),
        "no warm-up": (d) => rate(d, (_, n) => d.integer(0, n), { warmupSteps: 0 }),
        "minLr = 0": (d) => rate(d, (_, n) => d.integer(0, n + 1), { minLr: 0 }),
        "minLr = maxLr": (d) => rate(d, (_, n) => d.integer(0, n), { minLr: 0.01, maxLr: 0.01 }),
        "a warm-up that never ends": (d) =>
          rate(d, () => d.integer(0, 14), { warmupSteps: 12, totalSteps: 12 }),
        "the end of a run that is nothing but warm-up": (d) =>
          rate(d, () => 12, { warmupSteps: 12, totalSteps: 12 }),
        "a warm-up that is longer than the run": (d) =>
          rate(d, () => d.integer(8, 11), { warmupSteps: 12, totalSteps: 8 }),
      },
      repeats: 6,
      tolerance: { atol: 1e-9, rtol: 1e-6 },
    },
  );

  exercise(
    "newtonSchulz",
    (newtonSchulz) => {
      const [a, b, c] = [3.4445, -4.775, 2.0315];
      const rise = (s: number) => a * s + b * s ** 3 + c * s ** 5;
      const times = (s: number, n: number): number => (n === 0 ? s : times(rise(s), n - 1));
      const diagonal = (x: number, y: number) => [
        [x, 0],
        [0, y],
      ];
      /** What becomes of the singular values 3 and 4: the norm is 5. */
      const both = (f: (s: number) => number) => diagonal(f(3), f(4));
      const unscaled =
        "The matrix was not divided by its norm first: singular values above 1.2 explode.";
      const matrix = () => tf.tensor2d(diagonal(3, 4));
      const divided = newtonSchulz(matrix(), 0);
      expectShape(divided, [2, 2]);
      expectFinite(divided);
      expectClose(divided, diagonal(0.6, 0.8), {
        mistakes: [
          [diagonal(3, 4), unscaled],
          [
            diagonal(0.75, 1),
            "Divided by the largest entry: ‖G‖ is the root of the sum of all squares.",
          ],
          [diagonal(3 / 25, 4 / 25), "Divided by ‖G‖²: the root is missing."],
          [
            diagonal(3 / 7, 4 / 7),
            "Divided by the sum of the entries: square them, then the root.",
          ],
          [both((s) => rise(s / 5)), "With 0 iterations only the division is done."],
        ],
        message: "With 0 iterations the result is G / ‖G‖.",
      });
      const once = newtonSchulz(matrix(), 1);
      expectFinite(once);
      expectClose(
        once,
        both((s) => rise(s / 5)),
        {
          atol: 1e-3,
          mistakes: [
            [both(rise), unscaled],
            [diagonal(0.6, 0.8), "Nothing was iterated."],
            [both((s) => times(s / 5, 2)), "One iteration too many."],
            [both((s) => rise(s / 5) - (a * s) / 5), "3.4445·X is missing from the sum."],
            [
              both((s) => (a * s) / 5 - b * (s / 5) ** 3 + c * (s / 5) ** 5),
              "The sign of 4.775 is wrong: A is subtracted.",
            ],
            [both((s) => (a * s) / 5 + b * (s / 5) ** 3), "2.0315·A·A is missing from the factor."],
            [
              both((s) => (a * s) / 5 + b * (s / 5) ** 2 + c * (s / 5) ** 4),
              "The factor was added to X without being multiplied by X.",
            ],
            [
              both((s) => 1.5 * (s / 5) - 0.5 * (s / 5) ** 3),
              "These are other coefficients: take 3.4445, −4.775, 2.0315.",
            ],
          ],
          message: "One iteration sends each singular value s to 3.4445 s − 4.775 s³ + 2.0315 s⁵.",
        },
      );
      const often = newtonSchulz(matrix(), 3);
      expectClose(
        often,
        both((s) => times(s / 5, 3)),
        {
          atol: 1e-3,
          mistakes: [
            [both((s) => rise(s / 5)), "Only one iteration was done, whatever `iterations` says."],
            [
              both((s) => times(s / 5, 5)),
              "Five iterations were done, whatever `iterations` says.",
            ],
          ],
          message: "Every iteration goes on from the X of the one before, without dividing again.",
        },
      );
    },
    {
      cases: {
        "a wide matrix": (d) => [d.normal([3, 5]) as tf.Tensor2D, d.integer(1, 5)],
        "a square matrix": (d) => [d.normal([4, 4]) as tf.Tensor2D, d.integer(1, 5)],
        "a tall matrix": (d) => [d.normal([6, 2]) as tf.Tensor2D, d.integer(1, 5)],
        "one row": (d) => [d.normal([1, 5]) as tf.Tensor2D, d.integer(1, 5)],
        "one column": (d) => [d.normal([4, 1]) as tf.Tensor2D, d.integer(1, 5)],
        "large numbers": (d) => [d.normal([3, 4], 1e4) as tf.Tensor2D, 3],
        "small numbers": (d) => [d.normal([3, 4], 1e-3) as tf.Tensor2D, 3],
        "no iteration": (d) => [d.normal([3, 4]) as tf.Tensor2D, 0],
        "a matrix of zeros": () => [tf.zeros([2, 3]) as tf.Tensor2D, 5],
      },
      gradients: false,
      tolerance: { atol: 2e-3, rtol: 1e-3 },
    },
  );

  exercise(
    "roundToBf16",
    (roundToBf16) => {
      const ask = (x: number, expected: number, mistakes: Wrong<number>, rule: string) => {
        const got = roundToBf16(x);
        expectEqual(got, expected, {
          mistakes,
          message: rule,
          asked: `roundToBf16(${x}) is ${got}, expected ${expected}.`,
        });
      };
      const up =
        "Everything is rounded towards zero: clearing bits only cuts off. Add half a step first.";
      const same = "A number that bfloat16 has stays as it is.";
      const six = "One fraction bit too few: bfloat16 keeps 7, steps of 1/128 next to 1.";
      const decimal = "Rounded to decimal digits: bfloat16 numbers are multiples of powers of two.";
      const bitsOf = (x: number) => new Uint32Array(Float32Array.of(x).buffer)[0];
      const asInteger = "These are the bits, read as an integer: return the float that they are.";
      ask(
        0.5,
        0.5,
        [
          [
            0,
            "Uint32Array.of(x) turns the value into an integer; to see its bits, give both arrays one " +
              "buffer.",
          ],
          [bitsOf(0.5), asInteger],
        ],
        same,
      );
      const one = 1.0078125;
      ask(
        one,
        one,
        [
          [1, six],
          [
            1.015625,
            "One step too high. Either only 6 fraction bits are kept, or the last kept bit is added in its " +
              "place: it counts as a 0 or a 1, so shift it down to bit 0.",
          ],
          [1.01, decimal],
          [1.008, decimal],
        ],
        same,
      );
      ask(
        1.005,
        one,
        [
          [1.005, "The number came back unchanged: bfloat16 has no such number."],
          [Math.fround(1.005), "That is the float32 number: its lower 16 bits are still there."],
          [1, up],
          [
            1.0048828125,
            "These are steps of 1/1024: float16 keeps 10 fraction bits, bfloat16 seven.",
          ],
          [1.00390625, "One fraction bit too many: bfloat16 keeps 7, steps of 1/128 next to 1."],
          [1.01, decimal],
        ],
        "Next to 1 the steps are 1/128.",
      );
      ask(
        1.002,
        1,
        [
          [one, "Everything is rounded away from zero: only what is above the middle goes up."],
          [1.001953125, "One fraction bit too many: bfloat16 keeps 7, steps of 1/128 next to 1."],
        ],
        "Next to 1 the steps are 1/128, and 1 is nearer.",
      );
      for (const x of [96, 1, 0]) ask(x, x, x === 0 ? [] : [[bitsOf(x), asInteger]], same);
      const middle = (x: number, y: number) =>
        `${x} lies in the middle of two bfloat16 numbers and goes to the one whose last kept bit is 0, ${y}.`;
      for (const [x, y, other] of [
        [1.00390625, 1, 1.0078125],
        [1.01171875, 1.015625, 1.0078125],
      ])
        ask(
          x,
          y,
          [[other, middle(x, y)]],
          "The middle goes to the number whose last kept bit is 0.",
        );
      const grow = "The steps grow with the number: 2⁻⁷ of its power of two.";
      ask(300.7, 300, [[300.703125, grow], [301, grow], [302, "Next to 300 the steps are 2: 300 is nearer."]], grow); // biome-ignore format: short
      ask(
        -Math.PI,
        -3.140625,
        [
          [3.140625, "A negative number keeps its sign."],
          [-3.15625, "The steps next to 3 are 1/64; −3.140625 is nearer."],
          [
            -3.171875,
            "Add exactly 0x7fff plus the last kept bit, as a 0 or a 1: shift it down to bit 0.",
          ],
          [-3.125, "The steps next to 3 are 1/64; −3.140625 is nearer."],
        ],
        "A negative number is rounded as its opposite.",
      );
      ask(
        1.9999,
        2,
        [[1.9921875, up]],
        "The carry out of the fraction runs into the exponent: 1.9999 becomes 2.",
      );
    },
    {
      cases: {
        "0": () => [0],
        "a whole number": (d) => [d.integer(-300, 300)],
        "a number between −2 and 2": (d) => [Math.fround(d.number(-2, 2))],
        "any power of ten": (d) => [Math.fround(d.pick([-1, 1]) * d.logarithmic(1e-37, 1e37))],
        "the middle between two": (d) => [fromBits(d.integer(0x3000, 0x5000), 0x8000)],
        "just below the middle": (d) => [fromBits(d.integer(0x3000, 0x5000), 0x7fff)],
        "just above the middle": (d) => [fromBits(d.integer(0xb000, 0xd000), 0x8001)],
        "a number that bfloat16 has": (d) => [fromBits(d.integer(0x3000, 0x5000), 0)],
        "a number just below a power of two": (d) => [
          fromBits(128 * d.integer(100, 160) - 1, 0xffff),
        ],
        "a tiny number, below the normal ones": (d) => [
          fromBits(d.integer(1, 0x7f), d.id(0x10000)),
        ],
      },
      repeats: 12,
      tolerance: { atol: 0, rtol: 0 },
    },
  );
});
