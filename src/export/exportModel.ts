// A model for other programs: a folder of Hugging Face's form (transformers, vLLM), a GGUF file
// (llama.cpp and what is built on it), or a GGUF file with a Modelfile (Ollama). The formats are
// those of llm/pretrained; here they are only chosen. Left out: ONNX, adapters.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { tf } from "../engine";
import { makeFolder, writeAtomically } from "../files";
import type { WrittenType } from "../gguf";
import type { Params } from "../params";
import { type Pretrained, saveGguf, savePretrained } from "../pretrained";
import { modelfile } from "./modelfile";

/** Where a model can go. */
export const exportTargets = ["huggingface", "gguf", "ollama"] as const;
export type ExportTarget = (typeof exportTargets)[number];

export interface ExportOptions {
  to: ExportTarget;
  /** How matrices are stored. F32 if absent; Hugging Face's folders have F32 and F16 only. */
  type?: WrittenType;
  /** What other programs show; "model" if absent. */
  name?: string;
  /** A GGUF file with the tokenizer; the model's own if absent. */
  tokenizerFrom?: string;
}

/** The GGUF file in its folder. */
export const GGUF_FILE = "model.gguf";

/**
 * Writes a model for other programs.
 * @param folder a new or empty one
 * @param model as `loadPretrained` gives it, or of the course's own: `asChatModel(loadInstructModel())`
 * @returns the names of the files, in order
 * @throws where the other program has no such model, as `savePretrained`, `saveGguf` and `modelfile` do
 * @example await exportModel("mine", model, { to: "ollama", type: "F16" });
 */
export async function exportModel(
  folder: string,
  model: Omit<Pretrained, "modelType" | "params"> &
    Partial<Pick<Pretrained, "modelType">> & { params: Params<tf.Tensor> },
  { to, type = "F32", name = "model", tokenizerFrom }: ExportOptions,
): Promise<string[]> {
  if (to === "huggingface") {
    if (type !== "F32" && type !== "F16")
      throw new Error(`exportModel: expected F32 or F16 for Hugging Face's folders, got ${type}`);
    await savePretrained(folder, model, { type });
    return readdirSync(folder).sort();
  }
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw new Error(`exportModel: ${folder}: expected a new or empty folder, got one with files`);
  const { blockSize: contextLength } = model.config;
  const recipe = to === "ollama" ? modelfile(model, { file: GGUF_FILE, contextLength }) : undefined;
  makeFolder(folder);
  saveGguf(join(folder, GGUF_FILE), model, { type, name, tokenizerFrom });
  if (recipe !== undefined) writeAtomically(join(folder, "Modelfile"), [recipe]);
  return readdirSync(folder).sort();
}
