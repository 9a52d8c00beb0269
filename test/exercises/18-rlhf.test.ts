// Lesson 18 (RLHF): judges the learner, the solutions and the mutants.

import {
  type Draw,
  expectClose,
  expectFinite,
  expectShape,
  expectTrue,
  lesson,
} from "llm/course/kit";
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
          [
            c.reduce((sum, x, i) => sum + logistic(x) + logistic(-r[i]), 0) / c.length,
            "Each reward is judged by itself: only the difference within a pair counts.",
          ],
          [
            -mean((x) => logistic(-x)),
            "This is −softplus(chosen − rejected): the minus belongs inside, −ln σ(x) = softplus(−x).",
          ],
          [
            logistic(mean((x) => x)),
            "The mean of the differences is taken first: each pair has a loss of its own, and the " +
              "mean is taken of these.",
          ],
          [
            mean((x) => (x <= 0 ? 1 : 0)),
            "This counts the pairs in the wrong order. A count has no gradient to learn from.",
          ],
          [
            mean((x) => Math.max(0, 1 - x)),
            "This is the hinge loss, max(0, 1 − difference): here it is −ln σ(difference).",
          ],
        ],
        message:
          "The loss is the mean of −ln σ(chosen − rejected) = ln(1 + e^(rejected − chosen)).",
      });
      expectFinite(
        preferenceLoss(vector([-200]), vector([200])),
        "σ(−400) is 0 in float32, and its logarithm is −Infinity: use `tf.softplus`, which has no σ " +
          "in it.",
        "the loss of a pair whose rewards are far apart",
      );
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
            sums(
              (b, t) => answer[b][t] === 1,
              (b, t) => logProb(b, t + 1, ids[b][t]),
            ),
            "The shift goes the wrong way: the id at place t + 1 is predicted at place t, before it.",
          ],
          [
            sums(own, (b, t) => Math.exp(logProb(b, t, ids[b][t + 1]))),
            "These are sums of probabilities: add up their logarithms.",
          ],
          [
            sums(own).map((sum) => -sum),
            "The sign is that of a loss: a log-probability is 0 or less.",
          ],
          [
            sums((b, t) => own(b, t) && t + 1 < ends[b]),
            "The last id of each answer is left out. It is often the end of the text, which the " +
              "policy chose as well.",
          ],
          [
            sums((b, t) => own(b, t) && ids[b][t + 1] !== 0),
            "Id 0 is taken for padding. It can be an id of the answer, too: only `answer` says what " +
              "counts.",
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
      expectFinite(
        answerLogProbs(
          tf.tensor3d([
            [
              [0, 200],
              [0, 0],
            ],
          ]),
          tf.tensor2d([[1, 0]], [1, 2], "int32"),
          tf.tensor2d([[0, 1]]),
        ),
        "The softmax of a small logit beside a large one is 0 in float32, and its logarithm is " +
          "−Infinity: use `tf.logSoftmax`, which never takes that logarithm.",
        "the log-probability of an id whose logit is 200 below another",
      );
    },
    {
      gradients: ["logits"],
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
      expectTrue(
        !Array.isArray(rewards) || rewards.length !== 4,
        "There is one number too many: the score is not a token of its own, but is added to the " +
          "reward of the last one.",
      );
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
          [
            at(last, [0, 0, penalty[0] + penalty[1] + penalty[2]]),
            "The whole penalty is at the last token: each token pays its own part.",
          ],
          [
            penalty.map((r) => r + 1),
            "The score is divided among the tokens: all of it is added to the last one.",
          ],
          [
            at(
              last,
              penalty.map((r) => -Math.abs(r)),
            ),
            "This takes the distance without its sign: a token that the reference likes better is " +
              "paid for, so that the mean over texts is the KL divergence.",
          ],
          [
            at(
              last,
              penalty.map((r) => Math.min(0, r)),
            ),
            "The differences below 0 are cut off: they belong to the KL divergence, too.",
          ],
          [
            at(
              last,
              penalty.map((r, t) => r * Math.exp(given.logProbs[t])),
            ),
            "Each difference is weighted with the token's probability. Drawing the token has done " +
              "that already.",
          ],
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
      const carried = [0, 0, 0, 0];
      for (let t = 0; t < 4; t++)
        carried[t] =
          rewards[t] +
          gamma * (values[t - 1] ?? 0) -
          values[t] +
          gamma * lambda * (carried[t - 1] ?? 0);
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
          [
            backwards((t) => rewards[t] + next(t) - values[t], gamma * lambda),
            "γ belongs to the next value too: δₜ = rₜ + γ V(t+1) − V(t).",
          ],
          [
            backwards(
              (t) => rewards[t] + gamma * (values[t + 1] ?? values[3]) - values[t],
              gamma * lambda,
            ),
            "Behind the last token the value is 0, because the text has ended: here it is V of the " +
              "last token.",
          ],
          [
            backwards((t) => rewards[t] + gamma * values[t] - next(t), gamma * lambda),
            "The two values have changed places: δₜ = rₜ + γ V(t+1) − V(t).",
          ],
          [
            right.advantages.map((a) => -a),
            "The sign is the wrong way round: what came out better than predicted is above 0.",
          ],
          [
            backwards((t) => (1 - lambda) * delta(t), gamma * lambda),
            "Leave out the factor 1 − λ: it belongs to another way of writing the same sum.",
          ],
          [carried, "Go backwards, from the last token to the first: V(t+1) comes before V(t)."],
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
          [
            rewards.map((_, t) => rewards.slice(t).reduce((a, b) => a + b, 0)),
            "These are sums of the rewards to the end: return(t) = A(t) + V(t), which is that sum " +
              "only where γ and λ are 1.",
          ],
          [
            right.advantages.map((a, t) => a + rewards[t]),
            "The reward is added in place of the value: return(t) = A(t) + V(t).",
          ],
          [
            right.advantages.map((a, t) => a - values[t]),
            "The value is subtracted: return(t) = A(t) + V(t).",
          ],
          [
            right.advantages.map((a, t) => a + next(t)),
            "The next place's value is added: return(t) = A(t) + V(t), both of place t.",
          ],
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
      expectTrue(
        Array.isArray(answer) && answer.length === rows.length,
        "One row must come back for each answer.",
      );
      expectClose(sizes(answer), sizes(rows), {
        what: "the lengths of the rows",
        message: "Each row must keep its length.",
      });
      expectFinite(answer.flat(), undefined, "the advantages");
      const all = rows.flat();
      const mean = all.reduce((a, b) => a + b, 0) / 6;
      const deviation = Math.sqrt(all.reduce((sum, a) => sum + (a - mean) ** 2, 0) / 5 + 1e-8);
      const ofMeans = (7 / 3 - 3 + 3.75) / 3;
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
          [all.map((a) => a / deviation), "The mean is not subtracted: afterwards it has to be 0."],
          [
            all.map((a) => (a - mean) / deviation ** 2),
            "This divides by the variance: divide by its root, the standard deviation.",
          ],
          [
            all.map(
              (a) => (a - ofMeans) / Math.hypot(deviation, (mean - ofMeans) * Math.sqrt(1.2)),
            ),
            "The mean is that of the rows' means: every number counts the same, however long its row.",
          ],
          [
            all.map((a) => (a - Math.min(...all)) / (Math.max(...all) - Math.min(...all))),
            "This brings them between 0 and 1: the mean has to be 0, and the deviation 1.",
          ],
        ],
        message: "(a − mean) / √(variance + 1e-8), with mean and variance over all rows together.",
      });
      expectFinite(
        whiten([[2, 2], [2]]).flat(),
        "Where all advantages are equal the variance is 0: the 1e-8 below the root is there for it.",
        "whiten([[2, 2], [2]])",
      );
      expectFinite(
        whiten([[5]]).flat(),
        "Of a single number n − 1 is 0, and the variance 0 / 0: divide by 1 there.",
        "whiten([[5]])",
      );
      expectClose(whiten([[1e-4], [-1e-4]]).flat(), reference.whiten([[1e-4], [-1e-4]]).flat(), {
        what: "very small advantages",
        mistakes: [
          [
            [Math.SQRT1_2, -Math.SQRT1_2],
            "The 1e-8 belongs below the root, added to the variance: √(variance + 1e-8).",
          ],
          [[0, 0], "Small advantages are thrown away: only where all are equal they become 0."],
        ],
        message: "(a − mean) / √(variance + 1e-8), with mean and variance over all rows together.",
      });
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
        [-2.5, -1.5, 4, 1],
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
          [
            total(least, mask, 1),
            "This is a sum: divide it by the number of tokens in the answers, Σ mask.",
          ],
          [
            total(least, [mask[0].map((m) => m / 3), mask[1].map((m) => m / 2)], 2),
            "This is the mean of the texts' means: every token counts the same, however long its " +
              "text.",
          ],
          [
            total((r, a) => Math.min(r, clamp(r)) * a),
            "The smaller ratio is taken, and then multiplied by A. Where A is below 0 that is the " +
              "larger product: multiply first, then take the minimum.",
          ],
          [
            total((r, a) => Math.min(r * a, clamp(r * a))),
            "The product is clipped: clip the ratio, and multiply it by A afterwards.",
          ],
          [
            total((r, a) => Math.min(r * a, Math.min(Math.max(r, clip.low), clip.high) * a)),
            "The limits are 1 − low and 1 + high: `low` and `high` are distances from 1.",
          ],
          [
            total((r, a) => Math.min(r * a, Math.min(Math.max(r, 0.8), 1.2) * a)),
            "The upper limit is 1 + high: `low` is used on both sides.",
          ],
          [
            total((r, a) => Math.min(r * a, Math.min(Math.max(r, 0.7), 1.2) * a)),
            "The two limits are exchanged: 1 − low is the lower one, 1 + high the upper one.",
          ],
          [
            -[0, 1, 2, 4, 5].reduce((sum, i) => {
              const [b, t] = [Math.floor(i / 4), i % 4];
              return sum + least(logProbs[b][t] / old[b][t], advantages[b][t]);
            }, 0) / 5,
            "This divides logarithms: the ratio of the probabilities is exp(logProbs − old).",
          ],
          [
            total((r, a) => {
              const log = Math.min(Math.max(Math.log(r), -clip.low), clip.high);
              return Math.min(r * a, Math.exp(log) * a);
            }),
            "The logarithm of the ratio is clipped: take `exp` first, then clip the ratio.",
          ],
        ],
        message: "−Σ min(ρ A, clip(ρ) A) · mask / Σ mask, with ρ = exp(logProbs − old).",
      });
    },
    {
      gradients: ["logProbs"], // old, advantages and mask are data of the rollout
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
