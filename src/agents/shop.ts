// Tasks for a small agent: questions to the assistant of a shop. What things cost stands in a table that
// only the tool `price` can read, sums are worked out by `calculator`, and some questions need both, one
// after the other. Every task knows its answer and the calls that lead to it, so success is checked by
// rule, and a model can be taught from the steps (the way of lesson 19, reasoning). Left out: questions
// in Chinese, tools that change something.
import type { Random } from "../random";
import type { Tool, ToolCall } from "../tools";
import { calculate, calculatorTool } from "./calculator";

/** Things of which training speaks, and things that it never names. All take an -s. */
export const knownItems: readonly string[] = (
  "lamp book coat chair table hat rope boat pipe candle bottle basket blanket button cup plate " +
  "spoon kettle hammer nail map clock mirror pillow belt ring drum flag bell bucket barrel bag " +
  "card doll kite ladder"
).split(" ");
export const newItems: readonly string[] =
  "lantern needle oar pen pot saw shirt shoe towel wheel".split(" ");
/** Things that the shop has not got. */
export const missingItems: readonly string[] =
  "piano horse whale ship house garden tree river".split(" ");

/** A word that nobody knows, of two or three syllables: with such things a model has to copy. */
export function inventedItem(rng: Random): string {
  const syllable = () => pick(rng, [..."bdfgklmnprtv"]) + pick(rng, [..."aeiou"]);
  const start = syllable() + syllable();
  return start + (rng.uniform() < 0.5 ? syllable() : "") + pick(rng, [..."lmnrt"]);
}

/** What each thing costs, in whole euros. */
export type PriceTable = ReadonlyMap<string, number>;

/** A table with a price from 2 to 99 for every thing. */
export const drawPrices = (rng: Random): PriceTable =>
  new Map([...knownItems, ...newItems].map((item) => [item, 2 + rng.integer(98)]));

/** The tool that reads the table. */
export const priceTool = (prices: PriceTable): Tool => ({
  name: "price",
  description: "Says what one piece of a thing costs in the shop, in euros.",
  parameters: {
    type: "object",
    properties: {
      item: { type: "string", description: "one thing in the singular, such as lamp" },
    },
    required: ["item"],
  },
  run: ({ item }) => {
    const price = prices.get(String(item));
    if (price === undefined) throw new Error(`the shop has no ${item}`);
    return String(price);
  },
});

/** The shop's tools. */
export const shopTools = (prices: PriceTable): Tool[] => [calculatorTool, priceTool(prices)];

export const shopKinds = ["calculate", "price", "total", "change", "missing", "talk"] as const;
export type ShopKind = (typeof shopKinds)[number];

/**
 * How often each kind comes in training: more often where numbers have to be copied. "change" is never
 * taught: a first model needed more steps for it than there was time for.
 */
export const trainingKinds: readonly ShopKind[] = [
  ...["calculate", "calculate", "calculate", "price", "price", "total", "total", "total"],
  ...["missing", "missing", "talk", "talk"],
] as ShopKind[];

/** A question with all that is known about it. */
export interface ShopTask {
  kind: ShopKind;
  question: string;
  /** The calls that lead to the answer, in their order. */
  calls: ToolCall[];
  /** What the assistant says in the end. */
  answer: string;
  /** What one piece of the thing costs, if it is about a thing. */
  price?: number;
}

export interface DrawTaskOptions {
  rng: Random;
  prices: PriceTable;
  kinds?: readonly ShopKind[];
  /** Numbers that training may see, or one in ten that it may not. */
  part: "train" | "held out";
  /** Sentences that training knows, or others. */
  wording?: "known" | "new";
  items?: readonly string[];
  /** In this share of the tasks the thing is an invented one, with a price of its own. 0 */
  invented?: number;
}

/** X stands for a sum, Y for a thing, N and M for numbers. */
export const shopWordings = {
  calculate: {
    known: ["What is X?", "How much is X?", "X?", "Work out X.", "X is how much?"],
    new: ["Please tell me X.", "I want to know X.", "Can you say what X is?"],
  },
  price: {
    known: ["What does a Y cost?", "How much is a Y?", "The price of a Y?", "A Y costs how much?"],
    new: ["Please tell me the price of a Y.", "I want a Y. What does it cost?", "And a Y?"],
  },
  total: {
    known: ["What do N Ys cost?", "How much are N Ys?", "The price of N Ys?", "I take N Ys."],
    new: ["Please tell me the price of N Ys.", "I want N Ys. What do they cost?", "And N Ys?"],
  },
  change: {
    known: [
      "I have M euros and buy N Ys. How much is left?",
      "With M euros I buy N Ys. What do I get back?",
      "N Ys, please. Here are M euros.",
    ],
    new: [
      "I buy N Ys and give you M euros. How much is left?",
      "What is left of M euros after N Ys?",
    ],
  },
} as const;

export const shopTalk: readonly [known: string[], fresh: string[], answer: string][] = [
  [["Hello!", "Good morning!", "Good day."], ["Hello, good day!"], "Hello! What do you need?"],
  [["Thank you.", "Thanks!", "That is all."], ["Thank you, that is all."], "You are welcome."],
  [
    ["Who are you?", "What can you do?"],
    ["Tell me who you are."],
    "I know the prices of this shop.",
  ],
];

const OPERATIONS = [
  ["plus", "+"],
  ["minus", "-"],
  ["times", "*"],
] as const;

const pick = <T>(rng: Random, list: readonly T[]): T => list[rng.integer(list.length)];

/** Whether a pair of numbers is held out: one in ten. */
const isHeldOut = (a: number, b: number): boolean => (a * 31 + b * 17 + ((a * b) % 7)) % 10 === 0;

/** Two numbers of the part. */
function numbers(
  rng: Random,
  part: DrawTaskOptions["part"],
  most: [number, number],
): [number, number] {
  for (;;) {
    const [a, b] = [2 + rng.integer(most[0] - 1), 2 + rng.integer(most[1] - 1)];
    if (isHeldOut(a, b) === (part === "held out")) return [a, b];
  }
}

/** The call of a tool for the shop's two. */
const call = {
  calculator: (expression: string): ToolCall => ({ name: "calculator", arguments: { expression } }),
  price: (item: string): ToolCall => ({ name: "price", arguments: { item } }),
};

const euros = (n: number): string => `${n} euros.`;

/**
 * Draws a task.
 * @throws if an item has no price
 * @example
 * { kind: "total", question: "What do 7 lamps cost?", answer: "84 euros.",
 *   calls: [price("lamp"), calculator("7 * 12")] }
 */
export function drawTask(options: DrawTaskOptions): ShopTask {
  const { rng, kinds = shopKinds, wording = "known" } = options;
  const kind = pick(rng, kinds);
  if (kind === "talk") {
    const [known, fresh, answer] = pick(rng, shopTalk);
    return { kind, question: pick(rng, wording === "known" ? known : fresh), calls: [], answer };
  }
  if (kind === "calculate") return sumTask(options);
  return kind === "missing" ? missingTask(options) : itemTask(kind, options);
}

function sumTask({ rng, part, wording = "known" }: DrawTaskOptions): ShopTask {
  const [a, b] = numbers(rng, part, [99, 99]);
  const [word, sign] = pick(rng, OPERATIONS);
  const asked = rng.uniform() < 0.5 ? `${a} ${word} ${b}` : `${a} ${sign} ${b}`;
  const expression = `${a} ${sign} ${b}`;
  return {
    kind: "calculate",
    question: pick(rng, shopWordings.calculate[wording]).replace("X", asked),
    calls: [call.calculator(expression)],
    answer: `${calculate(expression)}.`,
  };
}

function missingTask({ rng, wording = "known" }: DrawTaskOptions): ShopTask {
  const item = pick(rng, missingItems);
  const question = pick(rng, shopWordings.price[wording]).replace("Y", item);
  return { kind: "missing", question, calls: [call.price(item)], answer: `We have no ${item}.` };
}

function itemTask(kind: "price" | "total" | "change", options: DrawTaskOptions): ShopTask {
  const { rng, prices, part, wording = "known", items = knownItems, invented = 0 } = options;
  const isInvented = invented > 0 && rng.uniform() < invented;
  const item = isInvented ? inventedItem(rng) : pick(rng, items);
  const price = isInvented ? 2 + rng.integer(98) : prices.get(item);
  if (price === undefined) throw new Error(`drawTask: expected a price of ${item}, got none`);
  const [n] = numbers(rng, part, [12, items.length]);
  const money = Math.ceil((n * price + rng.integer(40)) / 10) * 10;
  const question = pick(rng, shopWordings[kind][wording])
    .replace("Y", item)
    .replace("N", String(n))
    .replace("M", String(money));
  const product = `${n} * ${price}`;
  const expression = { price: "", total: product, change: `${money} - ${product}` }[kind];
  const value = expression === "" ? price : calculate(expression);
  const calls = [call.price(item), ...(expression === "" ? [] : [call.calculator(expression)])];
  return { kind, question, calls, answer: euros(value), price };
}

/** A follow-up to a question about a thing: "And 9 of them?" */
export function drawFollowUp(before: ShopTask, { rng, prices, part }: DrawTaskOptions): ShopTask {
  const item = String(before.calls[0]?.arguments.item);
  const price = before.price ?? prices.get(item);
  if (price === undefined)
    throw new Error(`drawFollowUp: expected a task about a thing with a price, got ${item}`);
  const [n] = numbers(rng, part, [12, knownItems.length]);
  const question = pick(rng, ["And N of them?", "And N?", "N of them?"]).replace("N", String(n));
  const expression = `${n} * ${price}`;
  const calls = [call.price(item), call.calculator(expression)];
  return { kind: "total", question, calls, answer: euros(calculate(expression)), price };
}

/** Whether an answer is right: the same number, or, where there is none, the same words. */
export function isRight(task: Pick<ShopTask, "answer">, answer: string | null): boolean {
  if (answer === null) return false;
  const number = (text: string) => /-?\d+(\.\d+)?(?!.*\d)/.exec(text)?.[0];
  const wanted = number(task.answer);
  const words = (text: string) => text.trim().toLowerCase();
  return wanted === undefined ? words(answer) === words(task.answer) : number(answer) === wanted;
}
