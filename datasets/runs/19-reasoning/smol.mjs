// How the chat model's answers of lesson 19 (reasoning) were recorded, for readers who have not
// fetched it. To make them again, in about a minute of CPU time:
//
//     npm run model smollm2 && npm run build && node datasets/runs/19-reasoning/smol.mjs
//
// SmolLM2-135M-Instruct answers six questions of logic, common sense and cause, each in two ways:
// with the answer alone, and after thinking step by step (Kojima et al., 2022). Both are greedy. A
// table to read, not a measurement: six questions decide nothing.

import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { arch, cpus, platform } from "node:os";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const { Chat } = require("llm/chat");
const { useEngine } = require("llm/engine");
const { loadModel } = require("llm/pretrained");

const questions = [
  ["logic", "All cats are animals. Tom is a cat. Is Tom an animal?", "yes"],
  ["logic", "Anna is taller than Ben. Ben is taller than Carl. Who is the shortest?", "carl"],
  ["common sense", "I left a glass of milk in the sun all day. Should I drink it?", "no"],
  ["common sense", "Which is heavier: a kilogram of iron or a kilogram of feathers?", "same"],
  ["cause", "When ice cream sales rise, more people drown. Does ice cream cause drowning?", "no"],
  ["cause", "The cock crows and then the sun rises. Would the sun rise without the cock?", "yes"],
];

const { description } = await useEngine({ quiet: true });
const model = loadModel("smollm2");
const results = [];
for (const [kind, question, right] of questions) {
  const ask = async (content, maxNewTokens) => {
    const chat = new Chat(model, { temperature: 0, maxNewTokens, window: 256 });
    const { text } = await chat.say(content);
    chat.dispose();
    return text.trim();
  };
  const direct = await ask(`${question} Answer in a few words.`, 16);
  const steps = await ask(`${question} Think step by step, then give the answer.`, 48);
  results.push({ kind, question, right, direct, steps });
  console.log(JSON.stringify(results.at(-1)));
}
const machine = `${platform()} ${arch()}, ${cpus()[0].model}, ${description}, Node ${process.version}`;
const about = { made: new Date().toISOString().slice(0, 10), machine };
const path = fileURLToPath(new URL("smol.json", import.meta.url));
writeFileSync(path, `${JSON.stringify({ about, questions: results }, null, 1)}\n`);
