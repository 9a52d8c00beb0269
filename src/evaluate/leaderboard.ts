// A leaderboard that says how sure it is. Every model has one or more runs (seeds), each with one
// figure for every document. An interval comes from drawing documents and runs again; two models are
// compared on the same drawn documents, because a hard document is hard for both. The page of it is
// in ./page.
import type { Random } from "../random";
import { quantile } from "../statistics";
import type { Interval } from "./bootstrap";

/** A model's runs. */
export interface Entry {
  name: string;
  /** For each run, −Σ ln p of each document in nats. */
  runs: readonly (readonly number[])[];
  /** What a reader should know, such as "has seen half of these documents". */
  note?: string;
}

/** A line of the board. */
export interface Row extends Interval {
  name: string;
  runs: number;
  note?: string;
  /** This model minus the one above it, in bits per byte; undefined in the first line. */
  behind?: Interval;
  /** Whether that interval contains 0: the order of the two is then not known. */
  likeAbove: boolean;
}

/**
 * Sorts models by bits per byte, the best first, with 95 % intervals.
 * @param bytes of each document
 * @throws if there is no model, or a run has not one figure for each document
 */
export function leaderboard(
  entries: readonly Entry[],
  bytes: readonly number[],
  { rng, resamples = 1000 }: { rng: Random; resamples?: number },
): Row[] {
  if (entries.length === 0) throw new Error("leaderboard: expected at least one model, got none");
  for (const { name, runs } of entries)
    if (runs.length === 0 || runs.some((run) => run.length !== bytes.length))
      throw new Error(
        `leaderboard: expected runs of ${bytes.length} documents from ${name}, got ` +
          `${runs.map((run) => run.length).join(", ") || "no run"}`,
      );
  const whole = Array.from(bytes, (_, i) => i);
  const point = entries.map(({ runs }) => bitsOf(runs, bytes, whole));
  const order = point.map((_, i) => i).sort((a, b) => point[a] - point[b]);
  const drawn = entries.map(() => new Float64Array(resamples));
  for (let r = 0; r < resamples; r++) {
    const documents = whole.map(() => rng.integer(bytes.length)); // the same for all models
    entries.forEach(({ runs }, e) => {
      const some = runs.map(() => runs[rng.integer(runs.length)]);
      drawn[e][r] = bitsOf(some, bytes, documents);
    });
  }
  const interval = (value: number, values: Float64Array): Interval => ({
    ...{ value, low: quantile(values, 0.025), high: quantile(values, 0.975) },
  });
  return order.map((e, place) => {
    const { name, runs, note } = entries[e];
    const row = { name, runs: runs.length, note, ...interval(point[e], drawn[e]) };
    if (place === 0) return { ...row, likeAbove: false };
    const above = order[place - 1];
    const behind = interval(
      point[e] - point[above],
      drawn[e].map((bits, r) => bits - drawn[above][r]),
    );
    return { ...row, behind, likeAbove: behind.low <= 0 && behind.high >= 0 };
  });
}

/** Mean over runs of the bits per byte of some documents. */
function bitsOf(
  runs: readonly (readonly number[])[],
  bytes: readonly number[],
  documents: readonly number[],
): number {
  let [nats, size] = [0, 0];
  for (const i of documents) {
    size += bytes[i];
    for (const run of runs) nats += run[i];
  }
  return nats / runs.length / Math.LN2 / size;
}
