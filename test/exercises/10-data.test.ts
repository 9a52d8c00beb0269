// Lesson 10 (data): judges the learner, the solutions and the mutants.

import { type Draw, expectEqual, fail, lesson } from "llm/course/kit";
import type * as answers from "../../solutions/10-data";
import { mutants } from "../mutants/10-data";

/** What known mistakes give, and their sentences. */
type Wrong = [gives: unknown, sentence: string][];

/** As JSON. */
const text = (value: unknown): string => JSON.stringify(value) ?? "nothing";

/** Asks whether a result is the right one, written as JSON. */
function ask(got: unknown, expected: unknown, call: string, rule: string, mistakes: Wrong = []) {
  expectEqual(text(got), text(expected), {
    mistakes: mistakes.map(([gives, sentence]) => [text(gives), sentence] as const),
    message: rule,
    asked: `${call} gives ${text(got)}, expected ${text(expected)}.`,
  });
}

const WORDS = ["the", "white", "whale", "swims", "Ahab", "12", "—", "a", "harpoon", "猫猫猫"];
const wordsOf = (d: Draw, count: number, kinds = WORDS.length): string[] =>
  Array.from({ length: count }, () => WORDS[d.id(kinds)]);
const linesOf = (d: Draw, lines: number, kinds: number): string =>
  Array.from({ length: lines }, () => `line ${d.id(kinds)} of the white whale`).join("\n");
const row = (d: Draw, length: number, limit: number) => Array.from({ length }, () => d.id(limit));
const sorted = (members: number[]) => [...new Set(members)];

lesson<typeof answers>("10-data", mutants, (exercise) => {
  exercise(
    "dropReason",
    (dropReason) => {
      const many = "the whale ".repeat(25);
      ask(dropReason(many), null, 'dropReason("the whale " 25 times)', "50 words are enough.", [
        ["repetition", "One line cannot repeat another one: compare lines, not words."],
        ["words", "50 words are enough: fewer than 50 are too few."],
        ["word length", "The mean word length is 4: white space is part of no word."],
      ]);
      ask(dropReason("Buy now!"), "words", 'dropReason("Buy now!")', "Fewer than 50 words go.", [
        [null, "Two words are fewer than 50."],
      ]);
      ask(
        dropReason("12 34\n".repeat(5)),
        "words",
        'dropReason("12 34\\n" 5 times)',
        "The order of the rules: the first one that is broken is named.",
        [
          [
            "repetition",
            "The order of the rules: the first one that is broken is named, and that is words.",
          ],
          [
            "letters",
            "The order of the rules: the first one that is broken is named, and that is words.",
          ],
          [
            "word length",
            "The order of the rules: the first one that is broken is named, and that is words.",
          ],
        ],
      );
      const short = "an ox is by it ".repeat(12);
      ask(
        dropReason(short),
        "word length",
        'dropReason("an ox is by it " 12 times)',
        "The mean of the words' lengths: white space is part of no word.",
        [[null, "The mean length is 2, below 3: white space is part of no word."]],
      );
      const signs = "whale's ship's (1851) \"Ahab\" ".repeat(15);
      ask(
        dropReason(signs),
        "letters",
        "dropReason of words of which a quarter have no letter",
        "Fewer than 80 % of the words with a letter is too few.",
        [[null, "A quarter of the words have no letter: that leaves fewer than 80 %."]],
      );
      const marks = "whale's ship's (Moby) \"Ahab\" ".repeat(15);
      ask(
        dropReason(marks),
        null,
        "dropReason of words with apostrophes and brackets",
        "A word needs one letter somewhere.",
        [["letters", "A word may have signs as well: one letter is enough."]],
      );
      const cats = "猫猫猫 кит кит кит ".repeat(15);
      ask(dropReason(cats), null, "dropReason of Chinese and Russian words", "Any letter counts.", [
        ["letters", "Letters of other alphabets are letters too: /\\p{L}/u finds them all."],
        [
          "word length",
          "All words have 3 characters, which is allowed. An empty piece at the end is no word.",
        ],
      ]);
      const fifth = "whale's ship's (Moby) Ahab 1851 ".repeat(10);
      ask(
        dropReason(fifth),
        null,
        "dropReason of 50 words of which 40 have a letter",
        "40 of 50 words are 80 %, and fewer than that are too few.",
        [["letters", "40 of 50 words are exactly 80 %: only fewer than that are too few."]],
      );
      for (const word of ["sea", "harpooneer"])
        ask(
          dropReason(`${word} `.repeat(50)),
          null,
          `dropReason("${word} " 50 times)`,
          "Mean lengths of exactly 3 and exactly 10 are allowed.",
          [["word length", "Only below 3 or above 10: exactly 3 and exactly 10 are allowed."]],
        );
      const line = (n: number) => `line ${"abcdefghijkl"[n]} of the white whale`;
      const some = [0, 0, 1, 1, 2, 3, 4, 5, 6, 7].map(line).join("\n");
      ask(
        dropReason(some),
        null,
        "dropReason of ten lines, of which two are equal to an earlier one",
        "A share of 0.2 of the lines is equal to an earlier line; up to 0.3 is allowed.",
        [
          [
            "repetition",
            "The first of several equal lines was counted as well: only 2 of these 10 lines are equal to an earlier one.",
          ],
        ],
      );
      const spaced = [0, 1, 2, 3, 4, 5, 6, 7, 8].map(line).join("\n\n");
      ask(
        dropReason(spaced),
        null,
        "dropReason of nine different lines with empty lines between them",
        "Empty lines do not count as lines.",
        [["repetition", "Empty lines are equal to each other, but do not count as lines."]],
      );
      const copied = [0, 0, 0, 0, 1, 2, 3, 4, 5].map(line).join("\n");
      ask(
        dropReason(copied),
        "repetition",
        "dropReason of nine lines, of which three are equal to an earlier one",
        "A third of the lines is equal to an earlier line, more than 30 %.",
      );
    },
    {
      cases: {
        "prose on one line": (d) => [wordsOf(d, 60, 5).join(" ")],
        "few words": (d) => [wordsOf(d, d.integer(1, 49)).join(" ")],
        "lines that repeat": (d) => [linesOf(d, 12, d.integer(3, 30))],
        "lines with empty ones between": (d) => [linesOf(d, 12, 30).replaceAll("\n", "\n \n")],
        "words without letters": (d) => [
          wordsOf(d, 70)
            .map((word) => (d.number(0, 1) < 0.2 ? "1851" : word))
            .join("\t"),
        ],
        "long words": (d) => [wordsOf(d, 55, 5).join("") + " abcdefghijklmnop".repeat(50)],
        "an empty text": () => [""],
      },
    },
  );

  exercise(
    "shingles",
    (shingles) => {
      const rule = "Every run of `size` neighbouring words, joined by single spaces, each once.";
      const call = 'shingles(["to", "be", "or", "to", "be"], 2)';
      const got = shingles(["to", "be", "or", "to", "be"], 2);
      if (got instanceof Set) fail("The result is an array: `[...found]` makes one of a set.");
      ask(got, ["to be", "be or", "or to"], call, rule, [
        [["to be", "be or", "or to", "to be"], "to be occurs twice: each once is enough."],
        [["to be", "or to", "be"], "Runs overlap: the next one begins one word further on."],
        [["to be", "or to"], "Runs overlap: the next one begins one word further on."],
        [
          ["to be", "be or", "or to", "be"],
          "A run at the end has fewer than `size` words: stop where no whole run is left.",
        ],
        [["tobe", "beor", "orto"], "Join the words by single spaces."],
        [["to,be", "be,or", "or,to"], "Join the words by single spaces, not by commas."],
      ]);
      ask(shingles(["a", "b", "c"], 2), ["a b", "b c"], 'shingles(["a", "b", "c"], 2)', rule, [
        [["a b"], "The last run is missing: n words have n − size + 1 runs."],
      ]);
      ask(shingles(["to", "be"], 5), ["to be"], 'shingles(["to", "be"], 5)', rule, [
        [[], "A text with fewer words than `size` has one shingle: all its words."],
      ]);
      ask(shingles([], 3), [], "shingles([], 3)", "A text without words has no shingle.", [
        [[""], "A text without words has no shingle, not an empty one."],
      ]);
    },
    {
      cases: {
        "some words": (d) => [wordsOf(d, d.integer(5, 12)), d.integer(2, 4)],
        "words that repeat": (d) => [wordsOf(d, 12, 2), 3],
        "size 1": (d) => [wordsOf(d, 6), 1],
        "as many words as size": (d) => [wordsOf(d, 4), 4],
        "fewer words than size": (d) => [wordsOf(d, 3), 5],
        "no words": () => [[], 2],
      },
    },
  );

  exercise(
    "minHash",
    (minHash) => {
      const rule = "signature[k] is the smallest of (a[k] · x + b[k]) mod p over all members x.";
      ask(minHash([1, 4], [2, 3], [0, 1], 7), [1, 4], "minHash([1, 4], [2, 3], [0, 1], 7)", rule, [
        [[2, 1], "The signature has one number for each hash function, not for each member."],
        [[2, 6], "The largest value was kept: take the smallest."],
        [
          [2, 4],
          "The smallest member was hashed, or the minimum taken before mod p. Keep the smallest remainder of all members.",
        ],
      ]);
      ask(
        minHash([3, 1, 2], [5, 2], [6, 6], 11),
        [0, 1],
        "minHash([3, 1, 2], [5, 2], [6, 6], 11)",
        rule,
        [
          [[10, 8], "The remainder was taken before b[k] was added: (a[k] · x + b[k]) mod p."],
          [[1, 0, 5], "The signature has one number for each hash function, not for each member."],
        ],
      );
      ask(minHash([], [2, 3], [0, 1], 7), [7, 7], "minHash([], [2, 3], [0, 1], 7)", "p if empty.", [
        [[null, null], "Without members nothing is smaller than p: begin with p."],
        [[0, 0], "Without members the result is p everywhere, which no hash ever gives."],
      ]);
    },
    {
      cases: {
        "a few members": (d) => [sorted(row(d, 5, 97)), row(d, 4, 97), row(d, 4, 97), 97],
        "one member": (d) => [row(d, 1, 97), row(d, 3, 97), row(d, 3, 97), 97],
        "many members": (d) => [sorted(row(d, 60, 9973)), row(d, 7, 9973), row(d, 7, 9973), 9973],
        "member 0": (d) => [[0], row(d, 3, 31), row(d, 3, 31), 31],
        "large numbers": (d) => [
          sorted(row(d, 9, 1e6)),
          row(d, 5, 1_000_003),
          row(d, 5, 1_000_003),
          1_000_003,
        ],
        "no members": (d) => [[], row(d, 3, 31), row(d, 3, 31), 31],
        "no hash functions": (d) => [row(d, 3, 31), [], [], 31],
      },
    },
  );

  exercise(
    "candidatePairs",
    (candidatePairs) => {
      const rule = "A pair agrees in all numbers of at least one band, at the same place in both.";
      const three = [[1, 2, 3, 4], [1, 9, 3, 4], [3, 4, 1, 2]]; // biome-ignore format: one line
      const call = "candidatePairs([[1, 2, 3, 4], [1, 9, 3, 4], [3, 4, 1, 2]], 2)";
      ask(candidatePairs(three, 2), [[0, 1]], call, rule, [
        [
          [[0, 1], [0, 2], [1, 2]], // biome-ignore format: one line
          "3 4 is the second band of two documents and the first of the third. Bands are compared at the same place only.",
        ],
        [[], "Documents 0 and 1 agree in their second band. One band is enough."],
        [[[1, 0]], "The smaller number comes first in a pair."],
      ]);
      const one = [[1, 2, 3, 4], [1, 7, 8, 4]]; // biome-ignore format: one line
      ask(candidatePairs(one, 2), [], "candidatePairs([[1, 2, 3, 4], [1, 7, 8, 4]], 2)", rule, [
        [[[0, 1]], "All numbers of a band have to agree, not one of them."],
      ]);
      const middle = [[1, 2, 3, 4], [5, 2, 3, 6]]; // biome-ignore format: one line
      ask(candidatePairs(middle, 2), [], "candidatePairs([[1, 2, 3, 4], [5, 2, 3, 6]], 2)", rule, [
        [[[0, 1]], "2 3 is no band: Bands do not overlap, the second begins where the first ends."],
      ]);
      const twice = [[5, 6, 7, 8], [5, 6, 7, 8]]; // biome-ignore format: one line
      ask(
        candidatePairs(twice, 2),
        [[0, 1]],
        "candidatePairs([[5, 6, 7, 8], [5, 6, 7, 8]], 2)",
        rule,
        [
          [
            [[0, 1], [0, 1]], // biome-ignore format: one line
            "Two bands agree, but each pair once is enough.",
          ],
        ],
      );
      const digits = [[1, 23], [12, 3]]; // biome-ignore format: one line
      ask(candidatePairs(digits, 2), [], "candidatePairs([[1, 23], [12, 3]], 2)", rule, [
        [[[0, 1]], "Without something between the numbers, 1 23 and 12 3 are the same text."],
      ]);
    },
    {
      cases: {
        "bands of two": (d) => [Array.from({ length: 7 }, () => row(d, 6, 3)), 2],
        "bands of three": (d) => [Array.from({ length: 9 }, () => row(d, 9, 2)), 3],
        "bands of one": (d) => [Array.from({ length: 5 }, () => row(d, 3, 4)), 1],
        "a single band": (d) => [Array.from({ length: 9 }, () => row(d, 3, 2)), 3],
        "more than ten documents": (d) => [Array.from({ length: 13 }, () => row(d, 4, 3)), 2],
        "large numbers": (d) => [
          Array.from({ length: 5 }, () => row(d, 2, 3).map((x) => x + 4e9)),
          1,
        ],
        "one document": (d) => [[row(d, 4, 3)], 2],
        "no documents": () => [[], 2],
      },
    },
  );

  exercise(
    "splitGroups",
    (splitGroups) => {
      const rule = "A group goes where its first document was drawn for.";
      const example = splitGroups([false, true, true, true], [[0, 2], [2, 3]]); // biome-ignore format: one line
      const call = "splitGroups([false, true, true, true], [[0, 2], [2, 3]])";
      ask(example, [false, true, false, false], call, rule, [
        [
          [false, true, false, true],
          "3 repeats 2, and 2 repeats 0: a chain of pairs makes one group, also without the pair 0, 3.",
        ],
        [
          [true, true, true, true],
          "The group was held out although its first document was not drawn. Not any of its documents decides, nor most: the first one does.",
        ],
        [
          [false, true, true, true],
          "Everything is as it was drawn: documents of a group must be on one side.",
        ],
      ]);
      const first = splitGroups([true, false, false], [[0, 2]]);
      ask(first, [true, false, true], "splitGroups([true, false, false], [[0, 2]])", rule, [
        [
          [false, false, false],
          "The group was held out only if all of its documents were drawn: its first one decides.",
        ],
      ]);
      const late = splitGroups([true, false, false, false], [[2, 3], [1, 2], [0, 3]]); // biome-ignore format: one line
      ask(
        late,
        [true, true, true, true],
        "splitGroups([true, false, false, false], [[2, 3], [1, 2], [0, 3]])",
        "When two groups become one, all documents of both are in it.",
        [
          [
            [true, false, false, true],
            "The pair 0, 3 joins whole groups: 1 and 2 were with 3 before, by a chain of pairs.",
          ],
          [
            [true, false, true, true],
            "1 is in the group by the chain of pairs 1, 2 and 2, 3: the pair 0, 3 joins whole groups.",
          ],
        ],
      );
    },
    {
      cases: {
        "a few pairs": (d) => [
          row(d, 9, 2).map((x) => x === 1),
          Array.from({ length: 4 }, (): [number, number] => [d.id(9), d.id(9)]),
        ],
        "many pairs": (d) => [
          row(d, 15, 2).map((x) => x === 1),
          Array.from({ length: 12 }, (): [number, number] => [d.id(15), d.id(15)]),
        ],
        "a chain from the end": (d) => [
          row(d, 6, 2).map((x) => x === 1),
          [[5, 4], [4, 3], [3, 2], [2, 1]], // biome-ignore format: one line
        ],
        "the same pair twice, and a document with itself": (d) => [
          row(d, 5, 2).map((x) => x === 1),
          [[1, 3], [3, 1], [2, 2]], // biome-ignore format: one line
        ],
        "no pairs": (d) => [row(d, 6, 2).map((x) => x === 1), []],
        "no documents": () => [[], []],
      },
    },
  );

  exercise(
    "leakedShare",
    (leakedShare) => {
      const rule = "Words of the test text in runs that the training text has, over all its words.";
      const got = leakedShare(["a", "b", "c", "x"], ["z", "a", "b", "c"], 2);
      ask(got, 0.75, 'leakedShare(["a", "b", "c", "x"], ["z", "a", "b", "c"], 2)', rule, [
        [2 / 3, "2 of 3 is the share of the runs; asked is the share of the words."],
        [1, "b is in two runs, but a word counts once."],
        [0.5, "Two runs are found, but they cover three words: a, b and c."],
      ]);
      const apart = leakedShare(["b", "a", "d", "c"], ["a", "b", "c", "d"], 2);
      ask(apart, 0, 'leakedShare(["b", "a", "d", "c"], ["a", "b", "c", "d"], 2)', rule, [
        [1, "The single words occur, but in another order: whole runs are looked for."],
      ]);
      const joined = leakedShare(["ab", "c"], ["a", "bc"], 2);
      ask(joined, 0, 'leakedShare(["ab", "c"], ["a", "bc"], 2)', rule, [
        [1, "Without something between the words, ab c and a bc are the same text."],
      ]);
      const within = leakedShare(["the", "whales"], ["the", "whale"], 2);
      ask(within, 0, 'leakedShare(["the", "whales"], ["the", "whale"], 2)', rule, [
        [1, "whale is only a part of the word whales: whole words are compared."],
      ]);
      const long = leakedShare(["a", "b", "c", "d", "e", "f"], ["a", "b", "c"], 3);
      ask(long, 1, 'leakedShare(["a", "b", "c", "d", "e", "f"], ["a", "b", "c"], 3)', rule, [
        [0.5, "Divide by the number of words of the test text, not of the training text."],
      ]);
      ask(
        leakedShare(["a", "b"], ["a"], 2),
        0,
        'leakedShare(["a", "b"], ["a"], 2)',
        "A test text with fewer words than n has no run, so nothing is found.",
      );
    },
    {
      cases: {
        "short runs": (d) => [wordsOf(d, 15, 4), wordsOf(d, 11, 4), 2],
        "runs of three": (d) => [wordsOf(d, 30, 3), wordsOf(d, 13, 3), 3],
        "single words": (d) => [wordsOf(d, 5), wordsOf(d, 9), 1],
        "a test text within the training text": (d) => {
          const train = wordsOf(d, 20);
          return [train, train.slice(5, 12), 5];
        },
        "nothing in common": (d) => [wordsOf(d, 9, 3), ["x", "y", "z", "x"], 2],
        "fewer words than n": (d) => [wordsOf(d, 9), wordsOf(d, 3), 5],
        "no words": (d) => [wordsOf(d, 4), [], 2],
      },
    },
  );
});
