// A build from files to shards: what is in them, that it can be killed anywhere, that no near
// duplicate crosses the split, and that files larger than memory are no problem.
import { spawn, spawnSync } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import {
  type BuildSettings,
  type BuiltCorpus,
  buildCorpus,
  jaccard,
  knownLanguages,
  shingles,
  TokenShards,
} from "llm/corpus";
import { type Batch, mobyDick, TextBatches } from "llm/data";
import { useEngine } from "llm/engine";
import { Random } from "llm/random";
import { loadTokenizer } from "llm/tokenizer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { data } from "../../../src/cli/commands";

const root = resolve(__dirname, "../../..");
const folder = mkdtempSync(join(tmpdir(), "llm-build-"));
const path = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));

/** A small world: prose, near copies, exact copies, a page, lines of JSON, and damage. */
function writeSources(name: string): string {
  const dir = path(name);
  mkdirSync(dir);
  const book = mobyDick();
  const passage = (i: number) => book.slice(20_000 + 1500 * i, 21_500 + 1500 * i).trim();
  const rng = new Random(8);
  const changed = (text: string) =>
    text.replace(/\w+/g, (word) => (rng.uniform() < 0.02 ? "changed" : word));
  const records = Array.from({ length: 120 }, (_, i) => passage(i));
  const copies = records.slice(0, 30).map(changed);
  const lines = [...records, ...copies, ...records.slice(5, 10)].map((text, i) =>
    i === 50 ? "{broken" : JSON.stringify({ text }),
  );
  writeFileSync(join(dir, "a.jsonl"), `${lines.join("\n")}\n`);
  writeFileSync(join(dir, "b.txt"), book.slice(300_000, 420_000));
  writeFileSync(join(dir, "c.html"), `<nav>Menu</nav><p>${passage(200)}</p><script>x</script>`);
  writeFileSync(join(dir, "d.md"), `# Caf\u0065\u0301\n\n${passage(201)}`);
  writeFileSync(join(dir, "e.txt"), Buffer.from([0xff, 0xfe, 0x41, 0x00]));
  writeFileSync(join(dir, "f.txt"), "too short");
  return dir;
}

const settings: Partial<BuildSettings> = {
  vocabSize: 400,
  val: 0.2,
  shardTokens: 20_000,
  partCharacters: 9000,
};

/** Every file of a corpus with its bytes. */
const contents = (dir: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(dir)
      .sort()
      .map((name) => [name, readFileSync(join(dir, name), "base64")]),
  );

let sources: string;
let whole: BuiltCorpus;
beforeAll(async () => {
  await useEngine({ quiet: true });
  sources = writeSources("sources");
  whole = await buildCorpus({ paths: [sources], out: path("whole"), settings });
});

/** The texts of one side. */
function textsOf(out: string, split: string): string[] {
  const shards = new TokenShards(out, split);
  const tokenizer = loadTokenizer(join(out, "tokenizer.json"));
  const texts = Array.from({ length: shards.documents }, (_, i) => {
    const ids = shards.document(i);
    expect(ids.at(-1)).toBe(shards.index.endOfText);
    return tokenizer.decode(ids.subarray(0, -1));
  });
  shards.close();
  return texts;
}

describe("buildCorpus", () => {
  it("keeps what is good, once, and says what it left out", () => {
    const { report, splits, sources: listed } = whole;
    expect(listed).toHaveLength(6);
    expect(report.firstProblems.map(({ why }) => why)).toEqual([
      "expected JSON, got something else",
      expect.stringMatching(/^expected text/),
    ]);
    expect(report.dropped["exact duplicate"].documents).toBe(5);
    expect(report.dropped["near duplicate"].documents).toBeGreaterThan(20);
    expect(report.dropped.length).toMatchObject({ documents: 1 });
    expect(report.dropped.length.examples[0]).toMatchObject({
      why: "9 characters, at least 100 allowed",
      text: "too short",
    });
    const left = Object.values(report.dropped).reduce((sum, { documents }) => sum + documents, 0);
    expect(report.read.documents).toBe(report.kept.documents + left);
    const stored = [...splits.train, ...splits.val];
    expect(stored.reduce((sum, { documents }) => sum + documents, 0)).toBe(report.kept.documents);
    expect(splits.train.length).toBeGreaterThan(3);
    const texts = [...textsOf(path("whole"), "train"), ...textsOf(path("whole"), "val")];
    expect(texts.join("").length).toBe(report.kept.characters);
    expect(texts.some((text) => text.startsWith("# Café\n\n"))).toBe(true);
    expect(texts.some((text) => /^Menu|^too short|<p>/.test(text))).toBe(false);
    expect(existsSync(path("whole/build"))).toBe(false);
  });

  it("lets no near duplicate and no text cross the split, also when all duplicates stay", async () => {
    await buildCorpus({
      paths: [sources],
      out: path("all"),
      settings: { ...settings, duplicates: "none", val: 0.4 },
    });
    for (const out of ["whole", "all"].map(path)) {
      const [train, val] = ["train", "val"].map((side) =>
        textsOf(out, side).map((text) => shingles(text)),
      );
      expect(val.length).toBeGreaterThan(5);
      for (const one of val)
        for (const other of train) expect(jaccard(one, other)).toBeLessThan(0.8);
      // the long text is in many parts, and all of them are on one side
      const parts = ["train", "val"].map(
        (side) => textsOf(out, side).filter((text) => text.length > 4000).length,
      );
      expect(Math.max(...parts)).toBeGreaterThan(10);
      expect(Math.min(...parts)).toBe(0);
    }
    const all = [...textsOf(path("all"), "train"), ...textsOf(path("all"), "val")];
    expect(all.length).toBe(whole.report.read.documents - 1); // without the short one
  });

  it("gives the same bytes wherever it was killed", async () => {
    const expected = contents(path("whole"));
    let moments = Number.POSITIVE_INFINITY;
    for (let moment = 1; moment <= moments; moment++) {
      const out = path(`killed-${moment}`);
      let told = 0;
      const dying = buildCorpus({
        paths: [sources],
        out,
        settings,
        checkpointBytes: 100_000,
        onStanding: () => {
          if (++told === moment) throw new Error("killed");
        },
      });
      if (
        await dying.then(
          () => true,
          () => false,
        )
      ) {
        expect(told).toBeLessThan(moment);
        moments = moment;
      } else {
        // what was appended after the last safe moment, and half of it
        for (const name of ["texts.bin", "records.bin"])
          appendFileSync(join(out, "build", name), "half of something");
        await buildCorpus({ paths: [sources], out, settings, checkpointBytes: 150_000 });
      }
      expect(contents(out)).toEqual(expected);
    }
    expect(moments).toBeGreaterThan(8);
  });

  it("depends on the seed: other shards of the same documents", async () => {
    await buildCorpus({ paths: [sources], out: path("seed"), settings: { ...settings, seed: 2 } });
    const all = (out: string) => [...textsOf(out, "train"), ...textsOf(out, "val")];
    expect(all(path("seed"))).not.toEqual(all(path("whole")));
    expect(all(path("seed")).sort()).toEqual(all(path("whole")).sort());
  });

  it("refuses to mix builds, and does nothing when it is done", async () => {
    const before = contents(path("whole"));
    expect(await buildCorpus({ paths: [sources], out: path("whole"), settings })).toEqual(whole);
    expect(contents(path("whole"))).toEqual(before);
    const other = { paths: [sources], out: path("whole"), settings: { ...settings, seed: 9 } };
    await expect(buildCorpus(other)).rejects.toThrow(
      /whole holds another build: seed was 1 and is 9\. Choose another folder/,
    );
    const empty = path("empty");
    mkdirSync(empty);
    await expect(buildCorpus({ paths: [empty], out: path("x") })).rejects.toThrow(/got none/);
    writeFileSync(join(empty, "a.txt"), "short");
    await expect(buildCorpus({ paths: [empty], out: path("x") })).rejects.toThrow(
      /documents to learn a tokenizer from, got none/,
    );
  });

  it("takes another tokenizer, and writes a special token only at ends", async () => {
    const odd = path("odd");
    mkdirSync(odd);
    const text = `${mobyDick().slice(0, 3000)} <|endoftext|> ${mobyDick().slice(3000, 5000)}`;
    writeFileSync(join(odd, "a.txt"), text);
    const out = path("gpt2");
    const corpus = await buildCorpus({
      paths: [odd],
      out,
      settings: { tokenizer: "gpt2", val: 0 },
    });
    expect(corpus).toMatchObject({ vocabSize: 50_257, endOfText: 50_256, dtype: "uint16" });
    const shards = new TokenShards(out);
    const ids = shards.read(0, shards.length);
    expect(ids.filter((id) => id === 50_256)).toHaveLength(1);
    shards.close();
  });
});

describe("TokenShards", () => {
  it("reads any stretch, across shards, from where it is", () => {
    const shards = new TokenShards(path("whole"));
    const all = Array.from({ length: shards.documents }, (_, i) => [...shards.document(i)]).flat();
    expect(all).toHaveLength(shards.length);
    const rng = new Random(4);
    for (let trial = 0; trial < 300; trial++) {
      const start = rng.integer(shards.length);
      const count = rng.integer(Math.min(30_000, shards.length - start) + 1);
      expect([...shards.read(start, count)]).toEqual(all.slice(start, start + count));
    }
    expect(() => shards.read(shards.length - 1, 2)).toThrow(
      /expected tokens within 0 … \d+, got 2/,
    );
    expect(() => shards.document(-1)).toThrow(/number from 0 to/);
    shards.close();
  });

  it("gives the batches that the same ids in memory give", () => {
    const shards = new TokenShards(path("whole"));
    const ids = shards.read(0, shards.length);
    const options = { blockSize: 24, batchSize: 5, seed: 3 };
    const [here, there] = [new TextBatches(ids, options), new TextBatches(shards, options)];
    const numbers = ({ ids: read, targets }: Batch) =>
      [read, targets].map((t) => [...t.dataSync()]);
    for (const step of [0, 1, 7])
      expect(numbers(there.batch(step))).toEqual(numbers(here.batch(step)));
    expect([...there.windows(7)].map(numbers)).toEqual([...here.windows(7)].map(numbers));
    shards.close();
  });

  it("names a shard that is cut or missing", () => {
    const copy = path("copy");
    mkdirSync(copy);
    for (const name of readdirSync(path("whole")))
      writeFileSync(join(copy, name), readFileSync(join(path("whole"), name)));
    truncateSync(join(copy, "train-00001.bin"), 100);
    expect(() => new TokenShards(copy)).toThrow(/train-00001\.bin: expected \d+ bytes, got 100/);
    rmSync(join(copy, "train-00001.bin"));
    expect(() => new TokenShards(copy)).toThrow(/got no such file/);
    expect(() => new TokenShards(copy, "test")).toThrow(/one of train, val, got test/);
    expect(() => new TokenShards(folder)).toThrow(/without index\.json/);
  });
});

describe("npm run data", () => {
  const limit = ["--max-old-space-size=40", "--max-semi-space-size=2"];
  const command = join(root, "dist/cli/data.js");
  beforeAll(() => {
    const build = spawnSync(process.execPath, [join(root, "tools/build.mjs")], {
      encoding: "utf8",
    });
    if (build.status !== 0) throw new Error(build.stderr);
  }, 120_000);
  const run = (args: string[], node: string[] = []) => {
    const ended = spawnSync(process.execPath, [...node, command, ...args], { cwd: folder });
    return { code: ended.status, output: `${ended.stdout}${ended.stderr}` };
  };

  it("knows the languages of llm/corpus", () => {
    expect(data.verbs.build.options.language.choices.toSorted()).toEqual(knownLanguages.toSorted());
  });

  it("builds and shows, in the same bytes as the function", () => {
    const options = ["--vocab", "400", "--val", "0.2", "--shard", "20000", "--part", "9000"];
    const built = run(["build", sources, "--out", "told", ...options]);
    expect(built.output).toMatch(/^read \d+ documents, [\d,]+ characters, from 6 files\n/);
    expect(built.output).toMatch(/left out by "near duplicate": \d\d documents/);
    expect(built.output).toMatch(/could not read .*a\.jsonl, line 51: expected JSON/);
    expect(built.output).toMatch(/cleaned [\d.]+ MB in [\d.]+ s: [\d.]+ MB\/s/);
    expect(built.code).toBe(0);
    expect(contents(path("told"))).toEqual(contents(path("whole")));
    const shown = run(["show", "told", "--split", "val", "--document", "1"]);
    expect(shown.output).toContain(textsOf(path("told"), "val")[1].slice(0, 200));
  });

  it("builds from 48 MB under a heap of 40, killed twice on the way", async () => {
    const big = path("big");
    mkdirSync(big);
    const book = mobyDick();
    // each copy of the book says it in other words, so that nothing is a duplicate
    writeFileSync(join(big, "all.jsonl"), "");
    let [documents, characters] = [0, 0];
    for (let copy = 0; statSync(join(big, "all.jsonl")).size < 48e6; copy++) {
      const other = book.replace(/[aeiou]\b/g, (vowel) => `${vowel}${copy % 7}${copy}`);
      const texts = other.match(/[\s\S]{1,6000}/g)!.map((text) => text.trim());
      documents += texts.length;
      characters += texts.join("").length;
      const lines = texts.map((text) => JSON.stringify({ text }));
      appendFileSync(join(big, "all.jsonl"), `${lines.join("\n")}\n`);
    }
    const args = ["build", "big", "--vocab", "300", "--shard", "4000000", "--seed", "5"];
    for (const seconds of [4, 8]) {
      const child = spawn(process.execPath, [...limit, command, ...args, "--out", "big-1"], {
        cwd: folder,
      });
      const ended = new Promise((done) => child.on("exit", done));
      setTimeout(() => child.kill("SIGKILL"), 1000 * seconds);
      await ended;
    }
    expect(existsSync(path("big-1/build/progress.json"))).toBe(true);
    const built = run([...args, "--out", "big-1"], limit);
    expect(built.output).toMatch(/train: [\d,]+ tokens/);
    expect(built.code).toBe(0);
    const shards = new TokenShards(path("big-1"));
    const { report, sources: listed } = shards.index as BuiltCorpus;
    expect(listed[0].bytes).toBeGreaterThan(48e6);
    expect(report.kept).toEqual({ documents, characters });
    expect(shards.length).toBeGreaterThan(20e6);
    shards.close();
  }, 400_000);

  it.each<[string[], number, RegExp]>([
    [["build"], 2, /^data build: expected files or folders, got nothing\n$/],
    [["build", "nowhere"], 1, /^data: .*nowhere: no such file or folder\n$/],
    [["build", ".", "--val", "1"], 2, /--val: expected a number from 0 to 0\.9/],
    [["build", ".", "--rules", "none,c4"], 2, /expected none alone or some of/],
    [["build", ".", "--language", "xx"], 2, /--language: expected some of en, de/],
    [["show", "sources"], 1, /expected a corpus in sources, got a folder without index\.json/],
    [["show", "told", "--document", "99999"], 1, /number from 0 to \d+, got 99999/],
  ])("answers %j with code %i, in a sentence", (args, code, message) => {
    const ended = run(args);
    expect(ended.output).toMatch(message);
    expect(ended.output).not.toMatch(/^ +at /m);
    expect(ended.code).toBe(code);
  });
});
