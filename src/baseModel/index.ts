// The base model of lessons 15 (fine-tuning) to 19 (reasoning): a LLaMA of 1.8 million parameters
// with a tokenizer of 2,048 entries, which has read English, Chinese and sentences made by script, and
// has seen no instruction. datasets/base-gpt/train.mjs makes it; here is its text, and loading it.
import { chineseVerse, datasetPath, mobyDick } from "../data";
import { loadGPT } from "../pretrain";
import { Random } from "../random";
import { BpeTokenizer } from "../tokenizer";
import { scriptedText } from "./scripted";

export { scriptedText } from "./scripted";

/** Between documents. */
export const END_OF_TEXT = "<|endoftext|>";

/**
 * The special tokens: the end of a text, the beginnings of the messages in a chat, their end, and
 * what fills a row.
 */
export const baseTokens = [END_OF_TEXT, "<|user|>", "<|assistant|>", "<|end|>", "<|pad|>"] as const;

export interface BaseTextOptions {
  seed?: number;
  /** How many poems, and how many paragraphs made by script. */
  poems?: number;
  scripted?: number;
}

/**
 * The documents that the base model has read, in random order: Moby-Dick in passages of about 1,500
 * characters, poems in groups of four, paragraphs made by script.
 */
export function baseDocuments({
  seed = 2048,
  poems = 8000,
  scripted = 16000,
}: BaseTextOptions = {}): string[] {
  const rng = new Random(seed);
  const verse = rng.fork("verse").shuffle(chineseVerse().trim().split("\n")).slice(0, poems);
  const documents = [
    ...grouped(mobyDick().split(/\n\n+/), "\n\n", 1500),
    ...grouped(verse, "\n", 240),
    ...Array.from({ length: scripted }, (_, i) => scriptedText(rng.fork("scripted", i))),
  ];
  return rng.fork("order").shuffle(documents);
}

/** The documents as one text. */
export const baseText = (documents: readonly string[]): string =>
  documents.join(END_OF_TEXT) + END_OF_TEXT;

/** Pieces put together until they have so many characters. */
function grouped(pieces: string[], separator: string, least: number): string[] {
  const all: string[] = [];
  let open: string[] = [];
  let length = 0;
  for (const piece of pieces) {
    open.push(piece.trim());
    length += piece.length;
    if (length < least) continue;
    all.push(open.join(separator));
    [open, length] = [[], 0];
  }
  if (open.length > 0) all.push(open.join(separator));
  return all;
}

/**
 * The tokenizer of the base model: bytes and merges (lesson 04, tokenization), digits one by one,
 * so that numbers are written as they are calculated with.
 */
export const trainBaseTokenizer = (documents: readonly string[]): BpeTokenizer =>
  BpeTokenizer.train(documents, { vocabSize: 2048, pattern: "smollm", special: baseTokens });

/**
 * The base model with its tokenizer; the caller disposes the parameters.
 * @throws if it has not been trained yet
 */
export function loadBaseModel(): ReturnType<typeof loadGPT> {
  const path = datasetPath("base-gpt/checkpoint.safetensors");
  if (path === null)
    throw new Error(
      "loadBaseModel: expected datasets/base-gpt/checkpoint.safetensors, got no such file; " +
        "node datasets/base-gpt/train.mjs makes it",
    );
  return loadGPT(path);
}
