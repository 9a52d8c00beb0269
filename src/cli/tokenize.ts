// `npm run tokenize -- train|encode|decode`: learns a byte-level BPE tokenizer from files, makes
// ids of texts and texts of ids. Files are read and written in chunks, so they may be larger than
// memory. The work is done in llm/tokenizer.

import { closeSync, existsSync, openSync, readSync, statSync } from "node:fs";
import { datasetPath, mobyDick } from "../data";
import { printable } from "../display";
import { writeAtomically } from "../files";
import {
  BpeTokenizer,
  BpeTrainer,
  encodeChunks,
  loadTokenizer,
  parts,
  readChunks,
  streamingDecoder,
  type Tokenizer,
  writeHuggingFace,
} from "../tokenizer";
import { allowClosedPipe, fail, shellWord } from "./command";
import { tokenize } from "./commands";
import { commandLine, type Values } from "./options.cjs";

const n = (x: number) => x.toLocaleString("en");

/** The path of a file or a data set. */
function located(file: string): string {
  const path = existsSync(file) ? file : datasetPath(file);
  if (path === null) throw new Error(`${file}: no such file, and no data set of that name`);
  if (!statSync(path).isFile()) throw new Error(`${file} is no ordinary file`);
  return path;
}

function learn(files: readonly string[], values: Values<typeof tokenize.verbs.train>): void {
  const { vocab, pattern, special = [], out, huggingface } = values;
  const started = performance.now();
  const trainer = new BpeTrainer({ vocabSize: vocab, pattern, special });
  let characters = 0;
  const texts =
    files.length === 0
      ? [[mobyDick()]]
      : files.map((file) => readChunks(located(file), { lineFeeds: true }));
  let sample = "";
  for (const chunks of texts)
    for (const part of parts(chunks, pattern)) {
      if (sample === "") sample = part.slice(0, 1_000_000);
      characters += part.length;
      trainer.add(part);
    }
  const tokenizer = new BpeTokenizer(trainer.finish());
  const json = huggingface ? writeHuggingFace(tokenizer) : tokenizer.toJSON();
  writeAtomically(out, [JSON.stringify(json), "\n"]);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const perToken = sample.length / tokenizer.encodeText(sample).length;
  console.log(
    `${out}: ${n(tokenizer.vocabSize)} entries from ${n(characters)} characters in ${seconds} s; ` +
      `${perToken.toFixed(2)} characters per token`,
  );
  if (tokenizer.vocabSize < vocab)
    console.log(`The text has no more pairs to merge: ${n(vocab)} entries were asked for.`);
  console.log(`the longest: ${longest(tokenizer).join(" ")}`);
  console.log(`train with it: npm run train -- --tokenizer ${shellWord(out)}`);
}

/** The longest tokens, spaces shown. */
function longest(tokenizer: BpeTokenizer, count = 8): string[] {
  return tokenizer.model.tokens
    .flatMap((bytes) => (bytes === null ? [] : [bytes]))
    .sort((a, b) => b.length - a.length)
    .slice(0, count)
    .map((bytes) => printable(Buffer.from(bytes).toString().replaceAll(" ", "␣")));
}

/** How wide an id is in a file, in bytes. */
const widthOf = ({ vocabSize }: Tokenizer): 2 | 4 => (vocabSize <= 65_536 ? 2 : 4);

function toIds(file: string | undefined, values: Values<typeof tokenize.verbs.encode>): void {
  const { text, out } = values;
  const tokenizer = loadTokenizer(values.tokenizer);
  const chunks = file === undefined ? [text as string] : readChunks(located(file));
  if (out === undefined) {
    let separator = "";
    for (const ids of encodeChunks(tokenizer, chunks)) {
      if (ids.length === 0) continue;
      process.stdout.write(separator + ids.join(" "));
      separator = " ";
    }
    process.stdout.write("\n");
    return;
  }
  let count = 0;
  const bytes = function* () {
    for (const ids of encodeChunks(tokenizer, chunks)) {
      count += ids.length;
      const typed = widthOf(tokenizer) === 2 ? Uint16Array.from(ids) : ids;
      yield new Uint8Array(typed.buffer, typed.byteOffset, typed.byteLength);
    }
  };
  writeAtomically(out, bytes());
  console.log(`${out}: ${n(count)} ids of ${8 * widthOf(tokenizer)} bits`);
}

const STREAM = { stream: true };

/** The ids in a file, a chunk at a time. */
function* readIds(path: string, width: 2 | 4): Generator<ArrayLike<number>, void, void> {
  if (statSync(path).size % width !== 0)
    throw new Error(`${path}: expected ids of ${8 * width} bits, got a file that ends within one`);
  const file = openSync(path, "r");
  try {
    for (let position = 0; ; ) {
      const ids = width === 2 ? new Uint16Array(1 << 17) : new Int32Array(1 << 16);
      const count = readSync(file, ids, 0, ids.byteLength, position);
      if (count === 0) return;
      position += count;
      yield ids.subarray(0, count / width);
    }
  } finally {
    closeSync(file);
  }
}

function toText(file: string | undefined, values: Values<typeof tokenize.verbs.decode>): void {
  const { ids, out } = values;
  const tokenizer = loadTokenizer(values.tokenizer);
  const chunks =
    file === undefined ? [ids as number[]] : readIds(located(file), widthOf(tokenizer));
  const texts = function* () {
    if (tokenizer instanceof BpeTokenizer) {
      const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
      for (const chunk of chunks) yield decoder.decode(tokenizer.decodeBytes(chunk), STREAM);
      yield decoder.decode();
      return;
    }
    const decoder = streamingDecoder(tokenizer);
    for (const chunk of chunks) yield Array.from(chunk, (id) => decoder.push(id)).join("");
    yield decoder.end();
  };
  if (out !== undefined) writeAtomically(out, texts());
  else {
    for (const text of texts()) process.stdout.write(process.stdout.isTTY ? printable(text) : text);
    if (process.stdout.isTTY) process.stdout.write("\n");
  }
}

try {
  const { verb, values, words } = commandLine(tokenize);
  allowClosedPipe();
  if (verb === "train") learn(words, values as Values<typeof tokenize.verbs.train>);
  else if (verb === "encode") toIds(words[0], values as Values<typeof tokenize.verbs.encode>);
  else toText(words[0], values as Values<typeof tokenize.verbs.decode>);
} catch (error) {
  fail(`tokenize: ${(error as Error).message}`);
}
