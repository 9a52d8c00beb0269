/** Plausible wrong answers to lesson 12 (training), and the sentence that each must be told. */

import type { Mutants } from "llm/course/kit";
import { tf } from "llm/engine";
import * as right from "../../solutions/12-training";

type Options = { lr: number; beta1: number; beta2: number; eps: number; weightDecay: number };

/** adamw with one part exchanged. */
const adam =
  (change: {
    correct?: boolean;
    eps?: "inside";
    decay?: "coupled" | "all" | "none" | "without lr";
    returns?: "corrected";
    square?: boolean;
    root?: boolean;
    sign?: number;
  }) =>
  (p: tf.Tensor, g: tf.Tensor, m: tf.Tensor, v: tf.Tensor, step: number, o: Options) =>
    tf.tidy(() => {
      const lambda =
        change.decay === "none" || (p.rank < 2 && change.decay !== "all") ? 0 : o.weightDecay;
      const grad = change.decay === "coupled" ? tf.add(g, tf.mul(p, lambda)) : g;
      const m1 = tf.add(tf.mul(m, o.beta1), tf.mul(grad, 1 - o.beta1));
      const squared = change.square === false ? tf.abs(grad) : tf.square(grad);
      const v1 = tf.add(tf.mul(v, o.beta2), tf.mul(squared, 1 - o.beta2));
      const mHat = change.correct === false ? m1 : tf.div(m1, 1 - o.beta1 ** step);
      const vHat = change.correct === false ? v1 : tf.div(v1, 1 - o.beta2 ** step);
      const below =
        change.root === false
          ? tf.add(vHat, o.eps)
          : change.eps === "inside"
            ? tf.sqrt(tf.add(vHat, o.eps))
            : tf.add(tf.sqrt(vHat), o.eps);
      const keep =
        change.decay === "coupled" ? 1 : 1 - (change.decay === "without lr" ? 1 : o.lr) * lambda;
      const parameter = tf.sub(
        tf.mul(p, keep),
        tf.mul(tf.div(mHat, below), o.lr * (change.sign ?? 1)),
      );
      const moments = change.returns === "corrected" ? { m: mHat, v: vHat } : { m: m1, v: v1 };
      return { parameter, ...moments };
    });

/** Adds to a float32's bits, then clears those outside of the mask. */
function roundedBy(x: number, add: (lastKept: number) => number, mask = 0xffff0000): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, x);
  const bits = view.getUint32(0);
  view.setUint32(0, ((bits + add((bits >>> 16) & 1)) & mask) >>> 0);
  return view.getFloat32(0);
}

/** newtonSchulz with one part exchanged. */
function schulz(
  g: tf.Tensor2D,
  iterations: number,
  change: {
    norm?: number | tf.Tensor;
    a?: number;
    b?: number;
    c?: number;
    square?: (a: tf.Tensor2D) => tf.Tensor2D;
  },
): tf.Tensor2D {
  const { a = 3.4445, b = -4.775, c = 2.0315, square = (x) => tf.matMul(x, x) } = change;
  return tf.tidy(() => {
    const { norm = tf.maximum(tf.norm(g), 1e-7) } = change;
    let x = tf.div(g, norm) as tf.Tensor2D;
    for (let i = 0; i < iterations; i++) {
      const gram: tf.Tensor2D = tf.matMul(x, x, false, true);
      const factor = tf.add(tf.mul(gram, b), tf.mul(square(gram), c)) as tf.Tensor2D;
      x = tf.add(tf.mul(x, a), tf.matMul(factor, x));
    }
    return x;
  });
}

export const mutants: Mutants<typeof import("../../solutions/12-training")> = {
  crossEntropy: [
    {
      name: "the loss of the likeliest token, and not of the one that came",
      answer: (z) => tf.tidy(() => right.crossEntropy(z, tf.argMax(z, 1) as tf.Tensor1D)),
    },
    {
      name: "predictions whose target is 0 are left out, as if 0 were padding",
      answer: (z, y) =>
        tf.tidy(() => {
          const chosen = tf.logSoftmax(z).mul(tf.oneHot(y, z.shape[1])).sum(1);
          const counted = tf.cast(tf.notEqual(y, 0), "float32");
          return chosen.mul(counted).sum().div(counted.sum()).neg() as tf.Scalar;
        }),
    },
    {
      name: "a binary cross-entropy, one question of yes or no for each token",
      answer: (z, y) =>
        tf.tidy(() => {
          const one = tf.cast(tf.oneHot(y, z.shape[1]), "float32");
          return tf.sub(tf.softplus(z), tf.mul(one, z)).mean() as tf.Scalar;
        }),
    },
    {
      name: "every row takes the targets of all rows: a table (N, N) is averaged, not its diagonal",
      answer: (z, y) => tf.tidy(() => tf.gather(tf.logSoftmax(z), y, 1).mean().neg() as tf.Scalar),
    },
    {
      name: "a sum instead of a mean",
      told: /sum/,
      answer: (z, y) => tf.tidy(() => tf.mul(right.crossEntropy(z, y), z.shape[0]) as tf.Scalar),
    },
    {
      name: "mean over the vocabulary too",
      told: /V times too small/,
      answer: (z, y) => tf.tidy(() => tf.div(right.crossEntropy(z, y), z.shape[1]) as tf.Scalar),
    },
    {
      name: "no minus",
      told: /minus/,
      answer: (z, y) => tf.tidy(() => tf.neg(right.crossEntropy(z, y)) as tf.Scalar),
    },
    {
      name: "softmax, then logarithm",
      told: /overflow/,
      answer: (z, y) =>
        tf.tidy(() => {
          const e = tf.exp(z);
          const p = tf.div(e, tf.sum(e, 1, true));
          return tf.neg(
            tf.mean(tf.log(tf.sum(tf.mul(p, tf.oneHot(y, z.shape[1])), 1))),
          ) as tf.Scalar;
        }),
    },
    {
      name: "a small number under the logarithm",
      told: /thought impossible/,
      answer: (z, y) =>
        tf.tidy(
          () =>
            tf.neg(
              tf.mean(
                tf.log(tf.add(tf.sum(tf.mul(tf.softmax(z), tf.oneHot(y, z.shape[1])), 1), 1e-9)),
              ),
            ) as tf.Scalar,
        ),
    },
    {
      name: "subtracts the largest logit of all rows",
      told: /its own largest/,
      answer: (z, y) =>
        tf.tidy(() => {
          const shifted = tf.sub(z, tf.max(z));
          const logP = tf.sub(shifted, tf.log(tf.sum(tf.exp(shifted), 1, true)));
          return tf.neg(tf.mean(tf.sum(tf.mul(logP, tf.oneHot(y, z.shape[1])), 1))) as tf.Scalar;
        }),
    },
    {
      name: "forgets the softmax",
      told: /softmax/,
      answer: (z, y) =>
        tf.tidy(() => tf.neg(tf.mean(tf.sum(tf.mul(z, tf.oneHot(y, z.shape[1])), 1))) as tf.Scalar),
    },
    {
      name: "base 2",
      told: /bits/,
      answer: (z, y) => tf.tidy(() => tf.div(right.crossEntropy(z, y), Math.LN2) as tf.Scalar),
    },
    {
      name: "leaves tensors behind",
      told: /left in memory/,
      answer: (z, y) => {
        const picked = tf.sum(tf.mul(z, tf.oneHot(y, z.shape[1])), 1);
        return tf.mean(tf.sub(tf.logSumExp(z, 1), picked)) as tf.Scalar;
      },
    },
  ],
  getBatch: [
    {
      name: "starts are taken for numbers of blocks, and are places in ids",
      answer: (ids, starts, blockSize) => {
        const last = ids.length - blockSize - 1;
        const places = starts.map((s) => Math.max(0, Math.min(s * blockSize, last)));
        return right.getBatch(ids, places, blockSize);
      },
    },
    {
      name: "the target is looked up where the id occurs first in the text, and not after its own place",
      answer: (ids, starts, blockSize) => {
        const { inputs } = right.getBatch(ids, starts, blockSize);
        const follower = (id: number) => ids[Array.from(ids).indexOf(id) + 1];
        return { inputs, targets: inputs.map((row) => Int32Array.from(row, follower)) };
      },
    },
    {
      name: "targets are the inputs",
      told: /same tokens as the inputs/,
      answer: (ids, starts, T) => {
        const rows = starts.map((s) => ids.slice(s, s + T));
        return { inputs: rows, targets: rows };
      },
    },
    {
      name: "shifted the wrong way",
      told: /\*before\* it/,
      answer: (ids, starts, T) => ({
        inputs: starts.map((s) => ids.slice(s, s + T)),
        targets: starts.map((s) =>
          Int32Array.from({ length: T }, (_, t) => ids[Math.max(0, s + t - 1)]),
        ),
      }),
    },
    {
      name: "the block after the window",
      told: /next block/,
      answer: (ids, starts, T) => ({
        inputs: starts.map((s) => ids.slice(s, s + T)),
        targets: starts.map((s) => ids.slice(s + T, s + 2 * T)),
      }),
    },
    {
      name: "one token short",
      told: /last position/,
      answer: (ids, starts, T) => ({
        inputs: starts.map((s) => ids.slice(s, s + T)),
        targets: starts.map((s) => ids.slice(s + 1, s + T)),
      }),
    },
    {
      name: "sorts the starts in place",
      told: /changed `starts`.*sort\(\) and reverse\(\)/,
      answer: (ids, starts, T) =>
        right.getBatch(
          ids,
          starts.sort((a, b) => a - b),
          T,
        ),
    },
    {
      name: "inputs and targets that look into one array",
      told: /share their memory/,
      answer: (ids, starts, T) => {
        const windows = starts.map((s) => ids.slice(s, s + T + 1));
        return {
          inputs: windows.map((w) => w.subarray(0, T)),
          targets: windows.map((w) => w.subarray(1)),
        };
      },
    },
    {
      name: "rows of eight bits",
      told: /ids above 255/,
      answer: (ids, starts, T) => {
        const cut = (s: number) => Uint8Array.from(ids.slice(s, s + T));
        return { inputs: starts.map(cut), targets: starts.map((s) => cut(s + 1)) };
      },
    },
    {
      name: "rows of sixteen bits",
      told: /ids above 65,535/,
      answer: (ids, starts, T) => {
        const cut = (s: number) => Uint16Array.from(ids.slice(s, s + T));
        return { inputs: starts.map(cut), targets: starts.map((s) => cut(s + 1)) };
      },
    },
    {
      name: "inputs and targets exchanged",
      told: /exchanged/,
      answer: (ids, starts, T) => {
        const { inputs, targets } = right.getBatch(ids, starts, T);
        return { inputs: targets, targets: inputs };
      },
    },
    {
      name: "windows in a row, starts ignored",
      told: /begins at/,
      answer: (ids, starts, T) =>
        right.getBatch(
          ids,
          starts.map((_, b) => b * T),
          T,
        ),
    },
  ],
  adamw: [
    {
      name: "β is multiplied by the step in the correction, and should be raised to its power",
      answer: (p, g, m, v, step, o) =>
        tf.tidy(() => {
          const next = right.adamw(p, g, m, v, step, o);
          const mHat = tf.div(next.m, 1 - o.beta1 * step);
          const vHat = tf.div(next.v, 1 - o.beta2 * step);
          const keep = 1 - (p.rank < 2 ? 0 : o.lr * o.weightDecay);
          const change = tf.div(mHat, tf.add(tf.sqrt(vHat), o.eps));
          return { ...next, parameter: tf.sub(tf.mul(p, keep), tf.mul(change, o.lr)) };
        }),
    },
    {
      name: "the step itself is returned, and not the parameter after it",
      answer: (p, g, m, v, step, o) =>
        tf.tidy(() => {
          const next = right.adamw(p, g, m, v, step, o);
          return { ...next, parameter: tf.sub(p, next.parameter) };
        }),
    },
    {
      name: "v never becomes smaller: that is AMSGrad, another method",
      answer: (p, g, m, v, step, o) =>
        tf.tidy(() => {
          const next = right.adamw(p, g, m, v, step, o);
          const largest = tf.maximum(v, next.v);
          const keep = 1 - (p.rank < 2 ? 0 : o.lr * o.weightDecay);
          const mHat = tf.div(next.m, 1 - o.beta1 ** step);
          const below = tf.add(tf.sqrt(tf.div(largest, 1 - o.beta2 ** step)), o.eps);
          const parameter = tf.sub(tf.mul(p, keep), tf.mul(tf.div(mHat, below), o.lr));
          return { parameter, m: next.m, v: largest };
        }),
    },
    { name: "no bias correction", told: /bias correction/, answer: adam({ correct: false }) },
    {
      name: "decay coupled into the gradient",
      told: /decay went into the gradient/,
      answer: adam({ decay: "coupled" }),
    },
    { name: "ε inside the root", told: /inside the root/, answer: adam({ eps: "inside" }) },
    {
      name: "decay on one-dimensional parameters",
      told: /one axis/,
      answer: adam({ decay: "all" }),
    },
    { name: "no decay at all", told: /did not decay/, answer: adam({ decay: "none" }) },
    {
      name: "decay without the learning rate",
      told: /lr·λ/,
      answer: adam({ decay: "without lr" }),
    },
    {
      name: "decay on matrices only",
      told: /rank ≥ 2/,
      answer: (p, g, m, v, step, o) =>
        right.adamw(p, g, m, v, step, p.rank === 2 ? o : { ...o, weightDecay: 0 }),
    },
    {
      name: "β₁ and β₂ written as numbers",
      told: /β₂ is that of the options/,
      answer: (p, g, m, v, step, o) =>
        right.adamw(p, g, m, v, step, { ...o, beta1: 0.9, beta2: 0.99 }),
    },
    {
      name: "writes into the caller's variables",
      told: /changed the numbers of `(parameter|m|v)`/,
      answer: (p, g, m, v, step, o) => {
        const next = right.adamw(p, g, m, v, step, o);
        for (const [old, now] of [
          [p, next.parameter],
          [m, next.m],
          [v, next.v],
        ])
          if (old instanceof tf.Variable) old.assign(now);
        return next;
      },
    },
    {
      name: "works with the caller's variables in place of new tensors",
      told: /changed the numbers of `m`|returned `m` itself/,
      answer: (p, g, m, v, step, o) => {
        const next = right.adamw(p, g, m, v, step, o);
        if (!(m instanceof tf.Variable)) return next;
        m.assign(next.m);
        return { ...next, m };
      },
    },
    {
      name: "returns the corrected moments",
      told: /uncorrected/,
      answer: adam({ returns: "corrected" }),
    },
    { name: "no square", told: /squares/, answer: adam({ square: false }) },
    { name: "no root", told: /root/, answer: adam({ root: false }) },
    { name: "uphill", told: /uphill/, answer: adam({ sign: -1 }) },
  ],
  warmupCosine: [
    {
      name: "starts at 0",
      told: /first step.*rate is 0/s,
      answer: (step, o) =>
        step < o.warmupSteps ? (o.maxLr * step) / o.warmupSteps : right.warmupCosine(step, o),
    },
    {
      name: "no warm-up",
      told: /warm-up/,
      answer: (step, o) => right.warmupCosine(Math.max(step, o.warmupSteps), o),
    },
    {
      name: "cosine over all steps",
      told: /counts from the end of the warm-up/,
      answer: (step, o) =>
        step < o.warmupSteps || step >= o.totalSteps
          ? right.warmupCosine(step, o)
          : o.minLr + ((o.maxLr - o.minLr) * (1 + Math.cos((Math.PI * step) / o.totalSteps))) / 2,
    },
    {
      name: "falls to 0",
      told: /minLr/,
      answer: (step, o) =>
        step < o.warmupSteps
          ? right.warmupCosine(step, o)
          : right.warmupCosine(step, { ...o, minLr: 0 }),
    },
    {
      name: "comes up again after the end",
      told: /after the last step/,
      answer: (step, o) => {
        if (step < o.warmupSteps) return right.warmupCosine(step, o);
        const p = (step - o.warmupSteps) / (o.totalSteps - o.warmupSteps);
        return o.minLr + ((o.maxLr - o.minLr) * (1 + Math.cos(Math.PI * p))) / 2;
      },
    },
    {
      name: "minLr is a tenth of maxLr, whatever the options say",
      told: /minLr/,
      answer: (step, o) => right.warmupCosine(step, { ...o, minLr: 0.1 * o.maxLr }),
    },
    {
      name: "not halved",
      told: /halve it/,
      answer: (step, o) =>
        step < o.warmupSteps || step >= o.totalSteps
          ? right.warmupCosine(step, o)
          : 2 * right.warmupCosine(step, { ...o, minLr: 0 }) + o.minLr,
    },
    {
      name: "p over all the steps",
      told: /p runs from 0 to 1/,
      answer: (step, o) =>
        step < o.warmupSteps || step >= o.totalSteps
          ? right.warmupCosine(step, o)
          : right.warmupCosine(step - o.warmupSteps, { ...o, warmupSteps: 0 }),
    },
    {
      name: "a line down",
      told: /straight line/,
      answer: (step, o) =>
        step < o.warmupSteps || step >= o.totalSteps
          ? right.warmupCosine(step, o)
          : o.maxLr -
            ((o.maxLr - o.minLr) * (step - o.warmupSteps)) / (o.totalSteps - o.warmupSteps),
    },
  ],
  newtonSchulz: [
    {
      name: "not divided by its norm",
      told: /not divided/,
      answer: (g, n) => schulz(g, n, { norm: 1 }),
    },
    {
      name: "divided by the largest entry",
      told: /largest entry/,
      answer: (g, n) => schulz(g, n, { norm: tf.max(tf.abs(g)) }),
    },
    {
      name: "one iteration, also where none is asked for",
      told: /0 iterations only/,
      answer: (g) => right.newtonSchulz(g, 1),
    },
    {
      name: "one iteration, whatever is asked for",
      told: /Only one iteration/,
      answer: (g, n) => right.newtonSchulz(g, Math.min(n, 1)),
    },
    { name: "A is added", told: /sign of 4.775/, answer: (g, n) => schulz(g, n, { b: 4.775 }) },
    {
      name: "without A·A",
      told: /2.0315·A·A is missing/,
      answer: (g, n) => schulz(g, n, { c: 0 }),
    },
    {
      name: "without 3.4445·X",
      told: /missing from the sum/,
      answer: (g, n) => schulz(g, n, { a: 0 }),
    },
    {
      name: "A is squared entry by entry",
      answer: (g, n) => schulz(g, n, { square: (a) => tf.square(a) }),
    },
    {
      name: "a tall matrix comes back transposed",
      answer: (g, n) =>
        tf.tidy(() => {
          const [rows, columns] = g.shape;
          return right.newtonSchulz(rows > columns ? tf.transpose(g) : g, n);
        }),
    },
  ],
  roundToBf16: [
    {
      name: "the lower 16 bits are not cleared after the rounding",
      answer: (x) => roundedBy(x, (bit) => 0x7fff + bit, 0xffffffff),
    },
    {
      name: "the 16 bits are returned as a whole number, and not as the number that they stand for",
      answer: (x) => {
        const view = new DataView(new ArrayBuffer(4));
        view.setFloat32(0, right.roundToBf16(x));
        return view.getUint32(0) >>> 16;
      },
    },
    {
      name: "it is limited to ±65,504, which is float16's largest; bfloat16 has the range of float32",
      answer: (x) => right.roundToBf16(Math.max(-65_504, Math.min(65_504, x))),
    },
    {
      name: "cuts off",
      told: /towards zero/,
      answer: (x) => {
        const bits = new Uint32Array(Float32Array.of(x).buffer);
        bits[0] &= 0xffff0000;
        return new Float32Array(bits.buffer)[0];
      },
    },
    {
      name: "the middle always up",
      told: /middle/,
      answer: (x) => {
        const bits = new Uint32Array(Float32Array.of(x).buffer);
        bits[0] = (bits[0] + 0x8000) & 0xffff0000;
        return new Float32Array(bits.buffer)[0];
      },
    },
    { name: "does nothing", told: /unchanged/, answer: (x) => x },
    { name: "float16 instead", told: /float16/, answer: (x) => Math.round(x * 1024) / 1024 },
    {
      name: "fixed steps of 1/128",
      told: /steps grow/,
      answer: (x) => {
        const n = x * 128;
        const down = Math.floor(n);
        return (n - down > 0.5 || (n - down === 0.5 && down % 2 !== 0) ? down + 1 : down) / 128;
      },
    },
    {
      name: "the last kept bit, left in its place",
      told: /as a 0 or a 1/,
      answer: (x) => {
        const bits = new Uint32Array(Float32Array.of(x).buffer);
        bits[0] = (bits[0] + 0x7fff + (bits[0] & 0x10000)) & 0xffff0000;
        return new Float32Array(bits.buffer)[0];
      },
    },
    {
      name: "converts the value instead of reading its bits",
      told: /turns the value into an integer/,
      answer: (x) => new Float32Array(Uint32Array.of(x))[0],
    },
    {
      name: "loses the sign",
      told: /negative/,
      answer: (x) => Math.abs(right.roundToBf16(x)),
    },
  ],
};
