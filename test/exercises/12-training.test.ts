// Lesson 12 (training): judges the learner, the solutions and the mutants.

import {
  type Draw,
  expectClose,
  expectFinite,
  expectShape,
  expectTrue,
  fail,
  flatten,
  lesson,
} from "llm/course/kit";
import { tf } from "llm/engine";
import { Random, randomNormal } from "llm/random";
import type * as answers from "../../solutions/12-training";
import optim from "../fixtures/optim.json";
import { mutants } from "../mutants/12-training";

const normal = (shape: number[], seed: number) => randomNormal(shape, { rng: new Random(seed) });
const near = (a: number, b: number, tolerance = 1e-4) =>
  Math.abs(a - b) <= tolerance * (1e-3 + Math.abs(b));
const first = (t: tf.Tensor) => t.dataSync()[0];
const list = (row: ArrayLike<number>) => Array.from(row);
const show = (row: ArrayLike<number>) => `[${list(row).join(", ")}]`;
const recorded = (t: { shape: number[]; values: number[] }) => tf.tensor(t.values, t.shape);

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
        [2, 1, 0.1],
        [0, 3, -1],
      ]);
      const targets = tf.tensor1d([0, 2], "int32");
      const loss = crossEntropy(logits, targets);
      expectShape(loss, []);
      expectFinite(loss);
      const expected = first(reference.crossEntropy(logits, targets)); // (0.4170 + 4.0659) / 2
      const got = first(loss);
      if (!near(got, expected)) {
        const raw = -(2 + -1) / 2;
        fail(
          (near(got, -expected)
            ? "The minus in front is missing: a loss is positive."
            : near(got, expected * 2)
              ? "This is the sum over the N predictions; the loss is their mean."
              : near(got, expected / 3)
                ? "The loss is V times too small: the mean goes over the N predictions, not over the vocabulary too."
                : near(got, expected / Math.LN2)
                  ? "This is in bits: use the natural logarithm."
                  : near(got, raw)
                    ? "These are the raw logits of the right answers: the softmax is missing (subtract ln Σ e^z)."
                    : "Pick ln p of the right answer in each row, average, and put a minus in front.") +
            `\nlogits [[2, 1, 0.1], [0, 3, −1]], targets [0, 2]: got ${got.toFixed(4)}, expected ${expected.toFixed(4)}.`,
        );
      }
      const uniform = crossEntropy(tf.zeros([5, 7]), tf.tensor1d([0, 1, 2, 6, 6], "int32"));
      expectClose(uniform, Math.log(7), { message: "Seven equally likely tokens cost ln 7 each." });

      const huge = tf.tensor2d([
        [1000, 0],
        [-1000, -1000],
      ]);
      const overflow =
        "Large logits overflow: subtract the largest logit of a row first, or use tf.logSumExp.";
      expectFinite(crossEntropy(tf.tensor2d([[1000, 0]]), tf.tensor1d([0], "int32")), overflow);
      expectFinite(
        crossEntropy(huge, tf.tensor1d([0, 1], "int32")),
        "Subtract from each row its own largest logit, tf.max(logits, 1, true): with the largest of all rows, 1000, " +
          "the row [−1000, −1000] becomes [−2000, −2000], and the logarithm of its sum of e^z is −Infinity.",
      );
      expectClose(crossEntropy(huge, tf.tensor1d([0, 1], "int32")), Math.LN2 / 2, {
        message: overflow,
      });
      expectClose(crossEntropy(tf.tensor2d([[200, 0]]), tf.tensor1d([1], "int32")), 200, {
        message:
          "An answer that the model thought impossible (p = e^−200) costs 200 nats: stay with logarithms, " +
          "z − ln Σ e^z, instead of taking the logarithm of a probability.",
      });

      const z = normal([6, 9], 1) as tf.Tensor2D;
      const y = tf.tensor1d([0, 8, 3, 3, 1, 5], "int32");
      expectClose(crossEntropy(z, y), first(reference.crossEntropy(z, y)));
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
      const ids = Int32Array.from({ length: 40 }, (_, i) => 100 + ((i * 17) % 40)); // all different, in no order
      const starts = [3, 0, 31, 12]; // 31 + 8 + 1 = 40: the last window that has a target
      const { inputs, targets } = getBatch(ids, starts, 8);
      if (targets.length === 4 && show(targets[0]) === show(ids.slice(11, 19)))
        fail(
          "The targets are the next block: position t must be answered by position t + 1, not t + blockSize.",
        );
      for (const [name, rows] of Object.entries({ inputs, targets })) {
        expectTrue(
          rows.length === 4,
          `${name} has ${rows.length} rows, expected one for each of the 4 starts.`,
        );
        const single = Array.from(rows).find((row) => typeof row === "number");
        if (single !== undefined)
          fail(
            `A row of ${name} is the number ${single}, expected 8 tokens: one for every position.`,
          );
        const short = rows.find((row) => row.length !== 8);
        if (short !== undefined)
          fail(
            `A row of ${name} has ${short.length} tokens, expected blockSize = 8.` +
              (short.length === 7
                ? " The last position needs a target too: the token after the window."
                : ""),
          );
      }
      starts.forEach((start, b) => {
        const window = list(ids.slice(start, start + 8));
        if (show(inputs[b]) !== show(window))
          fail(
            show(inputs[b]) === show(ids.slice(start + 1, start + 9)) &&
              show(targets[b]) === show(window)
              ? "inputs and targets are exchanged: the targets are one token later in the text."
              : `Row ${b} of inputs begins at ids[${start}]: expected ${show(window)}, got ${show(inputs[b])}.`,
          );
        const next = list(ids.slice(start + 1, start + 9));
        if (show(targets[b]) === show(next)) return;
        const said =
          show(targets[b]) === show(window)
            ? "The targets are the same tokens as the inputs: the model would learn to copy what it sees."
            : targets[b][3] === ids[start + 2]
              ? "The target of each position is the token *before* it: the model would learn to write backwards."
              : "The target of a position is the token that follows it in the text.";
        fail(
          `${said}\nRow ${b}: inputs ${show(window)}, expected targets ${show(next)}, got ${show(targets[b])}.`,
        );
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
      const o = { lr: 0.1, beta1: 0.9, beta2: 0.99, eps: 1e-8, weightDecay: 0 };
      const vector = (x: number) => tf.tensor1d([x]);
      const [one, half, zero] = [vector(1), vector(0.5), vector(0)];
      const start = adamw(one, half, zero, zero, 1, o);
      for (const part of ["parameter", "m", "v"] as const) {
        expectShape(start[part], [1], part);
        expectFinite(start[part], undefined, part);
      }
      expectTrue(
        first(start.parameter) < 1,
        "The step goes uphill: a positive gradient must make the parameter smaller.",
      );
      if (near(first(start.m), 0.5) && near(first(start.v), 0.25))
        fail(
          "Return the uncorrected m' and v': the next step corrects them anew. Here m' = 0.05, v' = 0.0025.",
        );
      expectClose(start.m, [0.05], { what: "m'", message: "m' = β₁·m + (1 − β₁)·g" });
      expectClose(start.v, [0.0025], {
        what: "v'",
        message: "v' = β₂·v + (1 − β₂)·g²: a mean of squares.",
      });
      const p1 = first(start.parameter);
      if (!near(p1, 0.9, 1e-3))
        fail(
          (near(p1, 1 - (0.1 * 0.05) / 0.05, 1e-3) ||
          near(p1, 1 - 0.1 * (0.05 / Math.sqrt(0.0025)), 1e-3)
            ? "The bias correction is missing. "
            : near(p1, 1 - 0.1 * (0.5 / 0.25), 1e-3)
              ? "The root over v̂ is missing. "
              : "") +
            `p = 1, g = 0.5, step 1: got p' = ${p1.toFixed(5)}, expected 0.9: in the first step m̂/√v̂ = g/|g|, so it is lr long.`,
        );
      const later = adamw(one, half, vector(0.2), vector(0.04), 3, { ...o, beta2: 0.999 });
      // m' = 0.23, v' = 0.04021; m̂ = 0.23/0.271, v̂ = 0.04021/0.002997001
      expectClose(later.m, [0.23], {
        what: "m' with m = 0.2, g = 0.5, β₁ = 0.9",
        message: "m' = β₁·m + (1 − β₁)·g",
      });
      expectClose(later.v, [0.04021], {
        what: "v' with v = 0.04, g = 0.5, β₂ = 0.999",
        message: "v' = β₂·v + (1 − β₂)·g², with the β₂ of the options.",
      });
      const otherBeta = adamw(one, half, vector(0.2), vector(0.04), 3, { ...o, beta1: 0.8 });
      expectClose(otherBeta.m, [0.26], {
        what: "m' with m = 0.2, g = 0.5, β₁ = 0.8",
        message: "m' = β₁·m + (1 − β₁)·g, with the β₁ of the options.",
      });
      expectClose(
        later.parameter,
        [1 - (0.1 * (0.23 / 0.271)) / Math.sqrt(0.04021 / 0.002997001)],
        {
          what: "p' at step 3",
          message: "The bias correction of step 3 divides m' by 1 − β₁³ and v' by 1 − β₂³.",
        },
      );

      const tiny = adamw(one, vector(1e-6), zero, zero, 1, { ...o, eps: 1e-6 });
      const inside = near(first(tiny.parameter), 1 - (0.1 * 1e-6) / Math.sqrt(1e-12 + 1e-6));
      expectClose(tiny.parameter, [0.95], {
        what: "p' for g = 1e-6 and ε = 1e-6",
        message: inside
          ? "ε is added after the root is taken, √v̂ + ε; here it stands inside the root, √(v̂ + ε)."
          : "ε of the options is added to the root of the corrected mean: √v̂ + ε.",
      });

      const decay = { ...o, weightDecay: 0.5 };
      const matrix = (x: number) => tf.tensor2d([[x]]);
      const quiet = first(adamw(matrix(2), matrix(0), matrix(0), matrix(0), 1, decay).parameter);
      if (near(quiet, 2))
        fail("A matrix did not decay: with gradient 0, p' = p·(1 − lr·λ) = 1.9, got 2.");
      if (near(quiet, 1))
        fail("The decay is lr·λ·p, not λ·p: with p = 2, lr = 0.1, λ = 0.5, p' = 1.9, got 1.");
      if (!near(quiet, 1.9))
        fail(
          "The decay went into the gradient: there Adam divides it by its own size, and every weight loses about lr. It " +
            `must act on the parameter by itself: with gradient 0, p' = 2·(1 − lr·λ) = 1.9, got ${quiet.toFixed(4)}.`,
        );
      const moved = adamw(matrix(2), matrix(0.5), matrix(0), matrix(0), 1, decay);
      expectClose(moved.m, [[0.05]], {
        what: "m'",
        message: "The decay went into the gradient, and so into m'.",
      });
      expectClose(moved.parameter, [[1.8]], {
        what: "p'",
        message: "p' = p − lr·λ·p − lr·m̂/(√v̂ + ε)",
      });
      expectClose(adamw(vector(2), zero, zero, zero, 1, decay).parameter, [2], {
        what: "p' of a parameter of one axis",
        message: "A parameter with one axis (a bias, a gain) must not decay.",
      });
      const cube = (x: number) => tf.tensor3d([[[x]]]);
      expectClose(adamw(cube(2), cube(0), cube(0), cube(0), 1, decay).parameter, [[[1.9]]], {
        what: "p' of a parameter of three axes",
        message: "Every parameter with two or more axes decays: rank ≥ 2, not rank 2 alone.",
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
    (warmupCosine, { reference }) => {
      const o = { maxLr: 1, minLr: 0.1, warmupSteps: 4, totalSteps: 14 };
      const rates = Array.from({ length: 20 }, (_, step) => warmupCosine(step, o));
      expectFinite(rates);
      const row = rates.map((r) => r.toFixed(2)).join(" ");
      if (rates[0] === 0)
        fail(`In the first step the rate is 0, and the step is wasted: use step + 1.\n${row}`);
      if (rates[0] >= rates[3])
        fail(
          `The warm-up is missing: the rate must rise over the first warmupSteps steps.\n${row}`,
        );
      for (const step of [0, 1, 2, 3])
        expectClose(rates[step], (step + 1) / 5, {
          what: `the rate of step ${step}`,
          message: `In the warm-up the rate is maxLr·(step + 1)/(warmupSteps + 1): with 4 such steps, fifths of maxLr.\n${row}`,
        });
      if (rates[4] > 1.5)
        fail(
          `The rate rises above maxLr: 1 + cos(π·p) runs from 2 to 0, so halve it. Step 4: got ${rates[4].toFixed(3)}, expected 1.\n${row}`,
        );
      if (!near(rates[4], 1))
        fail(
          `Right after the warm-up the rate is maxLr: p counts from the end of the warm-up. Step 4: got ${rates[4].toFixed(3)}, expected 1.\n${row}`,
        );
      if (near(rates[7], 0.73) && near(rates[11], 0.37))
        fail(`This falls in a straight line; a cosine is wanted.\n${row}`);
      if (
        near(rates[14], 0, 1e-6) ||
        near(rates[13], reference.warmupCosine(13, { ...o, minLr: 0 }))
      )
        fail(`The rate falls to 0; it should end at minLr = 0.1.\n${row}`);
      expectClose(
        rates.slice(4, 14),
        rates.slice(4, 14).map((_, i) => reference.warmupCosine(i + 4, o)),
        {
          what: "the list of rates of steps 4 … 13",
          message: `p runs from 0 to 1 over the totalSteps − warmupSteps steps after the warm-up; Math.cos takes radians.\n${row}`,
        },
      );
      const late = rates.slice(14);
      expectTrue(
        late.every((r) => near(r, 0.1)),
        `The rate stays at minLr after the last step; a cosine that goes on would rise again.\n${row}`,
      );
      for (const [step, options] of [
        [0, { maxLr: 3e-4, minLr: 3e-5, warmupSteps: 0, totalSteps: 10 }],
        [77, { maxLr: 5e-3, minLr: 5e-4, warmupSteps: 30, totalSteps: 600 }],
      ] as const)
        expectClose(warmupCosine(step, options), reference.warmupCosine(step, options), {
          what: `the rate of step ${step} of ${JSON.stringify(options)}`,
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
      },
      repeats: 6,
      tolerance: { atol: 1e-9, rtol: 1e-6 },
    },
  );

  exercise(
    "roundToBf16",
    (roundToBf16, { reference }) => {
      expectFinite(roundToBf16(1.005));
      expectTrue(
        roundToBf16(1.005) !== 1.005,
        "1.005 came back unchanged: bfloat16 has no such number.",
      );
      for (const x of [0, 1, 0.5, 96])
        expectTrue(
          roundToBf16(x) === x,
          `${x} is a bfloat16 number and must stay; got ${roundToBf16(x)}.` +
            (x !== 0 && roundToBf16(x) === 0
              ? " Uint32Array.of(x) turns the value into an integer; to see its bits, give both arrays one buffer."
              : ""),
        );
      const near1 = [1.003, 1.005, 1.0117, 1.99];
      if (near1.every((x) => roundToBf16(x) <= x))
        fail(
          "Everything is rounded towards zero: clearing bits only cuts off. Add half a step first. 1.005 → 1.0078125.",
        );
      if (roundToBf16(1.0029) !== 1)
        fail(
          `1.0029 → ${roundToBf16(1.0029)}, expected 1: bfloat16 keeps 7 fraction bits (steps of 1/128 next to 1); float16 keeps 10.`,
        );
      for (const [x, y] of [
        [1.00390625, 1],
        [1.01171875, 1.015625],
      ] as const)
        expectTrue(
          roundToBf16(x) === y,
          `${x} lies in the middle of two bfloat16 numbers and goes to the one whose last bit is 0: expected ${y}, got ${roundToBf16(x)}.`,
        );
      if (roundToBf16(300.7) === 300.703125 || roundToBf16(1e-4) === 0)
        fail(
          "The steps grow with the number: 2⁻⁷ of its power of two. 300.7 → 300, and 0.0001 → 0.0001001358.",
        );
      const minusPi = roundToBf16(-Math.PI);
      expectTrue(
        minusPi < 0,
        `A negative number keeps its sign: −3.14159 → −3.140625, got ${minusPi}.`,
      );
      expectTrue(
        minusPi === -3.140625,
        `−3.14159 → ${minusPi}, expected −3.140625: add exactly 0x7fff plus the last kept bit as a 0 or a 1.`,
      );
      const rng = new Random(1);
      for (let i = 0; i < 300; i++) {
        const x = Math.fround(rng.normal() * 10 ** (rng.integer(40) - 20));
        const [got, expected] = [roundToBf16(x), reference.roundToBf16(x)];
        expectTrue(got === expected, `${x} → ${got}, expected ${expected}.`);
      }
      const t = flatten(Float32Array.from([roundToBf16(1.9999)]));
      expectTrue(
        t.data[0] === 2,
        `1.9999 → ${t.data[0]}, expected 2: the carry runs into the exponent.`,
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
