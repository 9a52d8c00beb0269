// Plausible wrong answers of lesson 22 (compression), each with the sentence it must be told.
import type { Mutants } from "llm/course/kit";
import { tf } from "llm/engine";
import * as right from "../../solutions/22-compression";

type Matrix = tf.Tensor2D;

/** Groups with another scale or another rounding. */
const grouped =
  (change: {
    size?: (group: number[]) => number;
    round?: (x: number) => number;
    most?: (bits: number) => number;
  }) =>
  (W: number[][], bits: number, group: number) => {
    const most = (change.most ?? ((b) => 2 ** (b - 1) - 1))(bits);
    const size = change.size ?? ((own) => Math.max(...own.map(Math.abs)));
    const scales = W.map((row) =>
      Array.from(
        { length: row.length / group },
        (_, g) => size(row.slice(g * group, (g + 1) * group)) / most || 1,
      ),
    );
    const levels = W.map((row, r) =>
      row.map((x, c) => (change.round ?? Math.round)(x / scales[r][Math.floor(c / group)])),
    );
    return { levels, scales };
  };

/** Columns and rows exchanged. */
const flipped = (W: number[][]) => W[0].map((_, c) => W.map((row) => row[c]));

/** A divergence with another order, weight or temperature. */
const divergence =
  (change: {
    p?: (x: Matrix, T: number) => Matrix;
    factor?: (T: number) => number;
    swap?: boolean;
  }) =>
  (student: Matrix, teacher: Matrix, T: number): tf.Scalar =>
    tf.tidy(() => {
      const soft = (x: Matrix, t: number) => tf.logSoftmax(tf.div(x, t)) as Matrix;
      const p = (change.p ?? soft)(teacher, T);
      const q = soft(student, T);
      const [from, to] = change.swap ? [q, p] : [p, q];
      const kl = tf.mean(tf.sum(tf.mul(tf.exp(from), tf.sub(from, to)), -1));
      return tf.mul(kl, (change.factor ?? ((t) => t ** 2))(T)) as tf.Scalar;
    });

export const mutants: Mutants<typeof import("../../solutions/22-compression")> = {
  quantizeGroups: [
    {
      name: "the largest number in place of the farthest",
      told: /max \|x\|/,
      answer: grouped({ size: (own) => Math.max(...own) }),
    },
    {
      name: "rounds toward zero",
      told: /toward zero/,
      answer: grouped({ round: Math.trunc }),
    },
    {
      name: "one scale for a row",
      told: /whole row/,
      answer: (W, bits, group) => {
        const rows = right.quantizeGroups(W, bits, W[0].length);
        return {
          levels: rows.levels,
          scales: rows.scales.map(([s], r) => Array(W[r].length / group).fill(s)),
        };
      },
    },
    {
      name: "groups down the columns",
      told: /down the columns/,
      answer: (W, bits, group) => {
        const { levels, scales } = right.quantizeGroups(flipped(W), bits, group);
        return { levels: flipped(levels), scales };
      },
    },
    {
      name: "groups of every second column",
      told: /every second column/,
      answer: (W, bits, group) => {
        const n = W[0].length / group;
        const order = W[0].map((_, c) => (c % group) * n + Math.floor(c / group));
        const { levels, scales } = right.quantizeGroups(
          W.map((row) => order.map((c) => row[c])),
          bits,
          group,
        );
        return { levels: levels.map((row) => row.map((_, c) => row[order.indexOf(c)])), scales };
      },
    },
    {
      name: "halves away from zero",
      told: /halfway between two levels/,
      answer: grouped({ round: (x) => Math.sign(x) * Math.round(Math.abs(x)) }),
    },
    {
      name: "one level too many",
      told: /2\^\(bits − 1\) − 1/,
      answer: grouped({ most: (bits) => 2 ** (bits - 1) }),
    },
  ],
  affineLevels: [
    {
      name: "zero is not rounded",
      told: /whole numbers/,
      answer: (x, bits) => {
        const most = 2 ** bits - 1;
        const [min, max] = [Math.min(0, ...x), Math.max(0, ...x)];
        const scale = (max - min) / most || 1;
        const zero = -min / scale;
        return { levels: x.map((v) => Math.round(v / scale + zero)), scale, zero };
      },
    },
    {
      name: "levels are not limited",
      told: /does not exist/,
      answer: (x, bits) => {
        const { scale, zero } = right.affineLevels(x, bits);
        return { levels: x.map((v) => Math.round(v / scale) + zero), scale, zero };
      },
    },
    {
      name: "a range without zero",
      told: /range has to hold 0/,
      answer: (x, bits) => {
        const most = 2 ** bits - 1;
        const [min, max] = [Math.min(...x), Math.max(...x)];
        const scale = (max - min) / most || 1;
        const zero = Math.round(-min / scale);
        const level = (v: number) => Math.min(most, Math.max(0, Math.round(v / scale) + zero));
        return { levels: x.map(level), scale, zero };
      },
    },
    {
      name: "rounded once",
      told: /Round twice/,
      answer: (x, bits) => {
        const { scale, zero } = right.affineLevels(x, bits);
        const min = Math.min(0, ...x);
        const level = (v: number) => Math.round((v - min) / scale);
        return {
          levels: x.map((v) => Math.min(2 ** bits - 1, Math.max(0, level(v)))),
          scale,
          zero,
        };
      },
    },
    {
      name: "numbers in place of levels",
      told: /not their levels/,
      answer: (x, bits) => {
        const { levels, scale, zero } = right.affineLevels(x, bits);
        return { levels: levels.map((level) => (level - zero) * scale), scale, zero };
      },
    },
    {
      name: "a step too small",
      told: /one step fewer/,
      answer: (x, bits) => {
        const [min, max] = [Math.min(0, ...x), Math.max(0, ...x)];
        const scale = (max - min) / 2 ** bits || 1;
        const zero = Math.round(-min / scale);
        const level = (v: number) => Math.min(2 ** bits - 1, Math.round(v / scale) + zero);
        return { levels: x.map(level), scale, zero };
      },
    },
  ],
  spreadError: [
    {
      name: "to columns that are rounded already",
      told: /before i as well/,
      answer: (row, i, rounded, U) => {
        const error = (row[i] - rounded) / U[i][i];
        return row.map((w, j) => {
          if (j === i) return rounded;
          return w - error * (j < i ? U[j][i] : U[i][j]);
        });
      },
    },
    {
      name: "not divided by the diagonal",
      told: /not divided by U/,
      answer: (row, i, rounded, U) =>
        row.map((w, j) => {
          if (j === i) return rounded;
          return j > i ? w - (row[i] - rounded) * U[i][j] : w;
        }),
    },
    {
      name: "the sign of the error",
      told: /sign of the error/,
      answer: (row, i, rounded, U) => {
        const error = (rounded - row[i]) / U[i][i];
        return row.map((w, j) => {
          if (j === i) return rounded;
          return j > i ? w - error * U[i][j] : w;
        });
      },
    },
    {
      name: "nothing is made up for",
      told: /No column has taken up/,
      answer: (row, i, rounded) => row.map((w, j) => (j === i ? rounded : w)),
    },
  ],
  nmMask: [
    {
      name: "the largest numbers",
      told: /farthest from zero: −5/,
      answer: (W, keep, of) =>
        W.map((row) =>
          row.map((w, c) => {
            const start = c - (c % of);
            const better = row.slice(start, start + of).filter((v) => v > w);
            return better.length < keep ? 1 : 0;
          }),
        ),
    },
    {
      name: "the largest of the whole row",
      told: /half of each row/,
      answer: (W, keep, of) => {
        const C = W[0].length;
        return right.nmMask(W, (C / of) * keep, C);
      },
    },
    {
      name: "groups down the columns",
      told: /down the columns/,
      answer: (W, keep, of) =>
        W.length % of === 0
          ? flipped(right.nmMask(flipped(W), keep, of))
          : right.nmMask(W, keep, of),
    },
    {
      name: "the left of equal ones",
      told: /further right stay/,
      answer: (W, keep, of) =>
        right
          .nmMask(
            W.map((row) => [...row].reverse()),
            keep,
            of,
          )
          .map((row) => row.reverse()),
    },
    {
      name: "all of equal ones",
      told: /all three have stayed/,
      answer: (W, keep, of) =>
        W.map((row) =>
          row.map((x, c) => {
            const own = row.slice(c - (c % of), c - (c % of) + of);
            return own.filter((y) => Math.abs(y) > Math.abs(x)).length < keep ? 1 : 0;
          }),
        ),
    },
    {
      name: "sizes sorted as texts",
      told: /sorted as texts/,
      answer: (W, keep, of) =>
        W.map((row) =>
          row.map((x, c) => {
            const own = row.slice(c - (c % of), c - (c % of) + of).map((y) => String(Math.abs(y)));
            const me = String(Math.abs(x));
            const later = own.filter((y, k) => y > me || (y === me && k > c % of));
            return later.length < keep ? 1 : 0;
          }),
        ),
    },
    {
      name: "how many go in place of how many stay",
      told: /how many stay, not how many go/,
      answer: (W, keep, of) => right.nmMask(W, of - keep, of),
    },
    {
      name: "the mask turned round",
      told: /1 stands where a weight stays/,
      answer: (W, keep, of) => right.nmMask(W, keep, of).map((row) => row.map((x) => 1 - x)),
    },
  ],
  maskedStep: [
    {
      name: "the mask is not kept",
      told: /mask was not kept/,
      answer: (weights, gradient, velocity, mask, options) =>
        right.maskedStep(
          weights,
          gradient,
          velocity,
          mask.map(() => 1),
          options,
        ),
    },
    {
      name: "only the gradient is masked",
      told: /Only the gradient/,
      answer: (weights, gradient, velocity, mask, { lr, momentum }) => {
        const moved = velocity.map((v, i) => momentum * v + gradient[i] * mask[i]);
        return { weights: weights.map((w, i) => w - lr * moved[i]), velocity: moved };
      },
    },
    {
      name: "the velocity goes on",
      told: /velocity of the pruned weight/,
      answer: (weights, gradient, velocity, mask, { lr, momentum }) => {
        const moved = velocity.map((v, i) => momentum * v + gradient[i]);
        return { weights: weights.map((w, i) => (w - lr * moved[i]) * mask[i]), velocity: moved };
      },
    },
    {
      name: "the learning rate in the velocity",
      told: /learning rate is in the velocity/,
      answer: (weights, gradient, velocity, mask, { lr, momentum }) => {
        const moved = velocity.map((v, i) => (momentum * v + lr * gradient[i]) * mask[i]);
        return { weights: weights.map((w, i) => (w - moved[i]) * mask[i]), velocity: moved };
      },
    },
    {
      name: "the velocity points downhill",
      told: /another way to write momentum/,
      answer: (weights, gradient, velocity, mask, { lr, momentum }) => {
        const moved = velocity.map((v, i) => (momentum * v - lr * gradient[i]) * mask[i]);
        return { weights: weights.map((w, i) => (w + moved[i]) * mask[i]), velocity: moved };
      },
    },
    {
      name: "old numbers stay",
      told: /kept the number/,
      answer: (weights, gradient, velocity, mask, { lr, momentum }) => {
        const moved = velocity.map((v, i) => (momentum * v + gradient[i]) * mask[i]);
        return { weights: weights.map((w, i) => w - lr * moved[i]), velocity: moved };
      },
    },
  ],
  softTargetLoss: [
    {
      name: "the temperature is not squared",
      told: /T squared/,
      answer: divergence({ factor: (T) => T }),
    },
    { name: "no factor", told: /T² is missing/, answer: divergence({ factor: () => 1 }) },
    { name: "the wrong way round", told: /wrong way round/, answer: divergence({ swap: true }) },
    {
      name: "logarithms divided by T",
      told: /after the softmax/,
      answer: (student, teacher, T) =>
        tf.tidy(() => {
          const soft = (x: Matrix) => tf.div(tf.logSoftmax(x), T) as Matrix;
          const [p, q] = [soft(teacher), soft(student)];
          const kl = tf.mean(tf.sum(tf.mul(tf.exp(p), tf.sub(p, q)), -1));
          return tf.mul(kl, T ** 2) as tf.Scalar;
        }),
    },
    {
      name: "only the student is softened",
      told: /Only the student/,
      answer: divergence({ p: (x) => tf.logSoftmax(x) as Matrix }),
    },
  ],
};
