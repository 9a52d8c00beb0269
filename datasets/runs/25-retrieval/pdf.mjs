// The part "pdf" of record.mjs: two real PDFs, searched by their words. The Debian FAQ in English, with
// the questions of the set "debian"; the Debian New Maintainers' Guide in Chinese, with the questions of
// pdf.json. The Chinese text is also searched as pdf.js gives it, with the line breaks of the page.
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(import.meta.url);
const R = require("llm/retrieval");
const { modelFolder } = require("llm/checkpoint");

const DEPTH = 20;
const FILES = { en: "en.pdf", zh: "maint-guide.zh-cn.pdf" };

/** Letters and digits of a text with their places: lines may break anywhere in a PDF. */
function lettersOf(text) {
  const found = [...text.matchAll(/[\p{L}\p{N}]/gu)].flatMap(({ 0: letter, index }) =>
    [...letter.normalize("NFKC")].map((one) => [one, index]),
  );
  return { letters: found.map(([one]) => one).join(""), places: found.map(([, at]) => at) };
}

/** The pieces that hold at least half of the words that answer. */
function rightPieces(evidence, pieces, { letters, places }) {
  const wanted = lettersOf(evidence).letters;
  const at = letters.indexOf(wanted);
  if (at < 0) return [];
  const inside = places.slice(at, at + wanted.length);
  return pieces
    .filter(({ start, end }) => 2 * inside.filter((p) => p >= start && p < end).length >= wanted.length)
    .map(({ id }) => id);
}

/** One file: for each question the rank of the first right piece, the best sentence and its page. */
function searched(text, questions) {
  const pieces = R.structureChunks("pdf", text, { size: 800 });
  const bm25 = new R.Bm25();
  for (const piece of pieces) bm25.add(piece.id, R.searchTerms(piece.text));
  const byId = new Map(pieces.map((piece) => [piece.id, piece]));
  const read = lettersOf(text);
  const list = [];
  for (const { question, evidence } of questions) {
    const right = rightPieces(evidence, pieces, read);
    const hits = bm25.search(R.searchTerms(question), DEPTH).map(({ id }) => byId.get(id));
    const answer = R.extractedAnswer(question, hits.slice(0, 2)) ?? "";
    const page = hits.find((hit) => hit.text.includes(answer))?.headings.at(-1);
    const rank = 1 + hits.findIndex(({ id }) => right.includes(id));
    list.push({ question, rank, known: right.length > 0, text: answer, page });
  }
  return { pieces: pieces.length, list };
}

export async function recordPdf({ has, lap, write, here }) {
  const folder = modelFolder("debian-faq");
  const chinese = JSON.parse(readFileSync(new URL("pdf.json", here), "utf8"));
  const questions = {
    en: R.retrievalQuestions("debian").filter(({ document }) => document !== null),
    zh: chinese,
  };
  for (const [language, name] of Object.entries(FILES)) {
    const path = folder && join(folder, name);
    if (!path || !existsSync(path)) throw new Error(`record.mjs: ${name} is missing`);
    for (const lines of language === "zh" ? ["joined", "broken"] : ["joined"]) {
      if (has({ run: "pdf", language, lines })) continue;
      lap();
      const { text, pages } = await R.readPdf(readFileSync(path), { joinLines: lines === "joined" });
      const result = searched(text, questions[language]);
      write({ run: "pdf", language, lines, pages: pages.length, ...result, cpu: lap(1) });
    }
  }
}
