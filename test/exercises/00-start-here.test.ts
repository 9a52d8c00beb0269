// Checks of lesson 00 (start here): the first that a learner ever sees, so each sentence names the
// likely mistake.

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
import { mutants } from "../mutants/00-start-here";

/** The tensors of GPT-2 small (Radford et al., 2019): 12 blocks, 768 wide, 50,257 tokens, 1,024 positions. */
const gpt2Small = [
  [50257, 768],
  [1024, 768],
  ...Array.from({ length: 12 }, () => [
    [768],
    [768],
    [768, 2304],
    [2304],
    [768, 768],
    [768],
    [768],
    [768],
    [768, 3072],
    [3072],
    [3072, 768],
    [768],
  ]).flat(),
  [768],
  [768],
];

const SWAPS = new Map([
  ["my", "your"],
  ["your", "my"],
  ["i", "you"],
  ["you", "I"],
  ["am", "are"],
  ["i'm", "you're"],
]);

const floats = (t: tf.Tensor) => tf.tidy(() => t.toFloat()) as tf.Tensor2D;

/** Shapes of 0 to 4 axes. */
const shapesOf = (d: Draw, count: number): number[][] =>
  Array.from({ length: count }, () =>
    Array.from({ length: d.integer(0, 4) }, () => d.pick([1, 2, 3, 5, 7, 12, 300])),
  );

const FILLERS = ["the", "army", "Yours", "mythic", "I'd", "constructor", "x2", "42", "it's", "AM"];
const BETWEEN = [" ", " ", " ", ", ", ". ", "  ", "\n", "-", "'", "_", "! ", " “", "2 "];
/** A text of words to swap, in any case, among others, with all kinds of marks between them. */
function sentenceOf(d: Draw, words: string[], count: number): string {
  const cased = (word: string) =>
    d.pick([word, word, word.toUpperCase(), word[0].toUpperCase() + word.slice(1)]);
  const parts = Array.from({ length: count }, () => {
    const word = words.length && d.integer(0, 2) ? cased(d.pick(words)) : d.pick(FILLERS);
    return word + d.pick(BETWEEN);
  });
  return parts.join("");
}
/** Words that swap in circles, one that becomes nothing, and one with a sign that replace() reads. */
const tableOf = (d: Draw): Map<string, string> =>
  new Map(
    d.pick<[string, string][]>([
      [
        ["north", "south"],
        ["south", "east"],
        ["east", "north"],
      ],
      [
        ["the", ""],
        ["army", "$&"],
        ["yours", "$1 mine"],
      ],
      [
        ["i", "He"],
        ["he", "I"],
        ["it's", "it is"],
      ],
    ]),
  );

/** A table of counts below `limit`, and a token to stand on. */
const countsOf = (d: Draw, V: number, limit: number): [number[][], number] => [
  Array.from({ length: V }, () => Array.from({ length: V }, () => d.id(limit))),
  d.integer(0, V - 1),
];

lesson<typeof import("../../solutions/00-start-here")>("00-start-here", mutants, (exercise) => {
  exercise(
    "countParameters",
    (countParameters) => {
      const ask = (shapes: number[][], expected: number, likely: (got: number) => string) => {
        const got = countParameters(shapes);
        if (got !== expected)
          fail(
            `${likely(got)}\ncountParameters(${JSON.stringify(shapes)}) is ${got}, expected ${expected}.`,
          );
      };
      ask([[2, 3]], 6, (got) =>
        got === 5
          ? "The sizes were added, but the sizes within one shape multiply: a table of 2 rows and 3 columns holds 2·3 numbers."
          : got === 1
            ? "That is the number of tensors, not of the numbers in them."
            : "One table of 2 rows and 3 columns holds 2·3 numbers.",
      );
      ask([[2, 3], [3]], 9, (got) =>
        got === 18
          ? "Everything was multiplied. Sizes within one shape multiply, different tensors add up: 2·3 + 3."
          : got === 6
            ? "The tensors with one axis are missing: a bias of shape [3] is 3 parameters more."
            : "Two tensors: 2·3 weights and 3 biases.",
      );
      ask(
        [[], [4]],
        5,
        () =>
          "A scalar has shape [] and holds 1 number: start the product of a shape at 1, not at 0 or its first size.",
      );
      ask([], 0, () => "No tensors hold no numbers.");
      ask([[2, 3, 4], [5]], 29, () => "A tensor may have any number of axes: 2·3·4 + 5.");
      ask([[100_000, 100_000], [3]], 10_000_000_003, (got) =>
        got < 10_000_000_000
          ? "Large models have more than 2³¹ parameters: `|` and the other bit operations cut numbers to 32 bits."
          : "The product of the sizes, and 3 more.",
      );
      const got = countParameters(gpt2Small);
      expectTrue(
        got === 124_439_808,
        `GPT-2 small has 124,439,808 parameters; from its ${gpt2Small.length} shapes you count ${got.toLocaleString("en")}.`,
      );
    },
    {
      cases: {
        "one shape": (d) => [shapesOf(d, 1)],
        "several shapes": (d) => [shapesOf(d, d.integer(5, 9))],
        "no shapes at all": () => [[]],
        "scalars among the shapes": (d) => [[[], ...shapesOf(d, 3), []]],
        "an axis of length 0": (d) => [[[3, 0, 5], ...shapesOf(d, 2)]],
        "shapes of billions of numbers": (d) => [
          [[70_000, d.integer(50_000, 90_000)], ...shapesOf(d, 2)],
        ],
      },
      tolerance: { atol: 0, rtol: 0 },
    },
  );

  exercise(
    "reflect",
    (reflect) => {
      const ask = (text: string, expected: string, likely: string) => {
        const got = reflect(text, SWAPS);
        if (typeof got !== "string")
          fail(`reflect should return a text, but returned ${String(got)}.`);
        if (got !== expected)
          fail(`${likely}\n     said ${text}\n      got ${got}\n expected ${expected}`);
      };
      ask("the sea", "the sea", "Words that are not in `swaps` stay as they were.");
      ask(
        "who am",
        "who are",
        reflect("who am", SWAPS) === "who am"
          ? "«am» is in `swaps`, and nothing was swapped."
          : "Every word that is in `swaps` is replaced by what stands there, the rest stays.",
      );
      ask(
        "my dog and your cat",
        "your dog and my cat",
        reflect("my dog and your cat", SWAPS) === "your dog and your cat"
          ? "Only some words were swapped: every word that is in `swaps` must be."
          : "A word that was swapped has been changed back: go through the text once, and swap each word at most once.",
      );
      ask("my army", "your army", "«army» ends in «my», but only whole words are swapped.");
      ask(
        "My dog likes You",
        "your dog likes I",
        reflect("My dog likes You", SWAPS) === "Your dog likes I"
          ? "What replaces a word comes from `swaps` as it stands there: «My» becomes «your», without a capital."
          : "Look words up in lower case: «My» at the start of a sentence is «my» too.",
      );
      ask(
        "it is my, and only my.",
        "it is your, and only your.",
        "A word may be followed by a comma or a full stop: these are not part of it, and stay where they are.",
      );
      ask(
        "I'm here",
        "you're here",
        "The apostrophe is part of the word: «I'm» is one word, in `swaps` by itself.",
      );
      ask(
        "Ahab saw  my Whale!",
        "Ahab saw  your Whale!",
        "Words that are not in `swaps` stay as they were, with their capitals, and so do spaces and marks.",
      );
      ask(
        "My army follows you, as I am your friend.",
        "your army follows I, as you are my friend.",
        "The example of the task.",
      );
      const other = new Map([["north", "south"]]);
      expectTrue(
        reflect("north wind", other) === "south wind" && reflect("my wind", other) === "my wind",
        "The words to swap are those of the table given as `swaps`, whichever it holds (here only north → south).",
      );
      const strange = reflect("the constructor", other);
      expectTrue(
        strange === "the constructor",
        `«constructor» is not in the table, but became «${strange.slice(0, 40)}»: every object has a property of that name; a Map and its \`get\` have not.`,
      );
    },
    {
      cases: {
        "an empty text": () => ["", SWAPS],
        "no words to swap": (d) => [sentenceOf(d, [], 6), new Map()],
        "a short sentence": (d) => [sentenceOf(d, ["my", "your"], 4), SWAPS],
        "a long text of several lines": (d) => [sentenceOf(d, [...SWAPS.keys()], 40), SWAPS],
        "another table of words": (d) => {
          const swaps = tableOf(d);
          return [sentenceOf(d, [...swaps.keys()], 20), swaps];
        },
      },
      repeats: 8,
    },
  );

  exercise(
    "mostLikelyNext",
    (mostLikelyNext) => {
      const table = [
        [0, 5, 2],
        [7, 0, 1],
        [3, 3, 0],
      ];
      const ask = (
        counts: number[][],
        current: number,
        expected: number,
        likely: (got: number) => string,
      ) => {
        const got = mostLikelyNext(counts, current);
        if (got !== expected)
          fail(
            `${likely(got)}\nThe row of token ${current} is [${counts[current].join(", ")}]; got ${got}, expected ${expected}.`,
          );
      };
      ask(table, 0, 1, (got) =>
        got === 5
          ? "That is the count itself; asked for is its place in the row, the id of the next token."
          : "The answer depends on the token you stand on: look at row `current`, and return the place of its largest number.",
      );
      const wide = [
        [1, 8, 0, 2],
        [0, 1, 9, 4],
        [6, 0, 2, 0],
        [5, 7, 3, 1],
      ];
      for (const [current, expected] of [
        [0, 1],
        [1, 2],
        [2, 0],
        [3, 1],
      ]) {
        ask(wide, current, expected, (got) => {
          const column = wide.map((row) => row[current]);
          if (got === wide[current][expected])
            return "That is the count itself; asked for is its place in the row, the id of the next token.";
          if (got === column.indexOf(Math.max(...column)))
            return "That is the largest number of column `current`: what came before the token. What comes after it is in its row, counts[current].";
          return "The answer depends on the token you stand on: only row `current` matters.";
        });
      }
      ask([[2, 30, 9]], 0, 1, (got) =>
        got === 2
          ? "9 is not more than 30: `sort()` without a function compares numbers as texts."
          : "The largest number of the row is 30.",
      );
      ask(
        [
          [9, 2],
          [1, 1],
        ],
        0,
        0,
        () =>
          "A token may follow itself, as in «ee»: the place of the token you stand on counts too.",
      );
      ask(
        table,
        2,
        0,
        () => "A tie: tokens 0 and 1 were both seen 3 times, and the smallest id wins.",
      );
      ask(
        [[0, 0, 0], [], []],
        0,
        0,
        () => "Nothing was ever seen after this token: all tie, and the smallest id wins.",
      );
      ask([[1, 2, 3]], 0, 2, () => "The last place of the row counts too.");
    },
    {
      cases: {
        "a vocabulary of one token": (d) => countsOf(d, 1, 9),
        "small counts, with ties": (d) => countsOf(d, d.integer(3, 6), 3),
        "more tokens": (d) => countsOf(d, d.integer(7, 12), 9),
        "large counts": (d) => countsOf(d, d.integer(5, 9), 1_000_000),
        "a token after which nothing was seen": (d) => {
          const [counts, current] = countsOf(d, d.integer(3, 7), 5);
          counts[current] = counts[current].map(() => 0);
          return [counts, current];
        },
        "one count above all": (d) => {
          const [counts, current] = countsOf(d, d.integer(5, 9), 1);
          counts[current][d.integer(0, counts.length - 1)] = 5;
          return [counts, current];
        },
      },
      repeats: 6,
      tolerance: { atol: 0, rtol: 0 },
    },
  );

  exercise(
    "toProbabilities",
    (toProbabilities) => {
      const ask = (counts: number[][]) => {
        const input = tf.tensor2d(counts);
        const result = toProbabilities(input);
        input.dispose();
        return result;
      };
      // Divided otherwise, as often happens: the same counts, so that the message can name what was done.
      const small = [
        [3, 0],
        [1, 7],
      ];
      const expected = [
        [0.8, 0.2],
        [0.2, 0.8],
      ];
      const wrong: [likely: string, p: number[][]][] = [
        [
          "You divided by the sums of the columns (axis 0). A row of the table belongs to one token: sum along axis 1.",
          [
            [4 / 6, 1 / 9],
            [2 / 6, 8 / 9],
          ],
        ],
        [
          "Column j was divided by the sum of row j. Keep the axis that you sum over: sum(1, true) has shape (rows, 1), and then each row meets its own sum (keepDims).",
          [
            [4 / 5, 1 / 10],
            [2 / 5, 8 / 10],
          ],
        ],
        [
          "You divided by the sum of the whole table; each row is a distribution of its own.",
          [
            [4 / 15, 1 / 15],
            [2 / 15, 8 / 15],
          ],
        ],
        [
          "The sums are those of the counts before 1 was added; divide by the row sums after adding 1.",
          [
            [4 / 3, 1 / 3],
            [2 / 8, 8 / 8],
          ],
        ],
        [
          "The sums are too small: with 1 added to every count, the sum of a row grows by the number of columns, not by 1.",
          [
            [4 / 4, 1 / 4],
            [2 / 9, 8 / 9],
          ],
        ],
        [
          "Nothing was added to the counts, or far less than 1: a count of 0 must become 1, so that nothing is impossible.",
          [
            [1, 0],
            [1 / 8, 7 / 8],
          ],
        ],
        [
          "Counts are divided by their sum, not exponentiated: this looks like a softmax.",
          [
            [1 / (1 + Math.exp(-3)), 1 / (1 + Math.exp(3))],
            [1 / (1 + Math.exp(6)), 1 / (1 + Math.exp(-6))],
          ],
        ],
      ];
      const got = ask(small);
      expectShape(got, [2, 2]);
      const table = tf.tidy(() => got.arraySync() as number[][]);
      const close = (a: number[][]) =>
        a.every((row, i) => row.every((p, j) => Math.abs(p - table[i][j]) < 1e-4));
      for (const [likely, p] of wrong)
        if (close(p))
          expectClose(table, expected, {
            message: likely,
            what: "toProbabilities([[3, 0], [1, 7]])",
          });
      got.dispose();

      const unseen = ask([
        [3, 0],
        [0, 0],
      ]);
      expectFinite(
        unseen,
        "A row without counts gives 0 divided by 0: add 1 to every count before you sum and divide.",
        "toProbabilities([[3, 0], [0, 0]])",
      );
      expectClose(
        unseen,
        [
          [0.8, 0.2],
          [0.5, 0.5],
        ],
        {
          message: "Add 1 to every count, then divide each row by its sum.",
          what: "toProbabilities([[3, 0], [0, 0]])",
        },
      );
      unseen.dispose();

      const wide = ask([
        [9, 4, 0, 3],
        [0, 0, 5, 7],
      ]);
      expectShape(wide, [2, 4]);
      expectClose(
        wide,
        [
          [0.5, 0.25, 0.05, 0.2],
          [1 / 16, 1 / 16, 6 / 16, 8 / 16],
        ],
        {
          message:
            "The table need not be square: with 4 columns, adding 1 to every count adds 4 to the sum of a row.",
          what: "toProbabilities([[9, 4, 0, 3], [0, 0, 5, 7]])",
        },
      );
      wide.dispose();
    },
    {
      cases: {
        "a small table": (d) => [d.ids([2, 3], 9)],
        "more rows than columns": (d) => [floats(d.ids([9, 5], 20))],
        "more columns than rows": (d) => [floats(d.ids([6, 11], 20))],
        "one row": (d) => [floats(d.ids([1, 7], 9))],
        "one column": (d) => [floats(d.ids([5, 1], 9))],
        "rows without counts": (d) => [
          tf.tidy(() => tf.mul(d.ids([5, 6], 2), d.mask([5, 1], 0.5))),
        ],
        "large counts": (d) => [floats(d.ids([5, 7], 100_000))],
      },
      gradients: false, // nothing is trained through counts
    },
  );
});
