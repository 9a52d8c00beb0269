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
  {
    unit = [true, true], // pictures, captions
    scale = Math.exp(logScale),
    sides = [1, 1],
    mean = true,
    targets = images.map((_, i) => i),
    cost = (p: number) => -Math.log(p),
  } = {},
): number {
  const length = (row: number[]) => Math.sqrt(row.reduce((s, x) => s + x * x, 1e-12));
  const rows = (list: number[][], isUnit: boolean) =>
    isUnit ? list.map((row) => row.map((x) => x / length(row))) : list;
  const [a, b] = [rows(images, unit[0]), rows(captions, unit[1])];
  const s = a.map((x) => b.map((y) => scale * x.reduce((sum, v, i) => sum + v * y[i], 0)));
  const share = (row: number[], i: number) =>
    1 / row.reduce((sum, x) => sum + Math.exp(x - row[targets[i]]), 0);
  const total = (list: number[][]) => list.reduce((sum, row, i) => sum + cost(share(row, i)), 0);
  const columns = s[0].map((_, j) => s.map((row) => row[j]));
  const weights = sides[0] + sides[1];
  const sum = (sides[0] * total(s) + sides[1] * total(columns)) / weights;
  return mean ? sum / a.length : sum;
}

const unitRow = (row: number[]) => row.map((x) => x / Math.hypot(...row));
const table = (images: number[][], captions: number[][], logScale: number) =>
  images.map((x) =>
    captions.map(
      (y) => Math.exp(logScale) * unitRow(x).reduce((sum, v, i) => sum + v * unitRow(y)[i], 0),
    ),
  );
/** SigLIP's: the mean over all pairs of ln(1 + e^(∓s)). */
function pairwise(images: number[][], captions: number[][], logScale: number): number {
  const costs = table(images, captions, logScale).flatMap((row, i) =>
    row.map((x, j) => Math.log1p(Math.exp(i === j ? -x : x))),
  );
  return costs.reduce((a, b) => a + b, 0) / costs.length;
}
/** One softmax over the whole table. */
function overAll(images: number[][], captions: number[][], logScale: number): number {
  const s = table(images, captions, logScale);
  const whole = Math.log(s.flat().reduce((sum, x) => sum + Math.exp(x), 0));
  return s.reduce((sum, row, i) => sum + whole - row[i], 0) / s.length;
}
/** Whether the gradient with respect to the pictures has numbers only; true where there is none. */
function hasGradients(loss: typeof answers.infoNCE, images: number[][], captions: number[][]) {
  return tf.tidy(() => {
    try {
      const f = (x: tf.Tensor) => loss(x as tf.Tensor2D, tf.tensor2d(captions), tf.scalar(0.5));
      const slopes = Array.from(tf.grad(f)(tf.tensor2d(images)).dataSync());
      return (
        !Number.isFinite(f(tf.tensor2d(images)).dataSync()[0]) || slopes.every(Number.isFinite)
      );
    } catch {
      return true; // the kit says that no gradient flows
    }
  });
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
      const between = (first: number, last: number) =>
        mixed((i) => clamp((i - first) / (last - first)));
      const turns = (i: number) => (2000 * theta(i)) / (2 * Math.PI);
      const edges = "first is rounded down (0.998 to 0), last is rounded up (2.5 to 3).";
      expectClose(
        found,
        mixed((i) => i / 3),
        {
          what: "yarnFrequencies(8, { factor: 4, trained: 2000, fast: 32, slow: 1 })",
          mistakes: [
            [
              mixed((i) => 1 - i / 3),
              "γ is the share of the divided frequency: 0 in the quickest pair, which stays as " +
                "it is.",
            ],
            [
              mixed(() => 1),
              "All pairs are divided here. That is linear interpolation; quick pairs stay as " +
                "they are.",
            ],
            [mixed((i) => i / 3, 1 / 4), "θ is divided by the factor, not multiplied."],
            [
              [0, 1, 2, 3].map((i) => theta(i) / (1 + (i / 3) * 3)),
              "γ mixes the two frequencies, not the two divisors.",
            ],
            [
              mixed((i) => clamp((i - 1) / 3)),
              "pair(n) has L / (2π n) inside the logarithm: n whole turns within L positions, " +
                "the length of the training.",
            ],
            [
              between(at(32), at(1)),
              "first is rounded down and last is rounded up: they are numbers of pairs.",
            ],
            [between(0, 2), edges],
            [between(1, 3), edges],
            [between(1, 2), edges],
            [
              between(1, 6),
              "pair(n) is divided by 2 · ln 10000: θ_i has 2i / D in the exponent, so i has the " +
                "2 below.",
            ],
            [
              mixed((i) => clamp(i / 4)),
              "From first to last there are last − first steps: γ is 1 at last.",
            ],
            [
              mixed((i) => 1 - clamp((turns(i) - 1) / 31)),
              "This mixes by the number of turns, as the paper on YaRN does. Here, as in its " +
                "authors' code, γ grows in equal steps from pair to pair.",
            ],
            [
              [0, 1, 2, 3].map((i) => theta(i) * 4 ** (-i / 3)),
              "γ mixes θ and θ / factor themselves, (1 − γ) of one and γ of the other, not their " +
                "logarithms.",
            ],
          ],
          message: "θ′ = (1 − γ) · θ + γ · θ / factor, with γ = (i − first) / (last − first).",
        },
      );
      const long = { factor: 2, trained: 4096, fast: 32, slow: 1 };
      const D2 = 64;
      const theta2 = (i: number) => 10000 ** ((-2 * i) / D2);
      const withEdges = (first: number, last: number, keep = clamp) =>
        Array.from({ length: 32 }, (_, i) => {
          const share = keep((i - first) / (last - first));
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
          [
            withEdges(10, 23, (x) => x),
            "γ is kept between 0 and 1: pairs before first stay as they are, pairs after last " +
              "are divided by the factor.",
          ],
          [
            withEdges(10, 23, (x) => Math.max(x, 0)),
            "γ is kept below 1: pairs after last are divided by the factor, not by more.",
          ],
          [
            withEdges(10, 23, (x) => Math.min(x, 1)),
            "γ is kept above 0: pairs before first stay as they are.",
          ],
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
      const [narrow, wide] = [
        { factor: 4, trained: 300, fast: 8, slow: 0.5 }, // first 1, last 9
        { factor: 4, trained: 1e10, fast: 1e8, slow: 1 }, // first 2, last 15
      ];
      const sixteen = (first: number, last: number) =>
        Array.from({ length: 8 }, (_, i) => {
          const [share, theta] = [clamp((i - first) / (last - first)), 10000 ** (-i / 8)];
          return (1 - share) * theta + (share * theta) / 4;
        });
      expectClose(yarnFrequencies(16, narrow), sixteen(1, 4), {
        what: `yarnFrequencies(16, ${JSON.stringify(narrow)})`,
        mistakes: [[sixteen(0, 4), "fast and slow are arguments: they are not always 32 and 1."]],
        message: "first = ⌊pair(fast)⌋ is 1 here, last = ⌈pair(slow)⌉ is 4.",
      });
      expectClose(yarnFrequencies(16, wide), sixteen(2, 15), {
        what: `yarnFrequencies(16, ${JSON.stringify(wide)})`,
        mistakes: [
          [sixteen(2, 19), "pair(slow) is 18.4 here, and last is at most D − 1 = 15."],
          [
            sixteen(2, 7),
            "last may be as large as D − 1. There are only D/2 pairs, but the ramp may go on " +
              "beyond them.",
          ],
        ],
        message: "first is 2 here, and last is D − 1 = 15.",
      });
      const equal = yarnFrequencies(16, { factor: 16, trained: 3, fast: 30, slow: 1 });
      expectFinite(
        equal,
        "first and last are both 0 here, and 0 / 0 is no number: divide by 0.001 in place of 0.",
      );
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
        "texts so long that last is D − 1": (d) => [
          2 * d.integer(8, 16),
          { ...yarn(d), trained: 1e10, fast: 1e8, slow: 1 },
        ],
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
        const is = (list: number[]) => JSON.stringify(places) === JSON.stringify(list);
        const backwards = [...right].reverse();
        const again = tokens.map((_, i) => (i < args[1] ? i : i - args[1]));
        expectEqual(JSON.stringify(places), JSON.stringify(right), {
          message: is(tokens)
            ? "Places are counted inside the cache, without gaps: these are those of the text."
            : is(backwards)
              ? "Places are counted from the oldest: token 0 stands at place 0."
              : is(again)
                ? "The window goes on counting after the sinks; two tokens cannot have one place."
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
          [[0, 1, 5, 6, 7], "The newest token, n − 1, is the last one of the window."],
          [[1, 2, 7, 8, 9], "Tokens are counted from 0: the newest of n is n − 1."],
          [[6, 7, 8, 0, 1], "The sinks come first: they are the oldest."],
          [[8, 7, 6, 1, 0], "The oldest comes first, the newest last."],
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
      expectTrue(
        !(found?.shape?.[1] === 15),
        "Patches do not overlap: the next one begins P pixels further on, not 1. " +
          "The result has 3 · 5 patches for each picture, expected 2 · 3.",
      );
      expectShape(found, [2, 6, 8]);
      const one = patchesOf(size, 2);
      const two = [one, one.map((row) => row.map((x) => x + 100))];
      const mixed = one.flatMap((_, n) => [two[0][n], two[1][n]]);
      const both = (rows: number[][]) => [rows, rows.map((row) => row.map((x) => x + 100))];
      const chunks = (numbers: number[]) =>
        Array.from({ length: 6 }, (_, i) => numbers.slice(8 * i, 8 * i + 8));
      const channelsFirst = one.map((row) => [
        ...row.filter((_, i) => i % 2 === 0),
        ...row.filter((_, i) => i % 2 === 1),
      ]);
      const byColumns = [0, 3, 1, 4, 2, 5].map((i) => one[i]);
      const turned = one.map((row) => [0, 1, 4, 5, 2, 3, 6, 7].map((i) => row[i]));
      const apart = [0, 1, 2, 3, 4, 5].map((n) =>
        [0, 1].flatMap((i) =>
          [0, 1].flatMap((j) => {
            const [y, x] = [2 * i + Math.floor(n / 3), 3 * j + (n % 3)];
            return [0, 1].map((k) => (6 * y + x) * 2 + k);
          }),
        ),
      );
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
          [
            both(apart),
            "A patch is a square without gaps. Here it takes every second row and every third " +
              "column of pixels: split the height into (rows of patches, P), in this order.",
          ],
          [
            [mixed.slice(0, 6), mixed.slice(6)],
            "The pictures of the batch are mixed: the axis of pictures stays the first one.",
          ],
        ],
        message: "Patches row by row; in each, pixels row by row, each with its channels.",
      });
    },
    {
      gradients: false, // pictures are data: nothing is trained through them
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
          [
            by({ unit: [false, false] }),
            "The rows are divided by their lengths first: s has cosines.",
          ],
          [
            by({ unit: [true, false] }),
            "Only the pictures are divided by their lengths. The captions are, too: s has cosines.",
          ],
          [
            by({ unit: [false, true] }),
            "Only the captions are divided by their lengths. The pictures are, too: s has cosines.",
          ],
          [
            by({ targets: [0, 0, 0] }),
            "Here caption 0 is the right one for every picture. Caption i belongs to picture i.",
          ],
          [
            by({ cost: (p) => 1 - p }),
            "This is 1 minus the probability of the right one; the loss is −ln of it.",
          ],
          [
            by({ cost: (p) => -p }),
            "This is minus the probability of the right one; the loss is −ln of it.",
          ],
          [
            pairwise(images, captions, logScale),
            "This asks yes or no for each pair alone, as SigLIP's loss does. Here one caption " +
              "wins against the others of its row: a softmax.",
          ],
          [
            overAll(images, captions, logScale),
            "This softmax goes over all B · B pairs at once. Each row has one of its own, and " +
              "each column.",
          ],
          [
            by({ sides: [1, 0] }) / 2,
            "Half of the rows is there, and the half of the columns is missing.",
          ],
          [
            by({ scale: logScale }),
            "The scale is exp(logScale): its logarithm is what is learnt, so that it stays " +
              "positive.",
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
      const opposite = [
        [1, 0],
        [-1, 0],
      ];
      const sharp = infoNCE(
        tf.tensor2d(opposite),
        tf.tensor2d([
          [-1, 0.1],
          [1, 0],
        ]),
        tf.scalar(4),
      );
      const small =
        "A probability is nearly 0 here, and its logarithm is −Infinity or cut off: " +
        "tf.logSoftmax (or tf.logSumExp) never makes the probability.";
      expectFinite(sharp, small);
      expectClose(
        sharp,
        lossByLoops(
          opposite,
          [
            [-1, 0.1],
            [1, 0],
          ],
          4,
        ),
        {
          what: "infoNCE of two pairs where the wrong caption fits",
          message: small,
        },
      );
      const zeros = [...images.slice(0, 2), [0, 0, 0]];
      expectTrue(
        hasGradients(infoNCE, zeros, captions),
        "With a row of zeros the gradient is no number: 1e-12 stands INSIDE the root, " +
          "√(Σ x² + 1e-12), because the slope of √ at 0 is infinite.",
      );
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
      const told = (
        images: number[][],
        captions: number[][][],
        right: number[],
        say: string,
        mistakes: [number[], string][] = [],
      ) => {
        const found = zeroShot(tf.tensor2d(images), tf.tensor3d(captions));
        expectTrue(Array.isArray(found), "zeroShot gives a list with one number for each picture.");
        const got = JSON.stringify(found);
        const known = mistakes.find(([list]) => JSON.stringify(list) === got);
        expectEqual(got, JSON.stringify(right), {
          message: known ? known[1] : say,
          asked: `The classes are [${right}], got ${got}.`,
        });
      };
      const single = [[[2, 0]], [[0, 1]], [[-1, -1]]];
      told(
        [
          [0.1, 3],
          [-2, -1],
          [4, 1],
        ],
        single,
        [1, 2, 0],
        "The class whose vector has the largest cosine to the picture, as its number.",
        [
          [[2, 0, 1], "For each picture the nearest class is asked, not for each class a picture."],
          [[2, 0, 2], "The largest cosine wins, not the smallest."],
        ],
      );
      // Captions of length 1, at these angles; two of each class, so that all means but that of
      // class 2 are equally long.
      const at = (degrees: number) => [
        Math.cos((degrees * Math.PI) / 180),
        Math.sin((degrees * Math.PI) / 180),
      ];
      told(
        [[1, 0]],
        [
          [at(60), at(-60)],
          [at(-40), at(80)],
          [at(150), at(10)],
        ],
        [0],
        "A class is the mean of its captions: one direction, which is compared with the picture.",
        [
          [[5], "The number of the class is asked, not that of the caption."],
          [
            [2],
            "The nearest single caption does not decide, the mean of the class's captions does.",
          ],
          [
            [1],
            "All captions of a class count, by their mean, not the first one or a vote of each.",
          ],
        ],
      );
      told(
        [[0.8, 0.6]],
        [[[0.6, 0.8]], [[6, -1]]],
        [0],
        "Lengths of captions do not count: divide by them, the second caption is only longer.",
      );
      told(
        [[8, 0]],
        [[[1, 0.1]], [[7, 5]]],
        [0],
        "The cosine decides, not the distance: the first caption has nearly the picture's " +
          "direction.",
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
        "The mean is divided by its length again: captions that differ have a shorter mean, " +
          "which would count against them.",
      );
      told(
        [[1, 0.5]],
        [[[0, 1]], [[2, 0]], [[2, 0]]],
        [1],
        "Of equal classes the first one is the answer, here 1.",
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
