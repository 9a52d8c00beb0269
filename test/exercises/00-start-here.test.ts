// Checks of lesson 00 (start here): the first that a learner ever sees, so each sentence names the
// likely mistake.

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
import { mutants } from "../mutants/00-start-here";

/**
 * The tensors of GPT-2 small (Radford et al., 2019): 12 blocks, 768 wide, 50,257 tokens, 1,024
 * positions.
 */
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

/** What known mistakes give, and their sentences. */
type Wrong<V> = [gives: V, sentence: string][];

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
/**
 * Words that swap in circles, one that becomes nothing, and one with a sign that replace() reads.
 */
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
      const ask = (shapes: number[][], expected: number, mistakes: Wrong<number>, rule: string) => {
        const got = countParameters(shapes);
        expectEqual(got, expected, {
          mistakes,
          message: rule,
          asked: `countParameters(${JSON.stringify(shapes)}) is ${got}, expected ${expected}.`,
        });
      };
      const added =
        "The sizes were added, but sizes within one shape multiply: a table of 2 rows and 3 " +
        "columns holds 2·3 numbers.";
      ask(
        [[2, 3]],
        6,
        [
          [5, added],
          [1, "That is the number of tensors, not of the numbers in them."],
          [2, "That is the number of rows, or of axes: multiply all sizes of the shape."],
          [3, "That is the last size alone: multiply all sizes of the shape."],
          [7, "One too many: the sum over the tensors begins at 0, the product of a shape at 1."],
        ],
        "One table of 2 rows and 3 columns holds 2·3 numbers.",
      );
      ask(
        [[2, 3], [5], [4, 2], [1, 2]], // biome-ignore format: one line
        21,
        [
          [
            480,
            "Everything was multiplied. Sizes within one shape multiply, different tensors add up.",
          ],
          [16, "The tensors with one axis are missing: a bias of shape [5] is 5 parameters more."],
          [6, "Only the first tensor was counted: is there a return inside the loop?"],
          [2, "Only the last tensor was counted: add up with +=, not with =."],
          [8, "That is the largest tensor alone: add all of them up."],
          [15, "The first tensor is missing: where does the loop begin?"],
          [19, "The last tensor is missing: where does the loop end?"],
        ],
        "Sizes within one shape multiply, different tensors add up: 2·3 + 5 + 4·2 + 1·2.",
      );
      const scalar =
        "A scalar has shape [] and holds 1 number: start the product of a shape at 1, not at 0 or its " +
        "first size.";
      ask([[], [4]], 5, [[4, scalar]], "A scalar has shape [] and holds 1 number.");
      ask(
        [],
        0,
        [[1, "No tensors hold no numbers: begin the sum at 0."]],
        "No tensors hold no numbers.",
      );
      ask(
        [[2, 3, 4], [5]], // biome-ignore format: one line
        29,
        [
          [
            11,
            "Only the first two sizes of a shape were multiplied: it may have any number of axes.",
          ],
          [13, "Only the first and the last size were multiplied: it may have any number of axes."],
        ],
        "A tensor may have any number of axes: 2·3·4 + 5.",
      );
      const large = [[100_000, 100_000], [3]];
      ask(
        large,
        10_000_000_003,
        [
          [
            1_410_065_411,
            "Large models have more than 2³¹ parameters: `|` and the other bit operations cut numbers " +
              "to 32 bits.",
          ],
          [
            10_000_000_000,
            "The last digits are lost: a Float32Array or Math.fround keeps about seven.",
          ],
        ],
        "The product of the sizes, and 3 more.",
      );
      const got = countParameters(gpt2Small);
      expectEqual(got, 124_439_808, {
        asked:
          `GPT-2 small has 124,439,808 parameters; from its ${gpt2Small.length} shapes you count ` +
          `${got.toLocaleString("en")}.`,
      });
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
      const ask = (text: string, expected: string, mistakes: Wrong<string>, rule: string) => {
        const got = reflect(text, new Map(SWAPS)); // an answer may have changed the one before
        expectEqual(got, expected, {
          mistakes,
          message: rule,
          asked: `     said ${text}\n      got ${got}\n expected ${expected}`,
        });
      };
      ask("the sea", "the sea", [], "Words that are not in `swaps` stay as they were.");
      ask(
        "who am",
        "who are",
        [
          [
            "who am",
            '"am" is in `swaps` and stayed as it was: is only the first word looked at (a regular ' +
              "expression without the flag g)?",
          ],
          ["are", "The words that are not in `swaps` are gone: they stay as they were."],
        ],
        "Every word that is in `swaps` is replaced; everything else stays as it was.",
      );
      ask(
        "my dog and your cat",
        "your dog and my cat",
        [
          [
            "your dog and your cat",
            "Only some words were swapped: every word that is in `swaps` must be.",
          ],
          [
            "my dog and my cat",
            "A word that was swapped has been changed back: go through the text once, and swap each " +
              "word at most once.",
          ],
          [
            "my dog and your cat",
            "A word that was swapped has been changed back: go through the text once, and swap each " +
              "word at most once.",
          ],
        ],
        "Every word that is in `swaps` is replaced once.",
      );
      ask(
        "my army",
        "your army",
        [["your aryour", '"army" ends in "my", but only whole words are swapped.']],
        "Only whole words are swapped.",
      );
      ask(
        "My dog likes You",
        "your dog likes I",
        [
          [
            "Your dog likes I",
            'The replacement is taken from `swaps` unchanged: "My" becomes "your", without ' +
              "a capital.",
          ],
          [
            "My dog likes You",
            'Look words up in lower case: "My" at the start of a sentence is "my" too.',
          ],
          [
            "your dog likes i",
            'The replacement is taken from `swaps` unchanged: "You" becomes "I", with its ' +
              "capital.",
          ],
        ],
        "Words are looked up in lower case, and replaced by what `swaps` has for them.",
      );
      ask(
        "it is my, and only my.",
        "it is your, and only your.",
        [
          [
            "it is my, and only my.",
            "A word may be followed by a comma or a full stop: these are not part of the word, and stay where " +
              "they are.",
          ],
          [
            "it is your and only your",
            "The marks between the words (a comma, a full stop) are gone.",
          ],
          ["it is your, and only my.", "The second time the same word came, it was not swapped."],
        ],
        "A comma or a full stop after a word is not part of it, and stays where it is.",
      );
      ask(
        "I'm here",
        "you're here",
        [
          [
            "you'm here",
            'The apostrophe is part of the word: "I\'m" is one word, in `swaps` by itself.',
          ],
        ],
        "The apostrophe is part of the word.",
      );
      ask(
        "Ahab saw  my Whale!",
        "Ahab saw  your Whale!",
        [
          [
            "ahab saw  your whale!",
            "Words that are not in `swaps` stay as they were, with their capitals.",
          ],
          [
            "Ahab saw your Whale!",
            "Two spaces have become one: everything between words stays as it was.",
          ],
        ],
        "Words that are not in `swaps` stay as they were, with their capitals, and so do spaces and marks.",
      );
      const other = new Map([["north", "south"]]);
      expectTrue(
        reflect("my wind", other) === "my wind",
        "The words to swap are those of the table given as `swaps`, whichever it holds (here only " +
          "north → south).",
      );
      const strange = reflect("the constructor", other);
      expectTrue(
        strange === "the constructor",
        `"constructor" is not in the table, but became "${strange.slice(0, 40)}": every object has a ` +
          "property of that name; a Map and its `get` have not.",
      );
    },
    {
      cases: {
        "an empty text": () => ["", SWAPS],
        "no words to swap": (d) => [sentenceOf(d, [], 6), new Map()],
        "a short sentence": (d) => [sentenceOf(d, ["my", "your"], 4), SWAPS],
        "letters of other alphabets": (d) => [
          d.pick([
            "Amélie am i, naïve i",
            "my ägypten, ämy",
            "я am Ёлка my",
            "猫my my猫 my",
            "śi i",
            "𐐨my my 𐐨i i",
          ]),
          new Map(SWAPS),
        ],
        "words that only replace others": (d) => [
          `${d.pick(["are", "you're"])} ${sentenceOf(d, ["are", "am", "you're"], 5)}`,
          new Map(SWAPS),
        ],
        "a long text of several lines": (d) => [sentenceOf(d, [...SWAPS.keys()], 40), SWAPS],
        "a word that is replaced by nothing": (d) => {
          const swaps = new Map([
            ["the", ""],
            ["my", "your"],
          ]);
          return [sentenceOf(d, ["the", "the", "my"], 8), swaps];
        },
        "replacements with a dollar sign": (d) => {
          const swaps = new Map([
            ["army", "$&"],
            ["yours", "$1 mine"],
            ["my", "$$"],
          ]);
          return [sentenceOf(d, ["army", "yours", "my"], 8), swaps];
        },
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
      const ask = (
        counts: number[][],
        current: number,
        expected: number,
        mistakes: Wrong<number>,
      ) => {
        const got = mostLikelyNext(counts, current);
        expectEqual(got, expected, {
          mistakes,
          message: "Look at row `current` alone, and return the place of its largest number.",
          asked:
            `The row of token ${current} is [${counts[current].join(", ")}]; ` +
            `got ${got}, expected ${expected}.`,
        });
      };
      const count =
        "That is the count itself; return its place in the row, which is the id of the next token.";
      const column =
        "That is the largest number of column `current`: what came before the token. What comes after " +
        "it is in its row, counts[current].";
      // In this table every way of going wrong leads somewhere else.
      const table = [
        [1, 2, 4, 3, 0],
        [9, 0, 6, 3, 5],
        [0, 5, 1, 7, 3],
        [2, 1, 9, 0, 4],
        [1, 3, 2, 8, 6],
      ];
      ask(table, 2, 3, [
        [7, count],
        [0, "That is the place of the smallest number; return that of the largest."],
        [1, "That is the place of the second largest number."],
        [4, "The places count from 0: the first token has the id 0."],
        [
          2,
          "Place 2 is not that of the largest count: is a column left out, or another row looked at? " +
            "Only row `current` matters, from place 0 on.",
        ],
      ]);
      ask(table, 0, 2, [
        [4, count],
        [1, column],
        [
          3,
          "That is the answer for the last row. Token 0 is a token like any other: `||` and `if` take " +
            "0 for nothing.",
        ],
        [4, count],
      ]);
      ask([[2, 30, 9]], 0, 1, [
        [2, "9 is not more than 30: `sort()` without a function compares numbers as texts."],
        [30, count],
      ]);
      const again =
        'A token may follow itself, as in "ee": the place of the token you stand on counts too.';
      ask([[9, 2], [1, 1]], 0, 0, [[1, again]]); // biome-ignore format: one line
      ask([[3, 3, 0]], 0, 0, [
        [1, "A tie: tokens 0 and 1 were both seen 3 times, and the smallest id wins."],
        [3, count],
      ]);
      const never = "Nothing was ever seen after this token: all tie, and the smallest id wins.";
      ask([[0, 0, 0], [], []], 0, 0, [[-1, never], [2, never]]); // biome-ignore format: one line
      ask([[1, 2, 3]], 0, 2, [
        [1, "The last place of the row counts too."],
        [3, count],
      ]);
      ask([[7, 2, 3]], 0, 0, [
        [2, "The first place of the row counts too: ids begin at 0."],
        [1, "The places count from 0: the first token has the id 0."],
        [7, count],
      ]);
    },
    {
      cases: {
        "a vocabulary of one token": (d) => countsOf(d, 1, 9),
        "small counts, with ties": (d) => countsOf(d, d.integer(3, 6), 3),
        "more tokens": (d) => countsOf(d, d.integer(7, 12), 9),
        "large counts": (d) => countsOf(d, d.integer(5, 9), 1_000_000),
        "a vocabulary of hundreds of tokens": (d) => {
          const [counts, current] = countsOf(d, 300, 9);
          counts[current][d.integer(256, 299)] = 10;
          return [counts, current];
        },
        "a token after which nothing was seen": (d) => {
          const [counts, current] = countsOf(d, d.integer(3, 7), 5);
          counts[current] = counts[current].map(() => 0);
          return [counts, current];
        },
        "large counts that are close": (d) => {
          const V = d.integer(4, 7);
          const row = Array.from({ length: V }, () => 16_777_216);
          row[d.integer(1, V - 1)] += 1;
          return [Array.from({ length: V }, () => [...row]), d.integer(0, V - 1)];
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
      // Divided otherwise, as often happens: the same counts, so that the message can name what was
      // done.
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
      expectClose(got, expected, {
        what: "toProbabilities([[3, 0], [1, 7]])",
        mistakes: wrong.map(([likely, p]) => [p, likely]),
        message: "Add 1 to every count, then divide each row by its sum.",
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
          message: "A row without counts is a row of equal shares.",
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
          mistakes: [
            [
              [
                [10 / 18, 5 / 18, 1 / 18, 4 / 18],
                [1 / 14, 1 / 14, 6 / 14, 8 / 14],
              ],
              "The table need not be square: with 4 columns, adding 1 to every count adds 4 to the sum " +
                "of a row. Yours adds the number of rows.",
            ],
          ],
          what: "toProbabilities([[9, 4, 0, 3], [0, 0, 5, 7]])",
        },
      );
      wide.dispose();
    },
    {
      cases: {
        "a small table": (d) => [floats(d.ids([2, 3], 9))],
        "more rows than columns": (d) => [floats(d.ids([9, 5], 20))],
        "more columns than rows": (d) => [floats(d.ids([6, 11], 20))],
        "one row": (d) => [floats(d.ids([1, 7], 9))],
        "one column": (d) => [floats(d.ids([5, 1], 9))],
        "rows without counts": (d) => [
          floats(tf.tidy(() => tf.mul(d.ids([5, 6], 2), d.mask([5, 1], 0.5)))),
        ],
        "large counts": (d) => [floats(d.ids([5, 7], 100_000))],
      },
      gradients: false, // nothing is trained through counts
    },
  );
});
