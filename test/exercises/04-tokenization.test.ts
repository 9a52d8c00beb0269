// Lesson 04 (tokenization): judges the learner, the solutions and the mutants.

import { type Draw, expectEqual, expectTrue, fail, lesson } from "llm/course/kit";
import type * as answers from "../../solutions/04-tokenization";
import { mutants } from "../mutants/04-tokenization";

/** What known mistakes give, and their sentences. */
type Wrong = [gives: unknown, sentence: string][];

/** As JSON; the entries of a map in the order of their keys, whatever their own order is. */
const text = (value: unknown): string => {
  if (value === undefined || value === null || typeof value !== "object" || Array.isArray(value))
    return JSON.stringify(value) ?? "nothing";
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  return JSON.stringify(Object.fromEntries(entries.sort()));
};

/** Asks whether a result is the right one, written as JSON. */
function ask(got: unknown, expected: unknown, call: string, rule: string, mistakes: Wrong = []) {
  expectEqual(text(got), text(expected), {
    mistakes: mistakes.map(([gives, sentence]) => [text(gives), sentence] as const),
    message: rule,
    asked: `${call} gives ${text(got)}, expected ${text(expected)}.`,
  });
}

const bytes = (word: string): number[] => [...new TextEncoder().encode(word)];
const wordOf = (d: Draw, letters: string, length: number) =>
  Array.from({ length }, () => [...letters][d.id([...letters].length)]).join("");
/** Words of few letters, so that pairs repeat; the counts tell them apart. */
function textOf(d: Draw, letters: string, words = 9, most = 9): Map<string, number> {
  const list = Array.from({ length: words }, (_, i) => wordOf(d, letters, 1 + (i % 7)));
  return new Map(list.map((word) => [word, 1 + d.id(most)]));
}
const idsOf = (d: Draw, length: number, limit: number) => Array.from({ length }, () => d.id(limit));
/** Merges as `trainBpe` could return them: each joins tokens that exist by then, no pair twice. */
function mergesOf(d: Draw, letters: string, count: number): [number, number][] {
  const have = [...new Set(bytes(letters))];
  const taken: [number, number][] = [];
  let joined = new Set<number>();
  return Array.from({ length: count }, (_, i) => {
    const n = have.length;
    let at = d.id(n * n);
    while (joined.has(at)) at = (at + 1) % (n * n);
    const pair: [number, number] = [have[Math.floor(at / n)], have[at % n]];
    have.push(256 + i);
    // The next round has n + 1 tokens, and numbers its pairs by them.
    taken.push([Math.floor(at / n), at % n]);
    joined = new Set(taken.map(([left, right]) => left * (n + 1) + right));
    return pair;
  });
}
/** Pieces of the word itself and others, all single characters unless `gaps`. */
function piecesOf(d: Draw, word: string, { single = true, share = 0.5 } = {}): string[] {
  const characters = [...word];
  const pieces = new Set<string>(single ? characters : []);
  for (let from = 0; from < characters.length; from++)
    for (let to = from + 2; to <= characters.length; to++)
      if (d.number(0, 1) < share) pieces.add(characters.slice(from, to).join(""));
  return [...pieces];
}
const vocabularyOf = (pieces: string[]) =>
  new Map(pieces.flatMap((piece) => [piece, `##${piece}`]).map((piece, id) => [piece, id]));
const scored = (d: Draw, pieces: string[]) =>
  new Map(pieces.map((piece) => [piece, d.number(-9, -0.5) - [...piece].length]));

lesson<typeof answers>("04-tokenization", mutants, (exercise) => {
  exercise(
    "pairCounts",
    (pairCounts) => {
      const got = pairCounts([[1, 2, 1, 2], [2, 1]], [10, 3]); // biome-ignore format: one line
      if (!(got instanceof Map))
        fail("The result is a Map from pairs to counts: begin with `new Map<string, number>()`.");
      const call = "pairCounts([[1, 2, 1, 2], [2, 1]], [10, 3])";
      const mistakes: Wrong = [
        [
          { "1,2": 2, "2,1": 2 },
          "Each word was counted once. A pair in a word is worth as much as the word occurs: add " +
            "counts[w], not 1.",
        ],
        [
          { "1,2": 20, "2,2": 3, "2,1": 13 },
          "A pair that reaches from one word into the next was counted, too: begin anew with each word.",
        ],
        [{ "1,2": 33 }, "1,2 and 2,1 were put together. A pair has an order: left, then right."],
        [
          { "1,2": 10, "2,1": 13 },
          "A pair that stands in a word twice was counted once: add counts[w] at every place. The " +
            "number of the word is meant, not that of the place.",
        ],
        [
          { "1,2": 10, "2,1": 10 },
          "The last pair of every word is missing: a word of n tokens has n − 1 pairs.",
        ],
        [
          { "1,2": 20, "2,1": 10 },
          "The second word is missing: is there a return inside the loop?",
        ],
        [{ "1,2": 23, "2,1": 13 }, "The pair was taken from another word than its count."],
        [
          { "1,2": 20, "2,1": 3 },
          "2,1 is also in the first word, in the middle. Go on by one place, not two, and add to " +
            "what earlier words gave.",
        ],
        [
          { "1,2": 20, "2,1": 13, "1,undefined": 3, "2,undefined": 10 },
          "The last token of a word has no right neighbour: stop one place before the end.",
        ],
        [
          { "12": 20, "21": 13 },
          "The comma of the key is missing: without it, 1,23 and 12,3 would be one pair.",
        ],
      ];
      ask(
        got,
        { "1,2": 20, "2,1": 13 },
        call,
        "At every place of every word where `left` is followed by `right`, the pair `left,right` " +
          "gets counts[w] more.",
        mistakes,
      );
      const same = pairCounts([[7, 7, 7]], [1]);
      ask(same, { "7,7": 2 }, "pairCounts([[7, 7, 7]], [1])", "A pair is counted at every place.", [
        [
          { "7,7": 1 },
          "In 7 7 7 the pair stands at two places, and both count: here nothing is used up yet.",
        ],
      ]);
      const short = pairCounts([[5], []], [4, 2]);
      ask(short, {}, "pairCounts([[5], []], [4, 2])", "A word of one token has no pair.");
    },
    {
      cases: {
        "one word": (d) => [[idsOf(d, 5, 3)], [1 + d.id(9)]],
        "several words": (d) => [
          [idsOf(d, 4, 3), idsOf(d, 7, 3), idsOf(d, 3, 3)],
          [1 + d.id(9), 1 + d.id(99), 1 + d.id(9)],
        ],
        "words of one token, and an empty one": (d) => [
          [idsOf(d, 1, 3), [], idsOf(d, 3, 2)],
          [2, 3, 1 + d.id(9)],
        ],
        "the same token over and over": (d) => [[[7, 7, 7, 7, 7]], [1 + d.id(9)]],
        "tokens above 255": (d) => [
          [idsOf(d, 6, 900), [300, 400, 300, 400]],
          [1 + d.id(9), 1 + d.id(9)],
        ],
        "large counts": (d) => [[idsOf(d, 9, 2)], [1e9 + d.id(1000)]],
        "no words": () => [[], []],
      },
    },
  );

  exercise(
    "mergePair",
    (mergePair) => {
      const rule =
        "Go from left to right: where `left` is followed by `right`, write `id` and go on after both; " +
        "elsewhere copy the token.";
      ask(
        mergePair([1, 2, 3, 1, 2], 1, 2, 256),
        [256, 3, 256],
        "mergePair([1, 2, 3, 1, 2], 1, 2, 256)",
        rule,
        [
          [[256, 3, 1, 2], "Only the first pair was joined: go on to the end of the word."],
          [[256, 3], "The last pair is missing: the last token was never looked at."],
          [
            [256, 2, 3, 256, 2],
            "The right token of the pair is still there: the pair becomes one token, so skip both.",
          ],
          [
            [256, 3, 256, 2],
            "The right token of the last pair is still there: skip both, also at the end.",
          ],
          [[3], "The pairs are gone: where a pair stood, `id` has to go in."],
        ],
      );
      ask(
        mergePair([2, 1, 3, 1], 1, 2, 256),
        [2, 1, 3, 1],
        "mergePair([2, 1, 3, 1], 1, 2, 256)",
        rule,
        [
          [[256, 3, 1], "2 1 was joined, but the pair is 1 2: `left` has to stand first."],
          [[2, 256, 1], "1 3 was joined, but the pair is 1 2: compare the right token as well."],
          [[2, 256, 256], "`left` alone was replaced: it has to be followed by `right`."],
          [[2, 1, 3], "The last token is missing where no pair ends the word."],
          [[2, 256, 3, 256], "`left` alone was replaced: it has to be followed by `right`."],
        ],
      );
      ask(mergePair([7, 7, 7], 7, 7, 256), [256, 7], "mergePair([7, 7, 7], 7, 7, 256)", rule, [
        [
          [256, 256],
          "The middle 7 was joined twice. A token that has just been joined is used up: skip two places.",
        ],
        [
          [7, 256],
          "Joined from the right. Go from left to right: the first two 7 become the pair.",
        ],
        [[7, 7, 7], "Nothing was joined, because left and right are the same token."],
        [[256], "The new token took another 7: it does not take part in the next pair."],
      ]);
      ask(
        mergePair([11, 2, 1, 2], 1, 2, 300),
        [11, 2, 300],
        "mergePair([11, 2, 1, 2], 1, 2, 300)",
        rule,
        [
          [
            [1300, 300],
            "11 2 is not the pair 1 2. As text, 11,2 contains 1,2: compare the tokens as numbers.",
          ],
          [[11, 2, 256], "The new token is `id`, here 300, not always 256."],
        ],
      );
    },
    {
      cases: {
        "the pair somewhere": (d) => [idsOf(d, d.integer(6, 12), 3), 1, 2, 256 + d.id(50)],
        "the pair at the end": (d) => [[...idsOf(d, 4, 9), 1, 2], 1, 2, 256 + d.id(50)],
        "no such pair": (d) => [idsOf(d, 5, 9), 11, 12, 300],
        "a pair of equal tokens": (d) => [
          [...Array(d.integer(4, 9)).fill(7), d.id(9), 7, 7],
          7,
          7,
          256 + d.id(9),
        ],
        "tokens above 255": (d) => [[300, 301, d.id(9), 300, 300, 301, 301], 300, 301, 302],
        "one token": (d) => [[d.id(9)], 1, 2, 256],
        "no token": () => [[], 1, 2, 256],
        "token 0": (d) => [[0, 0, 1, 0, d.id(2), 0], 0, d.pick([0, 1]), 256],
      },
    },
  );

  exercise(
    "trainBpe",
    (trainBpe, { reference }) => {
      const rule =
        "In each round count all pairs anew, take the most frequent one, join it in all words.";
      const example = new Map([
        ["aab", 2],
        ["ab", 1],
      ]);
      ask(
        trainBpe(example, 2),
        [[97, 98], [97, 256]], // biome-ignore format: one line
        'trainBpe(new Map([["aab", 2], ["ab", 1]]), 2)',
        rule,
        [
          [
            [[97, 98], [97, 97]], // biome-ignore format: one line
            "The second pair, 97,97, is not there any more: the words have to be joined, and their " +
              "pairs counted again, before the next choice.",
          ],
          [
            [[97, 97], [97, 98]], // biome-ignore format: one line
            "ab occurs 3 times (twice in 2 × aab, once in ab), aa twice: is each word counted as " +
              "often as it occurs?",
          ],
          [
            [[97, 98], [97, 257]], // biome-ignore format: one line
            "The first pair becomes the token 256, not 257.",
          ],
          [
            [[97, 98], [97, 255]], // biome-ignore format: one line
            "The first pair becomes the token 256; 255 is a byte.",
          ],
          [
            ["97,98", "97,256"],
            'The pairs are texts: `key.split(",").map(Number)` makes numbers of a key.',
          ],
        ],
      );
      const weighted = new Map([["ab", 1], ["ab ab", 1], ["cd", 5]]); // biome-ignore format: one line
      ask(
        trainBpe(weighted, 1),
        [[99, 100]],
        'trainBpe(new Map([["ab", 1], ["ab ab", 1], ["cd", 5]]), 1)',
        rule,
        [
          [
            [[97, 98]],
            "cd occurs 5 times in the text and ab 3 times: each word counts as often as it occurs.",
          ],
        ],
      );
      const tie = new Map([["zx", 2], ["yz", 2], ["yx", 2]]); // biome-ignore format: one line
      ask(
        trainBpe(tie, 1),
        [[121, 120]],
        'trainBpe(new Map([["zx", 2], ["yz", 2], ["yx", 2]]), 1)',
        "Of equally frequent pairs the smaller left token wins, then the smaller right one.",
        [
          [
            [[122, 120]],
            "All three pairs occur twice, and the first or the largest one was taken. The smaller pair wins: " +
              "smaller left token first, then smaller right token.",
          ],
          [
            [[121, 122]],
            "The left tokens of yx and yz are equal; then the smaller right token wins: x is 120.",
          ],
        ],
      );
      const letters = new Map([["db", 2], ["ab", 2]]); // biome-ignore format: one line
      ask(
        trainBpe(letters, 1),
        [[97, 98]],
        'trainBpe(new Map([["db", 2], ["ab", 2]]), 1)',
        "Of equally frequent pairs the smaller left token wins.",
        [
          [
            [[100, 98]],
            "a is 97 and d is 100, so 97 is smaller: compare tokens as numbers, because as text " +
              '"100" comes before "97".',
          ],
        ],
      );
      const cat = new Map([["猫", 3]]);
      ask(
        trainBpe(cat, 5),
        [
          [140, 171],
          [231, 256],
        ],
        'trainBpe(new Map([["猫", 3]]), 5)', // biome-ignore format: one line
        "猫 is three bytes, 231 140 171, so two merges make it one token, and then nothing is left to join.",
        [
          [
            [],
            "No merge was learned. 猫 is one character but three bytes: begin with the bytes of UTF-8, " +
              "`new TextEncoder().encode(word)`.",
          ],
          [
            [[140, 171]],
            "It stopped one merge early: a pair that is left in one word only is still a pair.",
          ],
          [
            [[231, 140], [256, 171]], // biome-ignore format: one line
            "231,140 and 140,171 occur equally often. The left tokens decide first, and 140 is smaller.",
          ],
        ],
      );
      const long = textFromWords("the cat sat on the mat and the cats sat on the mats");
      const all = reference.trainBpe(long, 8);
      ask(trainBpe(long, 8), all, "trainBpe of a sentence, 8 merges", rule);
      expectTrue(
        trainBpe(long, 3).length === 3,
        `With merges = 3 there are ${trainBpe(long, 3).length} pairs: stop after as many as were asked for.`,
      );
    },
    {
      cases: {
        "one word": (d) => [new Map([[wordOf(d, "ab", 9), 1 + d.id(9)]]), 4],
        "several words": (d) => [textOf(d, "abc"), 6],
        "many ties": (d) => [textOf(d, "dbca", 9, 1), 9],
        "letters of several bytes": (d) => [textOf(d, "猫狗é🐈"), 12],
        "bytes on both sides of 10 and 100": (d) => [textOf(d, "\t\nab~é", 12, 2), 9],
        "more merges than there are pairs": (d) => [textOf(d, "ab", 3), 60],
        "no merges": (d) => [textOf(d, "abc"), 0],
        "ids far above 256": (d) => [textOf(d, "abcdefgh", 14, 3), 40],
        "words of one letter": () => [new Map([["a", 3], ["b", 4]]), 3], // biome-ignore format: one line
        "a word as long as a line": (d) => [new Map([[wordOf(d, "ab ", 200), 1 + d.id(4)]]), 20],
        "no words": () => [new Map(), 3],
      },
    },
  );

  exercise(
    "encodeBpe",
    (encodeBpe) => {
      const rule =
        "Join the pair that was learned first, wherever it stands, then the second, and so on.";
      const merges: [number, number][] = [[98, 99], [97, 98]]; // biome-ignore format: one line
      ask(encodeBpe("abc", merges), [97, 256], 'encodeBpe("abc", [[98, 99], [97, 98]])', rule, [
        [
          [257, 99],
          "ab was joined before bc, because it stands further left or was learned last. What counts is " +
            "the order in which they were learned: bc is the first in the list.",
        ],
        [[97, 0], "The token of merges[0] is 256, not 0: ids up to 255 are bytes."],
        [[97, 257], "The token of merges[0] is 256: count the merges from 0."],
        [[97, 98, 99], "Nothing was joined: bc, which is 98,99, is in the list."],
      ]);
      const deep: [number, number][] = [[97, 98], [256, 256], [257, 99]]; // biome-ignore format: one line
      ask(
        encodeBpe("ababcabab", deep),
        [258, 257],
        'encodeBpe("ababcabab", [[97, 98], [256, 256], [257, 99]])',
        rule,
        [
          [[257, 99, 257], "The last pair, 257,99, is in the list as well: go through all merges."],
          [
            [256, 256, 99, 256, 256],
            "Tokens that were joined can be joined again: 256,256 is in the list.",
          ],
          [[258, 256, 256], "Each pair was joined at one place only: join it wherever it stands."],
        ],
      );
      ask(
        encodeBpe("aaa", [[97, 97]]), // biome-ignore format: one line
        [256, 97],
        'encodeBpe("aaa", [[97, 97]])',
        rule,
        [
          [
            [97, 256],
            "Joined from the right. Within a word, equal pairs are joined from left to right.",
          ],
        ],
      );
      ask(
        encodeBpe("猫", []),
        [231, 140, 171],
        'encodeBpe("猫", [])',
        "A word begins as its bytes in UTF-8: without merges these are its tokens.",
        [
          [
            [29483],
            "29483 is the number of the character in Unicode. Tokens begin as bytes: " +
              "`new TextEncoder().encode(word)`.",
          ],
        ],
      );
    },
    {
      cases: {
        "a few merges": (d) => [wordOf(d, "abc", 9), mergesOf(d, "abc", 4)],
        "many merges": (d) => [wordOf(d, "ab", 30), mergesOf(d, "ab", 25)],
        "a merge of equal tokens": (d) => [
          "a".repeat(d.integer(5, 9)),
          [[97, 97], [256, 256], [257, 97]], // biome-ignore format: one line
        ],
        "letters of several bytes": (d) => [wordOf(d, "猫é🐈", 6), mergesOf(d, "猫é🐈", 12)],
        "no merges": (d) => [wordOf(d, "abc", 5), []],
        "an empty word": (d) => ["", mergesOf(d, "ab", 3)],
      },
    },
  );

  exercise(
    "wordPiece",
    (wordPiece) => {
      const of = (...pieces: string[]) => new Map(pieces.map((piece, id) => [piece, id]));
      const rule =
        "At each place take the longest piece of the vocabulary that fits, with ## inside the word.";
      const un = of("un", "##want", "##ed", "want", "ed");
      ask(
        wordPiece("unwanted", un),
        ["un", "##want", "##ed"],
        "wordPiece of unwanted with un, ##want, ##ed, want, ed",
        rule,
        [
          [
            ["un", "want", "ed"],
            "The pieces inside the word lack their ##: want and ##want are two different entries, and only " +
              "the first piece of a word is looked up without ##.",
          ],
          [
            ["[UNK]"],
            "All of unwanted can be cut: un, ##want, ##ed. Begin with the whole word and shorten it from the end; " +
              "look up what does not begin the word with ##, and use `vocabulary.has`: un has the id 0.",
          ],
          [
            ["un", "##wanted"],
            "##wanted is not in the vocabulary: shorten the rest, too, until it is.",
          ],
          [[0, 1, 2], "These are the ids. The pieces themselves are asked for."],
        ],
      );
      const shorter = of("a", "ab", "##b", "##c", "##bc");
      ask(
        wordPiece("abc", shorter),
        ["ab", "##c"],
        "wordPiece of abc with a, ab, ##b, ##c, ##bc",
        rule,
        [
          [
            ["a", "##b", "##c"],
            "The shortest piece was taken. Begin with the longest: the whole word, then one character less.",
          ],
          [
            ["a", "##bc"],
            "a is a piece, but ab is longer and fits, too: the longest piece goes first.",
          ],
        ],
      );
      const stuck = of("a", "ab", "##bc", "##cd");
      ask(
        wordPiece("abc", stuck),
        ["[UNK]"],
        "wordPiece of abc with a, ab, ##bc, ##cd",
        "ab is taken because it is longest; then no piece begins with c, so the word is unknown.",
        [
          [
            ["a", "##bc"],
            "a ##bc would be a cut, but WordPiece is greedy: it takes ab, the longest, and does not go back.",
          ],
          [
            ["ab", "[UNK]"],
            "[UNK] stands for the whole word, not for the rest: what was found before is dropped.",
          ],
          [["ab"], "The c is lost: where no piece fits, the whole word is [UNK]."],
          [[], 'Where no piece fits, the result is ["[UNK]"].'],
          [["abc"], 'Where no piece fits, the result is ["[UNK]"], not the word itself.'],
        ],
      );
      const plain = of("a", "b");
      ask(wordPiece("ab", plain), ["[UNK]"], "wordPiece of ab with a, b", rule, [
        [
          ["a", "##b"],
          "##b is not in the vocabulary. Inside a word only pieces with ## count, and b is another entry.",
        ],
      ]);
    },
    {
      cases: {
        "all characters in the vocabulary": (d) => {
          const word = wordOf(d, "abcd", d.integer(5, 9));
          return [word, vocabularyOf(piecesOf(d, word))];
        },
        "characters missing": (d) => {
          const word = wordOf(d, "abcd", d.integer(3, 6));
          return [word, vocabularyOf(piecesOf(d, word, { single: false, share: 0.6 }))];
        },
        "few pieces": (d) => {
          const word = wordOf(d, "ab", 7);
          return [word, vocabularyOf(piecesOf(d, word, { share: 0.15 }))];
        },
        "pieces only with ##": (d) => {
          const word = wordOf(d, "ab", 4);
          const pieces = piecesOf(d, word).map((piece) => `##${piece}`);
          return [word, new Map(pieces.map((piece, id) => [piece, id]))];
        },
        "a word that begins with #": (d) => {
          const word = `##${wordOf(d, "ab", 4)}`;
          return [word, vocabularyOf(piecesOf(d, word, { share: 0.4 }))];
        },
        "characters of several bytes": (d) => {
          const word = wordOf(d, "猫🐈é", 6);
          return [word, vocabularyOf(piecesOf(d, word))];
        },
        "one character": (d) => [wordOf(d, "ab", 1), new Map([["a", 0], ["##b", 1]])], // biome-ignore format: one line
        "an empty vocabulary": (d) => [wordOf(d, "ab", 3), new Map<string, number>()],
        "the id 0": (d) => ["ab", new Map([[d.pick(["ab", "a"]), 0], ["##b", 1]])], // biome-ignore format: one line
      },
    },
  );

  exercise(
    "viterbi",
    (viterbi) => {
      const rule = "Of all cuts, the one whose scores have the largest sum.";
      const scores = new Map([["a", -2], ["b", -2], ["c", -1], ["ab", -3], ["bc", -4]]); // biome-ignore format: one line
      const call = "viterbi of abc with a −2, b −2, c −1, ab −3, bc −4";
      ask(viterbi("abc", scores), ["ab", "c"], call, rule, [
        [
          ["c", "ab"],
          "The pieces are in the wrong order: walking back finds the last piece first.",
        ],
        [
          ["a", "b", "c"],
          "a·b·c has −5, and ab·c has −4, which is larger. Are the scores added as they are (they are " +
            "logs), and is the best of all s kept for each place t?",
        ],
        [
          ["a", "bc"],
          "a·bc has −6, ab·c has −4. Scores are negative: the largest sum is the one nearest to 0.",
        ],
        [
          -4,
          "This is the best sum. The pieces are asked for: remember where each best sum came from.",
        ],
        [["abc"], "abc has no score, so it is no piece: a missing score is not 0."],
        [[], "No piece was found: does best(t) begin with −Infinity? Every sum is below 0."],
      ]);
      const greedy = new Map([["a", -2], ["b", -2], ["c", -2], ["d", -9], ["ab", -3], ["abc", -5], ["cd", -1]]); // biome-ignore format: one line
      ask(
        viterbi("abcd", greedy),
        ["ab", "cd"],
        "viterbi of abcd with a, b, c −2, d −9, ab −3, abc −5, cd −1",
        rule,
        [
          [
            ["abc", "d"],
            "The longest piece was taken first. abc·d has −14, ab·cd has −4: what follows counts, too.",
          ],
        ],
      );
      const pieces = new Map([["a", -1], ["b", -1], ["ab", -4]]); // biome-ignore format: one line
      ask(viterbi("ab", pieces), ["a", "b"], "viterbi of ab with a −1, b −1, ab −4", rule, [
        [
          ["ab"],
          "a·b has −2 and ab −4: more pieces can be more probable, so count scores, not pieces.",
        ],
      ]);
      const rare = new Map([["a", -2], ["b", -2], ["c", -2], ["ab", -1.5], ["bc", -1.2]]); // biome-ignore format: one line
      ask(
        viterbi("abc", rare),
        ["a", "bc"],
        "viterbi of abc with a, b, c −2, ab −1.5, bc −1.2",
        rule,
        [
          [
            ["ab", "c"],
            "ab·c has −3.5, a·bc −3.2. Logs are added, because probabilities are multiplied.",
          ],
        ],
      );
    },
    {
      cases: {
        "a few pieces": (d) => {
          const word = wordOf(d, "abc", d.integer(5, 8));
          return [word, scored(d, piecesOf(d, word, { share: 0.3 }))];
        },
        "many pieces": (d) => {
          const word = wordOf(d, "abcde", 9);
          return [word, scored(d, piecesOf(d, word, { share: 0.9 }))];
        },
        "characters only": (d) => {
          const word = wordOf(d, "abc", 6);
          return [word, scored(d, [...new Set(word)])];
        },
        "one character": (d) => [wordOf(d, "ab", 1), new Map([["a", -1], ["b", -2], ["c", -3]])], // biome-ignore format: one line
        "characters of several bytes": (d) => {
          const word = wordOf(d, "猫🐈é", 6);
          return [word, scored(d, piecesOf(d, word))];
        },
        "a long word": (d) => {
          const word = wordOf(d, "ab", 40);
          return [word, scored(d, piecesOf(d, word.slice(0, 6), { share: 0.8 }).concat("a", "b"))];
        },
        "scores below −1,000": (d) => {
          const word = wordOf(d, "abc", 6);
          const pieces = scored(d, piecesOf(d, word));
          return [word, new Map([...pieces].map(([piece, score]) => [piece, 400 * score]))];
        },
      },
    },
  );
});

function textFromWords(sentence: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of sentence.split(" ")) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}
