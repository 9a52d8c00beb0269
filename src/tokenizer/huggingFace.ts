// Hugging Face's tokenizer.json: what `tokenizers` saves and every model on its hub has. Read are
// byte-level BPE (GPT-2, Llama 3, Qwen2, SmolLM2 …) here, WordPiece and Unigram in
// huggingFaceOthers.ts, characters in huggingFaceChar.ts; all four are written as well. A part that
// would be read wrongly is refused by name. Left out: post_processor, which puts a model's first
// and last tokens around a text; dropout; BPE on characters (LLaMA 1 and 2); and `decode` here
// shows special tokens, theirs hides them. Format: huggingface/tokenizers, `Tokenizer.save`.

import { BpeTokenizer } from "./bpe";
import { type BpeModel, type Normalizer, readMerges, readTokens } from "./bpeModel";
import type { Merge } from "./bpeTrain";
import { CharTokenizer } from "./char";
import { foreignPattern, writtenPattern } from "./foreignPattern";
import { readCharacters, writeCharacters } from "./huggingFaceChar";
import { readUnigram, readWordPiece, writeUnigram, writeWordPiece } from "./huggingFaceOthers";
import type { Tokenizer } from "./interface";
import { patternSource, type SplitPattern } from "./patterns";
import type { TokenFlags } from "./special";
import { UnigramTokenizer } from "./unigram";
import { WordPieceTokenizer } from "./wordpiece";

const where = "readHuggingFace";

// biome-ignore lint/suspicious/noExplicitAny: a file from elsewhere; every use is checked
type Any = any;

/** Whether data looks like a tokenizer.json. */
export function isHuggingFace(json: unknown): boolean {
  const model = (json as { model?: unknown } | null)?.model;
  return typeof model === "object" && model !== null && "vocab" in model;
}

/**
 * The tokenizer of a tokenizer.json.
 * @param json the file, parsed
 * @throws where it is no such file, or has a part that this course does not know; the message says
 *   which
 */
export function readHuggingFace(json: unknown): Tokenizer {
  if (!isHuggingFace(json))
    throw new Error(`${where}: expected a tokenizer.json with model.vocab, got ${kind(json)}`);
  const file = json as Any;
  const type = file.model.type ?? (file.model.merges === undefined ? undefined : "BPE");
  if (type === "BPE") return new BpeTokenizer(readBpe(file));
  if (type === "WordPiece") return readWordPiece(file);
  if (type === "Unigram") return readUnigram(file);
  if (type === "WordLevel") return readCharacters(file);
  throw new Error(
    `${where}: expected a model of type BPE, WordPiece, Unigram or WordLevel, got ` +
      JSON.stringify(type),
  );
}

/**
 * A tokenizer as tokenizer.json, for `tokenizers` and everything that reads its files.
 * @throws for a tokenizer that this format has no model for: words
 */
export function writeHuggingFace(tokenizer: Tokenizer): object {
  if (tokenizer instanceof BpeTokenizer) return writeBpe(tokenizer.model);
  if (tokenizer instanceof WordPieceTokenizer) return writeWordPiece(tokenizer);
  if (tokenizer instanceof UnigramTokenizer) return writeUnigram(tokenizer);
  if (tokenizer instanceof CharTokenizer) return writeCharacters(tokenizer);
  throw new Error(
    "writeHuggingFace: expected byte-level BPE, WordPiece, Unigram or characters, got " +
      tokenizer.toJSON().type,
  );
}

const kind = (value: unknown): string =>
  value === null ? "null" : Array.isArray(value) ? "a list" : `${typeof value} without it`;

function readBpe({ model, normalizer, pre_tokenizer, added_tokens = [] }: Any): BpeModel {
  for (const part of ["dropout", "continuing_subword_prefix", "end_of_word_suffix"])
    if (model[part]) refuse(`model.${part}`, "none", model[part]);
  if (model.byte_fallback) refuse("model.byte_fallback", "byte-level BPE", true);
  const vocabulary = readVocabulary(model.vocab);
  const { special, flags } = readAdded(added_tokens);
  for (const [token, id] of special)
    if (vocabulary[id] === token) vocabulary[id] = undefined;
    else if (vocabulary[id] !== undefined)
      refuse(`added_tokens: ${JSON.stringify(token)}`, "an id of its own", id);
  return {
    tokens: readTokens(where, vocabulary),
    merges: readMerges(where, withSpecial(vocabulary, special), model.merges),
    special,
    ...(Object.keys(flags).length > 0 ? { flags } : {}),
    ...(model.ignore_merges ? { wholePieces: true } : {}),
    ...readNormalizer(normalizer),
    ...readPreTokenizer(pre_tokenizer),
  };
}

/** Merges may make a special token, if it was in the vocabulary when they were learned. */
const withSpecial = (vocabulary: (string | undefined)[], special: Map<string, number>) => {
  const all = [...vocabulary];
  for (const [token, id] of special) if (id < all.length) all[id] = token;
  return all;
};

/** The entries in the order of their ids. */
export function readVocabulary(vocab: unknown): (string | undefined)[] {
  if (typeof vocab !== "object" || vocab === null || Array.isArray(vocab))
    refuse("model.vocab", "an object of tokens and ids", vocab);
  const vocabulary: (string | undefined)[] = [];
  for (const [token, id] of Object.entries(vocab as object)) {
    if (!Number.isInteger(id) || id < 0 || id >= 2 ** 22)
      refuse(`model.vocab: ${JSON.stringify(token)}`, "an id", id);
    if (vocabulary[id] !== undefined)
      refuse(`model.vocab: ${JSON.stringify(token)}`, "an id of its own", id);
    vocabulary[id] = token;
  }
  return Array.from(vocabulary);
}

function readAdded(added: unknown): {
  special: Map<string, number>;
  flags: BpeModel["flags"] & {};
} {
  if (!Array.isArray(added)) refuse("added_tokens", "a list", added);
  const special = new Map<string, number>();
  const flags: Record<string, TokenFlags> = {};
  for (const token of added as Any[]) {
    const { content, id, lstrip, rstrip, normalized, single_word } = token ?? {};
    if (typeof content !== "string" || content === "" || !Number.isInteger(id) || id < 0)
      refuse("added_tokens", "content and id", token);
    if (single_word) refuse(`added_tokens: ${content}: single_word`, "false", true);
    special.set(content, id);
    const unusual: TokenFlags = {
      ...(lstrip ? { lstrip } : {}),
      ...(rstrip ? { rstrip } : {}),
      ...(token.special === false ? { special: false } : {}),
      ...(normalized ? { normalized } : {}),
    };
    if (Object.keys(unusual).length > 0) flags[content] = unusual;
  }
  return { special, flags };
}

function readNormalizer(given: Any): { normalizer?: Normalizer } {
  const list = given?.type === "Sequence" ? given.normalizers : given ? [given] : [];
  if (list.length === 0) return {};
  if (list.length > 1 || !/^NFK?[CD]$/.test(list[0]?.type))
    refuse("normalizer", "NFC, NFD, NFKC or NFKD", given);
  return { normalizer: list[0].type };
}

function readPreTokenizer(given: Any): { pattern: SplitPattern; addPrefixSpace?: boolean } {
  const steps: Any[] = given?.type === "Sequence" ? given.pretokenizers : [given];
  const last = steps?.[steps.length - 1];
  if (!Array.isArray(steps) || last?.type !== "ByteLevel")
    refuse("pre_tokenizer", "ByteLevel at its end", given);
  const patterns = steps.slice(0, -1).map((step, i): SplitPattern => {
    if (step?.type === "Digits") return { regex: step.individual_digits ? "\\p{N}" : "\\p{N}+" };
    if (step?.type !== "Split") return refuse("pre_tokenizer", "Digits, Split, ByteLevel", step);
    const pattern: SplitPattern =
      typeof step.pattern?.String === "string"
        ? { regex: step.pattern.String.replace(/[\^$\\.*+?()[\]{}|/]/g, "\\$&") }
        : foreignPattern(String(step.pattern?.Regex));
    // pieces that match are kept; what else there is would be lost, but published patterns cover
    // all
    const keepsMatches = step.behavior === "Removed" && step.invert && typeof pattern === "string";
    if ((step.behavior !== "Isolated" || step.invert) && !keepsMatches)
      refuse(`pre_tokenizer.pretokenizers[${i}].behavior`, "Isolated", step.behavior);
    return pattern;
  });
  if (last.use_regex ?? true) patterns.push("gpt2");
  const prefix = last.add_prefix_space ?? true;
  if (prefix && steps.length > 1)
    refuse("pre_tokenizer: ByteLevel.add_prefix_space after other steps", "false", prefix);
  return { pattern: joined(patterns), ...(prefix ? { addPrefixSpace: true } : {}) };
}

function joined(patterns: SplitPattern[]): SplitPattern {
  const [first, second] = patterns;
  if (patterns.length === 0) return { regex: "[^]+" };
  if (patterns.length === 1) return first;
  const isDigits = typeof first === "object" && "regex" in first && first.regex === "\\p{N}";
  if (patterns.length === 2 && isDigits && second === "gpt2") return "smollm";
  return patterns.flatMap((pattern) =>
    typeof pattern === "string" ? { regex: patternSource(pattern) } : pattern,
  );
}

/** @throws always */
export function refuse(part: string, expected: string, got: unknown): never {
  const shown = JSON.stringify(got) ?? String(got);
  throw new Error(
    `${where}: ${part}: expected ${expected}, got ${shown.length > 80 ? `${shown.slice(0, 80)}…` : shown}`,
  );
}

function writeBpe(model: BpeModel): object {
  const { vocabulary, merges, special } = new BpeTokenizer(model).toJSON();
  const vocab: Record<string, number> = {};
  const named = new Map([...model.special].map(([token, id]) => [id, token]));
  for (let id = 0; id < vocabulary.length; id++) {
    const token = vocabulary[id] ?? named.get(id);
    if (token !== undefined) vocab[token] = id;
  }
  // added tokens that are not in the vocabulary are numbered on from its size, whatever their ids
  let next = Object.keys(vocab).length;
  for (const [id, token] of [...named].sort(([a], [b]) => a - b))
    if (id >= vocabulary.length && id !== next++) vocab[token] = id;
  const pairs = merges === "by id" ? mergesById(vocabulary) : merges.map((m) => m.split(" "));
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: addedTokens(special, model.flags),
    normalizer: model.normalizer === undefined ? null : { type: model.normalizer },
    pre_tokenizer: writePreTokenizer(model),
    post_processor: null,
    decoder: byteLevel(true, true),
    model: {
      type: "BPE",
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: model.wholePieces ?? merges === "by id",
      vocab,
      merges: pairs,
    },
  };
}

/** The list `added_tokens`, in the order of ids. */
function addedTokens(special: Record<string, number>, flags: BpeModel["flags"] = {}): object[] {
  return Object.entries(special)
    .sort(([, a], [, b]) => a - b)
    .map(([content, id]) => ({
      id,
      content,
      single_word: false,
      lstrip: flags[content]?.lstrip ?? false,
      rstrip: flags[content]?.rstrip ?? false,
      normalized: flags[content]?.normalized ?? false,
      special: flags[content]?.special ?? true,
    }));
}

/** All ways to make each token of two, in the order of tokens: what "by id" means, as a list. */
function mergesById(vocabulary: readonly (string | null)[]): [string, string][] {
  const ids = new Map<string, number>();
  vocabulary.forEach((token, id) => {
    if (token !== null) ids.set(token, id);
  });
  return vocabulary.flatMap((token) => {
    const ways: (Merge & { 2: number })[] = [];
    for (let cut = 1; token !== null && cut < token.length; cut++) {
      const left = ids.get(token.slice(0, cut));
      const right = ids.get(token.slice(cut));
      if (left !== undefined && right !== undefined) ways.push([left, right, cut]);
    }
    ways.sort(([a, b], [c, d]) => a - c || b - d);
    return ways.map(([, , cut]): [string, string] => [token!.slice(0, cut), token!.slice(cut)]);
  });
}

const byteLevel = (add_prefix_space: boolean, use_regex: boolean) => ({
  type: "ByteLevel",
  add_prefix_space,
  trim_offsets: true,
  use_regex,
});

function writePreTokenizer({ pattern, addPrefixSpace = false }: BpeModel): object {
  if (pattern === "gpt2") return byteLevel(addPrefixSpace, true);
  const steps =
    pattern === "smollm"
      ? [{ type: "Digits", individual_digits: true }]
      : (Array.isArray(pattern) ? pattern : [pattern]).map((step) => ({
          type: "Split",
          pattern: { Regex: writtenPattern(step) },
          behavior: "Isolated",
          invert: false,
        }));
  return {
    type: "Sequence",
    pretokenizers: [...steps, byteLevel(false, pattern === "smollm")],
  };
}
