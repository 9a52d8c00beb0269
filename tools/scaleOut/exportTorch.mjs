// `npm run export:torch`: a training run as a folder that goes on with PyTorch, on as many
// processes and machines as torchrun, DeepSpeed or Ray Train reach. It holds the model in Hugging
// Face's form, the run's own token ids, AdamW's moments and settings, and a recipe (./recipe) that
// is the same for every run. docs/scale-out.md shows how it is used.
import { copyFileSync, existsSync, readdirSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { encodeSafetensors, latestRun, loadCheckpoint } from "llm/checkpoint/index.js";
import { splitText, TextBatches } from "llm/data/index.js";
import { tf, useEngine } from "llm/engine/index.js";
import { makeFolder, writeAtomically } from "llm/files.js";
import { gptLoss } from "llm/gpt/index.js";
import { loadGPT, textOfRun } from "llm/pretrain.js";
import { modelTypeOf, savePretrained } from "llm/pretrained/index.js";
import { writeHuggingFace } from "llm/tokenizer/index.js";
import { commandLine } from "../../src/cli/options.cjs";
import * as commands from "../commands.mjs";

const recipe = fileURLToPath(new URL("./recipe", import.meta.url));

/** Token ids as little-endian numbers of 16 bits, or of 32 where the vocabulary needs them. */
function idsAsBytes(ids, vocabSize) {
  const numbers = vocabSize <= 65536 ? Uint16Array.from(ids) : Uint32Array.from(ids);
  return new Uint8Array(numbers.buffer);
}

/** The mean loss over all validation windows, as the trainer's last evaluation takes it. */
async function validationLoss(params, config, batches) {
  let [sum, windows] = [0, 0];
  for (const { ids, targets } of batches.windows()) {
    const loss = gptLoss(params, config, ids, targets);
    sum += (await loss.data())[0] * ids.shape[0];
    windows += ids.shape[0];
    tf.dispose([loss, ids, targets]);
  }
  return sum / windows;
}

/** The run's settings under the names of transformers' TrainingArguments. */
export function argumentsOf(settings, step) {
  const left = settings.steps - step;
  return {
    output_dir: "out",
    // a run that is done goes on for one epoch, at its lowest rate
    ...(left > 0 ? { max_steps: left } : { num_train_epochs: 1 }),
    gradient_accumulation_steps: settings.accumulate,
    learning_rate: settings.maxLr,
    weight_decay: settings.weightDecay,
    adam_beta1: settings.beta1,
    adam_beta2: settings.beta2,
    adam_epsilon: settings.eps,
    max_grad_norm: settings.clip,
    seed: settings.seed,
    data_seed: settings.seed,
    logging_steps: 10,
    eval_on_start: true,
    eval_strategy: "steps",
    eval_steps: settings.evalEvery,
    save_steps: settings.checkpointEvery,
    report_to: "none",
  };
}

/** AdamW's moments, as m.NAME and v.NAME; none where the run had another optimizer. */
function momentsOf({ optimizer }) {
  const names = Object.keys(optimizer).filter((name) => /^[mv]\./.test(name));
  return Object.fromEntries(names.map((name) => [name, optimizer[name]]));
}

/**
 * Writes the folder.
 * @param {string} dir the run's folder
 * @param {string} out a new or empty folder
 * @throws before anything is written, where the run is no pretraining, or its model or tokenizer
 *   has no form in transformers
 */
export async function exportTorch(dir, out) {
  const where = `export:torch: ${out}`;
  if (existsSync(out) && readdirSync(out).length > 0)
    throw new Error(`${where}: expected a new or empty folder, got one with files in it`);
  const checkpoint = loadCheckpoint(dir);
  const { params, config, tokenizer, step } = loadGPT(dir);
  if (!checkpoint.settings || !checkpoint.data)
    throw new Error(`export:torch: ${dir} holds a trained model, but no run that could go on`);
  modelTypeOf(config);
  writeHuggingFace(tokenizer);
  const { settings } = checkpoint;
  const text = textOfRun(checkpoint.data, { dir });
  const { train, val } = splitText(tokenizer.encodeText(text));
  const { blockSize, vocabSize } = config;
  const batches = new TextBatches(val, {
    ...{ blockSize, batchSize: settings.batchSize, seed: settings.seed },
  });
  const valLoss = await validationLoss(params, config, batches);
  await savePretrained(join(out, "model"), { config, params, tokenizer });
  makeFolder(join(out, "data"));
  for (const [name, ids] of Object.entries({ train, val }))
    writeAtomically(join(out, "data", `${name}.bin`), [idsAsBytes(ids, vocabSize)]);
  const moments = momentsOf(checkpoint);
  const hasMoments = Object.keys(moments).length > 0;
  if (hasMoments)
    writeAtomically(
      join(out, "optimizer.safetensors"),
      encodeSafetensors(moments, { format: "pt" }),
    );
  const { maxLr, minLr, warmupSteps, steps: totalSteps, batchSize } = settings;
  const run = {
    about: `The run ${basename(resolve(dir))} of the course "LLM from Scratch in TypeScript"`,
    biases: config.family === "llama" || config.bias,
    ...{ step, blockSize, batchSize, dtype: vocabSize <= 65536 ? "<u2" : "<u4" },
    ...{ tokens: { train: train.length, val: val.length }, valLoss },
    schedule: { maxLr, minLr, warmupSteps, totalSteps },
    arguments: argumentsOf(settings, step),
  };
  writeAtomically(join(out, "run.json"), [`${JSON.stringify(run, null, 2)}\n`]);
  for (const name of readdirSync(recipe)) copyFileSync(join(recipe, name), join(out, name));
  return { step, valLoss, tokens: run.tokens, hasMoments };
}

async function main() {
  const { values } = commandLine(commands.exportTorch);
  await useEngine({ quiet: true });
  const dir = values.run === undefined ? latestRun() : resolve(values.run);
  const out = resolve(values.out ?? join(dir, "torch"));
  const { step, valLoss, tokens } = await exportTorch(dir, out);
  const n = (x) => x.toLocaleString("en");
  console.log(
    `${out}: step ${n(step)}, validation loss ${valLoss.toFixed(4)} nats per token, ` +
      `${n(tokens.train)} + ${n(tokens.val)} tokens`,
  );
  console.log("go on with it there: torchrun --nproc_per_node=2 train.py (see README.md)");
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  main().catch((error) => {
    console.error(`export:torch: ${error.message.replace(/^export:torch: /, "")}`);
    process.exit(1);
  });
