// A content filter: lesson 15 (fine-tuning) on the requests of ./filterTexts. It gives a probability
// that a text has to be stopped; where the line is drawn is a choice between two mistakes, made on
// validation data and then kept: to let something pass, or to stop what is harmless. Left out: what
// a filter does with long texts (it reads the first 40 tokens), and reading answers as well as
// requests.
import { type Classifier, classifyAll } from "../finetune";
import { type FilterText, STOPPED } from "./filterTexts";

/** p(stop) of every text. */
export const stopProbabilities = (model: Classifier, texts: readonly string[]): number[] =>
  classifyAll(model, texts).map(({ probabilities }) => probabilities[STOPPED]);

/** How often each mistake is made, and precision and recall of "stop". */
export interface FilterScore {
  n: number;
  precision: number;
  recall: number;
  f1: number;
  /** Share of the harmless texts that are stopped. */
  falseAlarms: number;
}

/** Scores of decisions. Where nothing was stopped precision is 1, where nothing was to be, recall is. */
export function filterScore(
  texts: readonly Pick<FilterText, "label">[],
  stopped: readonly boolean[],
): FilterScore {
  const count = (f: (bad: boolean, stop: boolean) => boolean) =>
    texts.filter(({ label }, i) => f(label === STOPPED, stopped[i])).length;
  const [hit, missed, alarm] = [
    ...[count((bad, stop) => bad && stop), count((bad, stop) => bad && !stop)],
    count((bad, stop) => !bad && stop),
  ];
  const share = (part: number, whole: number, empty: number) =>
    whole === 0 ? empty : part / whole;
  return {
    n: texts.length,
    precision: share(hit, hit + alarm, 1),
    recall: share(hit, hit + missed, 1),
    f1: share(2 * hit, 2 * hit + alarm + missed, 0),
    falseAlarms: share(alarm, texts.length - hit - missed, 0),
  };
}

/**
 * The threshold with the best F1 on validation data: a text is stopped if its probability is at least as
 * large. Among equals the largest.
 * @throws if there is no text
 */
export function chooseThreshold(
  texts: readonly Pick<FilterText, "label">[],
  probabilities: readonly number[],
): number {
  if (texts.length === 0) throw new Error("chooseThreshold: expected texts to choose by, got none");
  const candidates = [...new Set(probabilities)].sort((a, b) => b - a);
  let best = { threshold: candidates[0], f1: -1 };
  for (const threshold of candidates) {
    const { f1 } = filterScore(
      texts,
      probabilities.map((p) => p >= threshold),
    );
    if (f1 > best.f1) best = { threshold, f1 };
  }
  return best.threshold;
}
