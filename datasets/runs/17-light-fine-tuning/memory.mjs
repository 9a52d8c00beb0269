// What asking SmolLM2-135M-Instruct with a LoRA beside it takes in memory, as the lesson's last cell
// about it does: the model is read, the recorded LoRA is put beside it, and eight questions are
// answered one by one. smol.mjs notes the memory of training.
//
//     npm run model smollm2 && npm run build && node datasets/runs/17-light-fine-tuning/memory.mjs
//
// Prints the largest memory of the process ("maximum resident set size") after each part.

import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { useEngine } = require("llm/engine");
const peft = require("llm/peft");
const { loadModel } = require("llm/pretrained");

const largest = (after) =>
  console.log(after, Math.round(process.resourceUsage().maxRSS / 1024), "MB at most");

const { description } = await useEngine({ quiet: true });
largest(`${description}:`);
const { params, config, tokenizer } = loadModel("smollm2");
largest("the model is read:");
const lora = peft.loadLora(peft.recordedLoraFolder("smol"), params);
const { user, assistant, end } = peft.smolForm;
const options = { maxNewTokens: 24, stopIds: tokenizer.encode(end) };
for (const numbers of ["4, 86", "10, 59", "7, 3", "61, 16", "90, 9", "33, 34", "5, 50", "88, 12"]) {
  const prompt = tokenizer.encode(`${user}Give the larger of the two numbers.\n${numbers}${assistant}`);
  const both = peft.adapted(params, lora);
  const [ids] = await peft.writeAnswers(both, { ...config, blockSize: 256 }, [prompt], options);
  largest(`${numbers} → ${tokenizer.decode(ids)}:`);
}
