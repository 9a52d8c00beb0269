// How SmolLM2-135M-Instruct was asked to use tools, for lesson 26 (agents). To make the lines of
// smol.jsonl again, in about 13 minutes of CPU time:
//
//     npm run model smollm2 && npm run build && node datasets/runs/26-agents/smol.mjs
//
// It gets the shop's questions in known sentences (sums, prices, totals, talk), greedily, with at most
// four steps. "none": no tools · "free": told of the tools in the format of SmolLM2-1.7B-Instruct
// (tool calls were taught to that model only, says the card of the small one) · "hermes": in Hermes's
// format · "examples": as "free", after two solved examples · "grammar": as "free", but every text is
// forced to be a valid call, and answering is one, too · "neutral": as "grammar", but the tools are
// called tool_1 and tool_2, so that only their descriptions say what they do · "swapped": as
// "neutral", with the two descriptions exchanged · "unwatched": as "grammar", but loops are not
// noticed.
//
// Written down and committed before any of it was run, and without a pilot. Shares are of all questions
// but talk; "first tool" is the share in which the first call is of the right tool.
//  1. Free, it fails at the form: at most 0.5 of the questions get a call that can be read.
//  2. Examples help with the form: at least 0.3 more questions get one.
//  3. The grammar mends the form, not the choice: every question gets a call (this cannot fail), but the
//     success is at most 0.3.
//  4. It does not read descriptions: between "neutral" and "swapped" the first tool differs by less
//     than 0.2.
//  5. Loop detection saves at least a fifth of the tokens, and success differs by at most 0.05.
import { createRequire } from "node:module";
import { aboutLine, recorder } from "../recorder.mjs";

const require = createRequire(import.meta.url);
const A = require("llm/agents");
const { useEngine } = require("llm/engine");
const { openLanguageModel } = require("llm/languageModel");
const { Random } = require("llm/random");
const { runTool, toolFormats, toolMessage } = require("llm/tools");

const numbers = { each: 16, steps: 4, maxTokens: 64 };
const { description } = await useEngine({ quiet: true });
const { has, lap, write } = recorder(new URL("smol.jsonl", import.meta.url));
if (!has({ run: "about" })) write(aboutLine(description, numbers));
const wanted = process.argv.slice(2);

const prices = A.drawPrices(new Random(1));
const tools = A.shopTools(prices);
const kinds = ["calculate", "price", "total", "talk"];
const questions = A.shopQuestions("known sentences", { each: numbers.each, seed: 1, prices }).filter(
  ({ kind }) => kinds.includes(kind),
);
const model = await openLanguageModel("smollm2", { maxLength: 2048, maxRunning: 16 });

/** The same tools under names that say nothing; `swapped`: with each other's descriptions. */
const neutral = (swapped) =>
  tools.map((tool, i) => ({
    ...tool,
    name: `tool_${i + 1}`,
    description: tools[swapped ? 1 - i : i].description,
    // both take one text, so that the schema does not give them away
    parameters: {
      type: "object",
      properties: { input: { type: "string" } },
      required: ["input"],
    },
    run: ({ input }) => tool.run({ expression: input, item: input }),
  }));
/** The questions with the calls under those names. */
const renamed = questions.map((task) => ({
  ...task,
  calls: task.calls.map(({ name, arguments: args }) => ({
    name: name === "calculator" ? "tool_1" : "tool_2",
    arguments: { input: Object.values(args)[0] },
  })),
}));

const examples = [];
for (const [kind, seed] of [["price", 7], ["total", 8]]) {
  const task = A.drawTask({ rng: new Random(seed), prices, kinds: [kind], part: "train" });
  examples.push({ role: "user", content: task.question });
  for (const call of task.calls) {
    examples.push({ role: "assistant", content: toolFormats.smollm2.write([call]) });
    examples.push(toolMessage(await runTool(tools, call)));
  }
  examples.push({ role: "assistant", content: task.answer });
}

const common = {
  ...{ model, tools, format: toolFormats.smollm2, budget: { steps: numbers.steps } },
  decoding: { maxTokens: numbers.maxTokens },
};
const grammar = { ...common, form: "grammar" };
const runs = {
  none: { tools: [] },
  free: {},
  hermes: { format: toolFormats.hermes },
  examples: {},
  grammar,
  neutral: { ...grammar, tools: neutral(false) },
  swapped: { ...grammar, tools: neutral(true) },
  unwatched: { ...grammar, patience: false },
};

for (const [run, more] of Object.entries(runs)) {
  if (has({ run }) || (wanted.length > 0 && !wanted.includes(run))) continue;
  const tasks = more.tools?.[0]?.name === "tool_1" ? renamed : questions;
  const options = { ...common, ...more };
  const asked = await Promise.all(
    tasks.map(async (task) => {
      const question = { role: "user", content: task.question };
      const before = run === "examples" ? examples : [];
      const result = await A.runAgent([...before, question], options);
      return { task, run: result, verdict: A.judged(task, result) };
    }),
  );
  const needing = asked.filter(({ task }) => task.calls.length > 0);
  const share = (f) => Number((needing.filter(f).length / needing.length).toFixed(3));
  const firstCall = ({ run }) => run.steps.flatMap(({ calls }) => calls)[0];
  write({
    run,
    needing: A.figuresOf(needing),
    talk: A.figuresOf(asked.filter(({ task }) => task.calls.length === 0)),
    readable: share((one) => firstCall(one) !== undefined),
    firstTool: share((one) => firstCall(one)?.name === one.task.calls[0].name),
    samples: asked.filter((_, i) => i % 11 === 0).map(({ task, run, verdict }) => [
      ...[verdict, task.question, ...run.steps.map(({ written }) => written)],
    ]),
    cpuSeconds: lap(),
  });
}
