// Wrong answers that people write for lesson 03 (recurrent networks), and what each must be told.

import type { Mutants } from "llm/course/kit";
import { tf } from "llm/engine";
import type { ReadOut, RnnWeights } from "llm/rnn";

import * as right from "../../solutions/03-recurrent-networks";

type Solutions = typeof import("../../solutions/03-recurrent-networks");

const times = (a: tf.Tensor, w: tf.Tensor) => tf.matMul<tf.Tensor>(a, w, false, true);
const shares = (x: tf.Tensor, h: tf.Tensor, w: RnnWeights): [tf.Tensor, tf.Tensor] => [
  times(x, w.weight_ih_l0).add(w.bias_ih_l0),
  times(h, w.weight_hh_l0).add(w.bias_hh_l0),
];

type LstmParts = { i: tf.Tensor; f: tf.Tensor; g: tf.Tensor; o: tf.Tensor; c: tf.Tensor };
/** An LSTM cell that goes wrong after the gates are cut. */
const lstm =
  (order: string, finish: (p: LstmParts) => [tf.Tensor, tf.Tensor]): Solutions["lstmCell"] =>
  (x, [h, c], w) =>
    tf.tidy(() => {
      const [a, b] = shares(x, h, w);
      const parts = tf.split(a.add(b), 4, 1);
      const p = Object.fromEntries([...order].map((name, k) => [name, parts[k]])) as Omit<
        LstmParts,
        "c"
      >;
      return finish({ ...p, c }) as [tf.Tensor2D, tf.Tensor2D];
    });
const rightEnd = ({ i, f, g, o, c }: LstmParts): [tf.Tensor, tf.Tensor] => {
  const next = tf
    .sigmoid(f)
    .mul(c)
    .add(tf.sigmoid(i).mul(tf.tanh(g)));
  return [tf.sigmoid(o).mul(tf.tanh(next)), next];
};

type GruParts = Record<"xr" | "xz" | "xn" | "hr" | "hz" | "hn" | "h", tf.Tensor>;
const gru =
  (finish: (p: GruParts, w: RnnWeights) => tf.Tensor): Solutions["gruCell"] =>
  (x, h, w) =>
    tf.tidy(() => {
      const [a, b] = shares(x, h, w);
      const [xr, xz, xn] = tf.split(a, 3, 1);
      const [hr, hz, hn] = tf.split(b, 3, 1);
      return finish({ xr, xz, xn, hr, hz, hn, h }, w) as tf.Tensor2D;
    });
const gate = (a: tf.Tensor, b: tf.Tensor) => tf.sigmoid(a.add(b));
const mix = (z: tf.Tensor, n: tf.Tensor, h: tf.Tensor) => tf.sub(1, z).mul(n).add(z.mul(h));

/** The forward states of the scalar network. */
const states = (xs: number[], w: number, u: number, h0: number) => {
  const h = [h0];
  for (const x of xs) h.push(Math.tanh(w * h[h.length - 1] + u * x));
  return h;
};
/**
 * A backward loop over steps T … last + 1, with the slope and the start of a state's path
 * replaceable.
 */
const backward = (
  h: number[],
  xs: number[],
  w: number,
  last: number,
  slope = (v: number) => 1 - v * v,
) => {
  let [dw, du, delta] = [0, 0, 1];
  for (let t = xs.length; t > Math.max(0, last); t--) {
    const a = delta * slope(h[t]);
    dw += a * h[t - 1];
    du += a * xs[t - 1];
    delta = a * w;
  }
  return { h: h[xs.length], dw, du };
};

/** charLoss with choosable inputs, targets, reduction and returned state. */
const char =
  (o: {
    inputs?: number;
    targets?: number;
    reduce?: (chosen: tf.Tensor) => tf.Tensor;
    fresh?: boolean;
    vocabulary?: (readOut: ReadOut) => number;
    logs?: (logits: tf.Tensor) => tf.Tensor;
    biased?: boolean;
    keepsOld?: boolean;
  }): Solutions["charLoss"] =>
  (layer, readOut, ids, state) =>
    tf.tidy(() => {
      const { inputs = 0, targets = 1, reduce = (chosen) => chosen.mean().neg() } = o;
      const [B, T] = [ids.shape[0], ids.shape[1] - 1];
      const V = o.vocabulary?.(readOut) ?? readOut.bias.size;
      const x = tf.oneHot(tf.slice(ids, [0, inputs], [B, T]), V).toFloat() as tf.Tensor3D;
      const y = tf.oneHot(tf.slice(ids, [0, targets], [B, T]).reshape([B * T]), V);
      const after = layer(x, o.fresh ? state.map((s) => tf.zerosLike(s)) : state);
      const product = times(after.outputs.reshape([B * T, -1]), readOut.weight);
      const logits = o.biased === false ? product : product.add(readOut.bias);
      const chosen = (o.logs ?? ((a) => tf.logSoftmax(a)))(logits).mul(y).sum(1);
      return {
        loss: reduce(chosen) as tf.Scalar,
        state: o.keepsOld ? state.map((s) => s.clone()) : after.state,
      };
    });

/** The same tensor with its numbers taken out and put back: no gradient flows through. */
const retold = (x: tf.Tensor) => tf.tensor(x.dataSync().slice(), x.shape);
const retoldWeights = (w: RnnWeights): RnnWeights => ({
  weight_ih_l0: retold(w.weight_ih_l0),
  weight_hh_l0: retold(w.weight_hh_l0),
  bias_ih_l0: retold(w.bias_ih_l0),
  bias_hh_l0: retold(w.bias_hh_l0),
});

const norms = (grads: Record<string, tf.Tensor>) => Object.values(grads).map((g) => g.norm());
const scaled = (grads: Record<string, tf.Tensor>, factor: tf.Tensor) =>
  Object.fromEntries(Object.entries(grads).map(([name, g]) => [name, g.mul(factor)]));
const globalNorm = (grads: Record<string, tf.Tensor>) =>
  tf.sqrt(tf.addN(norms(grads).map((n) => n.square()))) as tf.Scalar;

export const mutants: Mutants<Solutions> = {
  rnnCell: [
    {
      name: "the biases are added after the tanh, and belong inside it",
      answer: (x, h, w) =>
        tf.tidy(
          () =>
            times(x, w.weight_ih_l0)
              .add(times(h, w.weight_hh_l0))
              .tanh()
              .add(w.bias_ih_l0)
              .add(w.bias_hh_l0) as tf.Tensor2D,
        ),
    },
    {
      name: "sigmoid instead of tanh",
      told: /tanh, not sigmoid/,
      answer: (x, h, w) =>
        tf.tidy(() => {
          const [a, b] = shares(x, h, w);
          return tf.sigmoid(a.add(b)) as tf.Tensor2D;
        }),
    },
    {
      name: "a tanh around each share",
      told: /one tanh around the sum/,
      answer: (x, h, w) =>
        tf.tidy(() => {
          const [a, b] = shares(x, h, w);
          return tf.tanh(a).add(tf.tanh(b)) as tf.Tensor2D;
        }),
    },
    {
      name: "no weight transposed",
      told: /must be transposed: tf\.matMul\(a, weight, false, true\)/,
      answer: (x, h, w) =>
        tf.tidy(
          () =>
            tf.tanh(
              tf.matMul<tf.Tensor>(x, w.weight_ih_l0).add(tf.matMul<tf.Tensor>(h, w.weight_hh_l0)),
            ) as tf.Tensor2D,
        ),
    },
    {
      name: "no tanh",
      told: /tanh is missing/,
      answer: (x, h, w) =>
        tf.tidy(() => {
          const [a, b] = shares(x, h, w);
          return a.add(b) as tf.Tensor2D;
        }),
    },
    {
      name: "the state is forgotten",
      told: /does not depend on the state/,
      answer: (x, _h, w) =>
        tf.tidy(
          () =>
            tf.tanh(times(x, w.weight_ih_l0).add(w.bias_ih_l0).add(w.bias_hh_l0)) as tf.Tensor2D,
        ),
    },
    {
      name: "only one bias",
      told: /bias_hh_l0/,
      answer: (x, h, w) =>
        tf.tidy(() => {
          const [a] = shares(x, h, w);
          return tf.tanh(a.add(times(h, w.weight_hh_l0))) as tf.Tensor2D;
        }),
    },
    {
      name: "one bias twice, and the other not at all",
      told: /added twice/,
      answer: (x, h, w) =>
        tf.tidy(() => {
          const [a] = shares(x, h, w);
          return tf.tanh(a.add(times(h, w.weight_hh_l0)).add(w.bias_ih_l0)) as tf.Tensor2D;
        }),
    },
    {
      name: "state weights not transposed",
      told: /transposed/,
      answer: (x, h, w) =>
        tf.tidy(() => {
          const [a] = shares(x, h, w);
          const b = tf.matMul<tf.Tensor>(h, w.weight_hh_l0).add(w.bias_hh_l0);
          return tf.tanh(a.add(b)) as tf.Tensor2D;
        }),
    },
    {
      name: "weights through arraySync()",
      told: /no gradient flows to `w\.weight_ih_l0`, `w\.weight_hh_l0`/,
      answer: (x, h, w) => tf.tidy(() => right.rnnCell(x, h, retoldWeights(w))),
    },
    {
      name: "writes into the caller's state",
      told: /changed the numbers of `h`/,
      answer: (x, h, w) => {
        const next = right.rnnCell(x, h, w);
        if (h instanceof tf.Variable) h.assign(next);
        return next;
      },
    },
    {
      name: "no tidy",
      told: /left in memory/,
      answer: (x, h, w) => {
        const [a, b] = shares(x, h, w);
        return tf.tanh(a.add(b)) as tf.Tensor2D;
      },
    },
  ],
  truncatedBptt: [
    {
      name: "the state before the cut is taken for 0; it is a number, and only its gradient is cut",
      answer: (xs, w, u, h0, k) => {
        const h = states(xs, w, u, h0);
        const first = Math.max(0, xs.length - k);
        return backward([...h.slice(0, first), 0, ...h.slice(first + 1)], xs, w, first);
      },
    },
    {
      name: "the state starts at zero at the cut",
      told: /state starts again at zero/,
      answer: (xs, w, u, h0, k) => {
        const cut = Math.max(0, xs.length - k);
        const tail = xs.slice(cut);
        return backward(states(tail, w, u, cut === 0 ? h0 : 0), tail, w, 0);
      },
    },
    {
      name: "never more than four steps back",
      told: /a long way back|k near T|k smaller than T/,
      answer: (xs, w, u, h0, k) => right.truncatedBptt(xs, w, u, h0, Math.min(k, 4)),
    },
    {
      name: "the state is reset at every step",
      told: /has to know the state before it/,
      answer: (xs, w, u, _h0, k) => {
        const h = [0, ...xs.map((x) => Math.tanh(u * x))];
        return backward(h, xs, w, xs.length - k);
      },
    },
    {
      name: "no cut: all the way back",
      told: /goes back through all steps/,
      answer: (xs, w, u, h0) => backward(states(xs, w, u, h0), xs, w, 0),
    },
    {
      name: "one step too far",
      told: /one step too many/,
      answer: (xs, w, u, h0, k) => backward(states(xs, w, u, h0), xs, w, xs.length - k - 1),
    },
    {
      name: "without the slope of tanh",
      told: /1 − h_t²/,
      answer: (xs, w, u, h0, k) => backward(states(xs, w, u, h0), xs, w, xs.length - k, () => 1),
    },
    {
      name: "δ not multiplied by w",
      told: /leaves out the w/,
      answer: (xs, w, u, h0, k) => backward(states(xs, w, u, h0), xs, 1, xs.length - k),
    },
    {
      name: "only the last step's share",
      told: /sum over the steps/,
      answer: (xs, w, u, h0) => backward(states(xs, w, u, h0), xs, w, xs.length - 1),
    },
    {
      name: "walks beyond the beginning when k is larger than T",
      told: /stop at t = 1/,
      answer: (xs, w, u, h0, k) => {
        const h = states(xs, w, u, h0);
        const T = xs.length;
        let [dw, du, delta] = [0, 0, 1];
        for (let t = T; t > T - k; t--) {
          const a = delta * (1 - h[t] * h[t]);
          dw += a * h[t - 1];
          du += a * xs[t - 1];
          delta = a * w;
        }
        return { h: h[T], dw, du };
      },
    },
    {
      name: "eats up the inputs",
      told: /changed `xs`.*sort\(\) and reverse\(\)/,
      answer: (xs, w, u, h0, k) => {
        const answer = backward(states(xs, w, u, h0), xs, w, xs.length - k);
        xs.reverse();
        return answer;
      },
    },
    {
      name: "reads the last k inputs only",
      told: /reads the last k inputs alone/,
      answer: (xs, w, u, h0, k) => {
        const tail = xs.slice(-k);
        return backward(states(tail, w, u, h0), tail, w, 0);
      },
    },
    {
      name: "tanh of a tanh in the slope",
      told: /already what came out of tanh/,
      answer: (xs, w, u, h0, k) =>
        backward(states(xs, w, u, h0), xs, w, xs.length - k, (v) => 1 - Math.tanh(v) ** 2),
    },
    {
      name: "sets instead of adding",
      told: /sums over the steps/,
      answer: (xs, w, u, h0, k) => {
        const h = states(xs, w, u, h0);
        let [dw, du, delta] = [0, 0, 1];
        for (let t = xs.length; t > Math.max(0, xs.length - k); t--) {
          const a = delta * (1 - h[t] * h[t]);
          dw = a * h[t - 1];
          du = a * xs[t - 1];
          delta = a * w;
        }
        return { h: h[xs.length], dw, du };
      },
    },
    {
      name: "multiplies by the slope too late",
      told: /Multiply by the slope first/,
      answer: (xs, w, u, h0, k) => {
        const h = states(xs, w, u, h0);
        let [dw, du, delta] = [0, 0, 1];
        for (let t = xs.length; t > Math.max(0, xs.length - k); t--) {
          dw += delta * h[t - 1];
          du += delta * xs[t - 1];
          delta *= w * (1 - h[t] * h[t]);
        }
        return { h: h[xs.length], dw, du };
      },
    },
    {
      name: "walks from the beginning",
      told: /starts at the end/,
      answer: (xs, w, u, h0, k) => {
        const h = states(xs, w, u, h0);
        let [dw, du, delta] = [0, 0, 1];
        for (let t = 1; t <= Math.min(k, xs.length); t++) {
          const a = delta * (1 - h[t] * h[t]);
          dw += a * h[t - 1];
          du += a * xs[t - 1];
          delta = a * w;
        }
        return { h: h[xs.length], dw, du };
      },
    },
    {
      name: "h_t in place of h_{t−1}",
      told: /state \*before\* the step/,
      answer: (xs, w, u, h0, k) => {
        const h = states(xs, w, u, h0);
        const T = xs.length;
        let [dw, du, delta] = [0, 0, 1];
        for (let t = T; t > Math.max(0, T - k); t--) {
          const a = delta * (1 - h[t] * h[t]);
          dw += a * h[t];
          du += a * xs[t - 1];
          delta = a * w;
        }
        return { h: h[T], dw, du };
      },
    },
  ],
  clipByGlobalNorm: [
    {
      name: "divided by the norm, and not multiplied by maxNorm",
      told: /The norm of the result is 1/,
      answer: (grads, maxNorm) =>
        tf.tidy(() => {
          const { norm } = right.clipByGlobalNorm(grads, maxNorm);
          const factor = norm.dataSync()[0] > maxNorm ? tf.div(1, norm) : tf.scalar(1);
          const scaled = Object.entries(grads).map(([name, g]) => [name, g.mul(factor)]);
          return { grads: Object.fromEntries(scaled), norm };
        }),
    },
    {
      name: "the norm in the denominator has 1 added to it",
      told: /has 1 added to it/,
      answer: (grads, maxNorm) =>
        tf.tidy(() => {
          const { norm } = right.clipByGlobalNorm(grads, maxNorm);
          const factor = tf.minimum(1, tf.div(maxNorm, tf.add(norm, 1)));
          const scaled = Object.entries(grads).map(([name, g]) => [name, g.mul(factor)]);
          return { grads: Object.fromEntries(scaled), norm };
        }),
    },
    {
      name: "each tensor by itself",
      told: /each tensor by itself.*One factor for all/s,
      answer: (grads, maxNorm) =>
        tf.tidy(() => ({
          grads: Object.fromEntries(
            Object.entries(grads).map(([name, g]) => [
              name,
              g.mul(tf.minimum(1, tf.div(maxNorm, g.norm()))),
            ]),
          ),
          norm: globalNorm(grads),
        })),
    },
    {
      name: "hands the gradients back where they are short",
      told: /returned `grads(\.\S+)?` itself/,
      answer: (grads, maxNorm) => {
        const norm = tf.tidy(() => globalNorm(grads));
        if (norm.dataSync()[0] <= maxNorm) return { grads, norm };
        return { grads: tf.tidy(() => scaled(grads, tf.div(maxNorm, norm))), norm };
      },
    },
    {
      name: "0 / 0 for a gradient of zeros",
      told: /norm 0/,
      answer: (grads, maxNorm) =>
        tf.tidy(() => {
          const norm = globalNorm(grads);
          const length = tf.minimum(norm, maxNorm);
          return { grads: scaled(grads, tf.div(length, norm)), norm };
        }),
    },
    {
      name: "writes into the caller's variables",
      told: /changed the numbers of `grads\.\S+`/,
      answer: (grads, maxNorm) => {
        const clipped = right.clipByGlobalNorm(grads, maxNorm);
        for (const [name, g] of Object.entries(grads))
          if (g instanceof tf.Variable) g.assign(clipped.grads[name]);
        return clipped;
      },
    },
    {
      name: "scales up below the limit",
      told: /longer/,
      answer: (grads, maxNorm) =>
        tf.tidy(() => ({
          grads: scaled(grads, tf.div(maxNorm, globalNorm(grads))),
          norm: globalNorm(grads),
        })),
    },
    {
      name: "cuts each number off",
      told: /each number/,
      answer: (grads, maxNorm) =>
        tf.tidy(() => ({
          grads: Object.fromEntries(
            Object.entries(grads).map(([n, g]) => [n, g.clipByValue(-maxNorm, maxNorm)]),
          ),
          norm: globalNorm(grads),
        })),
    },
    {
      name: "concatenates tensors, which works for vectors only",
      told: /different shapes/,
      answer: (grads, maxNorm) =>
        tf.tidy(() => {
          const norm = tf.concat(Object.values(grads) as tf.Tensor1D[]).norm() as tf.Scalar;
          return { grads: scaled(grads, tf.minimum(1, tf.div(maxNorm, norm))), norm };
        }),
    },
    {
      name: "keeps the norm of the last tensor",
      told: /last tensor alone/,
      answer: (grads, maxNorm) =>
        tf.tidy(() => {
          let norm = tf.scalar(0);
          const out: Record<string, tf.Tensor> = {};
          for (const [name, g] of Object.entries(grads)) {
            norm = g.norm() as tf.Scalar;
            out[name] = g.mul(tf.minimum(1, tf.div(maxNorm, norm)));
          }
          return { grads: out, norm };
        }),
    },
    {
      name: "adds the norms",
      told: /norms of the tensors do not add up/,
      answer: (grads, maxNorm) =>
        tf.tidy(() => {
          const norm = tf.addN(norms(grads)) as tf.Scalar;
          return { grads: scaled(grads, tf.minimum(1, tf.div(maxNorm, norm))), norm };
        }),
    },
    {
      name: "the norm after clipping",
      told: /before clipping/,
      answer: (grads, maxNorm) =>
        tf.tidy(() => {
          const clipped = scaled(grads, tf.minimum(1, tf.div(maxNorm, globalNorm(grads))));
          return { grads: clipped, norm: globalNorm(clipped) };
        }),
    },
  ],
  lstmCell: [
    {
      name: "every fourth number is taken for a gate, and not blocks of H numbers next to each other",
      answer: (x, [h, c], w) =>
        tf.tidy(() => {
          const [a, b] = shares(x, h, w);
          const [B, H] = h.shape;
          const dealt = tf.transpose(a.add(b).reshape([B, H, 4]), [0, 2, 1]);
          const [i, f, g, o] = tf.unstack(dealt, 1);
          const next = tf
            .sigmoid(f)
            .mul(c)
            .add(tf.sigmoid(i).mul(tf.tanh(g)));
          return [tf.sigmoid(o).mul(tf.tanh(next)), next] as [tf.Tensor2D, tf.Tensor2D];
        }),
    },
    {
      name: "1 is added to the forget gate, though its bias is among the weights already",
      answer: lstm("ifgo", ({ i, f, g, o, c }) => {
        const next = tf
          .sigmoid(f.add(1))
          .mul(c)
          .add(tf.sigmoid(i).mul(tf.tanh(g)));
        return [tf.sigmoid(o).mul(tf.tanh(next)), next];
      }),
    },
    {
      name: "i as 1 − f",
      told: /not 1 − f/,
      answer: lstm("ifgo", (p) => {
        const f = tf.sigmoid(p.f);
        const next = f.mul(p.c).add(tf.sub(1, f).mul(tf.tanh(p.g)));
        return [tf.sigmoid(p.o).mul(tf.tanh(next)), next];
      }),
    },
    {
      name: "weights through arraySync()",
      told: /no gradient flows to `w\.weight_ih_l0`/,
      answer: (x, state, w) => tf.tidy(() => right.lstmCell(x, state, retoldWeights(w))),
    },
    {
      name: "c' through arraySync()",
      told: /no gradient flows to|is a part of the way a number/i,
      answer: (x, state, w) =>
        tf.tidy(() => {
          const [h, c] = right.lstmCell(x, state, w);
          return [h, retold(c) as tf.Tensor2D];
        }),
    },
    {
      name: "gates without sigmoid",
      told: /not between 0 and 1/,
      answer: lstm("ifgo", ({ i, f, g, o, c }) => {
        const next = f.mul(c).add(i.mul(tf.tanh(g)));
        return [o.mul(tf.tanh(next)), next];
      }),
    },
    {
      name: "gates in the order i, f, o, g",
      told: /third block is g/,
      answer: lstm("ifog", rightEnd),
    },
    {
      name: "forget gate on the new content (the same as gates in the order f, i, g, o)",
      told: /f belongs to the old c.*order i, f, g, o/,
      answer: lstm("figo", rightEnd),
    },
    {
      name: "sigmoid on g",
      told: /g needs tanh/,
      answer: lstm("ifgo", ({ i, f, g, o, c }) => {
        const next = tf
          .sigmoid(f)
          .mul(c)
          .add(tf.sigmoid(i).mul(tf.sigmoid(g)));
        return [tf.sigmoid(o).mul(tf.tanh(next)), next];
      }),
    },
    {
      name: "h' without tanh",
      told: /tanh\(c'\)/,
      answer: lstm("ifgo", (p) => {
        const [, next] = rightEnd(p);
        return [tf.sigmoid(p.o).mul(next), next];
      }),
    },
    {
      name: "h' from the old c",
      told: /new c/,
      answer: lstm("ifgo", (p) => [tf.sigmoid(p.o).mul(tf.tanh(p.c)), rightEnd(p)[1]]),
    },
    {
      name: "h' and c' swapped",
      told: /\[h', c'\]/,
      answer: lstm("ifgo", (p) => {
        const [h, c] = rightEnd(p);
        return [c, h];
      }),
    },
  ],
  gruCell: [
    {
      name: "a reshape in place of the cut, which mixes the sequences of a batch",
      answer: (x, h, w) =>
        tf.tidy(() => {
          const [a, b] = shares(x, h, w);
          const [B, H] = h.shape;
          const [xr, xz, xn] = tf.unstack(a.reshape([3, B, H]));
          const [hr, hz, hn] = tf.unstack(b.reshape([3, B, H]));
          const [r, z] = [tf.sigmoid(xr.add(hr)), tf.sigmoid(xz.add(hz))];
          const n = tf.tanh(xn.add(r.mul(hn)));
          return tf.sub(1, z).mul(n).add(z.mul(h)) as tf.Tensor2D;
        }),
    },
    {
      name: "the old state whole",
      told: /whole old h came through/,
      answer: gru(({ xr, xz, xn, hr, hz, hn, h }) => {
        const z = gate(xz, hz);
        const n = tf.tanh(xn.add(gate(xr, hr).mul(hn)));
        return tf.sub(1, z).mul(n).add(h);
      }),
    },
    {
      name: "weights through arraySync()",
      told: /no gradient flows to `w\.weight_ih_l0`/,
      answer: (x, h, w) => tf.tidy(() => right.gruCell(x, h, retoldWeights(w))),
    },
    {
      name: "the old state through arraySync()",
      told: /the gradient for `h`/,
      answer: gru(({ xr, xz, xn, hr, hz, hn, h }) =>
        mix(gate(xz, hz), tf.tanh(xn.add(gate(xr, hr).mul(hn))), retold(h)),
      ),
    },
    {
      name: "update gate inverted",
      told: /other way round/,
      answer: gru(({ xr, xz, xn, hr, hz, hn, h }) =>
        mix(tf.sub(1, gate(xz, hz)), tf.tanh(xn.add(gate(xr, hr).mul(hn))), h),
      ),
    },
    {
      name: "z before r",
      told: /order r, z, n/,
      answer: gru(({ xr, xz, xn, hr, hz, hn, h }) =>
        mix(gate(xr, hr), tf.tanh(xn.add(gate(xz, hz).mul(hn))), h),
      ),
    },
    {
      name: "reset before the product, as in the first paper",
      told: /bias_hh_l0 included/,
      answer: gru(({ xr, xz, xn, hr, hz, h }, w) => {
        const H = h.shape[1]!;
        const Wn = tf.slice(w.weight_hh_l0, [2 * H, 0], [H, H]);
        const bn = tf.slice(w.bias_hh_l0, [2 * H], [H]);
        const hn = times(gate(xr, hr).mul(h), Wn).add(bn);
        return mix(gate(xz, hz), tf.tanh(xn.add(hn)), h);
      }),
    },
    {
      name: "no reset gate",
      told: /r does nothing/,
      answer: gru(({ xz, xn, hz, hn, h }) => mix(gate(xz, hz), tf.tanh(xn.add(hn)), h)),
    },
    {
      name: "sigmoid on n",
      told: /n needs tanh/,
      answer: gru(({ xr, xz, xn, hr, hz, hn, h }) =>
        mix(gate(xz, hz), tf.sigmoid(xn.add(gate(xr, hr).mul(hn))), h),
      ),
    },
    {
      name: "r on the input's share too",
      told: /only .*state's share/,
      answer: gru(({ xr, xz, xn, hr, hz, hn, h }) =>
        mix(gate(xz, hz), tf.tanh(gate(xr, hr).mul(xn.add(hn))), h),
      ),
    },
  ],
  charLoss: [
    {
      name: "outputs and targets are flattened in different orders, steps first and sequences first",
      answer: (layer, readOut, ids, state) =>
        right.charLoss(
          (inputs, before) => {
            const after = layer(inputs, before);
            const [B, T, H] = after.outputs.shape;
            const turned = tf.transpose(after.outputs, [1, 0, 2]).reshape([B, T, H]);
            return { ...after, outputs: turned as tf.Tensor3D };
          },
          readOut,
          ids,
          state,
        ),
    },
    {
      name: "takes the hidden width for the vocabulary",
      told: /not weight\.shape\[1\]/,
      answer: char({ vocabulary: (d) => d.weight.shape[1] as number }),
    },
    {
      name: "the logarithm of softmax",
      told: /ln 0 is −∞/,
      answer: char({ logs: (logits) => tf.log(tf.softmax(logits)) }),
    },
    {
      name: "hands on the first tensor of the state only",
      told: /whole state/,
      answer: (layer, readOut, ids, state) => {
        const { loss, state: after } = char({})(layer, readOut, ids, state);
        return { loss, state: [after[0]] };
      },
    },
    {
      name: "V from the piece: its largest id",
      told: /without the last characters of the vocabulary|ids above 255|stopped with/,
      answer: (layer, readOut, ids, state) =>
        char({ vocabulary: () => ids.max().dataSync()[0] + 1 })(layer, readOut, ids, state),
    },
    {
      name: "the loss through arraySync()",
      told: /no gradient flows/,
      answer: (layer, readOut, ids, state) =>
        tf.tidy(() => {
          const { loss, state: after } = right.charLoss(layer, readOut, ids, state);
          return { loss: tf.scalar(loss.arraySync()), state: after };
        }),
    },
    {
      name: "the layer's outputs through arraySync()",
      told: /the gradient for `state\[0\]`/,
      answer: (layer, readOut, ids, state) =>
        right.charLoss(
          (x, s) => {
            const after = layer(x, s);
            return { outputs: retold(after.outputs) as tf.Tensor3D, state: after.state };
          },
          readOut,
          ids,
          state,
        ),
    },
    { name: "no bias", told: /readOut\.bias is missing/, answer: char({ biased: false }) },
    { name: "targets not shifted", told: /it has just read/, answer: char({ targets: 0 }) },
    { name: "shifted the wrong way", told: /wrong way/, answer: char({ inputs: 1, targets: 0 }) },
    {
      name: "mean over the vocabulary too",
      told: /sum over the vocabulary first/,
      answer: char({ reduce: (c) => c.mean().neg().div(4) }),
    },
    { name: "sum, not mean", told: /mean/, answer: char({ reduce: (c) => c.sum().neg() }) },
    {
      name: "bits, not nats",
      told: /bits/,
      answer: char({ reduce: (c) => c.mean().neg().div(Math.LN2) }),
    },
    { name: "sign forgotten", told: /minus sign/, answer: char({ reduce: (c) => c.mean() }) },
    {
      name: "state starts at zero each time",
      told: /state it was given/,
      answer: char({ fresh: true }),
    },
    { name: "hands the old state on", told: /state after/, answer: char({ keepsOld: true }) },
  ],
};
