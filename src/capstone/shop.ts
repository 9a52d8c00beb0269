// The worked example: customer service of the small shop of lesson 26 (agents). Its parts are the ways
// between which one chooses: rules, the rules of the house found by words, the small GPT that calls
// tools, a chat model that is told what was found, and whoever decides that a person has to answer.
import {
  type AgentRun,
  drawPrices,
  drawTask,
  knownItems,
  newItems,
  type PriceTable,
  runAgent,
  type ShopTask,
  scriptedModel,
  shopRules,
  shopTools,
  taughtFormat,
} from "../agents";
import { type LanguageModel, write } from "../languageModel";
import { Random } from "../random";
import { extractedAnswer, type SearchIndex } from "../retrieval";
import type { Part } from "./application";
import { topicFinder } from "./monitor";
import type { EvalQuestion } from "./questions";

/** Prices of the made-up shop. */
export const shopPrices = (): PriceTable => drawPrices(new Random(1));

/** Words of complaints, of danger, of law, and of those who want to speak to somebody. */
const FOR_A_PERSON =
  /\b(complain\w*|person|human|somebody|someone|manager|colleague|lawyer|sue|court|police|fire|burn\w*|smoke\w*|hurt|injur\w*|hospital|poison\w*|angry|refuse\w*|wrong)\b/i;

/**
 * Hands over what must not be answered by a machine, whatever other parts would say: what has one of the
 * words above, or is most like a known question for a person.
 * @param known questions of the split "choose"
 */
export function personPart(known: readonly EvalQuestion[] = []): Part {
  const topicOf = topicFinder(
    known.map((one) => ({ ...one, topic: one.handOver ? "person" : "machine" })),
    2,
  );
  return {
    name: "person",
    say: (question) =>
      FOR_A_PERSON.test(question) || topicOf(question) === "person" ? { isForPerson: true } : {},
  };
}

/** The assistant by patterns, which knows the training's sentences and every price. */
export const rulesPart = (prices: PriceTable): Part => {
  const model = scriptedModel(shopRules);
  return {
    name: "rules",
    async say(question) {
      const { answer, steps } = await runAgent(question, agentOptions(model, prices));
      return steps.length > 0 && answer !== "I do not understand."
        ? { text: answer ?? undefined }
        : {};
    },
  };
};

/** Words that ask for a price, and the short questions that follow one. */
const ASKS_PRICE = /\b(prices?|costs?|how much)\b|^and (a|an|\d+) \w+\?$/i;

/**
 * Answers by names: a sentence that asks for a price, names one thing of the list and at most one number
 * is answered with number · price, whatever its other words are. The simplest rival of a model.
 * @param names the things that it knows; all that have a price
 */
export const namesPart = (
  prices: PriceTable,
  names: readonly string[] = [...prices.keys()],
): Part => ({
  name: "names",
  say(question) {
    const words: string[] = question.toLowerCase().match(/[a-z]+|\d+/g) ?? [];
    const named = names.filter((name) => words.includes(name) || words.includes(`${name}s`));
    const numbers = words.filter((word) => /\d/.test(word)).map(Number);
    const price = prices.get(named[0] ?? "");
    const isClear = named.length === 1 && numbers.length <= 1 && price !== undefined;
    if (!isClear || !ASKS_PRICE.test(question)) return {};
    return { text: `${(numbers[0] ?? 1) * price} euros.` };
  },
});

const agentOptions = (model: LanguageModel, prices: PriceTable) => ({
  ...{ model, tools: shopTools(prices), format: taughtFormat, tell: false },
  ...{ decoding: { maxTokens: 48 }, budget: { steps: 6 } },
});

/**
 * The best sentence of the house's rules, found by words.
 * @param leastScore below this score of BM25 the question is not for it
 */
export const faqPart = (index: SearchIndex, leastScore: number): Part => ({
  name: "house rules",
  async say(question) {
    const found = await index.search(question, { k: 1, method: "words" });
    if (found.length === 0 || found[0].score < leastScore) return {};
    return { text: extractedAnswer(question, found) };
  },
});

/**
 * The small GPT that calls tools.
 * @param options.checked whether what it did is compared with the question before it may answer
 */
export const agentPart = (
  model: LanguageModel,
  prices: PriceTable,
  { checked = true }: { checked?: boolean } = {},
): Part => ({
  name: "agent",
  async say(question) {
    const run = await runAgent(question, agentOptions(model, prices));
    const isUsed = run.answer !== null && (!checked || isGrounded(question, run));
    return { text: isUsed ? (run.answer ?? undefined) : undefined, usage: run.usage };
  },
});

/**
 * Whether everything that an agent said to its tools stands in the question or in an earlier result, and
 * its answer in the last result: a check without any model, which knows what cannot be right but not
 * what is. A text without any call is let through only if it says nothing about prices.
 */
export function isGrounded(
  question: string,
  { steps, answer }: Pick<AgentRun, "steps" | "answer">,
) {
  const words = (text: string) => text.toLowerCase().match(/[a-z]+|\d+/g) ?? [];
  const known = new Set(words(question).flatMap((word) => [word, word.replace(/s$/, "")]));
  const calls = steps.flatMap((step) => step.calls);
  if (calls.length === 0) return !/\d/.test(answer ?? "") && !/\d/.test(question);
  let last: string | undefined;
  for (const { calls, results } of steps)
    for (const [i, call] of calls.entries()) {
      const said = words(Object.values(call.arguments).join(" "));
      if (!said.every((word) => known.has(word))) return false;
      for (const word of words(results[i].text)) if (/\d/.test(word)) known.add(word);
      last = results[i].isError ? undefined : results[i].text;
    }
  if (last === undefined) return words(answer ?? "").some((word) => known.has(word));
  return answer?.includes(last) ?? false;
}

/** What a chat model is told before the question: the rules of the house, and prices that were found. */
export function shopPrompt(question: string, houseRules: string, prices: PriceTable): string {
  const named = [...prices].filter(([item]) => new RegExp(`\\b${item}s?\\b`, "i").test(question));
  const found = named.map(([item, price]) => `One ${item} costs ${price} euros.`).join(" ");
  return (
    `You answer customers of a shop in one short sentence. ${houseRules}\n\n` +
    `${found || "Nothing that the question names is in the list of prices."}\n\n` +
    `Question: ${question}`
  );
}

/**
 * A chat model with what was found in its prompt.
 * @param prompt makes the prompt of a question; `shopPrompt`
 */
export const chatPart = (
  model: LanguageModel,
  houseRules: string,
  prices: PriceTable,
  prompt = shopPrompt,
): Part => ({
  name: model.name,
  async say(question) {
    const content = prompt(question, houseRules, prices);
    const request = {
      messages: [{ role: "user" as const, content }],
      temperature: 0,
      maxTokens: 40,
    };
    const { text, usage } = await write(model, request);
    return { text: text.trim(), usage };
  },
});

/** Which questions customers ask, as shares; a real shop would count its log. */
export const shopMix: Record<string, number> = {
  ...{ "price, known words": 0.15, "price, new words": 0.12, "price, new thing": 0.1 },
  ...{ "total, known words": 0.15, "total, new words": 0.13, missing: 0.07, talk: 0.06 },
  ...{ "house rules": 0.14, person: 0.08 },
};

const DRAWN: Record<string, Partial<Parameters<typeof drawTask>[0]>> = {
  "price, known words": { kinds: ["price"] },
  "price, new words": { kinds: ["price"], wording: "new" },
  "price, new thing": { kinds: ["price", "total"], wording: "new", items: newItems },
  "total, known words": { kinds: ["total"] },
  "total, new words": { kinds: ["total"], wording: "new" },
  missing: { kinds: ["missing"], wording: "new" },
  talk: { kinds: ["talk"], wording: "new" },
};

/** A task of lesson 26 (agents) as a question for an evaluation. */
function questionOf(task: ShopTask, topic: string, split: EvalQuestion["split"]): EvalQuestion {
  const number = /-?\d+/.exec(task.answer)?.[0];
  return {
    ...{ split, topic, question: task.question },
    ...(number === undefined ? { accept: [task.answer.slice(0, -1)] } : { number: Number(number) }),
  };
}

export interface DrawShopOptions {
  count: number;
  seed: number;
  prices: PriceTable;
  split: EvalQuestion["split"];
  /** The questions of customers about the house and for a person, written by hand. */
  written: readonly EvalQuestion[];
  mix?: Record<string, number>;
}

/**
 * Draws questions as customers would ask them. Those about things come from lesson 26 (agents), by
 * its own generator, with numbers that no training had; the others are drawn from `written`.
 */
export function drawShopQuestions(options: DrawShopOptions): EvalQuestion[] {
  const { count, seed, prices, split, written, mix = shopMix } = options;
  const names = Object.keys(mix);
  const shares = Object.values(mix);
  return Array.from({ length: count }, (_, i) => {
    const rng = new Random(seed).fork(split, i);
    const topic = names[rng.categorical(shares)];
    const drawing = DRAWN[topic];
    if (drawing) {
      const task = drawTask({ rng, prices, part: "held out", items: knownItems, ...drawing });
      return questionOf(task, topic, split);
    }
    const some = written.filter((one) => one.topic === topic && one.split === split);
    if (some.length === 0) throw new Error(`drawShopQuestions: expected questions of "${topic}"`);
    return some[rng.integer(some.length)];
  });
}
