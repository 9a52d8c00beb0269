// A tokenizer from a file, whichever program wrote it: this course's JSON, Hugging Face's
// tokenizer.json, GPT-2's two files, a GGUF file, or one of OpenAI's by its name. `--tokenizer` of
// the commands is read by this.

import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { tokenizerFromJSON } from "./fromJSON";
import { readGgufTokenizer } from "./gguf";
import { isHuggingFace, readHuggingFace } from "./huggingFace";
import type { Tokenizer } from "./interface";
import { isOpenAIName, openAITokenizer } from "./tiktoken";
import { readVocabMerges } from "./vocabMerges";

/**
 * @param file a path, or gpt2, cl100k, o200k; of a folder, its tokenizer.json, or else vocab.json
 *   and merges.txt
 * @throws where there is no such file, or no tokenizer in it; the message names the file
 */
export function loadTokenizer(file: string): Tokenizer {
  if (!existsSync(file)) {
    if (isOpenAIName(file)) return openAITokenizer(file);
    throw new Error(`loadTokenizer: ${file}: no such file`);
  }
  if (statSync(file).isDirectory()) {
    const whole = join(file, "tokenizer.json");
    return existsSync(whole)
      ? loadTokenizer(whole)
      : (readVocabMerges(file) ?? loadTokenizer(whole));
  }
  if (file.endsWith(".gguf")) return readGgufTokenizer(file);
  try {
    return tokenizerFromText(decoded(readFileSync(file)));
  } catch (error) {
    throw new Error(`loadTokenizer: ${file} holds no tokenizer: ${(error as Error).message}`);
  }
}

function decoded(bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Error("expected text in UTF-8, got other bytes");
  }
}

/** @throws where the text is not JSON, or ends too early */
function tokenizerFromText(text: string): Tokenizer {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    const whole = /[}\]]\s*$/.test(text);
    throw new Error(
      `expected JSON, got ${whole ? "something else" : "a text that ends too early"} (${(error as Error).message})`,
    );
  }
  return isHuggingFace(json) ? readHuggingFace(json) : tokenizerFromJSON(json);
}
