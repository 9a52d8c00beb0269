// The documents and questions of lesson 25 (retrieval), own embeddings, re-ranking, PDF.
import { readFileSync } from "node:fs";
import { courseFile } from "llm/data";
import type { LanguageModel, TextRequest } from "llm/languageModel";
import {
  chunkText,
  faqMarkdown,
  fixedChunks,
  notebookText,
  ownEmbedder,
  pagesText,
  readPdf,
  rerankByLikelihood,
  rerankBySentences,
  retrievalDocuments,
  retrievalQuestions,
  rightChunks,
  SearchIndex,
  sentenceChunks,
  structureChunks,
} from "llm/retrieval";
import { PDFDocument } from "pdf-lib";
import { describe, expect, test } from "vitest";

describe("the questions", () => {
  test("there are more than a hundred, with different ids", () => {
    const all = retrievalQuestions();
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    expect(all.filter(({ document }) => document !== null).length).toBeGreaterThanOrEqual(100);
    for (const { document, evidence, answers } of all)
      expect([evidence !== null, answers.length > 0]).toEqual(Array(2).fill(document !== null));
  });

  test("their words stand in the documents that are there, in one to three pieces", () => {
    for (const set of ["course", "debian", "debian-zh"] as const) {
      const documents = retrievalDocuments(set);
      if (!documents) continue; // the Debian FAQ has to be fetched
      for (const cut of [fixedChunks, sentenceChunks, structureChunks]) {
        const chunks = [...documents].flatMap(([name, text]) => cut(name, text, { size: 800 }));
        for (const question of retrievalQuestions(set).filter(({ document }) => document)) {
          const right = rightChunks(question, chunks, documents);
          expect(right.length, `${question.id} with ${cut.name}`).toBeGreaterThanOrEqual(1);
          expect(right.length, `${question.id} with ${cut.name}`).toBeLessThanOrEqual(3);
        }
      }
    }
  });

  test("a piece is right with half of the words", () => {
    const documents = new Map([["d", "one two three four"]]);
    const chunks = fixedChunks("d", "one two three four", { size: 9 });
    const right = (evidence: string) => rightChunks({ document: "d", evidence }, chunks, documents);
    expect(right("one two")).toEqual(["d#0"]);
    expect(right("three four")).toEqual(["d#1"]);
    expect(right("two three")).toEqual(["d#0"]); // 5 of its characters lie in the first, 4 in the second
    expect(() => right("five")).toThrow('expected words of d, got "five"');
  });
});

test("the FAQ's text becomes Markdown", () => {
  const text = [
    "1. Contents",
    "Chapter\u00a01.\u00a0Definitions",
    "",
    "1.1.\u00a0What is this, and",
    "why?",
    "",
    "    A line that",
    "    goes on.",
    "",
    "      * an item",
    "        of two lines",
    "      * another",
    "---------------------------------",
    "第 2 章 安装",
    "",
    "    中文不",
    "    用空格",
  ].join("\n");
  expect(faqMarkdown(text).split("\n\n")).toEqual([
    "# Chapter 1. Definitions",
    "## 1.1. What is this, and why?",
    "A line that goes on.",
    "* an item of two lines",
    "* another",
    "# 第 2 章 安装",
    "中文不用空格",
  ]);
});

test("a notebook's text has its headings and no code", () => {
  const text = notebookText("06-attention");
  expect(text).toMatch(/^# 06/);
  expect(text).not.toContain("await learner");
  expect(text).not.toMatch(/<details>/);
});

const LINES = [
  "the cat sleeps on the mat and the kitten sleeps beside the cat",
  "the kitten drinks milk and the cat drinks milk",
  "a ship sails on the sea and the captain looks at the sea",
  "the captain of the ship and the sailor look at the waves of the sea",
];

describe("own embeddings", () => {
  test("are deterministic, of length 1, and know what stands together", async () => {
    const texts = Array.from({ length: 100 }, () => LINES).flat();
    const embedder = ownEmbedder(texts, { seed: 3, D: 16, epochs: 10 });
    const again = ownEmbedder(texts, { seed: 3, D: 16, epochs: 10 });
    const words = ["the kitten", "cat milk", "sailor waves", "unheard"];
    const [kitten, cat, sailor, unknown] = await embedder.embed(words);
    expect((await again.embed(words))[0].vector).toEqual(kitten.vector);
    const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, x, i) => sum + x * b[i], 0);
    expect(dot(kitten.vector, kitten.vector)).toBeCloseTo(1, 5);
    expect(dot(kitten.vector, cat.vector)).toBeGreaterThan(dot(kitten.vector, sailor.vector));
    expect([...unknown.vector].every((x) => x === 0)).toBe(true);
  });

  test("find and re-rank in an index", async () => {
    const embedder = ownEmbedder(
      LINES.map((line) => `${line} ${line}`),
      { seed: 1, D: 8 },
    );
    const index = new SearchIndex({ embedder });
    for (const [i, line] of LINES.entries()) await index.put(`d${i}`, line);
    const found = await index.search("ship captain", { k: 4 });
    expect(["d2", "d3"]).toContain(found[0].document);
    const ranked = await rerankBySentences(embedder, "ship captain", [
      { ...found[0], id: "x#0", text: "The cat drinks milk. The captain and the ship." },
      { ...found[0], id: "y#0", text: "The kitten sleeps." },
    ]);
    expect(ranked.map(({ id }) => id)).toEqual(["x#0", "y#0"]);
    expect(ranked[0].score).toBeGreaterThan(ranked[1].score);
  });

  test("re-ranking by likelihood reads the question behind the passage, token by token", async () => {
    const prompts: string[] = [];
    const model: LanguageModel = {
      ...{ name: "fake", contextLength: 99, countTokens: (text: string) => text.split(" ").length },
      write: (request: TextRequest) => {
        const prompt = "prompt" in request ? String(request.prompt) : "";
        prompts.push(prompt);
        const promptTokens = prompt.split(" ").map((token) => ({
          ...{ id: 0, token, top: [] },
          logprob: prompt.includes("harbour") ? -1 : -3,
        }));
        const usage = { promptTokens: 0, completionTokens: 0, cachedTokens: 0 };
        const written = { text: "", reason: "length" as const, tokens: [], promptTokens, usage };
        return [{ done: Promise.resolve(written), cancel: () => {} } as never];
      },
    };
    const chunk = { document: "d", headings: [], start: 0, end: 1, score: 0 };
    const found = ["a field", "the harbour"].map((text, i) => ({ ...chunk, id: `d#${i}`, text }));
    const ranked = await rerankByLikelihood(model, "where is it", found);
    expect(ranked.map(({ id, score }) => [id, score])).toEqual([
      ["d#1", -1],
      ["d#0", -3],
    ]);
    expect(prompts[0]).toContain("a field");
    expect(prompts[0].endsWith(" where is it")).toBe(true);
  });
});

describe("PDF", () => {
  test("the handbook is read page by page", async () => {
    const { pages, text } = await readPdf(readFileSync(courseFile("retrieval/handbook.pdf")));
    expect(pages).toHaveLength(3);
    expect(pages[1]).toContain("The first ferry to Osselby leaves at 6:15");
    const chunk = structureChunks("handbook", text).find((one) => one.text.includes("fuses"));
    expect(chunk?.headings).toEqual(["Page 3"]);
    expect(chunkText(chunk as never)).toContain("Page 3\n");
  });

  test("lines of Chinese are joined, others are not; a comment on a page is no heading", () => {
    const printed = ["检索系\n统。\n下一行 is\nlong", "$ cat x\n# (C) 2011\n#!/bin/sh"];
    const { pages, text } = pagesText(printed);
    expect(pages[0]).toBe("检索系统。下一行 is\nlong");
    expect(pagesText(printed, { joinLines: false }).pages).toEqual(printed);
    const headings = structureChunks("d", text).map((chunk) => chunk.headings.join());
    expect(headings).toEqual(["Page 1", "Page 2"]);
  });

  test("what has no text is refused", async () => {
    const empty = await PDFDocument.create();
    empty.addPage();
    await expect(readPdf(await empty.save())).rejects.toThrow("got 0 letters on 1 pages");
    await expect(readPdf(new Uint8Array([1, 2, 3]))).rejects.toThrow("expected a PDF");
  });
});
