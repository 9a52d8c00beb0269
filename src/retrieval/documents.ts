// Documents to search in, and questions about them (lesson 25, retrieval): the Markdown of the course's
// own notebooks, which is always there, and the Debian FAQ in English and Chinese, which
// `node datasets/retrieval/debian.mjs` fetches (GPL-2+, not part of the course). The questions are ours;
// each names the words of its document that answer it.
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { modelFolder } from "../checkpoint";
import { courseFile } from "../data";
import type { Chunk } from "./chunks";

/** A question, and where its answer stands. */
export interface RetrievalQuestion {
  id: string;
  set: "course" | "debian" | "debian-zh";
  question: string;
  /** An answer is right if it has one of these; none if no document answers the question. */
  answers: string[];
  /** The document, and the words in it that answer; null if none does. */
  document: string | null;
  evidence: string | null;
}

/** All questions, or those of a set. */
export const retrievalQuestions = (set?: RetrievalQuestion["set"]): RetrievalQuestion[] =>
  readFileSync(courseFile("retrieval/questions.jsonl"), "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as RetrievalQuestion)
    .filter((question) => set === undefined || question.set === set);

/**
 * The Markdown of a notebook, without its code and its tags.
 * @param name such as "06-attention"
 */
export function notebookText(name: string): string {
  const path = resolve(__dirname, "../../notebooks", `${name}.ipynb`);
  const { cells } = JSON.parse(readFileSync(path, "utf8")) as {
    cells: { cell_type: string; source: string | string[] }[];
  };
  return cells
    .filter((cell) => cell.cell_type === "markdown")
    .map(({ source }) => (Array.isArray(source) ? source.join("") : source))
    .join("\n\n")
    .replace(/<\/?[a-z][^>]*>/g, " ");
}

const CJK = /[\u3000-\u9fff\uff00-\uffef]/;

/**
 * The text of the Debian FAQ as Markdown: its numbered headings as headings, its lines of 70 characters
 * joined to paragraphs, the table of contents left out.
 */
export function faqMarkdown(text: string): string {
  const lines = text.replace(/[\u00a0\u200b]/g, " ").split("\n");
  const first = lines.findIndex((line) => /^(Chapter 1\.|第 1 章)/.test(line));
  const blocks: string[] = [];
  let open = "";
  const close = () => {
    if (open) blocks.push(open);
    open = "";
  };
  for (const line of lines.slice(first)) {
    const heading = /^(Chapter \d+\.|第 \d+ 章|(?:\d+\.)+) +\S/.exec(line);
    if (heading) {
      close();
      open = `${"#".repeat(heading[1].split(".").filter(Boolean).length)} ${line}`;
    } else if (line.trim() === "" || /^-{9,}$/.test(line)) close();
    else if (/^\s*\* /.test(line)) {
      close();
      open = line.trim();
    } else {
      const next = line.trim();
      const isChinese = CJK.test(open.at(-1) ?? "") && CJK.test(next[0]);
      open = open ? `${open}${isChinese ? "" : " "}${next}` : next;
    }
  }
  close();
  return blocks.join("\n\n");
}

/** The Debian FAQ in a language, or undefined where it has not been fetched. */
export function debianFaq(language: "en" | "zh-cn"): string | undefined {
  const folder = modelFolder("debian-faq");
  const path = folder && join(folder, `${language}.txt`);
  return path && existsSync(path) ? faqMarkdown(readFileSync(path, "utf8")) : undefined;
}

/**
 * The documents of a set by their names; undefined if they have not been fetched. Of the notebooks,
 * those that the questions are about.
 */
export function retrievalDocuments(
  set: RetrievalQuestion["set"],
): ReadonlyMap<string, string> | undefined {
  if (set !== "course") {
    const text = debianFaq(set === "debian" ? "en" : "zh-cn");
    return text === undefined
      ? undefined
      : new Map([[set === "debian" ? "debian-faq" : "debian-faq-zh-cn", text]]);
  }
  const names = retrievalQuestions("course").flatMap(({ document }) => document ?? []);
  return new Map([...new Set(names)].map((name) => [name, notebookText(name)]));
}

/**
 * The pieces that hold the words of the answer, or at least half of them.
 * @throws if the words are not in the document
 */
export function rightChunks(
  { document, evidence }: Pick<RetrievalQuestion, "document" | "evidence">,
  chunks: readonly Chunk[],
  documents: ReadonlyMap<string, string>,
): string[] {
  if (document === null || evidence === null) return [];
  const text = documents.get(document) ?? "";
  const places: [number, number][] = [];
  for (let at = text.indexOf(evidence); at >= 0; at = text.indexOf(evidence, at + 1))
    places.push([at, at + evidence.length]);
  if (places.length === 0)
    throw new Error(`rightChunks: expected words of ${document}, got "${evidence}"`);
  const overlap = (chunk: Chunk, [from, to]: [number, number]) =>
    Math.min(chunk.end, to) - Math.max(chunk.start, from);
  return chunks
    .filter((chunk) => chunk.document === document)
    .filter((chunk) => places.some((place) => 2 * overlap(chunk, place) >= evidence.length))
    .map(({ id }) => id);
}
