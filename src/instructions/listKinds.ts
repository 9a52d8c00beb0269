// Tasks with lists of words: reading, counting and rearranging what is there.
import { pick, type Random } from "../random";
import {
  BOTH,
  type Kind,
  known,
  type Language,
  members,
  pickSome,
  plainKind,
  separator,
} from "./kind";
import { COLOURS, NOUNS } from "./words";

const nouns = (language: Language) => NOUNS.map((noun) => noun[language]);

/** A word, half of the time with a colour: "cat", "red cat", 红猫. */
export function phrase(rng: Random, language: Language): string {
  const noun = pick(rng, NOUNS)[language];
  if (rng.uniform() < 0.5) return noun;
  return [pick(rng, COLOURS)[language], noun].join(language === "en" ? " " : "");
}

/** A list of three to five different words. */
const list = (rng: Random, language: Language, most = 5) =>
  pickSome(rng, nouns(language), 3 + rng.integer(most - 2)).join(separator(language));

const PLACES_IN_A_LIST = {
  en: new Map([
    ["first", 0],
    ["second", 1],
    ["third", 2],
    ["last", -1],
  ]),
  zh: new Map([
    ["第一个", 0],
    ["第二个", 1],
    ["第三个", 2],
    ["最后一个", -1],
  ]),
};

const TIMES = {
  en: new Map([
    ["two", 2],
    ["three", 3],
    ["four", 4],
  ]),
  zh: new Map([
    ["两", 2],
    ["三", 3],
    ["四", 4],
  ]),
};

/** Which of the words of a table occurs in a text. */
function namedIn<T>(table: ReadonlyMap<string, T>, text: string, what: string): T {
  const name = [...table.keys()].find((name) => text.includes(name));
  return known(table, name ?? text, what);
}

/** The word that an instruction puts in quotation marks. */
function quoted(instruction: string): string {
  const found = /"([^"]+)"|“([^”]+)”/.exec(instruction);
  if (!found)
    throw new Error(`instructions: expected a word in quotation marks, got "${instruction}"`);
  return found[1] ?? found[2];
}

const reverse = plainKind({
  name: "reverse",
  asks: {
    en: ["Reverse the list.", "Write the words in reverse order."],
    zh: ["把顺序倒过来。", "请倒着写出这些词。"],
  },
  input: (rng, language) => list(rng, language),
  answer: (input, language) => members(input).reverse().join(separator(language)),
});

const count = plainKind({
  name: "count",
  asks: {
    en: ["How many words are there?", "Count the words."],
    zh: ["一共有几个词？", "数一数有几个词。"],
  },
  input: (rng, language) => list(rng, language, 6),
  answer: (input) => String(members(input).length),
});

const capitals = plainKind({
  name: "capitals",
  asks: { en: ["Write it in capital letters.", "Turn this into capitals."] },
  input: phrase,
  answer: (input) => input.toUpperCase(),
});

const pickOne: Kind = {
  name: "pick",
  languages: BOTH,
  draw(rng, language) {
    const place = pick(rng, [...PLACES_IN_A_LIST[language].keys()]);
    const asks = {
      en: [`Write the ${place} word.`, `Which word is the ${place}?`],
      zh: [`写出${place}词。`, `${place}词是什么？`],
    };
    return { instruction: pick(rng, asks[language]), input: list(rng, language) };
  },
  answers: ({ instruction, input, language }) => {
    const place = namedIn(PLACES_IN_A_LIST[language], instruction, "a place in the list");
    return [members(input).at(place) as string];
  },
};

const repeat: Kind = {
  name: "repeat",
  languages: BOTH,
  draw(rng, language) {
    const times = pick(rng, [...TIMES[language].keys()]);
    const asks = {
      en: [`Write the word ${times} times.`, `Repeat this ${times} times.`],
      zh: [`把这个词写${times}遍。`, `重复${times}次。`],
    };
    return { instruction: pick(rng, asks[language]), input: phrase(rng, language) };
  },
  answers: ({ instruction, input, language }) => {
    const times = namedIn(TIMES[language], instruction, "how many times");
    return [Array<string>(times).fill(input).join(separator(language))];
  },
};

const contains: Kind = {
  name: "contains",
  languages: BOTH,
  draw(rng, language) {
    const input = list(rng, language);
    const isThere = rng.uniform() < 0.5;
    const others = nouns(language).filter((word) => !members(input).includes(word));
    const word = pick(rng, isThere ? members(input) : others);
    const asks = {
      en: [`Is "${word}" in the list?`, `Does the list have "${word}"?`],
      zh: [`里面有“${word}”吗？`, `有没有“${word}”？`],
    };
    return { instruction: pick(rng, asks[language]), input };
  },
  answers: ({ instruction, input, language }) => {
    const isThere = members(input).includes(quoted(instruction));
    return [language === "en" ? (isThere ? "yes" : "no") : isThere ? "有" : "没有"];
  },
};

const remove: Kind = {
  name: "remove",
  languages: BOTH,
  draw(rng, language) {
    const input = list(rng, language);
    const word = pick(rng, members(input));
    const asks = {
      en: [`Remove "${word}" from the list.`, `Write the list without "${word}".`],
      zh: [`去掉“${word}”。`, `写出没有“${word}”的列表。`],
    };
    return { instruction: pick(rng, asks[language]), input };
  },
  answers: ({ instruction, input, language }) => [
    members(input)
      .filter((word) => word !== quoted(instruction))
      .join(separator(language)),
  ],
};

export const listKinds: Kind[] = [reverse, count, capitals, pickOne, repeat, contains, remove];
