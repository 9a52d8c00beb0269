// Tasks with numbers. The numbers are small on purpose: these tasks are for models that a laptop
// trains in minutes.
import { numberInChinese, numberInEnglish } from "../numberWords";
import type { Random } from "../random";
import { type Kind, type Language, numbersIn, plainKind, separator } from "./kind";

const LARGEST = 99;
const number = (rng: Random) => rng.integer(LARGEST + 1);

/** @throws unless the text has so many numbers */
function exactly(n: number, text: string): number[] {
  const numbers = numbersIn(text);
  if (numbers.length !== n)
    throw new Error(`instructions: expected ${n} numbers, got ${numbers.length} in "${text}"`);
  return numbers;
}

const inWords = (n: number, language: Language) =>
  language === "en" ? numberInEnglish(n) : numberInChinese(n);

const WORDS = new Map(
  (["en", "zh"] as const).flatMap((language) =>
    Array.from({ length: LARGEST + 1 }, (_, n) => [inWords(n, language), String(n)] as const),
  ),
);

/** @throws unless the text is a number in words */
function inDigits(text: string): string {
  const digits = WORDS.get(text);
  if (digits === undefined)
    throw new Error(`instructions: expected a number in words, got "${text}"`);
  return digits;
}

export const numberKinds: Kind[] = [
  plainKind({
    name: "add",
    asks: {
      en: ["Add the two numbers.", "What is the sum?", "Work this out."],
      zh: ["把两个数相加。", "和是多少？", "请计算。"],
    },
    input: (rng) => `${number(rng)} + ${number(rng)}`,
    answer: (input) => {
      const [a, b] = exactly(2, input);
      return String(a + b);
    },
  }),
  plainKind({
    name: "subtract",
    asks: {
      en: ["Subtract the second number from the first.", "What is the difference?"],
      zh: ["用第一个数减去第二个数。", "差是多少？"],
    },
    input: (rng) => {
      const [a, b] = [number(rng), number(rng)];
      return `${Math.max(a, b)} - ${Math.min(a, b)}`;
    },
    answer: (input) => {
      const [a, b] = exactly(2, input);
      return String(a - b);
    },
  }),
  plainKind({
    name: "larger",
    asks: {
      en: ["Which number is larger?", "Give the larger of the two numbers."],
      zh: ["哪个数更大？", "写出较大的数。"],
    },
    input: (rng, language) => {
      const a = number(rng);
      const b = (a + 1 + rng.integer(LARGEST)) % (LARGEST + 1);
      return [a, b].join(separator(language));
    },
    answer: (input) => String(Math.max(...exactly(2, input))),
  }),
  plainKind({
    name: "sort-numbers",
    asks: {
      en: ["Sort the numbers from small to large.", "Put these numbers in order."],
      zh: ["把这些数从小到大排列。", "请把数字排好顺序。"],
    },
    input: (rng, language) =>
      Array.from({ length: 3 + rng.integer(2) }, () => number(rng)).join(separator(language)),
    answer: (input, language) =>
      numbersIn(input)
        .sort((a, b) => a - b)
        .join(separator(language)),
  }),
  plainKind({
    name: "next-number",
    asks: {
      en: ["Which number comes next?", "Continue the row by one number."],
      zh: ["下一个数是什么？", "请把数列接下去一个数。"],
    },
    input: (rng, language) => {
      const [start, step] = [rng.integer(60), 1 + rng.integer(9)];
      return [0, 1, 2].map((i) => start + i * step).join(separator(language));
    },
    answer: (input) => {
      const [a, b, c] = exactly(3, input);
      if (b - a !== c - b) throw new Error(`instructions: expected equal steps, got "${input}"`);
      return String(c + c - b);
    },
  }),
  plainKind({
    name: "number-to-words",
    asks: {
      en: ["Write the number in words.", "Spell the number out."],
      zh: ["用汉字写出这个数。", "这个数怎么读？"],
    },
    input: (rng) => String(number(rng)),
    answer: (input, language) => inWords(exactly(1, input)[0], language),
    subject: ({ input }) => `number ${input}`,
  }),
  plainKind({
    name: "words-to-number",
    asks: {
      en: ["Write the number in digits.", "Which number is this?"],
      zh: ["用数字写出来。", "这是哪个数？"],
    },
    input: (rng, language) => inWords(number(rng), language),
    answer: inDigits,
    subject: ({ input }) => `number ${inDigits(input)}`,
  }),
];
