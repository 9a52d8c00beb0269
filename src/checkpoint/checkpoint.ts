// A checkpoint is one safetensors file with everything that the next step depends on: the
// parameters, under Hugging Face's names; the optimizer's state under `optimizer.`; whatever else a
// task has to remember under `task.`; and in the metadata the step, the kind of model with its
// configuration, the settings and the tokenizer. One file, so that model and optimizer can never be
// of different steps; written atomically, so that it is whole; with a SHA-256 of all that it says,
// names and information included, so that no changed bit goes unnoticed.
// Batches and dropout masks depend on (seed, step) only: no state of random generators is needed.

import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { tf } from "../engine";
import { WriteError, writeAtomically } from "../files";
import { type FloatType, fromFloat32, toFloat32 } from "../numbers";
import type { Params } from "../params";
import { decodeSafetensors, encodeSafetensors, type TensorData } from "./safetensors";

/** What a checkpoint says beside its tensors; all of it can be JSON. */
export interface CheckpointInfo {
  /** Steps done. */
  step: number;
  /**
   * What was trained: "gpt", "char-rnn", … Whoever reads the checkpoint makes a model of that kind.
   */
  kind: string;
  /** The model's configuration. */
  model: object;
  /** `toJSON()` of the tokenizer. */
  tokenizer?: object;
  /** Where the data came from, and its digest. */
  data?: object;
  /** The settings of the run. */
  settings?: object;
}

/** The tensors of a checkpoint, by name. */
export interface CheckpointTensors<T> {
  params: Record<string, T>;
  optimizer: Record<string, T>;
  /** What else the task has to remember. */
  task: Record<string, T>;
}

/** A checkpoint as plain data. */
export interface Checkpoint extends CheckpointInfo, CheckpointTensors<TensorData> {
  /** The file it was read from. */
  file: string;
}

/** Names of the files in a run's folder: the last checkpoint, and the one before it. */
export const checkpointFile = "checkpoint.safetensors";
export const previousFile = "checkpoint.previous.safetensors";

/**
 * Writes `checkpoint.safetensors` in `dir`; the one before it stays as
 * `checkpoint.previous.safetensors`.
 *
 * @param type how numbers are stored: a 16-bit type makes a file of half the size, of rounded
 *   numbers, for a model that is shipped; training goes on exactly only from F32
 * @throws when a parameter is not finite, or when the file cannot be written; then the last
 *   checkpoint is untouched
 */
export async function saveCheckpoint(
  dir: string,
  tensors: Partial<CheckpointTensors<tf.Tensor>> & { params: Params<tf.Tensor> },
  info: CheckpointInfo,
  { type = "F32" as FloatType } = {},
): Promise<void> {
  const data: Record<string, TensorData> = {};
  const add = async (name: string, tensor: tf.Tensor) => {
    const given = (await tensor.data()) as Float32Array;
    const values = type === "F32" ? given : toFloat32(type, fromFloat32(type, given));
    if (!values.every(Number.isFinite))
      throw new Error(
        `saveCheckpoint: ${name} contains NaN or infinity${type === "F32" ? "" : ` as ${type}`} at step ${info.step}; not saved`,
      );
    data[name] = { shape: tensor.shape, data: values };
  };
  for (const name in tensors.params) await add(name, tensors.params[name]);
  for (const part of ["optimizer", "task"] as const)
    for (const [name, tensor] of Object.entries(tensors[part] ?? {}))
      await add(`${part}.${name}`, tensor);
  const said = { format: "pt", info: JSON.stringify(info) };
  const metadata = { ...said, digest: digestOf(data, said) };
  try {
    writeAtomically(join(dir, checkpointFile), encodeSafetensors(data, metadata, type), {
      keep: join(dir, previousFile),
    });
  } catch (error) {
    if (!(error instanceof WriteError)) throw error;
    throw new WriteError(
      `saveCheckpoint: ${error.message}. The last good checkpoint is kept.`,
      error.code,
    );
  }
}

/**
 * Reads the checkpoint in `dir`, or, where that file is damaged, the one before it.
 *
 * @param onDamaged told about the damaged file before the older one is read
 * @throws when there is none, or none that is whole; the message says which file and what is wrong
 */
export function loadCheckpoint(
  dir: string,
  onDamaged: (message: string) => void = console.warn,
): Checkpoint {
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
    onDamaged(
      `${(error as Error).message}\nGoing on from the one before it, of step ${checkpoint.step}.`,
    );
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
  if (metadata.info === undefined)
    throw new Error(`loadCheckpoint: ${file} was not written by this course's trainer`);
  const { digest, ...said } = metadata;
  if (digest !== undefined ? digest !== digestOf(tensors, said) : !isFirstDigest(tensors, metadata))
    throw damaged("what it says does not match its SHA-256");
  let info: CheckpointInfo;
  try {
    info = readInfo(JSON.parse(metadata.info));
  } catch (error) {
    throw damaged(`its information cannot be read: ${(error as Error).message}`);
  }
  const checkpoint: Checkpoint = {
    ...info,
    params: {},
    optimizer: {},
    task: {},
    file,
  };
  for (const name in tensors) {
    const [part, own] = /^(optimizer|task)\.(.*)$/.exec(name)?.slice(1) ?? ["params", name];
    checkpoint[part as keyof CheckpointTensors<TensorData>][own] = tensors[name];
  }
  return checkpoint;
}

/**
 * SHA-256 of everything that a file says: names, shapes and numbers of its tensors, and its other
 * metadata. In the order of the names, because another program that reads and writes the file keeps
 * no other.
 */
function digestOf(tensors: Record<string, TensorData>, metadata: Record<string, string>): string {
  const digest = createHash("sha256");
  for (const name of Object.keys(metadata).sort())
    digest.update(JSON.stringify([name, metadata[name]]));
  for (const name of Object.keys(tensors).sort()) {
    const { shape, data } = tensors[name];
    digest.update(JSON.stringify([name, "F32", shape]));
    digest.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return digest.digest("hex");
}

/**
 * Whether the numbers match the digest that the first checkpoints had: of the numbers only, in the
 * file's order.
 */
function isFirstDigest(
  tensors: Record<string, TensorData>,
  { sha256 }: Record<string, string>,
): boolean {
  const digest = createHash("sha256");
  for (const { data } of Object.values(tensors)) digest.update(new Uint8Array(data.buffer));
  return sha256 === digest.digest("hex");
}

/**
 * The information in today's form. The first checkpoints were all of GPTs, and had other names for
 * its parts.
 */
function readInfo(given: CheckpointInfo | FirstCheckpointInfo): CheckpointInfo {
  if (typeof given !== "object" || given === null) throw new Error("expected an object");
  const info = "kind" in given ? given : firstInfo(given);
  if (!Number.isSafeInteger(info.step) || info.step < 0)
    throw new Error(`expected a step that is a whole number ≥ 0, got ${JSON.stringify(info.step)}`);
  if (typeof info.kind !== "string" || typeof info.model !== "object" || info.model === null)
    throw new Error("expected a kind and a model");
  return info;
}

function firstInfo(info: FirstCheckpointInfo): CheckpointInfo {
  const { step, config: model, tokenizer } = info;
  const { settings, data } = info.extra ?? {};
  const { evalWindows: evalLimit, ...others } = settings ?? {};
  return { step, kind: "gpt", model, tokenizer, data, settings: { ...others, evalLimit } };
}

/** What checkpoints said before there were kinds. */
interface FirstCheckpointInfo {
  step: number;
  config: object;
  tokenizer: object;
  extra?: { settings?: { evalWindows?: number }; data?: object };
}

/**
 * Copies a checkpoint's tensors into variables of the same names and shapes.
 *
 * @throws at the first name or shape that differs, before anything is changed
 */
export function assignTensors(
  variables: Params,
  data: Record<string, TensorData>,
  file: string,
): void {
  const shapes = Object.fromEntries(
    Object.entries(variables).map(([name, { shape }]) => [name, shape]),
  );
  expectShapes(shapes, data, file);
  for (const name in variables)
    tf.tidy(() => variables[name].assign(tf.tensor(data[name].data, data[name].shape)));
}

/**
 * Says whether a model of these shapes can take a checkpoint's tensors: asked before the model is
 * made, since a file from elsewhere may speak of one that no memory holds.
 *
 * @throws at the first name or shape that differs
 */
export function expectShapes(
  shapes: Record<string, number[]>,
  data: Record<string, TensorData>,
  file: string,
): void {
  for (const name in shapes) {
    const [expected, got] = [shapes[name], data[name]?.shape];
    if (got === undefined)
      throw new Error(`loadCheckpoint: ${file} has no ${name}: it is of another model`);
    if (expected.length !== got.length || expected.some((size, i) => size !== got[i]))
      throw new Error(
        `loadCheckpoint: ${name}: expected shape [${expected}], got [${got}] in ${file}: it is of another model`,
      );
  }
  const unknown = Object.keys(data).find((name) => shapes[name] === undefined);
  if (unknown !== undefined)
    throw new Error(`loadCheckpoint: ${file} has ${unknown}, which this model does not have`);
}
