// Lesson 10 (data), reference answers.

export function dropReason(text: string): string | null {
  const words = text.match(/\S+/g) ?? []; // match finds nothing in an empty text, split would find ""
  if (words.length < 50) return "words";
  const mean = words.reduce((sum, word) => sum + word.length, 0) / words.length;
  if (mean < 3 || mean > 10) return "word length";
  const withLetter = words.filter((word) => /\p{L}/u.test(word)).length;
  if (withLetter < 0.8 * words.length) return "letters";
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  // The first of equal lines is no repetition: what a set leaves out is.
  const repeated = lines.length - new Set(lines).size;
  return repeated > 0.3 * lines.length ? "repetition" : null;
}

export function shingles(words: string[], size: number): string[] {
  const found = new Set<string>(); // keeps each once, and the order in which they came
  if (words.length > 0 && words.length < size) found.add(words.join(" "));
  for (let i = 0; i + size <= words.length; i++) found.add(words.slice(i, i + size).join(" "));
  return [...found];
}

export function minHash(members: number[], a: number[], b: number[], p: number): number[] {
  return a.map((factor, k) => {
    let least = p; // above every remainder, so that an empty set is like no other
    for (const x of members) least = Math.min(least, (factor * x + b[k]) % p);
    return least;
  });
}

export function candidatePairs(signatures: number[][], rows: number): [number, number][] {
  const pairs = new Set<string>();
  const length = signatures[0]?.length ?? 0;
  for (let from = 0; from < length; from += rows) {
    // One table for each band: equal numbers in different bands mean nothing.
    const buckets = new Map<string, number[]>();
    signatures.forEach((signature, document) => {
      const key = signature.slice(from, from + rows).join();
      const bucket = buckets.get(key) ?? [];
      for (const other of bucket) pairs.add(`${other},${document}`);
      buckets.set(key, [...bucket, document]);
    });
  }
  return [...pairs]
    .map((pair) => pair.split(",").map(Number) as [number, number])
    .sort(([i, j], [k, l]) => i - k || j - l);
}

export function splitGroups(drawn: boolean[], pairs: [number, number][]): boolean[] {
  const first = drawn.map((_, document) => document); // of each document's group
  for (const [i, j] of pairs) {
    const [smaller, larger] = [first[i], first[j]].sort((x, y) => x - y);
    // The whole other group moves, not only j: its members were joined to j earlier.
    first.forEach((one, document) => {
      if (one === larger) first[document] = smaller;
    });
  }
  return first.map((document) => drawn[document]);
}

export function leakedShare(train: string[], test: string[], n: number): number {
  const runs = new Set<string>();
  for (let i = 0; i + n <= train.length; i++) runs.add(train.slice(i, i + n).join(" "));
  const leaked = test.map(() => false);
  for (let i = 0; i + n <= test.length; i++)
    // Marked, not counted: neighbouring runs share words.
    if (runs.has(test.slice(i, i + n).join(" "))) leaked.fill(true, i, i + n);
  return leaked.filter(Boolean).length / Math.max(1, test.length);
}
