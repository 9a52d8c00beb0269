// Things to translate whose right answers are known: dates into the one form that computers sort
// by, numbers in words between English and Chinese, and the names of regions and languages, which
// no rule derives. What is held out is decided by the thing itself (this date, this number), never
// by the pair, so no form of it is seen in training.

import { LARGEST_NUMBER, numberInChinese, numberInEnglish } from "../numberWords";
import { Random } from "../random";

/** One text and its translation. */
export interface Pair {
  source: string;
  target: string;
}

/** An endless supply of pairs of one kind. */
export interface PairSource {
  name: string;
  /** Draws a pair that training may see, or one that is held out. */
  draw(rng: Random, part: "train" | "held out"): Pair;
  /** Texts in which every word and every character occurs that a pair can have. */
  texts: string[];
}

const HELD_OUT = 0.1;
const lot = new Random(8);

/** Whether a thing is held out: one in ten is, always the same ones. */
export const isHeldOut = (thing: string): boolean => lot.fork(thing).uniform() < HELD_OUT;

/** Draws things until one belongs to the part. */
function drawFrom<T>(part: "train" | "held out", draw: () => T, key: (thing: T) => string): T {
  for (;;) {
    const thing = draw();
    if (isHeldOut(key(thing)) === (part === "held out")) return thing;
  }
}

const DAYS = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ");
const MONTHS =
  "January February March April May June July August September October November December".split(
    " ",
  );

/** The ways in which a date is written; `d` is UTC. */
const dateForms: ((d: Date) => string)[] = [
  (d) => `${DAYS[d.getUTCDay()]}, ${d.getUTCDate()} ${MONTHS[d.getUTCMonth()]} ${year(d)}`,
  (d) => `${d.getUTCDate()} ${MONTHS[d.getUTCMonth()]} ${year(d)}`,
  (d) => `${MONTHS[d.getUTCMonth()]} ${d.getUTCDate()}, ${year(d)}`,
  (d) => `${d.getUTCDate()} ${MONTHS[d.getUTCMonth()].slice(0, 3)} ${year(d)}`,
  (d) => `${year(d)}年${d.getUTCMonth() + 1}月${d.getUTCDate()}日`,
];
const year = (d: Date) => d.getUTCFullYear();
const isoDate = (d: Date) => d.toISOString().slice(0, 10);
const DAY = 24 * 3600 * 1000;
const [FIRST, LAST] = [Date.UTC(1900, 0, 1), Date.UTC(2099, 11, 31)];

/**
 * Dates from 1900 to 2099, such as "Tuesday, 3 March 1998" → "1998-03-03", in five forms, one of
 * them Chinese.
 */
export const dates: PairSource = {
  name: "dates",
  draw(rng, part) {
    const day = () => new Date(FIRST + rng.integer((LAST - FIRST) / DAY + 1) * DAY);
    const date = drawFrom(part, day, isoDate);
    return { source: dateForms[rng.integer(dateForms.length)](date), target: isoDate(date) };
  },
  // One week of each month of one year has every weekday and every month in every form.
  texts: Array.from(
    { length: 12 * 7 },
    (_, i) => new Date(Date.UTC(2000, Math.floor(i / 7), i % 7)),
  )
    .flatMap((d) => dateForms.map((form) => form(d)))
    .concat("0123456789-"),
};

/**
 * Numbers in words, "two hundred and five" → "二百零五" or the other way. All lengths are equally
 * frequent, from one digit to as many as `largest` has.
 */
export function numbers(to: "Chinese" | "English", largest = 99_999): PairSource {
  if (!Number.isInteger(largest) || largest < 1 || largest > LARGEST_NUMBER)
    throw new Error(
      `numbers: expected a largest number from 1 to ${LARGEST_NUMBER}, got ${largest}`,
    );
  const digits = `${largest}`.length;
  return {
    name: `numbers to ${to}`,
    draw(rng, part) {
      const number = () => {
        const length = 1 + rng.integer(digits);
        const [from, end] = [length === 1 ? 0 : 10 ** (length - 1), 10 ** length - 1];
        return from + rng.integer(Math.min(end, largest) - from + 1);
      };
      const n = drawFrom(part, number, String);
      const [english, chinese] = [numberInEnglish(n), numberInChinese(n)];
      return to === "Chinese"
        ? { source: english, target: chinese }
        : { source: chinese, target: english };
    },
    // "one hundred and …" has the words that come after a space.
    texts: [...Array(200).keys(), 1000, 1_000_000]
      .map(numberInEnglish)
      .concat("零一二三四五六七八九十百千万"),
  };
}

/**
 * English names of regions or languages with their Chinese names, as the Unicode consortium's data
 * inside Node has them: "Finland" → "芬兰". What a name means cannot be derived from its letters.
 * @returns all pairs, and which of them are held out
 */
export function names(type: "region" | "language"): { train: Pair[]; heldOut: Pair[] } {
  const [english, chinese] = ["en", "zh-Hans"].map(
    (language) => new Intl.DisplayNames([language], { type, fallback: "none" }),
  );
  const pairs = codes(type).flatMap((code): Pair[] => {
    const [source, target] = [english.of(code), chinese.of(code)];
    return source && target && source !== target ? [{ source, target }] : [];
  });
  const different = [...new Map(pairs.map((pair) => [pair.source, pair])).values()];
  return {
    train: different.filter(({ source }) => !isHeldOut(source)),
    heldOut: different.filter(({ source }) => isHeldOut(source)),
  };
}

/**
 * Names of at most `longest` letters as a source of pairs: an even draw from those of training or
 * from those that are held out. `all` lists both.
 */
export function nameSource(
  type: "region" | "language",
  longest = 20,
): PairSource & { all: ReturnType<typeof names> } {
  const all = names(type);
  const short = (pairs: Pair[]) => pairs.filter(({ source }) => source.length <= longest);
  const [train, heldOut] = [short(all.train), short(all.heldOut)];
  return {
    all: { train, heldOut },
    name: `${type} names`,
    draw(rng, part) {
      const list = part === "train" ? train : heldOut;
      return list[rng.integer(list.length)];
    },
    texts: [...train, ...heldOut].flatMap(({ source, target }) => [source, target]),
  };
}

/** All codes of two letters; `names` drops those without a name. */
function codes(type: "region" | "language"): string[] {
  const letters = [
    ...(type === "region" ? "ABCDEFGHIJKLMNOPQRSTUVWXYZ" : "abcdefghijklmnopqrstuvwxyz"),
  ];
  return letters.flatMap((a) => letters.map((b) => a + b));
}
