// Language models by name: the learner's run, the course's own model that has learnt to answer, a chat
// model in a file.
import type { ChatForm } from "../chat";
import { tf, useEngine } from "../engine";
import type { GPTConfig } from "../gpt";
import type { EngineOptions } from "../inference";
import { asChatModel, asPretrained, loadInstructModel } from "../instruct";
import { disposeParams, type Params } from "../params";
import { loadGPT } from "../pretrain";
import { findModel, loadPretrained, openGguf } from "../pretrained";
import { PagedGPT, type PagedGPTOptions, preferredKernels } from "../runtime";
import { EngineModel } from "./engineModel";

/** The name of the model of lesson 16 (instruction tuning), which comes with the course. */
export const OWN_MODEL = "own";

export interface OpenOptions extends PagedGPTOptions, EngineOptions {
  /** How the model calls itself; by default the name or folder it was opened by. */
  name?: string;
}

/**
 * Opens a model that answers.
 * @param place "own" (the model of lesson 16, instruction tuning), a name that `npm run model` knows ("smollm2"), a GGUF file, or
 *   a folder of Hugging Face's form
 * @param options how weights and cache are kept; as for `EngineModel`
 * @throws where there is none, or it is made of parts that llm/runtime has not got
 * @example const model = await openLanguageModel("smollm2");
 */
export async function openLanguageModel(
  place: string,
  options: OpenOptions = {},
): Promise<EngineModel> {
  const path = place === OWN_MODEL ? undefined : findModel(place);
  if (!path?.endsWith(".gguf")) await someEngine();
  if (path === undefined) return fromParams(asChatModel(loadInstructModel()), place, options);
  if (!path.endsWith(".gguf")) return fromParams(loadPretrained(path), place, options);
  const opened = openGguf(path);
  const cacheTokens = cacheFor(opened.config, options);
  const model = await PagedGPT.fromGguf(opened, { ...preferredKernels(), cacheTokens, ...options });
  return new EngineModel(model, { name: place, ...formOf(opened), ...options });
}

/**
 * Opens a run of `npm run train`. One whose tokenizer has the marks of a conversation can chat.
 * @throws as `loadGPT`, and as `openLanguageModel`
 */
export async function openRun(run: string, options: OpenOptions = {}): Promise<EngineModel> {
  await someEngine();
  return fromParams(asPretrained(loadGPT(run)), run, options);
}

/** Weights not in GGUF are read as tensors, which need an engine: wasm if none was chosen. */
async function someEngine(): Promise<void> {
  if (!tf.engine().backendName) await useEngine({ quiet: true, prefer: "wasm" });
}

/** Packs parameters, which are disposed of. */
async function fromParams(
  loaded: ChatForm & { params: Params; config: GPTConfig },
  name: string,
  options: OpenOptions,
): Promise<EngineModel> {
  const { params, config } = loaded;
  try {
    const cacheTokens = cacheFor(config, options);
    const packing = { ...preferredKernels(), cacheTokens, ...options };
    const model = await PagedGPT.fromParams(params, config, packing);
    return new EngineModel(model, { name, ...formOf(loaded), ...options });
  } finally {
    disposeParams(params);
  }
}

function formOf({ tokenizer, chatTemplate, generation }: ChatForm) {
  if (tokenizer) return { tokenizer, chatTemplate, generation };
  throw new Error("openLanguageModel: expected a model with a tokenizer, got one without");
}

/** Room for several texts of full length at once, at most 64 Ki tokens' worth in small models. */
function cacheFor({ blockSize }: GPTConfig, { maxLength, maxRunning = 64 }: OpenOptions): number {
  return Math.min(
    maxRunning * Math.min(maxLength ?? blockSize, blockSize),
    Math.max(blockSize, 8192),
  );
}
