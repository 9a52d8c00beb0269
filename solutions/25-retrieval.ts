// Lesson 25 (retrieval), reference answers.

export function overlappingSpans(
  length: number,
  size: number,
  overlap: number,
): [start: number, end: number][] {
  const spans: [number, number][] = [];
  for (let start = 0; start < length; start += size - overlap) {
    const end = Math.min(start + size, length);
    spans.push([start, end]);
    // Another piece would lie within this one: nothing in it would be new.
    if (end === length) break;
  }
  return spans;
}

export function bm25Score(question: string[], texts: string[][], i: number): number {
  const mean = texts.reduce((sum, text) => sum + text.length, 0) / texts.length;
  const norm = 1.2 * (0.25 + (0.75 * texts[i].length) / mean);
  return question.reduce((score, term) => {
    const f = texts[i].filter((one) => one === term).length;
    // n counts texts, not occurrences: a word that one text repeats is still rare.
    const n = texts.filter((text) => text.includes(term)).length;
    const idf = Math.log(1 + (texts.length - n + 0.5) / (n + 0.5));
    return score + (idf * 2.2 * f) / (f + norm);
  }, 0);
}

export function fuseRankings(rankings: string[][]): string[] {
  const scores = new Map<string, number>();
  for (const ranking of rankings)
    for (const [i, id] of ranking.entries())
      scores.set(id, (scores.get(id) ?? 0) + 1 / (60 + i + 1));
  // A Map keeps the order in which ids came, and sorting keeps the order of equals.
  return [...scores].sort((a, b) => b[1] - a[1]).map(([id]) => id);
}

export function greedyWalk(links: number[][], similarity: number[], start: number): number[] {
  const way = [start];
  for (;;) {
    const here = way[way.length - 1];
    // Starting with the node itself: a neighbour has to be strictly better, so the walk must end.
    const best = links[here].reduce((a, b) => (similarity[b] > similarity[a] ? b : a), here);
    if (best === here) return way;
    way.push(best);
  }
}

export function citationVerdict(
  terms: string[],
  cited: number[],
  passages: string[][],
): "uncited" | "unknown" | "supported" | "unsupported" {
  if (cited.length === 0) return "uncited";
  if (cited.some((number) => passages[number - 1] === undefined)) return "unknown";
  const different = [...new Set(terms)];
  // Each passage by itself: half here and half there may be two halves of different statements.
  const isSupported = cited.some((number) => {
    const shared = different.filter((term) => passages[number - 1].includes(term));
    return 2 * shared.length >= different.length;
  });
  return isSupported ? "supported" : "unsupported";
}
