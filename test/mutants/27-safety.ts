// Lesson 27 (safety): plausible wrong answers, each with the sentence it must be told.

import type { Mutants } from "llm/course/kit";
import * as right from "../../solutions/27-safety";

type Read = right.ReadText[];
type Call = right.WantedCall;
const textsOf = (read: Read, source?: "user") =>
  read.filter((one) => source === undefined || one.source === source).map(({ text }) => text);
const isClean = (read: Read) => read.every(({ source }) => source === "user");
const wordsOf = (texts: string[]) =>
  new Set(texts.flatMap((text) => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []));
const valuesOf = ({ arguments: args }: Call) =>
  Object.values(args).map((value) => String(value).toLowerCase());

/** By its own idea of what counts as said. */
const allowing =
  (said: (values: string[], read: Read) => boolean) =>
  (call: Call, writes: boolean, read: Read): "run" | "ask" =>
    !writes || isClean(read) || said(valuesOf(call), read) ? "run" : "ask";

const ROW = /(?<![0-9A-Za-z])(?<!\d[ -])\d(?:[ -]?\d){12,18}(?![0-9A-Za-z])(?![ -]\d)/g;
const sumOf = (digits: number[], fold = (n: number) => (n > 9 ? n - 9 : n)) =>
  digits.reduce((sum, n, i) => sum + (i % 2 === 1 ? fold(2 * n) : n), 0);
const digitsOf = (found: string) => [...found.replace(/\D/g, "")].map(Number);
/** By its own pattern, and its own test. */
const redacting =
  (row: RegExp, passes = (found: string) => sumOf(digitsOf(found).reverse()) % 10 === 0) =>
  (text: string) =>
    text.replace(row, (found) => (passes(found) ? "[CARD]" : found));

/** By its own rank. */
const ranked =
  (rank: (smaller: number, equal: number) => number) => (losses: number[], planted: number) => {
    const own = losses[planted];
    const smaller = losses.filter((loss) => loss < own).length;
    const equal = losses.filter((loss) => loss === own).length - 1;
    return Math.log2(losses.length) - Math.log2(rank(smaller, equal));
  };

type Pair = Partial<Record<"A" | "B", number>>;
/** By its own choice of pairs, difference and decision. */
const paired =
  ({
    keep = ({ A, B }: Pair) => A !== undefined && B !== undefined,
    gap = (a: number, b: number) => a - b,
    yes = (p: number) => p >= 0.5,
  }) =>
  (scores: right.PairScore[]) => {
    const pairs = new Map<string, Pair>();
    for (const { pair, group, p } of scores) pairs.set(pair, { ...pairs.get(pair), [group]: p });
    const whole = [...pairs.values()].filter(keep);
    if (whole.length === 0) return { gap: 0, flips: 0 };
    const mean = (f: (a: number, b: number) => number) =>
      whole.reduce((sum, { A = 0, B = 0 }) => sum + f(A, B), 0) / whole.length;
    return { gap: mean(gap), flips: mean((a, b) => Number(yes(a) !== yes(b))) };
  };

/** By its own meaning, share and logarithm. */
const entropyOf =
  (
    meaning: (answer: string) => string,
    {
      log = Math.log,
      ofMeanings = false,
    }: { log?: (p: number) => number; ofMeanings?: boolean } = {},
  ) =>
  (answers: string[]) => {
    const counts = new Map<string, number>();
    for (const answer of answers)
      counts.set(meaning(answer), (counts.get(meaning(answer)) ?? 0) + 1);
    return [...counts.values()].reduce((sum, count) => {
      const p = ofMeanings ? 1 / counts.size : count / answers.length;
      return sum - p * log(p);
    }, 0);
  };
const same = (answer: string) => answer.trim().toLowerCase().replace(/\.$/, "");

/** By its own order, with points between equals or without, divided by its own number. */
const curveOf =
  (
    compare: (a: number, b: number) => number,
    { between = false, byAll = false }: { between?: boolean; byAll?: boolean } = {},
  ) =>
  (uncertainty: number[], isRight: boolean[]) => {
    const n = uncertainty.length;
    const order = uncertainty
      .map((_, i) => i)
      .sort((a, b) => compare(uncertainty[a], uncertainty[b]));
    let wrong = 0;
    return order.flatMap((i, k) => {
      if (!isRight[i]) wrong++;
      const isEqual = k + 1 < n && uncertainty[order[k + 1]] === uncertainty[i];
      if (isEqual && !between) return [];
      return [{ coverage: (k + 1) / n, risk: wrong / (byAll ? n : k + 1) }];
    });
  };

export const mutants: Mutants<typeof right> = {
  allowCall: [
    {
      name: "the tool's words count as the user's",
      told: /only the user's words count/,
      answer: allowing(
        (values, read) => values.length > 0 && values.every((v) => wordsOf(textsOf(read)).has(v)),
      ),
    },
    {
      name: "parts of words count",
      told: /9 was found within 90/,
      answer: allowing((values, read) => {
        const said = textsOf(read, "user").join(" ").toLowerCase();
        return values.length > 0 && values.every((value) => said.includes(value));
      }),
    },
    {
      name: "one argument is enough",
      told: /\*every\* one has to be/,
      answer: allowing((values, read) => values.some((v) => wordsOf(textsOf(read, "user")).has(v))),
    },
    {
      name: "no arguments, no question",
      told: /`every` of an empty list is true/,
      answer: allowing((values, read) =>
        values.every((value) => wordsOf(textsOf(read, "user")).has(value)),
      ),
    },
    {
      name: "nothing is run once a tool was read",
      told: /it is run, though a tool was read/,
      answer: allowing(() => false),
    },
    {
      name: "only the user's last text",
      told: /Only the user's last text was read/,
      answer: allowing(
        (values, read) =>
          values.length > 0 && values.every((v) => wordsOf(textsOf(read, "user").slice(-1)).has(v)),
      ),
    },
    {
      name: "all values in one text",
      told: /Both values were looked for in one text/,
      answer: allowing(
        (values, read) =>
          values.length > 0 &&
          textsOf(read, "user").some((own) => values.every((v) => wordsOf([own]).has(v))),
      ),
    },
    {
      name: "a value taken apart",
      told: /The value was taken apart/,
      answer: allowing((values, read) => {
        const said = wordsOf(textsOf(read, "user"));
        return (
          values.length > 0 && values.every((v) => [...wordsOf([v])].every((w) => said.has(w)))
        );
      }),
    },
    {
      name: "letters and digits apart",
      told: /letters and digits together make one word/,
      answer: allowing((values, read) => {
        const own = textsOf(read, "user").join(" ").toLowerCase();
        const said = new Set(own.match(/\p{L}+|\p{N}+/gu) ?? []);
        return values.length > 0 && values.every((value) => said.has(value));
      }),
    },
    {
      name: "0 passes",
      told: /do not ask whether a value is true/,
      answer: allowing((values, read) => {
        const said = wordsOf(textsOf(read, "user"));
        return values.length > 0 && values.every((v) => v === "0" || said.has(v));
      }),
    },
    {
      name: "signs belong to the word",
      told: /The signs beside a number do not belong to the word/,
      answer: allowing((values, read) => {
        const said = textsOf(read, "user").join(" ").toLowerCase().split(/\s+/);
        return values.length > 0 && values.every((value) => said.includes(value));
      }),
    },
    {
      name: "letters from a to z",
      told: /know no ë and no 猫/,
      answer: allowing((values, read) => {
        const said: string[] = textsOf(read, "user").join(" ").toLowerCase().match(/\w+/g) ?? [];
        return values.length > 0 && values.every((value) => said.includes(value));
      }),
    },
    {
      name: "tools that read are asked about",
      told: /A tool that changes nothing is always run/,
      answer: (call: Call, _: boolean, read: Read) => right.allowCall(call, true, read),
    },
  ],
  redactCards: [
    {
      name: "without the test",
      told: /replaced without the test/,
      answer: redacting(ROW, () => true),
    },
    {
      name: "doubled from the left",
      told: /if you count from the left/,
      answer: redacting(ROW, (found) => {
        const digits = digitsOf(found);
        return (
          digits.reduce((sum, n, i) => sum + (i % 2 === 0 ? (n > 4 ? 2 * n - 9 : 2 * n) : n), 0) %
            10 ===
          0
        );
      }),
    },
    {
      name: "9 is not taken off 10",
      told: /9 has to be taken off what is \*above\* 9/,
      answer: redacting(
        ROW,
        (found) => sumOf(digitsOf(found).reverse(), (n) => (n > 10 ? n - 9 : n)) % 10 === 0,
      ),
    },
    {
      name: "groups not found",
      told: /Numbers in groups are not found/,
      answer: redacting(/(?<![0-9A-Za-z])\d{13,19}(?![0-9A-Za-z])/g),
    },
    {
      name: "part of a longer number",
      told: /A part of a longer number was taken/,
      answer: redacting(/\d(?:[ -]?\d){12,18}/g, (found) => {
        const digits = digitsOf(found);
        return (
          sumOf(digits.slice(0, 16).reverse()) % 10 === 0 || sumOf(digits.reverse()) % 10 === 0
        );
      }),
    },
    {
      name: "letters beside the digits",
      told: /The letters beside the digits were not looked at/,
      answer: redacting(/(?<!\d)(?<!\d[ -])\d(?:[ -]?\d){12,18}(?!\d)(?![ -]\d)/g),
    },
    {
      name: "letters of all languages",
      told: /a Chinese character may touch the number/,
      answer: redacting(
        /(?<![\p{L}\p{N}])(?<!\d[ -])\d(?:[ -]?\d){12,18}(?![\p{L}\p{N}])(?![ -]\d)/gu,
      ),
    },
    {
      name: "any white space",
      told: /With line breaks between the digits/,
      answer: redacting(
        /(?<![0-9A-Za-z])(?<!\d[\s-])\d(?:[\s-]?\d){12,18}(?![0-9A-Za-z])(?![\s-]\d)/g,
      ),
    },
    {
      name: "other numbers lose their spaces",
      told: /put back what was found, unchanged/,
      answer: (text: string) =>
        text.replace(ROW, (found) => {
          const digits = digitsOf(found);
          return sumOf([...digits].reverse()) % 10 === 0 ? "[CARD]" : digits.join("");
        }),
    },
  ],
  exposure: [
    {
      name: "the planted one as its own equal",
      told: /The planted one counts as its own equal/,
      answer: ranked((smaller, equal) => 1 + smaller + (equal + 1) / 2),
    },
    {
      name: "the probability in place of the rank",
      told: /The probability stands in place of the rank/,
      answer: (losses: number[], planted: number) =>
        Math.log2(losses.length) +
        Math.log2(
          Math.exp(-losses[planted]) / losses.reduce((sum, loss) => sum + Math.exp(-loss), 0),
        ),
    },
    {
      name: "a rank that begins at 0",
      told: /The rank is one too small/,
      answer: ranked((smaller, equal) => smaller + equal / 2),
    },
    {
      name: "larger losses counted",
      told: /The likeliest has rank 1/,
      answer: (losses: number[], planted: number) =>
        right.exposure(
          losses.map((loss) => -loss),
          planted,
        ),
    },
    {
      name: "natural logarithms",
      told: /use log2/,
      answer: (losses: number[], planted: number) => right.exposure(losses, planted) * Math.LN2,
    },
    {
      name: "equals do not count",
      told: /Equals do not count at all/,
      answer: ranked((smaller) => 1 + smaller),
    },
    {
      name: "equals count whole",
      told: /Equals count whole/,
      answer: ranked((smaller, equal) => 1 + smaller + equal),
    },
  ],
  counterfactualGap: [
    {
      name: "B minus A",
      told: /The sign is turned around/,
      answer: paired({ gap: (a, b) => b - a }),
    },
    {
      name: "a missing partner is 0",
      told: /A missing partner counts as p = 0/,
      answer: paired({ keep: () => true }),
    },
    {
      name: "sizes of the differences",
      told: /this gap is of their sizes/,
      answer: paired({ gap: (a, b) => Math.abs(a - b) }),
    },
    {
      name: "a difference of 0.5 taken for a flip",
      told: /The decisions are compared, whatever the size/,
      answer: (scores: right.PairScore[]) => {
        const { gap, flips } = right.counterfactualGap(scores);
        const whole = scores.filter(({ pair, group }) =>
          scores.some((one) => one.pair === pair && one.group !== group),
        );
        const far = whole.filter(({ pair, group, p }) =>
          whole.some(
            (one) => one.pair === pair && one.group !== group && Math.abs(one.p - p) >= 0.5,
          ),
        );
        return { gap, flips: flips === 0 ? 0 : far.length / whole.length };
      },
    },
    {
      name: "more than 0.5",
      told: /0\.5 itself is a yes/,
      answer: paired({ yes: (p) => p > 0.5 }),
    },
    {
      name: "0 taken for missing",
      told: /A probability of 0 was taken for a missing one/,
      answer: paired({ keep: ({ A, B }) => Boolean(A && B) }),
    },
  ],
  semanticEntropy: [
    {
      name: "texts in place of meanings",
      told: /Every answer has a meaning of its own/,
      answer: entropyOf((answer) => answer),
    },
    {
      name: "the full stop kept",
      told: /One of the ways to write Paris/,
      answer: entropyOf((answer) => answer.trim().toLowerCase()),
    },
    {
      name: "bits",
      told: /the unit here is nats/,
      answer: entropyOf(same, { log: Math.log2 }),
    },
    {
      name: "all meanings alike",
      told: /p is the share of the \*answers\*/,
      answer: entropyOf(same, { ofMeanings: true }),
    },
    {
      name: "several full stops at the end",
      told: /More than one full stop was taken off/,
      answer: entropyOf((answer) => answer.trim().toLowerCase().replace(/\.+$/, "")),
    },
    {
      name: "any last sign",
      told: /The last letter was taken away/,
      answer: entropyOf((answer) => answer.trim().toLowerCase().replace(/.$/, "")),
    },
    {
      name: "the first full stop",
      told: /Not the first full stop is taken off/,
      answer: entropyOf((answer) => answer.trim().toLowerCase().replace(".", "")),
    },
    {
      name: "the full stop behind a space",
      told: /The space hides the full stop/,
      answer: entropyOf((answer) => answer.toLowerCase().replace(/\.$/, "").trim()),
    },
    {
      name: "other signs at the end",
      told: /Another sign than a full stop/,
      answer: entropyOf((answer) =>
        answer
          .trim()
          .toLowerCase()
          .replace(/[.!?]$/, ""),
      ),
    },
    {
      name: "spaces within",
      told: /Spaces within an answer stay/,
      answer: entropyOf((answer) => answer.toLowerCase().replace(/\s+/g, "").replace(/\.$/, "")),
    },
    {
      name: "all full stops taken away",
      told: /All full stops were taken away/,
      answer: entropyOf((answer) => answer.trim().toLowerCase().replaceAll(".", "")),
    },
  ],
  riskCoverage: [
    {
      name: "the most uncertain first",
      told: /The most uncertain was answered first/,
      answer: curveOf((a, b) => b - a),
    },
    {
      name: "right not sorted",
      told: /`right` was not brought into the same order/,
      answer: (uncertainty: number[], isRight: boolean[]) =>
        right.riskCoverage(
          [...uncertainty].sort((a, b) => a - b),
          isRight,
        ),
    },
    {
      name: "divided by all questions",
      told: /divide by those that are answered/,
      answer: curveOf((a, b) => a - b, { byAll: true }),
    },
    {
      name: "a point between equals",
      told: /There is a point between two equals/,
      answer: curveOf((a, b) => a - b, { between: true }),
    },
    {
      name: "nearly equal is equal",
      told: /0\.1 and 0\.11 were taken for equal/,
      answer: (uncertainty: number[], isRight: boolean[]) =>
        right.riskCoverage(
          uncertainty.map((u) => Math.round(u * 20) / 20),
          isRight,
        ),
    },
    {
      name: "sorted as texts",
      told: /They were sorted as texts/,
      answer: curveOf((a, b) => (`${a}` < `${b}` ? -1 : `${a}` > `${b}` ? 1 : 0)),
    },
  ],
};
