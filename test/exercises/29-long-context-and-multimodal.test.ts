// Lesson 29 (long context and images): judges the learner, the solutions and the mutants.

import {
  type Draw,
  expectClose,
  expectEqual,
  expectFinite,
  expectShape,
  expectTrue,
  lesson,
} from "llm/course/kit";
import { tf } from "llm/engine";
import type * as answers from "../../solutions/29-long-context-and-multimodal";
import { mutants } from "../mutants/29-long-context-and-multimodal";

/** Rows by loops, of a picture whose numbers are 0, 1, 2, … */
function patchesOf([height, width, K]: number[], P: number): number[][] {
  const rows: number[][] = [];
  for (let top = 0; top < height; top += P)
    for (let left = 0; left < width; left += P) {
      const row: number[] = [];
      for (let y = top; y < top + P; y++)
        for (let x = left; x < left + P; x++)
          for (let k = 0; k < K; k++) row.push((y * width + x) * K + k);
      rows.push(row);
    }
  return rows;
}
const numbered = ([height, width, K]: number[], more = 0) =>
  Array.from({ length: height * width * K }, (_, i) => i + more);

/** The loss by loops, with what people get wrong as options. */
function lossByLoops(
  images: number[][],
  captions: number[][],
  logScale: number,
  { unit = true, scale = Math.exp(logScale), sides = [1, 1], mean = true } = {},
): number {
  const length = (row: number[]) => Math.sqrt(row.reduce((s, x) => s + x * x, 1e-12));
  const rows = (list: number[][]) =>
    unit ? list.map((row) => row.map((x) => x / length(row))) : list;
  const [a, b] = [rows(images), rows(captions)];
  const s = a.map((x) => b.map((y) => scale * x.reduce((sum, v, i) => sum + v * y[i], 0)));
  const nll = (row: number[], i: number) =>
    Math.log(row.reduce((sum, x) => sum + Math.exp(x), 0)) - row[i];
  const total = (list: number[][]) => list.reduce((sum, row, i) => sum + nll(row, i), 0);
  const columns = s[0].map((_, j) => s.map((row) => row[j]));
  const weights = sides[0] + sides[1];
  const sum = (sides[0] * total(s) + sides[1] * total(columns)) / weights;
  return mean ? sum / a.length : sum;
}

const yarn = (d: Draw) => ({
  factor: d.pick([1.5, 2, 4, 16]),
  trained: d.pick([40, 64, 300, 2048, 4096]),
  fast: d.pick([8, 20, 32]),
  slow: d.pick([0.5, 1, 2]),
});

lesson<typeof answers>("29-long-context-and-multimodal", mutants, (exercise) => {
  exercise(
    "yarnFrequencies",
    (yarnFrequencies) => {
      const [D, given] = [8, { factor: 4, trained: 2000, fast: 32, slow: 1 }];
      const found = yarnFrequencies(D, given);
      expectTrue(Array.isArray(found), "yarnFrequencies gives a list of D/2 numbers.");
      expectShape(found, [D / 2]);
      expectFinite(found);
      const theta = (i: number) => 10000 ** ((-2 * i) / D);
      const mixed = (share: (i: number) => number, factor = 4) =>
        [0, 1, 2, 3].map((i) => (1 - share(i)) * theta(i) + (share(i) * theta(i)) / factor);
      const clamp = (x: number) => Math.min(Math.max(x, 0), 1);
      const at = (n: number) => (D * Math.log(2000 / (2 * Math.PI * n))) / (2 * Math.log(1e4));
      expectClose(
        found,
        mixed((i) => i / 3),
        {
          what: "yarnFrequencies(8, { factor: 4, trained: 2000, fast: 32, slow: 1 })",
          mistakes: [
            [
              mixed((i) => 1 - i / 3),
              "γ is the share of the divided frequency: 0 in the quickest pair, which stays as it is.",
            ],
            [
              mixed(() => 1),
              "All pairs are divided here. That is linear interpolation; quick pairs stay as they are.",
            ],
            [mixed((i) => i / 3, 1 / 4), "θ is divided by the factor, not multiplied."],
            [
              [0, 1, 2, 3].map((i) => theta(i) / (1 + (i / 3) * 3)),
              "γ mixes the two frequencies, not the two divisors.",
            ],
            [
              mixed((i) => clamp((i - 1) / 3)),
              "pair(n) has L / (2π n) inside the logarithm: n whole turns within L positions.",
            ],
            [
              mixed((i) => clamp((i - at(32)) / (at(1) - at(32)))),
              "first is rounded down and last is rounded up: they are numbers of pairs.",
            ],
          ],
          message: "θ′ = (1 − γ) · θ + γ · θ / factor, with γ = (i − first) / (last − first).",
        },
      );
      const long = { factor: 2, trained: 4096, fast: 32, slow: 1 };
      const D2 = 64;
      const theta2 = (i: number) => 10000 ** ((-2 * i) / D2);
      const withEdges = (first: number, last: number) =>
        Array.from({ length: 32 }, (_, i) => {
          const share = clamp((i - first) / (last - first));
          return (1 - share) * theta2(i) + (share * theta2(i)) / 2;
        });
      const pair = (n: number) => (64 * Math.log(4096 / (2 * Math.PI * n))) / (2 * Math.log(1e4));
      expectClose(yarnFrequencies(D2, long), withEdges(10, 23), {
        what: "yarnFrequencies(64, { factor: 2, trained: 4096, fast: 32, slow: 1 })",
        rtol: 1e-6,
        atol: 1e-12,
        mistakes: [
          [
            withEdges(pair(32), pair(1)),
            "first is rounded down and last is rounded up: they are numbers of pairs.",
          ],
          [withEdges(11, 22), "first is rounded down and last up, here the other way round."],
        ],
        message: "first = ⌊pair(fast)⌋ is 10 here, last = ⌈pair(slow)⌉ is 23.",
      });
      const short = yarnFrequencies(16, { factor: 4, trained: 64, fast: 32, slow: 1 });
      expectClose(short.slice(0, 2), [1, 10 ** -0.5 * (2 / 3 + 1 / 12)], {
        what: "the first two of yarnFrequencies(16, { factor: 4, trained: 64, fast: 32, slow: 1 })",
        mistakes: [
          [
            [1 * (3 / 4 + 1 / 16), 10 ** -0.5 * (1 / 2 + 1 / 8)],
            "pair(fast) is below 0 here, and first is at least 0.",
          ],
        ],
        message: "first is at least 0: in short texts no pair turns 32 times.",
      });
    },
    {
      cases: {
        "usual numbers": (d) => [2 * d.integer(3, 20), yarn(d)],
        "a factor of 1": (d) => [2 * d.integer(3, 9), { ...yarn(d), factor: 1 }],
        "a text so short that first and last are 0": (d) => [
          2 * d.integer(3, 9),
          { ...yarn(d), trained: d.integer(2, 3), fast: 30, slow: 1 },
        ],
        "very long texts": (d) => [2 * d.integer(4, 9), { ...yarn(d), trained: 10_000_000 }],
      },
    },
  );

  exercise(
    "keepSinks",
    (keepSinks) => {
      const told = (
        args: [number, number, number],
        tokens: number[],
        { sentence, mistakes = [] }: { sentence: string; mistakes?: [number[], string][] },
      ) => {
        const kept = keepSinks(...args);
        expectTrue(Array.isArray(kept), "keepSinks gives a list of { token, place }.");
        const got = JSON.stringify(kept.map(({ token }) => token));
        const known = mistakes.find(([list]) => JSON.stringify(list) === got);
        expectEqual(got, JSON.stringify(tokens), {
          message: known ? known[1] : sentence,
          asked: `The tokens of keepSinks(${args}) are [${tokens}], got ${got}.`,
        });
        const places = kept.map(({ place }) => place);
        const right = tokens.map((_, i) => i);
        const isText = JSON.stringify(places) === JSON.stringify(tokens);
        expectEqual(JSON.stringify(places), JSON.stringify(right), {
          message: isText
            ? "Places are counted inside the cache, without gaps: these are those of the text."
            : "Places are counted inside the cache, 0, 1, 2, … without gaps.",
          asked: `The places of keepSinks(${args}) are [${right}], got [${places}].`,
        });
      };
      told([9, 2, 3], [0, 1, 6, 7, 8], {
        sentence: "The first `sinks` tokens stay, and the last `window` ones.",
        mistakes: [
          [[6, 7, 8], "The sinks are missing: the first tokens stay for good."],
          [[0, 1, 2], "Only the beginning is kept. The newest tokens stay as well."],
          [[0, 1, 5, 6, 7, 8], "That is one token too many: the window includes the newest token."],
          [[0, 1, 7, 8], "That is one token too few: the window is as wide as it says."],
          [
            [0, 1, 8],
            "The window is counted without the sinks: there is room for `window` more tokens.",
          ],
          [[0, 1, 2, 6, 7, 8], "That is one sink too many: tokens 0 … sinks − 1."],
        ],
      });
      told([4, 2, 3], [0, 1, 2, 3], {
        sentence: "A token that is a sink and in the window is kept once.",
      });
      told([2, 4, 3], [0, 1], { sentence: "There are no tokens before 0 or after n − 1." });
      told([6, 0, 2], [4, 5], { sentence: "Without sinks only the window stays." });
    },
    {
      cases: {
        "a long text": (d) => [d.integer(12, 60), d.integer(1, 4), d.integer(2, 7)],
        "a text that fits": (d) => [d.integer(1, 6), d.integer(2, 4), d.integer(4, 9)],
        "sinks inside the window": (d) => [d.integer(5, 7), d.integer(3, 4), d.integer(4, 5)],
        "no sinks": (d) => [d.integer(3, 30), 0, d.integer(1, 5)],
        "a window of 1": (d) => [d.integer(3, 30), d.integer(0, 4), 1],
      },
    },
  );

  exercise(
    "patchify",
    (patchify) => {
      const size = [4, 6, 2];
      const images = tf.tensor4d([...numbered(size), ...numbered(size, 100)], [2, 4, 6, 2]);
      const found = patchify(images, 2);
      expectShape(found, [2, 6, 8]);
      const one = patchesOf(size, 2);
      const both = (rows: number[][]) => [rows, rows.map((row) => row.map((x) => x + 100))];
      const chunks = (numbers: number[]) =>
        Array.from({ length: 6 }, (_, i) => numbers.slice(8 * i, 8 * i + 8));
      const channelsFirst = one.map((row) => [
        ...row.filter((_, i) => i % 2 === 0),
        ...row.filter((_, i) => i % 2 === 1),
      ]);
      const byColumns = [0, 3, 1, 4, 2, 5].map((i) => one[i]);
      const turned = one.map((row) => [0, 1, 4, 5, 2, 3, 6, 7].map((i) => row[i]));
      expectClose(found, both(one), {
        what: "patchify of two pictures of 4 × 6 pixels with 2 channels, P = 2",
        mistakes: [
          [
            both(chunks(numbered(size))),
            "A reshape alone reads on along the row of pixels, through the neighbouring patches. " +
              "Split height and width first, and move the axes.",
          ],
          [
            both(channelsFirst),
            "The channels of a pixel stand side by side: pixels first, channels last.",
          ],
          [both(byColumns), "Patches go row by row from the top left, not column by column."],
          [both(turned), "Inside a patch, pixels go row by row as well: this one is transposed."],
        ],
        message: "Patches row by row; in each, pixels row by row, each with its channels.",
      });
    },
    {
      cases: {
        "one patch": (d) => [d.normal([2, 3, 3, 2]), 3],
        "patches of one pixel": (d) => [d.normal([1, 2, 3, 3]), 1],
        "pictures that are not square": (d) => {
          const [B, rows, columns, K] = d.sizes(4);
          return [d.normal([B, 2 * rows, 2 * columns, K]), 2];
        },
        "larger patches": (d) => [d.normal([3, 6, 9, 5]), 3],
        zeros: () => [tf.zeros([2, 4, 4, 3]), 2],
      },
    },
  );

  exercise(
    "infoNCE",
    (infoNCE) => {
      const images = [
        [1, 2, -1],
        [0.5, -1, 3],
        [-2, 0.3, 0.4],
      ];
      const captions = [
        [2, 1, 0.5],
        [0, 0.2, 1],
        [0.1, -1, -0.6],
      ];
      const logScale = 0.8;
      const loss = infoNCE(tf.tensor2d(images), tf.tensor2d(captions), tf.scalar(logScale));
      expectShape(loss, []);
      expectFinite(loss);
      const by = (options: Parameters<typeof lossByLoops>[3]) =>
        lossByLoops(images, captions, logScale, options);
      expectClose(loss, by({}), {
        what: "infoNCE of three pairs",
        mistakes: [
          [by({ unit: false }), "The rows are divided by their lengths first: s has cosines."],
          [
            by({ scale: logScale }),
            "The scale is exp(logScale): its logarithm is what is learnt, so that it stays positive.",
          ],
          [
            by({ scale: Math.exp(-logScale) }),
            "The cosines are multiplied by exp(logScale). (A temperature would divide.)",
          ],
          [by({ scale: 1 }), "The scale is missing: s = exp(logScale) · a bᵀ."],
          [
            by({ sides: [1, 0] }),
            "Only rows are asked here. Each caption has to find its picture as well: use columns.",
          ],
          [by({ sides: [0, 1] }), "Only columns are asked here. Each picture asks, too: use rows."],
          [by({ mean: false }), "It is the mean over the B pairs, not the sum."],
          [2 * by({}), "Half of each direction: the two means are averaged."],
        ],
        message: "½ · (mean of −ln softmax of rows + of columns), at the diagonal.",
      });
    },
    {
      cases: {
        "one pair": (d) => [d.normal([1, 3]), d.normal([1, 3]), tf.scalar(1)],
        "several pairs": (d) => {
          const [B, E] = d.sizes(2);
          return [d.normal([B, E]), d.normal([B, E]), tf.scalar(Math.fround(d.number(-1, 3)))];
        },
        "a large scale": (d) => [d.normal([5, 3]), d.normal([5, 3]), tf.scalar(4)],
        "long and short rows": (d) => [
          d.normal([3, 5], 30),
          d.normal([3, 5], 0.03),
          tf.scalar(0.5),
        ],
        "a row of zeros": (d) => [
          tf.concat([d.normal([2, 3]), tf.zeros([1, 3])]) as tf.Tensor2D,
          d.normal([3, 3]),
          tf.scalar(0.5),
        ],
      },
    },
  );

  exercise(
    "zeroShot",
    (zeroShot) => {
      const told = (images: number[][], captions: number[][][], right: number[], say: string) => {
        const found = zeroShot(tf.tensor2d(images), tf.tensor3d(captions));
        expectTrue(Array.isArray(found), "zeroShot gives a list with one number for each picture.");
        expectEqual(JSON.stringify(found), JSON.stringify(right), {
          message: say,
          asked: `The classes are [${right}], got ${JSON.stringify(found)}.`,
        });
      };
      const single = [[[2, 0]], [[0, 1]], [[-1, -1]]];
      told(
        [
          [0.1, 3],
          [4, 1],
          [-2, -1],
        ],
        single,
        [1, 0, 2],
        "The class whose vector has the largest cosine to the picture.",
      );
      told(
        [[0.8, 0.6]],
        [[[0.6, 0.8]], [[6, -1]]],
        [0],
        "Lengths of captions do not count: divide by them, the second caption is only longer.",
      );
      told(
        [[1, 0.1]],
        [
          [
            [60, 10],
            [0, 1],
          ],
          [
            [1, 1.1],
            [1, 0.3],
          ],
        ],
        [1],
        "Each caption is divided by its length BEFORE the mean: otherwise the long one decides.",
      );
      told(
        [[1, 0]],
        [
          [
            [0.5, 0.85],
            [0.5, -0.85],
          ],
          [
            [0.8, 0.6],
            [0.8, 0.6],
          ],
        ],
        [0],
        "The mean is divided by its length again: captions that differ have a shorter mean, which " +
          "would count against them.",
      );
    },
    {
      gradients: false,
      cases: {
        "one caption for each class": (d) => {
          const [B, classes, E] = d.sizes(3);
          return [d.normal([B, E]), d.normal([classes, 1, E])];
        },
        "several captions": (d) => {
          const [B, classes, M, E] = d.sizes(4);
          return [d.normal([B, E]), d.normal([classes, M, E])];
        },
        "captions of very different lengths": (d) => [
          d.normal([5, 3]),
          tf.mul(d.normal([6, 3, 3]), tf.tensor3d([0.1, 1, 20], [1, 3, 1])) as tf.Tensor3D,
        ],
        "one class": (d) => [d.normal([3, 5]), d.normal([1, 2, 5])],
      },
    },
  );
});
