// The tokenizer inside a GGUF file, the format of llama.cpp: one file with a model's weights, its
// settings and its tokens. Only the metadata at its beginning is read, never the weights, so a file
// of gigabytes takes a moment. Read are byte-level tokenizers (`tokenizer.ggml.model` is "gpt2":
// Llama 3, Qwen2, SmolLM2 …); how texts are cut is named by `tokenizer.ggml.pre`, and the patterns
// are those of llama.cpp (llama-vocab.cpp). Format: ggml-org/ggml, docs/gguf.md. Left out: the
// weights (lesson 11, gpt), and the chat template, which is among the metadata.

import { closeSync, openSync, readSync } from "node:fs";
import { BpeTokenizer } from "./bpe";
import { readMerges, readTokens } from "./bpeModel";
import { patternSource, type SplitPattern } from "./patterns";
import type { TokenFlags } from "./special";

/** A value in GGUF's metadata; 64-bit whole numbers are bigint. */
export type GgufValue = number | bigint | boolean | string | GgufValue[];

/** The beginning of a GGUF file, read piece by piece. */
class Reader {
  private readonly file: number;
  private bytes = Buffer.alloc(0);
  private at = 0;
  private read = 0; // of the file

  constructor(private readonly path: string) {
    this.file = openSync(path, "r");
  }

  close(): void {
    closeSync(this.file);
  }

  fail(what: string): never {
    throw new Error(`readGgufMetadata: ${this.path}: ${what}`);
  }

  /** The next n bytes. */
  take(n: number): Buffer {
    if (n > 2 ** 28) this.fail(`expected metadata, got a piece of ${n} bytes`);
    if (this.at + n > this.bytes.length) {
      const rest = this.bytes.subarray(this.at);
      const more = Buffer.alloc(Math.max(1 << 20, n - rest.length));
      const got = readSync(this.file, more, 0, more.length, this.read);
      this.read += got;
      this.bytes = Buffer.concat([rest, more.subarray(0, got)]);
      this.at = 0;
      if (n > this.bytes.length) this.fail(`expected ${n} bytes more, got the end of the file`);
    }
    this.at += n;
    return this.bytes.subarray(this.at - n, this.at);
  }

  u32 = (): number => this.take(4).readUInt32LE();
  u64 = (): bigint => this.take(8).readBigUInt64LE();

  count(): number {
    const n = this.u64();
    if (n > 2n ** 32n) this.fail(`expected a count, got ${n}`);
    return Number(n);
  }

  text(): string {
    const bytes = this.take(this.count());
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      return this.fail("expected text in UTF-8, got other bytes");
    }
  }

  value(type: number): GgufValue {
    switch (type) {
      case 0:
        return this.take(1).readUInt8();
      case 1:
        return this.take(1).readInt8();
      case 2:
        return this.take(2).readUInt16LE();
      case 3:
        return this.take(2).readInt16LE();
      case 4:
        return this.u32();
      case 5:
        return this.take(4).readInt32LE();
      case 6:
        return this.take(4).readFloatLE();
      case 7:
        return this.take(1).readUInt8() !== 0;
      case 8:
        return this.text();
      case 9: {
        const [inner, length] = [this.u32(), this.count()];
        const list: GgufValue[] = [];
        for (let i = 0; i < length; i++) list.push(this.value(inner));
        return list;
      }
      case 10:
        return this.u64();
      case 11:
        return this.take(8).readBigInt64LE();
      case 12:
        return this.take(8).readDoubleLE();
      default:
        return this.fail(`expected a type of value from 0 to 12, got ${type}`);
    }
  }
}

/**
 * The metadata of a GGUF file, by key: `general.architecture`, `tokenizer.ggml.tokens` …
 * @throws for a file that is not GGUF of version 2 or 3, or ends within its metadata
 */
export function readGgufMetadata(path: string): Map<string, GgufValue> {
  const reader = new Reader(path);
  try {
    const magic = reader.take(4).toString("latin1");
    if (magic !== "GGUF") reader.fail(`expected a GGUF file, got ${JSON.stringify(magic)} first`);
    const version = reader.u32();
    if (version !== 2 && version !== 3) reader.fail(`expected version 2 or 3, got ${version}`);
    reader.count(); // tensors
    const pairs = reader.count();
    const metadata = new Map<string, GgufValue>();
    for (let i = 0; i < pairs; i++) metadata.set(reader.text(), reader.value(reader.u32()));
    return metadata;
  } finally {
    reader.close();
  }
}

const gpt2 = patternSource("gpt2");

/** llama.cpp's cut for a file that names none. */
const unnamed: SplitPattern = [
  { regex: "[\\p{P}$+<=>^~|]+" },
  { regex: gpt2 },
  { regex: "\\p{N}+" },
  { regex: "[0-9][0-9][0-9]" },
];

/** The cut by its name in `tokenizer.ggml.pre`. */
const cuts: Record<string, SplitPattern> = {
  default: unnamed,
  ...all("gpt2", [
    "gpt-2",
    "phi-2",
    "jina-es",
    "jina-de",
    "roberta-bpe",
    "mpt",
    "olmo",
    "gigachat",
  ]),
  ...all("smollm", ["smollm", "starcoder", "refact", "command-r", "codeshell", "exaone"]),
  ...all("llama3", ["llama3", "llama-v3", "llama-bpe", "falcon3", "pixtral", "dbrx", "smaug-bpe"]),
  ...all("qwen2", ["qwen2", "deepseek-r1-qwen", "stablelm2", "hunyuan"]),
  ...all("o200k", ["gpt-4o", "llama4"]),
};

function all(pattern: SplitPattern, names: string[]): Record<string, SplitPattern> {
  return Object.fromEntries(names.map((name) => [name, pattern]));
}

/** Kinds of tokens in `tokenizer.ggml.token_type`; others are ordinary. */
const CONTROL = 3;
const USER_DEFINED = 4;
const UNUSED = 5;

/**
 * The tokenizer in a GGUF file.
 * @throws where the file is damaged, or its tokenizer is of a kind that this course does not read
 */
export function readGgufTokenizer(path: string): BpeTokenizer {
  const where = `readGgufTokenizer: ${path}`;
  const metadata = readGgufMetadata(path);
  const get = (name: string) => metadata.get(`tokenizer.ggml.${name}`);
  const list = (name: string): GgufValue[] => {
    const value = get(name);
    if (!Array.isArray(value))
      throw new Error(`${where}: expected tokenizer.ggml.${name} as a list, got ${typeof value}`);
    return value;
  };
  const model = get("model");
  if (model !== "gpt2")
    throw new Error(
      `${where}: expected a byte-level tokenizer (tokenizer.ggml.model is "gpt2"), got ${JSON.stringify(model)}`,
    );
  const pre = get("pre") ?? "default";
  if (typeof pre !== "string" || !Object.hasOwn(cuts, pre))
    throw new Error(
      `${where}: expected tokenizer.ggml.pre among ${Object.keys(cuts).join(", ")}, got ${String(pre)}`,
    );
  const tokens = list("tokens") as string[];
  const types = get("token_type") === undefined ? [] : list("token_type");
  if (types.length > 0 && types.length !== tokens.length)
    throw new Error(
      `${where}: expected a token_type for each of ${tokens.length} tokens, got ${types.length}`,
    );
  const special = new Map<string, number>();
  const flags: Record<string, TokenFlags> = {};
  const vocabulary = tokens.map((token, id) => {
    if (types[id] === UNUSED) return undefined;
    if (types[id] !== CONTROL && types[id] !== USER_DEFINED) return token;
    special.set(token, id);
    if (types[id] === USER_DEFINED) flags[token] = { special: false };
    return undefined;
  });
  return new BpeTokenizer({
    tokens: readTokens(where, vocabulary),
    merges: readMerges(where, tokens, list("merges")),
    pattern: cuts[pre],
    special,
    ...(Object.keys(flags).length > 0 ? { flags } : {}),
    ...(cuts[pre] === "llama3" ? { wholePieces: true } : {}),
  });
}
