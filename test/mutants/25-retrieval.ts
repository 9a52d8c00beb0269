// Plausible wrong answers of lesson 25 (retrieval), each with the sentence that it must be told.
import type { Mutants } from "llm/course/kit";
import * as right from "../../solutions/25-retrieval";

type Verdict = ReturnType<typeof right.citationVerdict>;

/** BM25 with something changed. */
const scored =
  (change: {
    n?: (texts: string[][], term: string) => number;
    idf?: (N: number, n: number) => number;
    terms?: (question: string[]) => string[];
    length?: (text: string[], mean: number) => number;
    weight?: (f: number, norm: number) => number;
  }) =>
  (question: string[], texts: string[][], i: number) => {
    const mean = texts.flat().length / texts.length;
    const relative = (change.length ?? ((text, of) => text.length / of))(texts[i], mean);
    const norm = 1.2 * (0.25 + 0.75 * relative);
    return (change.terms ?? ((all) => all))(question).reduce((score, term) => {
      const f = texts[i].filter((one) => one === term).length;
      const n = (change.n ?? ((all, t) => all.filter((text) => text.includes(t)).length))(
        texts,
        term,
      );
      const idf = (change.idf ?? ((N, k) => Math.log(1 + (N - k + 0.5) / (k + 0.5))))(
        texts.length,
        n,
      );
      return score + idf * (change.weight ?? ((x, y) => (2.2 * x) / (x + y)))(f, norm);
    }, 0);
  };

/** Fusion with another value of a place. */
const fused =
  (value: (i: number, ranking: string[]) => number) =>
  (rankings: string[][]): string[] => {
    const scores = new Map<string, number>();
    for (const ranking of rankings)
      for (const [i, id] of ranking.entries())
        scores.set(id, (scores.get(id) ?? 0) + value(i, ranking));
    return [...scores].sort((a, b) => b[1] - a[1]).map(([id]) => id);
  };

export const mutants: Mutants<typeof import("../../solutions/25-retrieval")> = {
  overlappingSpans: [
    {
      name: "a last piece that lies within the one before",
      told: /within the one before/,
      answer: (length, size, overlap) => {
        const spans: [number, number][] = [];
        for (let start = 0; start < length; start += size - overlap)
          spans.push([start, Math.min(start + size, length)]);
        return spans;
      },
    },
    {
      name: "pieces begin after each other, without an overlap",
      told: /size − overlap/,
      answer: (length, size) => right.overlappingSpans(length, size, 0),
    },
    {
      name: "the last piece goes beyond the end",
      told: /ends where the text ends/,
      answer: (length, size, overlap) =>
        right
          .overlappingSpans(length, size, overlap)
          .map(([start]) => [start, start + size] as [number, number]),
    },
    {
      name: "the rest is left out",
      told: /rest of the text/,
      answer: (length, size, overlap) =>
        right
          .overlappingSpans(length, size, overlap)
          .filter(([start, end]) => end - start === size),
    },
  ],
  bm25Score: [
    {
      name: "parts of words count",
      told: /whole word/,
      answer: (question, texts, i) => {
        const has = (word: string, term: string) => (word.includes(term) ? term : word);
        return question.reduce((score, term) => {
          const read = texts.map((text) => text.map((word) => has(word, term)));
          return score + right.bm25Score([term], read, i);
        }, 0);
      },
    },
    {
      name: "occurrences in place of texts",
      told: /number of texts/,
      answer: scored({ n: (texts, term) => texts.flat().filter((one) => one === term).length }),
    },
    {
      name: "the idf without 1 +",
      told: /1 \+/,
      answer: scored({ idf: (N, n) => Math.log((N - n + 0.5) / (n + 0.5)) }),
    },
    {
      name: "each term of the question once",
      told: /counts twice/,
      answer: scored({ terms: (question) => [...new Set(question)] }),
    },
    {
      name: "the length of the text is not looked at",
      told: /mean length/,
      answer: scored({ length: () => 1 }),
    },
    {
      name: "repetitions count in full",
      told: /second occurrence/,
      answer: scored({ weight: (f) => f }),
    },
  ],
  fuseRankings: [
    {
      name: "of equal ones, all first places come first",
      told: /one after the other/,
      answer: (rankings) => {
        const most = Math.max(0, ...rankings.map(({ length }) => length));
        const places = Array.from({ length: most }, (_, r) => r);
        const met = places.flatMap((r) => rankings.flatMap((ranking) => ranking[r] ?? []));
        const score = (id: string) =>
          rankings.reduce(
            (sum, all) => sum + (all.includes(id) ? 1 / (61 + all.indexOf(id)) : 0),
            0,
          );
        return [...new Set(met)].sort((a, b) => score(b) - score(a));
      },
    },
    {
      name: "scores in a plain object",
      told: /plain object/,
      answer: (rankings) => {
        const scores: Record<string, number> = {};
        for (const ranking of rankings)
          for (const [i, id] of ranking.entries()) scores[id] = (scores[id] ?? 0) + 1 / (61 + i);
        return Object.keys(scores).sort((a, b) => scores[b] - scores[a]);
      },
    },
    {
      name: "the first place is rank 0",
      told: /rank 1/,
      answer: fused((i) => 1 / (60 + i)),
    },
    {
      name: "1 / rank, without the 60",
      told: /60/,
      answer: fused((i) => 1 / (i + 1)),
    },
    {
      name: "the best rank decides alone",
      told: /sum/,
      answer: (rankings) => {
        const best = new Map<string, number>();
        for (const ranking of rankings)
          for (const [i, id] of ranking.entries()) best.set(id, Math.min(best.get(id) ?? i, i));
        return [...best].sort((a, b) => a[1] - b[1]).map(([id]) => id);
      },
    },
    {
      name: "only ids that every ranking has",
      told: /every id/,
      answer: (rankings) =>
        right
          .fuseRankings(rankings)
          .filter((id) => rankings.every((ranking) => ranking.includes(id))),
    },
  ],
  greedyWalk: [
    {
      name: "the first better neighbour is taken",
      told: /most similar/,
      answer: (links, similarity, start) => {
        const way = [start];
        for (;;) {
          const here = way[way.length - 1];
          const next = links[here].find((node) => similarity[node] > similarity[here]);
          if (next === undefined) return way;
          way.push(next);
        }
      },
    },
    {
      name: "one step only",
      told: /as long as/,
      answer: (links, similarity, start) => right.greedyWalk(links, similarity, start).slice(0, 2),
    },
    {
      name: "only where it ends",
      told: /on the way/,
      answer: (links, similarity, start) => right.greedyWalk(links, similarity, start).slice(-1),
    },
    {
      name: "all nodes are looked at",
      told: /linked/,
      answer: (_, similarity, start) => {
        const best = similarity.indexOf(Math.max(...similarity));
        return best === start ? [start] : [start, best];
      },
    },
    {
      name: "goes on to neighbours that are as similar",
      told: /more similar than/,
      answer: (links, similarity, start) => {
        const way = [start];
        while (way.length <= links.length) {
          const here = way[way.length - 1];
          const next = links[here].reduce(
            (a, b) => (a < 0 || similarity[b] > similarity[a] ? b : a),
            -1,
          );
          if (next < 0 || similarity[next] < similarity[here]) return way;
          way.push(next);
        }
        return way;
      },
    },
  ],
  citationVerdict: [
    {
      name: "parts of words count",
      told: /whole word/,
      answer: (terms, cited, passages): Verdict =>
        right.citationVerdict(
          terms,
          cited,
          passages.map((passage) => terms.filter((term) => passage.join(" ").includes(term))),
        ),
    },
    {
      name: "only the first citation is looked at",
      told: /whichever it is/,
      answer: (terms, cited, passages): Verdict => {
        const verdict = right.citationVerdict(terms, cited, passages);
        return verdict === "supported"
          ? right.citationVerdict(terms, cited.slice(0, 1), passages)
          : verdict;
      },
    },
    {
      name: "what the passage repeats counts again",
      told: /passage repeats/,
      answer: (terms, cited, passages): Verdict => {
        const verdict = right.citationVerdict(terms, cited, passages);
        if (verdict === "uncited" || verdict === "unknown") return verdict;
        const count = (n: number) => passages[n - 1].filter((term) => terms.includes(term)).length;
        const isRight = cited.some((n) => 2 * count(n) >= new Set(terms).size);
        return isRight ? "supported" : "unsupported";
      },
    },
    {
      name: "passages are counted from 0",
      told: /counted from 1/,
      answer: (terms, cited, passages): Verdict =>
        right.citationVerdict(
          terms,
          cited.map((number) => number + 1),
          passages,
        ),
    },
    {
      name: "all passages support, cited or not",
      told: /cited passages/,
      answer: (terms, cited, passages): Verdict =>
        cited.length === 0
          ? "uncited"
          : cited.some((number) => !passages[number - 1])
            ? "unknown"
            : right.citationVerdict(
                terms,
                passages.map((_, i) => i + 1),
                passages,
              ),
    },
    {
      name: "the cited passages are put together",
      told: /by itself/,
      answer: (terms, cited, passages): Verdict => {
        const verdict = right.citationVerdict(terms, cited, passages);
        if (verdict !== "unsupported") return verdict;
        return right.citationVerdict(terms, [1], [cited.flatMap((n) => passages[n - 1])]);
      },
    },
    {
      name: "repeated terms count again",
      told: /different/,
      answer: (terms, cited, passages): Verdict => {
        const verdict = right.citationVerdict(terms, cited, passages);
        if (verdict === "uncited" || verdict === "unknown") return verdict;
        const isRight = cited.some(
          (n) => 2 * terms.filter((t) => passages[n - 1].includes(t)).length >= terms.length,
        );
        return isRight ? "supported" : "unsupported";
      },
    },
    {
      name: "more than half is needed",
      told: /at least half/,
      answer: (terms, cited, passages): Verdict => {
        const verdict = right.citationVerdict(terms, cited, passages);
        if (verdict !== "supported") return verdict;
        const all = [...new Set(terms)];
        const isRight = cited.some(
          (n) => 2 * all.filter((t) => passages[n - 1].includes(t)).length > all.length,
        );
        return isRight ? "supported" : "unsupported";
      },
    },
    {
      name: "an unknown number is passed over",
      told: /no passage has/,
      answer: (terms, cited, passages): Verdict => {
        if (cited.length === 0) return "uncited";
        const known = cited.filter((number) => passages[number - 1]);
        return known.length === 0 ? "unsupported" : right.citationVerdict(terms, known, passages);
      },
    },
  ],
};
