// Lesson 06 (attention): judges the learner, the solutions and the mutants.

import {
  type Draw,
  expectClose,
  expectFinite,
  expectRowsSumTo,
  expectShape,
  expectTrue,
  fail,
  flatten,
  lesson,
} from "llm/course/kit";
import { tf } from "llm/engine";
import { Random, randomNormal } from "llm/random";
import type * as answers from "../../solutions/06-attention";
import { mutants } from "../mutants/06-attention";

const normal = (shape: number[], seed: number) => randomNormal(shape, { rng: new Random(seed) });
const rows = (t: tf.Tensor) => t.arraySync() as number[][];
const near = (a: number, b: number, tolerance = 1e-4) =>
  Math.abs(a - b) <= tolerance * (1 + Math.abs(b));
/** Same shape and numbers: tells which mistake was made, by comparing with what that mistake gives. */
const same = (a: tf.Tensor, b: tf.Tensor) => {
  const x = flatten(a);
  const y = flatten(b);
  return `${x.shape}` === `${y.shape}` && Array.from(x.data).every((n, i) => near(n, y.data[i]));
};

/** «query 2 still attends to key 3» for the first weight that the mask should have made 0. */
function expectNoFuture(weights: tf.Tensor, mask: tf.Tensor2D, what: string): void {
  const allowed = mask.arraySync();
  const [T, S] = mask.shape;
  const { data } = flatten(weights);
  for (let n = 0; n < data.length; n++) {
    const i = Math.floor(n / S) % T;
    const j = n % S;
    if (!allowed[i][j] && Math.abs(data[n]) > 1e-7)
      fail(
        `${what}: query ${i} still attends to key ${j} (weight ${data[n].toPrecision(2)}), which the mask hides.`,
      );
  }
}

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
      return call(d, [B, H, T, S], d.mask(shape(B, H, T, S)));
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
        [0, 2, -1],
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
      const { weights, output } = attentionByLoops(q, k, v);
      expectShape(weights, [2, 4], "weights");
      expectShape(output, [2, 3], "output");
      expectFinite(weights, undefined, "weights");
      const scores = q.map((a) => k.map((b) => a.reduce((sum, x, d) => sum + x * b[d], 0)));
      if (
        weights.some(
          (row) =>
            !near(
              row.reduce((a, b) => a + b, 0),
              1,
            ),
        ) &&
        near(weights[0][0] + weights[1][0], 1)
      )
        fail(
          "The columns of weights sum to 1, not the rows: the softmax of a query goes over its keys, that is along its own row of scores.",
        );
      const total = scores[0].reduce((a, b) => a + b, 0);
      if (near(weights[0][0], scores[0][0] / total))
        fail(
          "The scores were divided by their sum. A score may be negative or 0, so take Math.exp of each one first: that is the softmax.",
        );
      expectRowsSumTo(weights, 1, {
        what: "weights",
        message: "A query shares a weight of exactly 1 among its keys.",
      });
      const expected = reference.attentionByLoops(q, k, v);
      const shrunk = reference.attentionByLoops(
        q.map((row) => row.map((x) => x / Math.sqrt(3))),
        k,
        v,
      );
      expectClose(weights, expected.weights, {
        what: "weights",
        message: near(weights[0][0], shrunk.weights[0][0])
          ? "The scores are not scaled yet in this exercise: 1/√D comes in the next one."
          : "Each weight is e^score / Σ e^score, with score = the dot product of this query with this key.",
      });
      const ofKeys = weights.map((row) =>
        k[0].map((_, c) => row.reduce((sum, w, j) => sum + w * k[j][c], 0)),
      );
      expectClose(output, expected.output, {
        what: "output",
        message: near(output[0][0], ofKeys[0][0])
          ? "This is the average of the keys. Keys are only compared with; what is averaged are the values."
          : "The output of a query is the weighted average of the values: Σ_j weight[j] · values[j], column by column.",
      });
      const wide = attentionByLoops(
        [[1, 0]],
        [
          [0, 5],
          [0, 7],
        ],
        [[10], [20]],
      );
      expectTrue(
        wide.output[0]?.length === 1,
        `Values may be wider or narrower than keys: the output is as wide as a value. In the example a value has 1 number, and the output has ${wide.output[0]?.length}.`,
      );
      expectClose(wide.output, [[15]], { what: "output of the example" });
      const large = attentionByLoops([[100]], [[8], [7]], [[1], [2]]);
      const overflow =
        "A score of 800 overflows: e^800 is Infinity, and Infinity / Infinity is NaN. Subtract the largest score from all scores of the query first.";
      expectFinite(large.weights, overflow, "weights for scores 800 and 700");
      expectClose(large.output, [[1]], {
        what: "output for scores 800 and 700",
        message: overflow,
      });
      const own =
        "Subtract the largest score of the *same* query, whatever its sign: with the largest of another query, or with 0, every e^… may become 0, and 0 / 0 is NaN.";
      const apart = attentionByLoops([[1], [1000], [-1000]], [[8], [7]], [[1], [2]]);
      expectFinite(apart.weights, own, "weights for the queries 1, 1000 and -1000");
      const e = 1 / (1 + Math.E);
      expectClose(apart.output, [[1 + e], [1], [2]], {
        what: "output for the queries 1, 1000 and -1000",
        message: own,
      });
      const rng = new Random(6);
      const table = (n: number, width: number) =>
        Array.from({ length: n }, () => Array.from({ length: width }, () => rng.normal()));
      const many = [table(5, 4), table(3, 4), table(3, 2)] as const;
      expectClose(attentionByLoops(...many).output, reference.attentionByLoops(...many).output, {
        what: "output for 5 queries and 3 keys",
      });
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
      const q = tf.tensor2d([
        [1, 2, 2, 0],
        [0, 1, 0, 1],
        [1, 1, 1, 1],
        [3, 0, 0, 1],
      ]);
      const k = tf.tensor2d([
        [2, 0, 1, 5],
        [0, 0, 0, 3],
        [1, 0, 2, 0],
        [0, 4, 0, 1],
      ]);
      const square = scaledScores(q, k);
      expectShape(square, [4, 4], "the scores of 4 queries and 4 keys");
      expectFinite(square);
      const plain = tf.matMul(q, k, false, true);
      if (same(square, tf.div(tf.matMul(q, k), 2)))
        fail(
          "This is q · k, where rows of q meet columns of k. Each query must meet each key, that is rows of k: k has to be transposed (tf.matMul(q, k, false, true)).",
        );
      if (same(square, reference.scaledScores(k, q)))
        fail(
          "The scores are turned over: there should be one row for each query, one column for each key.",
        );
      if (same(square, plain))
        fail(
          `The dot products are not divided by √D (D = 4, so √D = 2): score [0, 0] is ${rows(square)[0][0]}, expected 2.`,
        );
      if (same(square, tf.div(plain, 4)))
        fail(
          "Divided by D. It is the square root of D: the *variance* of a dot product grows with D, its size with √D.",
        );
      if (same(square, tf.mul(plain, 2))) fail("Multiplied by √D: divide by it.");
      if (same(square, tf.softmax(tf.div(plain, 2))))
        fail(
          "These are weights already. Scores only here: the softmax is the work of maskedSoftmax.",
        );
      expectClose(square, tf.div(plain, 2), {
        what: "scaledScores of 4 queries and 4 keys of width 4",
      });
      const q4 = normal([2, 3, 5, 16], 1);
      const k4 = normal([2, 3, 9, 16], 2);
      let deep: tf.Tensor;
      try {
        deep = scaledScores(q4, k4);
      } catch (error) {
        const said = error instanceof Error ? error.message : String(error);
        if (!/broadcast|[Ss]hape|inner/.test(said)) throw error;
        fail(
          `It works for matrices, and not for q (2, 3, 5, 16) and k (2, 3, 9, 16): tf.transpose(k) alone turns *all* axes round, and only the last two should change places. tf.matMul(q, k, false, true) does that.\nIt stopped with: ${said}`,
        );
      }
      expectShape(deep, [2, 3, 5, 9], "the scores of q (2, 3, 5, 16) and k (2, 3, 9, 16)");
      const expected = reference.scaledScores(q4, k4);
      expectClose(deep, expected, {
        what: "the scores of q (2, 3, 5, 16) and k (2, 3, 9, 16)",
        message: same(deep, tf.mul(expected, 4 / 3))
          ? "Divided by √S, with S the number of keys. D is the *width* of a key, the last number of q's shape: that is what a dot product sums over."
          : same(deep, tf.mul(expected, 4 / Math.sqrt(5)))
            ? "Divided by √T, with T the number of queries. D is the *width* of a query, the last number of q's shape: that is what a dot product sums over."
            : "With more axes in front, D is still the last number of q's shape (16 here): q.shape[q.rank - 1].",
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
      const table = rows(mask);
      if (table.flat().some((x) => Number(x) !== 0 && Number(x) !== 1))
        fail(
          "The mask should say true and false (1 and 0), not numbers to add: minus infinity comes in later, in maskedSoftmax.",
        );
      const seen = (i: number, j: number) => Number(table[i][j]) === 1;
      const picture = `causalMask(4) is\n${table.map((row) => "  " + row.map(Number).join(" ")).join("\n")}`;
      if (seen(0, 3) && !seen(3, 0))
        fail(
          `query 0 still attends to key 3, and query 3 not to key 0: is the triangle the right way up? ${picture}`,
        );
      for (let i = 0; i < 4; i++) {
        for (let j = i + 1; j < 4; j++)
          if (seen(i, j))
            fail(
              `query ${i} still attends to key ${j}, which comes after it in the text. ${picture}`,
            );
        if (!seen(i, i))
          fail(
            `query ${i} may not look at itself: j ≤ i, not j < i (query 0 would have nothing to look at). ${picture}`,
          );
        for (let j = 0; j < i; j++)
          if (!seen(i, j))
            fail(
              `query ${i} does not see key ${j}: a position may look at everything before it. ${picture}`,
            );
      }
      expectTrue(
        mask.dtype === "bool",
        `The mask has dtype ${mask.dtype}, expected bool (tf.cast(…, "bool"), or a comparison such as tf.lessEqual).`,
      );
      for (const T of [1, 2, 7, 40]) {
        const other = causalMask(T);
        expectShape(other, [T, T], `causalMask(${T})`);
        expectClose(other, reference.causalMask(T), { what: `causalMask(${T})` });
      }
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
        [0.5, -1, -20],
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
      const weights = maskedSoftmax(scores, mask);
      expectShape(weights, [3, 3], "the weights");
      expectFinite(weights);
      const got = rows(weights);
      const plain = tf.softmax(scores);
      if (same(weights, reference.maskedSoftmax(scores, tf.logicalNot(mask))))
        fail(
          "It is the other way round: true in the mask means that the query *may* see the key; the others are hidden.",
        );
      if (same(weights, tf.mul(plain, tf.cast(mask, "float32"))))
        fail(
          `Row 0 adds up to ${got[0].reduce((a, b) => a + b, 0).toPrecision(2)}: the mask came after the softmax, so the hidden keys had already taken their share. Hide their scores before it.`,
        );
      if (same(weights, tf.softmax(tf.mul(scores, tf.cast(mask, "float32")))))
        fail(
          `query 0 still attends to key 1 (weight ${got[0][1].toPrecision(2)}): a score of 0 is not a weight of 0, because e⁰ is 1. A hidden score has to be hugely negative.`,
        );
      const sums = [0, 1, 2].map((j) => got[0][j] + got[1][j] + got[2][j]);
      if (sums.every((s) => near(s, 1) || s === 0))
        fail(
          "The columns sum to 1, not the rows: the softmax of a query goes over its keys, the last axis.",
        );
      const hidden = got[0][1] + got[0][2];
      if (hidden > 1e-7 && hidden < 0.5)
        fail(
          `query 0 still attends to key 2 (weight ${got[0][2].toExponential(1)}): the score put in place of a hidden one is not negative enough; −1e9 gives exactly 0.`,
        );
      expectNoFuture(weights, mask, "maskedSoftmax");
      expectRowsSumTo(weights, 1, {
        what: "the weights",
        message: "The keys that may be seen share a weight of exactly 1.",
      });
      expectClose(weights, reference.maskedSoftmax(scores, mask), { what: "the weights" });
      const strong = maskedSoftmax(
        tf.tensor2d([[-2000, 0]]),
        tf.tensor2d([[1, 0]], undefined, "bool"),
      );
      expectClose(strong, [[1, 0]], {
        what: "the weights of scores [-2000, 0] with only key 0 visible",
        message:
          "A key that is seen alone gets weight 1, however low its score. Is the score put in place of a hidden one negative enough (−1e9 is)? Is a hidden score still in the sum, or taken for the largest?",
      });
      let open: tf.Tensor;
      try {
        open = maskedSoftmax(scores);
      } catch (error) {
        const said = error instanceof Error ? error.message : String(error);
        if (!/null|undefined/.test(said)) throw error;
        fail(
          `The mask may be left out; then it is undefined, and all keys may be seen.\nIt stopped with: ${said}`,
        );
      }
      expectClose(open, plain, { what: "the weights without a mask" });
      const overflow =
        "e^1000 is Infinity. Take tf.softmax, or subtract the largest score of the row before tf.exp.";
      const hot = tf.tensor2d([[1000, 999]]);
      const both = tf.tensor2d([[1, 1]], undefined, "bool");
      for (const huge of [maskedSoftmax(hot), maskedSoftmax(hot, both)]) {
        expectFinite(huge, overflow, "the weights of scores [1000, 999]");
        expectClose(huge, tf.softmax(tf.tensor2d([[1, 0]])), {
          what: "the weights of scores [1000, 999]",
          message: overflow,
        });
      }
      const B = normal([2, 2, 3, 3], 3);
      const deep = maskedSoftmax(B, mask);
      expectShape(deep, [2, 2, 3, 3], "the weights of scores (2, 2, 3, 3) with a mask (3, 3)");
      expectClose(deep, reference.maskedSoftmax(B, mask), {
        what: "the weights of scores (2, 2, 3, 3) with a mask (3, 3)",
      });
      const pairs = tf.tensor2d([
        [1, 2],
        [3, 3],
      ]);
      const firstRowEmpty = tf.tensor2d(
        [
          [0, 0],
          [1, 1],
        ],
        undefined,
        "bool",
      );
      const nothing = maskedSoftmax(pairs, firstRowEmpty);
      const empty =
        "Row 0 may see no key at all (padding, for example), and should get weights 0: not NaN, and not equal shares of what is hidden.";
      expectFinite(nothing, empty, "the weights with an empty row");
      expectClose(
        nothing,
        [
          [0, 0],
          [0.5, 0.5],
        ],
        { what: "the weights with an empty row", message: empty },
      );
    },
    {
      cases: {
        "no mask": (d) => [d.normal(d.sizes(4, 6))],
        "no mask, matrices": (d) => [d.normal(d.sizes(2))],
        ...maskCases((d, [B, H, T, S], mask) => [d.normal([B, H, T, S]), mask]),
        "scores (T, S) and a mask of one row": (d) => [d.normal([6, 5]), d.mask([1, 5])],
        "scores (T, S) and a mask (S)": (d) => [d.normal([6, 5]), d.mask([5])],
        "scores (B, T, S) and a mask (B, T, S)": (d) => [d.normal([3, 6, 5]), d.mask([3, 6, 5])],
        "scores (B, T, S) and a mask (B, 1, S)": (d) => [d.normal([3, 6, 5]), d.mask([3, 1, 5])],
        "a mask (T, 1), which hides whole rows": (d) => [d.normal([2, 6, 5]), d.mask([6, 1], 0.5)],
        "a mask that hides everything": (d) => [d.normal([2, 6, 5]), tf.zeros([6, 5], "bool")],
        "a mask that hides nothing": (d) => [d.normal([2, 6, 5]), tf.ones([6, 5], "bool")],
        "rows that are far apart": (d) => [far(d, [2, 7, 5])],
        "rows that are far apart, and a mask": (d) => [far(d, [2, 7, 5]), d.mask([7, 5], 0.7)],
        "large scores where nothing may be seen": (d) => {
          const mask = d.mask([2, 6, 5], 0.5);
          return [tf.where(mask, d.normal([2, 6, 5]), 1e6), mask];
        },
        "scores of zeros": (d) => [tf.zeros([2, 6, 5]), d.mask([6, 5])],
        "a variable": (d) => [d.variable(d.normal([2, 6, 5])), d.mask([2, 1, 5])],
      },
    },
  );

  exercise(
    "splitHeads",
    (splitHeads, { reference }) => {
      const x = tf.tensor3d([
        [
          [1, 2, 3, 4],
          [5, 6, 7, 8],
          [9, 10, 11, 12],
        ],
      ]);
      const split = splitHeads(x, 2);
      if (`${split.shape}` === "1,3,2,2")
        fail(
          `The result has shape (1, 3, 2, 2): that is (B, T, H, D). Bring H in front of T, so that each head holds all positions: a transpose with the axes 0, 2, 1, 3.`,
        );
      expectShape(split, [1, 2, 3, 2], "splitHeads of (1, 3, 4) in 2 heads, (B, H, T, D),");
      const expected = reference.splitHeads(x, 2);
      const head = JSON.stringify((split.arraySync() as number[][][][])[0][0]);
      const message = same(split, tf.reshape(x, [1, 2, 3, 2]))
        ? `Head 0 holds ${head}: numbers of different positions mixed. A reshape moves nothing; first reshape to (B, T, H, D), then transpose.`
        : same(split, tf.transpose(tf.reshape(x, [1, 3, 2, 2]), [0, 3, 1, 2]))
          ? `Head 0 holds ${head}, every second channel. A head takes channels that lie next to each other: reshape to (B, T, H, D), not (B, T, D, H).`
          : `Head 0 should hold the first two channels of all three positions, and holds ${head}.`;
      expectClose(split, expected, { message, what: "splitHeads of (1, 3, 4) in 2 heads" });
      const wide = normal([2, 5, 12], 4);
      const three = splitHeads(wide, 3);
      if (`${three.shape}` === "2,4,5,3")
        fail(
          "The result has shape (2, 4, 5, 3): nHead is the number of heads (3 here), not their width.",
        );
      expectShape(three, [2, 3, 5, 4], "splitHeads of (2, 5, 12) in 3 heads");
      expectClose(three, reference.splitHeads(wide, 3), {
        what: "splitHeads of (2, 5, 12) in 3 heads",
      });
      expectClose(splitHeads(wide, 1), tf.reshape(wide, [2, 1, 5, 12]), {
        what: "splitHeads in one head",
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
      const [q, k, v] = [5, 6, 7].map((seed) => normal([1, 3, 4], seed));
      const mask = reference.causalMask(3);
      const { output, weights } = multiHead(q, k, v, { nHead: 2 });
      expectShape(output, [1, 3, 4], "output");
      expectShape(weights, [1, 2, 3, 3], "weights");
      expectFinite(weights, undefined, "weights");
      expectFinite(output, undefined, "output");
      expectRowsSumTo(weights, 1, { what: "weights" });
      const right = reference.multiHead(q, k, v, { nHead: 2 });
      const split = (x: tf.Tensor) => reference.splitHeads(x, 2);
      const dots = tf.matMul(split(q), split(k), false, true);
      const wrongSplit = [q, k].map((x) => tf.reshape(x, [1, 2, 3, 2]));
      const two = weights.arraySync() as number[][][][];
      expectClose(weights, right.weights, {
        what: "weights",
        message: same(weights, tf.softmax(dots))
          ? "The scores are not divided by √D (here √2): use your scaledScores on the split queries and keys."
          : same(weights, tf.softmax(tf.div(dots, 2)))
            ? "Divided by √C. A dot product inside a head sums over the D = C / H numbers of that head: divide by √D."
            : same(weights, tf.softmax(reference.scaledScores(wrongSplit[0], wrongSplit[1])))
              ? "The heads mix numbers of different positions: cut q, k and v with splitHeads (reshape, then transpose), not with a reshape alone."
              : JSON.stringify(two[0][0]) === JSON.stringify(two[0][1])
                ? "Both heads have the same weights. Each head has its own weights, from its own part of q and k."
                : same(weights, reference.multiHead(q, v, k, { nHead: 2 }).weights)
                  ? "The queries were compared with the values. Keys are for comparing, values for averaging."
                  : same(weights, reference.multiHead(q, k, v, { nHead: 2, mask }).weights)
                    ? "No mask was given, so every query may see every key; a causal mask is up to the caller."
                    : "weights = softmax(q kᵀ / √D), head by head.",
      });
      const inHeads = tf.matMul(right.weights, split(v));
      expectClose(output, right.output, {
        what: "output",
        message: same(output, reference.multiHead(q, k, k, { nHead: 2 }).output)
          ? "This is the average of the keys. Keys are only compared with; average the values."
          : same(output, tf.reshape(inHeads, [1, 3, 4]))
            ? "The heads were not transposed back before they were glued: (B, H, T, D) → (B, T, H, D) → (B, T, C). A reshape alone puts numbers of different positions into one."
            : "output = weights · values in each head, heads side by side again.",
      });
      const causal = multiHead(q, k, v, { nHead: 2, mask });
      expectNoFuture(causal.weights, mask, "With causalMask(3) as `mask`");
      expectRowsSumTo(causal.weights, 1, {
        what: "weights with causalMask(3)",
        message:
          "Hidden keys must not take a share: use your maskedSoftmax (does it pass its own check?).",
      });
      expectClose(causal.output, reference.multiHead(q, k, v, { nHead: 2, mask }).output, {
        what: "output with causalMask(3)",
      });
      const [long, short] = [normal([2, 5, 6], 8), normal([2, 3, 6], 9)];
      const cross =
        "In cross-attention (5 queries, 3 keys) the result has as many positions as there are queries: take T from q, not from k.";
      let crossed: ReturnType<typeof multiHead>;
      try {
        crossed = multiHead(long, short, short, { nHead: 3 });
      } catch (error) {
        const said = error instanceof Error ? error.message : String(error);
        if (!/[Ss]ize|shape/.test(said)) throw error;
        fail(`${cross}\nIt stopped with: ${said}`);
      }
      if (crossed.output.shape[1] === 3) fail(cross);
      const expected = reference.multiHead(long, short, short, { nHead: 3 });
      expectShape(crossed.weights, [2, 3, 5, 3], "weights of 5 queries and 3 keys in 3 heads");
      expectClose(crossed.output, expected.output, {
        what: "output of 5 queries and 3 keys in 3 heads",
      });
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
