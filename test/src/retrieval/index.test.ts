// Chunks, the index on disk, answers and their citations.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import type { ChatRequest, Embedder, LanguageModel, TextRequest } from "llm/languageModel";
import {
  checkCitations,
  chunkText,
  extractedAnswer,
  fixedChunks,
  groundedAnswer,
  groundedPrompt,
  Hnsw,
  SearchIndex,
  searchTerms,
  sentenceChunks,
  structureChunks,
  UNKNOWN,
} from "llm/retrieval";
import { describe, expect, test } from "vitest";

const story =
  "The ship sailed. Nobody saw it! Was it lost?\n\nA week later it came back. 船回来了。大家都很高兴。";

describe("chunks", () => {
  const sizes = fc.record({
    size: fc.integer({ min: 8, max: 60 }),
    part: fc.double({ min: 0, max: 0.8, noNaN: true }),
  });
  const anyText = fc
    .array(
      fc.oneof(fc.constantFrom(". ", "! ", "\n\n", " ", "。", "# T\n", "\n", "🐳"), fc.string()),
      { maxLength: 40 },
    )
    .map((parts) => parts.join(""));

  test("no character is lost, none is longer than it may be, and each stands where it says", () => {
    const property = fc.property(anyText, sizes, (text, { size, part }) => {
      const options = { size, overlap: Math.floor(part * size) };
      for (const cut of [fixedChunks, sentenceChunks, structureChunks]) {
        const chunks = cut("doc", text, options);
        const covered = new Set<number>();
        for (const [i, chunk] of chunks.entries()) {
          expect(chunk.id).toBe(`doc#${i}`);
          expect(chunk.text).toBe(text.slice(chunk.start, chunk.end));
          expect(chunk.text.trim()).toBe(chunk.text);
          expect(chunk.text.length).toBeLessThanOrEqual(size + 1); // one more where a character has two units
          for (let at = chunk.start; at < chunk.end; at++) covered.add(at);
        }
        if (cut === structureChunks) continue; // headings are not part of the text
        for (let at = 0; at < text.length; at++)
          if (text[at].trim() !== "") expect(covered.has(at), `place ${at}`).toBe(true);
      }
    });
    fc.assert(property, { numRuns: 300, seed: 25 });
  });

  test("fixed ones overlap; sentences stay whole; a character is not cut in two", () => {
    expect(fixedChunks("d", "abcdefghij", { size: 4, overlap: 1 }).map(({ text }) => text)).toEqual(
      [...["abcd", "defg", "ghij"]],
    );
    expect(fixedChunks("d", "ab🐳cd", { size: 3 }).map(({ text }) => text)).toEqual(["ab", "🐳cd"]);
    expect(sentenceChunks("d", story, { size: 34 }).map(({ text }) => text)).toEqual([
      ...[
        "The ship sailed. Nobody saw it!",
        "Was it lost?",
        "A week later it came back. 船回来了。",
      ],
      "大家都很高兴。",
    ]);
    const overlapping = sentenceChunks("d", story, { size: 34, overlap: 16 });
    expect(overlapping[1].text).toBe("Nobody saw it! Was it lost?");
  });

  test("along headings, which stand above each piece; not within code", () => {
    const text = "Before.\n# A\nOne.\n## B\nTwo.\n```\n# no heading\n```\n## C\n\n# D ##\nThree.\n";
    const chunks = structureChunks("d", text);
    expect(chunks.map(({ headings }) => headings)).toEqual([[], ["A"], ["A", "B"], ["D"]]);
    expect(chunks[2].text).toContain("# no heading");
    expect(chunkText(chunks[2])).toBe(`A › B\n${chunks[2].text}`);
  });

  test("sizes that make no sense are refused", () => {
    expect(() => fixedChunks("d", "x", { size: 0 })).toThrow("a size of 1 or more, got 0");
    expect(() => fixedChunks("d", "x", { size: 4, overlap: 4 })).toThrow(
      "overlap from 0 to 3, got 4",
    );
  });
});

/** Vectors by the letters of a text. */
function letters(): Embedder & { asked: string[]; fail?: boolean } {
  return {
    ...{ name: "letters", dimensions: 26, asked: [] as string[], fail: false },
    async embed(texts) {
      if (this.fail) throw new Error("no vectors today");
      this.asked.push(...texts);
      return texts.map((text) => {
        const vector = new Float32Array(26);
        for (const c of text.toLowerCase()) {
          const i = c.charCodeAt(0) - 97;
          if (i >= 0 && i < 26) vector[i]++;
        }
        return { vector, tokens: text.length };
      });
    },
    dispose: () => {},
  };
}

const pages = {
  cats: "# Cats\nCats sleep most of the day. They hunt mice at night.",
  ships:
    "# Ships\nA ship needs wind. The captain waits for it.\n## Harbour\nShips lie in the harbour in winter.",
};
const filled = async (embedder?: Embedder) => {
  const index = new SearchIndex({ embedder });
  for (const [name, text] of Object.entries(pages)) await index.put(name, text);
  return index;
};

describe("the index", () => {
  test("finds by words, by vectors, and by both", async () => {
    const index = await filled(letters());
    expect(index.size).toBe(3);
    for (const method of ["words", "vectors", "hybrid"] as const) {
      const [first] = await index.search("harbour in winter", { method });
      expect(first).toMatchObject({ document: "ships", headings: ["Ships", "Harbour"] });
    }
    expect(await index.search("harbour", { k: 1 })).toHaveLength(1);
    const words = await filled();
    expect((await words.search("mice"))[0].document).toBe("cats");
    await expect(words.search("mice", { method: "vectors" })).rejects.toThrow(
      "expected an embedder",
    );
  });

  test("a document is replaced, taken out, and not read again if it is the same", async () => {
    const embedder = letters();
    const index = await filled(embedder);
    const before = embedder.asked.length;
    expect(await index.put("cats", pages.cats)).toBe(0);
    expect(embedder.asked.length).toBe(before);
    expect(await index.put("cats", "# Cats\nA tiger is a large cat.")).toBe(1);
    expect(await index.search("mice", { method: "words" })).toEqual([]);
    expect((await index.search("tiger", { method: "words" }))[0].id).toBe("cats#0");
    index.remove("cats");
    expect(index.names).toEqual(["ships"]);
    expect(await index.search("tiger", { method: "words" })).toEqual([]);
    expect(() => index.remove("cats")).toThrow("expected a known document, got cats");
  });

  test("where the embedder fails, the index is as it was", async () => {
    const embedder = letters();
    const index = await filled(embedder);
    embedder.fail = true;
    await expect(index.put("cats", "new text")).rejects.toThrow("no vectors today");
    expect((await index.search("mice", { method: "words" }))[0].document).toBe("cats");
  });

  test("lies in a file, and finds the same afterwards, with another kind of vectors too", async () => {
    const file = join(mkdtempSync(join(tmpdir(), "index-")), "index.json");
    const [embedder, question] = [letters(), "captain and wind"];
    const index = await filled(embedder);
    index.save(file);
    const asked = embedder.asked.length;
    const vectors = (n: number) => new Hnsw(n, { seed: 1 });
    for (const again of [
      SearchIndex.load(file, { embedder }),
      SearchIndex.load(file, { embedder, vectors }),
    ]) {
      const [found, expected] = await Promise.all([again.search(question), index.search(question)]);
      expect(found.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
      expect(await again.put("cats", pages.cats)).toBe(0);
    }
    expect(embedder.asked.length).toBe(asked + 4); // the questions alone
    expect(() => SearchIndex.load(file)).toThrow(
      "expected vectors of no embedder, got those of letters",
    );
    writeFileSync(file, readFileSync(file, "utf8").slice(0, 200));
    expect(() => SearchIndex.load(file, { embedder })).toThrow("SearchIndex.load: ");
    writeFileSync(file, "{}");
    expect(() => SearchIndex.load(file)).toThrow("expected a search index");
  });

  test("a process that is killed while it writes leaves the old file or the new one", async () => {
    const folder = mkdtempSync(join(tmpdir(), "index-"));
    const file = join(folder, "index.json");
    const root = join(__dirname, "../../..");
    const program = `
      const { SearchIndex } = require("llm/retrieval");
      (async () => {
        const index = new SearchIndex();
        for (let n = 0; ; n++) {
          await index.put("page", ("word" + n + " ").repeat(200000));
          index.save(${JSON.stringify(file)});
          if (n === 0) process.stdout.write("saved");
        }
      })();`;
    for (const after of [900, 1100]) {
      spawnSync(process.execPath, ["-e", program], {
        cwd: root,
        timeout: after,
        killSignal: "SIGKILL",
      });
      if (!readdirSync(folder).includes("index.json")) continue; // killed before the first one
      expect(SearchIndex.load(file).names).toEqual(["page"]);
    }
  });
});

/** Says what it is told to, and keeps what it was asked. */
function saying(text: string): LanguageModel & { asked: TextRequest[] } {
  return {
    ...{ name: "saying", contextLength: 1000, asked: [] as TextRequest[] },
    countTokens: (some) => some.length,
    write(request) {
      this.asked.push(request);
      const usage = { promptTokens: 9, completionTokens: 3, cachedTokens: 0 };
      const written = { text, reason: "stop" as const, tokens: [], promptTokens: [], usage };
      return [
        {
          done: Promise.resolve(written),
          cancel: () => {},
          async *[Symbol.asyncIterator]() {
            yield { text, tokens: [] };
          },
        },
      ];
    },
  };
}

describe("answers", () => {
  test("stand on numbered passages, and their citations are checked", async () => {
    const passages = await (await filled()).search("Where do ships lie in winter?");
    const model = saying(" They lie in the harbour in winter [1]. ");
    const answer = await groundedAnswer(model, "Where do ships lie in winter?", passages);
    expect(answer.text).toBe("They lie in the harbour in winter [1].");
    expect(answer.sentences).toMatchObject([{ cited: [1], verdict: "supported" }]);
    const [{ content }] = (model.asked[0] as ChatRequest).messages;
    expect(content).toBe(groundedPrompt("Where do ships lie in winter?", answer.passages));
    expect(content).toContain("[1] Ships › Harbour\nShips lie in the harbour in winter.");
  });

  test("where nothing fits, the model is not asked", async () => {
    const model = saying("Paris.");
    expect(await groundedAnswer(model, "?", [])).toMatchObject({ text: UNKNOWN, passages: [] });
    const passages = await (await filled()).search("ships");
    const strict = { leastScore: passages[0].score + 1 };
    expect((await groundedAnswer(model, "?", passages, strict)).text).toBe(UNKNOWN);
    expect(model.asked).toEqual([]);
  });

  test("only passages that fit into the room are shown", async () => {
    const passages = await (await filled()).search("ships wind harbour cats", { k: 3 });
    const shown = async (room: number) =>
      (await groundedAnswer(saying("x"), "?", passages, { room })).passages.map(
        ({ text }) => text.length,
      );
    expect(await shown(10)).toEqual([10]);
    expect(await shown(chunkText(passages[0]).length)).toHaveLength(1);
    expect(await shown(10_000)).toHaveLength(3);
  });

  test("citations: supported, unsupported, missing, of no passage", () => {
    const passages = ["Debian is a free operating system.", "Its kernel is Linux."];
    const verdicts = (answer: string) =>
      checkCitations(answer, passages).map(({ verdict }) => verdict);
    expect(verdicts("Debian is a free system [1]. The kernel is called Linux. [2]")).toEqual([
      ...["supported", "supported"],
    ]);
    expect(verdicts("Debian was founded by pirates in Lisbon [1].")).toEqual(["unsupported"]);
    expect(verdicts("The kernel is Linux [1].")).toEqual(["unsupported"]);
    expect(verdicts("The kernel is Linux [1][2].")).toEqual(["supported"]);
    expect(verdicts("The kernel is Linux. It is free [7].")).toEqual(["uncited", "unknown"]);
    expect(verdicts("[1]")).toEqual([]);
    // what it cannot see: the opposite in the same words
    expect(verdicts("Debian is not a free operating system [1].")).toEqual(["supported"]);
    expect(checkCitations("内核是[2]。", ["", "它的内核是 Linux"])[0].verdict).toBe("supported");
  });

  test("the sentence that fits a question best, in two languages", () => {
    const text = "The ship sailed. 船回来了。大家都很高兴。The captain was tired of the sea.";
    expect(extractedAnswer("Who was tired?", [{ text }])).toBe("The captain was tired of the sea.");
    expect(extractedAnswer("大家高兴吗？", [{ text }])).toBe("大家都很高兴。");
    expect(extractedAnswer("zebra", [{ text }])).toBeUndefined();
    expect(searchTerms("高兴")).toEqual(["高兴"]);
  });
});
