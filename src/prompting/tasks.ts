// Tasks for prompts, whose answers a rule can check: six that are answered in a word, and word problems
// in two steps. Made by script from short lists; a seed decides the sentences. Examples for prompts
// (`train`) and questions (`test`) are never the same. Left out: tasks as people write them, which
// are longer, and whose right answers are matters of opinion more often.
import { Random } from "../random";
import type { PromptItem, ShotForm } from "./template";
import { CAPITALS, FEELINGS, KINDS, OPPOSITES, TOPICS } from "./words";

/** A task. */
export interface PromptTask extends ShotForm {
  name: string;
  /** All possible answers, if there are few. */
  choices?: readonly string[];
  /** How a conversation asks: a template with the place {input}. */
  question: string;
  train: readonly PromptItem[];
  test: readonly PromptItem[];
}

/** How many examples and questions each task has. */
export const taskSizes = { train: 16, test: 40 };

/** Splits a list, shuffled, into examples and questions. */
function split(items: readonly PromptItem[], rng: Random): Pick<PromptTask, "train" | "test"> {
  const { train, test } = taskSizes;
  if (items.length < train + test)
    throw new Error(`promptTasks: expected ${train + test} items, got ${items.length}`);
  const shuffled = rng.shuffle([...items]);
  return { train: shuffled.slice(0, train), test: shuffled.slice(train, train + test) };
}

/** Different items, made one by one, as many of each answer as of any other. */
function drawn(
  choices: readonly string[],
  make: (rng: Random, choice: string) => string,
  rng: Random,
): Pick<PromptTask, "train" | "test"> {
  const seen = new Set<string>();
  const part = (count: number) =>
    rng.shuffle(
      Array.from({ length: count }, (_, i): PromptItem => {
        const output = choices[i % choices.length];
        for (;;) {
          const input = make(rng, output);
          if (seen.has(input)) continue;
          seen.add(input);
          return { input, output };
        }
      }),
    );
  return { train: part(taskSizes.train), test: part(taskSizes.test) };
}

const one = <T>(rng: Random, list: readonly T[]): T => list[rng.integer(list.length)];

/** "The soup was not bad, and we told our neighbours." A third of the sentences have a "not". */
function feelingSentence(rng: Random, feeling: string): string {
  const negated = rng.integer(3) === 0;
  const isGood = (feeling === "positive") !== negated;
  const word = one(rng, isGood ? FEELINGS.positive : FEELINGS.negative);
  const end = one(rng, FEELINGS.ends);
  return `The ${one(rng, FEELINGS.things)} was ${negated ? "not " : ""}${word}${end}.`;
}

/** "Maria watched the goalkeeper for an hour." */
function topicSentence(rng: Random, topic: string): string {
  const things = TOPICS.things[topic as keyof typeof TOPICS.things];
  const ends = ["", " again", " yesterday", " this morning", " on Sunday"];
  return `${one(rng, TOPICS.begins)} the ${one(rng, things)}${one(rng, ends)}.`;
}

/**
 * The tasks, always the same for a seed: "feeling", "topic", "made-up" (which words mean
 * what can be known from examples only), "capital", "opposite", "sum".
 */
export function promptTasks(seed = 23): PromptTask[] {
  const rng = new Random(seed);
  const madeUp = Object.entries(KINDS).flatMap(([output, words]) =>
    words.map((input) => ({ input, output })),
  );
  const pairs = (list: readonly (readonly [string, string])[]) =>
    list.map(([input, output]) => ({ input, output }));
  const feelings = ["positive", "negative"];
  const topics = Object.keys(TOPICS.things);
  const sums = Array.from({ length: 400 }, (_, i) => [10 + (i % 20), 1 + Math.floor(i / 20)]);
  return [
    {
      ...{ name: "feeling", instruction: "Say whether each sentence is positive or negative." },
      ...{ inputName: "Sentence", outputName: "Feeling", choices: feelings },
      question: "Is this sentence positive or negative? {input}",
      ...drawn(feelings, feelingSentence, rng.fork("feeling")),
    },
    {
      ...{ name: "topic", instruction: `Name the topic: ${topics.join(", ")}.` },
      ...{ inputName: "Sentence", outputName: "Topic", choices: topics },
      question: "Is this sentence about food, music, sport or weather? {input}",
      ...drawn(topics, topicSentence, rng.fork("topic")),
    },
    {
      ...{ name: "made-up", instruction: "Say whether each word is zib or dap." },
      ...{ inputName: "Word", outputName: "Group", choices: Object.keys(KINDS) },
      question: "Is this word zib or dap? {input}",
      ...split(madeUp, rng.fork("made-up")),
    },
    {
      ...{ name: "capital", instruction: "Name the capital of each country." },
      ...{ inputName: "Country", outputName: "Capital" },
      question: "What is the capital of {input}?",
      ...split(pairs(CAPITALS), rng.fork("capital")),
    },
    {
      ...{ name: "opposite", instruction: "Give the opposite of each word." },
      ...{ inputName: "Word", outputName: "Opposite" },
      question: "What is the opposite of the word {input}?",
      ...split(pairs(OPPOSITES), rng.fork("opposite")),
    },
    {
      ...{ name: "sum", instruction: "Add the numbers." },
      ...{ inputName: "Sum", outputName: "Result" },
      question: "What is {input}?",
      ...split(
        sums.map(([a, b]) => ({ input: `${a} + ${b}`, output: `${a + b}` })),
        rng.fork("sum"),
      ),
    },
  ];
}

/** A word problem with its two steps written out. */
export interface StepProblem extends PromptItem {
  steps: string;
}

/** Word problems in two steps, always the same for a seed; no two alike. */
export function stepProblems(count: number, seed: number): StepProblem[] {
  const rng = new Random(seed).fork("steps");
  const seen = new Set<string>();
  const problems: StepProblem[] = [];
  while (problems.length < count) {
    const name = one(rng, ["Ada", "Ben", "Cleo", "Dan", "Eva", "Finn", "Ivy", "Leo"]);
    const thing = one(rng, ["apples", "books", "cups", "pens", "hats", "keys", "maps", "shells"]);
    const [a, b] = [2 + rng.integer(8), 2 + rng.integer(8)];
    const c = 1 + rng.integer(Math.min(8, a + b - 1));
    const input =
      `${name} has ${a} ${thing}. ${name} buys ${b} more ${thing} and then gives ` +
      `${c} ${thing} away. How many ${thing} are left?`;
    if (seen.has(input)) continue;
    seen.add(input);
    const [sum, left] = [a + b, a + b - c];
    const steps = `${a} + ${b} = ${sum}. ${sum} - ${c} = ${left}. The answer is ${left}.`;
    problems.push({ input, output: `${left}`, steps });
  }
  return problems;
}
