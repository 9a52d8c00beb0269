// Lesson 12, training: judges the learner, the solutions and the mutants.

import { tf } from "llm/engine";
import { Random, randomNormal } from "llm/random";
import optim from "../fixtures/optim.json";
import {
  expectClose,
  expectFinite,
  expectGradient,
  expectNoLeak,
  expectShape,
  expectTrue,
  fail,
  flatten,
  lesson,
} from "../kit/lesson";
import { mutants } from "../mutants/12-training";

const normal = (shape: number[], seed: number) => randomNormal(shape, { rng: new Random(seed) });
const near = (a: number, b: number, tolerance = 1e-4) => Math.abs(a - b) <= tolerance * (1e-3 + Math.abs(b));
const first = (t: tf.Tensor) => t.dataSync()[0];
const list = (row: ArrayLike<number>) => Array.from(row);
const show = (row: ArrayLike<number>) => `[${list(row).join(", ")}]`;
const recorded = (t: { shape: number[]; values: number[] }) => tf.tensor(t.values, t.shape);

lesson<typeof import("../../solutions/12-training")>("12-training", mutants, (exercise) => {
  exercise("crossEntropy", (crossEntropy, { reference }) => {
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
    const overflow = "Large logits overflow: subtract the largest logit of a row first, or use tf.logSumExp.";
    expectFinite(crossEntropy(tf.tensor2d([[1000, 0]]), tf.tensor1d([0], "int32")), overflow);
    expectFinite(
      crossEntropy(huge, tf.tensor1d([0, 1], "int32")),
      "Subtract from each row its own largest logit, tf.max(logits, 1, true): with the largest of all rows, 1000, " +
        "the row [−1000, −1000] becomes [−2000, −2000], and the logarithm of its sum of e^z is −Infinity.",
    );
    expectClose(crossEntropy(huge, tf.tensor1d([0, 1], "int32")), Math.LN2 / 2, { message: overflow });
    expectClose(crossEntropy(tf.tensor2d([[200, 0]]), tf.tensor1d([1], "int32")), 200, {
      message:
        "An answer that the model thought impossible (p = e^−200) costs 200 nats: stay with logarithms, " +
        "z − ln Σ e^z, instead of taking the logarithm of a probability.",
    });

    const z = normal([6, 9], 1) as tf.Tensor2D;
    const y = tf.tensor1d([0, 8, 3, 3, 1, 5], "int32");
    expectClose(crossEntropy(z, y), first(reference.crossEntropy(z, y)));
    expectGradient((x) => crossEntropy(x as tf.Tensor2D, y), z, {
      against: (x) => reference.crossEntropy(x as tf.Tensor2D, y),
      message: "The gradient by the logits is (softmax − one-hot) / N.",
    });
    expectNoLeak(() => crossEntropy(z, y));
  });

  exercise("getBatch", (getBatch) => {
    const ids = Int32Array.from({ length: 40 }, (_, i) => 100 + ((i * 17) % 40)); // all different, in no order
    const starts = [3, 0, 31, 12]; // 31 + 8 + 1 = 40: the last window that has a target
    const given = [...starts];
    const { inputs, targets } = getBatch(ids, given, 8);
    expectTrue(
      show(given) === show(starts),
      `getBatch changed the starts it was given, to ${show(given)}: the windows come in the order of starts.`,
    );
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
        fail(`A row of ${name} is the number ${single}, expected 8 tokens: one for every position.`);
      const short = rows.find((row) => row.length !== 8);
      if (short !== undefined)
        fail(
          `A row of ${name} has ${short.length} tokens, expected blockSize = 8.` +
            (short.length === 7 ? " The last position needs a target too: the token after the window." : ""),
        );
    }
    starts.forEach((start, b) => {
      const window = list(ids.slice(start, start + 8));
      if (show(inputs[b]) !== show(window))
        fail(
          show(inputs[b]) === show(ids.slice(start + 1, start + 9)) && show(targets[b]) === show(window)
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
    expectTrue(
      show(ids.slice(0, 3)) === "[100, 117, 134]",
      "getBatch changed the ids: cut copies out of them.",
    );
  });

  exercise("adamw", (adamw) => {
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
    expectClose(start.v, [0.0025], { what: "v'", message: "v' = β₂·v + (1 − β₂)·g²: a mean of squares." });
    const p1 = first(start.parameter);
    if (!near(p1, 0.9, 1e-3))
      fail(
        (near(p1, 1 - (0.1 * 0.05) / 0.05, 1e-3) || near(p1, 1 - 0.1 * (0.05 / Math.sqrt(0.0025)), 1e-3)
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
    expectClose(later.parameter, [1 - (0.1 * (0.23 / 0.271)) / Math.sqrt(0.04021 / 0.002997001)], {
      what: "p' at step 3",
      message: "The bias correction of step 3 divides m' by 1 − β₁³ and v' by 1 − β₂³.",
    });

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
    if (near(quiet, 2)) fail("A matrix did not decay: with gradient 0, p' = p·(1 − lr·λ) = 1.9, got 2.");
    if (near(quiet, 1)) fail("The decay is lr·λ·p, not λ·p: with p = 2, lr = 0.1, λ = 0.5, p' = 1.9, got 1.");
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
    expectClose(moved.parameter, [[1.8]], { what: "p'", message: "p' = p − lr·λ·p − lr·m̂/(√v̂ + ε)" });
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
    expectNoLeak(() => adamw(one, half, zero, zero, 1, o));
  });

  exercise("warmupCosine", (warmupCosine, { reference }) => {
    const o = { maxLr: 1, minLr: 0.1, warmupSteps: 4, totalSteps: 14 };
    const rates = Array.from({ length: 20 }, (_, step) => warmupCosine(step, o));
    expectFinite(rates);
    const row = rates.map((r) => r.toFixed(2)).join(" ");
    if (rates[0] === 0)
      fail(`In the first step the rate is 0, and the step is wasted: use step + 1.\n${row}`);
    if (rates[0] >= rates[3])
      fail(`The warm-up is missing: the rate must rise over the first warmupSteps steps.\n${row}`);
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
    if (near(rates[14], 0, 1e-6) || near(rates[13], reference.warmupCosine(13, { ...o, minLr: 0 })))
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
  });

  exercise("clipByGlobalNorm", (clipByGlobalNorm) => {
    const grads = { a: tf.tensor1d([3, 0]), b: tf.tensor2d([[4]]) };
    const { grads: clipped, norm } = clipByGlobalNorm(grads, 1);
    expectShape(norm, [], "norm");
    expectTrue(
      Object.keys(clipped).sort().join() === "a,b",
      `The gradients come back under the names a, b; got ${Object.keys(clipped).join(", ")}.`,
    );
    expectShape(clipped.a, [2], "a");
    expectShape(clipped.b, [1, 1], "b");
    for (const g of Object.values(clipped)) expectFinite(g);
    const n = first(norm);
    if (near(n, 7))
      fail(
        "These are the norms of the tensors (or the numbers without their sign) added up; square all numbers, add, and take one root: √(9 + 16) = 5.",
      );
    if (near(n, 25)) fail("The root is missing: √(9 + 16) = 5, got 25.");
    if (near(n, 1, 1e-3)) fail("norm is the length before clipping: √(9 + 16) = 5, got 1.");
    expectClose(norm, 5, { what: "norm" });
    const [a, b] = [list(clipped.a.dataSync()), first(clipped.b)];
    if (near(a[0], 1, 1e-3) && near(b, 1, 1e-3)) {
      // Both a clip of each tensor and a clip of each number give [1, 0], [[1]] here; this tells them apart.
      const wide = first(clipByGlobalNorm({ a: tf.tensor1d([3, 4]) }, 1).grads.a);
      fail(
        (near(wide, 0.6, 1e-3)
          ? "You clipped each tensor by its own norm: "
          : "You clipped every number by itself: ") +
          "that turns the step. One factor for all keeps its direction: expected a = [0.6, 0], b = [[0.8]].",
      );
    }
    expectClose(clipped.a, [0.6, 0], { what: "a" });
    expectClose(clipped.b, [[0.8]], { what: "b" });

    const small = { w: tf.tensor1d([0.3, -0.4]) };
    expectClose(clipByGlobalNorm(small, 1).grads.w, [0.3, -0.4], {
      message: "A gradient that is short enough (norm 0.5 ≤ 1) must stay as it is; the factor is at most 1.",
    });
    expectClose(grads.a, [3, 0], { message: "clipByGlobalNorm changed the gradients it was given." });
    for (const { maxNorm, grads: before, clipped: after, norm: expected } of optim.clip) {
      const result = clipByGlobalNorm(
        { weight: recorded(before.weight), bias: recorded(before.bias) },
        maxNorm,
      );
      expectClose(result.norm, expected, { what: "PyTorch's norm" });
      expectClose(result.grads.weight, recorded(after.weight), { what: "PyTorch's clipped gradient" });
      expectClose(result.grads.bias, recorded(after.bias), { what: "PyTorch's clipped gradient" });
    }
    expectNoLeak(() => clipByGlobalNorm(grads, 1));
  });

  exercise("roundToBf16", (roundToBf16, { reference }) => {
    expectFinite(roundToBf16(1.005));
    expectTrue(roundToBf16(1.005) !== 1.005, "1.005 came back unchanged: bfloat16 has no such number.");
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
    expectTrue(minusPi < 0, `A negative number keeps its sign: −3.14159 → −3.140625, got ${minusPi}.`);
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
    expectTrue(t.data[0] === 2, `1.9999 → ${t.data[0]}, expected 2: the carry runs into the exponent.`);
  });
});
