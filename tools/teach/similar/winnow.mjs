// Winnowing (Schleimer, Wilkerson & Aiken, "Winnowing: Local Algorithms for Document
// Fingerprinting", 2003): of every run of words the smallest hash in a window is kept, so that a
// passage of `RUN + WINDOW − 1` words that two texts share is always found, and most hashes are not
// stored.

/** Words in a run, and runs in a window: a shared passage of 11 words is always found. */
export const RUN = 8;
export const WINDOW = 4;

/** FNV-1a, 32 bits. */
function hash(text) {
  let h = 2166136261;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 16777619);
  return h >>> 0;
}

/**
 * The fingerprints of a text.
 * @param words `[{ word, line }]`
 * @returns Map from fingerprint to the lines on which its run of words stands, `[first, last]`
 */
export function fingerprints(words) {
  const runs = [];
  for (let i = 0; i + RUN <= words.length; i++) {
    const run = words.slice(i, i + RUN);
    const lines = [run[0].line, run[RUN - 1].line];
    runs.push({ hash: hash(run.map(({ word }) => word).join(" ")), lines });
  }
  const kept = new Map();
  for (let i = 0; i < Math.max(1, runs.length - WINDOW + 1) && runs.length; i++) {
    // The rightmost of equal ones, as in the paper.
    const least = runs.slice(i, i + WINDOW).reduce((a, b) => (b.hash <= a.hash ? b : a));
    if (!kept.has(least.hash)) kept.set(least.hash, least.lines);
  }
  return kept;
}
