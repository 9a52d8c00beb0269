// Tasks with sentences: translating, answering, summarising, judging, extracting.
import { pick, type Random } from "../random";
import { BOTH, type Kind, known, type Language, plainKind } from "./kind";
import { phrase } from "./listKinds";
import { COLOURS, DAYS, NAMES, NOUNS, OPINIONS, PLACES, SUBJECTS, THINGS } from "./words";

const IN_CHINESE = new Map([...NOUNS, ...COLOURS].map(({ en, zh }) => [en, zh]));
const IN_ENGLISH = new Map([...NOUNS, ...COLOURS].map(({ en, zh }) => [zh, en]));
const COLOUR_CHARACTERS = COLOURS.map(({ zh }) => zh).join("");

/** The translation into the other language. */
function translated(input: string, language: Language): string {
  if (language === "en")
    return input
      .split(" ")
      .map((word) => known(IN_CHINESE, word, "an English word that is known"))
      .join("");
  const colour = COLOUR_CHARACTERS.includes(input[0]) ? input[0] : "";
  const parts = [colour, input.slice(colour.length)].filter(Boolean);
  return parts.map((part) => known(IN_ENGLISH, part, "a Chinese word that is known")).join(" ");
}

/** "red hat" ↔ "红帽子", "cat" ↔ "猫". */
const translate = plainKind({
  name: "translate",
  asks: {
    en: ["Translate into Chinese.", "What is this in Chinese?"],
    zh: ["翻译成英文。", "这用英文怎么说？"],
  },
  input: phrase,
  answer: translated,
  subject: ({ input, language }) =>
    `phrase ${language === "en" ? input : translated(input, language)}`,
});

/** One sentence about what somebody has. */
const owns = (name: string, n: number, thing: (typeof THINGS)[number], language: Language) =>
  language === "en"
    ? `${name} has ${n} ${n === 1 ? thing.en : thing.many}.`
    : `${name}有${n}个${thing.zh}。`;

const OWNS = { en: /(\w+) has (\d+) (\w+)\./g, zh: /([^。]+)有(\d+)个([^。]+)。/g };

/** Who has how many of what: every sentence of the input. */
const owners = (input: string, language: Language) =>
  [...input.matchAll(OWNS[language])].map(([, name, n, thing]) => ({ name, n, thing }));

const answer: Kind = {
  name: "answer",
  languages: BOTH,
  draw(rng, language) {
    const names = rng.shuffle([...NAMES[language]]).slice(0, 2);
    const things = rng.shuffle([...THINGS]).slice(0, 2);
    const facts = names.map((name, i) => ({ name, n: 2 + rng.integer(18), thing: things[i] }));
    const asked = pick(rng, facts);
    const thing = language === "en" ? asked.thing.many : asked.thing.zh;
    const asks = {
      en: [
        `Who has the ${thing}?`,
        `How many ${thing} are there?`,
        `What does ${asked.name} have?`,
      ],
      zh: [`谁有${thing}？`, `有几个${thing}？`, `${asked.name}有什么？`],
    };
    const input = facts
      .map(({ name, n, thing }) => owns(name, n, thing, language))
      .join(language === "en" ? " " : "");
    return { instruction: pick(rng, asks[language]), input };
  },
  answers({ instruction, input, language }) {
    const fact = owners(input, language).find(
      ({ name, thing }) => instruction.includes(name) || instruction.includes(thing),
    );
    if (!fact)
      throw new Error(`instructions: expected a question about the input, got "${instruction}"`);
    if (/^Who|^谁/.test(instruction)) return [fact.name];
    return [/How many|几个/.test(instruction) ? fact.n : fact.thing];
  },
};

const STORY = {
  en: /^On (\w+) (\w+) went to (\w+)\. (?:[\w ]+\. )?\2 bought (\d+) (\w+) there\.(?: [\w ]+\.)?$/,
  zh: /^([^，]+)，(.+?)去了([^。]+)。(?:[^。]+。)?\2在那里买了(\d+)个([^。]+)。(?:[^。]+。)?$/,
};
const ASIDES = {
  en: [
    "It was a long way.",
    "The weather was fine.",
    "Many people were there.",
    "It rained a little.",
  ],
  zh: ["路很远。", "天气很好。", "那里人很多。", "下了一点雨。"],
};

/** A story of three or four sentences in one: who bought what and where. */
const summarise: Kind = {
  name: "summarise",
  languages: BOTH,
  draw(rng, language) {
    const [name, place, day] = [NAMES, PLACES, DAYS].map((list) => pick(rng, list[language]));
    const [before, after] = rng.shuffle([...ASIDES[language]]);
    const thing = pick(rng, THINGS);
    const n = 2 + rng.integer(18);
    const asides = rng.uniform() < 0.5 ? [before, after] : [before, ""];
    const sentences = {
      en: [
        `On ${day} ${name} went to ${place}.`,
        asides[0],
        `${name} bought ${n} ${thing.many} there.`,
        asides[1],
      ],
      zh: [
        `${day}，${name}去了${place}。`,
        asides[0],
        `${name}在那里买了${n}个${thing.zh}。`,
        asides[1],
      ],
    };
    const asks = {
      en: ["Summarise this in one sentence.", "Say it in one short sentence."],
      zh: ["用一句话概括。", "请简短地总结。"],
    };
    return {
      instruction: pick(rng, asks[language]),
      input: sentences[language].filter(Boolean).join(language === "en" ? " " : ""),
    };
  },
  answers({ input, language }) {
    const found = STORY[language].exec(input);
    if (!found) throw new Error(`instructions: expected a story of a purchase, got "${input}"`);
    const [, , name, place, n, thing] = found;
    return [
      language === "en"
        ? `${name} bought ${n} ${thing} in ${place}.`
        : `${name}在${place}买了${n}个${thing}。`,
    ];
  },
};

const FEELINGS = { en: ["positive", "negative"], zh: ["正面", "负面"] };

const feeling = plainKind({
  name: "feeling",
  asks: {
    en: ["Is this positive or negative?", "Judge the feeling: positive or negative."],
    zh: ["这是正面还是负面？", "判断情感：正面或负面。"],
  },
  input: (rng, language) => {
    const [first, second] = rng.shuffle([...SUBJECTS[language]]);
    const tone = rng.uniform() < 0.5 ? "positive" : "negative";
    const [a, b] = rng.shuffle([...OPINIONS[language][tone]]);
    return language === "en"
      ? `The ${first} was ${a} and the ${second} was ${b}.`
      : `${first}${a}，${second}${b}。`;
  },
  answer: (input, language) => {
    const has = (tone: "positive" | "negative") =>
      OPINIONS[language][tone].some((word) => input.includes(word));
    if (has("positive") === has("negative"))
      throw new Error(`instructions: expected one feeling, got "${input}"`);
    return FEELINGS[language][has("positive") ? 0 : 1];
  },
});

const extract: Kind = {
  name: "extract",
  languages: BOTH,
  draw(rng, language) {
    const [name, place, day] = [NAMES, PLACES, DAYS].map((list) => pick(rng, list[language]));
    const asks = {
      en: ["Which place is named?", "Which day is named?", "Which person is named?"],
      zh: ["提到了哪个地方？", "提到了星期几？", "提到了哪个人？"],
    };
    const input = {
      en: pick(rng, [`${name} goes to ${place} on ${day}.`, `On ${day} ${name} is in ${place}.`]),
      zh: pick(rng, [`${name}${day}去${place}。`, `${day}，${name}在${place}。`]),
    };
    return { instruction: pick(rng, asks[language]), input: input[language] };
  },
  answers({ instruction, input, language }) {
    const lists = { place: PLACES, day: DAYS, person: NAMES };
    const asked = { en: ["place", "day", "person"], zh: ["地方", "星期几", "人"] }[language];
    const which = (["place", "day", "person"] as const)[
      asked.findIndex((word) => instruction.includes(word))
    ];
    const found = lists[which]?.[language].find((word) => input.includes(word));
    if (!found) throw new Error(`instructions: expected a ${which} in the input, got "${input}"`);
    return [found];
  },
};

const JSON_KEYS = { en: ["name", "age", "city"], zh: ["名字", "年龄", "城市"] };

/** Lines "key: value" as a JSON object; numbers without quotation marks. */
const json = plainKind({
  name: "json",
  asks: {
    en: ["Write this as JSON.", "Turn it into a JSON object."],
    zh: ["写成JSON。", "转换成JSON对象。"],
  },
  input: (rng: Random, language) => {
    const [name, place] = [NAMES, PLACES].map((list) => pick(rng, list[language]));
    const values = [name, 5 + rng.integer(80), place];
    return JSON_KEYS[language].map((key, i) => `${key}: ${values[i]}`).join("; ");
  },
  answer: (input) => {
    const entries = input.split("; ").map((entry) => {
      const [key, value] = entry.split(": ");
      if (value === undefined)
        throw new Error(`instructions: expected "key: value", got "${entry}"`);
      return [key, /^\d+$/.test(value) ? Number(value) : value];
    });
    return JSON.stringify(Object.fromEntries(entries));
  },
});

export const textKinds: Kind[] = [translate, answer, summarise, feeling, extract, json];
