// The second half of a build: from cleaned documents to shards of token ids. Which side a document
// is on, and in which order documents come, follows from the seed and the texts alone. Each shard is
// written whole or not at all; a build that was killed goes on with the next one.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { Random } from "../random";
import { BpeTokenizer, BpeTrainer, loadTokenizer, type Tokenizer } from "../tokenizer";
import type { BuildSettings, Progress } from "./progress";
import { ShardWriter } from "./shards";
import { Groups, type Side, sideOf } from "./split";
import { type Staging, writeJson } from "./staging";

/** What the tokenizer of a corpus learns from, at most, in characters of the training side. */
const SAMPLE = 20_000_000;

/** The documents of each side, shuffled. */
export function sidesOf(staging: Staging, { val, seed }: BuildSettings): Record<Side, number[]> {
  const groups = new Groups(staging.documents);
  for (const [a, b] of staging.links()) groups.join(a, b);
  const sides: Record<Side, number[]> = { train: [], val: [] };
  const keyOf = (document: number) => staging.digest(document).join();
  for (let document = 0; document < staging.documents; document++)
    sides[sideOf(keyOf(groups.firstOf(document)), { val, seed })].push(document);
  const random = new Random(seed);
  for (const side of ["train", "val"] as const) random.fork("shuffle", side).shuffle(sides[side]);
  return sides;
}

/** The tokens that end a text, in the files of various models. */
const ENDS = ["<|endoftext|>", "<|end_of_text|>", "</s>", "[SEP]"];

/** The id of the token that ends a text, or null where the vocabulary has none. */
export function endOfTextOf(tokenizer: Tokenizer): number | null {
  for (const end of ENDS) {
    try {
      const ids = tokenizer.encode(end);
      if (ids.length === 1) return ids[0];
    } catch {} // characters that this vocabulary does not know
  }
  return null;
}

/**
 * The tokenizer of a build, which is kept beside its shards. One that is learned sees the training
 * side only: merges made for the held-out text would be a small leak of their own.
 */
export function tokenizerOf(
  out: string,
  { tokenizer, vocabSize }: BuildSettings,
  staging: Staging,
  train: readonly number[],
): Tokenizer {
  const path = join(out, "tokenizer.json");
  if (existsSync(path)) return loadTokenizer(path);
  const made = tokenizer === null ? learned(staging, train, vocabSize) : loadTokenizer(tokenizer);
  writeJson(path, made.toJSON());
  return made;
}

function learned(staging: Staging, train: readonly number[], vocabSize: number): Tokenizer {
  if (train.length === 0)
    throw new Error("build: expected documents to learn a tokenizer from, got none that stayed");
  const trainer = new BpeTrainer({ vocabSize, special: [ENDS[0]] });
  let characters = 0;
  for (const document of train) {
    const text = staging.text(document);
    trainer.add(text);
    characters += text.length;
    if (characters > SAMPLE) break;
  }
  return new BpeTokenizer(trainer.finish());
}

/** Ids of a document: its text, then the token that ends it. */
export class DocumentEncoder {
  readonly endOfText: number | null;
  /** A document that spells out a special token must not contain it. */
  private readonly specials: string[];

  constructor(readonly tokenizer: Tokenizer) {
    this.endOfText = endOfTextOf(tokenizer);
    this.specials = tokenizer instanceof BpeTokenizer ? [...tokenizer.special.keys()] : ENDS;
  }

  encode(text: string): Int32Array {
    let plain = text;
    for (const special of this.specials) plain = plain.replaceAll(special, " ");
    if (this.endOfText === null) return this.tokenizer.encodeText(`${plain}\n\n`);
    const ids = this.tokenizer.encodeText(plain);
    const ended = new Int32Array(ids.length + 1);
    ended.set(ids);
    ended[ids.length] = this.endOfText;
    return ended;
  }
}

/**
 * Writes the shards that are missing.
 *
 * @param progress where to go on; it is kept up to date
 * @param save writes progress down, after each shard
 */
export function pack(
  progress: Progress,
  staging: Staging,
  {
    out,
    encoder,
    sides,
    save,
  }: {
    out: string;
    encoder: DocumentEncoder;
    sides: Record<Side, number[]>;
    save: () => void;
  },
): void {
  const { shardTokens } = progress.settings;
  const writer = new ShardWriter(out, encoder.tokenizer.vocabSize);
  for (const side of ["train", "val"] as const) {
    const documents = sides[side];
    const shards = progress.shards[side];
    for (let at = progress.packed[side]; at < documents.length; ) {
      try {
        writer.add(encoder.encode(staging.text(documents[at])));
      } catch (error) {
        throw new Error(`build: document ${documents[at]}: ${(error as Error).message}`);
      }
      at++;
      if (writer.tokens < shardTokens && at < documents.length) continue;
      shards.push(writer.write(`${side}-${String(shards.length).padStart(5, "0")}.bin`));
      progress.packed[side] = at;
      save();
    }
  }
}
