// Lesson 21 (inference): the reference answers, each with why it is so.

export function kvBytes(
  model: { nLayer: number; nHead: number; headWidth: number; nKvHead?: number; window?: number },
  tokens: number,
  bytes: number,
): number {
  const { nLayer, nHead, headWidth, nKvHead = nHead, window = Infinity } = model;
  // Queries are used once and forgotten: their heads do not count. 2 is for a key and a value.
  const kept = Math.min(tokens, window);
  return 2 * nLayer * nKvHead * headWidth * kept * bytes;
}

export function cacheRow(position: number, table: number[], blockTokens: number): number {
  const block = table[Math.floor(position / blockTokens)] ?? -1;
  // The table translates the block; the place within it stays the same.
  return block < 0 ? -1 : block * blockTokens + (position % blockTokens);
}

export function reusedTokens(ids: number[], kept: number[][], blockTokens: number): number {
  let longest = 0;
  for (const text of kept) {
    let same = 0;
    while (same < Math.min(ids.length, text.length) && ids[same] === text[same]) same++;
    // A block that differs in its last token is another block altogether.
    longest = Math.max(longest, Math.floor(same / blockTokens) * blockTokens);
  }
  return Math.min(longest, ids.length - 1);
}

export function planStep(
  texts: { read: number; unread: number }[],
  { budget, free, blockTokens }: { budget: number; free: number; blockTokens: number },
): number[] {
  let [tokens, blocks] = [budget, free];
  return texts.map(({ read, unread }) => {
    const has = Math.ceil(read / blockTokens);
    const rows = (has + blocks) * blockTokens - read;
    const count = Math.min(unread, tokens, rows);
    tokens -= count;
    blocks -= Math.max(0, Math.ceil((read + count) / blockTokens) - has);
    return count;
  });
}

export function mergeSoftmax(
  a: { largest: number; sum: number; mixed: number[] },
  b: { largest: number; sum: number; mixed: number[] },
): { largest: number; sum: number; mixed: number[] } {
  const largest = Math.max(a.largest, b.largest);
  // What was summed relative to a smaller "largest" is too big by exp(largest − smaller).
  const [ofA, ofB] = [a, b].map((piece) =>
    piece.largest === -Infinity ? 0 : Math.exp(piece.largest - largest),
  );
  return {
    largest,
    sum: ofA * a.sum + ofB * b.sum,
    mixed: a.mixed.map((x, d) => ofA * x + ofB * b.mixed[d]),
  };
}

export function afterGuess(p: number[], q: number[], guess: number, u: number): number[] {
  if (u * q[guess] < p[guess]) return p.map((_, token) => (token === guess ? 1 : 0));
  // The guess came with probability q, so p is already paid for as far as min(p, q).
  const missing = p.map((x, token) => Math.max(0, x - q[token]));
  const sum = missing.reduce((a, b) => a + b, 0);
  return missing.map((x) => x / sum);
}
