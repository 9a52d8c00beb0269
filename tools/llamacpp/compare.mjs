// `npm run llamacpp:compare`: SmolLM2 in the course's GPT beside llama.cpp. First both write
// greedily with the same 32-bit weights, ours written by saveGguf: the ids should be the same. Then
// llama.cpp writes with the quantized file, which it multiplies with quantized activations, and our
// scores are held against each of its tokens.
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fillTemplate } from "llm/chat/index.js";
import { modelFolder } from "llm/checkpoint/index.js";
import { tf, useEngine } from "llm/engine/index.js";
import { gptLogits } from "llm/gpt/index.js";
import { CachedGPT, generate } from "llm/inference/index.js";
import { loadGguf, saveGguf } from "llm/pretrained/index.js";
import { commandLine } from "../../src/cli/options.cjs";
import * as commands from "../commands.mjs";
import { isMain, reportAndExit, SetupError } from "../kit.mjs";
import { openLlamaCpp } from "./judge.mjs";
import { llamaCppEntry } from "./llamacpp.mjs";

export const PROMPTS = [
  "What is the capital of France?",
  "Why is the sky blue?",
  "Write a short poem about the sea.",
  "Explain what a prime number is.",
  "Give me three tips for learning a language.",
];
const MOST = 64;
const WINDOW = 256;

/** Greedy answers of our GPT, the token that ends each included. */
async function ourAnswers({ params, config, generation }, prompts) {
  const small = { ...config, blockSize: WINDOW };
  const model = new CachedGPT(params, small);
  const answers = [];
  for (const ids of prompts) {
    const stop = (all) => all.length > ids.length && all.at(-1) === generation.eos_token_id;
    const options = { temperature: 0, maxNewTokens: MOST, stop, model };
    answers.push((await generate(params, small, ids, options)).slice(ids.length));
  }
  model.dispose();
  return answers;
}

/** llama.cpp's greedy answers with a file, and its ids of texts. */
export async function theirAnswers(file, prompts, texts) {
  const judge = await openLlamaCpp(file, { contextSize: WINDOW });
  const answers = [];
  for (const ids of prompts) answers.push(await judge.greedy(ids, MOST));
  const tokenized = texts.map((text) => judge.tokenize(text));
  await judge.dispose();
  return { answers, tokenized };
}

/** For each token of an answer, how far its score is below our best one; 0 where it is the best. */
function below({ params, config }, prompt, answer) {
  return tf.tidy(() => {
    const ids = [...prompt, ...answer.slice(0, -1)];
    const x = tf.tensor2d([ids], undefined, "int32");
    const logits = gptLogits(params, config, x).slice([0, prompt.length - 1, 0], [1, -1, -1]);
    const scores = logits.reshape([answer.length, -1]);
    const theirs = scores.mul(tf.oneHot(tf.tensor1d(answer, "int32"), config.vocabSize)).sum(1);
    return [...scores.max(1).sub(theirs).dataSync()];
  });
}

/** All figures. */
export async function compare() {
  const folder = modelFolder("smollm2");
  if (!folder) throw new SetupError("SmolLM2 is not here.", "npm run model smollm2");
  if (!llamaCppEntry()) throw new SetupError("llama.cpp is not here.", "npm run llamacpp");
  await useEngine({ prefer: "wasm", quiet: true });
  const quantized = join(
    folder,
    readdirSync(folder).find((name) => name.endsWith(".gguf")),
  );
  const model = loadGguf(quantized);
  const { tokenizer, chatTemplate } = model;
  const texts = PROMPTS.map((content) => fillTemplate(chatTemplate, [{ role: "user", content }]));
  const prompts = texts.map((text) => [...tokenizer.encode(text)]);
  const temporary = mkdtempSync(join(tmpdir(), "llm-llamacpp-"));
  let exact;
  try {
    const file = join(temporary, "f32.gguf");
    saveGguf(file, model, { tokenizerFrom: quantized });
    exact = await theirAnswers(file, prompts, texts);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
  const ours = await ourAnswers(model, prompts);
  const rounded = await theirAnswers(quantized, prompts, texts);
  const gaps = rounded.answers.flatMap((answer, i) => below(model, prompts[i], answer));
  const text = (ids) => tokenizer.decode(ids);
  return {
    tokenizer: exact.tokenized.every((ids, i) => String(ids) === String(prompts[i])),
    exact: PROMPTS.map((prompt, i) => ({
      prompt,
      tokens: ours[i].length,
      same: String(ours[i]) === String(exact.answers[i]),
      ours: text(ours[i]),
      theirs: text(exact.answers[i]),
    })),
    quantized: {
      positions: gaps.length,
      best: gaps.filter((gap) => gap === 0).length,
      farthest: Math.max(...gaps),
    },
  };
}

async function main() {
  const { values } = commandLine(commands.llamacppCompare);
  const result = await compare();
  if (values.json) return console.log(JSON.stringify(result));
  const { tokenizer, exact, quantized } = result;
  console.log(`The prompts' ids are ${tokenizer ? "the same" : "not the same"}.\n`);
  for (const { prompt, tokens, same, ours, theirs } of exact) {
    console.log(`${prompt}\n  ${same ? "the same" : "not the same"}, ${tokens} tokens`);
    console.log(`  ${JSON.stringify(ours)}`);
    if (!same) console.log(`  llama.cpp: ${JSON.stringify(theirs)}`);
  }
  const share = ((100 * quantized.best) / quantized.positions).toFixed(1);
  console.log(
    `\nOn the quantized file llama.cpp's token is our best one at ${quantized.best} of ` +
      `${quantized.positions} positions (${share} %), elsewhere at most ` +
      `${quantized.farthest.toFixed(2)} below our best score.`,
  );
}

if (isMain(import.meta.url)) main().catch(reportAndExit);
