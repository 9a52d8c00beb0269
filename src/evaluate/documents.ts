// The held-out documents on which the course's models are compared: the last tenth of Moby-Dick,
// which no model of the course has trained on, in passages of whole paragraphs. They are dealt out
// in turn, so that the three sets are of the same kind: one to choose by, and two to report on, one
// of which lesson 13 (evaluation) lets a model see.
import { documentsOf, mobyDick } from "../data";

/** Moby-Dick for training, and its last tenth as documents. */
export interface HeldOut {
  /** The first nine tenths, as in `gptTask`. */
  train: string;
  /** To choose by: the number of steps, a model out of several. */
  validation: string[];
  /** To report on: two halves of the same kind. */
  testA: string[];
  testB: string[];
}

/** @param least characters of a document, at least; about 1,000 give some forty documents per set */
export function mobyDickHeldOut({ least = 900 }: { least?: number } = {}): HeldOut {
  const text = mobyDick();
  const cut = Math.floor(text.length * 0.9);
  // The paragraph in which the cut falls is half in the training text.
  const rest = text.slice(text.indexOf("\n\n", cut) + 2);
  const all = documentsOf(rest, least);
  const every = (which: number) => all.filter((_, i) => i % 3 === which);
  return { train: text.slice(0, cut), validation: every(0), testA: every(1), testB: every(2) };
}
