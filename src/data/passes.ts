// Examples in passes: every one is drawn once, in an order of the pass's own, before any comes again.
// The order depends on the seed and the pass alone, so a run that was stopped goes on the same way.
import { Random } from "../random";

/** The numbers 0 … count − 1 in the order of a pass over the examples. */
export const orderOfPass = (count: number, pass: number, seed: number): number[] =>
  new Random(seed).fork("pass", pass).shuffle(Array.from({ length: count }, (_, i) => i));

/**
 * The numbers of the examples of a batch; a batch may end one pass and begin the next.
 * @param count how many examples there are
 * @param index which batch of the run, from 0
 */
export function drawnInPasses(
  count: number,
  index: number,
  { batchSize, seed }: { batchSize: number; seed: number },
): number[] {
  const orders = new Map<number, number[]>();
  return Array.from({ length: batchSize }, (_, b) => {
    const at = index * batchSize + b;
    const pass = Math.floor(at / count);
    const order = orders.get(pass) ?? orderOfPass(count, pass, seed);
    orders.set(pass, order);
    return order[at % count];
  });
}
