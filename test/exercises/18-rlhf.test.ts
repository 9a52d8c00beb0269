// Lesson 18 (RLHF): judges the learner, the solutions and the mutants.

import { type Draw, expectClose, expectFinite, expectShape, lesson } from "llm/course/kit";
import { tf } from "llm/engine";
import type * as answers from "../../solutions/18-rlhf";
import { mutants } from "../mutants/18-rlhf";

const vector = (values: number[]) => tf.tensor1d(values);

/** Rows with a prompt, an answer and padding; `spans` says where the answers are. */
function textsOf(
  d: Draw,
  {
    T = 7,
    V = 5,
    spans = [
      [2, 5],
      [1, 7],
      [4, 6],
    ],
    scale = 1,
  } = {},
): Parameters<typeof answers.answerLogProbs> {
  const rows = spans.map(([start, end]) =>
    Array.from({ length: T }, (_, t) => (t >= start && t < end ? 1 : 0)),
  );
  return [
    d.normal([spans.length, T, V], scale) as tf.Tensor3D,
    d.ids([spans.length, T], V) as tf.Tensor2D,
    tf.tensor2d(rows),
  ];
}

/** Log-probabilities of one answer under two models. */
const answerOf = (
  d: Draw,
  { T = d.integer(3, 6), beta = d.number(0.05, 0.5), score = d.number(-2, 2) } = {},
): Parameters<typeof answers.penalisedRewards> => {
  const logProbs = Array.from({ length: T }, () => d.number(-4, -0.1));
  return [score, { logProbs, reference: logProbs.map((p) => p + d.number(-1, 1)), beta }];
};

const estimateOf = (
  d: Draw,
  { T = d.integer(3, 6), gamma = 0.9, lambda = 0.7, rewards = d.list(T) } = {},
): Parameters<typeof answers.gae> => [rewards, d.list(T), { gamma, lambda }];

/** A batch for the clipped loss; ratios are about e^±spread. */
function batchOf(
  d: Draw,
  { B = 3, T = 5, spread = 0.3, low = 0.2, high = 0.2, kept = [5, 2, 1] } = {},
): Parameters<typeof answers.clippedLoss> {
  const old = Array.from({ length: B }, () => Array.from({ length: T }, () => d.number(-4, -0.5)));
  const logProbs = old.map((row) => row.map((p) => p + d.number(-spread, spread)));
  const mask = kept.map((n) => Array.from({ length: T }, (_, t) => (t < n ? 1 : 0)));
  return [
    tf.tensor2d(logProbs),
    tf.tensor2d(old),
    d.normal([B, T]) as tf.Tensor2D,
    tf.tensor2d(mask),
    { low, high },
  ];
}

lesson<typeof answers>("18-rlhf", mutants, (exercise) => {
  exercise(
    "preferenceLoss",
    (preferenceLoss, { reference }) => {
      const [c, r] = [
        [2, 0, -1.5],
        [0, 0.5, 1],
      ];
      const loss = preferenceLoss(vector(c), vector(r));
      expectShape(loss, []);
      expectFinite(loss);
      const mean = (f: (x: number) => number) =>
        c.reduce((sum, x, i) => sum + f(x - r[i]), 0) / c.length;
      const logistic = (x: number) => Math.log1p(Math.exp(-x));
      expectClose(loss, reference.preferenceLoss(vector(c), vector(r)), {
        what: "the loss of three pairs",
        mistakes: [
          [
            mean((x) => logistic(-x)),
            "The difference is the wrong way round: this loss falls as the rejected text gains.",
          ],
          [
            mean((x) => -1 / (1 + Math.exp(-x))),
            "This is the mean of −σ, without its logarithm: the loss is −ln σ.",
          ],
          [3 * mean(logistic), "This is a sum over the pairs: it has to be their mean."],
          [-mean(logistic), "The minus in front is missing: a loss is −ln of a probability."],
        ],
        message:
          "The loss is the mean of −ln σ(chosen − rejected) = ln(1 + e^(rejected − chosen)).",
      });
    },
    {
      cases: {
        "several pairs": (d) => {
          const [B] = d.sizes(1);
          return [d.normal([B]) as tf.Tensor1D, d.normal([B]) as tf.Tensor1D];
        },
        "one pair": (d) => [d.normal([1]) as tf.Tensor1D, d.normal([1]) as tf.Tensor1D],
        "rewards that are close": (d) => [
          vector([1 + d.number(0.01, 0.02), 1]),
          vector([1, 1 + d.number(0.01, 0.02)]),
        ],
        "rewards that are far apart": (d) => [
          d.normal([3], 200) as tf.Tensor1D,
          d.normal([3], 200) as tf.Tensor1D,
        ],
      },
    },
  );

  exercise(
    "answerLogProbs",
    (answerLogProbs, { reference }) => {
      const [B, T, V] = [2, 5, 3];
      const table = Array.from({ length: B }, (_, b) =>
        Array.from({ length: T }, (_, t) =>
          Array.from({ length: V }, (_, v) => Math.sin(1 + 7 * b + 3 * t + 2 * v) * 2),
        ),
      );
      const ids = [
        [1, 2, 0, 1, 0],
        [2, 0, 2, 2, 0],
      ];
      const answer = [
        [0, 0, 1, 1, 0],
        [0, 1, 1, 0, 0],
      ];
      const inputs = () =>
        [tf.tensor3d(table), tf.tensor2d(ids, [B, T], "int32"), tf.tensor2d(answer)] as Parameters<
          typeof answers.answerLogProbs
        >;
      const result = answerLogProbs(...inputs());
      expectShape(result, [B], "the log-probabilities of two answers");
      expectFinite(result);
      const logProb = (b: number, t: number, id: number) =>
        table[b][t][id] - Math.log(table[b][t].reduce((sum, z) => sum + Math.exp(z), 0));
      /** Σ over the places t of the logits that are kept. */
      const sums = (
        kept: (b: number, t: number) => boolean,
        of: (b: number, t: number) => number = (b, t) => logProb(b, t, ids[b][t + 1]),
        last = T - 1,
      ) =>
        ids.map((_, b) =>
          Array.from({ length: last }, (_, t) => t)
            .filter((t) => kept(b, t))
            .reduce((sum, t) => sum + of(b, t), 0),
        );
      const own = (b: number, t: number) => answer[b][t + 1] === 1;
      const ends = answer.map((row) => row.lastIndexOf(1));
      const starts = answer.map((row) => row.indexOf(1));
      expectClose(result, reference.answerLogProbs(...inputs()), {
        what: "the log-probabilities of two answers",
        mistakes: [
          [
            sums((b, t) => t + 1 <= ends[b]),
            "The prompt is counted: it was given to the model, and not chosen by it.",
          ],
          [
            sums(() => true),
            "Everything is counted: the mask is not used, so prompt and padding count too.",
          ],
          [
            sums((b, t) => t + 1 >= starts[b]),
            "The padding is counted: nobody wrote what comes after the answer.",
          ],
          [
            sums(
              (b, t) => answer[b][t] === 1,
              (b, t) => logProb(b, t, ids[b][t]),
              T,
            ),
            "The logits at place t say what comes at place t + 1: here each is asked for its own id.",
          ],
          [
            sums((b, t) => answer[b][t] === 1),
            "The mask has to move with the ids: it says which ids are the answer's, and the id at " +
              "place t + 1 is predicted at place t.",
          ],
          [
            sums(own).map((sum, b) => sum / (ends[b] - starts[b] + 1)),
            "This is the mean over the answer: the log-probability of a text is the sum.",
          ],
          [
            sums(own, (b, t) => table[b][t][ids[b][t + 1]]),
            "These are the logits themselves: take their log-softmax first.",
          ],
        ],
        message:
          "For each text: Σ over its answer's ids of the log-softmax at the place before the id.",
      });
    },
    {
      cases: {
        "several texts": (d) => textsOf(d),
        "one text that is all answer but for its first id": (d) => textsOf(d, { spans: [[1, 7]] }),
        "a text without an answer": (d) =>
          textsOf(d, {
            spans: [
              [2, 4],
              [0, 0],
            ],
          }),
        "two places": (d) => textsOf(d, { T: 2, spans: [[1, 2]] }),
        "many places and large logits": (d) =>
          textsOf(d, {
            T: 11,
            V: 13,
            spans: [
              [3, 9],
              [5, 6],
            ],
            scale: 30,
          }),
      },
    },
  );

  exercise(
    "penalisedRewards",
    (penalisedRewards, { reference }) => {
      const given = { logProbs: [-1, -2, -0.5], reference: [-1.5, -1, -0.9], beta: 0.2 };
      const rewards = penalisedRewards(3, { ...given });
      expectShape(rewards, [3], "the rewards of three tokens");
      expectFinite(rewards);
      const penalty = given.logProbs.map((p, t) => -0.2 * (p - given.reference[t]));
      const at = (place: (t: number) => boolean, kl = penalty) =>
        kl.map((r, t) => r + (place(t) ? 3 : 0));
      const last = (t: number) => t === 2;
      expectClose(rewards, reference.penalisedRewards(3, given), {
        what: "the rewards of three tokens",
        mistakes: [
          [
            at(
              last,
              penalty.map((r) => -r),
            ),
            "The penalty has the wrong sign: a token that the policy finds likelier than the " +
              "reference does must cost something. This pays the policy for moving away.",
          ],
          [
            at(() => true),
            "The score is added at every token: the text is judged once, at its end.",
          ],
          [
            at((t) => t === 0),
            "The score is added at the first token: it belongs to the last one.",
          ],
          [
            at(last, [penalty[0], penalty[1], 0]),
            "At the last token the score replaces the penalty: it is added to it.",
          ],
          [
            at(last, [0, 0, 0]),
            "There is no penalty at all, as if the reference were the policy's own copy that is " +
              "trained along: use `reference` and `beta`.",
          ],
          [at(() => false), "The score is missing: it is added at the last token."],
        ],
        message: "rₜ = −β (logProbs[t] − reference[t]), and the score is added to the last.",
      });
    },
    {
      cases: {
        "several tokens": (d) => answerOf(d),
        "one token": (d) => answerOf(d, { T: 1 }),
        "many tokens": (d) => answerOf(d, { T: 12 }),
        "no penalty": (d) => answerOf(d, { beta: 0 }),
        "a score of 0": (d) => answerOf(d, { score: 0 }),
      },
    },
  );

  exercise(
    "gae",
    (gae, { reference }) => {
      const [rewards, values] = [
        [0.5, -1, 2, 1],
        [0.3, 0.8, -0.4, 0.6],
      ];
      const [gamma, lambda] = [0.9, 0.7];
      const right = reference.gae(rewards, values, { gamma, lambda });
      const answer = gae([...rewards], [...values], { gamma, lambda });
      expectShape(answer.advantages, [4], "advantages");
      expectFinite(answer.advantages, undefined, "advantages");
      const next = (t: number) => values[t + 1] ?? 0;
      const backwards = (delta: (t: number) => number, rate: number) => {
        const all = [0, 0, 0, 0];
        for (let t = 3; t >= 0; t--) all[t] = delta(t) + rate * (all[t + 1] ?? 0);
        return all;
      };
      const delta = (t: number) => rewards[t] + gamma * next(t) - values[t];
      const forwards: number[] = [];
      for (let t = 0; t < 4; t++) forwards.push(delta(t) + gamma * lambda * (forwards[t - 1] ?? 0));
      expectClose(answer.advantages, right.advantages, {
        what: "four advantages",
        mistakes: [
          [
            backwards((t) => rewards[t] - values[t], gamma * lambda),
            "The next value is missing: δₜ = rₜ + γ V(t+1) − V(t).",
          ],
          [backwards(delta, gamma), "λ is left out: A(t) = δₜ + γ λ A(t+1)."],
          [backwards(delta, lambda), "γ belongs to the advantage that follows too: γ λ A(t+1)."],
          [[0, 1, 2, 3].map(delta), "This looks one step ahead only: γ λ A(t+1) is missing."],
          [forwards, "Go backwards, from the last token to the first: A(t) needs A(t+1)."],
        ],
        message: "A(t) = rₜ + γ V(t+1) − V(t) + γ λ A(t+1), with V and A 0 behind the last token.",
      });
      expectShape(answer.returns, [4], "returns");
      expectClose(answer.returns, right.returns, {
        what: "four returns",
        mistakes: [
          [right.advantages, "These are the advantages again: return(t) = A(t) + V(t)."],
          [rewards, "These are the rewards: return(t) = A(t) + V(t)."],
        ],
        message: "return(t) = A(t) + V(t).",
      });
    },
    {
      cases: {
        "several tokens": (d) => estimateOf(d),
        "one token": (d) => estimateOf(d, { T: 1 }),
        "a reward at the end alone": (d) => estimateOf(d, { T: 5, rewards: [0, 0, 0, 0, 1] }),
        "γ and λ of 1": (d) => estimateOf(d, { gamma: 1, lambda: 1 }),
        "λ of 0": (d) => estimateOf(d, { lambda: 0 }),
        "γ of 0": (d) => estimateOf(d, { gamma: 0 }),
        "many tokens": (d) => estimateOf(d, { T: 30, gamma: 1, lambda: 0.95 }),
      },
    },
  );

  exercise(
    "whiten",
    (whiten, { reference }) => {
      const rows = [[1, 4, 2], [-3], [0.5, 7]];
      const sizes = (result: number[][]) => result.map((row) => row.length);
      const answer = whiten(rows.map((row) => [...row]));
      expectClose(sizes(answer), sizes(rows), {
        what: "the lengths of the rows",
        message: "Each row must keep its length.",
      });
      expectFinite(answer.flat(), undefined, "the advantages");
      const all = rows.flat();
      const mean = all.reduce((a, b) => a + b, 0) / 6;
      const flat = (f: (row: number[]) => number[][]) => rows.flatMap((row) => f(row)[0]);
      const padded = reference.whiten(rows.map((row) => [...row, 0, 0].slice(0, 3)));
      const biased = reference.whiten(rows).flat();
      expectClose(answer.flat(), biased, {
        what: "the advantages, row after row",
        mistakes: [
          [all, "The advantages are as they were: subtract the mean, divide by the deviation."],
          [all.map((a) => a - mean), "The mean is subtracted, but they are not divided."],
          [
            flat((row) => reference.whiten([row])),
            "This normalises each answer by itself: mean and variance are over all of them.",
          ],
          [
            padded.flatMap((row, b) => row.slice(0, rows[b].length)),
            "The rows were filled up with zeros, and the zeros count in mean and variance.",
          ],
          [biased.map((a) => a * Math.sqrt(6 / 5)), "Divide the squares by n − 1, not by n."],
        ],
        message: "(a − mean) / √(variance + 1e-8), with mean and variance over all rows together.",
      });
      expectFinite(
        whiten([[2, 2], [2]]).flat(),
        "Where all advantages are equal the variance is 0: the 1e-8 below the root is there for it.",
        "whiten([[2, 2], [2]])",
      );
    },
    {
      cases: {
        "several rows": (d) => [[d.list(3), d.list(1), d.list(5)]],
        "one row": (d) => [[d.list(4)]],
        "rows that are all equal": () => [[[3, 3], [3]]],
        "one number": (d) => [[d.list(1)]],
        "large numbers": (d) => [[d.list(3, 1e4), d.list(2, 1e4)]],
        "small numbers": (d) => [[d.list(3, 1e-4), d.list(2, 1e-4)]],
      },
    },
  );

  exercise(
    "clippedLoss",
    (clippedLoss, { reference }) => {
      const ratios = [
        [1.5, 0.5, 1.1, 2],
        [0.6, 1.4, 0.3, 1.7],
      ];
      const advantages = [
        [2, 1, -1, 3],
        [-2, -1.5, 4, 1],
      ];
      const mask = [
        [1, 1, 1, 0],
        [1, 1, 0, 0],
      ];
      const old = [
        [-1, -2, -1.5, -3],
        [-0.7, -1.2, -2.5, -1],
      ];
      const logProbs = old.map((row, b) => row.map((p, t) => p + Math.log(ratios[b][t])));
      const clip = { low: 0.2, high: 0.3 };
      const inputs = () =>
        [
          ...[logProbs, old, advantages, mask].map((rows) => tf.tensor2d(rows)),
          { ...clip },
        ] as unknown as Parameters<typeof answers.clippedLoss>;
      const loss = clippedLoss(...inputs());
      expectShape(loss, []);
      expectFinite(loss);
      const clamp = (r: number) => Math.min(Math.max(r, 1 - clip.low), 1 + clip.high);
      const total = (gain: (r: number, a: number) => number, counted = mask, divisor = 5) =>
        -ratios
          .flatMap((row, b) => row.map((r, t) => gain(r, advantages[b][t]) * counted[b][t]))
          .reduce((x, y) => x + y, 0) / divisor;
      const least = (r: number, a: number) => Math.min(r * a, clamp(r) * a);
      expectClose(loss, reference.clippedLoss(...inputs()), {
        what: "the loss of five tokens",
        mistakes: [
          [
            total((r, a) => Math.max(r * a, clamp(r) * a)),
            "This takes the larger of the two: the objective is the smaller one, so that nothing is " +
              "gained beyond the limits.",
          ],
          [
            total((r, a) => clamp(r) * a),
            "This uses the clipped ratio alone: where the policy has moved the wrong way, the way " +
              "back is cut off. Take the minimum with ρ A.",
          ],
          [total((r, a) => r * a), "The ratio is never clipped."],
          [total((r, a) => least(1 / r, a)), "The ratio is upside down: ρ = exp(logProbs − old)."],
          [
            total(least, mask, 8),
            "The sum is divided by all places: divide by the number of tokens in the answers.",
          ],
          [
            total(
              least,
              [
                [1, 1, 1, 1],
                [1, 1, 1, 1],
              ],
              8,
            ),
            "The mask is not used: padding has no loss.",
          ],
          [-total(least), "The minus is missing: the trainer makes the loss smaller."],
        ],
        message: "−Σ min(ρ A, clip(ρ) A) · mask / Σ mask, with ρ = exp(logProbs − old).",
      });
    },
    {
      cases: {
        "a batch with padding": (d) => batchOf(d),
        "one text": (d) => batchOf(d, { B: 1, T: 3, kept: [3] }),
        "ratios far from 1": (d) => batchOf(d, { spread: 1.5 }),
        "ratios of 1": (d) => batchOf(d, { spread: 0 }),
        "a higher upper limit": (d) => batchOf(d, { spread: 0.6, high: 0.5 }),
        "one token": (d) => batchOf(d, { B: 1, T: 1, kept: [1] }),
      },
    },
  );
});
