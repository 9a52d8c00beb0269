// Lesson 07 (positions): judges the learner, the solutions and the mutants.

import { expectClose, expectFinite, expectShape, lesson } from "llm/course/kit";
import { tf } from "llm/engine";
import { Random, randomNormal } from "llm/random";
import type * as answers from "../../solutions/07-positions";
import { mutants } from "../mutants/07-positions";

/** Rows of T positions from a rule for one entry. */
const filled = (T: number, C: number, entry: (p: number, c: number) => number) =>
  Array.from({ length: T }, (_, p) => Array.from({ length: C }, (_, c) => entry(p, c)));
const wave = (angle: number, c: number) => (c % 2 === 0 ? Math.sin(angle) : Math.cos(angle));

/** A rotation by loops, with what people get wrong as options. */
function rotated(
  x: number[][],
  {
    rate = (i: number, D: number) => 10000 ** ((-2 * i) / D),
    first = 0,
    scale = 1,
    read = (i: number, _D: number) => [2 * i, 2 * i + 1],
    write = (i: number, _D: number) => [2 * i, 2 * i + 1],
    sign = 1,
    exchanged = false,
  } = {},
): number[][] {
  return x.map((row, t) => {
    const out = [...row];
    for (let i = 0; i < row.length / 2; i++) {
      const angle = scale * (first + t) * rate(i, row.length) * sign;
      const [a, b] = read(i, row.length).map((c) => row[c]);
      const [c, d] = write(i, row.length);
      const [cos, sin] = exchanged
        ? [Math.sin(angle), Math.cos(angle)]
        : [Math.cos(angle), Math.sin(angle)];
      out[c] = a * cos - b * sin;
      out[d] = a * sin + b * cos;
    }
    return out;
  });
}
const halves = (i: number, D: number) => [i, D / 2 + i];

lesson<typeof answers>("07-positions", mutants, (exercise) => {
  exercise(
    "sinusoidalPositions",
    (sinusoidalPositions) => {
      const [T, C] = [5, 6];
      const table = sinusoidalPositions(T, C);
      expectShape(table, [T, C]);
      expectFinite(table);
      const angle = (p: number, i: number) => p / 10000 ** ((2 * i) / C);
      const pair = (c: number) => Math.floor(c / 2);
      const cases = (entry: (p: number, c: number) => number) => filled(T, C, entry);
      expectClose(
        table,
        cases((p, c) => wave(angle(p, pair(c)), c)),
        {
          mistakes: [
            [
              cases((p, c) => wave(p / 10000 ** (c / C), c)),
              "The two channels of a pair have the same angle: the exponent of channels 2i and " +
                "2i + 1 is 2i / C for both.",
            ],
            [
              cases((p, c) => wave(p / 10000 ** (pair(c) / C), c)),
              "The exponent is 2i / C, where i counts pairs: in the last pair it is 1 − 2 / C.",
            ],
            [
              cases((p, c) => wave(angle(p, c % (C / 2)), c < C / 2 ? 0 : 1)),
              "All sines come first here. In this table the sine and the cosine of a pair stand " +
                "side by side, in channels 2i and 2i + 1.",
            ],
            [
              cases((p, c) => wave(angle(p, pair(c)), c + 1)),
              "Here the cosine before the sine: channel 2i is the sine, channel 2i + 1 the cosine.",
            ],
            [
              cases((p, c) => wave(angle(p + 1, pair(c)), c)),
              "Positions begin at 0: the first row is 0, 1, 0, 1, …",
            ],
            [
              cases((p, c) => wave(p / 10000 ** ((2 * c) / C), c)),
              "2i is the number of the even channel, not twice the number of the channel.",
            ],
            [
              cases((p, c) => Math.sin(angle(p, pair(c)))),
              "Both channels are a sine here. Channel 2i + 1 is the cosine.",
            ],
            [
              cases((p, c) => wave(p / 10000 ** (pair(c) / (C / 2 - 1)), c)),
              "The exponent is 2i / C, so that it stays a little below 1 in the last pair.",
            ],
            [
              cases((p, c) => wave(p * 10000 ** ((2 * pair(c)) / C), c)),
              "The position is divided by 10000^(2i / C), so that later pairs swing more slowly.",
            ],
          ],
          message: "Channels 2i and 2i + 1 are the sine and the cosine of p / 10000^(2i / C).",
        },
      );
    },
    {
      cases: {
        "one position": () => [1, 4],
        "two channels": (d) => [d.integer(3, 9), 2],
        "more positions than channels": (d) => [d.pick([11, 13]), d.pick([6, 10])],
        "more channels than positions": (d) => [d.pick([3, 5]), d.pick([14, 22])],
        "many positions": () => [300, 6],
      },
    },
  );

  exercise(
    "distanceBucket",
    (distanceBucket) => {
      const t5 = { numBuckets: 32, maxDistance: 128 };
      const near = [0, 1, 7, 15].map((n) => distanceBucket(n, t5));
      expectFinite(
        near,
        "A distance of 0 has the bucket 0: its logarithm is never asked for.",
        "the buckets of the distances 0, 1, 7, 15",
      );
      expectClose(near, [0, 1, 7, 15], {
        message: "Below numBuckets / 2 every distance is its own bucket.",
      });
      const far = [16, 17, 20, 30, 50, 100];
      const share = (n: number) => Math.log(n / 16) / Math.log(8);
      expectClose(
        far.map((n) => distanceBucket(n, t5)),
        far.map((n) => 16 + Math.floor(16 * share(n))),
        {
          what: "the buckets of the distances 16, 17, 20, 30, 50, 100",
          mistakes: [
            [
              far.map((n) => Math.floor(16 * share(n))),
              "The far buckets begin at `near`, after those of single distances: add it.",
            ],
            [
              far.map((n) => 16 + Math.floor((16 * (n - 16)) / 112)),
              "Here all far buckets are equally long. Take the logarithm of distance / near, so " +
                "that each is longer than the one before it.",
            ],
            [
              far.map((n) => 16 + Math.round(16 * share(n))),
              "The share of the way is rounded down (Math.floor): a bucket begins where its number " +
                "is reached.",
            ],
            [
              far.map((n) => 16 + Math.floor((16 * Math.log(n / 16)) / Math.log(128))),
              "The logarithm below the line is that of maxDistance / near: with it the share is 1 at " +
                "maxDistance.",
            ],
            [
              far.map((n) => Math.min(31, 16 + Math.floor((16 * Math.log(n)) / Math.log(128)))),
              "Both distances are divided by near before the logarithm is taken, so that the share is " +
                "0 at near and 1 at maxDistance.",
            ],
            [
              far.map((n) => Math.min(n, 31)),
              "From `near` on several distances share a bucket: the logarithm decides which.",
            ],
          ],
          message:
            "Beyond near = numBuckets / 2 the bucket is near + ⌊ln(distance / near) / " +
            "ln(maxDistance / near) · (numBuckets − near)⌋.",
        },
      );
      expectClose(
        [128, 200, 5000].map((n) => distanceBucket(n, t5)),
        [31, 31, 31],
        {
          what: "the buckets of the distances 128, 200, 5000",
          message: "From maxDistance on, all distances share the last bucket, numBuckets − 1.",
        },
      );
    },
    {
      cases: {
        "the distance 0": () => [0, { numBuckets: 12, maxDistance: 100 }],
        "a near distance": (d) => [d.integer(1, 5), { numBuckets: 12, maxDistance: 100 }],
        "the first far distance": () => [6, { numBuckets: 12, maxDistance: 100 }],
        "a far distance": (d) => [d.integer(17, 120), { numBuckets: 32, maxDistance: 128 }],
        "few buckets": (d) => [d.pick([3, 5, 6, 7, 11, 19]), { numBuckets: 8, maxDistance: 20 }],
        "a distance beyond the last": (d) => [
          d.integer(200, 900),
          { numBuckets: 12, maxDistance: 100 },
        ],
        "many buckets": (d) => [d.pick([30, 70, 150, 333]), { numBuckets: 64, maxDistance: 500 }],
      },
    },
  );

  exercise(
    "alibiBias",
    (alibiBias) => {
      const [H, T] = [4, 3];
      const bias = alibiBias(H, T);
      expectShape(bias, [H, T, T]);
      expectFinite(bias);
      const table = (
        slope: (h: number) => number,
        term = (i: number, j: number) => -Math.max(i - j, 0),
      ) => Array.from({ length: H }, (_, h) => filled(T, T, (i, j) => slope(h) * term(i, j)));
      const slope = (h: number) => 2 ** ((-8 * (h + 1)) / H);
      expectClose(bias, table(slope), {
        mistakes: [
          [
            table(slope, (i, j) => Math.max(i - j, 0)),
            "The bias has the wrong sign: far keys should lose, so their scores are lowered.",
          ],
          [
            table((h) => 2 ** ((-8 * h) / H)),
            "The first slope is 2^(−8 / H), not 1: the exponent is −8 (h + 1) / H.",
          ],
          [
            table(() => slope(0)),
            "All heads fall at the same rate. Each head has its own slope, so that some look near " +
              "and some far.",
          ],
          [
            table(slope, (i, j) => j - i),
            "Keys after the query should get 0, but here they are rewarded.",
          ],
          [
            table(slope, (i, j) => -Math.abs(i - j)),
            "Keys after the query are lowered here, and should get 0: hiding them is the mask's task.",
          ],
          [
            table(slope, (i, j) => (j <= i ? j : 0)),
            "This is slope · j. What counts is the distance: −slope · (i − j).",
          ],
          [
            table((h) => slope(H - 1 - h)),
            "The slopes are in the reverse order: the first head has the largest.",
          ],
          [
            table((h) => Math.exp((-8 * (h + 1)) / H)),
            "The slopes are powers of 2, not of e: 2 ** x in place of Math.exp(x).",
          ],
          [
            table(slope, (i, j) => -Math.max(j - i, 0)),
            "The query is the row i and the key the column j: the numbers belong below the diagonal.",
          ],
          [
            table((h) => (h + 1) / H / 2),
            "Slopes are powers of 2: each is the one before it times 2^(−8 / H).",
          ],
          [
            table((h) => 2 ** -(h + 1)),
            "The slopes 1/2, 1/4, … belong to eight heads. With another number of heads they still " +
              "end at 1/256: the exponent is −8 (h + 1) / H.",
          ],
        ],
        message: "bias[h][i][j] = −2^(−8 (h + 1) / H) · (i − j) for j ≤ i, and 0 for j > i.",
      });
    },
    {
      cases: {
        "one head": (d) => [1, d.integer(3, 7)],
        "one position": () => [4, 1],
        "two heads": (d) => [2, d.integer(5, 9)],
        "eight heads": (d) => [8, d.pick([5, 6, 7])],
        "sixteen heads": (d) => [16, d.pick([3, 5])],
        "many positions": () => [4, 70],
      },
    },
  );

  exercise(
    "rotatePairs",
    (rotatePairs) => {
      const x = randomNormal([4, 6], { rng: new Random(7) });
      const rows = x.arraySync() as number[][];
      const y = rotatePairs(x);
      expectShape(y, [4, 6]);
      expectFinite(y);
      expectClose(y, rotated(rows), {
        mistakes: [
          [
            rotated(rows, { read: halves, write: halves }),
            "Here channels i and i + D/2 are a pair. In this exercise a pair is channels 2i and 2i + 1.",
          ],
          [
            rotated(rows, { write: halves }),
            "The pairs turned, but were put back as two halves: the first number of pair i belongs " +
              "into channel 2i, the second into 2i + 1 (tf.stack along a last axis, then a reshape).",
          ],
          [
            rotated(rows, { sign: -1 }),
            "The pairs turn the other way: check which of the four products has the minus.",
          ],
          [
            rotated(rows, { rate: () => 1 }),
            "All pairs turn at one speed. Pair i turns by p · 10000^(−2i / D): later pairs more slowly.",
          ],
          [
            rotated(rows, { rate: (i, D) => 10000 ** (-i / D) }),
            "The exponent is −2i / D, where i counts pairs.",
          ],
          [
            rotated(rows, { first: 1 }),
            "Positions begin at 0: the first row is not turned at all.",
          ],
          [
            rotated(rows, { rate: (i, D) => 10000 ** ((-2 * (i + 1)) / D) }),
            "The pairs are counted from 0: the first one turns by 1 radian per position, since " +
              "10000^0 is 1.",
          ],
          [
            rotated(rows, { rate: (i, D) => 10000 ** (-i / (D / 2 - 1)) }),
            "The exponent is −2i / D, so that the last pair turns a little faster than 1 / 10000.",
          ],
          [
            rotated(rows, { exchanged: true }),
            "Sine and cosine are exchanged: at position 0 the cosine is 1 and the sine 0, so that a row " +
              "stays as it is.",
          ],
          [
            rotated(rows, { write: (i) => [2 * i + 1, 2 * i] }),
            "The two numbers of each pair changed places: a cos θ − b sin θ belongs into channel 2i.",
          ],
        ],
        message:
          "Pair i of the row at position p becomes (a cos θ − b sin θ, a sin θ + b cos θ), " +
          "θ = p · 10000^(−2i / D). A rotation keeps the length of every pair, and later pairs turn " +
          "more slowly.",
      });
      const half = rotatePairs(x, { scale: 0.5 });
      expectClose(half, rotated(rows, { scale: 0.5 }), {
        what: "the result with scale 0.5",
        mistakes: [
          [rotated(rows), "The option `scale` changes nothing: it multiplies every position."],
          [
            rotated(rows, { scale: 2 }),
            "The positions were divided by `scale`, and should be multiplied by it.",
          ],
          [
            rotated(rows).map((row) => row.map((value) => value / 2)),
            "Here `scale` multiplies the numbers of x. It multiplies the positions, and lengths stay.",
          ],
        ],
        message: "With scale s, position p turns as far as position s · p without it.",
      });
      const heads = randomNormal([2, 3, 4, 6], { rng: new Random(8) });
      const all = rotatePairs(heads);
      expectShape(all, [2, 3, 4, 6], "the result for x (2, 3, 4, 6)");
      const last = (tf.slice(heads, [1, 2, 0, 0], [1, 1, -1, -1]) as tf.Tensor).reshape([4, 6]);
      expectClose(
        (tf.slice(all, [1, 2, 0, 0], [1, 1, -1, -1]) as tf.Tensor).reshape([4, 6]),
        rotated(last.arraySync() as number[][]),
        {
          what: "text 1, head 2 of x (2, 3, 4, 6)",
          message:
            "Positions are the second axis from the end, however many axes are in front: every head " +
            "of every text turns alike.",
        },
      );
    },
    {
      cases: {
        "one position": (d) => [d.normal([1, 6])],
        "one pair": (d) => [d.normal([5, 2])],
        "a table (T, D)": (d) => [d.normal([d.pick([5, 6, 7]), d.pick([6, 10])])],
        "texts (B, T, D)": (d) => [d.normal([3, d.pick([5, 6]), d.pick([6, 10])])],
        "heads (B, H, T, D)": (d) => [d.normal([2, 3, d.pick([5, 7]), d.pick([6, 10])])],
        "a scale below 1": (d) => [d.normal([2, 5, 6]), { scale: 0.25 }],
        "a scale above 1": (d) => [d.normal([2, 3, 5, 6]), { scale: 3 }],
        "no scale among the options": (d) => [d.normal([5, 6]), {}],
        "many positions": (d) => [d.normal([100, 6])],
        zeros: () => [tf.zeros([5, 6])],
      },
    },
  );

  exercise(
    "interleavedToHalves",
    (interleavedToHalves, { reference }) => {
      // 8 rows, so that rearranging rows is possible too.
      const W = tf.tensor2d(filled(8, 8, (r, c) => 10 * r + c));
      const got = interleavedToHalves(W, 2);
      expectShape(got, [8, 8]);
      const columns = (order: number[]) => filled(8, 8, (r, c) => 10 * r + order[c]);
      expectClose(got, columns([0, 2, 1, 3, 4, 6, 5, 7]), {
        mistakes: [
          [
            reference
              .interleavedToHalves(tf.tensor2d(filled(8, 8, (r, c) => 10 * c + r)), 2)
              .transpose(),
            "The rows were rearranged. Each column makes one channel, so the columns move.",
          ],
          [
            columns([0, 2, 4, 6, 1, 3, 5, 7]),
            "The even columns of all heads come first here. A column has to stay within its head: do the " +
              "same in each head by itself.",
          ],
          [
            columns([1, 3, 0, 2, 5, 7, 4, 6]),
            "Here the odd columns come first: in each head the even columns do.",
          ],
          [
            columns([0, 2, 1, 3, 4, 5, 6, 7]),
            "Only the first head was rearranged: every head needs the same.",
          ],
          [
            columns([2, 3, 0, 1, 6, 7, 4, 5]),
            "The two halves of each head changed places. What should move are neighbours: the first " +
              "numbers of all pairs of a head come first, and then the second ones.",
          ],
          [
            columns([1, 0, 3, 2, 5, 4, 7, 6]),
            "The two numbers of each pair changed places, but they are still neighbours: they should " +
              "stand D/2 columns apart.",
          ],
        ],
        message: "In each head the even columns come first, and then the odd ones.",
      });
      const six = tf.tensor2d([[0, 1, 2, 3, 4, 5]]);
      expectClose(interleavedToHalves(six, 1), [[0, 2, 4, 1, 3, 5]], {
        what: "the columns 0 … 5 of one head",
        mistakes: [
          [
            [[0, 3, 1, 4, 2, 5]],
            "This is the way back, from halves to neighbours: column h·D + i of the result comes " +
              "from column h·D + 2i.",
          ],
        ],
        message: "In each head the even columns come first, and then the odd ones.",
      });
    },
    {
      gradients: false, // weights are rearranged once, before anything is trained
      cases: {
        "one head": (d) => [d.normal([3, 6]), 1],
        "heads of one pair": (d) => [d.normal([5, 6]), 3],
        "several heads": (d) => [d.normal([7, 30]), d.pick([3, 5])],
        "a square matrix": (d) => [d.normal([12, 12]), 2],
        "one row": (d) => [d.normal([1, 20]), 2],
      },
    },
  );
});
