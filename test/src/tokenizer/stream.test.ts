// Texts in chunks give what the whole text gives: pieces, training, ids; and `npm run tokenize`
// works on files that are larger than the memory it may use.
import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import fc from "fast-check";
import { mobyDick } from "llm/data";
import {
  BpeTokenizer,
  BpeTrainer,
  CharTokenizer,
  encodeChunks,
  openAITokenizer,
  parts,
  patternNames,
  readChunks,
  splitPieces,
  streamingDecoder,
  type Tokenizer,
  WordPieceTokenizer,
} from "llm/tokenizer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = resolve(__dirname, "../../..");
const folder = mkdtempSync(join(tmpdir(), "llm-stream-"));
const path = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));

const special = ["<|im|>", "<|im|>_end", "|>"];
const morsel = fc.constantFrom(
  ...[
    "a",
    "don't",
    "'",
    "l",
    "The",
    " ",
    "  ",
    "\n",
    "\r\n",
    "12",
    "3",
    "½",
    "猫",
    "。",
    "🐈",
    "e\u0301",
  ],
  ...["!", "/", "\u3000", "<|im|>", "<|im|>_end", "<|im", "|>", "_end", "_"],
);
/** A text in chunks, which are cut anywhere. */
const chunked = fc.array(
  fc.array(morsel, { maxLength: 6 }).map((all) => all.join("")),
  { maxLength: 8 },
);
const joined = (arrays: Iterable<Int32Array>) => [...arrays].flatMap((ids) => [...ids]);

describe("in chunks", () => {
  it.each(patternNames)("a text has the same pieces: %s", (pattern) => {
    fc.assert(
      fc.property(chunked, (chunks) => {
        const pieces = [...parts(chunks, pattern)].flatMap((part) => splitPieces(part, pattern));
        expect(pieces).toEqual(splitPieces(chunks.join(""), pattern));
      }),
      { numRuns: 1000 },
    );
  });

  it("a text has the same ids, special tokens among them", () => {
    const words = "don't The 12 3 <|im| e\u0301 猫。 \n\n  a";
    for (const pattern of patternNames) {
      const tokenizer = BpeTokenizer.train(words, { vocabSize: 275, pattern, special });
      fc.assert(
        fc.property(chunked, (chunks) => {
          expect(joined(encodeChunks(tokenizer, chunks))).toEqual(
            tokenizer.encode(chunks.join("")),
          );
        }),
        { numRuns: 500 },
      );
    }
  });

  it("tokenizers of other kinds have the same ids too", () => {
    const text = "the whale and the whales";
    const chunks = ["the wh", "ale and", " the whales"];
    for (const tokenizer of [
      CharTokenizer.train(text),
      WordPieceTokenizer.train(text, { vocabSize: 60 }),
      new BpeTokenizer({
        ...BpeTokenizer.train(text, { vocabSize: 270 }).model,
        normalizer: "NFC",
      }),
    ] as Tokenizer[]) {
      const ids = tokenizer.encode(text);
      expect(joined(encodeChunks(tokenizer, chunks))).toEqual(ids);
      const decoder = streamingDecoder(tokenizer);
      expect(ids.map((id) => decoder.push(id)).join("") + decoder.end()).toBe(text);
    }
  });

  it("a long text is emitted as it comes, not at the end", () => {
    const tokenizer = openAITokenizer("gpt2");
    const book = mobyDick().slice(0, 100_000);
    const chunks = book.match(/.{1,1000}/gs) as string[];
    const ids = [...encodeChunks(tokenizer, chunks)];
    expect(Math.max(...ids.map((part) => part.length))).toBeLessThan(1000);
    expect(joined(ids)).toEqual(tokenizer.encode(book));
  });

  it("a file is read whole, cut within no character", () => {
    const text = "猫\r\n🐈 a\r\r\nb\r";
    writeFileSync(path("odd.txt"), `\ufeff${text}`);
    for (const chunkBytes of [1, 2, 3, 5, 100]) {
      expect([...readChunks(path("odd.txt"), { chunkBytes })].join("")).toBe(`\ufeff${text}`);
      const fed = [...readChunks(path("odd.txt"), { chunkBytes, lineFeeds: true })].join("");
      expect(fed).toBe("\ufeff猫\n🐈 a\n\nb\n");
    }
    writeFileSync(path("bad.txt"), Buffer.from([0x61, 0xff, 0x62]));
    expect(() => [...readChunks(path("bad.txt"))]).toThrow(/bad\.txt: expected text in UTF-8/);
    writeFileSync(path("cut.txt"), Buffer.from([0x61, 0xe7, 0x8c]));
    expect(() => [...readChunks(path("cut.txt"))]).toThrow(/cut\.txt: expected text in UTF-8/);
    expect(() => [...readChunks(path("none.txt"))]).toThrow("ENOENT");
  });
});

describe("npm run tokenize", () => {
  beforeAll(() => {
    const build = spawnSync(process.execPath, [join(root, "tools/build.mjs")], {
      encoding: "utf8",
    });
    if (build.status !== 0) throw new Error(build.stderr);
  }, 120_000);
  const run = (args: string[], node: string[] = []) => {
    const file = join(root, "dist/cli/tokenize.js");
    const ended = spawnSync(process.execPath, [...node, file, ...args], { cwd: folder });
    return { code: ended.status, output: `${ended.stdout}${ended.stderr}` };
  };

  it("learns, encodes and decodes, without losing a byte", () => {
    const book = `${mobyDick().slice(0, 50_000)}\r\n<|end|> 猫`;
    writeFileSync(path("book.txt"), book);
    const learnt = run(["train", "book.txt", "--vocab", "500", "--special", "<|end|>"]);
    expect(learnt.output).toMatch(
      /^tokenizer\.json: 500 entries from 50,\d+ characters in .* s; \d\.\d\d/,
    );
    expect(learnt.code).toBe(0);
    const encoded = run(["encode", "book.txt", "--out", "book.bin"]);
    expect(encoded.output).toMatch(/^book\.bin: [\d,]+ ids of 16 bits\n$/);
    expect(run(["decode", "book.bin", "--out", "again.txt"]).output).toBe("");
    expect(readFileSync(path("again.txt"), "utf8")).toBe(book);
    expect(run(["decode", "book.bin"]).output).toBe(book);
    expect(run(["encode", "--text", "<|end|>", "--tokenizer", "tokenizer.json"]).output).toBe(
      "0\n",
    );
    expect(run(["encode", "--text", "Hello, world", "--tokenizer", "gpt2"]).output).toBe(
      "15496 11 995\n",
    );
    expect(run(["decode", "--ids", "15496,11,995", "--tokenizer", "gpt2"]).output).toBe(
      "Hello, world",
    );
    expect(run(["encode", "book.txt", "--out", "b.bin", "--tokenizer", "o200k"]).output).toMatch(
      "32 bits",
    );
    expect(run(["decode", "b.bin", "--tokenizer", "o200k"]).output).toBe(book);
    run([
      "train",
      "book.txt",
      "--vocab",
      "500",
      "--special",
      "<|end|>",
      "--huggingface",
      "--out",
      "h.json",
    ]);
    expect(JSON.parse(readFileSync(path("h.json"), "utf8")).model.type).toBe("BPE");
    const ids = run(["encode", "book.txt", "--tokenizer", "h.json"]).output;
    expect(ids).toBe(run(["encode", "book.txt"]).output);
  }, 60_000);

  it("learns from a file larger than its memory what it learns from the text at once", () => {
    const text = mobyDick();
    const big = path("big.txt");
    writeFileSync(big, "");
    const copies = 40;
    for (let i = 0; i < copies; i++) appendFileSync(big, text);
    expect(statSync(big).size).toBeGreaterThan(48e6);
    // as one string and its pieces this would take several hundred megabytes
    const limit = ["--max-old-space-size=40", "--max-semi-space-size=2"];
    const learnt = run(["train", "big.txt", "--vocab", "600", "--out", "big.json"], limit);
    expect(learnt.output).toMatch(/^big\.json: 600 entries/);
    const trainer = new BpeTrainer({ vocabSize: 600 });
    for (const part of parts(
      (function* () {
        for (let i = 0; i < copies; i++) yield text;
      })(),
      "gpt2",
    ))
      trainer.add(part);
    const expected = new BpeTokenizer(trainer.finish()).toJSON();
    expect(JSON.parse(readFileSync(path("big.json"), "utf8"))).toEqual(expected);
    const args = ["encode", "big.txt", "--tokenizer", "big.json", "--out", "big.bin"];
    expect(run(args, limit).output).toMatch(/^big\.bin: /);
    const back = ["decode", "big.bin", "--tokenizer", "big.json", "--out", "back.txt"];
    expect(run(back, limit).output).toBe("");
    expect(readFileSync(path("back.txt")).equals(readFileSync(big))).toBe(true);
  }, 180_000);

  it.each<[string[], number, RegExp]>([
    [["encode"], 2, /^tokenize encode: expected a file or --text, got neither\n$/],
    [["decode", "a", "--ids", "1"], 2, /expected a file or --ids, got both/],
    [["train", "--vocab", "10"], 2, /--vocab: expected a whole number from 256/],
    [["train", "nowhere.txt"], 1, /^tokenize: nowhere\.txt: no such file, and no data set/],
    [["encode", "--text", "a", "--tokenizer", "nowhere"], 1, /^tokenize: .*nowhere: no such file/],
    [["encode", "bad.txt", "--tokenizer", "gpt2"], 1, /bad\.txt: expected text in UTF-8/],
    [["encode", "bad.txt", "--tokenizer", "gpt2", "--out", "x.bin"], 1, /bad\.txt: expected text/],
    [
      ["decode", "--ids", "60000", "--tokenizer", "gpt2"],
      1,
      /expected ids from 0 to 50256, got 60000/,
    ],
    [["decode", "bad.txt", "--tokenizer", "gpt2"], 1, /a file that ends within one/],
    [["train", "--vocab", "300", "--special", "a", "a"], 1, /different special tokens/],
    [["train", "odd.txt", "--out", "/proc/llm/x.json"], 1, /cannot write \/proc\/llm\/x\.json/],
  ])("answers %j with code %i, in a sentence", (args, code, message) => {
    const ended = run(args);
    expect(ended.output).toMatch(message);
    expect(ended.output).not.toMatch(/^ +at /m);
    expect(ended.code).toBe(code);
    expect(existsSync(path("x.bin"))).toBe(false);
  });
});
