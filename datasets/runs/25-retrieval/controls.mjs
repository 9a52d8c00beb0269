// The part "controls" of record.mjs: what the reading of the page asked for afterwards (28
// November), from the answers that are recorded; no model is run. No claim is about it.
//
// support  the answers with two passages, supported by the better one alone: is more of them supported
//          than with the gold passage only because two passages have more words?
// gate     a passage before a question about the facts only where BM25's best score reaches a threshold,
//          chosen on one half of the questions (as taught, and every second one about other things) and
//          tested on the other: what would "no passage where none fits" give back?
// found    for how many questions about the facts the best passage is the right one
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const R = require("llm/retrieval");

/** The share of an answer's sentences that a text supports, as the part "answers" counts it. */
function supportOf(answer, passage) {
  const checks = R.sentenceSpans(answer).flatMap(({ start, end }) =>
    R.checkCitations(`${answer.slice(start, end).trim()} [1]`, [passage]),
  );
  const supported = checks.filter(({ verdict }) => verdict === "supported").length;
  return supported / Math.max(1, checks.length);
}

const mean = (list) => list.reduce((sum, x) => sum + x, 0) / list.length;

function recordSupport({ write, searchers, questionsOf, runs }) {
  for (const set of ["debian", "course"]) {
    const own = searchers(set, "structure");
    const { list } = runs.find((one) => one.run === "answers" && one.set === set && one.how === "words");
    const byId = new Map(questionsOf(set).map((q) => [q.id, q]));
    const both = [];
    const better = [];
    for (const { id, text } of list) {
      const shown = own
        .words(byId.get(id).question, 2)
        .map((hit) => R.chunkText(own.byId.get(hit.id)).slice(0, 700));
      both.push(supportOf(text, shown.join("\n")));
      better.push(Math.max(...shown.map((one) => supportOf(text, one))));
    }
    write({ run: "support", set, both: mean(both), better: mean(better) });
  }
}

function recordGate({ write, isRight, facts, searchers, runs }) {
  const pages = searchers("course", "structure").chunks.map(R.chunkText);
  const passages = [...facts.facts.map(({ passage }) => passage), ...pages];
  const bm25 = new R.Bm25();
  for (const [i, text] of passages.entries()) bm25.add(String(i), R.searchTerms(text));
  const best = (question) => bm25.search(R.searchTerms(question), 1)[0] ?? { id: "-1", score: 0 };
  const sets = {
    asked: facts.facts.map(({ asked, answer }, i) => [asked, answer, i]),
    again: facts.facts.flatMap(({ again, answer }, i) => again.map((one) => [one, answer, i])),
    general: facts.general.map(([question, answer]) => [question, answer, -1]),
  };
  const [none, retrieval] = ["none", "retrieval"].map((how) =>
    runs.find((one) => one.run === "facts" && one.how === how),
  );
  const rows = Object.entries(sets).flatMap(([set, list]) =>
    list.map(([question, answer, fact], i) => {
      const hit = best(question);
      const right = [none, retrieval].map((run) => isRight(run[`${set} texts`][i], answer.split("|")));
      return { ...{ set, i, score: hit.score, isFound: Number(hit.id) === fact, right: right.map(Number) } };
    }),
  );
  const halves = (row) => row.set === "asked" || (row.set === "general" && row.i % 2 === 0);
  const [chosen, tested] = [rows.filter(halves), rows.filter((row) => !halves(row))];
  const rightAt = (list, t) => list.reduce((sum, { score, right }) => sum + right[score >= t ? 1 : 0], 0);
  const thresholds = chosen.map(({ score }) => score).sort((a, b) => a - b);
  const threshold = thresholds.reduce((a, b) => (rightAt(chosen, b) > rightAt(chosen, a) ? b : a));
  const count = (set, t) => {
    const list = tested.filter((row) => row.set === set);
    return [rightAt(list, t), list.length];
  };
  const at = (t) => ({ again: count("again", t), general: count("general", t) });
  const line = { threshold, gated: at(threshold), always: at(0), never: at(Number.POSITIVE_INFINITY) };
  const found = rows.filter(({ set }) => set !== "general");
  write({ run: "gate", ...line, found: [found.filter(({ isFound }) => isFound).length, found.length] });
}

export async function recordControls(given) {
  if (!given.has({ run: "support" })) recordSupport(given);
  if (!given.has({ run: "gate" })) recordGate(given);
}
