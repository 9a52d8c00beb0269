// A checkpoint is one safetensors file with everything that the next step depends on: the parameters, under Hugging
// Face's names, the optimizer's state under `optimizer.`, and in the metadata the step, the settings and the
// tokenizer. One file, so that model and optimizer can never be of different steps; written atomically, so that it is
// whole; with a SHA-256 of its numbers, so that a damaged one is noticed and not trained on.
// The batches and the dropout masks depend on (seed, step) only: no state of random generators is needed.

import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { tf } from "../engine";
import type { GPTConfig, Params } from "../gpt";
import { WriteError, writeAtomically } from "./files";
import { decodeSafetensors, encodeSafetensors, type TensorData } from "./safetensors";

/** What stands beside the tensors. */
export interface CheckpointInfo {
  step: number;
  config: GPTConfig;
  /** `toJSON()` of the tokenizer. */
  tokenizer: unknown;
  /** Anything else that can be JSON: the trainer keeps its settings and its text's digest here. */
  extra?: Record<string, unknown>;
}

/** Tensors of a checkpoint as plain data, by name. */
export interface Checkpoint extends CheckpointInfo {
  params: Record<string, TensorData>;
  optimizer: Record<string, TensorData>;
  /** The file it was read from. */
  file: string;
}

/** Names of the files in a run's folder: the last checkpoint, and the one before it. */
export const checkpointFile = "checkpoint.safetensors";
export const previousFile = "checkpoint.previous.safetensors";

/**
 * Writes `checkpoint.safetensors` in `dir`; the one before it stays as `checkpoint.previous.safetensors`.
 *
 * @throws when a parameter is not finite, or when the file cannot be written; then the last checkpoint is untouched
 */
export async function saveCheckpoint(
  dir: string,
  tensors: { params: Params; optimizer: Params },
  info: CheckpointInfo,
) {
  const data: Record<string, TensorData> = {};
  const digest = createHash("sha256");
  const add = async (name: string, tensor: tf.Tensor) => {
    const values = (await tensor.data()) as Float32Array;
    if (!values.every(Number.isFinite))
      throw new Error(`saveCheckpoint: ${name} contains NaN or infinity at step ${info.step}; not saved`);
    data[name] = { shape: tensor.shape, data: values };
    digest.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  };
  for (const name in tensors.params) await add(name, tensors.params[name]);
  for (const name in tensors.optimizer) await add(`optimizer.${name}`, tensors.optimizer[name]);
  const metadata = { format: "pt", sha256: digest.digest("hex"), info: JSON.stringify(info) };
  try {
    writeAtomically(join(dir, checkpointFile), encodeSafetensors(data, metadata), {
      keep: join(dir, previousFile),
    });
  } catch (error) {
    if (!(error instanceof WriteError)) throw error;
    throw new WriteError(`saveCheckpoint: ${error.message}. The last good checkpoint is kept.`, error.code);
  }
}

/**
 * Reads the checkpoint in `dir`, or, where that file is damaged, the one before it.
 *
 * @param onDamaged told about the damaged file before the older one is read
 * @throws when there is none, or none that is whole; the message says which file and what is wrong
 */
export function loadCheckpoint(dir: string, onDamaged: (message: string) => void = console.warn): Checkpoint {
  const [last, previous] = [join(dir, checkpointFile), join(dir, previousFile)];
  if (!existsSync(last)) {
    if (existsSync(previous)) return readCheckpoint(previous);
    throw new Error(`loadCheckpoint: no checkpoint in ${dir} (expected ${checkpointFile})`);
  }
  try {
    return readCheckpoint(last);
  } catch (error) {
    if (!existsSync(previous)) throw error;
    const checkpoint = readCheckpoint(previous);
    onDamaged(`${(error as Error).message}\nGoing on from the one before it, of step ${checkpoint.step}.`);
    return checkpoint;
  }
}

/** Reads one checkpoint file and checks that it is whole. */
export function readCheckpoint(file: string): Checkpoint {
  const damaged = (why: string) => new Error(`loadCheckpoint: ${file} is damaged: ${why}`);
  let content: ReturnType<typeof decodeSafetensors>;
  try {
    content = decodeSafetensors(readFileSync(file));
  } catch (error) {
    throw damaged((error as Error).message);
  }
  const { tensors, metadata } = content;
  const digest = createHash("sha256");
  for (const { data } of Object.values(tensors)) digest.update(new Uint8Array(data.buffer));
  if (metadata.sha256 !== undefined && metadata.sha256 !== digest.digest("hex"))
    throw damaged("its numbers do not match their SHA-256");
  if (metadata.info === undefined)
    throw new Error(`loadCheckpoint: ${file} was not written by this course's trainer`);
  const checkpoint: Checkpoint = {
    ...(JSON.parse(metadata.info) as CheckpointInfo),
    params: {},
    optimizer: {},
    file,
  };
  for (const name in tensors) {
    if (name.startsWith("optimizer.")) checkpoint.optimizer[name.slice("optimizer.".length)] = tensors[name];
    else checkpoint.params[name] = tensors[name];
  }
  return checkpoint;
}

/**
 * Copies a checkpoint's tensors into variables of the same names and shapes.
 *
 * @throws at the first name or shape that differs, before anything is changed
 */
export function assignTensors(variables: Params, data: Record<string, TensorData>, file: string): void {
  for (const name in variables) {
    const [expected, got] = [variables[name].shape, data[name]?.shape];
    if (got === undefined) throw new Error(`loadCheckpoint: ${file} has no ${name}: it is of another model`);
    if (expected.length !== got.length || expected.some((size, i) => size !== got[i]))
      throw new Error(
        `loadCheckpoint: ${name}: expected shape [${expected}], got [${got}] in ${file}: it is of another model`,
      );
  }
  const unknown = Object.keys(data).find((name) => variables[name] === undefined);
  if (unknown !== undefined)
    throw new Error(`loadCheckpoint: ${file} has ${unknown}, which this model has not`);
  for (const name in variables)
    tf.tidy(() => variables[name].assign(tf.tensor(data[name].data, data[name].shape)));
}
