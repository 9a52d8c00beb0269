// Lesson 06 (attention): judges the learner, the solutions and the mutants.

import {
  type Draw,
  expectClose,
  expectFinite,
  expectShape,
  expectTrue,
  fail,
  lesson,
} from "llm/course/kit";
import { tf } from "llm/engine";
import { Random, randomNormal } from "llm/random";
import type * as answers from "../../solutions/06-attention";
import { mutants } from "../mutants/06-attention";

const normal = (shape: number[], seed: number) => randomNormal(shape, { rng: new Random(seed) });
type Rows = { T?: number; S?: number; D?: number; W?: number; scale?: number };
/** T queries and S keys of D numbers, S values of W numbers. */
function rowsOf(
  d: Draw,
  { T = 5, S = 6, D = 7, W = d.pick([3, 9]), scale = 1 }: Rows = {},
): [number[][], number[][], number[][]] {
  return [d.table(T, D, scale), d.table(S, D), d.table(S, W)];
}

/** Queries and keys with the same axes in front. */
function pair(d: Draw, front: number[], { T = 0, D = 0, scale = 1 } = {}): [tf.Tensor, tf.Tensor] {
  const [t, S, width] = d.sizes(3, 11);
  return [d.normal([...front, T || t, D || width], scale), d.normal([...front, S, D || width])];
}

/** Scores whose rows lie hundreds apart, so that one maximum for all leaves nothing of most. */
const far = (d: Draw, shape: number[]) =>
  tf.tidy(() => {
    const rows = shape.slice(0, -1).map((n, i) => (i === shape.length - 2 ? n : 1));
    const at = tf.linspace(-1000, 1000, rows[rows.length - 1]).reshape([...rows, 1]);
    return d.normal(shape).add(at) as tf.Tensor;
  });

/** A mask in which every query may see one key at least. */
const seen = (d: Draw, shape: number[]) =>
  tf.tidy(() => {
    const S = shape[shape.length - 1];
    const one = tf.oneHot(d.ids(shape.slice(0, -1), S), S);
    return tf.logicalOr(d.mask(shape, 0.5), tf.cast(one, "bool"));
  });

/** Every mask that broadcasts to (B, H, T, S). */
function maskCases<A>(
  call: (d: Draw, sizes: number[], mask: tf.Tensor) => A,
): Record<string, (d: Draw) => A> {
  const kinds: Record<string, (B: number, H: number, T: number, S: number) => number[]> = {
    "a mask (T, S)": (_B, _H, T, S) => [T, S],
    "a mask (1, 1, T, S)": (_B, _H, T, S) => [1, 1, T, S],
    "a mask (B, 1, T, S), one for each sentence": (B, _H, T, S) => [B, 1, T, S],
    "a mask (B, 1, 1, S), for padding": (B, _H, _T, S) => [B, 1, 1, S],
    "a mask (1, H, T, S), one for each head": (_B, H, T, S) => [1, H, T, S],
    "a mask (H, T, S), one for each head": (_B, H, T, S) => [H, T, S],
    "a mask (B, H, T, S)": (B, H, T, S) => [B, H, T, S],
  };
  const cases = Object.entries(kinds).map(([kind, shape]) => [
    kind,
    (d: Draw) => {
      const [T, S] = d.sizes(2, 7);
      const [B, H] = [d.integer(2, 4), d.pick([3, 5])];
      return call(d, [B, H, T, S], seen(d, shape(B, H, T, S)));
    },
  ]);
  const causal = (d: Draw) => {
    const T = d.pick([5, 6, 7]);
    const mask = tf.cast(tf.linalg.bandPart(tf.ones([T, T]), -1, 0), "bool") as tf.Tensor;
    return call(d, [2, 3, T, T], mask);
  };
  const hidden = (d: Draw) => {
    const [B, H, T, S] = [2, 3, 6, 5];
    // Every query of the second sentence, and some of the first, may see nothing.
    return call(
      d,
      [B, H, T, S],
      tf.tidy(() =>
        tf.logicalAnd(
          tf.tensor([1, 0], [2, 1, 1, 1], "bool"),
          tf.logicalAnd(d.mask([1, 1, T, 1], 0.5), d.mask([B, 1, T, S])),
        ),
      ),
    );
  };
  return {
    ...(Object.fromEntries(cases) as Record<string, (d: Draw) => A>),
    "a causal mask": causal,
    "rows with nothing to see": hidden,
  };
}

/** A tensor (B, T, C) and a number of heads that divides C. */
function channels(
  d: Draw,
  { B = d.integer(2, 4), T = d.pick([5, 6, 7]), H = d.pick([3, 5]), D = d.pick([2, 7, 9]) } = {},
): [tf.Tensor, number] {
  return [d.normal([B, T, H * D]), H];
}

/** Queries, keys and values for some heads, without a mask. */
function heads(
  d: Draw,
  {
    B = d.integer(2, 4),
    T = d.pick([5, 6, 7]),
    S = d.pick([3, 9, 10]),
    H = d.pick([2, 3, 5]),
    D = d.pick([3, 7]),
    scale = 1,
  } = {},
): [tf.Tensor, tf.Tensor, tf.Tensor, { nHead: number; mask?: tf.Tensor }] {
  const C = H * D;
  return [d.normal([B, T, C], scale), d.normal([B, S, C]), d.normal([B, S, C]), { nHead: H }];
}

lesson<typeof answers>("06-attention", mutants, (exercise) => {
  exercise(
    "attentionByLoops",
    (attentionByLoops, { reference }) => {
      const q = [
        [1, 0, 1],
        [0, 2, 1],
      ];
      const k = [
        [1, 1, 0],
        [0, 1, 1],
        [2, 0, 0],
        [0.5, -1, 1],
      ];
      const v = [
        [10, 0, 1],
        [0, 20, 1],
        [30, 0, 1],
        [0, 40, 1],
      ];
      const dot = (a: number[], b: number[]) => a.reduce((sum, x, d) => sum + x * b[d], 0);
      const scores = q.map((query) => k.map((key) => dot(query, key)));
      const average = (weights: number[][], of: number[][]) =>
        weights.map((row) => of[0].map((_, c) => row.reduce((sum, w, j) => sum + w * of[j][c], 0)));
      const total = (row: number[]) => row.reduce((a, b) => a + b, 0);
      const exps = scores.map((row) => row.map(Math.exp));
      const { weights, output } = attentionByLoops(q, k, v);
      expectFinite(weights, undefined, "weights");
      const expected = reference.attentionByLoops(q, k, v);
      expectClose(weights, expected.weights, {
        what: "weights",
        mistakes: [
          [
            exps.map((row) => row.map((e, j) => e / (exps[0][j] + exps[1][j]))),
            "The columns of weights sum to 1, not the rows: the softmax of a query goes over its " +
              "keys, that is along its own row of scores.",
          ],
          [
            scores.map((row) => row.map((x) => x / total(row))),
            "The scores were divided by their sum. A score may be negative or 0, so take Math.exp " +
              "of each one first: that is the softmax.",
          ],
          [
            reference.attentionByLoops(
              q.map((row) => row.map((x) => x / Math.sqrt(3))),
              k,
              v,
            ).weights,
            "The scores are not scaled yet in this exercise: 1/√D comes in the next one.",
          ],
          [
            scores.map((row, i) => {
              const cosines = row.map((x, j) => x / Math.hypot(...q[i]) / Math.hypot(...k[j]));
              const shares = cosines.map(Math.exp);
              return shares.map((e) => e / total(shares));
            }),
            "The dot products were divided by the lengths of the two vectors, which makes them " +
              "cosines. The score is the plain dot product.",
          ],
          [scores, "These are the scores themselves: the softmax over each row is missing."],
          [exps, "Each e^score still has to be divided by the sum of its row."],
          [
            scores.map((row) => row.map((x) => (x === Math.max(...row) ? 1 : 0))),
            "The largest score gets everything: that is a maximum. A softmax gives every key a share.",
          ],
        ],
        message: "Each weight is e^score / Σ e^score over the keys of its query.",
      });
      const means = weights.map(() => v[0].map((_, c) => total(v.map((row) => row[c])) / v.length));
      expectClose(output, expected.output, {
        what: "output",
        mistakes: [
          [
            average(expected.weights, k),
            "This is the average of the keys. Keys are only compared with; what is averaged are the " +
              "values.",
          ],
          [
            means,
            "This is the plain average of the values: each has to be multiplied by its weight.",
          ],
          [
            means.map((row) => row.map((x) => x * v.length)),
            "This is the plain sum of the values: each has to be multiplied by its weight.",
          ],
        ],
        message:
          "The output of a query is the weighted average of the values: Σ_j weight[j] · values[j], " +
          "column by column.",
      });
      const two = [
        [0, 5],
        [0, 7],
      ];
      const narrow = attentionByLoops([[1, 0]], two, [[10], [20]]);
      expectTrue(
        narrow.output[0]?.length === 1,
        "Values may be wider or narrower than keys: the output is as wide as a value. In the example " +
          `a value has 1 number, and the output has ${narrow.output[0]?.length}.`,
      );
      expectClose(narrow.output, [[15]], { what: "output of the example" });
      const large = attentionByLoops([[100]], [[8], [7]], [[1], [2]]);
      expectFinite(
        large.weights,
        "A score of 800 overflows: e^800 is Infinity, and Infinity / Infinity is NaN. Subtract the " +
          "largest score from all scores of the query first.",
        "weights for scores 800 and 700",
      );
      const apart = attentionByLoops([[1], [1000], [-1000]], [[8], [7]], [[1], [2]]);
      expectFinite(
        apart.weights,
        "Subtract the largest score of the *same* query, whatever its sign: with the largest of " +
          "another query, or with 0, every e^… may become 0, and 0 / 0 is NaN.",
        "weights for the queries 1, 1000 and -1000",
      );
    },
    {
      cases: {
        "one query and one key": (d) => rowsOf(d, { T: 1, S: 1 }),
        "one query": (d) => rowsOf(d, { T: 1 }),
        "more queries than keys": (d) => rowsOf(d, { T: 7, S: 3 }),
        "more keys than queries": (d) => rowsOf(d, { T: 3, S: 9 }),
        "values of one number": (d) => rowsOf(d, { W: 1 }),
        "values wider than keys": (d) => rowsOf(d, { D: 3, W: 11 }),
        "keys of one number": (d) => rowsOf(d, { D: 1 }),
        "queries of zeros": (d) => rowsOf(d, { scale: 0 }),
        "scores of hundreds, negative ones too": (d) => rowsOf(d, { scale: 100 }),
        "queries of different sizes": (d) => {
          const [q, k, v] = rowsOf(d, { T: 6 });
          return [q.map((row, i) => row.map((x) => x * 10 ** (i - 2))), k, v];
        },
      },
    },
  );

  exercise(
    "scaledScores",
    (scaledScores, { reference }) => {
      const [q, k] = [normal([5, 5], 1), normal([5, 5], 2)];
      // As many queries and keys as numbers in each, so that a matrix product fits whatever is
      // turned.
      const plain = tf.matMul(q, k, false, true);
      expectClose(scaledScores(q, k), reference.scaledScores(q, k), {
        what: "scaledScores of q (5, 5) and k (5, 5)",
        mistakes: [
          [
            tf.div(tf.matMul(q, k), Math.sqrt(5)),
            "This is q · k, where rows of q meet columns of k. Each query must meet each key, that is " +
              "rows of k: k has to be transposed (tf.matMul(q, k, false, true)).",
          ],
          [
            tf.div(tf.matMul(q, k, true, false), Math.sqrt(5)),
            "This is qᵀ · k, where columns meet columns: k has to be transposed, not q.",
          ],
          [
            reference.scaledScores(k, q),
            "The scores are transposed: there should be one row for each query, one column for each key.",
          ],
          [plain, "The dot products are not divided by √D (here √5)."],
          [
            tf.div(plain, 5),
            "Divided by D. It is the square root of D: the variance of a dot product grows with D, " +
              "its size with √D.",
          ],
          [tf.mul(plain, Math.sqrt(5)), "Multiplied by √D: divide by it."],
          [
            tf.softmax(tf.div(plain, Math.sqrt(5))),
            "These are weights already. Scores only here: the softmax is the work of maskedSoftmax.",
          ],
        ],
      });
      const [long, short] = [normal([2, 3, 6, 16], 1), normal([2, 3, 9, 16], 2)];
      const what = "the scores of q (2, 3, 6, 16) and k (2, 3, 9, 16)";
      let deep: tf.Tensor;
      try {
        deep = scaledScores(long, short);
      } catch (error) {
        const said = error instanceof Error ? error.message : String(error);
        if (!/broadcast|[Ss]hape|inner/.test(said)) throw error;
        fail(
          "It works for matrices, and not for q (2, 3, 6, 16) and k (2, 3, 9, 16): tf.transpose(k) " +
            "alone turns *all* axes round, and only the last two should change places. " +
            `tf.matMul(q, k, false, true) does that.\nIt stopped with: ${said}`,
        );
      }
      const dots = tf.matMul(long, short, false, true);
      expectClose(deep, tf.div(dots, 4), {
        what,
        mistakes: [
          [
            tf.div(dots, 3),
            "Divided by √S, with S the number of keys. D is the *width* of a key, the last number of " +
              "q's shape: that is what a dot product sums over.",
          ],
          [
            tf.div(dots, Math.sqrt(6)),
            "Divided by √T, with T the number of queries. D is the *width* of a query, the last number " +
              "of q's shape: that is what a dot product sums over.",
          ],
        ],
        message: "D is the last number of q's shape, however many axes stand in front.",
      });
    },
    {
      cases: {
        matrices: (d) => pair(d, []),
        "one query": (d) => pair(d, [], { T: 1 }),
        "a batch": (d) => pair(d, [d.integer(2, 5)]),
        "a batch of heads": (d) => pair(d, [d.integer(2, 3), d.integer(4, 5)]),
        "three axes in front": (d) => pair(d, [2, 3, 2]),
        "a width of 1": (d) => pair(d, [3], { D: 1 }),
        "queries of zeros": (d) => pair(d, [2], { scale: 0 }),
        "large queries": (d) => pair(d, [2, 3], { scale: 1000 }),
        variables: (d) => {
          const [q, k] = pair(d, [2]);
          return [d.variable(q), d.variable(k)];
        },
      },
    },
  );

  exercise(
    "causalMask",
    (causalMask, { reference }) => {
      const mask = causalMask(4);
      expectShape(mask, [4, 4], "causalMask(4)");
      const table = mask.arraySync();
      if (table.flat().some((x) => Number(x) !== 0 && Number(x) !== 1))
        fail(
          "The mask should say true and false (1 and 0), not numbers to add: minus infinity comes in " +
            "later, in maskedSoftmax.",
        );
      const see = (allowed: (i: number, j: number) => boolean) =>
        table.map((row, i) => row.map((_, j) => Number(allowed(i, j))));
      expectClose(mask, reference.causalMask(4), {
        what: "causalMask(4)",
        mistakes: [
          [
            see((i, j) => j >= i),
            "query 0 still attends to key 3, and query 3 not to key 0: is the triangle the right way up?",
          ],
          [see((i, j) => j > i), "True and false are the other way round: true where j ≤ i."],
          [
            see((i, j) => j < i),
            "A position may look at itself: j ≤ i, not j < i (query 0 would have nothing to look at).",
          ],
          [see(() => true), "query 0 still attends to key 3: there is no triangle at all."],
          [
            see((i, j) => j <= i + 1),
            "query 0 still attends to key 1: the triangle begins one too late.",
          ],
          [
            see((i, j) => i === j),
            "A position may look at everything before it, not only at itself.",
          ],
        ],
        message: ({ index: [i, j], actual }) =>
          Number(actual) === 1
            ? `query ${i} still attends to key ${j}, which comes after it in the text.`
            : `query ${i} does not see key ${j}: a position may look at itself and everything before it.`,
      });
      expectTrue(
        mask.dtype === "bool",
        `The mask has dtype ${mask.dtype}, expected bool (tf.cast(…, "bool"), or a comparison such as ` +
          "tf.lessEqual).",
      );
    },
    {
      cases: {
        "a single position": () => [1],
        "a few positions": (d) => [d.integer(2, 9)],
        "many positions": (d) => [d.integer(33, 70)],
        "more than 255 positions": () => [259],
      },
    },
  );

  exercise(
    "maskedSoftmax",
    (maskedSoftmax, { reference }) => {
      const scores = tf.tensor2d([
        [1, 2, 3],
        [4, 0, 1],
        [0.5, -1, -2],
      ]);
      const mask = tf.tensor2d(
        [
          [1, 0, 0],
          [1, 1, 0],
          [1, 0, 1],
        ],
        undefined,
        "bool",
      );
      const shown = tf.cast(mask, "float32");
      const columns = tf.transpose(
        tf.mul(tf.softmax(tf.transpose(tf.where(mask, scores, -1e9))), tf.transpose(shown)),
      );
      const weights = maskedSoftmax(scores, mask);
      expectFinite(weights, undefined, "the weights");
      expectClose(weights, reference.maskedSoftmax(scores, mask), {
        what: "the weights",
        mistakes: [
          [
            reference.maskedSoftmax(scores, tf.logicalNot(mask)),
            "It is the other way round: true in the mask means that the query *may* see the key; the " +
              "others are hidden.",
          ],
          [
            tf.mul(tf.softmax(scores), shown),
            "The rows do not add up to 1: the mask came after the softmax, so the hidden keys had " +
              "already taken their share. Hide their scores before it.",
          ],
          [
            tf.softmax(tf.mul(scores, shown)),
            "query 0 still attends to key 1: a score of 0 is not a weight of 0, because e⁰ is 1. A " +
              "hidden score has to be hugely negative.",
          ],
          [
            columns,
            "The columns sum to 1, not the rows: the softmax of a query goes over its keys, the last " +
              "axis.",
          ],
          [
            tf.softmax(tf.where(mask, scores, -10)),
            "The score put in place of a hidden one, −10, is not negative enough; −1e9 gives exactly 0.",
          ],
          [tf.softmax(scores), "query 0 still attends to key 1: is the mask used?"],
        ],
        message: ({ index: [i, j], actual, expected }) =>
          expected === 0 && actual > 0
            ? `query ${i} still attends to key ${j}, which the mask hides.`
            : "The keys that may be seen share a weight of exactly 1.",
      });
      const alone = tf.tensor2d([[1, 0]], undefined, "bool");
      expectClose(maskedSoftmax(tf.tensor2d([[-2000, 0]]), alone), [[1, 0]], {
        what: "the weights of scores [-2000, 0] with only key 0 visible",
        message: ({ actual }) =>
          Number.isNaN(actual)
            ? "This is 0/0: after the softmax over all keys, the visible weight was already 0, and " +
              "so was the sum that divides it. Hide the scores before the softmax; then there is " +
              "nothing to repair after it."
            : "A key that is seen alone gets weight 1, however low its score: a hidden score must " +
              "count for nothing, not as the largest of its row and not in the sum.",
      });
      let open: tf.Tensor;
      try {
        open = maskedSoftmax(scores);
      } catch (error) {
        const said = error instanceof Error ? error.message : String(error);
        if (!/null|undefined/.test(said)) throw error;
        fail(
          "The mask may be left out; then it is undefined, and all keys may be seen.\n" +
            `It stopped with: ${said}`,
        );
      }
      expectClose(open, tf.softmax(scores), { what: "the weights without a mask" });
      const hot = tf.tensor2d([[1000, 999]]);
      const both = tf.tensor2d([[1, 1]], undefined, "bool");
      for (const huge of [maskedSoftmax(hot), maskedSoftmax(hot, both)])
        expectFinite(
          huge,
          "e^1000 is Infinity. Use tf.softmax, or subtract the largest score of the row before tf.exp.",
          "the weights of scores [1000, 999]",
        );
      const empty = tf.tensor2d(
        [
          [0, 0],
          [1, 1],
        ],
        undefined,
        "bool",
      );
      const nothing = maskedSoftmax(tf.tensor2d([[1, 2], [3, 3]]), empty); // biome-ignore format: one line
      const sentence =
        "Row 0 may see no key at all (padding, for example), and should get weights 0: not NaN, and " +
        "not equal shares of what is hidden.";
      expectFinite(nothing, sentence, "the weights with an empty row");
      const [zeros, halves] = [
        [0, 0],
        [0.5, 0.5],
      ];
      expectClose(nothing, [zeros, halves], {
        what: "the weights with an empty row",
        mistakes: [
          [[halves, halves], sentence],
          [[[0.2689, 0.7311], halves], sentence],
        ],
      });
    },
    {
      cases: {
        "no mask": (d) => [d.normal(d.sizes(4, 6))],
        "no mask, matrices": (d) => [d.normal(d.sizes(2))],
        ...maskCases((d, [B, H, T, S], mask) => [d.normal([B, H, T, S]), mask]),
        "scores (T, S) and a mask of one row": (d) => [d.normal([6, 5]), seen(d, [1, 5])],
        "scores (T, S) and a mask (S)": (d) => [d.normal([6, 5]), seen(d, [5])],
        "scores (B, T, S) and a mask (B, T, S)": (d) => [d.normal([3, 6, 5]), seen(d, [3, 6, 5])],
        "scores (B, T, S) and a mask (B, 1, S)": (d) => [d.normal([3, 6, 5]), seen(d, [3, 1, 5])],
        "a mask (T, 1), which hides whole rows": (d) => [d.normal([2, 6, 5]), d.mask([6, 1], 0.5)],
        "a mask that hides everything": (d) => [d.normal([2, 6, 5]), tf.zeros([6, 5], "bool")],
        "a mask that hides nothing": (d) => [d.normal([2, 6, 5]), tf.ones([6, 5], "bool")],
        "one key, which some may not see": (d) => [d.normal([2, 6, 1]), d.mask([2, 6, 1], 0.5)],
        "rows that are far apart": (d) => [far(d, [2, 7, 5])],
        "rows that are far apart, and a mask": (d) => [far(d, [2, 7, 5]), d.mask([7, 5], 0.7)],
        "large scores where nothing may be seen": (d) => {
          const mask = d.mask([2, 6, 5], 0.5);
          return [tf.where(mask, d.normal([2, 6, 5]), 1e6), mask];
        },
        "visible scores far below 0": (d) => {
          const scores = tf.tidy(() => d.normal([2, 6, 5]).sub(50_000));
          return [tf.where(seen(d, [6, 5]), scores, 10), seen(d, [6, 5])];
        },
        "scores of zeros": (d) => [tf.zeros([2, 6, 5]), d.mask([6, 5])],
        "a variable": (d) => [d.variable(d.normal([2, 6, 5])), d.mask([2, 1, 5])],
      },
    },
  );

  exercise(
    "splitHeads",
    (splitHeads, { reference }) => {
      // Three heads of two channels: neither 3 nor 2 can be taken for the other.
      const x = tf.tensor3d([
        [
          [1, 2, 3, 4, 5, 6],
          [7, 8, 9, 10, 11, 12],
          [13, 14, 15, 16, 17, 18],
          [19, 20, 21, 22, 23, 24],
        ],
      ]);
      const split = splitHeads(x, 3);
      const part = (shape: number[], order?: number[]) =>
        order ? tf.transpose(tf.reshape(x, shape), order) : tf.reshape(x, shape);
      expectClose(split, reference.splitHeads(x, 3), {
        what: "splitHeads of (1, 4, 6) in 3 heads",
        mistakes: [
          [
            part([1, 4, 3, 2]),
            "The result is (B, T, H, D). Bring H in front of T, so that each head holds all positions: " +
              "a transpose with the axes 0, 2, 1, 3.",
          ],
          [
            part([1, 3, 4, 2]),
            "Head 0 holds numbers of different positions mixed. A reshape moves nothing; first reshape " +
              "to (B, T, H, D), then transpose.",
          ],
          [
            part([1, 4, 2, 3], [0, 3, 1, 2]),
            "Head 0 holds every third channel. A head takes channels that lie next to each other: " +
              "reshape to (B, T, H, D), not (B, T, D, H).",
          ],
          [reference.splitHeads(x, 2), "nHead is the number of heads (3 here), not their width."],
        ],
        message: "Head h holds the channels h·D … (h+1)·D − 1 of all positions.",
      });
    },
    {
      cases: {
        "one head": (d) => [d.normal(d.sizes(3)), 1],
        "heads of one channel": (d) => [d.normal([2, 6, 5]), 5],
        "several heads": (d) => channels(d),
        "one sentence of one position": (d) => channels(d, { B: 1, T: 1 }),
        "more heads than channels in each": (d) => channels(d, { H: 7, D: 3 }),
        "as many positions as heads": (d) => channels(d, { T: 5, H: 5 }),
        "wide heads": (d) => channels(d, { H: 3, D: 40 }),
        zeros: (d) => {
          const [x, H] = channels(d);
          return [tf.zerosLike(x), H];
        },
        "a variable": (d) => {
          const [x, H] = channels(d);
          return [d.variable(x), H];
        },
      },
    },
  );

  exercise(
    "multiHead",
    (multiHead, { reference }) => {
      // Three heads of two channels: √D, √C and the number of heads are three numbers.
      const [q, k, v] = [5, 6, 7].map((seed) => normal([1, 4, 6], seed));
      const mask = reference.causalMask(4);
      const right = reference.multiHead(q, k, v, { nHead: 3 });
      const split = (x: tf.Tensor) => reference.splitHeads(x, 3);
      const dots = tf.matMul(split(q), split(k), false, true);
      const mixed = [q, k].map((x) => tf.reshape(x, [1, 3, 4, 2]));
      const { output, weights } = multiHead(q, k, v, { nHead: 3 });
      expectFinite(weights, undefined, "weights");
      expectFinite(output, undefined, "output");
      expectClose(weights, right.weights, {
        what: "weights",
        mistakes: [
          [
            tf.softmax(dots),
            "The scores are not divided by √D (here √2): use your scaledScores on the split queries and " +
              "keys.",
          ],
          [
            tf.softmax(tf.div(dots, Math.sqrt(6))),
            "Divided by √C. A dot product inside a head sums over the D = C / H numbers of that head: " +
              "divide by √D.",
          ],
          [
            tf.softmax(reference.scaledScores(mixed[0], mixed[1])),
            "The heads mix numbers of different positions: cut q, k and v with splitHeads (reshape, then " +
              "transpose), not with a reshape alone.",
          ],
          [
            tf.tile(tf.mean(right.weights, 1, true), [1, 3, 1, 1]),
            "All heads have the same weights, their average. Each head has its own weights, from its own " +
              "part of q and k.",
          ],
          [
            reference.multiHead(q, v, k, { nHead: 3 }).weights,
            "The queries were compared with the values. Keys are for comparing, values for averaging.",
          ],
          [
            reference.multiHead(q, k, v, { nHead: 3, mask }).weights,
            "No mask was given, so every query may see every key; a causal mask is up to the caller.",
          ],
        ],
        message: "weights = softmax(q kᵀ / √D), head by head.",
      });
      const inHeads = tf.matMul(right.weights, split(v));
      expectClose(output, right.output, {
        what: "output",
        mistakes: [
          [
            reference.multiHead(q, k, k, { nHead: 3 }).output,
            "This is the average of the keys. Keys are only compared with; average the values.",
          ],
          [
            tf.reshape(inHeads, [1, 4, 6]),
            "The heads were not transposed back before they were joined: (B, H, T, D) → (B, T, H, D) → " +
              "(B, T, C). A reshape alone puts numbers of different positions into one.",
          ],
          [
            tf.reshape(
              tf.transpose(tf.matMul(right.weights, tf.reshape(v, [1, 3, 4, 2])), [0, 2, 1, 3]),
              [1, 4, 6],
            ),
            "The values of a head mix numbers of different positions: cut v with splitHeads too.",
          ],
        ],
        message: "output = weights · values in each head, heads side by side again.",
      });
      const causal = multiHead(q, k, v, { nHead: 3, mask });
      const masked = reference.multiHead(q, k, v, { nHead: 3, mask });
      expectClose(causal.weights, masked.weights, {
        what: "weights with causalMask(4)",
        mistakes: [
          [right.weights, "query 0 still attends to key 1: is the mask used?"],
          [
            tf.mul(right.weights, tf.cast(mask, "float32")),
            "Hidden keys must not take a share: the mask belongs before the softmax. Does your " +
              "maskedSoftmax pass its own check?",
          ],
          [
            reference.multiHead(q, k, v, { nHead: 3, mask: tf.logicalNot(mask) }).weights,
            "The mask is the other way round: true means that the query may see the key.",
          ],
        ],
      });
      expectClose(multiHead(q, k, v, { nHead: 3 }).weights, right.weights, {
        what: "weights without a mask, after a call with one",
        mistakes: [
          [
            masked.weights,
            "multiHead remembers something from an earlier call: the mask of the call before is still " +
              "in force, and this one has none. Keep nothing outside the function.",
          ],
        ],
      });
      const [long, short] = [normal([2, 5, 6], 8), normal([2, 3, 6], 9)];
      const cross =
        "In cross-attention (5 queries, 3 keys) the result has as many positions as there are queries: " +
        "take T from q, not from k.";
      let crossed: ReturnType<typeof multiHead>;
      try {
        crossed = multiHead(long, short, short, { nHead: 3 });
      } catch (error) {
        const said = error instanceof Error ? error.message : String(error);
        if (!/[Ss]ize|shape/.test(said)) throw error;
        fail(`${cross}\nIt stopped with: ${said}`);
      }
      if (crossed.output.shape[1] === 3) fail(cross);
    },
    {
      cases: {
        "one head": (d) => heads(d, { H: 1 }),
        "self-attention": (d) => heads(d, { S: 6, T: 6 }),
        "more queries than keys": (d) => heads(d, { T: 7, S: 5 }),
        "fewer queries than keys": (d) => heads(d, { T: 5, S: 9 }),
        "one query": (d) => heads(d, { T: 1 }),
        "heads of one channel": (d) => heads(d, { D: 1 }),
        "no mask, as undefined": (d) => {
          const [q, k, v, { nHead }] = heads(d);
          return [q, k, v, { nHead, mask: undefined }];
        },
        ...maskCases((d, [B, H, T, S], mask) => {
          const [q, k, v] = heads(d, { B, H, T, S });
          return [q, k, v, { nHead: H, mask }];
        }),
        "one query and one key": (d) => heads(d, { T: 1, S: 1 }),
        "a single key that some sentences hide": (d) => {
          const [q, k, v] = heads(d, { B: 2, H: 3, T: 5, S: 1 });
          return [q, k, v, { nHead: 3, mask: tf.tensor([1, 0], [2, 1, 1, 1], "bool") }];
        },
        "a mask that hides everything": (d) => {
          const [q, k, v] = heads(d, { B: 2, H: 3, T: 6, S: 5 });
          return [q, k, v, { nHead: 3, mask: tf.zeros([6, 5], "bool") }];
        },
        "large queries": (d) => heads(d, { scale: 100 }),
        "queries of zeros": (d) => heads(d, { scale: 0 }),
        variables: (d) => {
          const [q, k, v, { nHead }] = heads(d);
          return [d.variable(q), d.variable(k), d.variable(v), { nHead }];
        },
      },
    },
  );
});
