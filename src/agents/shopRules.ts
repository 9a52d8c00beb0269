// The assistant of the shop by rules, as one wrote such programs before there were language models: a
// pattern for every known sentence, and what to do about it. It is right wherever a pattern fits and
// helpless elsewhere, which makes it the baseline for a model that has learnt from examples. It sees
// the same messages as a model and writes the same calls.
import type { Message } from "../chat";
import { type ToolCall, toolCalls } from "../tools";
import type { Script } from "./scripted";
import { shopTalk, shopWordings } from "./shop";
import { taughtFormat } from "./taught";

const SIGNS: Record<string, string> = { plus: "+", minus: "-", times: "*" };

/** A wording as a pattern. */
function patternOf(wording: string): RegExp {
  const escaped = wording.replace(/[.?*+()]/g, "\\$&");
  const parts: Record<string, string> = {
    X: "(?<a>\\d+) (?<sign>plus|minus|times|[-+*]) (?<b>\\d+)",
    Y: "(?<item>[a-z]+?)",
    N: "(?<n>\\d+)",
    M: "(?<m>\\d+)",
  };
  return new RegExp(`^${escaped.replace(/\b[NMX]\b|Y/g, (part) => parts[part])}$`);
}

const PATTERNS = Object.entries(shopWordings).flatMap(([kind, { known }]) =>
  known.map((wording) => ({ kind, pattern: patternOf(wording) })),
);
const FOLLOW_UP = /^(?:And )?(\d+)(?: of them)?\?$/;

type Asked = { kind: string } & Partial<Record<"a" | "sign" | "b" | "item" | "n" | "m", string>>;

/** What a question asks for, as far as the patterns know it. */
function read(question: string, before: readonly string[]): Asked | undefined {
  const number = FOLLOW_UP.exec(question)?.[1];
  if (number !== undefined) {
    const item = before.map((text) => read(text, [])?.item).findLast(Boolean);
    return item ? { kind: "total", item, n: number } : undefined;
  }
  for (const { kind, pattern } of PATTERNS) {
    const found = pattern.exec(question);
    if (found) return { kind, ...found.groups };
  }
  return undefined;
}

const write = (name: string, args: ToolCall["arguments"]): string =>
  taughtFormat.write([{ name, arguments: args }]);

/** What the assistant writes next; results are messages of the user in the model's form. */
export const shopRules: Script = (messages) => {
  const isResult = ({ content }: Message) => content.startsWith('{"output": ');
  const questions = messages.filter((message) => message.role === "user" && !isResult(message));
  const question = questions.at(-1)?.content ?? "";
  const talk = shopTalk.find(([known]) => known.includes(question));
  if (talk) return talk[2];
  const asked = read(
    question,
    questions.slice(0, -1).map(({ content }) => content),
  );
  if (!asked) return "I do not understand.";
  const steps = messages.slice(messages.findLastIndex((m) => m.content === question) + 1);
  const results = steps.filter(isResult).map(({ content }) => String(JSON.parse(content).output));
  const called = steps.flatMap(({ content }) => toolCalls(content).calls);
  return nextOf(asked, called.length, results);
};

function nextOf({ kind, a, sign = "", b, item, n, m }: Asked, calls: number, results: string[]) {
  const last = results.at(-1) ?? "";
  if (kind === "calculate")
    return calls === 0
      ? write("calculator", { expression: `${a} ${SIGNS[sign] ?? sign} ${b}` })
      : `${last}.`;
  if (calls === 0) return write("price", { item });
  if (last.startsWith("Error")) return `We have no ${item}.`;
  if (kind === "price" || calls === 2) return `${last} euros.`;
  const product = `${n} * ${last}`;
  return write("calculator", { expression: kind === "total" ? product : `${m} - ${product}` });
}
