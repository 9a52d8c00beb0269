// What a byte-level BPE tokenizer knows, as data: its tokens, its merges, how it cuts a text, its
// special tokens; and how that is written to JSON and read back. Whatever comes from a file is
// checked here, because a merge of an unknown piece would otherwise show up as wrong ids much
// later.

import type { Merge } from "./bpeTrain";
import { readBytes, showBytes } from "./bytes";
import { patternNames, type SplitPattern } from "./patterns";
import type { TokenFlags } from "./special";

/** Forms of Unicode that a text can be brought into first. */
export type Normalizer = "NFC" | "NFD" | "NFKC" | "NFKD";

/** Everything a byte-level BPE tokenizer knows. */
export interface BpeModel {
  /** The bytes of each id; null for special tokens and for ids that are not used. */
  tokens: (Uint8Array | null)[];
  /**
   * Which pairs become which id, the earliest first; or "by id": any two neighbours that together
   * are a token are merged, the smallest id first, as in OpenAI's files.
   */
  merges: Merge[] | "by id";
  pattern: SplitPattern;
  special: ReadonlyMap<string, number>;
  /** What is unusual about a special token, by its text. */
  flags?: Record<string, TokenFlags>;
  /** Whether a piece that is a token as a whole is not merged at all; default: only "by id". */
  wholePieces?: boolean;
  normalizer?: Normalizer;
  /** Whether a text that does not begin with a space gets one. */
  addPrefixSpace?: boolean;
}

/** What `toJSON` gives and `fromJSON` takes. Bytes are written as in bytes.ts: "Ġthe" is " the". */
export interface BpeTokenizerJSON {
  type: "bpe";
  pattern: SplitPattern;
  /** The tokens in the order of their ids; null for special tokens and unused ids. */
  vocabulary: (string | null)[];
  /** "Ġ t" merges Ġ and t. */
  merges: string[] | "by id";
  special: Record<string, number>;
  flags?: Record<string, TokenFlags>;
  wholePieces?: boolean;
  normalizer?: Normalizer;
  addPrefixSpace?: boolean;
}

/** The model as JSON. */
export function modelToJSON(model: BpeModel): BpeTokenizerJSON {
  const { tokens, merges, pattern, special } = model;
  const { flags, wholePieces, normalizer, addPrefixSpace } = model;
  const vocabulary = tokens.map((token) => (token === null ? null : showBytes(token)));
  const named = new Map([...special].map(([token, id]) => [id, token]));
  const name = (id: number) => vocabulary[id] ?? named.get(id);
  return {
    type: "bpe",
    pattern,
    vocabulary,
    merges: merges === "by id" ? merges : merges.map(([l, r]) => `${name(l)} ${name(r)}`),
    special: Object.fromEntries(special),
    ...(flags === undefined ? {} : { flags }),
    ...(wholePieces === undefined ? {} : { wholePieces }),
    ...(normalizer === undefined ? {} : { normalizer }),
    ...(addPrefixSpace === undefined ? {} : { addPrefixSpace }),
  };
}

/**
 * The model that JSON describes.
 * @throws at the first thing that is not as `BpeTokenizerJSON` says
 */
export function modelFromJSON(json: unknown): BpeModel {
  const where = "BpeTokenizer.fromJSON";
  const given = (json ?? {}) as Partial<BpeTokenizerJSON>;
  if (given.type !== "bpe" || !Array.isArray(given.vocabulary))
    throw new Error(`${where}: expected { type: "bpe", vocabulary: […], merges: […] }`);
  const { pattern, vocabulary, merges, wholePieces, normalizer, addPrefixSpace } = given;
  if (typeof pattern === "string" ? !patternNames.includes(pattern) : typeof pattern !== "object")
    throw new Error(
      `${where}: expected a pattern among ${patternNames.join(", ")}, or { regex }, got ${JSON.stringify(pattern)}`,
    );
  return {
    tokens: readTokens(where, vocabulary),
    merges: merges === "by id" ? merges : readMerges(where, vocabulary, merges),
    pattern: pattern as SplitPattern,
    special: readSpecial(where, given.special ?? {}),
    flags: given.flags,
    wholePieces,
    normalizer: readNormalizer(where, normalizer),
    addPrefixSpace,
  };
}

/** The bytes of each entry. @throws where an entry is no such text, or comes twice */
export function readTokens(
  where: string,
  vocabulary: readonly (string | null | undefined)[],
): (Uint8Array | null)[] {
  const seen = new Map<string, number>();
  return Array.from(vocabulary, (entry, id) => {
    if (entry === null || entry === undefined) return null;
    if (typeof entry !== "string")
      throw new Error(`${where}: expected text as entry ${id}, got ${JSON.stringify(entry)}`);
    const first = seen.get(entry);
    if (first !== undefined)
      throw new Error(
        `${where}: expected different entries, got ${JSON.stringify(entry)} as ${first} and ${id}`,
      );
    seen.set(entry, id);
    const bytes = readBytes(entry);
    if (bytes === undefined || bytes.length === 0)
      throw new Error(
        `${where}: expected bytes written as characters (Ġ for a space), got ${JSON.stringify(entry)} as entry ${id}`,
      );
    return bytes;
  });
}

/**
 * Merges from their texts, "Ġ t" or ["Ġ", "t"].
 * @throws where a piece, or what two pieces make together, is not in the vocabulary
 */
export function readMerges(
  where: string,
  vocabulary: readonly (string | null | undefined)[],
  merges: unknown,
): Merge[] {
  if (!Array.isArray(merges))
    throw new Error(`${where}: expected merges as a list, got ${typeof merges}`);
  const ids = new Map<string, number>();
  vocabulary.forEach((entry, id) => {
    if (typeof entry === "string") ids.set(entry, id);
  });
  return merges.map((merge: unknown, k) => {
    const parts = typeof merge === "string" ? merge.split(" ") : merge;
    const isPair =
      Array.isArray(parts) && parts.length === 2 && parts.every((part) => typeof part === "string");
    if (!isPair)
      throw new Error(
        `${where}: expected two pieces with a space between as merge ${k}, got ${JSON.stringify(merge)}`,
      );
    const [left, right] = parts as [string, string];
    if (left === "" || right === "")
      throw new Error(
        `${where}: expected two pieces as merge ${k}, got ${JSON.stringify(merge)}: with an empty one, ` +
          `${JSON.stringify(left + right)} would be made of itself, a cycle`,
      );
    const [l, r, id] = [left, right, left + right].map((piece) => {
      const found = ids.get(piece);
      if (found === undefined)
        throw new Error(
          `${where}: expected pieces of the vocabulary as merge ${k}, ${JSON.stringify(merge)}, got ` +
            `${JSON.stringify(piece)}, which is not in it`,
        );
      return found;
    });
    return [l, r, id];
  });
}

function readSpecial(where: string, special: unknown): Map<string, number> {
  const entries = Object.entries((special ?? {}) as Record<string, unknown>);
  const wrong = entries.find(([, id]) => !Number.isSafeInteger(id) || (id as number) < 0);
  if (wrong !== undefined)
    throw new Error(
      `${where}: expected an id for the special token ${JSON.stringify(wrong[0])}, got ${JSON.stringify(wrong[1])}`,
    );
  return new Map(entries as [string, number][]);
}

function readNormalizer(where: string, normalizer: unknown): Normalizer | undefined {
  if (normalizer === undefined || normalizer === null) return undefined;
  if (!["NFC", "NFD", "NFKC", "NFKD"].includes(normalizer as string))
    throw new Error(
      `${where}: expected the normalizer NFC, NFD, NFKC or NFKD, got ${JSON.stringify(normalizer)}`,
    );
  return normalizer as Normalizer;
}

/**
 * The model of a plain list of merges, as minbpe and the exercises of lesson 04 (tokenization)
 * learn it: token 0 … 255 is the byte, and merges[k] makes token 256 + k.
 *
 * @throws where a merge uses a token that no earlier merge has made; the message says whether that
 *   is a cycle
 */
export function modelFromMerges(
  merges: readonly (readonly [left: number, right: number])[],
  { pattern = "gpt2" as SplitPattern, special = [] as readonly string[] } = {},
): BpeModel {
  const where = "BpeTokenizer.fromMerges";
  const tokens: Uint8Array[] = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte));
  const list = merges.map((merge, k): Merge => {
    const id = 256 + k;
    if (!Array.isArray(merge) || merge.length !== 2)
      throw new Error(
        `${where}: expected a pair of ids as merge ${k}, got ${JSON.stringify(merge)}`,
      );
    for (const part of merge) {
      if (!Number.isInteger(part) || part < 0 || part >= 256 + merges.length)
        throw new Error(
          `${where}: expected ids of bytes or of earlier merges as merge ${k}, got [${merge}]: ${part} is unknown`,
        );
      if (part >= id)
        throw new Error(
          `${where}: expected ids of bytes or of earlier merges as merge ${k}, which makes ${id}, got ` +
            `[${merge}]: ${part} ${needs(merges, part, id) ? `is made of ${id} itself, a cycle` : "is made later"}`,
        );
    }
    const [left, right] = merge as [number, number];
    tokens.push(Uint8Array.of(...tokens[left], ...tokens[right]));
    return [left, right, id];
  });
  return {
    tokens,
    merges: list,
    pattern,
    special: new Map(special.map((token, i) => [token, tokens.length + i])),
  };
}

/** Whether making `id` needs `wanted`. */
function needs(
  merges: readonly (readonly [number, number])[],
  id: number,
  wanted: number,
  seen = new Set<number>(),
): boolean {
  if (id === wanted) return true;
  if (seen.has(id)) return false;
  seen.add(id);
  return (merges[id - 256] ?? []).some((part) => needs(merges, part, wanted, seen));
}
