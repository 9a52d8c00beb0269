// Lesson 04 (tokenization), reference answers.

export function pairCounts(words: number[][], counts: number[]): Map<string, number> {
  const pairs = new Map<string, number>();
  words.forEach((ids, w) => {
    // Each word by itself, so that no pair reaches from one word into the next.
    for (let i = 0; i + 1 < ids.length; i++) {
      const key = `${ids[i]},${ids[i + 1]}`;
      pairs.set(key, (pairs.get(key) ?? 0) + counts[w]); // every place of it, times every copy
    }
  });
  return pairs;
}

export function mergePair(ids: number[], left: number, right: number, id: number): number[] {
  const joined: number[] = [];
  for (let i = 0; i < ids.length; i++) {
    if (ids[i] === left && ids[i + 1] === right) {
      joined.push(id);
      i++; // the right one is used up; in 7 7 7 the middle 7 must not be joined twice
    } else joined.push(ids[i]);
  }
  return joined;
}

export function trainBpe(words: ReadonlyMap<string, number>, merges: number): [number, number][] {
  const encoder = new TextEncoder();
  let tokens = [...words.keys()].map((word) => [...encoder.encode(word)]);
  const counts = [...words.values()];
  const learned: [number, number][] = [];
  while (learned.length < merges) {
    // Counted anew each time: a merge makes new pairs and breaks old ones. (llm/tokenizer keeps the
    // counts up to date instead, which is faster and gives the same pairs.)
    let best: [left: number, right: number, count: number] | undefined;
    for (const [key, count] of pairCounts(tokens, counts)) {
      const [left, right] = key.split(",").map(Number); // numbers: as text, "10" comes before "9"
      const better =
        best === undefined ||
        count > best[2] ||
        (count === best[2] && (left < best[0] || (left === best[0] && right < best[1])));
      if (better) best = [left, right, count];
    }
    if (best === undefined) break;
    const [left, right] = best;
    const id = 256 + learned.length;
    tokens = tokens.map((ids) => mergePair(ids, left, right, id));
    learned.push([left, right]);
  }
  return learned;
}

export function encodeBpe(word: string, merges: [number, number][]): number[] {
  let ids = [...new TextEncoder().encode(word)];
  // Once through the list is enough: a pair that contains the token 256 + i was learned after it.
  merges.forEach(([left, right], i) => {
    ids = mergePair(ids, left, right, 256 + i);
  });
  return ids;
}

export function wordPiece(word: string, vocabulary: ReadonlyMap<string, number>): string[] {
  const characters = [...word];
  const pieces: string[] = [];
  let start = 0;
  while (start < characters.length) {
    const prefix = start === 0 ? "" : "##";
    let end = characters.length;
    // Longest first. What this costs later is not looked at: that is what "greedy" means.
    while (end > start && !vocabulary.has(prefix + characters.slice(start, end).join(""))) end--;
    if (end === start) return ["[UNK]"]; // one place without a piece makes the whole word unknown
    pieces.push(prefix + characters.slice(start, end).join(""));
    start = end;
  }
  return pieces;
}

export function viterbi(word: string, scores: ReadonlyMap<string, number>): string[] {
  const characters = [...word];
  const best: { score: number; from: number }[] = [{ score: 0, from: 0 }];
  for (let t = 1; t <= characters.length; t++) {
    best[t] = { score: Number.NEGATIVE_INFINITY, from: 0 };
    for (let s = 0; s < t; s++) {
      const score = scores.get(characters.slice(s, t).join(""));
      // best[s] is final by now, because s < t: whatever follows, no better way leads to s.
      if (score !== undefined && best[s].score + score > best[t].score)
        best[t] = { score: best[s].score + score, from: s };
    }
  }
  const pieces: string[] = [];
  // Only at the end of the word is it known which places the best cut goes through: walk back.
  for (let t = characters.length; t > 0; t = best[t].from)
    pieces.unshift(characters.slice(best[t].from, t).join(""));
  return pieces;
}
