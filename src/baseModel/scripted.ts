// Sentences made by script, in English and Chinese: sums, numbers in words, words in both
// languages, who has what, small stories, lines of code, records as JSON. A model that has read them
// knows the words and facts that the instructions of lesson 16 (instruction tuning) are about, but no
// instruction: nothing here asks, and nothing answers. What is held out there is in no line of this.
import { drawInstruction, type Language } from "../instructions";
import type { Random } from "../random";

/** One of a few. */
const either = (rng: Random, ...texts: string[]): string => texts[rng.integer(texts.length)];

/** The input and the answer of a task, which are read as plain text. */
const taken = (rng: Random, kind: string, languages: Language[]) => {
  const { input, output } = drawInstruction({ kinds: [kind], languages, part: "train", rng });
  return { input, output };
};

const anyLanguage = (rng: Random): Language[] => [rng.uniform() < 0.5 ? "en" : "zh"];

type Form = (rng: Random) => string;

const sum: Form = (rng) => {
  const [kind, languages] = [either(rng, "add", "subtract"), anyLanguage(rng)];
  const { input, output } = taken(rng, kind, languages);
  return `${input} = ${output}`;
};

const numberNames: Form = (rng) => {
  const [kind, [language]] = [either(rng, "number-to-words", "words-to-number"), anyLanguage(rng)];
  const { input, output } = taken(rng, kind, [language]);
  return either(
    rng,
    `${input}, ${output}`,
    language === "en" ? `${input} is ${output}.` : `${input}是${output}。`,
  );
};

const counting: Form = (rng) => {
  const [language] = anyLanguage(rng);
  const { input, output } = taken(rng, "next-number", [language]);
  return [input, output].join(language === "en" ? ", " : "、");
};

const bothLanguages: Form = (rng) => {
  const { input, output } = taken(rng, "translate", anyLanguage(rng));
  return either(rng, `${input}, ${output}`, `${output}, ${input}`, `${input} (${output})`);
};

const story: Form = (rng) => {
  const { input, output } = taken(rng, "summarise", anyLanguage(rng));
  return either(rng, input, output);
};

const line: Form = (rng) => {
  const { output, input } = taken(rng, "mend-code", anyLanguage(rng));
  return `${output} // ${input.split("// ")[1]}`;
};

const inputOf =
  (kind: string): Form =>
  (rng) =>
    taken(rng, kind, anyLanguage(rng)).input;

/** What a list or a record looks like when it is written down. */
const written: Form = (rng) => {
  const kind = either(rng, "reverse", "sort-numbers", "json", "capitals");
  return taken(rng, kind, kind === "capitals" ? ["en"] : anyLanguage(rng)).output;
};

const forms: readonly Form[] = [
  sum,
  sum,
  numberNames,
  counting,
  bothLanguages,
  story,
  line,
  inputOf("answer"),
  inputOf("extract"),
  inputOf("feeling"),
  written,
];

/** A paragraph of three to eight such lines. */
export function scriptedText(rng: Random): string {
  const lines = Array.from({ length: 3 + rng.integer(6) }, () =>
    forms[rng.integer(forms.length)](rng),
  );
  return lines.join("\n");
}
