// Pretraining: a GPT learns to predict the next token of a text. `npm run train` and lesson 12
// (training) give this task to the trainer, with its settings in the course's three sizes. `laptop`
// is nanoGPT's configuration for a laptop CPU, number for number (Karpathy, nanoGPT, 2022, README
// "I only have a macbook"), so that results can be compared; `gpu` is its train_shakespeare_char
// configuration.
// Not here: other objectives (lesson 09, pretraining objectives), data that does not fit into
// memory (lesson 10, data), fine-tuning (lesson 15, fine-tuning).

import { createHash } from "node:crypto";
import {
  assignTensors,
  type Checkpoint,
  expectShapes,
  loadCheckpoint,
  readCheckpoint,
} from "./checkpoint";
import {
  type Batch,
  type GetBatch,
  loadText,
  mobyDick,
  splitText,
  TextBatches,
  type TextBatchesOptions,
} from "./data";
import { tf } from "./engine";
import { type GPTConfig, type GPTOps, gptLoss, gptShapes, initGPT, validateGPTConfig } from "./gpt";
import { CachedGPT, generate } from "./inference";
import { type Baselines, ngramBaselines } from "./ngram";
import type { DropoutSource } from "./ops";
import { disposeParams, type Params } from "./params";
import { Random } from "./random";
import { CharTokenizer, type Tokenizer, tokenizerFromJSON } from "./tokenizer";
import {
  expectWholeNumber,
  type ResumeOptions,
  type Task,
  type TaskTools,
  Trainer,
  type TrainSettings,
} from "./train";

/** Every number of a pretraining run: the loop's, the model's, the data's. */
export interface PretrainSettings extends Omit<TrainSettings, "compile"> {
  compile?: TrainSettings["compile"];
  /** The model; its vocabSize comes from the tokenizer. */
  model: Omit<GPTConfig, "vocabSize">;
  batchSize: number;
  /** Whether windows begin anywhere ("random", if absent) or come in rounds ("shuffled"). */
  order?: TextBatchesOptions["order"];
  /** Tokens of each sample; 0: none. */
  sampleLength: number;
}

export type PresetName = "smoke" | "laptop" | "gpu";

const shared = {
  seed: 1337,
  accumulate: 1,
  maxLr: 1e-3,
  minLr: 1e-4,
  warmupSteps: 100,
  beta1: 0.9,
  beta2: 0.99,
  eps: 1e-8,
  weightDecay: 0.1,
  clip: 1,
};

/**
 * The three sizes of the training run: half a minute of CPU, a quarter of an hour of CPU, a GPU.
 */
export const presets: Record<PresetName, PretrainSettings> = {
  smoke: {
    ...shared,
    model: { blockSize: 32, nLayer: 2, nHead: 4, nEmbd: 64, dropout: 0, bias: false },
    steps: 1000,
    batchSize: 16,
    maxLr: 4e-3,
    minLr: 4e-4,
    warmupSteps: 50,
    evalEvery: 200,
    evalLimit: 128,
    checkpointEvery: 200,
    sampleLength: 80,
  },
  laptop: {
    ...shared,
    model: { blockSize: 64, nLayer: 4, nHead: 4, nEmbd: 128, dropout: 0, bias: false },
    steps: 2000,
    batchSize: 12,
    evalEvery: 250,
    evalLimit: 240,
    checkpointEvery: 250,
    sampleLength: 200,
  },
  gpu: {
    ...shared,
    model: { blockSize: 256, nLayer: 6, nHead: 6, nEmbd: 384, dropout: 0.2, bias: false },
    steps: 5000,
    batchSize: 64,
    evalEvery: 250,
    evalLimit: 256,
    checkpointEvery: 500,
    sampleLength: 500,
  },
};

/** Where a text came from, so that a resumed run can read it again; no files means Moby-Dick. */
export interface DataSource {
  name: string;
  files?: string[];
}

/** Mean loss of one batch, in nats per token; llm/gpt's `gptLoss` is one. */
export type GPTLoss = (
  params: Params,
  config: GPTConfig,
  ids: tf.Tensor2D,
  targets: tf.Tensor2D,
  options: { dropoutRng?: DropoutSource; ops?: Partial<GPTOps> },
) => tf.Scalar;

/** The parts of the task that can be replaced; lesson 12 (training) passes the learner's own. */
export interface GPTTaskParts {
  getBatch?: GetBatch;
  loss?: GPTLoss;
  /** The model's own parts: attention, layer norm, GELU, cross-entropy. */
  ops?: Partial<GPTOps>;
}

/** What the task needs to know. */
export interface GPTTaskOptions extends GPTTaskParts {
  text: string;
  settings: Pick<
    PretrainSettings,
    "seed" | "accumulate" | "model" | "batchSize" | "sampleLength" | "order"
  >;
  /** Default: the characters of the text. */
  tokenizer?: Tokenizer;
  data?: DataSource;
}

/**
 * Metrics of a GPT: `val`, the mean loss over `windows` held-out windows side by side, in nats per
 * token.
 */
export interface GPTTask extends Task<Batch> {
  readonly config: GPTConfig;
  readonly tokenizer: Tokenizer;
  readonly data: DataSource & { sha256: string; characters: number };
  readonly baselines: Baselines;
  /** Tokens of one step. */
  readonly tokensPerStep: number;
  /** The first word of the text, or nothing: something to begin with. */
  readonly firstWord: string;
  /** Held-out tokens per held-out character: 1 for characters, less for longer tokens. */
  readonly tokensPerCharacter: number;
}

/**
 * The task of predicting the next token of `text`. The last tenth of it validates.
 *
 * @throws when no model can be made of the settings, the tokenizer cannot write the text, or the
 *   text is shorter than one block
 */
export function gptTask({
  text,
  settings,
  tokenizer = CharTokenizer.train(text),
  data: source = { name: "text" },
  getBatch,
  loss: lossOf = gptLoss,
  ops = {},
}: GPTTaskOptions): GPTTask {
  const { seed, accumulate = 1, batchSize, sampleLength, order } = settings;
  expectWholeNumber("gptTask", "batchSize", batchSize, 1);
  expectWholeNumber("gptTask", "sampleLength", sampleLength, 0);
  const config = validateGPTConfig({ ...settings.model, vocabSize: tokenizer.vocabSize });
  const { blockSize, vocabSize } = config;
  if (vocabSize < 2)
    throw new Error(
      `gptTask: expected a text with at least 2 different tokens, got ${vocabSize}: nothing to predict`,
    );
  const split = splitText(tokenizer.encodeText(text));
  expectBlock(split, blockSize);
  const train = new TextBatches(split.train, { blockSize, batchSize, getBatch, seed, order });
  const val = new TextBatches(split.val, { blockSize, batchSize, seed });
  const baselines = ngramBaselines(split.train, split.val, config.vocabSize);
  const data = {
    ...source,
    sha256: sha256(text),
    characters: countCharacters(text),
  };
  const params = initGPT(config, { seed });
  let writer: CachedGPT | undefined;

  const loss: GPTTask["loss"] = (params, { ids, targets }, dropoutRng) =>
    lossOf(params, config, ids, targets, {
      ops,
      dropoutRng: config.dropout > 0 ? dropoutRng : undefined,
    });

  async function evaluate(limit: number, tools: TaskTools<Batch>): Promise<Record<string, number>> {
    const total = Math.min(limit, val.windowCount);
    let sum = 0;
    let windows = 0;
    for (const batch of val.windows(limit)) {
      const [B] = batch.ids.shape;
      const mean = tools.loss(batch, { whole: B === batchSize });
      sum += (await mean.data())[0] * B;
      windows += B;
      tf.dispose([mean, batch]);
      await tools.pause(windows, total);
    }
    return { val: sum / windows, windows };
  }

  /**
   * Writes from a line break on, or from the first held-out token where the vocabulary has none.
   */
  async function sample(step: number, { compiles }: TaskTools<Batch>): Promise<string> {
    writer ??= new CachedGPT(params, config, { compiled: compiles }); // one for all samples: compiled once
    const ids = await generate(params, config, lineBreak(tokenizer) ?? [val.ids[0]], {
      maxNewTokens: sampleLength,
      temperature: 0.8,
      rng: new Random(seed).fork("sample", step),
      model: writer,
    });
    return tokenizer.decode(ids);
  }

  return {
    params,
    config,
    tokenizer,
    data,
    baselines,
    firstWord: /[\p{L}\p{N}]+/u.exec(text.slice(0, 1000))?.[0] ?? "",
    tokensPerStep: batchSize * accumulate * blockSize,
    get tokensPerCharacter() {
      return split.val.length / [...tokenizer.decode(split.val)].length;
    },
    primary: {
      name: "val",
      better: "lower",
      unit: "nats per token",
      isLoss: true,
      baselines: { ...baselines },
    },
    batch: (index) => train.batch(index),
    loss,
    evaluate,
    sample: sampleLength > 0 ? sample : undefined,
    describe: () => ({ kind: "gpt", model: config, tokenizer: tokenizer.toJSON(), data }),
    dispose: () => {
      writer?.dispose();
      disposeParams(params);
    },
  };
}

/** What `npm run train` does, as a function: a trainer for a GPT on a text. */
export function pretrain({
  dir,
  schedule,
  clip,
  optimizer,
  ...task
}: Omit<GPTTaskOptions, "settings"> & { settings: PretrainSettings } & Omit<
    ConstructorParameters<typeof Trainer>[0],
    "task" | "settings"
  >): Trainer<GPTTask> {
  return new Trainer({
    task: gptTask(task),
    settings: task.settings,
    dir,
    schedule,
    clip,
    optimizer,
  });
}

/**
 * Goes on with a pretraining run; see Trainer.resume.
 * @param options replaced parts; `text` where the run's text came from no file; `steps` for a
 *   longer or shorter run
 */
export function resumePretraining(
  dir: string,
  {
    text,
    getBatch,
    loss,
    ops,
    ...rest
  }: GPTTaskParts & Omit<ResumeOptions, "task"> & { text?: string } = {},
): Trainer<GPTTask> {
  const task = (checkpoint: Checkpoint) => taskOfRun(checkpoint, { text, getBatch, loss, ops });
  return Trainer.resume(dir, { task, ...rest });
}

/**
 * The task of a run, made again from its checkpoint.
 * @param options replaced parts, and `text` where the run's text came from no file
 * @throws when it holds no run, or its text has changed
 */
export function taskOfRun(
  checkpoint: Checkpoint,
  { text, ...parts }: GPTTaskParts & { text?: string } = {},
): GPTTask {
  const [config, tokenizer] = checkModel(checkpoint);
  if (checkpoint.settings === undefined || checkpoint.data === undefined)
    throw new Error(
      `resumePretraining: ${checkpoint.file} holds a trained model, but no run that could go on`,
    );
  const data = checkpoint.data as GPTTask["data"];
  const { name, files } = data;
  return gptTask({
    text: textOfRun(data, { dir: checkpoint.file, text }),
    settings: { ...(checkpoint.settings as PretrainSettings), model: config },
    tokenizer,
    data: { name, files },
    ...parts,
  });
}

/**
 * The text that a run was trained on, read again.
 * @param data what the run's checkpoint says of it
 * @param options `dir` names the run in an error; `text` where it came from no file
 * @throws where it is not there, or has changed
 */
export function textOfRun(
  { name, files, sha256: digest, characters }: GPTTask["data"],
  { dir, text }: { dir: string; text?: string },
): string {
  const given =
    text ?? (files === undefined ? mobyDick() : loadText(files, { atMost: characters }));
  if (sha256(given) !== digest)
    throw new Error(
      `resumePretraining: ${name} is not the text that ${dir} was trained on: it has changed`,
    );
  return given;
}

/**
 * A trained GPT from a run's folder, or from one checkpoint file.
 *
 * @param path a folder (its last whole checkpoint is taken) or a file
 * @throws when there is no whole checkpoint of a GPT
 */
export function loadGPT(path: string): {
  params: Params;
  config: GPTConfig;
  tokenizer: Tokenizer;
  step: number;
  /** How it was trained, and on what, where the file says so. */
  run: Pick<Checkpoint, "settings" | "data">;
} {
  const checkpoint = path.endsWith(".safetensors") ? readCheckpoint(path) : loadCheckpoint(path);
  const { step, file, settings, data } = checkpoint;
  const [config, tokenizer] = checkModel(checkpoint);
  const params = initGPT(config, { seed: 0 });
  assignTensors(params, checkpoint.params, file);
  return { params, config, tokenizer, step, run: { settings, data } };
}

/**
 * The model and tokenizer that a checkpoint speaks of, once its tensors are found to be those of
 * such a model: nothing is allocated before, because a file from elsewhere may speak of a model
 * that no memory holds.
 */
function checkModel({
  kind,
  model,
  tokenizer: json,
  params,
  file,
}: Checkpoint): [GPTConfig, Tokenizer] {
  if (kind !== "gpt")
    throw new Error(`loadGPT: expected a model of kind "gpt" in ${file}, got "${kind}"`);
  const config = validateGPTConfig(model as GPTConfig);
  if (config.nLayer > Object.keys(params).length)
    throw new Error(`loadGPT: expected tensors for ${config.nLayer} layers in ${file}, got fewer`);
  expectShapes(gptShapes(config), params, file);
  const tokenizer = tokenizerFromJSON(json);
  if (tokenizer.vocabSize !== config.vocabSize)
    throw new Error(
      `loadGPT: expected a tokenizer of ${config.vocabSize} tokens in ${file}, got one of ${tokenizer.vocabSize}`,
    );
  return [config, tokenizer];
}

/** Unicode code points: 🐈 is one. */
function countCharacters(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** The ids of a line break, or null where this vocabulary cannot write one. */
export function lineBreak(tokenizer: Tokenizer): number[] | null {
  try {
    return tokenizer.encode("\n");
  } catch {
    return null;
  }
}

/** @throws when a part of the text has no whole window with its last target */
function expectBlock(
  { train, val }: { train: Int32Array; val: Int32Array },
  blockSize: number,
): void {
  if (Math.min(train.length, val.length) > blockSize) return;
  throw new Error(
    `gptTask: the text is shorter than one block: of its ${train.length + val.length} tokens the last ${val.length} are ` +
      `for validation, and one block needs ${blockSize + 1}. Use a text of at least ${10 * (blockSize + 1)} tokens, or a ` +
      "smaller block size.",
  );
}
