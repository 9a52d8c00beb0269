// Lesson 09 (pretraining objectives), reference answers.

export function prefixMask(T: number, prefix: number): number[][] {
  const places = Array.from({ length: T }, (_, i) => i);
  // "or": a position of the prefix is seen even by those before it.
  return places.map((i) => places.map((j) => (j < prefix || j <= i ? 1 : 0)));
}

export function maskTokens(
  ids: number[],
  chosen: number[],
  draws: number[],
  randomIds: number[],
  mask: number,
): number[] {
  const read = [...ids]; // the text itself is still needed: it is what must be predicted
  chosen.forEach((position, k) => {
    if (draws[k] < 0.8) read[position] = mask;
    else if (draws[k] < 0.9) read[position] = randomIds[k]; // from 0.8 to 0.9: one in ten
  });
  return read;
}

export function corruptSpans(
  ids: number[],
  spans: [number, number][],
  sentinels: number[],
): { inputs: number[]; targets: number[] } {
  const inputs: number[] = [];
  const targets: number[] = [];
  let at = 0; // how much of the text is dealt with
  spans.forEach(([start, end], k) => {
    inputs.push(...ids.slice(at, start), sentinels[k]);
    targets.push(sentinels[k], ...ids.slice(start, end));
    at = end;
  });
  inputs.push(...ids.slice(at));
  targets.push(sentinels[spans.length]); // says that the last span has ended
  return { inputs, targets };
}

export function blankPositions(
  T: number,
  spans: [number, number][],
  order: number[],
): { positions: number[]; blankPositions: number[] } {
  let removed = 0; // by how much the text before this span has become shorter
  const maskAt = spans.map(([start, end]) => {
    const place = start - removed;
    removed += end - start - 1; // the span goes, one [MASK] comes
    return place;
  });
  const positions = Array.from({ length: T - removed }, (_, i) => i);
  const blankPositions = positions.map(() => 0);
  for (const k of order) {
    const [start, end] = spans[k];
    for (let place = 1; place <= end - start + 1; place++) {
      positions.push(maskAt[k]); // one more than there are tokens, because of the [START]
      blankPositions.push(place);
    }
  }
  return { positions, blankPositions };
}

export function diffusionLoss(surprise: number[][], hidden: boolean[][], t: number[]): number {
  const rows = surprise.map((row, b) => {
    const sum = row.reduce((total, s, i) => total + (hidden[b][i] ? s : 0), 0);
    // Divided by T, not by the number of hidden tokens: that is what 1/t corrects for, on average.
    return sum / (t[b] * row.length);
  });
  return rows.reduce((a, b) => a + b, 0) / rows.length;
}

export function unmaskStep(
  ids: number[],
  probabilities: number[][],
  mask: number,
  count: number,
): number[] {
  const hidden = ids.flatMap((id, position) => {
    if (id !== mask) return [];
    const p = Math.max(...probabilities[position]);
    return [{ position, p, best: probabilities[position].indexOf(p) }]; // indexOf: the first of equals
  });
  hidden.sort((a, b) => b.p - a.p); // stable: equals keep their order from left to right
  const next = [...ids];
  for (const { position, best } of hidden.slice(0, count)) next[position] = best;
  return next;
}
