// Checks of lesson 01 (predicting text).
import { type Draw, expectClose, expectFinite, lesson } from "llm/course/kit";
import { mutants } from "../mutants/01-predicting-text";

/** What known mistakes give, and their sentences. */
type Wrong = [gives: number | number[], sentence: string][];

const log2 = Math.log2;

/** Probabilities that sum to 1; `zeros` of them are 0. */
function distributionOf(d: Draw, size: number, zeros = 0): number[] {
  const weights = Array.from({ length: size }, (_, i) => (i < zeros ? 0 : d.number(0.05, 1)));
  const total = weights.reduce((a, b) => a + b, 0);
  const p = weights.map((w) => w / total);
  // The zeros at any place, but the same one in draws of one form.
  const at = d.integer(0, size - 1);
  return [...p.slice(at), ...p.slice(0, at)];
}
const countsOf = (d: Draw, size: number, limit: number): number[] =>
  Array.from({ length: size }, () => d.id(limit));

lesson<typeof import("../../solutions/01-predicting-text")>(
  "01-predicting-text",
  mutants,
  (exercise) => {
    exercise(
      "entropy",
      (entropy) => {
        const ask = (p: number[], expected: number, mistakes: Wrong, message: string) =>
          expectClose(entropy(p), expected, {
            mistakes: mistakes as [number, string][],
            message,
            what: `entropy(${JSON.stringify(p)})`,
          });
        ask(
          [0.5, 0.25, 0.25],
          1.5,
          [
            [-1.5, "The sign is missing: log₂ of a probability is negative, so H = −Σ p log₂ p."],
            [
              1.5 * Math.LN2,
              "That is in nats: Math.log is the natural logarithm, and bits need Math.log2.",
            ],
            [1.5 * Math.log10(2), "That is with the logarithm to base 10: bits need Math.log2."],
            [5, "Every outcome counts with its own probability: −Σ p log₂ p, not −Σ log₂ p."],
            [
              0.5,
              "Divided by the number of outcomes: the weights p already make the sum an average.",
            ],
            [
              2 ** 1.5,
              "That is 2 to the power of the entropy, the perplexity: the entropy is the exponent.",
            ],
            [
              0.5 + 0.5,
              "One outcome is missing: where does the loop begin, and where does it end?",
            ],
          ],
          "H = −Σ p log₂ p: here 0.5 · 1 + 0.25 · 2 + 0.25 · 2 bits.",
        );
        const zero = entropy([1, 0]);
        expectFinite(
          zero,
          "0 · log₂ 0 counts as 0, but `0 * Math.log2(0)` is NaN in JavaScript: leave out " +
            "probabilities of 0.",
        );
        expectClose(zero, 0, {
          message: "What is certain needs no question: entropy([1, 0]) is 0.",
          what: "entropy([1, 0])",
        });
        ask(
          Array(8).fill(1 / 8),
          3,
          [[log2(7), "Eight equally likely outcomes are 3 questions: is one left out?"]],
          "Eight equally likely outcomes need 3 questions.",
        );
      },
      {
        cases: {
          "two outcomes": (d) => [distributionOf(d, 2)],
          "many outcomes": (d) => [distributionOf(d, d.integer(20, 30))],
          "probabilities of 0": (d) => [distributionOf(d, 7, 3)],
          "very small probabilities": (d) => {
            const small = d.logarithmic(1e-9, 1e-6);
            return [[1 - 2 * small, small, small]];
          },
          "one outcome": () => [[1]],
        },
      },
    );

    exercise(
      "bitsPerCharacter",
      (bitsPerCharacter) => {
        expectClose(bitsPerCharacter([0.5, 0.125], 6), 4 / 6, {
          mistakes: [
            [-4 / 6, "The sign is missing: log₂ of a probability is negative."],
            [(4 / 6) * Math.LN2, "That is in nats per character: bits need Math.log2."],
            [
              2,
              "That is bits per token: divide by the number of characters, not by the number of tokens.",
            ],
            [4, "That is the sum for the whole text: divide it by `characters`."],
            [
              2 / 6,
              "Divided by the tokens and by the characters: once, by the characters, is enough.",
            ],
            [
              -log2(0.625) / 6,
              "The probabilities were added. The probabilities of tokens that follow each other " +
                "multiply, so their logarithms add up.",
            ],
            [
              -log2(0.3125) / 6,
              "That is −log₂ of the mean probability. Take the logarithm of each one, then the mean.",
            ],
            [
              (0.5 * 1 + 0.125 * 3) / 6,
              "That is the entropy's formula, which weights each logarithm with p. Here the text has " +
                "decided what came: every token that came counts fully.",
            ],
            [2 ** (4 / 6), "That is 2 to the power of the result, a perplexity per character."],
            [6 / 4, "Upside down: that is characters per bit. Divide the bits by the characters."],
            [
              6,
              "Bits per token times characters per token: a token's bits are shared out among its " +
                "characters, so divide.",
            ],
          ],
          message: "−(log₂ 0.5 + log₂ 0.125) / 6 = (1 + 3) / 6.",
          what: "bitsPerCharacter([0.5, 0.125], 6)",
        });
        const long = bitsPerCharacter(Array(3000).fill(0.25), 1500);
        expectFinite(
          long,
          "The product of thousands of probabilities is 0 in floating point, and its logarithm " +
            "−Infinity: add up the logarithms instead.",
        );
        expectClose(long, 4, {
          message: "3,000 tokens of 2 bits on 1,500 characters are 4 bits per character.",
          what: "bitsPerCharacter of 3,000 tokens with p = 0.25 and 1,500 characters",
        });
      },
      {
        cases: {
          "a character for each token": (d) => {
            const tokens = d.integer(5, 20);
            return [Array.from({ length: tokens }, () => d.number(0.05, 0.95)), tokens];
          },
          "tokens of several characters": (d) => [
            Array.from({ length: 7 }, () => d.number(0.05, 0.95)),
            d.integer(20, 40),
          ],
          "more tokens than characters": (d) => [
            Array.from({ length: 9 }, () => d.number(0.05, 0.95)),
            4,
          ],
          "certain tokens": () => [[1, 1, 1], 3],
          "tiny probabilities": (d) => [
            Array.from({ length: 300 }, () => d.logarithmic(1e-12, 1e-3)),
            900,
          ],
        },
      },
    );

    exercise(
      "additive",
      (additive) => {
        expectClose(additive([5, 1, 0, 0], 0.5), [5.5 / 8, 1.5 / 8, 0.5 / 8, 0.5 / 8], {
          mistakes: [
            [
              [5.5 / 6.5, 1.5 / 6.5, 0.5 / 6.5, 0.5 / 6.5],
              "alpha is added to every count, so the sum grows by alpha · V and not by alpha.",
            ],
            [
              [5.5 / 6, 1.5 / 6, 0.5 / 6, 0.5 / 6],
              "The new counts are divided by the old sum, so they add up to more than 1.",
            ],
            [[5 / 8, 1 / 8, 0, 0], "The sum is right, but alpha must also be added to each count."],
            [
              [5 / 6, 1 / 6, 0, 0],
              "That is the share of each count: nothing was added, and what was never seen stays " +
                "impossible.",
            ],
            [[0.6, 0.2, 0.1, 0.1], "1 was added to every count: use `alpha`, which need not be 1."],
            [
              [5.5 / 7, 1.5 / 7, 0, 0],
              "alpha was added only to what was seen, but it is meant for what was not.",
            ],
            [
              [5.5 / 7, 1.5 / 7, 0.5 / 7, 0.5 / 7],
              "V is the number of all tokens, counts.length, not only of those that were seen.",
            ],
            [
              [5 / 7, 1 / 7, 0.5 / 7, 0.5 / 7],
              "alpha was put in place of the zeros only: add it to every count.",
            ],
            [
              [5 / 12 + 1 / 8, 1 / 12 + 1 / 8, 1 / 8, 1 / 8],
              "That mixes the shares with 1 / V, with the weights 1 − alpha and alpha. alpha is no " +
                "share: add it to each count before you divide.",
            ],
            [
              [5 / 6 + 1 / 8, 1 / 6 + 1 / 8, 1 / 8, 1 / 8],
              "alpha was added after the division, so the result adds up to more than 1: add it to " +
                "each count first.",
            ],
            [
              [5 / 6 + 0.5, 1 / 6 + 0.5, 0.5, 0.5],
              "alpha was added after the division, so the result adds up to more than 1: add it to " +
                "each count first.",
            ],
            [[5.5, 1.5, 0.5, 0.5], "Those are the new counts: divide them by their sum."],
          ],
          message: "p[b] = (counts[b] + alpha) / (sum of the counts + alpha · V).",
          what: "additive([5, 1, 0, 0], 0.5)",
        });
        const nothing = additive([0, 0, 0], 1);
        expectFinite(nothing, "A context that never occurred gave 0 / 0: is alpha in the sum?");
        expectClose(nothing, [1 / 3, 1 / 3, 1 / 3], {
          message: "If nothing was counted, every token is equally likely.",
          what: "additive([0, 0, 0], 1)",
        });
      },
      {
        cases: {
          "alpha = 1": (d) => [countsOf(d, d.integer(3, 9), 20), 1],
          "a small alpha": (d) => [countsOf(d, 6, 20), d.logarithmic(1e-4, 0.1)],
          "an alpha above 1": (d) => [countsOf(d, 5, 9), d.number(1.5, 4)],
          "a context that never occurred": (d) => [
            Array(d.integer(2, 7)).fill(0),
            d.number(0.1, 2),
          ],
          "large counts": (d) => [countsOf(d, 12, 1e6), 0.5],
          "one token": (d) => [[d.id(5)], d.number(0.1, 2)],
        },
      },
    );

    exercise(
      "wittenBell",
      (wittenBell) => {
        const longer = [0.05, 0.1, 0.1, 0.15, 0.2, 0.25, 0.15];
        const counts = [6, 1, 1, 2, 0, 0, 0]; // n = 10, d = 4, V = 7
        const p = (f: (count: number, b: number) => number) => counts.map(f);
        expectClose(
          wittenBell([...counts], [...longer]),
          p((c, b) => (c + 4 * longer[b]) / 14),
          {
            mistakes: [
              [
                p((c, b) => (c + 10 * longer[b]) / 20),
                "That mixes both half and half, as if d were how often the context occurred. d is " +
                  "the number of different tokens that followed: 4 here.",
              ],
              [
                p((c, b) => (c + 7 * longer[b]) / 17),
                "d counts only the tokens that were seen after this context, not all V.",
              ],
              [
                p((c, b) => (c + 4 * longer[b]) / 10),
                "The shares of the shorter context are in the numerator only: divide by n + d.",
              ],
              [p((c) => c / 10), "That is what was counted alone: the shorter context has no say."],
              [[...longer], "That is the shorter context alone: what was counted has no say."],
              [
                p((c, b) => (c > 0 ? c / 14 : (4 * longer[b]) / 14)),
                "The shorter context's share goes to all tokens, not only to those that were not " +
                  "seen: as it is, the probabilities sum to less than 1.",
              ],
              [
                p((c, b) => (4 * (c / 10) + 10 * longer[b]) / 14),
                "The weights are the wrong way round: n / (n + d) belongs to what was counted, " +
                  "d / (n + d) to the shorter context.",
              ],
              [
                p((c) => (c + 4 / 7) / 14),
                "d was shared out equally: the shorter context decides who gets how much of it.",
              ],
              [
                p((c, b) => (c + longer[b]) / 11),
                "The shorter context has the weight of d tokens, not of one.",
              ],
              [
                p((c, b) => (c + 2 * longer[b]) / 12),
                "d counts all the different tokens that followed, not only those that followed once.",
              ],
              [
                p((c, b) => (c + 3 * longer[b]) / 13),
                "d counts the tokens that did follow, not those that did not.",
              ],
              [
                p((c, b) => (c + 4 * longer[b]) / 11),
                "n is the sum of the counts, not how many counts there are.",
              ],
            ],
            message: "p[b] = (counts[b] + d · shorter[b]) / (n + d), with n = 10 and d = 4 here.",
            what: `wittenBell(${JSON.stringify(counts)}, ${JSON.stringify(longer)})`,
          },
        );
        const shorter = [0.1, 0.2, 0.3, 0.4];
        const unseen = wittenBell([0, 0, 0, 0], [...shorter]);
        expectFinite(
          unseen,
          "A context that never occurred gave 0 / 0: there the shorter context answers alone.",
        );
        expectClose(unseen, shorter, {
          mistakes: [
            [
              [0.25, 0.25, 0.25, 0.25],
              "Where nothing was counted, the shorter context still knows something: return a copy " +
                "of it.",
            ],
            [[0, 0, 0, 0], "The probabilities must sum to 1 also where nothing was counted."],
          ],
          message: "Where the context never occurred, the shorter one answers alone.",
          what: "wittenBell([0, 0, 0, 0], [0.1, 0.2, 0.3, 0.4])",
        });
      },
      {
        cases: {
          "a context that occurred often": (d) => {
            const V = d.integer(5, 9);
            return [countsOf(d, V, 40), distributionOf(d, V)];
          },
          "a context that occurred once": (d) => {
            const V = d.integer(4, 7);
            const at = d.integer(0, V - 1);
            return [Array.from({ length: V }, (_, b) => (b === at ? 1 : 0)), distributionOf(d, V)];
          },
          "a context that never occurred": (d) => [Array(5).fill(0), distributionOf(d, 5)],
          "a shorter context with zeros": (d) => [countsOf(d, 8, 3), distributionOf(d, 8, 3)],
          "one token": (d) => [[1 + d.id(9)], [1]],
        },
      },
    );

    exercise(
      "continuationCounts",
      (continuationCounts) => {
        const text = [3, 1, 0, 1, 0, 2, 1, 1, 4, 0];
        // 0 follows {1, 4}, 1 follows {3, 0, 2, 1}, 2 follows {0}, 3 nothing, 4 follows {1}
        expectClose(continuationCounts([...text], 6), [2, 4, 1, 0, 1, 0], {
          mistakes: [
            [
              [3, 4, 1, 1, 1, 0],
              "That is how often each token occurs. Count the different tokens before it.",
            ],
            [
              [3, 4, 1, 0, 1, 0],
              "Pairs that occur twice were counted twice: each different predecessor counts once.",
            ],
            [
              [2, 3, 1, 1, 1, 0],
              "That is how many different tokens come *after* each one: look at what comes before.",
            ],
            [
              [3, 5, 2, 1, 2, 0],
              "Those are the different neighbours on both sides: only what comes before counts.",
            ],
            [
              [2, 4, 1, 1, 1, 0],
              "The first token of the text follows nothing, neither `undefined` nor the last token: " +
                "begin with the second.",
            ],
            [
              [1, 4, 1, 0, 1, 0],
              "The last pair is missing: the loop must go on to the last token of the text.",
            ],
            [[2, 3, 1, 0, 1, 0], "A token can follow itself: the pair 1 1 counts, too."],
            [
              [5, 5, 5, 5, 5, 5],
              "All tokens share one set: `fill(new Set())` puts the same set everywhere. Make one " +
                "for each with Array.from({ length }, () => new Set()).",
            ],
            [
              [2, 4, 1, 0, 1],
              "The result has one number for each of the V tokens, also for those that do not occur.",
            ],
            [
              [2 / 8, 4 / 8, 1 / 8, 0, 1 / 8, 0],
              "Those are probabilities: the counts themselves are asked for.",
            ],
          ],
          message:
            "For each token b: how many different a are there with the pair a b in the text?",
          what: "continuationCounts([3, 1, 0, 1, 0, 2, 1, 1, 4, 0], 6)",
        });
        expectClose(continuationCounts([], 3), [0, 0, 0], {
          message: "In an empty text nothing follows anything.",
          what: "continuationCounts([], 3)",
        });
      },
      {
        cases: {
          "a short text": (d) => [Array.from({ length: d.integer(5, 9) }, () => d.id(5)), 5],
          "a long text": (d) => [Array.from({ length: 300 }, () => d.id(9)), 9],
          "tokens that do not occur": (d) => [Array.from({ length: 20 }, () => d.id(4)), 11],
          "one token, again and again": (d) => [Array(d.integer(3, 6)).fill(2), 4],
          "a single token": (d) => [[d.id(3)], 3],
          "no text": () => [[], 4],
          "ids above 255": (d) => [Array.from({ length: 60 }, () => 250 + d.id(40)), 300],
        },
        tolerance: { atol: 0, rtol: 0 },
      },
    );

    exercise(
      "guessingBounds",
      (guessingBounds) => {
        // q = 5/8, 2/8, 0, 1/8 at guesses 1, 2, 3, 4
        const guesses = [1, 2, 1, 4, 1, 1, 2, 1];
        const [q1, q2, q4] = [5 / 8, 2 / 8, 1 / 8];
        const upper = -(q1 * log2(q1) + q2 * log2(q2) + q4 * log2(q4));
        const lower = 2 * (q2 - 0) * 1 + 3 * (0 - q4) * log2(3) + 4 * q4 * 2;
        const result = guessingBounds([...guesses]);
        expectFinite(
          result,
          "Not finite: no symbol took three guesses here, and 0 · log₂ 0 is NaN; and beyond the " +
            "largest number of guesses, q is 0 and not undefined.",
        );
        expectClose(result, [lower, upper], {
          mistakes: [
            [[upper, lower], "The two bounds are the wrong way round: return [lower, upper]."],
            [[lower * Math.LN2, upper * Math.LN2], "Those are nats: bits need Math.log2."],
            [
              [2 * q2 + 4 * q4 * 2, upper],
              "The lower bound uses the differences q[r] − q[r + 1] for every r, also where q[r] is 0 and " +
                "the difference negative.",
            ],
            [
              [(q2 - 0) * 1 + (0 - q4) * log2(3) + q4 * 2, upper],
              "The factor r is missing from the lower bound: r · (q[r] − q[r + 1]) · log₂ r.",
            ],
            [
              [lower - 8 * q4, upper],
              "The last term of the lower bound is missing: at the largest r, q[r + 1] is 0.",
            ],
            [
              [q2 * 1 + q4 * 2, upper],
              "That is the mean of log₂ r. The lower bound weights r · log₂ r with the differences " +
                "q[r] − q[r + 1].",
            ],
            [
              [2 * (q1 - q2) * 1 + 3 * (q2 - 0) * log2(3) + 4 * (0 - q4) * 2, upper],
              "The differences are shifted by one place: the term of r has q[r] − q[r + 1].",
            ],
            [
              [2 * (q2 - q4) * 1 + 3 * q4 * log2(3), upper],
              "A guess number that never occurred was left out: q[3] is 0 here, and the shares after it " +
                "keep their places.",
            ],
            [[lower, -upper], "The upper bound has the wrong sign: −Σ q log₂ q."],
            [[-lower, upper], "The lower bound has the wrong sign."],
            [
              [lower * 8, upper],
              "The lower bound was computed from how many symbols there are, not from their share.",
            ],
            [
              [
                1 * (q1 - q2) * 0 +
                  1 * (q2 - 0) * log2(1) +
                  2 * (0 - q4) * log2(2) +
                  3 * q4 * log2(3),
                upper,
              ],
              "Guesses are counted from 1: the symbols found at the first guess have r = 1, not 0.",
            ],
          ],
          message:
            "upper = −Σ q[r] log₂ q[r] and lower = Σ r (q[r] − q[r + 1]) log₂ r, with q = 5/8, 2/8, 0, 1/8.",
          what: "guessingBounds([1, 2, 1, 4, 1, 1, 2, 1])",
        });
        expectClose(guessingBounds([1, 1, 1]), [0, 0], {
          message:
            "A player whose first guess is always right leaves nothing to learn: both bounds are 0.",
          what: "guessingBounds([1, 1, 1])",
        });
      },
      {
        cases: {
          "a good player": (d) => [
            Array.from({ length: 30 }, () => (d.id(4) > 0 ? 1 : 1 + d.id(5))),
          ],
          "a player who knows nothing": (d) => [Array.from({ length: 40 }, () => 1 + d.id(27))],
          "guess numbers with gaps": (d) => [[1, 1, 9, 3, 1, 1 + 13 * d.id(2), 3]],
          "one symbol": (d) => [[1 + d.id(9)]],
          "never the first guess": (d) => [Array.from({ length: 9 }, () => 2 + d.id(3))],
          "a long text": (d) => [Array.from({ length: 3000 }, () => 1 + d.id(6))],
        },
      },
    );
  },
  { tensors: false },
);
