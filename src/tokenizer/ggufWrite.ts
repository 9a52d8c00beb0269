// A byte-level BPE tokenizer as llama.cpp's GGUF files have it: the opposite of ./gguf. Pieces and
// merges are those of tokenizer.json; the cut of a text is a name that llama.cpp knows
// (llama-vocab.cpp). Left out: other kinds of tokenizers, cuts that llama.cpp has no name for, and
// normalisation, which it does not do.
import type { GgufEntry } from "../gguf";
import { BpeTokenizer } from "./bpe";
import { writeHuggingFace } from "./huggingFace";
import type { Tokenizer } from "./interface";
import type { PatternName } from "./patterns";

/** llama.cpp's names of the published cuts; of cl100k it has none. */
const cuts: Partial<Record<PatternName, string>> = {
  ...{ gpt2: "gpt-2", smollm: "smollm", llama3: "llama-bpe", qwen2: "qwen2", o200k: "gpt-4o" },
};

/** Kinds of tokens in `tokenizer.ggml.token_type`. */
const TYPES = { normal: 1, control: 3, userDefined: 4, unused: 5 };

/**
 * A tokenizer as entries of a GGUF file's metadata.
 * @param ids of special tokens by transformers' names: `bos_token_id`, `eos_token_id`, `pad_token_id`
 * @param size tokens of the model; ids that the tokenizer has no token for are marked as unused
 * @throws for a tokenizer that llama.cpp would read otherwise
 */
export function writeGgufTokenizer(
  tokenizer: Tokenizer,
  ids: Record<string, unknown> = {},
  size = tokenizer.vocabSize,
): GgufEntry[] {
  const { pre, special, flags } = readable(tokenizer);
  const { model } = writeHuggingFace(tokenizer) as {
    model: { vocab: Record<string, number>; merges: [string, string][] };
  };
  const tokens = Array.from({ length: size }, (_, id) => `[UNUSED ${id}]`);
  const types = tokens.map(() => TYPES.unused);
  for (const [token, id] of Object.entries(model.vocab))
    [tokens[id], types[id]] = [token, TYPES.normal];
  for (const [token, id] of special) {
    tokens[id] = token;
    types[id] = flags?.[token]?.special === false ? TYPES.userDefined : TYPES.control;
  }
  const names = { bos: "bos_token_id", eos: "eos_token_id", padding: "pad_token_id" };
  const named = Object.entries(names).flatMap(([theirs, ours]): GgufEntry[] => {
    const given = Array.isArray(ids[ours]) ? ids[ours][0] : ids[ours];
    return typeof given === "number" ? [[`tokenizer.ggml.${theirs}_token_id`, "u32", given]] : [];
  });
  return [
    ["tokenizer.ggml.model", "string", "gpt2"],
    ["tokenizer.ggml.pre", "string", pre],
    ["tokenizer.ggml.tokens", "strings", tokens],
    ["tokenizer.ggml.token_type", "i32s", types],
    ["tokenizer.ggml.merges", "strings", model.merges.map(([left, right]) => `${left} ${right}`)],
    ...named,
    ["tokenizer.ggml.add_bos_token", "bool", false],
  ];
}

/** What of a tokenizer llama.cpp has to know. @throws if it cannot */
function readable(tokenizer: Tokenizer) {
  const refuse = (what: string, got: unknown): never => {
    throw new Error(`writeGgufTokenizer: expected ${what}, got ${JSON.stringify(got)}`);
  };
  if (!(tokenizer instanceof BpeTokenizer))
    return refuse("a byte-level BPE tokenizer", tokenizer.toJSON().type);
  const { pattern, normalizer, addPrefixSpace, wholePieces, merges, special, flags } =
    tokenizer.model;
  const pre = typeof pattern === "string" ? cuts[pattern] : undefined;
  if (pre === undefined) return refuse(`a pattern among ${Object.keys(cuts).join(", ")}`, pattern);
  if (normalizer) refuse("no normalizer", normalizer);
  if (addPrefixSpace) refuse("addPrefixSpace false", addPrefixSpace);
  const isWhole = wholePieces ?? merges === "by id";
  if (isWhole !== (pattern === "llama3")) refuse("wholePieces with llama3 alone", isWhole);
  return { pre, special, flags };
}
