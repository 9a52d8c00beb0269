// Beam search: the best continuation that can be found when only a few candidates are kept at every
// step. Greedy decoding is a beam of one. Scores are divided by a power of the length, because each
// token makes a sequence less probable and the shortest would win (Wu et al., 2016, §7, has a more
// complicated divisor of the same kind). Left out: coverage penalties, diverse beams, sampling
// (lesson 20, decoding).

/** A sequence that the search has found. */
export interface Hypothesis {
  /** What was added to the beginning; the end token is not in it. */
  ids: number[];
  /** ln p of all tokens, the end included. */
  logProbability: number;
  /** logProbability / (number of tokens, the end included)^lengthPenalty: what is compared. */
  score: number;
  /** Whether the end token was reached within `maxLength`. */
  finished: boolean;
}

export interface BeamSearchOptions {
  /** How many candidates are kept; 1 is greedy. */
  width: number;
  /** The most tokens that are added; the end counts. */
  maxLength: number;
  /** The token that ends a sequence. */
  endId: number;
  /** 0 compares ln p itself, 1 its mean per token. */
  lengthPenalty?: number;
}

/**
 * Searches for the most probable continuation.
 *
 * Each step asks for the next token of all candidates at once, keeps the `width` best of all
 * extensions, and sets those aside that end. It stops when no candidate that is left can beat the
 * worst of `width` finished ones, or at `maxLength`.
 *
 * @param next ln p of every token after each of the given continuations, V numbers each; at first it
 *   is asked for the empty one
 * @returns up to `width` hypotheses, the best first; unfinished ones only where fewer have finished
 * @throws if an option makes no sense, or `next` returns another number of rows
 * @example
 * const [best] = await beamSearch((rows) => logProbabilities(rows), { width: 4, maxLength, endId });
 */
export async function beamSearch(
  next: (continuations: number[][]) => ArrayLike<number>[] | Promise<ArrayLike<number>[]>,
  { width, maxLength, endId, lengthPenalty = 1 }: BeamSearchOptions,
): Promise<Hypothesis[]> {
  check({ width, maxLength, endId, lengthPenalty });
  const score = (logProbability: number, length: number) =>
    logProbability / length ** lengthPenalty;
  let open: { ids: number[]; logProbability: number }[] = [{ ids: [], logProbability: 0 }];
  const finished: Hypothesis[] = [];
  for (let length = 1; length <= maxLength && open.length > 0; length++) {
    const rows = await next(open.map(({ ids }) => ids));
    if (rows.length !== open.length)
      throw new Error(
        `beamSearch: expected ${open.length} rows of log-probabilities, got ${rows.length}`,
      );
    const extended = open.flatMap((beam, b) => extensions(beam, rows[b], width, endId));
    extended.sort((x, y) => y.logProbability - x.logProbability);
    open = [];
    for (const { ids, id, logProbability } of extended.slice(0, width)) {
      if (id !== endId) open.push({ ids: [...ids, id], logProbability });
      else
        finished.push({
          ids,
          logProbability,
          score: score(logProbability, length),
          finished: true,
        });
    }
    finished.sort(byScore);
    // ln p only falls, so a candidate's best possible score is the one it would have at maxLength.
    const hope = Math.max(...open.map((x) => score(x.logProbability, maxLength)), -Infinity);
    if (finished.length >= width && hope <= finished[width - 1].score) open = [];
  }
  const rest = open.map(({ ids, logProbability }) => ({
    ids,
    logProbability,
    score: score(logProbability, ids.length),
    finished: false,
  }));
  return [...finished, ...rest.sort(byScore)].slice(0, width);
}

const byScore = (a: Hypothesis, b: Hypothesis) => b.score - a.score;

/** The best extensions of one candidate: more than `width` of them can never be kept. */
function extensions(
  { ids, logProbability }: { ids: number[]; logProbability: number },
  row: ArrayLike<number>,
  width: number,
  endId: number,
) {
  if (!(endId < row.length))
    throw new Error(`beamSearch: expected endId ${endId} among ${row.length} tokens`);
  const order = Array.from(row, (_, id) => id).filter((id) => row[id] > -Infinity);
  order.sort((a, b) => row[b] - row[a]);
  return order.slice(0, width).map((id) => ({ ids, id, logProbability: logProbability + row[id] }));
}

function check(options: Required<BeamSearchOptions>): void {
  for (const [name, least] of [
    ["width", 1],
    ["maxLength", 1],
    ["endId", 0],
  ] as const)
    if (!Number.isInteger(options[name]) || options[name] < least)
      throw new Error(
        `beamSearch: expected ${name} to be a whole number of ${least} or more, got ${options[name]}`,
      );
  if (!(options.lengthPenalty >= 0))
    throw new Error(
      `beamSearch: expected a lengthPenalty of 0 or more, got ${options.lengthPenalty}`,
    );
}
