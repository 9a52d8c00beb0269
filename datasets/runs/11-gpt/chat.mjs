// How the recorded answers of lesson 11 (GPT) were made, for readers who have not fetched the model.
// To make them again, in about a minute of CPU time:
//
//     npm run model smollm2 && npm run build && node datasets/runs/11-gpt/chat.mjs
//
// SmolLM2-135M-Instruct answers each question at temperature 0, as a conversation of its own.

import { readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const { modelFolder } = require("llm/checkpoint");
const { useEngine } = require("llm/engine");
const { generate } = require("llm/inference");
const { loadGguf } = require("llm/pretrained");
const { Random } = require("llm/random");

const questions = [
  "What is the capital of France?",
  "Write one sentence about a whale.",
  "What is 17 times 24?",
  "Which animal is larger, a mouse or a whale?",
];
const system = "You are a helpful AI assistant named SmolLM, trained by Hugging Face";
const inTurns = (question) =>
  `<|im_start|>system\n${system}<|im_end|>\n<|im_start|>user\n${question}<|im_end|>\n` +
  "<|im_start|>assistant\n";

await useEngine();
const folder = modelFolder("smollm2");
const file = readdirSync(folder).find((name) => name.endsWith(".gguf"));
const { params, config, tokenizer } = loadGguf(join(folder, file));
const end = tokenizer.encode("<|im_end|>")[0];
const answers = [];
for (const question of questions) {
  const prompt = tokenizer.encode(inTurns(question));
  const ids = await generate(params, { ...config, blockSize: 256 }, prompt, {
    ...{ maxNewTokens: 48, temperature: 0, rng: new Random(1) },
    stop: (all) => all[all.length - 1] === end,
  });
  const own = ids.slice(prompt.length).filter((id) => id !== end);
  answers.push({ question, answer: tokenizer.decode(own), ended: ids[ids.length - 1] === end });
  console.log(answers.at(-1));
}
const path = fileURLToPath(new URL("chat.json", import.meta.url));
const about = { command: "node datasets/runs/11-gpt/chat.mjs", file };
writeFileSync(path, `${JSON.stringify({ about, answers }, null, 1)}\n`);
