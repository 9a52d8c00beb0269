// Lesson 21 (inference): judges the learner, the solutions and the mutants.

import {
  type Draw,
  expectClose,
  expectEqual,
  expectFinite,
  expectRowsSumTo,
  expectShape,
  expectTrue,
  fail,
  lesson,
} from "llm/course/kit";
import type * as answers from "../../solutions/21-inference";
import { mutants } from "../mutants/21-inference";

type Piece = Parameters<typeof answers.mergeSoftmax>[0];

/** What one pass over some keys keeps. */
function pieceOf(scores: number[], values: number[][]): Piece {
  const largest = Math.max(...scores);
  const weights = scores.map((s) => Math.exp(s - largest));
  return {
    largest,
    sum: weights.reduce((a, b) => a + b, 0),
    mixed: values[0].map((_, d) => weights.reduce((a, w, i) => a + w * values[i][d], 0)),
  };
}
const drawPiece = (d: Draw, { keys = 3, width = 4, scale = 1, shift = 0 } = {}): Piece =>
  pieceOf(
    d.list(keys, scale).map((s) => s + shift),
    d.table(keys, width),
  );
const nothing = (width: number): Piece => ({
  largest: -Infinity,
  sum: 0,
  mixed: Array(width).fill(0),
});

const distribution = (d: Draw, V: number, scale = 1): number[] => {
  const weights = d.list(V, scale).map(Math.exp);
  const total = weights.reduce((a, b) => a + b, 0);
  return weights.map((w) => w / total);
};
const guessOf = (d: Draw, V: number, scale = 1): Parameters<typeof answers.afterGuess> => [
  distribution(d, V, scale),
  distribution(d, V, scale),
  d.integer(0, V - 1),
  d.number(0, 1),
];

const textOf = (d: Draw, length: number, V = 9) => Array.from({ length }, () => d.integer(0, V));
/** A text that goes on like another for so many tokens, then differently. */
function branch(d: Draw, same: number, length: number, blockTokens: number) {
  const text = textOf(d, length);
  const kept = [...text.slice(0, same), ...textOf(d, 6).map((id) => id + 10)];
  return [text, [kept], blockTokens] as Parameters<typeof answers.reusedTokens>;
}

const textsOf = (
  d: Draw,
  unread: number[],
  limits: { budget: number; free: number; blockTokens: number },
): Parameters<typeof answers.planStep> => [
  unread.map((n) => ({ read: d.integer(0, 12), unread: n })),
  limits,
];

lesson<typeof answers>(
  "21-inference",
  mutants,
  (exercise) => {
    exercise(
      "kvBytes",
      (kvBytes) => {
        const plain = { nLayer: 3, nHead: 6, headWidth: 10 };
        const told = (
          bytes: number,
          right: number,
          { what, ...said }: { what: string; mistakes?: [number, string][]; message: string },
        ) => expectEqual(bytes, right, { ...said, asked: `${what}: ${bytes}, expected ${right}.` });
        const each = 2 * 3 * 10 * 50 * 2; // of one head
        const grouped = kvBytes({ ...plain, nKvHead: 2 }, 50, 2);
        expectFinite(grouped);
        told(grouped, 2 * each, {
          what: "bytes with 6 heads of queries and 2 of keys",
          mistakes: [
            [
              6 * each,
              "These are the heads of queries: with grouped queries there are fewer of keys.",
            ],
            [each, "What is kept of a token is a key and a value: 2 vectors for each head."],
            [(2 * each) / 3, "Every layer has keys and values of its own."],
            [2 * each * 25, "Only bytes per number are a factor, not their square."],
          ],
          message: "2 · nLayer · nKvHead · headWidth · tokens · bytes.",
        });
        told(kvBytes(plain, 50, 2), 6 * each, {
          what: "bytes without nKvHead",
          message: "Where nKvHead is absent, there are as many heads of keys as of queries.",
        });
        told(kvBytes({ ...plain, window: 20 }, 50, 2), 6 * each * 0.4, {
          what: "bytes with a window of 20 after 50 tokens",
          mistakes: [[6 * each, "With a window, only the last `window` tokens are kept."]],
          message: "The smaller of tokens and window.",
        });
        told(kvBytes({ ...plain, window: 80 }, 50, 2), 6 * each, {
          what: "bytes with a window of 80 after 50 tokens",
          message: "A text shorter than the window keeps what it has: no more.",
        });
      },
      {
        cases: {
          "all heads": (d) => [{ nLayer: 12, nHead: 12, headWidth: 64 }, d.integer(1, 999), 2],
          "grouped queries": (d) => [
            { nLayer: 30, nHead: 9, headWidth: 64, nKvHead: 3 },
            d.integer(1, 999),
            4,
          ],
          "one head of keys": (d) => [
            { nLayer: d.integer(2, 5), nHead: 8, headWidth: 10, nKvHead: 1 },
            33,
            0.5,
          ],
          "a window": (d) => [
            { nLayer: 4, nHead: 4, headWidth: 8, window: 16 },
            d.integer(1, 60),
            2,
          ],
          "no token yet": () => [{ nLayer: 4, nHead: 4, headWidth: 8 }, 0, 2],
        },
      },
    );

    exercise(
      "cacheRow",
      (cacheRow) => {
        const table = [7, 2, 5];
        const rows = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11].map((p) => cacheRow(p, [...table], 4));
        expectShape(rows, [12], "the rows of twelve positions");
        expectClose(rows, [28, 29, 30, 31, 8, 9, 10, 11, 20, 21, 22, 23], {
          what: "the rows of twelve positions",
          mistakes: [
            [
              [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
              "This is the position, as if it lay in one piece: ask the table where the block is.",
            ],
            [
              [28, 28, 28, 28, 8, 8, 8, 8, 20, 20, 20, 20],
              "This is the first row of the block: add the place of the position within it.",
            ],
            [
              [28, 8, 20, -1, 29, 9, 21, -1, 30, 10, 22, -1],
              "The quotient says which block of the text; the remainder says the place within it.",
            ],
          ],
          message: "table[⌊position / blockTokens⌋] · blockTokens + position mod blockTokens.",
        });
        expectTrue(
          cacheRow(12, [...table], 4) === -1,
          "The table has three blocks of 4: position 12 is beyond it, and the result is −1.",
        );
        expectTrue(
          cacheRow(1, [-1, 2], 4) === -1,
          "A block of −1 was given back: there is no row, and the result is −1.",
        );
        expectTrue(cacheRow(2, [0], 4) === 2, "Block 0 is a block like any other.");
      },
      {
        cases: {
          "some position": (d) => [d.integer(0, 19), [3, 9, 1, 6, 0], 4],
          "blocks of an odd size": (d) => [d.integer(0, 20), [4, 0, 2], 7],
          "blocks of one token": (d) => [d.integer(0, 2), [5, 3, 8], 1],
          "a position beyond the table": (d) => [d.integer(8, 30), [3, 1], 4],
          "blocks that were given back": (d) => [d.integer(0, 11), [-1, -1, 6], 4],
          "no block": () => [0, [], 16],
        },
      },
    );

    exercise(
      "reusedTokens",
      (reusedTokens) => {
        const asked: [number[], number[][], number, string][] = [
          [
            [1, 2, 3, 4, 5, 9, 9],
            [[1, 2, 3, 4, 5, 6]],
            4,
            "Five tokens agree, but only whole blocks are found: with blocks of 2 that is 4.",
          ],
          [
            [1, 2, 3, 4],
            [[1, 2, 3, 4, 5]],
            3,
            "All is in the cache, but the last token is read: without it there are no logits.",
          ],
          [
            [5, 6, 7, 8, 1],
            [
              [1, 2],
              [5, 6, 7, 8],
            ],
            4,
            "Look at all kept texts: the second has four tokens of this one.",
          ],
          [
            [8, 9, 3, 4, 7],
            [
              [1, 2, 3, 4],
              [8, 9],
            ],
            2,
            "Block [3, 4] was kept behind [1, 2], not behind [8, 9]: its keys depend on everything before.",
          ],
          [[3, 4, 1], [[1, 2, 3, 4]], 0, "A text must agree from its beginning."],
          [[1, 2, 3], [[1]], 0, "A kept text that filled no block has nothing to find."],
          [[1, 2, 3], [], 0, "With nothing kept, all is read."],
        ];
        for (const [ids, kept, right, message] of asked)
          expectTrue(
            reusedTokens(
              [...ids],
              kept.map((k) => [...k]),
              2,
            ) === right,
            message,
          );
      },
      {
        cases: {
          "a text that branches": (d) => branch(d, d.integer(0, 12), 14, 3),
          "blocks of one token": (d) => branch(d, d.integer(0, 5), 6, 1),
          "blocks of 16": (d) => branch(d, d.integer(15, 40), 50, 16),
          "a text that was kept": (d) => {
            const ids = textOf(d, d.integer(3, 9));
            return [ids, [[...ids]], 3];
          },
          "several kept texts": (d) => {
            const ids = textOf(d, 12);
            return [ids, [ids.slice(0, 5), ids.slice(0, 9), textOf(d, 9)], 2];
          },
          "nothing kept": (d) => [textOf(d, 5), [], 2],
          "one token": (d) => [[d.integer(0, 5)], [[0, 1, 2]], 1],
        },
      },
    );

    exercise(
      "planStep",
      (planStep) => {
        const told = (
          texts: Parameters<typeof answers.planStep>[0],
          limits: Parameters<typeof answers.planStep>[1],
          right: number[],
          what: string,
          mistakes: [number[], string][],
          message: string,
        ) => {
          const plan = planStep(structuredClone(texts), { ...limits });
          expectShape(plan, [texts.length], what);
          expectClose(plan, right, { what, mistakes, message });
        };
        told(
          [
            { read: 5, unread: 1 },
            { read: 0, unread: 9 },
            { read: 8, unread: 1 },
          ],
          { budget: 6, free: 9, blockTokens: 4 },
          [1, 5, 0],
          "the plan with a budget of 6",
          [
            [[1, 6, 1], "The budget is for all texts together: what the older ones take is gone."],
            [[1, 9, 1], "The budget is for all texts together, and it is 6 tokens."],
            [[1, 0, 1], "A prompt is cut into pieces: it reads as much as the budget leaves."],
          ],
          "The oldest first; each takes its unread tokens, as far as the budget goes.",
        );
        told(
          [
            { read: 4, unread: 1 },
            { read: 0, unread: 9 },
            { read: 8, unread: 3 },
          ],
          { budget: 30, free: 2, blockTokens: 4 },
          [1, 4, 0],
          "the plan with 2 free blocks",
          [
            [[1, 8, 3], "A block that an older text needs is no longer free for the younger ones."],
            [[1, 9, 3], "Rows are limited: a text needs a block for every 4 tokens."],
            [[1, 0, 0], "A prompt is cut into pieces: it reads as far as there is room."],
          ],
          "A text has (its blocks + free ones) · blockTokens rows.",
        );
        told(
          [
            { read: 5, unread: 1 },
            { read: 6, unread: 9 },
          ],
          { budget: 30, free: 0, blockTokens: 4 },
          [1, 2],
          "the plan without a free block",
          [[[0, 0], "The last block of a text has rows left: read 5 of 8 leaves 3 of them."]],
          "Rows that are left in a text's last block need no new one.",
        );
      },
      {
        cases: {
          "texts being written": (d) =>
            textsOf(d, [1, 1, 1, 1], { budget: 64, free: 9, blockTokens: 4 }),
          "a long prompt": (d) => textsOf(d, [1, 1, 50], { budget: 16, free: 99, blockTokens: 16 }),
          "a small budget": (d) =>
            textsOf(d, [5, 7, 3], { budget: d.integer(1, 12), free: 40, blockTokens: 3 }),
          "few free blocks": (d) =>
            textsOf(d, [1, 9, 8, 2], { budget: 60, free: d.integer(0, 5), blockTokens: 3 }),
          "no free block": (d) => textsOf(d, [1, 2, 3], { budget: 60, free: 0, blockTokens: 5 }),
          "blocks of one token": (d) =>
            textsOf(d, [3, 1, 4], { budget: 20, free: d.integer(0, 9), blockTokens: 1 }),
          "no text": () => [[], { budget: 8, free: 8, blockTokens: 4 }],
        },
      },
    );

    exercise(
      "mergeSoftmax",
      (mergeSoftmax) => {
        const a = pieceOf(
          [0, 1],
          [
            [10, 1],
            [2, 3],
          ],
        );
        const b = pieceOf(
          [3, 2.5, -1],
          [
            [4, 0],
            [1, 7],
            [5, 5],
          ],
        );
        const expected = pieceOf(
          [0, 1, 3, 2.5, -1],
          [
            [10, 1],
            [2, 3],
            [4, 0],
            [1, 7],
            [5, 5],
          ],
        );
        const flat = ({ largest, sum, mixed }: Piece) => [largest, sum, ...mixed];
        const check = (x: Piece, y: Piece, what: string) => {
          const result = mergeSoftmax(structuredClone(x), structuredClone(y));
          if (typeof result !== "object" || !Array.isArray(result.mixed))
            fail("The result is an object with largest, sum and mixed, as the pieces are.");
          expectShape(flat(result), [4], `${what}: largest, sum and the two numbers of mixed`);
          const added = x.mixed.map((n, d) => n + y.mixed[d]);
          const turned = [x, y].map((piece) => Math.exp(expected.largest - piece.largest));
          expectClose(flat(result), flat(expected), {
            what,
            mistakes: [
              [
                [expected.largest, x.sum + y.sum, ...added],
                "Each piece is summed relative to its own largest score: before adding, multiply the " +
                  "one with the smaller largest by exp(its largest − the new largest).",
              ],
              [
                [expected.largest, x.sum + y.sum, ...expected.mixed],
                "`sum` needs the same factor as `mixed`: both are relative to the piece's largest.",
              ],
              [
                [expected.largest, expected.sum, ...added],
                "`mixed` needs the same factor as `sum`: both are relative to the piece's largest.",
              ],
              [
                [
                  expected.largest,
                  turned[0] * x.sum + turned[1] * y.sum,
                  ...x.mixed.map((n, d) => turned[0] * n + turned[1] * y.mixed[d]),
                ],
                "The factor is upside down: exp(old largest − new largest), which is at most 1.",
              ],
            ],
            message: "The merged piece equals one pass over the keys of both.",
          });
        };
        check(a, b, "two pieces, the second with the larger score");
        check(b, a, "two pieces, the first with the larger score");
        const empty = mergeSoftmax(nothing(2), nothing(2));
        expectTrue(
          !flat(empty).some(Number.isNaN),
          "Two pieces that have seen no key give NaN: −∞ − (−∞) is no number. Their factor is 0.",
        );
      },
      {
        cases: {
          "two pieces": (d) => [drawPiece(d), drawPiece(d, { keys: 5 })],
          "one key each": (d) => [
            drawPiece(d, { keys: 1, width: 1 }),
            drawPiece(d, { keys: 1, width: 1 }),
          ],
          "scores far apart": (d) => [drawPiece(d, { shift: 60 }), drawPiece(d, { shift: -60 })],
          "large scores": (d) => [drawPiece(d, { shift: 900 }), drawPiece(d, { shift: 901 })],
          "a piece that has seen nothing": (d) => [nothing(4), drawPiece(d)],
          "nothing after something": (d) => [drawPiece(d, { width: 3 }), nothing(3)],
          "two that have seen nothing": () => [nothing(2), nothing(2)],
        },
      },
    );

    exercise(
      "afterGuess",
      (afterGuess) => {
        const p = [0.5, 0.3, 0.15, 0.05];
        const q = [0.2, 0.5, 0.05, 0.25];
        const ask = (guess: number, u: number) => afterGuess([...p], [...q], guess, u);
        const residual = [0.75, 0, 0.25, 0];
        expectClose(ask(0, 0.45), [1, 0, 0, 0], {
          what: "the distribution where p is larger than q",
          mistakes: [
            [residual, "The limit is p / q, not q / p: where p is larger, the guess stays."],
          ],
          message: "Where p is larger than q, the guess always stays.",
        });
        const rejected = ask(1, 0.7); // p/q is 0.6
        expectShape(rejected, [4], "the distribution");
        expectFinite(rejected);
        expectClose(rejected, residual, {
          what: "the distribution after a rejected guess",
          mistakes: [
            [
              p,
              "This is p: then the guess, which was accepted sometimes already, comes too often.",
            ],
            [[0, 1, 0, 0], "The guess always stays: with u 0.7 and p / q 0.6 it is rejected."],
            [[0.3, 0, 0.1, 0], "A distribution adds up to 1: divide the residual by its sum."],
            [
              [0.375, 0.25, 0.125, 0.25],
              "This is |p − q|: only what p has more than q counts, max(0, p − q).",
            ],
            [
              [5 / 7, 0, 1.5 / 7, 0.5 / 7],
              "This is p without the guess. Other tokens that the draft likes too much come too often " +
                "as well: take max(0, p − q).",
            ],
            [[0, 0.5, 0, 0.5], "This is what q has more than p: it is the other way round, p − q."],
          ],
          message: "max(0, p − q), divided by its sum.",
        });
        expectRowsSumTo([rejected], 1);
        expectClose(ask(1, 0.5), [0, 1, 0, 0], {
          what: "the distribution with u 0.5 below p / q 0.6",
          mistakes: [
            [residual, "p is 0.3 and q 0.5. The limit is p divided by q, 0.6, not p alone."],
          ],
          message: "Below p / q the guess stays: 1 at the guess, 0 elsewhere.",
        });
      },
      {
        cases: {
          "some guess": (d) => guessOf(d, 7),
          "two tokens": (d) => guessOf(d, 2),
          "a bad draft": (d) => guessOf(d, 11, 3),
          "a token that the model rules out": (d) => {
            const p = distribution(d, 5);
            const left = 1 - p[2];
            return [
              p.map((x, i) => (i === 2 ? 0 : x / left)),
              distribution(d, 5),
              2,
              d.number(0, 1),
            ];
          },
          "u of 0": (d) => [distribution(d, 5), distribution(d, 5), 3, 0],
          "equal distributions": (d) => {
            const p = distribution(d, 6);
            return [p, [...p], 4, d.number(0, 1)];
          },
        },
      },
    );
  },
  { tensors: false },
);
