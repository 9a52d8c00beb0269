// GPT-2's tokenizer in the two files that it was published in: vocab.json, the tokens and their ids,
// and merges.txt, one merge per line, after a line "#version: 0.2". Folders without a tokenizer.json
// have them. They say nothing of how a text is cut first; here it is GPT-2's way, and so
// <|endoftext|> is the one special token. Source: huggingface/transformers, GPT2Tokenizer.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readHuggingFace } from "./huggingFace";
import type { Tokenizer } from "./interface";

const END_OF_TEXT = "<|endoftext|>";

/**
 * The tokenizer of a folder with vocab.json and merges.txt.
 * @returns undefined where one of them is not there
 * @throws where they are damaged
 */
export function readVocabMerges(folder: string): Tokenizer | undefined {
  const [vocabFile, mergesFile] = [join(folder, "vocab.json"), join(folder, "merges.txt")];
  if (!existsSync(vocabFile) || !existsSync(mergesFile)) return undefined;
  try {
    const vocab: Record<string, number> = JSON.parse(readFileSync(vocabFile, "utf8"));
    const lines = readFileSync(mergesFile, "utf8").split(/\r?\n/);
    const merges = lines.filter((line) => line !== "" && !line.startsWith("#version"));
    const id = vocab?.[END_OF_TEXT];
    return readHuggingFace({
      model: { type: "BPE", vocab, merges },
      pre_tokenizer: { type: "ByteLevel", add_prefix_space: false, use_regex: true },
      decoder: { type: "ByteLevel" },
      added_tokens: id === undefined ? [] : [{ id, content: END_OF_TEXT, special: true }],
    });
  } catch (error) {
    throw new Error(`readVocabMerges: ${folder}: ${(error as Error).message}`);
  }
}
